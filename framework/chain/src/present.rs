//! What a node keeps of a chain's memory, so that the chain opens from its present instead of from a replay of its whole
//! history.
//!
//! It is a cache: an attestation of the node to itself. The head names the block it belongs to, the state root, and a hash over
//! all other parts; the recorder signs it. Where anything does not fit, the chain is replayed from its blocks, and where nothing
//! is kept too. Parts that change are written anew, under the height as their generation; block hashes, commands and folds are
//! appended. The head is set last, in the transaction that sees the block it names as the chain's last one.

mod care;
mod compare;
mod head;
mod read;
mod write;

use std::sync::Arc;

use ledger_core::hash::{Domain, hash};
use ledger_core::ledger::present::{self, Section};
use ledger_core::{ChainId, Digest, SigningKey};

use crate::journal::JournalTip;

pub(crate) use head::Head;
pub(crate) use read::{Ignored, Restored, read};
#[cfg(test)]
pub(crate) use write::{write, write_parts_alone};

/// The form of what is kept. Another one is ignored, so a release that changes any part raises it.
const FORMAT: u32 = 1;

/// What a part holds. Its number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A section of the ledger.
    Ledger(Section),
    /// Owners and assets of accounts.
    Owners,
    /// States without content of their own.
    Plain,
    /// Numbers and holders of all other states.
    Holdings,
    /// What the chain waits for, as far as no state says it.
    Waiting,
    /// Blocks that fold journal entries; appended.
    Folds,
}

/// The kinds that are appended, in the order of their numbers.
pub(crate) const APPENDED: [Kind; 3] = [Kind::Ledger(Section::Blocks), Kind::Ledger(Section::Commands), Kind::Folds];

impl Kind {
    pub(crate) fn number(self) -> i64 {
        match self {
            // The first numbers are the ledger's own; further ones stay free for it.
            Self::Ledger(section) => {
                let place = Section::ALL.iter().position(|of_all| *of_all == section);
                place.and_then(|place| i64::try_from(place.saturating_add(1)).ok()).unwrap_or(i64::MAX)
            }
            Self::Folds => 32,
            Self::Owners => 40,
            Self::Plain => 41,
            Self::Holdings => 42,
            Self::Waiting => 43,
        }
    }

    pub(crate) fn of(number: i64) -> Option<Self> {
        let own = [Self::Folds, Self::Owners, Self::Plain, Self::Holdings, Self::Waiting];
        Section::ALL.into_iter().map(Self::Ledger).chain(own).find(|kind| kind.number() == number)
    }
}

/// Parts in their order: how many there are, and a hash over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) parts: u32,
    pub(crate) digest: Digest,
}

impl Run {
    /// With one more part, of this hash.
    pub(crate) fn with(self, kind: Kind, ordinal: u32, part: &Digest) -> Self {
        let place = [kind.number().to_be_bytes().as_slice(), &ordinal.to_be_bytes()].concat();
        let digest = hash(Domain::Present, &[self.digest.as_bytes(), &place, part.as_bytes()]);
        Self { parts: self.parts.saturating_add(1), digest: Digest::from_bytes(digest) }
    }
}

/// The hash of a part.
pub(crate) fn hash_of(bytes: &[u8]) -> Digest {
    Digest::from_bytes(hash(Domain::Present, &[bytes]))
}

/// How far what is kept of a chain goes; behind the last head that was written or read.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// 0 while nothing is kept.
    pub(crate) height: u64,
    /// States there had ever been.
    pub(crate) states: u64,
    pub(crate) commands: u64,
    /// Of the appended kinds, in their order.
    pub(crate) appended: [Run; APPENDED.len()],
    /// Entries that folds had folded.
    pub(crate) journal: JournalTip,
}

impl Mark {
    /// Nothing is kept.
    pub(crate) fn new(chain: ChainId) -> Self {
        Self {
            height: 0,
            states: 0,
            commands: 0,
            appended: [Run::default(); APPENDED.len()],
            journal: JournalTip::new(chain),
        }
    }
}

/// Signs what is kept, with the recorder's key and as nothing else.
pub(crate) struct Attestor(Arc<SigningKey>);

impl Attestor {
    pub(crate) fn new(recorder: Arc<SigningKey>) -> Self {
        Self(recorder)
    }

    fn attest(&self, digest: &Digest) -> ledger_core::Signature {
        present::attest(digest, &self.0)
    }
}
