//! Contract `chain`: permissions, the chain's configuration and freezes by legal order, all by its administrators.

mod configure;
mod order;

use thiserror::Error;

use crate::codes;
use crate::condition::{Condition, Effect};
use crate::configuration::ConfigurationError;
use crate::contract::{Contract, Ground, Signer};
use crate::encoding::{EncodingError, Wire};
use crate::error::{ContractError, rule};
use crate::id::{Address, ContractId, StateRef};
use crate::party::{Permission, Permissions};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "chain";
/// The kind of a permission state.
pub const PERMISSIONS: &str = "permissions";
/// Sets permissions of parties; a party's former permission state is consumed.
pub const GRANT: &str = "grant";
/// Freezes addresses, assets and titles by a legal order.
pub const FREEZE: &str = "freeze";
/// Lifts an order.
pub const UNFREEZE: &str = "unfreeze";
/// Carries an order out: tokens or a title that it froze go where it says, without their owner's signature.
pub const EXECUTE: &str = "execute";
/// Sets the chain's configuration, in force from the next block on.
pub const CONFIGURE: &str = "configure";
/// Every command.
pub const COMMANDS: &[&str] = &[GRANT, FREEZE, UNFREEZE, EXECUTE, CONFIGURE];

/// Rules of permissions.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChainContract;

/// Why a grant is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error("the contract chain has no command {name:?}; it has grant, freeze, unfreeze, execute and configure")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Permissions are kept by the administrator who grants them.
    #[error("permissions belong to the administrator who submits the grant, without locks")]
    OwnerDiffers,
    /// Permissions that others see, or their party does not.
    #[error("the permissions of {party} have that party as their only participant")]
    ParticipantDiffers {
        /// The party.
        party: Address,
    },
    /// A party's permissions are consumed without being set anew.
    #[error("the grant consumes permissions of {party} without setting them anew; set an empty list to revoke all")]
    NotSetAnew {
        /// The party.
        party: Address,
    },
    /// An order or a configuration changes entries alone.
    #[error("{command} touches no permissions; grant them by a transaction of its own")]
    TouchesPermissions {
        /// The command.
        command: String,
    },
    /// An order is carried out on nothing.
    #[error("no token or title of what the order {reference:?} froze is consumed here; consume what it takes")]
    NothingExecuted {
        /// The order.
        reference: String,
    },
    /// An order that nobody can read.
    #[error("the order {reference:?} is carried out under its own document; attach it")]
    OrderNotAttached {
        /// The order.
        reference: String,
    },
    /// Who records is fixed.
    #[error("the permission to record is not granted: the chain's genesis names its recorder")]
    RecordGranted,
    /// The configuration is not sound.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// A contract without which nobody could change the chain any more.
    #[error("the contract {name} stays enabled in some version: without it nobody could change the chain any more")]
    ContractNeeded {
        /// Its name.
        name: &'static str,
    },
    /// Two permission states of one party.
    #[error("the grant sets permissions of {party} twice")]
    SetTwice {
        /// The party.
        party: Address,
    },
}

codes!(ChainError {
    CommandUnknown => "CHAIN_COMMAND_UNKNOWN",
    OwnerDiffers => "CHAIN_OWNER_DIFFERS",
    ParticipantDiffers => "CHAIN_PARTICIPANT_DIFFERS",
    NotSetAnew => "CHAIN_NOT_SET_ANEW",
    TouchesPermissions => "CHAIN_TOUCHES_PERMISSIONS",
    NothingExecuted => "CHAIN_NOTHING_EXECUTED",
    OrderNotAttached => "CHAIN_ORDER_NOT_ATTACHED",
    RecordGranted => "CHAIN_RECORD_GRANTED",
    ContractNeeded => "CHAIN_CONTRACT_NEEDED",
    SetTwice => "CHAIN_SET_TWICE",
} inner { Encoding, Configuration });

/// The state of a party's permissions, kept by the administrator.
pub fn permissions_state(administrator: Address, permissions: &Permissions) -> State {
    let participants = [permissions.party];
    State::new(ContractId::built_in(NAME), PERMISSIONS, administrator, participants, &permissions.to_wire())
}

pub(crate) use order::executed;

pub(crate) fn read(state: &State) -> Result<Permissions, ChainError> {
    Ok(Permissions::from_wire(state.message()?)?)
}

fn granted(transaction: &LedgerTransaction) -> Result<Vec<Permissions>, ChainError> {
    transaction.outputs_of(NAME, PERMISSIONS).map(|(_, state)| read(state)).collect()
}

