//! What each command makes of a party's record.

use super::{
    CANCEL_RECOVERY, CHANGE, LEARN, NAME, PartyError, RECORD, RECOVER, REGISTER, REQUEST_RECOVERY, WITHDRAW_RECOVERY,
    command, is_of_genesis, learn, read,
};
use crate::authority::Demand;
use crate::encoding::encode;
use crate::error::rule;
use crate::id::ContractId;
use crate::party::{PartyRecord, Recovery};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, TimeWindow};
use crate::wire;

/// Checks everything the contract says.
pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PartyError> {
    let Some(command) = command(transaction) else { return Ok(()) };
    arguments_are_read(command)?;
    transaction.outputs_of(NAME, RECORD).try_for_each(|(_, state)| record_is_sound(state))?;
    match command.name.as_str() {
        REGISTER => registers(transaction),
        CHANGE if is_of_genesis(transaction) => is_first_change(transaction),
        CHANGE => {
            let Step { before, after } = Step::of(transaction)?;
            no_recovery_is_open(&before)?;
            let expected = before.changed(after.authority.clone(), after.encryption_key.clone());
            is_expected(&after, &expected, CHANGE)
        }
        REQUEST_RECOVERY => opens_recovery(&Step::of(transaction)?, transaction.transaction.time_window),
        name @ (CANCEL_RECOVERY | WITHDRAW_RECOVERY) => {
            let Step { before, after } = Step::of(transaction)?;
            open_recovery(&before)?;
            let name = if name == CANCEL_RECOVERY { CANCEL_RECOVERY } else { WITHDRAW_RECOVERY };
            is_expected(&after, &before.with_recovery(None), name)
        }
        RECOVER => {
            let Step { before, after } = Step::of(transaction)?;
            let Recovery { authority, encryption_key, ready_ms } = open_recovery(&before)?.clone();
            let from_ms = transaction.transaction.time_window.from_ms;
            if from_ms < ready_ms {
                return Err(PartyError::RecoveryNotReady { ready_ms, from_ms });
            }
            is_expected(&after, &before.changed(authority, encryption_key), RECOVER)
        }
        LEARN => learn::follows_from_its_proof(transaction, command),
        name => Err(PartyError::CommandUnknown { name: name.to_owned() }),
    }
}

/// The commands that name nothing have arguments in one form alone too; those of `learn` are read with its proof.
fn arguments_are_read(command: &Command) -> Result<(), PartyError> {
    match command.name.as_str() {
        REGISTER => drop(command.message::<wire::PartyRegister>()?),
        CHANGE => drop(command.message::<wire::PartyChange>()?),
        REQUEST_RECOVERY => drop(command.message::<wire::PartyRequestRecovery>()?),
        CANCEL_RECOVERY => drop(command.message::<wire::PartyCancelRecovery>()?),
        WITHDRAW_RECOVERY => drop(command.message::<wire::PartyWithdrawRecovery>()?),
        RECOVER => drop(command.message::<wire::PartyRecover>()?),
        _ => {}
    }
    Ok(())
}

/// What must hold of every record, whatever it follows.
fn record_is_sound(state: &State) -> Result<(), PartyError> {
    let record = read(state)?;
    let address = record.address;
    if record.first_policy.address(&record.nonce) != address {
        return Err(PartyError::AddressDiffers { address });
    }
    if state.owner != address || !state.locks.is_empty() {
        return Err(PartyError::OwnerDiffers { address });
    }
    rule(state.participants.is_empty(), || PartyError::Participants { address })?;
    let bytes = state.data.len();
    if bytes > PartyRecord::BYTES_MAX {
        return Err(PartyError::TooLarge { bytes });
    }
    record.first_policy.validate().map_err(PartyError::FirstPolicy)?;
    record.authority.validate().map_err(PartyError::Authority)?;
    match &record.recovery {
        Some(recovery) => recovery.authority.validate().map_err(PartyError::Authority),
        None => Ok(()),
    }
}

