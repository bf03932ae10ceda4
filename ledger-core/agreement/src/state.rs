//! What a contract remembers between transactions, and the time in which one happens.

use num_bigint::BigInt;

use crate::association::AssociationList;
use crate::contract::Contract;
use crate::party::{ChoiceId, Party, Token, ValueId};

/// Milliseconds since 1970, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeInterval {
    /// The first.
    pub from: BigInt,
    /// The last.
    pub to: BigInt,
}

/// What accounts hold, in each token's smallest unit.
pub type Accounts = AssociationList<(Party, Token)>;

/// What a contract remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What each party's account holds of each token.
    pub accounts: Accounts,
    /// What was chosen last.
    pub choices: AssociationList<ChoiceId>,
    /// What `Let` remembered last.
    pub bound_values: AssociationList<ValueId>,
    /// Milliseconds since 1970 before which no transaction can happen any more.
    pub min_time: BigInt,
}

impl State {
    /// A contract's state before anything has happened, from `min_time` in milliseconds since 1970.
    pub fn empty(min_time: BigInt) -> Self {
        Self {
            accounts: Accounts::new(),
            choices: AssociationList::new(),
            bound_values: AssociationList::new(),
            min_time,
        }
    }

    /// Whether the lists have the specification's form: each key once, in order, and every account above zero.
    pub fn is_valid(&self) -> bool {
        let has_money = self.accounts.iter().all(|(_, amount)| *amount > BigInt::ZERO);
        has_money && self.accounts.is_sorted() && self.choices.is_sorted() && self.bound_values.is_sorted()
    }

    /// Whether a contract waits, or has ended, in this state.
    pub fn is_quiescent(&self, contract: &Contract) -> bool {
        match contract {
            Contract::Close => self.accounts.is_empty(),
            Contract::When { .. } => true,
            _ => false,
        }
    }
}

/// What a contract sees of its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// When the transaction happens.
    pub time_interval: TimeInterval,
}
