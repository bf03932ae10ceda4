//! Forks: two sealed histories of one chain, shown by what others hold of it.
//!
//! A recorder may seal another block of a height it has sealed already. Whoever holds a proof of the first history, or a
//! transaction whose signers anchored a block of it, convicts the second.

use thiserror::Error;

use crate::block::Header;
use crate::codes;
use crate::disclosure::Disclosure;
use crate::encoding::{EncodingError, Wire, decode, required};
use crate::id::{BlockHash, TransactionId};
use crate::ledger::Ledger;
use crate::proof::{
    InclusionProof,
    state::{StateProof, Subject},
};
use crate::transaction::Anchor;
use crate::wire::{ComponentKind, shown_component::Content};

/// What evidence says of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Height of the block.
    pub height: u64,
    /// Its hash.
    pub block: BlockHash,
    /// Who says so.
    pub witness: Witness,
}

/// Who says that a block stands at a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// The recorder sealed it.
    Seal,
    /// The recorder sealed a block that names it as the one before.
    Successor,
    /// The signers of a transaction anchored it.
    Signers(TransactionId),
}

/// Two histories: what the archive and what the evidence says of one height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fork {
    /// The recorder sealed another block of the height, or a successor of another.
    #[error("block {height} is {archived} in the archive, and {other} as sealed by the same recorder elsewhere")]
    TwoSealed {
        /// The height.
        height: u64,
        /// Its hash in the archive.
        archived: BlockHash,
        /// Its other hash.
        other: BlockHash,
    },
    /// The signers of a transaction anchored a block that the archive does not have.
    #[error(
        "block {height} is {archived} in the archive, and {other} as the signers of transaction {transaction} saw it"
    )]
    AnchorElsewhere {
        /// The height.
        height: u64,
        /// Its hash in the archive.
        archived: BlockHash,
        /// Its other hash.
        other: BlockHash,
        /// The transaction.
        transaction: TransactionId,
    },
}

codes!(Fork { TwoSealed => "FORK_TWO_SEALED", AnchorElsewhere => "FORK_ANCHOR_ELSEWHERE" });

/// How much evidence agrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Sightings of heights that the archive has.
    pub compared: u64,
    /// Sightings above the archive's tip; they say nothing yet.
    pub beyond: u64,
}

/// Compares verified evidence with a verified chain.
///
/// # Errors
/// The first fork.
pub fn compare(ledger: &Ledger, sightings: impl IntoIterator<Item = Sighting>) -> Result<Agreement, Fork> {
    let mut agreement = Agreement::default();
    for Sighting { height, block: other, witness } in sightings {
        match ledger.block_hash(height) {
            None => agreement.beyond = agreement.beyond.saturating_add(1),
            Some(archived) if archived == other => agreement.compared = agreement.compared.saturating_add(1),
            Some(archived) => {
                return Err(match witness {
                    Witness::Seal | Witness::Successor => Fork::TwoSealed { height, archived, other },
                    Witness::Signers(transaction) => Fork::AnchorElsewhere { height, archived, other, transaction },
                });
            }
        }
    }
    Ok(agreement)
}

/// What a verified inclusion proof says of blocks.
///
/// # Errors
/// Its transaction has no id.
pub fn of_inclusion(proof: &InclusionProof) -> Result<Vec<Sighting>, EncodingError> {
    let transaction = &proof.transaction.transaction;
    let anchored = of_anchor(&transaction.anchor, transaction.id()?);
    Ok(of_header(&proof.header).into_iter().chain([anchored]).collect())
}

/// What a verified disclosure says of blocks; the anchor counts where it is shown.
///
/// # Errors
/// The anchor shown is no anchor.
pub fn of_disclosure(disclosure: &Disclosure, transaction: TransactionId) -> Result<Vec<Sighting>, EncodingError> {
    let message = disclosure.to_wire();
    let header = Header::from_wire(required(message.header, "disclosure.header")?)?;
    let mut sightings = of_header(&header);
    let anchors = message.components.into_iter().filter(|shown| shown.kind == i32::from(ComponentKind::Anchor));
    for shown in anchors {
        if let Some(Content::Body(body)) = shown.content {
            sightings.push(of_anchor(&decode(&body)?, transaction));
        }
    }
    Ok(sightings)
}

/// What a verified state proof says of blocks.
///
/// # Errors
/// A transaction in it has no id.
pub fn of_state_proof(proof: &StateProof) -> Result<Vec<Sighting>, EncodingError> {
    let mut sightings = of_header(&proof.header);
    if let Subject::Spent(created, _) = &proof.subject {
        sightings.extend(of_inclusion(created)?);
    }
    Ok(sightings)
}

/// What another verified archive says of blocks: all its hashes.
pub fn of_ledger(other: &Ledger) -> impl Iterator<Item = Sighting> + '_ {
    let sealed = |height| Some(Sighting { height, block: other.block_hash(height)?, witness: Witness::Seal });
    (0..=other.height()).filter_map(sealed)
}

/// What a header that is sealed says of blocks: its own and the one before.
pub fn of_header(header: &Header) -> Vec<Sighting> {
    let before = header.height.checked_sub(1);
    let before = before.map(|height| Sighting { height, block: header.previous, witness: Witness::Successor });
    let own = Sighting { height: header.height, block: header.hash(), witness: Witness::Seal };
    before.into_iter().chain([own]).collect()
}

fn of_anchor(anchor: &Anchor, transaction: TransactionId) -> Sighting {
    Sighting { height: anchor.height, block: anchor.block, witness: Witness::Signers(transaction) }
}

#[cfg(test)]
mod tests;
