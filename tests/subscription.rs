//! Events of the ledger reach subscribers over server-sent events and over WebSocket, and go on where they stopped.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

use crate::cast::{BANK_B, DEPOSITOR, RECEIPTS, SUPPLIER};
use crate::node::Node;
use crate::trade::{import_receipts, offer};

/// An event comes so soon, or the test fails.
const EVENT_MAX: Duration = Duration::from_secs(20);
const EVENTS: &str = "subscription($after: BigInt) { receiptEvents(after: $after) { \
    sequence kind receiptNumber height transactionId receipt { status } } }";

/// Server-sent events of a subscription.
struct Events(BufReader<Box<dyn std::io::Read>>);

impl Events {
    fn subscribe(node: &Node, token: &str, after: Option<&str>) -> Self {
        let config = ureq::Agent::config_builder().timeout_recv_body(Some(EVENT_MAX)).http_status_as_error(false);
        let agent: ureq::Agent = config.build().into();
        let answer = agent
            .post(format!("{}/graphql/{RECEIPTS}", node.url()))
            .header("accept", "text/event-stream")
            .header("authorization", format!("Bearer {token}"))
            .send_json(json!({ "query": EVENTS, "variables": { "after": after } }))
            .expect("the stream opens");
        assert_eq!(answer.status().as_u16(), 200);
        Self(BufReader::new(Box::new(answer.into_body().into_reader())))
    }

    /// The next event's name and data.
    fn next(&mut self) -> (String, Value) {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("an event comes in time") > 0, "the stream ends early");
            if let Some(event) = line.strip_prefix("event: ") {
                event.trim_end().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (name, serde_json::from_str(data.trim_end()).unwrap_or_default());
            }
        }
    }

    fn next_change(&mut self) -> Value {
        let (name, data) = self.next();
        assert_eq!(name, "next", "{data}");
        assert!(data["errors"].is_null(), "{data}");
        data["data"]["receiptEvents"].clone()
    }
}

#[test]
fn events_arrive_over_sse_and_resume_after_a_sequence() {
    let mut node = Node::start();
    let numbers = import_receipts(&node, 2);
    let (depositor, supplier, rival) = (node.party(DEPOSITOR), node.party(SUPPLIER), node.party(BANK_B));
    let mut events = Events::subscribe(&node, &supplier.token, Some("0"));
    let mut unconcerned = Events::subscribe(&node, &rival.token, Some("0"));
    let offered = offer(&depositor, &supplier, &numbers[0]).settle(&[&depositor]);
    let change = events.next_change();
    assert_eq!(
        (change["kind"].as_str(), change["receiptNumber"].as_str()),
        (Some("OFFERED"), Some(numbers[0].as_str()))
    );
    assert_eq!(change["transactionId"], offered["transactionId"]);
    assert_eq!(change["height"], offered["ledger"]["height"]);
    assert_eq!(change["receipt"]["status"], "OFFERED", "{change}");
    let sequence = change["sequence"].as_str().expect("a sequence").to_owned();
    drop(events);

    // What happens while nobody listens, even while the node is down, is not lost.
    offer(&depositor, &supplier, &numbers[1]).settle(&[&depositor]);
    node.kill();
    node.restart();
    let mut resumed = Events::subscribe(&node, &supplier.token, Some(&sequence));
    let change = resumed.next_change();
    assert_eq!(change["receiptNumber"], numbers[1].as_str(), "{change}");
    let mut again = Events::subscribe(&node, &supplier.token, Some("0"));
    assert_eq!(again.next_change()["receiptNumber"], numbers[0].as_str());
    assert_eq!(again.next_change()["receiptNumber"], numbers[1].as_str());

    // The rival heard nothing until its own connection broke with the node.
    let mut rest = String::new();
    let _ = std::io::Read::read_to_string(&mut unconcerned.0, &mut rest);
    assert!(!rest.contains("data: {"), "{rest}");
}

#[test]
fn a_subscription_ends_with_its_session() {
    let node = Node::start();
    let supplier = node.party(SUPPLIER);
    let mut events = Events::subscribe(&node, &supplier.token, None);
    supplier.data("platform", "mutation { endSession { ended } }", json!({}));
    let (name, data) = events.next();
    assert_eq!((name.as_str(), &data["errors"][0]["extensions"]["code"]), ("next", &json!("UNAUTHENTICATED")));
    assert_eq!(events.next().0, "complete");
}

/// A connection that speaks `graphql-transport-ws`.
struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn open(node: &Node, payload: Value) -> Self {
        let address = node.url().trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("the node listens");
        stream.set_read_timeout(Some(EVENT_MAX)).expect("a time limit can be set");
        let mut request =
            format!("ws://{address}/graphql/{RECEIPTS}").into_client_request().expect("the address is well-formed");
        let protocol = "graphql-transport-ws".parse().expect("a header's value");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = tungstenite::client(request, stream).expect("the node takes WebSockets");
        let mut socket = Self(socket);
        socket.say(&json!({ "type": "connection_init", "payload": payload }));
        socket
    }

    fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).expect("the socket is open");
    }

    /// The next message; none once the node closes the connection.
    fn hear(&mut self) -> Option<Value> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("messages are JSON")),
                Ok(Message::Close(_)) | Err(tungstenite::Error::ConnectionClosed) => return None,
                Ok(_) => {}
                Err(error) => panic!("no message: {error}"),
            }
        }
    }
}

#[test]
fn events_arrive_over_websocket() {
    let node = Node::start();
    let numbers = import_receipts(&node, 1);
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let mut socket = Socket::open(&node, json!({ "authorization": format!("Bearer {}", supplier.token) }));
    assert_eq!(socket.hear().expect("an answer")["type"], "connection_ack");
    let payload = json!({ "query": EVENTS, "variables": { "after": "0" } });
    socket.say(&json!({ "id": "1", "type": "subscribe", "payload": payload }));
    offer(&depositor, &supplier, &numbers[0]).settle(&[&depositor]);
    let message = socket.hear().expect("an event");
    assert_eq!((message["type"].as_str(), message["id"].as_str()), (Some("next"), Some("1")), "{message}");
    let change = &message["payload"]["data"]["receiptEvents"];
    assert_eq!(
        (change["kind"].as_str(), change["receiptNumber"].as_str()),
        (Some("OFFERED"), Some(numbers[0].as_str()))
    );
    socket.say(&json!({ "id": "1", "type": "complete" }));
    let me = json!({ "query": "{ me { session } }" });
    socket.say(&json!({ "id": "2", "type": "subscribe", "payload": me }));
    // The end of the first may be told once more.
    let answer = std::iter::from_fn(|| socket.hear()).find(|message| message["id"] == "2").expect("an answer");
    assert!(answer["payload"]["data"]["me"]["session"].is_string(), "{answer}");

    let mut stranger = Socket::open(&node, json!({ "authorization": "Bearer nonsense" }));
    let refused = stranger.hear();
    assert!(refused.as_ref().is_none_or(|message| message["type"] != "connection_ack"), "{refused:?}");
    let mut nobody = Socket::open(&node, json!({}));
    assert_eq!(nobody.hear().expect("an answer")["type"], "connection_ack");
    nobody.say(&json!({ "id": "1", "type": "subscribe", "payload": { "query": EVENTS } }));
    let refused = nobody.hear().expect("an answer");
    assert!(refused.to_string().contains("UNAUTHENTICATED"), "{refused}");
    node.assert_up();
}
