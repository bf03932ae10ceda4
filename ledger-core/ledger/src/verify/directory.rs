//! What must hold of parties and of the chain's directory where a transaction stands.

use thiserror::Error;

use crate::codes;
use crate::genesis::Directory;
use crate::id::{Address, BlockHash, ChainId};
use crate::ledger::Overlay;
use crate::view::View;

/// Why a record is neither set here nor learned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DirectoryError {
    /// Parties are registered on another chain.
    #[error("parties are registered and changed on the directory chain {directory}; this chain learns them from there")]
    RegisteredElsewhere {
        /// The directory.
        directory: ChainId,
    },
    /// A change that consumes no record, of a party that is not the genesis' administrator unchanged.
    #[error("a change consumes the party's record; {party} is not an administrator known from the genesis alone")]
    NotInGenesis {
        /// The party.
        party: Address,
    },
    /// The record is no news.
    #[error("the record of {party} is known in version {known}; version {proved} is no news")]
    VersionKnown {
        /// The party.
        party: Address,
        /// The version known.
        known: u64,
        /// The version proved.
        proved: u64,
    },
    /// The proof is of another chain.
    #[error("the proof is of chain {directory} or another recorder; it is none of this chain's directory")]
    OtherDirectory {
        /// The chain that the proof is of.
        directory: ChainId,
    },
    /// The proof is of a block that the recorder had not seen.
    #[error(
        "the proof is of block {height} of the directory; this block has seen it up to {seen}, or another one there"
    )]
    NotSeen {
        /// Height of the proof's block.
        height: u64,
        /// Height that the block names.
        seen: u64,
    },
}

codes!(DirectoryError {
    RegisteredElsewhere => "PARTY_REGISTERED_ELSEWHERE",
    NotInGenesis => "PARTY_NOT_IN_GENESIS",
    VersionKnown => "PARTY_VERSION_KNOWN",
    OtherDirectory => "DIRECTORY_OTHER",
    NotSeen => "DIRECTORY_NOT_SEEN",
});

/// The chain is its own directory.
pub(super) fn parties_are_registered_here(overlay: &Overlay<'_>) -> Result<(), DirectoryError> {
    match overlay.ledger().genesis().directory {
        Some(Directory { chain, .. }) => Err(DirectoryError::RegisteredElsewhere { directory: chain }),
        None => Ok(()),
    }
}

/// The party is the genesis' administrator and as the genesis has it.
pub(super) fn party_stands_in_genesis(party: &Address, overlay: &Overlay<'_>) -> Result<(), DirectoryError> {
    let in_genesis = overlay.ledger().genesis().administrator_record();
    match overlay.party(party).is_some_and(|entry| entry.record == in_genesis) {
        true => Ok(()),
        false => Err(DirectoryError::NotInGenesis { party: *party }),
    }
}

/// The chain knows the party not at all, or in a lower version.
pub(super) fn party_is_behind(party: &Address, proved: u64, overlay: &Overlay<'_>) -> Result<(), DirectoryError> {
    match overlay.party(party).map(|entry| entry.version) {
        Some(known) if known >= proved => Err(DirectoryError::VersionKnown { party: *party, known, proved }),
        _ => Ok(()),
    }
}

/// The directory is the chain's, and the block there is the tip that this block names, or below it.
pub(super) fn directory_reaches(
    directory: &Directory,
    (height, block): (u64, BlockHash),
    overlay: &Overlay<'_>,
) -> Result<(), DirectoryError> {
    if overlay.ledger().genesis().directory != Some(*directory) {
        return Err(DirectoryError::OtherDirectory { directory: directory.chain });
    }
    let seen = overlay.directory();
    match height < seen.height || (height == seen.height && block == seen.hash) {
        true => Ok(()),
        false => Err(DirectoryError::NotSeen { height, seen: seen.height }),
    }
}
