//! Subscriptions on a running node, over WebSocket.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hive_plug::scenario::Stage;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::fixture::{self, Running};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(running: &Running, protocol: &str) -> Socket {
    let mut request = format!("ws://{}/graphql/platform", running.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    connect_async(request).await.unwrap().0
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message; a close comes back as its code.
async fn hear(socket: &mut Socket) -> Value {
    match timeout(Duration::from_secs(20), socket.next()).await.expect("a message in time") {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        Some(Ok(Message::Close(Some(frame)))) => json!({ "close": u16::from(frame.code) }),
        other => panic!("{other:?}"),
    }
}

/// Does something as clients do, on a thread that may block.
async fn with_stage<T: Send + 'static>(
    running: &Arc<Running>,
    act: impl FnOnce(&mut Stage) -> T + Send + 'static,
) -> T {
    let running = running.clone();
    tokio::task::spawn_blocking(move || act(&mut running.stage("run-1").0)).await.unwrap()
}

async fn token(running: &Arc<Running>, role: &'static str) -> String {
    with_stage(running, move |stage| stage.seat(role).unwrap().access_token(stage.transport()).unwrap()).await
}

async fn subscribe(running: &Arc<Running>, token: &str) -> Socket {
    let mut socket = connect(running, "graphql-transport-ws").await;
    say(&mut socket, json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } }))
        .await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    let query = "subscription { proposalChanged { status missingSigners } }";
    say(&mut socket, json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })).await;
    socket
}

#[tokio::test(flavor = "multi_thread")]
async fn those_concerned_are_told_of_changes_and_nobody_else() {
    let running = Arc::new(fixture::start().await);
    let (issuer, bob) = (token(&running, "issuer").await, token(&running, "bob").await);
    let (mut concerned, mut stranger) = (subscribe(&running, &issuer).await, subscribe(&running, &bob).await);
    say(&mut stranger, json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut stranger).await["type"], "pong");
    with_stage(&running, |stage| (fixture::registered()[0].scenarios[0].play)(stage).unwrap()).await;
    let mut statuses = Vec::new();
    while !statuses.contains(&json!("COMMITTED")) {
        let next = hear(&mut concerned).await;
        statuses.push(next["payload"]["data"]["proposalChanged"]["status"].clone());
    }
    assert!(statuses.contains(&json!("OPEN")) || statuses.len() > 1, "{statuses:?}");
    assert!(timeout(Duration::from_millis(300), stranger.next()).await.is_err(), "a stranger was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_ends_with_its_session() {
    let running = Arc::new(fixture::start().await);
    let access = token(&running, "issuer").await;
    let mut socket = subscribe(&running, &access).await;
    let ended = access.clone();
    with_stage(&running, move |stage| {
        let body = json!({ "query": "mutation { endSession { ended } }" });
        stage.transport().post("/graphql/platform", Some(&ended), &body).unwrap()
    })
    .await;
    let told = hear(&mut socket).await;
    assert_eq!(told["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{told}");
    assert_eq!(hear(&mut socket).await["type"], "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_protocol_and_a_good_token_are_taken() {
    let running = Arc::new(fixture::start().await);
    let mut socket = connect(&running, "graphql-transport-ws").await;
    say(&mut socket, json!({ "type": "connection_init", "payload": { "authorization": "Bearer x" } })).await;
    assert!(hear(&mut socket).await["close"].is_number());
    let mut anonymous = connect(&running, "graphql-transport-ws").await;
    say(&mut anonymous, json!({ "type": "connection_init" })).await;
    assert_eq!(hear(&mut anonymous).await["type"], "connection_ack");
    let query = json!({ "query": "subscription { proposalChanged { status } }" });
    say(&mut anonymous, json!({ "type": "subscribe", "id": "1", "payload": query })).await;
    assert_eq!(hear(&mut anonymous).await["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
