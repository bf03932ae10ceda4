//! The chain's configuration, replaced whole.
//!
//! A contract that is no longer enabled takes no command, so its states stay where they are, unspent and frozen in place, until
//! it is enabled again (and, from then on, a later version may take them over). Nothing is lost by it, other states may still
//! read them, and an administrator can act at once, whoever holds them. Entries that its states stand for (parties,
//! permissions, supplies) stay as well.

use crate::condition::{Condition, Effect};
use crate::configuration::Configuration;
use crate::contract::chain::{self, ChainError};
use crate::contract::party;
use crate::encoding::{EncodingError, Wire, required};
use crate::transaction::Command;
use crate::wire;

pub(super) fn asked(command: &Command) -> Result<Configuration, EncodingError> {
    let wire::ChainConfigure { configuration } = command.message()?;
    Configuration::from_wire(required(configuration, "configure.configuration")?)
}

/// Bounds in range, and the contracts by which an administrator changes the chain again.
pub(super) fn is_sound(configuration: &Configuration) -> Result<(), ChainError> {
    configuration.validate()?;
    let is_enabled = |name: &str| configuration.contracts.iter().any(|contract| contract.name() == name);
    match [chain::NAME, party::NAME].into_iter().find(|name| !is_enabled(name)) {
        Some(name) => Err(ChainError::ContractNeeded { name }),
        None => Ok(()),
    }
}

/// The change is made from the present configuration; there is no version before the first.
pub(super) fn conditions(command: &Command) -> Result<Vec<Condition>, ChainError> {
    let replaced = asked(command)?.version.checked_sub(1);
    let replaced = replaced.ok_or(EncodingError::OutOfRange { field: "configuration.version" })?;
    Ok(vec![Condition::ConfigurationIsAt(replaced)])
}

pub(super) fn effects(command: &Command) -> Result<Vec<Effect>, ChainError> {
    Ok(vec![Effect::Configure(Box::new(asked(command)?))])
}
