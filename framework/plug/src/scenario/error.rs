//! Why a scenario stops.

use thiserror::Error;

/// Why a scenario stops. Playing it again goes on where it stopped.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// No answer from the node.
    #[error("the node at {node} does not answer ({reason}); start it with `hive serve` and run this again")]
    Unreachable {
        /// Its address.
        node: String,
        /// What the network says.
        reason: String,
    },
    /// The request as such was refused.
    #[error("{code}: {message} (request {request_id})")]
    Refused {
        /// The top-level code.
        code: String,
        /// What the node says.
        message: String,
        /// Under which the node's log tells more.
        request_id: String,
    },
    /// A write that should pass was refused by a rule.
    #[error("{step} was refused with {code}: {message}")]
    Rejected {
        /// Which step.
        step: String,
        /// The rule's code.
        code: String,
        /// What the rule says.
        message: String,
    },
    /// A write that must be refused was not, or with another code.
    #[error("{step} must be refused with {expected}, but the answer was {actual}")]
    NotRefused {
        /// Which step.
        step: String,
        /// The code of the rule that should refuse it.
        expected: String,
        /// What happened.
        actual: String,
    },
    /// A refused write changed something.
    #[error("{step} was refused and yet something changed: {before} became {after}")]
    Changed {
        /// Which step.
        step: String,
        /// What was seen before.
        before: String,
        /// What is seen now.
        after: String,
    },
    /// The node asks for a signature under something else than it shows.
    #[error("nothing was signed: {reason}")]
    Dishonest {
        /// What does not fit.
        reason: String,
    },
    /// An answer has not the expected shape.
    #[error("the answer has no {what}")]
    Unexpected {
        /// What is missing.
        what: String,
    },
    /// A seat that nobody takes.
    #[error("there is no party {role}; its key belongs in the folder of keys")]
    NoSuchSeat {
        /// Its role.
        role: String,
    },
    /// A step waited too long.
    #[error("{step} is not settled after {seconds} s; the node's log says why")]
    NotSettled {
        /// Which step.
        step: String,
        /// How long was waited.
        seconds: u64,
    },
    /// What the run remembers cannot be written or read.
    #[error("the run's memory fails: {reason}")]
    Memory {
        /// Why.
        reason: String,
    },
    /// Another reason of the scenario's own.
    #[error("{0}")]
    Other(String),
}

impl ScenarioError {
    /// The part of an answer that is missing.
    pub fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected { what: what.into() }
    }
}
