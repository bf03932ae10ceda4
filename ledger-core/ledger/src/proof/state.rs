//! State proofs: what a chain's state map holds, or does not hold, at a height, against a sealed header alone.

mod wire_form;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::amount::Amount;
use crate::block::Header;
use crate::claim::ClaimKind;
use crate::codes;
use crate::disclosure::{self, DisclosureError};
use crate::encoding::{EncodingError, decode};
use crate::freeze::FreezeSubject;
use crate::genesis::Genesis;
use crate::id::{AssetId, ChainId, ClaimKey, StateRef};
use crate::ledger::{Ledger, entry};
use crate::proof::{InclusionProof, ProofError, header_is_final};
use crate::signature::Signature;
use crate::state::State;
use crate::state_map::{MapPath, MapPathError};
use crate::transaction::component::place_of_output;
use crate::wire::ShownState;

/// What may be asked of a state map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether a state is unspent; with the places of the fields of its data that the answer shows.
    State(StateRef, BTreeSet<u32>),
    /// Whether a claim is held, and by which states.
    Claim(ClaimKey),
    /// An asset's supply.
    Supply(AssetId),
    /// Whether orders freeze a subject, and which.
    Freeze(FreezeSubject),
}

/// What is proved.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// The state is unspent; its frame and chosen fields.
    Unspent(StateRef, ShownState),
    /// The state was created by this transaction and is consumed: the output's place.
    Spent(Box<InclusionProof>, u32),
    /// The claim is held by these states; one of kind `Once` without holders is used up for ever.
    ClaimHeld(ClaimKey, ClaimKind, BTreeSet<StateRef>),
    /// Nobody holds the claim.
    ClaimFree(ClaimKey),
    /// The asset's supply; none where nothing was ever issued.
    Supply(AssetId, Option<Amount>),
    /// These legal orders freeze the subject.
    Frozen(FreezeSubject, BTreeSet<String>),
    /// No order freezes the subject.
    NotFrozen(FreezeSubject),
}

/// What a map holds of a subject, with the way to it; a sealed header makes it a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    path: MapPath,
    subject: Subject,
}

/// Everything needed to check, offline, what the state map held after a block.
#[derive(Clone, Debug, PartialEq)]
pub struct StateProof {
    /// The chain's genesis.
    pub genesis: Genesis,
    /// The header of the block after it, which carries the map's root.
    pub header: Header,
    /// The recorder's signature over that header.
    pub finality: Signature,
    /// The way to the subject's entry.
    pub path: MapPath,
    /// What is proved.
    pub subject: Subject,
}

/// What a checked proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The chain.
    pub chain: ChainId,
    /// The block after which it was so; 0 = the genesis.
    pub height: u64,
    /// Time of the block that seals it, milliseconds UTC.
    pub sealed_at_ms: u64,
    /// Of an unspent state: the state, its data left out.
    pub frame: Option<State>,
}

/// Why a state proof proves nothing, or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateProofError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The chain, the seal, or the proof of the state's creation do not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The state's fields cannot be shown so, or do not lead to its digest.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
    /// The path has no path's shape.
    #[error(transparent)]
    Path(#[from] MapPathError),
    /// The header is of no height.
    #[error("the header has height 0; the map after block h stands in the header of height h + 1")]
    HeaderHeight,
    /// The subject and the path do not lead to the header's root.
    #[error("the subject and its path do not lead to the header's state root")]
    NotInMap,
    /// The transaction has no such output.
    #[error("the transaction has no output {output}")]
    NoSuchOutput {
        /// The output.
        output: u32,
    },
    /// A state is asked for without the transaction that created it, or with another.
    #[error("the state {state} needs the proof of the transaction that created it")]
    CreationMissing {
        /// The state.
        state: StateRef,
    },
    /// The state was created after the height the proof is for.
    #[error("the state was created in block {created}, after the height {height} that the proof is for")]
    CreatedLater {
        /// Height of its transaction's block.
        created: u64,
        /// Height of the proof.
        height: u64,
    },
}

codes!(StateProofError {
    HeaderHeight => "STATE_PROOF_HEADER_HEIGHT",
    NotInMap => "STATE_PROOF_NOT_IN_MAP",
    NoSuchOutput => "STATE_PROOF_NO_SUCH_OUTPUT",
    CreationMissing => "STATE_PROOF_CREATION_MISSING",
    CreatedLater => "STATE_PROOF_CREATED_LATER",
} inner { Encoding, Proof, Disclosure, Path });

impl Question {
    /// The state asked for, if it is one.
    pub fn state(&self) -> Option<&StateRef> {
        match self {
            Self::State(state, _) => Some(state),
            Self::Claim(_) | Self::Supply(_) | Self::Freeze(_) => None,
        }
    }
}

impl Answer {
    /// What a ledger's map holds at its tip. Of a state, `created` proves the transaction that created it.
    ///
    /// # Errors
    /// The state's creation is missing or is another's, or a field asked for is not there.
    pub fn of(ledger: &Ledger, question: &Question, created: Option<&InclusionProof>) -> Result<Self, StateProofError> {
        let subject = match question {
            Question::State(state, fields) => Self::of_state(ledger, *state, fields, created)?,
            Question::Claim(key) => match ledger.claim(key) {
                Some(claim) => Subject::ClaimHeld(*key, claim.kind, claim.holders.clone()),
                None => Subject::ClaimFree(*key),
            },
            Question::Supply(asset) => {
                let issued = ledger.supplies().find(|(known, _)| *known == asset);
                Subject::Supply(*asset, issued.map(|(_, supply)| *supply))
            }
            Question::Freeze(subject) => match ledger.orders(subject) {
                orders if orders.is_empty() => Subject::NotFrozen(*subject),
                orders => Subject::Frozen(*subject, orders),
            },
        };
        Ok(Self { path: ledger.state_map().path(&subject.entry()?.0), subject })
    }