fn registers(transaction: &LedgerTransaction) -> Result<(), PartyError> {
    if transaction.inputs_of(NAME, RECORD).next().is_some() {
        return Err(PartyError::RegistersFromInput);
    }
    for (_, state) in transaction.outputs_of(NAME, RECORD) {
        let record = read(state)?;
        has_version(&record, PartyRecord::FIRST_VERSION)?;
        no_recovery_is_open(&record)?;
        first_policy_signs(transaction, &record)?;
    }
    Ok(())
}

/// An address stands for its first policy: only who holds that registers it, so that nobody puts other keys behind it.
fn first_policy_signs(transaction: &LedgerTransaction, record: &PartyRecord) -> Result<(), PartyError> {
    let demand = Demand::of(&ContractId::built_in(NAME), REGISTER);
    let deciding = record.authority.policy_for(&demand, transaction.transaction.time_window.until_ms);
    rule(deciding == Some(&record.first_policy), || PartyError::FirstPolicyUnasked { address: record.address })
}

/// The administrator of the genesis is as the genesis makes it: of that policy and nonce, without controller and roles.
fn is_first_change(transaction: &LedgerTransaction) -> Result<(), PartyError> {
    let outputs: Vec<_> = transaction.outputs_of(NAME, RECORD).collect();
    let [(_, state)] = outputs.as_slice() else {
        return Err(PartyError::NotOneRecord { inputs: 0, outputs: outputs.len() });
    };
    let after = read(state)?;
    let nonce = after.nonce.as_slice().try_into().unwrap_or_default();
    let before = PartyRecord::simple(after.first_policy.clone(), nonce, "");
    is_expected(&after, &before.changed(after.authority.clone(), after.encryption_key.clone()), CHANGE)
}

/// One record and the next.
struct Step {
    before: PartyRecord,
    after: PartyRecord,
}

impl Step {
    fn of(transaction: &LedgerTransaction) -> Result<Self, PartyError> {
        let before: Vec<_> = transaction.inputs_of(NAME, RECORD).collect();
        let after: Vec<_> = transaction.outputs_of(NAME, RECORD).collect();
        match (before.as_slice(), after.as_slice()) {
            ([before], [(_, after)]) => Ok(Self { before: read(&before.state)?, after: read(after)? }),
            _ => Err(PartyError::NotOneRecord { inputs: before.len(), outputs: after.len() }),
        }
    }
}

/// The delay that decides is the one of the rule by which the request is signed.
fn opens_recovery(Step { before, after }: &Step, window: TimeWindow) -> Result<(), PartyError> {
    no_recovery_is_open(before)?;
    let recovery = after.recovery.clone().ok_or(PartyError::RecordDiffers { command: REQUEST_RECOVERY })?;
    let delay_ms = before.authority.recovery_delay_ms(window.until_ms).ok_or(PartyError::NoRecoveryRule)?;
    let (expected, actual) = (window.until_ms.saturating_add(delay_ms), recovery.ready_ms);
    if actual != expected {
        return Err(PartyError::RecoveryTimeDiffers { expected, actual });
    }
    is_expected(after, &before.with_recovery(Some(recovery)), REQUEST_RECOVERY)
}

fn no_recovery_is_open(record: &PartyRecord) -> Result<(), PartyError> {
    match &record.recovery {
        Some(recovery) => Err(PartyError::RecoveryOpen { ready_ms: recovery.ready_ms }),
        None => Ok(()),
    }
}

fn open_recovery(record: &PartyRecord) -> Result<&Recovery, PartyError> {
    record.recovery.as_ref().ok_or(PartyError::NoRecovery)
}

fn has_version(record: &PartyRecord, expected: u64) -> Result<(), PartyError> {
    let actual = record.version;
    if actual == expected { Ok(()) } else { Err(PartyError::VersionDiffers { expected, actual }) }
}

fn is_expected(after: &PartyRecord, expected: &PartyRecord, command: &'static str) -> Result<(), PartyError> {
    let identity = |record: &PartyRecord| {
        let PartyRecord { address, first_policy, nonce, controller, roles, .. } = record;
        (*address, encode(first_policy), nonce.clone(), controller.clone(), roles.clone())
    };
    if identity(after) != identity(expected) {
        return Err(PartyError::IdentityChanged { address: expected.address });
    }
    has_version(after, expected.version)?;
    if after == expected { Ok(()) } else { Err(PartyError::RecordDiffers { command }) }
}
