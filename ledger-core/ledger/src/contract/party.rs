//! Contract `party`: registration of parties, changes of their authority, recovery after a delay, and what a chain learns of
//! its directory.

mod error;
mod learn;
mod rules;

use crate::claim::{ClaimIdentity, ClaimKind};
use crate::condition::{Condition, Effect};
use crate::contract::{Contract, Ground, Signer};
use crate::encoding::Wire;
use crate::error::ContractError;
use crate::id::{Address, ContractId, StateRef};
use crate::party::{PartyRecord, Permission};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};

pub use error::PartyError;
pub use learn::{Learn, ProvedRecord};

/// The contract's name.
pub const NAME: &str = "party";
/// The kind of a party's state.
pub const RECORD: &str = "record";
/// Registers parties; the administrator and each party sign.
pub const REGISTER: &str = "register";
/// Changes a party's authority and encryption key; the party signs by its old authority.
pub const CHANGE: &str = "change";
/// Opens a recovery; signed under the party's recovery rule, whose delay begins to run.
pub const REQUEST_RECOVERY: &str = "request_recovery";
/// Ends an open recovery by the authority that changes the record.
pub const CANCEL_RECOVERY: &str = "cancel_recovery";
/// Ends an open recovery by the recovery rule itself.
pub const WITHDRAW_RECOVERY: &str = "withdraw_recovery";
/// Carries an open recovery out, once its time has come.
pub const RECOVER: &str = "recover";
/// Sets a record as the chain's directory has it; nobody signs.
pub const LEARN: &str = "learn";
/// Every command.
pub const COMMANDS: &[&str] = &[REGISTER, CHANGE, REQUEST_RECOVERY, CANCEL_RECOVERY, WITHDRAW_RECOVERY, RECOVER, LEARN];

/// Rules of party records.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartyContract;

/// The state of a party's record.
pub fn record_state(record: &PartyRecord) -> State {
    State::new(ContractId::built_in(NAME), RECORD, record.address, [], &record.to_wire())
}

/// Reads a party's record.
pub fn read(state: &State) -> Result<PartyRecord, PartyError> {
    Ok(PartyRecord::from_wire(state.message()?)?)
}

/// The identity under which a party's live record is found; its output is 0.
pub fn record_identity(party: &Address) -> ClaimIdentity {
    let parts = vec![party.to_string()];
    ClaimIdentity { class: "party record", parts, output: 0, near: Vec::new(), kind: ClaimKind::Exclusive }
}

fn outputs(transaction: &LedgerTransaction) -> Result<Vec<PartyRecord>, PartyError> {
    transaction.outputs_of(NAME, RECORD).map(|(_, state)| read(state)).collect()
}

fn command(transaction: &LedgerTransaction) -> Option<&Command> {
    transaction.command(NAME)
}

fn has_command(transaction: &LedgerTransaction, name: &str) -> bool {
    command(transaction).is_some_and(|command| command.name == name)
}

/// A change of a party that has no record yet: the administrator whom the genesis names.
fn is_of_genesis(transaction: &LedgerTransaction) -> bool {
    has_command(transaction, CHANGE) && transaction.inputs_of(NAME, RECORD).next().is_none()
}

fn conditions(transaction: &LedgerTransaction) -> Result<Vec<Condition>, PartyError> {
    let Some(command) = command(transaction) else { return Ok(Vec::new()) };
    if command.name == LEARN {
        return learn::conditions(command);
    }
    let mut all = vec![Condition::PartiesAreRegisteredHere];
    let records = outputs(transaction)?;
    if command.name == REGISTER {
        all.push(Condition::PartyMay(transaction.transaction.submitter, Permission::Administer));
        all.extend(records.iter().map(|record| Condition::PartyIsNew(record.address)));
    }
    if is_of_genesis(transaction) {
        all.extend(records.iter().map(|record| Condition::PartyStandsInGenesis(record.address)));
    }
    Ok(all)
}

impl Contract for PartyContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[RECORD]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    /// A recovery is one right, whichever of its steps is taken; who may change the record may keep it from being recovered.
    fn right<'c>(&self, command: &'c str) -> &'c str {
        match command {
            REQUEST_RECOVERY | WITHDRAW_RECOVERY => RECOVER,
            CANCEL_RECOVERY => CHANGE,
            other => other,
        }
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let mut signers = Vec::new();
        let registers = has_command(transaction, REGISTER);
        if registers {
            signers.push(Signer { party: transaction.transaction.submitter, role: "administrator" });
        }
        if registers || is_of_genesis(transaction) {
            let records = outputs(transaction).map_err(ContractError::new)?;
            signers.extend(records.iter().map(|record| Signer { party: record.address, role: "party" }));
        }
        Ok(signers)
    }

    /// What the directory proves replaces the record, whoever owns it.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        if !has_command(transaction, LEARN) {
            return Ok(Vec::new());
        }
        Ok(transaction.inputs_of(NAME, RECORD).map(|input| (input.reference, Ground::Signers)).collect())
    }

    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        if !has_command(transaction, LEARN) {
            return Ok(None);
        }
        let records = outputs(transaction).map_err(ContractError::new)?;
        Ok(records.first().map(learn::step))
    }

    /// One live record for each party.
    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, state): (u32, &State)| {
            let party = read(state).map_err(ContractError::new)?.address;
            Ok(ClaimIdentity { output, ..record_identity(&party) })
        };
        transaction.outputs_of(NAME, RECORD).map(identity).collect()
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        conditions(transaction).map_err(ContractError::new)
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
