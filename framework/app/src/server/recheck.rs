//! A subscription asks again and again whether its session still counts, and ends when it does not.

use std::any::TypeId;
use std::sync::Arc;

use async_graphql::{Data, Response};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use hive_platform::Principal;
use tokio::time::timeout;

use super::failure::graphql_error;
use super::identity::Identity;
use super::limits::RECHECK;

/// The stream as long as the session of its data counts; then one error and the end.
pub fn guarded(events: BoxStream<'static, Response>, session: Arc<Data>) -> BoxStream<'static, Response> {
    let principal = find::<Principal>(&session).cloned();
    let identity = find::<Arc<dyn Identity>>(&session).cloned();
    let (Some(principal), Some(identity)) = (principal, identity) else { return events };
    let guard = Guard { events, principal, identity, over: false };
    stream::unfold(guard, Guard::next).boxed()
}

fn find<T: 'static>(data: &Data) -> Option<&T> {
    data.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
}

struct Guard {
    events: BoxStream<'static, Response>,
    principal: Principal,
    identity: Arc<dyn Identity>,
    over: bool,
}

impl Guard {
    async fn next(mut self) -> Option<(Response, Self)> {
        if self.over {
            return None;
        }
        loop {
            // An event that is there is delivered only to a session that still counts.
            let event = timeout(RECHECK, self.events.next()).await;
            if let Err(error) = self.identity.still_counts(&self.principal).await {
                self.over = true;
                return Some((Response::from_errors(vec![graphql_error(error)]), self));
            }
            if let Ok(event) = event {
                return event.map(|event| (event, self));
            }
        }
    }
}