/// Where no party of the grant can administer, somebody else can.
fn an_administrator_stays(transaction: &LedgerTransaction) -> Result<Vec<Condition>, ChainError> {
    let granted = granted(transaction)?;
    if granted.iter().any(|set| Permission::administers(&set.permissions)) {
        return Ok(Vec::new());
    }
    Ok(vec![Condition::AdministratorBesides(granted.into_iter().map(|set| set.party).collect())])
}

fn touches_no_permissions(transaction: &LedgerTransaction, command: &Command) -> Result<(), ChainError> {
    let touches = transaction.inputs_of(NAME, PERMISSIONS).next().is_some()
        || transaction.outputs_of(NAME, PERMISSIONS).next().is_some();
    if touches { Err(ChainError::TouchesPermissions { command: command.name.clone() }) } else { Ok(()) }
}

fn verify(transaction: &LedgerTransaction) -> Result<(), ChainError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        GRANT => drop(command.message::<wire::ChainGrant>()?),
        FREEZE | UNFREEZE => {
            order::effects(command)?;
            return touches_no_permissions(transaction, command);
        }
        EXECUTE => {
            order::is_carried_out(transaction, command)?;
            return touches_no_permissions(transaction, command);
        }
        CONFIGURE => {
            configure::is_sound(&configure::asked(command)?)?;
            return touches_no_permissions(transaction, command);
        }
        name => return Err(ChainError::CommandUnknown { name: name.to_owned() }),
    }
    let submitter = transaction.transaction.submitter;
    if transaction.outputs_of(NAME, PERMISSIONS).any(|(_, state)| state.owner != submitter || !state.locks.is_empty()) {
        return Err(ChainError::OwnerDiffers);
    }
    let mut set = std::collections::BTreeSet::new();
    for (_, state) in transaction.outputs_of(NAME, PERMISSIONS) {
        let permissions = read(state)?;
        let party = permissions.party;
        let usual = permissions_state(submitter, &permissions).participants;
        rule(state.participants == usual, || ChainError::ParticipantDiffers { party })?;
        if permissions.permissions.contains(&Permission::Record) {
            return Err(ChainError::RecordGranted);
        }
        if !set.insert(permissions.party) {
            return Err(ChainError::SetTwice { party: permissions.party });
        }
    }
    for input in transaction.inputs_of(NAME, PERMISSIONS) {
        let party = read(&input.state)?.party;
        if !set.contains(&party) {
            return Err(ChainError::NotSetAnew { party });
        }
    }
    Ok(())
}

impl Contract for ChainContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[PERMISSIONS]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let administrator = Signer { party: transaction.transaction.submitter, role: "administrator" };
        Ok(transaction.command(NAME).map(|_| administrator).into_iter().collect())
    }

    /// Any administrator sets permissions anew, whoever granted them: nobody keeps what it gave against the others. What an
    /// order takes moves without its owner.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        if let Some(executed) = executed(transaction).map_err(ContractError::new)? {
            return Ok(executed.grounds());
        }
        let grants = transaction.command(NAME).is_some_and(|command| command.name == GRANT);
        let before = transaction.inputs_of(NAME, PERMISSIONS).filter(|_| grants);
        Ok(before.map(|input| (input.reference, Ground::Signers)).collect())
    }

    /// One live permission state for each party.
    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<crate::claim::ClaimIdentity>, ContractError> {
        let states = transaction.outputs_of(NAME, PERMISSIONS);
        let identity = |(output, state): (u32, &State)| {
            Ok(crate::claim::ClaimIdentity {
                class: "permission state",
                parts: vec![read(state).map_err(ContractError::new)?.party.to_string()],
                output,
                kind: crate::claim::ClaimKind::Exclusive,
                near: Vec::new(),
            })
        };
        states.map(identity).collect()
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        let administers = Condition::PartyMay(transaction.transaction.submitter, Permission::Administer);
        let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
        let more = match command.name.as_str() {
            GRANT => an_administrator_stays(transaction),
            CONFIGURE => configure::conditions(command),
            _ => order::conditions(command),
        };
        let owners = order::takes_from_parties(transaction).map_err(ContractError::new)?;
        let more = more.map_err(ContractError::new)?;
        Ok(std::iter::once(administers).chain(more).chain(owners).collect())
    }

    fn effects(&self, transaction: &LedgerTransaction) -> Result<Vec<Effect>, ContractError> {
        let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
        let effects = match command.name.as_str() {
            GRANT => granted(transaction).map(|granted| {
                granted.into_iter().map(|set| Effect::SetPermissions(set.party, set.permissions)).collect()
            }),
            CONFIGURE => configure::effects(command),
            _ => order::effects(command),
        };
        effects.map_err(ContractError::new)
    }
}

#[cfg(test)]
mod tests;
