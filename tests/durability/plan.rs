//! Where a node is to be killed: at each point in its turn, at random moments, or with its database server.

use std::time::Duration;

use super::server::End;
use crate::seed::Dice;

/// Points that a start comes to.
const OPENING: &[&str] = &["open.migrated", "replay.page", "replay.chain"];
/// Points that every commit comes to, and verification.
const COMMITTING: &[&str] = &[
    "commit.before_begin",
    "commit.begun",
    "commit.after_journal",
    "commit.after_projections",
    "commit.after_blocks",
    "commit.after_transactions",
    "commit.after_states",
    "commit.after_claims",
    "commit.after_spent",
    "commit.after_events",
    "commit.before_commit",
    "commit.durable",
    "commit.answered",
    "verify.begun",
    "verify.done",
];
/// Points of the making of a chain.
pub(super) const CREATING: &[&str] = &["chain.begun", "chain.written", "chain.durable"];

/// All points of the binary.
pub(super) fn points() -> Vec<&'static str> {
    [OPENING, COMMITTING, CREATING].concat()
}

/// How a node is killed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plan {
    /// It ends itself at a point, when it comes there for the n-th time.
    Fault(&'static str, usize),
    /// It is killed so long after its customers go on.
    Moment(Duration),
    /// Its database server is, and then the node.
    Server(End, Duration),
}

impl Plan {
    pub(super) fn fault(&self) -> Option<String> {
        match self {
            Self::Fault(point, times) => Some(format!("{point}:{times}")),
            _ => None,
        }
    }

    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Fault(..) => None,
            Self::Moment(after) | Self::Server(_, after) => Some(*after),
        }
    }
}

/// Plans one after the other: points in a shuffled order that begins anew when it is through, and other kills between them.
pub(super) struct Plans {
    points: Vec<&'static str>,
    with_server: bool,
}

impl Plans {
    pub(super) fn new(with_server: bool) -> Self {
        Self { points: Vec::new(), with_server }
    }

    pub(super) fn next(&mut self, dice: &mut Dice) -> Plan {
        let after = Duration::from_millis(u64::try_from(20 + dice.below(380)).unwrap_or_default());
        match dice.below(10) {
            0..2 => Plan::Moment(after),
            2..4 if self.with_server => {
                Plan::Server(if dice.below(2) == 0 { End::Killed } else { End::Immediate }, after)
            }
            _ => self.fault(dice),
        }
    }

    fn fault(&mut self, dice: &mut Dice) -> Plan {
        if self.points.is_empty() {
            self.points = [OPENING, COMMITTING].concat();
        }
        let point = self.points.swap_remove(dice.below(self.points.len()));
        // Three chains are replayed; a commit is come to again and again.
        let times = if OPENING.contains(&point) { 1 } else { 1 + dice.below(20) };
        Plan::Fault(point, times)
    }
}
