//! Backing attested ahead of the issues that stand on it.

use crate::amount::Amount;
use crate::contract::token::{ATTESTATION, Asked, NAME, TokenDefinition, TokenError};
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::id::{Address, AssetId, ContractId};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// Backing that the attestor found and the issuer may issue on. The state's owner is the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The asset.
    pub asset: AssetId,
    /// Who attests.
    pub attestor: Address,
    /// What may still be issued on it, in smallest units.
    pub amount: Amount,
    /// The reference of the deposit or loan behind it; used once.
    pub reference: String,
}

/// An attestation's state; the attestor sees it too.
pub fn attestation_state(attestation: &Attestation, issuer: Address) -> State {
    State::new(ContractId::built_in(NAME), ATTESTATION, issuer, [attestation.attestor], &attestation.to_wire())
}

/// Reads an attestation.
pub fn read_attestation(state: &State) -> Result<Attestation, TokenError> {
    Ok(Attestation::from_wire(state.message()?)?)
}

/// The one attestation that the command is for; nothing else of the contract changes.
pub(super) fn attests_as_commanded(transaction: &LedgerTransaction, asked: &Asked) -> Result<(), TokenError> {
    if asked.amount.is_zero() {
        return Err(TokenError::Zero);
    }
    let TokenDefinition { issuer, attestor, .. } = asked.definition(transaction)?;
    let Asked { asset, amount, ref reference } = *asked;
    let attested = Attestation { asset, attestor, amount, reference: reference.clone() };
    let consumes = transaction.inputs.iter().any(|input| input.state.contract.name() == NAME);
    let outputs = transaction.transaction.outputs.iter();
    let created: Vec<&State> = outputs.filter(|state| state.contract.name() == NAME).collect();
    if consumes || created != [&attestation_state(&attested, issuer)] {
        return Err(TokenError::AttestDiffers);
    }
    Ok(())
}

/// An issue takes its amount off the one attestation it consumes; the rest stays attested.
pub(super) fn is_issued_on_attestation(transaction: &LedgerTransaction, asked: &Asked) -> Result<(), TokenError> {
    let consumed: Vec<_> = transaction.inputs_of(NAME, ATTESTATION).collect();
    let after: Vec<&State> = transaction.outputs_of(NAME, ATTESTATION).map(|(_, state)| state).collect();
    let input = match (consumed.as_slice(), after.as_slice()) {
        ([], []) => return Ok(()),
        ([input], _) => input,
        _ => return Err(TokenError::AttestationsSeveral),
    };
    let before = read_attestation(&input.state)?;
    if before.asset != asked.asset || before.reference != asked.reference {
        return Err(TokenError::AttestationOther);
    }
    let (asked, attested) = (asked.amount.minor(), before.amount.minor());
    let Some(left) = attested.checked_sub(asked) else {
        return Err(TokenError::AttestationExceeded { asked, attested });
    };
    let rest = Attestation { amount: Amount::from_minor(left)?, ..before };
    let expected = (left > 0).then(|| attestation_state(&rest, input.state.owner));
    if !after.into_iter().eq(expected.iter()) {
        return Err(TokenError::AttestationRest { left });
    }
    Ok(())
}

impl Wire for Attestation {
    type Message = wire::TokenAttestation;

    fn to_wire(&self) -> wire::TokenAttestation {
        wire::TokenAttestation {
            asset: self.asset.to_vec(),
            attestor: self.attestor.to_vec(),
            amount: self.amount.minor(),
            reference: self.reference.clone(),
        }
    }

    fn from_wire(message: wire::TokenAttestation) -> Result<Self, EncodingError> {
        plain_text(&message.reference, 128, "attestation.reference")?;
        let amount = Amount::from_minor(message.amount);
        Ok(Self {
            asset: message.asset.as_slice().try_into()?,
            attestor: message.attestor.as_slice().try_into()?,
            amount: amount.map_err(|_| EncodingError::OutOfRange { field: "attestation.amount" })?,
            reference: message.reference,
        })
    }
}
