//! The node itself, as anybody may see it.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use hive_plug::error::ApiResult;
use hive_plug::scalar::DateTime;
use hive_plug::{FRAMEWORK_VERSION, RequestContext};

use crate::endpoint::About;

/// Fields about the node.
#[derive(Default)]
pub struct NodeQuery;

/// The node that answers.
#[derive(SimpleObject)]
pub struct NodeStatus {
    /// Its id: audience of its tokens and part of every sign-in.
    name: String,
    /// Version of the framework.
    version: &'static str,
    /// True while it accepts transactions.
    ready: bool,
    /// Why it does not accept, if it does not.
    reason: Option<String>,
    /// Its time.
    time: DateTime,
    /// Its verticals.
    verticals: Vec<VerticalInfo>,
}

/// A line of business that the node serves.
#[derive(SimpleObject)]
pub struct VerticalInfo {
    /// Its name: the endpoint is `/graphql/<name>`.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// What it is called in the language of the request.
    title: String,
}

#[Object]
impl NodeQuery {
    /// The node that answers. Needs no sign-in.
    async fn node(&self, context: &Context<'_>) -> ApiResult<NodeStatus> {
        let node = context.node()?;
        let about = context.data_opt::<Arc<About>>();
        let verticals = about.map(|about| about.verticals.clone()).unwrap_or_default();
        let title = |name: &str| context.text(&format!("{name}-title")).unwrap_or_else(|| name.to_owned());
        let reason = node.ready().err();
        Ok(NodeStatus {
            name: about.map(|about| about.id.clone()).unwrap_or_default(),
            version: FRAMEWORK_VERSION,
            ready: reason.is_none(),
            reason,
            time: DateTime(node.clock().now_ms()),
            verticals: verticals
                .into_iter()
                .map(|(name, version)| VerticalInfo { name, version, title: title(name) })
                .collect(),
        })
    }
}
