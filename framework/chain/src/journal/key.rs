//! Keys of the journal. The node's journal key gives a key to each chain and epoch, an epoch being the time between two
//! changes of the chain's readers; that key is sealed to each reader, and gives a key to each entry.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::{Hmac, Mac};
use ledger_core::encoding::{decode, encode};
use ledger_core::journal::{JournalContent, JournalEntry};
use ledger_core::{ChainId, Digest};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::seal::{SealError, SealPurpose, seal_with};

/// The node's own secret behind the contents of all its journals; the same for the whole life of its chains. Whoever has it
/// and the database reads every journal, so it lies with the node's other secrets and never in the database.
#[derive(Clone)]
pub struct JournalKey(Zeroizing<[u8; 32]>);

/// The key of one chain's journal in one epoch: what a reader is given, sealed.
#[derive(Clone)]
pub(crate) struct EpochKey(Zeroizing<[u8; 32]>);

impl JournalKey {
    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn of_epoch(&self, chain: &ChainId, epoch: u64) -> EpochKey {
        EpochKey(Zeroizing::new(derived(
            &self.0,
            &[b"hivechain/journal-epoch\0", chain.as_bytes(), &epoch.to_be_bytes()],
        )))
    }

    /// The epoch's key, sealed to a reader. The same bytes each time, so that an audit can tell them from any others.
    pub(crate) fn sealed_to(&self, chain: &ChainId, epoch: u64, reader: &[u8; 32]) -> Result<Vec<u8>, SealError> {
        let number = epoch.to_be_bytes();
        let seed = Zeroizing::new(derived(&self.0, &[b"hivechain/journal-seal\0", chain.as_bytes(), &number, reader]));
        let key = self.of_epoch(chain, epoch);
        seal_with(reader, &SealPurpose::JournalKey { chain, epoch }, key.0.as_slice(), &seed)
    }
}

impl EpochKey {
    /// The key that a reader has opened.
    pub(crate) fn from_opened(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(|bytes| Self(Zeroizing::new(bytes))).map_err(|_| SealError::NotOpened)
    }

    /// Each entry's key follows from its hash, so that no key is used twice.
    fn cipher(&self, entry: &Digest) -> ChaCha20Poly1305 {
        let key = Zeroizing::new(derived(&self.0, &[b"hivechain/journal-entry\0", entry.as_bytes()]));
        ChaCha20Poly1305::new((&*key).into())
    }

    pub(crate) fn seal(&self, entry: &Digest, content: &JournalContent) -> Result<Vec<u8>, SealError> {
        let message = Zeroizing::new(encode(content));
        self.cipher(entry).encrypt(&Nonce::default(), message.as_slice()).map_err(|_| SealError::KeyUnusable)
    }

    /// The content of an entry; it is what the entry commits to.
    pub(crate) fn open(&self, entry: &JournalEntry, sealed: &[u8]) -> Result<JournalContent, SealError> {
        let opened = self.cipher(&entry.hash()).decrypt(&Nonce::default(), sealed).map_err(|_| SealError::NotOpened)?;
        let content: JournalContent = decode(&Zeroizing::new(opened)).map_err(|_| SealError::NotOpened)?;
        (content.commitment() == entry.commitment).then_some(content).ok_or(SealError::NotOpened)
    }
}

/// HMAC-SHA-256 over parts whose lengths are fixed by the first.
fn derived(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so the fallback is never reached.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for JournalKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JournalKey(…)")
    }
}
