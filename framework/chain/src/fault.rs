//! Where tests let a node fail. Without the feature `faults` every call here is empty, and no name of a point is in the binary.
//!
//! With the feature, `HIVE_FAULT=NAME:N` ends the process when it comes to the point for the N-th time, without unwinding and
//! without a last write, and `HIVE_FAULT_TRACE=FILE` keeps the name of the point that was passed last. In this crate's own
//! tests a plan of the thread lets the storage fail there instead.

#[cfg(feature = "faults")]
mod kill;
#[cfg(test)]
pub(crate) mod plan;

use crate::storage::StorageError;

macro_rules! points {
    ($($point:ident => $name:literal,)*) => {
        /// A place between two steps of the node.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Point {
            $(#[doc = $name] $point,)*
        }

        #[cfg(any(test, feature = "faults"))]
        impl Point {
            #[cfg(feature = "faults")]
            pub(crate) const ALL: &[Self] = &[$(Self::$point,)*];

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }
        }
    };
}

points! {
    OpenMigrated => "open.migrated",
    ReplayPage => "replay.page",
    ReplayChain => "replay.chain",
    VerifyBegun => "verify.begun",
    VerifyDone => "verify.done",
    CommitBeforeBegin => "commit.before_begin",
    CommitBegun => "commit.begun",
    CommitAfterJournal => "commit.after_journal",
    CommitAfterProjections => "commit.after_projections",
    CommitAfterBlocks => "commit.after_blocks",
    CommitAfterTransactions => "commit.after_transactions",
    CommitAfterStates => "commit.after_states",
    CommitAfterClaims => "commit.after_claims",
    CommitAfterSpent => "commit.after_spent",
    CommitAfterEvents => "commit.after_events",
    CommitBeforeCommit => "commit.before_commit",
    CommitDurable => "commit.durable",
    CommitAnswered => "commit.answered",
    ChainBegun => "chain.begun",
    ChainWritten => "chain.written",
    ChainDurable => "chain.durable",
}

/// The node comes to a point; whatever is under way there may fail.
pub(crate) fn point(point: Point) -> Result<(), StorageError> {
    passed(point);
    #[cfg(test)]
    plan::failing(point)?;
    Ok(())
}

/// The node comes to a point where nothing can fail, but everything can end.
pub(crate) fn passed(point: Point) {
    #[cfg(feature = "faults")]
    kill::passed(point);
    #[cfg(test)]
    plan::passed(point);
    let _ = point;
}

/// The producer is about to take what waits; a test may hold it here, so that it takes a known number at once.
pub(crate) async fn gate() {
    #[cfg(test)]
    plan::opened().await;
}
