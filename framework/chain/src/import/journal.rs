//! The journal's part of an import: each entry behind the one before it, with a seal that this node's key opens, and exactly
//! the readers whom the entries name.

use ledger_core::archive::{ArchiveError, ArchivedEntry, ArchivedJournal, ArchivedReader, JournalChain};
use ledger_core::{Block, ChainId};

use super::ImportError;
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::journal::{JournalKey, JournalRowError, JournalTip};
use crate::storage::entity::{journal_entry, journal_reader};
use crate::storage::{StorageError, WriteTransaction, fold, present_store, signed};

/// A journal on its way from an archive.
pub(super) struct JournalImport {
    chain: ChainId,
    chain_number: i64,
    /// Of the last block.
    height: u64,
    key: JournalKey,
    archived: JournalChain,
    tip: JournalTip,
}

impl JournalImport {
    pub(super) fn begin(chain: &HostedChain, key: &JournalKey) -> Self {
        let (archived, tip) = (JournalChain::new(chain.id), JournalTip::new(chain.id));
        Self { chain: chain.id, chain_number: chain.number, height: 0, key: key.clone(), archived, tip }
    }

    /// Entries taken.
    pub(super) fn entries(&self) -> u64 {
        self.archived.entries()
    }

    /// Writes the next entries.
    pub(super) async fn take(
        &mut self,
        journal: ArchivedJournal,
        transaction: &WriteTransaction,
    ) -> Result<(), ImportError> {
        let (mut entries, mut readers) = (Vec::with_capacity(journal.entries.len()), Vec::new());
        for archived in journal.entries {
            self.archived.take(&archived.entry).map_err(ArchiveError::from)?;
            let number = archived.entry.number;
            let (row, named) = self.rows(archived).map_err(ChainError::from)?;
            let begins = self.tip.append_row(&row, &self.key).map_err(|error| self.unfit(number, error))?;
            let expected = if begins { self.tip.reader_rows(self.chain_number, &self.key) } else { Ok(Vec::new()) };
            if named != expected.map_err(ChainError::from)? {
                return Err(ImportError::JournalReaders { number });
            }
            entries.push(row);
            readers.extend(named);
        }
        Ok(fold::write_journal(transaction, entries, readers).await.map_err(ChainError::from)?)
    }

    /// Takes a block, whose entries were taken before.
    pub(super) fn fold(&mut self, block: &Block) -> Result<(), ImportError> {
        if !block.journal.is_empty() && self.archived.entries() == 0 {
            return Err(ImportError::JournalMissing { chain: self.chain, height: block.header.height });
        }
        let folded = self.archived.fold(block.header.height, &block.journal);
        folded.map_err(ArchiveError::from)?;
        self.tip.fold(block.journal.len());
        self.height = block.header.height;
        Ok(())
    }

    /// Writes that entries wait for a block, where some do.
    pub(super) async fn end(&self, transaction: &WriteTransaction) -> Result<(), StorageError> {
        let waiting = signed("chain_journal", "waiting", self.archived.waiting())?;
        present_store::write_waiting(transaction, self.chain_number, waiting).await
    }

    fn rows(
        &self,
        archived: ArchivedEntry,
    ) -> Result<(journal_entry::Model, Vec<journal_reader::Model>), StorageError> {
        let ArchivedEntry { entry, epoch, sealed, readers } = archived;
        let epoch = signed("journal_entry", "epoch", epoch)?;
        let row = journal_entry::Model {
            chain_id: self.chain_number,
            number: signed("journal_entry", "number", entry.number)?,
            recorded_at_ms: signed("journal_entry", "recorded_at_ms", entry.time_ms)?,
            actor: entry.actor.to_vec(),
            commitment: entry.commitment.to_vec(),
            hash: entry.hash().to_vec(),
            kind: entry.kind,
            subject: entry.subject,
            epoch,
            sealed,
        };
        let reader = |(ordinal, reader): (i64, ArchivedReader)| journal_reader::Model {
            chain_id: self.chain_number,
            epoch,
            ordinal,
            reader: reader.reader.to_vec(),
            encryption_key: reader.encryption_key.to_vec(),
            sealed_key: reader.sealed_key,
        };
        Ok((row, (0i64..).zip(readers).map(reader).collect()))
    }

    /// Why this node does not take an entry that follows the one before it.
    fn unfit(&self, number: u64, error: JournalRowError) -> ImportError {
        match error {
            JournalRowError::Sealed { .. } => ImportError::JournalSealed { number },
            JournalRowError::Epoch { expected, .. } => ImportError::JournalEpoch { number, expected },
            other => ImportError::Chain(ChainError::BrokenHistory {
                chain: self.chain,
                height: self.height,
                reason: other.to_string(),
            }),
        }
    }
}
