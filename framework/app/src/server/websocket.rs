//! GraphQL over WebSocket, protocol `graphql-transport-ws`. Who calls is said in `connection_init`, because browsers cannot
//! set headers: `{"authorization": "Bearer <access token>"}`.

use std::time::Duration;

use async_graphql::Data;
use async_graphql::http::{WebSocket as Protocol, WebSocketProtocols, WsMessage};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::UPGRADE;
use axum::response::IntoResponse;
use futures_util::{SinkExt, StreamExt};
use hive_plug::{Locale, RequestId};
use tokio::time::timeout;

use super::graphql::Door;
use super::identity::bearer;
use super::limits::{BODY_BYTES_MAX, SLOW_CONSUMER};
use super::schema::Seats;

/// The one subprotocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";
/// A client that says nothing for so long after it connected is gone.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Close codes of the protocol.
const INIT_TIMEOUT: u16 = 4408;
const TOO_SLOW: u16 = 4429;

/// True if the request wants to become a WebSocket.
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    headers
        .get(UPGRADE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Upgrades the connection and serves it until one side ends it.
pub fn serve(door: Door, request_id: RequestId, upgrade: WebSocketUpgrade) -> axum::response::Response {
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(BODY_BYTES_MAX).max_frame_size(BODY_BYTES_MAX);
    upgrade.on_upgrade(move |socket| converse(door, request_id, socket)).into_response()
}

async fn converse(door: Door, request_id: RequestId, socket: WebSocket) {
    let is_spoken = socket.protocol().is_some_and(|protocol| protocol == PROTOCOL);
    let (mut sink, mut incoming) = socket.split();
    if !is_spoken {
        let reason = format!("speak the subprotocol {PROTOCOL}");
        let _ = sink.send(close(4406, &reason)).await;
        return;
    }
    // The first message decides; a connection that says nothing is not kept.
    let first = match timeout(SILENCE_MAX, incoming.next()).await {
        Ok(Some(Ok(message))) => message,
        Ok(_) => return,
        Err(_) => {
            let _ = sink.send(close(INIT_TIMEOUT, "Connection initialisation timeout")).await;
            return;
        }
    };
    let all = futures_util::stream::iter([Ok(first)]).chain(incoming);
    let texts = all
        .take_while(|message| {
            let goes_on = matches!(message, Ok(message) if !matches!(message, Message::Close(_)));
            futures_util::future::ready(goes_on)
        })
        .filter_map(|message| {
            let bytes = match message {
                Ok(Message::Text(text)) => Some(text.as_bytes().to_vec()),
                Ok(Message::Binary(bytes)) => Some(bytes.to_vec()),
                _ => None,
            };
            futures_util::future::ready(bytes)
        });
    let identity = door.identity.clone();
    let protocol = Protocol::new(door.endpoint.clone(), texts, WebSocketProtocols::GraphQLWS);
    let outgoing = protocol.on_connection_init(move |payload: serde_json::Value| async move {
        let mut data = Data::default();
        data.insert(request_id);
        data.insert(Seats::default());
        data.insert(payload["locale"].as_str().map_or_else(Locale::default, Locale::from_accept_language));
        if let Some(header) = payload["authorization"].as_str().or_else(|| payload["Authorization"].as_str()) {
            let token = bearer(header).ok_or("authorization must be \"Bearer <access token>\"")?;
            data.insert(identity.of_token(token).await?);
        }
        data.insert(identity);
        Ok(data)
    });
    futures_util::pin_mut!(outgoing);
    while let Some(message) = outgoing.next().await {
        let message = match message {
            WsMessage::Text(text) => Message::Text(text.into()),
            WsMessage::Close(code, reason) => close(code, &reason),
        };
        match timeout(SLOW_CONSUMER, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => {
                let reason = "too slow: resume with after: <the last sequence seen>";
                let _ = timeout(Duration::from_secs(1), sink.send(close(TOO_SLOW, reason))).await;
                return;
            }
        }
    }
    let _ = timeout(Duration::from_secs(1), sink.close()).await;
}

fn close(code: u16, reason: &str) -> Message {
    // A close reason has at most 123 bytes.
    let short: String = reason.chars().take(100).collect();
    Message::Close(Some(CloseFrame { code, reason: short.into() }))
}
