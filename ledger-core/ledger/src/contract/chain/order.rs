//! Freezes and their end: entries by a legal order.

use crate::condition::{Condition, Effect};
use crate::contract::chain::{ChainError, FREEZE, UNFREEZE};
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text};
use crate::freeze::FreezeSubject;
use crate::transaction::Command;
use crate::wire;

/// What an order names.
struct Order {
    subjects: Vec<FreezeSubject>,
    reference: String,
}

impl Order {
    fn new(subjects: Vec<wire::FreezeSubject>, reference: String) -> Result<Self, EncodingError> {
        plain_text(&reference, 128, "freeze.reference")?;
        if reference.is_empty() {
            return Err(EncodingError::Missing { field: "freeze.reference" });
        }
        if subjects.is_empty() {
            return Err(EncodingError::Missing { field: "freeze.subjects" });
        }
        at_most(&subjects, FreezeSubject::PER_COMMAND_MAX, "freeze.subjects")?;
        let subjects = subjects.into_iter().map(FreezeSubject::from_wire).collect::<Result<Vec<_>, _>>()?;
        ascending(&subjects, "freeze.subjects")?;
        Ok(Self { subjects, reference })
    }

    fn freezing(command: &Command) -> Result<Self, EncodingError> {
        let wire::ChainFreeze { subjects, reference } = command.message()?;
        Self::new(subjects, reference)
    }

    fn lifting(command: &Command) -> Result<Self, EncodingError> {
        let wire::ChainUnfreeze { subjects, reference } = command.message()?;
        Self::new(subjects, reference)
    }

    fn each<T>(self, of: impl Fn(FreezeSubject, String) -> T) -> Vec<T> {
        let Self { subjects, reference } = self;
        subjects.into_iter().map(|subject| of(subject, reference.clone())).collect()
    }
}

pub(super) fn conditions(command: &Command) -> Result<Vec<Condition>, ChainError> {
    Ok(match command.name.as_str() {
        FREEZE => Order::freezing(command)?.each(Condition::OrderIsNew),
        UNFREEZE => Order::lifting(command)?.each(Condition::OrderStands),
        _ => Vec::new(),
    })
}

pub(super) fn effects(command: &Command) -> Result<Vec<Effect>, ChainError> {
    Ok(match command.name.as_str() {
        FREEZE => Order::freezing(command)?.each(Effect::Freeze),
        UNFREEZE => Order::lifting(command)?.each(Effect::Unfreeze),
        _ => Vec::new(),
    })
}
