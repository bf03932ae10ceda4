//! The schemas of a node: the platform's own, one for each vertical, the regulator's.

pub mod platform;
pub mod regulator;
pub mod vertical;

use std::sync::Arc;

use async_graphql::{ObjectType, Schema, SchemaBuilder, SubscriptionType};
use hive_chain::Node;
use hive_platform::Platform;
use hive_plug::Messages;

use crate::server::schema::Endpoint;

/// What resolvers ask for besides their request. Without node and platform a schema can still be printed.
#[derive(Clone)]
pub struct Services {
    /// The chains.
    pub node: Node,
    /// Sign-in, directory, proposals, wallets.
    pub platform: Platform,
    /// Texts.
    pub messages: Arc<Messages>,
    /// What runs here, for the field `node`.
    pub about: Arc<About>,
}

/// What a node tells about itself.
#[derive(Clone, Debug)]
pub struct About {
    /// The node's id: audience of its tokens.
    pub id: String,
    /// Names of its verticals with their versions.
    pub verticals: Vec<(&'static str, &'static str)>,
}

/// A schema with its services, closed.
fn close<Q, M, S>(mut builder: SchemaBuilder<Q, M, S>, services: Option<&Services>) -> Endpoint
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    if let Some(Services { node, platform, messages, about }) = services.cloned() {
        builder = builder.data(node).data(platform).data(messages).data(about);
    }
    Endpoint::new(builder)
}

/// The endpoint `/graphql/platform`.
pub fn of_platform(services: Option<&Services>) -> Endpoint {
    let roots = (platform::Query::default(), platform::Mutation::default(), platform::Subscription::default());
    close(Schema::build(roots.0, roots.1, roots.2), services)
}

#[cfg(test)]
mod tests;
