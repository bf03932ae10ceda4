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
