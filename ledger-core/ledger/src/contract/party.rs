//! Contract `party`: registration of parties and changes of their authority.

use thiserror::Error;

use crate::authority::AuthorityError;
use crate::codes;
use crate::condition::{Condition, Effect};
use crate::contract::{Contract, Signer};
use crate::encoding::{EncodingError, Wire, encode};
use crate::error::ContractError;
use crate::id::{Address, ContractId};
use crate::party::{PartyRecord, Permission};
use crate::policy::PolicyError;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "party";
/// The kind of a party's state.
pub const RECORD: &str = "record";
/// Registers parties; the administrator and each party sign.
pub const REGISTER: &str = "register";
/// Changes a party's authority, encryption key or controller; the party signs by its old authority.
pub const CHANGE: &str = "change";
/// Every command.
pub const COMMANDS: &[&str] = &[REGISTER, CHANGE];

/// Rules of party records.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartyContract;

/// Why a registration or change is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PartyError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error("the contract party has no command {name:?}; it has register and change")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The address does not follow from policy and nonce.
    #[error("the address {address} does not follow from the first policy and the nonce")]
    AddressDiffers {
        /// The address given.
        address: Address,
    },
    /// The first policy is refused.
    #[error("the first policy: {0}")]
    FirstPolicy(PolicyError),
    /// The authority is refused.
    #[error("the authority: {0}")]
    Authority(AuthorityError),
    /// A party state belongs to the party.
    #[error("a party's record belongs to the party itself, {address}, without locks")]
    OwnerDiffers {
        /// The party.
        address: Address,
    },
    /// Registration consumes a record.
    #[error("registration creates records, it consumes none")]
    RegistersFromInput,
    /// A change is of one record into one.
    #[error("a change consumes one record and creates one; here are {inputs} and {outputs}")]
    NotOneRecord {
        /// Records consumed.
        inputs: usize,
        /// Records created.
        outputs: usize,
    },
    /// A change keeps address, first policy, nonce, controller and roles.
    #[error("a change keeps address, first policy, nonce, controller and roles of {address}")]
    IdentityChanged {
        /// The party.
        address: Address,
    },
}

codes!(PartyError {
    CommandUnknown => "PARTY_COMMAND_UNKNOWN",
    AddressDiffers => "PARTY_ADDRESS_DIFFERS",
    FirstPolicy => "PARTY_FIRST_POLICY",
    Authority => "PARTY_AUTHORITY",
    OwnerDiffers => "PARTY_OWNER_DIFFERS",
    RegistersFromInput => "PARTY_REGISTERS_FROM_INPUT",
    NotOneRecord => "PARTY_NOT_ONE_RECORD",
    IdentityChanged => "PARTY_IDENTITY_CHANGED",
} inner { Encoding });

/// The state of a party's record.
pub fn record_state(record: &PartyRecord) -> State {
    State::new(ContractId::built_in(NAME), RECORD, record.address, [], &record.to_wire())
}

/// Reads a party's record.
pub fn read(state: &State) -> Result<PartyRecord, PartyError> {
    Ok(PartyRecord::from_wire(state.message()?)?)
}

fn outputs(transaction: &LedgerTransaction) -> Result<Vec<PartyRecord>, PartyError> {
    transaction.outputs_of(NAME, RECORD).map(|(_, state)| read(state)).collect()
}

fn command(transaction: &LedgerTransaction) -> Option<&Command> {
    transaction.command(NAME)
}

fn record_is_sound(state: &State) -> Result<(), PartyError> {
    let record = read(state)?;
    let address = record.address;
    if record.first_policy.address(&record.nonce) != address {
        return Err(PartyError::AddressDiffers { address });
    }
    if state.owner != address || !state.locks.is_empty() {
        return Err(PartyError::OwnerDiffers { address });
    }
    record.first_policy.validate().map_err(PartyError::FirstPolicy)?;
    record.authority.validate().map_err(PartyError::Authority)
}

fn identity_is_kept(transaction: &LedgerTransaction) -> Result<(), PartyError> {
    let before: Vec<_> = transaction.inputs_of(NAME, RECORD).collect();
    let after: Vec<_> = transaction.outputs_of(NAME, RECORD).collect();
    let ([before], [(_, after)]) = (before.as_slice(), after.as_slice()) else {
        return Err(PartyError::NotOneRecord { inputs: before.len(), outputs: after.len() });
    };
    let identity = |record: PartyRecord| (encode(&record.first_policy), record.nonce, record.controller, record.roles);
    let (before, after) = (read(&before.state)?, read(after)?);
    let address = before.address;
    let is_same_party = address == after.address;
    if is_same_party && identity(before) == identity(after) {
        Ok(())
    } else {
        Err(PartyError::IdentityChanged { address })
    }
}

fn verify(transaction: &LedgerTransaction) -> Result<(), PartyError> {
    let Some(command) = command(transaction) else { return Ok(()) };
    match command.name.as_str() {
        REGISTER => drop(command.message::<wire::PartyRegister>()?),
        CHANGE => drop(command.message::<wire::PartyChange>()?),
        name => return Err(PartyError::CommandUnknown { name: name.to_owned() }),
    }
    transaction.outputs_of(NAME, RECORD).try_for_each(|(_, state)| record_is_sound(state))?;
    match command.name.as_str() {
        REGISTER if transaction.inputs_of(NAME, RECORD).next().is_some() => Err(PartyError::RegistersFromInput),
        REGISTER => Ok(()),
        _ => identity_is_kept(transaction),
    }
}

impl Contract for PartyContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let mut signers = Vec::new();
        if command(transaction).is_some_and(|command| command.name == REGISTER) {
            signers.push(Signer { party: transaction.transaction.submitter, role: "administrator" });
            let records = outputs(transaction).map_err(ContractError::new)?;
            signers.extend(records.iter().map(|record| Signer { party: record.address, role: "party" }));
        }
        Ok(signers)
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        if command(transaction).is_none_or(|command| command.name != REGISTER) {
            return Ok(Vec::new());
        }
        let records = outputs(transaction).map_err(ContractError::new)?;
        let administers = Condition::PartyMay(transaction.transaction.submitter, Permission::Administer);
        let new = records.iter().map(|record| Condition::PartyIsNew(record.address));
        Ok(std::iter::once(administers).chain(new).collect())
    }

    fn effects(&self, transaction: &LedgerTransaction) -> Result<Vec<Effect>, ContractError> {
        if command(transaction).is_none() {
            return Ok(Vec::new());
        }
        let records = outputs(transaction).map_err(ContractError::new)?;
        Ok(records.into_iter().map(Effect::SetParty).collect())
    }
}

#[cfg(test)]
mod tests;
