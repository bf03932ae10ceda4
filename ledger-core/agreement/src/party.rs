//! Who takes part, in what, and by which name something is chosen or remembered.

use num_bigint::BigInt;

/// Somebody who takes part in a contract. Addresses stand before roles; each is ordered by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// A fixed participant.
    Address(String),
    /// Whoever holds the role.
    Role(String),
}

/// What is paid with. Ordered by symbol, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Under whose rules the token is issued.
    pub currency_symbol: String,
    /// Which of that issuer's tokens.
    pub token_name: String,
}

/// To whom a payment goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payee {
    /// Into an account within the contract.
    Account(Party),
    /// Out of the contract.
    Party(Party),
}

/// A choice, by its name and who makes it. Ordered by name, then by owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChoiceId {
    /// What is chosen.
    pub choice_name: String,
    /// Who chooses.
    pub choice_owner: Party,
}

/// The name under which `Let` remembers a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueId(pub String);

/// Integers that may be chosen, both ends included. With `from` above `to` there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The least.
    pub from: BigInt,
    /// The greatest.
    pub to: BigInt,
}

impl Bound {
    /// Whether `number` lies within.
    pub fn holds(&self, number: &BigInt) -> bool {
        *number >= self.from && *number <= self.to
    }
}
