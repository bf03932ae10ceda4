//! Expressions: values are integers, observations are true or false.

use num_bigint::BigInt;

use crate::party::{ChoiceId, Party, Token, ValueId};

/// An integer, computed when it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// What an account holds of a token.
    AvailableMoney(Party, Token),
    /// The integer itself.
    Constant(BigInt),
    /// −x.
    NegValue(Box<Value>),
    /// x + y.
    AddValue(Box<Value>, Box<Value>),
    /// x − y.
    SubValue(Box<Value>, Box<Value>),
    /// x · y.
    MulValue(Box<Value>, Box<Value>),
    /// x ÷ y, rounded towards zero; zero where y is zero.
    DivValue(Box<Value>, Box<Value>),
    /// What was chosen last, zero before.
    ChoiceValue(ChoiceId),
    /// Where the transaction's interval begins.
    TimeIntervalStart,
    /// Where the transaction's interval ends.
    TimeIntervalEnd,
    /// What `Let` has remembered, zero before.
    UseValue(ValueId),
    /// The first value if the observation holds, else the second.
    Cond(Box<Observation>, Box<Value>, Box<Value>),
}

/// A truth about state and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Both hold.
    AndObs(Box<Observation>, Box<Observation>),
    /// One holds at least.
    OrObs(Box<Observation>, Box<Observation>),
    /// It does not hold.
    NotObs(Box<Observation>),
    /// The choice has been made.
    ChoseSomething(ChoiceId),
    /// x ≥ y.
    ValueGE(Box<Value>, Box<Value>),
    /// x > y.
    ValueGT(Box<Value>, Box<Value>),
    /// x < y.
    ValueLT(Box<Value>, Box<Value>),
    /// x ≤ y.
    ValueLE(Box<Value>, Box<Value>),
    /// x = y.
    ValueEQ(Box<Value>, Box<Value>),
    /// Always.
    TrueObs,
    /// Never.
    FalseObs,
}
