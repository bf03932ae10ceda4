//! SQLite writes commits into a log and brings the log into its file when that has grown. The writer would do it while a commit
//! waits; done beside it in small steps, it finds little left to do.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;

/// Between two steps; at full load some thousand pages come together in that time.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks after the log until the node ends. On PostgreSQL the server does.
pub(super) async fn tend(shared: Arc<Shared>) {
    let mut seen = shared.meter.commits();
    while !shared.has_ended() {
        tokio::time::sleep(PAUSE).await;
        let commits = shared.meter.commits();
        if commits == seen || shared.has_failed() {
            continue;
        }
        seen = commits;
        if let Err(error) = shared.database.bring_in_log().await {
            // The writer does it, if later.
            tracing::debug!(%error, "the log stays as it is for now");
        }
    }
}