    fn of_state(
        ledger: &Ledger,
        state: StateRef,
        fields: &BTreeSet<u32>,
        created: Option<&InclusionProof>,
    ) -> Result<Subject, StateProofError> {
        let created = created.ok_or(StateProofError::CreationMissing { state })?;
        let transaction = &created.transaction.transaction;
        if transaction.id()? != state.transaction {
            return Err(StateProofError::CreationMissing { state });
        }
        let output = usize::try_from(state.index).ok().and_then(|place| transaction.outputs.get(place));
        let output = output.ok_or(StateProofError::NoSuchOutput { output: state.index })?;
        if !ledger.is_unspent(&state) {
            return Ok(Subject::Spent(Box::new(created.clone()), state.index));
        }
        let place = place_of_output(transaction, state.index);
        Ok(Subject::Unspent(state, disclosure::state_part(output, &transaction.salt, place, fields)?))
    }

    /// The proof, with the header that carries the map's root.
    ///
    /// # Errors
    /// The header is not final, or carries another root.
    pub fn sealed(self, genesis: Genesis, header: Header, finality: Signature) -> Result<StateProof, StateProofError> {
        let proof = StateProof { genesis, header, finality, path: self.path, subject: self.subject };
        proof.verify()?;
        Ok(proof)
    }
}

impl Subject {
    /// True when the map has an entry of the subject: it is unspent, held, issued or frozen.
    pub fn is_there(&self) -> bool {
        match self {
            Self::Unspent(..) | Self::ClaimHeld(..) | Self::Frozen(..) => true,
            Self::Supply(_, supply) => supply.is_some(),
            Self::Spent(..) | Self::ClaimFree(_) | Self::NotFrozen(_) => false,
        }
    }

    /// The entry it speaks of: its key, and its value where it is there.
    fn entry(&self) -> Result<([u8; 32], Option<[u8; 32]>), StateProofError> {
        Ok(match self {
            Self::Unspent(state, shown) => (entry::state_key(state), Some(disclosure::part_digest(shown)?)),
            Self::Spent(created, output) => {
                let state = StateRef { transaction: created.transaction.transaction.id()?, index: *output };
                (entry::state_key(&state), None)
            }
            Self::ClaimHeld(key, kind, holders) => (entry::claim_key(key), Some(entry::claim_value(*kind, holders))),
            Self::ClaimFree(key) => (entry::claim_key(key), None),
            Self::Supply(asset, supply) => (entry::supply_key(asset), supply.map(entry::supply_value)),
            Self::Frozen(subject, orders) => (entry::freeze_key(subject), Some(entry::freeze_value(orders))),
            Self::NotFrozen(subject) => (entry::freeze_key(subject), None),
        })
    }
}

impl StateProof {
    /// Orders on one subject and holders of one claim that a proof may name.
    pub const NAMED_MAX: usize = 65_536;

    /// Checks chain, seal, path and, of a spent state, its creation; needs nothing else.
    ///
    /// # Errors
    /// Anything does not lead to the sealed header.
    pub fn verify(&self) -> Result<Proved, StateProofError> {
        header_is_final(&self.genesis, &self.header, &self.finality)?;
        let height = self.header.height.checked_sub(1).ok_or(StateProofError::HeaderHeight)?;
        let (key, value) = self.subject.entry()?;
        if self.path.root(&key, value.as_ref())? != self.header.state_root {
            return Err(StateProofError::NotInMap);
        }
        if let Subject::Spent(created, output) = &self.subject {
            self.was_created(created, *output, height)?;
        }
        let frame = match &self.subject {
            Subject::Unspent(_, shown) => Some(decode::<State>(&shown.frame)?),
            _ => None,
        };
        Ok(Proved { chain: self.header.chain, height, sealed_at_ms: self.header.time_ms, frame })
    }

    fn was_created(&self, created: &InclusionProof, output: u32, height: u64) -> Result<(), StateProofError> {
        let included = created.verify()?;
        if created.header.chain != self.header.chain {
            return Err(ProofError::OtherChain.into());
        }
        if included.height > height {
            return Err(StateProofError::CreatedLater { created: included.height, height });
        }
        let outputs = created.transaction.transaction.outputs.len();
        if usize::try_from(output).map_or(true, |output| output >= outputs) {
            return Err(StateProofError::NoSuchOutput { output });
        }
        Ok(())
    }

    /// The records of the data's fields that the proof shows, by their place.
    pub fn fields(&self) -> BTreeMap<u32, &[u8]> {
        match &self.subject {
            Subject::Unspent(_, shown) => {
                shown.fields.iter().map(|field| (field.place, field.record.as_slice())).collect()
            }
            _ => BTreeMap::new(),
        }
    }
}

impl Proved {
    /// True when the state is unspent and carries no lock: no pledge, hold, escrow or stay of anybody.
    pub fn is_unpledged(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| frame.locks.is_empty())
    }
}

#[cfg(test)]
mod tests;
