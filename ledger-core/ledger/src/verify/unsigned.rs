//! Transactions without a submitter: steps that nobody need sign, because a proof or the time alone decides them.

use thiserror::Error;

use crate::authority::Required;
use crate::codes;
use crate::error::ContractError;
use crate::id::{Address, CommandId, ContractId};
use crate::transaction::{LedgerTransaction, PartySignature};
use crate::verify::frame::Asked;

/// Why a transaction without a submitter is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnsignedError {
    /// It came from outside: only a node itself submits what nobody signs.
    #[error("the transaction has no submitter; name the party that submits it")]
    NoSubmitter,
    /// It carries signatures.
    #[error("a transaction without a submitter carries no signatures; name the party that submits it")]
    Signed,
    /// Somebody must sign it.
    #[error("a party must sign this transaction, as {role}; name the party that submits it")]
    SignerNeeded {
        /// Its role.
        role: &'static str,
    },
    /// A contract does not let nobody do this.
    #[error("the contract {contract} lets nobody do this without a signature; name the party that submits it")]
    NotAllowed {
        /// The contract.
        contract: ContractId,
    },
    /// The command id is not the step's.
    #[error("the command id {actual} does not follow from the step, which gives {expected}")]
    CommandIdDiffers {
        /// By the step.
        expected: CommandId,
        /// As the transaction has it.
        actual: CommandId,
    },
}

codes!(UnsignedError {
    NoSubmitter => "TRANSACTION_NO_SUBMITTER",
    Signed => "UNSIGNED_CARRIES_SIGNATURES",
    SignerNeeded => "UNSIGNED_SIGNER_NEEDED",
    NotAllowed => "UNSIGNED_NOT_ALLOWED",
    CommandIdDiffers => "UNSIGNED_COMMAND_ID_DIFFERS",
});

/// A transaction without a submitter has no signatures.
pub(super) fn carries_no_signatures(
    transaction: &LedgerTransaction,
    signatures: &[PartySignature],
) -> Result<(), UnsignedError> {
    match transaction.transaction.submitter == Address::NOBODY && !signatures.is_empty() {
        true => Err(UnsignedError::Signed),
        false => Ok(()),
    }
}

/// Nobody must sign it, every contract that it touches allows that, and its command id is that of their steps together.
pub(super) fn nobody_need_sign(
    transaction: &LedgerTransaction,
    governing: &[Asked<'_>],
    required: &[Required],
) -> Result<Result<(), UnsignedError>, ContractError> {
    if transaction.transaction.submitter != Address::NOBODY {
        return Ok(Ok(()));
    }
    if let Some(Required { role, .. }) = required.first() {
        return Ok(Err(UnsignedError::SignerNeeded { role }));
    }
    let mut steps = Vec::new();
    for contract in governing {
        match contract.unsigned_step(transaction)? {
            Some(step) => steps.push(step),
            None => return Ok(Err(UnsignedError::NotAllowed { contract: contract.id() })),
        }
    }
    let expected = CommandId::derive(&transaction.transaction.chain, &Address::NOBODY, &steps.join("\n"));
    let actual = transaction.transaction.command_id;
    Ok(if actual == expected { Ok(()) } else { Err(UnsignedError::CommandIdDiffers { expected, actual }) })
}
