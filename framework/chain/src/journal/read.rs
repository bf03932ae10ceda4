//! Reading a journal: entries as they are stored, with what its reader needs to open them, and their proofs.

use std::collections::BTreeMap;

use ledger_core::journal::{JournalContent, JournalEntry, JournalProof};
use ledger_core::{Address, ChainId, Digest};

use super::key::EpochKey;
use super::may_read;
use super::{JournalKey, JournalRowError, JournalTip};
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::node::{Node, Shared};
use crate::seal::{EncryptionKey, SealError, SealPurpose};
use crate::storage::entity::journal_entry;
use crate::storage::{journal_store, signed, unsigned};

/// Chains whose journals are looked at before the node says that its journal key is another.
const CHAINS_TRIED: usize = 256;

/// Entries of each of them.
const ENTRIES_TRIED: u64 = 16;

/// Entries of one page at most.
const ENTRIES_PER_PAGE_MAX: u64 = 1_000;

/// An entry as its reader gets it: what it is about in clear, what it says sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEntry {
    /// The entry.
    pub entry: JournalEntry,
    /// Counts the changes of the journal's readers; 0 before the first had an encryption key.
    pub epoch: u64,
    /// The content under the epoch's key.
    pub sealed: Vec<u8>,
    /// The epoch's key, sealed to the reader; none when it was no reader then, or had no encryption key.
    pub sealed_key: Option<Vec<u8>>,
}

impl SealedEntry {
    /// What the entry says, opened with its reader's key and checked against the entry.
    ///
    /// # Errors
    /// The entry was written before the reader was one, the key is another, or something is damaged.
    pub fn open(&self, key: &EncryptionKey) -> Result<JournalContent, SealError> {
        let sealed_key = self.sealed_key.as_ref().ok_or(SealError::NotOpened)?;
        let purpose = SealPurpose::JournalKey { chain: &self.entry.chain, epoch: self.epoch };
        EpochKey::from_opened(&key.open(&purpose, sealed_key)?)?.open(&self.entry, &self.sealed)
    }
}

/// The entry of a stored row, behind the entry of a hash.
pub(super) fn entry(
    chain: &ChainId,
    previous: Digest,
    row: &journal_entry::Model,
) -> Result<JournalEntry, JournalRowError> {
    let number: u64 = unsigned("journal_entry", "number", row.number).map_err(JournalRowError::Unreadable)?;
    let damaged = |_| JournalRowError::Hash { number };
    Ok(JournalEntry {
        chain: *chain,
        number,
        previous,
        time_ms: unsigned("journal_entry", "recorded_at_ms", row.recorded_at_ms)
            .map_err(JournalRowError::Unreadable)?,
        actor: Address::try_from(row.actor.as_slice()).map_err(damaged)?,
        kind: row.kind.clone(),
        subject: row.subject.clone(),
        commitment: Digest::try_from(row.commitment.as_slice()).map_err(damaged)?,
    })
}

/// Journals that were sealed with another key are told of before any chain is opened. Of the first entries one that opens
/// is enough: others may be damaged, which stops their chain alone.
pub(crate) async fn key_fits(shared: &Shared) -> Result<(), ChainError> {
    let mut unopened = None;
    for chain in shared.all_known().into_iter().take(CHAINS_TRIED) {
        let Some(known) = shared.known(&chain) else { continue };
        let rows = journal_store::entries_after(shared.database.read(), known.number, 0, ENTRIES_TRIED).await?;
        let mut previous = JournalTip::new(chain).end.hash;
        for row in &rows {
            match opens(&chain, previous, row, &shared.journal_key) {
                Ok(()) => return Ok(()),
                Err(error @ JournalRowError::Sealed { .. }) => unopened = Some((chain, error)),
                Err(_) => {}
            }
            let Ok(hash) = Digest::try_from(row.hash.as_slice()) else { break };
            previous = hash;
        }
    }
    match unopened {
        Some((chain, error)) => Err(ChainError::BrokenHistory { chain, height: 0, reason: error.to_string() }),
        None => Ok(()),
    }
}

