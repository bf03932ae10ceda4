use std::time::Duration;

use async_graphql::Executor;
use futures_util::StreamExt;

use super::super::schema::in_time;
use super::*;

#[tokio::test]
async fn subscriptions_come_as_server_sent_events() {
    let address = start().await;
    let text = tokio::task::spawn_blocking(move || {
        let mut response = ureq::post(format!("http://{address}/graphql"))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .send(json!({ "query": "subscription { count(to: 2) }" }).to_string())
            .unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        response.body_mut().read_to_string().unwrap()
    });
    let text = text.await.unwrap();
    let events: Vec<_> = text.split_terminator("\n\n").collect();
    assert_eq!(events.len(), 3, "{text}");
    assert!(events[0].starts_with("event: next\ndata: ") && events[0].contains("\"count\":1"), "{text}");
    assert!(events[2].starts_with("event: complete"), "{text}");
}

/// An operation in a stream has the time of any request; a subscription goes on.
#[tokio::test]
async fn a_query_in_a_stream_ends_in_time() {
    let endpoint = Endpoint::new(Schema::build(Query, Mutation, Events));
    let asked = |query: &str| endpoint.execute_stream(async_graphql::Request::new(query), None);
    let late: Vec<_> = in_time(asked("{ never }"), Duration::from_millis(20)).collect().await;
    assert_eq!(late.iter().map(|answer| answer.errors.len()).collect::<Vec<_>>(), [1]);
    assert!(late[0].errors[0].message.contains("took too long"));
    let hello: Vec<_> = asked("{ hello }").collect().await;
    assert_eq!(hello.iter().map(|answer| answer.errors.len()).collect::<Vec<_>>(), [0]);
    assert_eq!(asked("subscription { count(to: 3) }").count().await, 3);
}
