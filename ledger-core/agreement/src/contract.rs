//! Contracts: what happens next, in which case, until when.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::party::{Bound, ChoiceId, Party, Payee, Token, ValueId};
use crate::value::{Observation, Value};

/// A contract. What follows is shared, so that a step copies nothing of what is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Every account is paid out to its party.
    Close,
    /// A payment from an account, then what follows.
    Pay {
        /// Whose account pays.
        from_account: Party,
        /// Who is paid.
        to: Payee,
        /// In which token.
        token: Token,
        /// How much, in the token's smallest unit.
        pay: Value,
        /// What follows.
        then: Arc<Contract>,
    },
    /// One of two ways.
    If {
        /// What decides.
        observation: Observation,
        /// Where it holds.
        then: Arc<Contract>,
        /// Where it does not.
        otherwise: Arc<Contract>,
    },
    /// Waits for one of some actions until a deadline.
    When {
        /// What may happen; the first case that fits is taken.
        cases: Vec<Case>,
        /// Milliseconds since 1970: the first instant at which no case can be taken any more.
        timeout: BigInt,
        /// What follows from then on.
        timeout_continuation: Arc<Contract>,
    },
    /// Remembers a value under a name.
    Let {
        /// The name.
        value_id: ValueId,
        /// What is remembered.
        be: Value,
        /// What follows.
        then: Arc<Contract>,
    },
    /// Warns where something does not hold.
    Assert {
        /// What should hold.
        observation: Observation,
        /// What follows all the same.
        then: Arc<Contract>,
    },
}

/// An action and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What has to happen.
    pub action: Action,
    /// What follows.
    pub then: Arc<Contract>,
}

/// What somebody outside has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A party pays in.
    Deposit {
        /// Whose account gets it.
        into_account: Party,
        /// Who pays.
        party: Party,
        /// In which token.
        of_token: Token,
        /// Exactly how much, in the token's smallest unit.
        deposits: Value,
    },
    /// A party chooses an integer.
    Choice {
        /// Which choice.
        for_choice: ChoiceId,
        /// What may be chosen.
        choose_between: Vec<Bound>,
    },
    /// Anybody says that something holds, and it does.
    Notify {
        /// What must hold.
        notify_if: Observation,
    },
}

impl Contract {
    /// The last deadline of the contract, zero if it has none: from then on one transaction without inputs closes it.
    pub fn max_time(&self) -> BigInt {
        match self {
            Self::Close => BigInt::ZERO,
            Self::Pay { then, .. } | Self::Let { then, .. } | Self::Assert { then, .. } => then.max_time(),
            Self::If { then, otherwise, .. } => then.max_time().max(otherwise.max_time()),
            Self::When { cases, timeout, timeout_continuation } => {
                let last = cases.iter().map(|case| case.then.max_time()).max().unwrap_or_default();
                last.max(timeout.clone()).max(timeout_continuation.max_time())
            }
        }
    }

    /// How many waits lie on the longest way through the contract, an `Assert` counted like a wait, as the specification does.
    pub fn count_whens(&self) -> usize {
        match self {
            Self::Close => 0,
            Self::Pay { then, .. } | Self::Let { then, .. } => then.count_whens(),
            Self::If { then, otherwise, .. } => then.count_whens().max(otherwise.count_whens()),
            Self::When { cases, timeout_continuation, .. } => {
                let longest = cases.iter().map(|case| case.then.count_whens()).max().unwrap_or_default();
                longest.max(timeout_continuation.count_whens()).saturating_add(1)
            }
            Self::Assert { then, .. } => then.count_whens().saturating_add(1),
        }
    }

    /// At most so many transactions play the contract from an empty state to its end.
    pub fn max_transactions(&self) -> usize {
        let quiescent = matches!(self, Self::Close | Self::When { .. });
        self.count_whens().saturating_add(usize::from(!quiescent))
    }
}