/// An entry by itself, behind one of this hash: it is what its row says it is, and the key opens it.
fn opens(
    chain: &ChainId,
    previous: Digest,
    row: &journal_entry::Model,
    key: &JournalKey,
) -> Result<(), JournalRowError> {
    let entry = entry(chain, previous, row)?;
    let number = entry.number;
    if entry.hash().as_bytes().as_slice() != row.hash {
        return Err(JournalRowError::Hash { number });
    }
    let epoch = unsigned("journal_entry", "epoch", row.epoch).map_err(JournalRowError::Unreadable)?;
    let opened = key.of_epoch(chain, epoch).open(&entry, &row.sealed);
    opened.map(|_| ()).map_err(|_| JournalRowError::Sealed { number })
}

impl Node {
    /// True when a party reads a chain's journal: it owns the chain or supervises it now.
    ///
    /// # Errors
    /// The node stores no such chain, or what is stored of it cannot be read.
    pub async fn reads_journal(&self, chain: &ChainId, party: &Address) -> Result<bool, ChainError> {
        self.read_ledger(chain, |ledger| may_read(ledger, party)).await
    }

    /// A chain's journal above a number, as one reader gets it; nothing for a party that is no reader now.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn journal_entries(
        &self,
        chain: &ChainId,
        reader: &Address,
        after: u64,
        limit: u64,
    ) -> Result<Vec<SealedEntry>, ChainError> {
        let hosted = self.opened(chain).await?;
        if !may_read(&hosted.ledger(), reader) {
            return Ok(Vec::new());
        }
        let keys = journal_store::keys_of(self.database().read(), hosted.number, reader.as_bytes()).await?;
        let keys: BTreeMap<i64, Vec<u8>> = keys.into_iter().map(|row| (row.epoch, row.sealed_key)).collect();
        let sealed = |(entry, row): (JournalEntry, journal_entry::Model)| {
            let epoch = unsigned("journal_entry", "epoch", row.epoch)?;
            Ok(SealedEntry { entry, epoch, sealed: row.sealed, sealed_key: keys.get(&row.epoch).cloned() })
        };
        self.entries_above(&hosted, after, limit).await?.into_iter().map(sealed).collect()
    }

    /// Entries above a number with their rows.
    async fn entries_above(
        &self,
        hosted: &HostedChain,
        after: u64,
        limit: u64,
    ) -> Result<Vec<(JournalEntry, journal_entry::Model)>, ChainError> {
        // One entry more in front, for the hash that the first one stands behind.
        let before = signed("journal_entry", "number", after)?.saturating_sub(1);
        let limit = limit.clamp(1, ENTRIES_PER_PAGE_MAX).saturating_add(u64::from(after > 0));
        let rows = journal_store::entries_after(self.database().read(), hosted.number, before, limit).await?;
        let mut previous = Digest::from_bytes(*hosted.id.as_bytes());
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let entry = entry(&hosted.id, previous, &row).map_err(|error| hosted.broken(0, &error))?;
            previous = Digest::try_from(row.hash.as_slice())?;
            if entry.number <= after {
                continue;
            }
            entries.push((entry, row));
        }
        Ok(entries)
    }

    /// How many entries a chain's journal has; none for a party that is no reader now.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn journal_count(&self, chain: &ChainId, reader: &Address) -> Result<u64, ChainError> {
        let hosted = self.opened(chain).await?;
        if !may_read(&hosted.ledger(), reader) {
            return Ok(0);
        }
        Ok(journal_store::last_number(self.database().read(), hosted.number).await?)
    }

    /// The proof that an entry stands in a final block, without its content, which its reader adds; nothing while no block
    /// has folded the entry, or for a party that is no reader now.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn journal_proof(
        &self,
        chain: &ChainId,
        reader: &Address,
        number: u64,
    ) -> Result<Option<JournalProof>, ChainError> {
        let hosted = self.opened(chain).await?;
        let Some(before) = number.checked_sub(1) else { return Ok(None) };
        if !may_read(&hosted.ledger(), reader) {
            return Ok(None);
        }
        let Some((entry, _)) = self.entries_above(&hosted, before, 1).await?.pop() else { return Ok(None) };
        let folded = hosted.read(|chain| chain.height_of_entry(number)).await?;
        let Some(height) = folded else { return Ok(None) };
        let block = self.shared.known_block(&hosted, height).await?;
        let sealed = (block.header, block.finality);
        let proof = JournalProof::of(hosted.genesis.clone(), sealed, &block.journal, entry);
        proof.map(Some).map_err(|error| hosted.broken(height, &error))
    }
}
