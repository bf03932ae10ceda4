//! The journal's part of an archive, checked on the way as an import checks it.

use ledger_core::archive::{ArchivedEntry, ArchivedJournal, ArchivedReader, Record};
use ledger_core::{Address, Block, ChainId};

use super::ExportError;
use crate::error::ChainError;
use crate::journal::JournalTip;
use crate::node::Shared;
use crate::storage::entity::{journal_entry, journal_reader};
use crate::storage::{journal_store, signed, unsigned};

/// Writes a chain's journal into its archive, from the first entry to the last one at the beginning.
pub(super) struct JournalExport<'s> {
    shared: &'s Shared,
    chain: ChainId,
    chain_number: i64,
    tip: JournalTip,
    /// Number of the last entry that is written.
    last: u64,
}

impl<'s> JournalExport<'s> {
    /// Nothing is written yet. What a node that runs adds from here on is left out; the height was read before, so that what
    /// its blocks fold is there.
    pub(super) async fn begin(shared: &'s Shared, chain: ChainId, chain_number: i64) -> Result<Self, ChainError> {
        let last = journal_store::last_number(shared.database.read(), chain_number).await?;
        Ok(Self { shared, chain, chain_number, tip: JournalTip::new(chain), last })
    }

    /// Entries written.
    pub(super) fn entries(&self) -> u64 {
        self.tip.number()
    }

    /// Writes the entries that a block folds.
    pub(super) async fn before(
        &mut self,
        block: &Block,
        write: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ExportError> {
        self.write(u64::from(block.header.journal_count), block.header.height, write).await?;
        if self.tip.unfolded != block.journal {
            let reason = "the block folds other journal entries than are stored";
            return Err(self.broken(block.header.height, &reason).into());
        }
        self.tip.fold(block.journal.len());
        Ok(())
    }

    /// Writes the entries that no block of the archive folds.
    pub(super) async fn waiting(
        &mut self,
        height: u64,
        write: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ExportError> {
        self.write(self.last.saturating_sub(self.tip.number()), height, write).await
    }

    /// Writes the next entries, so many.
    async fn write(
        &mut self,
        mut left: u64,
        height: u64,
        write: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ExportError> {
        let most = u64::try_from(ArchivedJournal::ENTRIES_MAX).unwrap_or(u64::MAX);
        while left > 0 {
            let after = signed("journal_entry", "number", self.tip.number()).map_err(ChainError::from)?;
            let database = self.shared.database.read();
            let rows = journal_store::entries_after(database, self.chain_number, after, left.min(most)).await;
            let rows = rows.map_err(ChainError::from)?;
            if rows.is_empty() {
                return Err(self.broken(height, &"journal entries are missing").into());
            }
            let mut entries = Vec::with_capacity(rows.len());
            for row in rows {
                entries.push(self.entry(row, height).await?);
                left = left.saturating_sub(1);
            }
            write(&Record::Journal(ArchivedJournal { entries }).framed()?)?;
        }
        Ok(())
    }

    /// A stored entry, once it is what its row says and opens with the node's key.
    async fn entry(&mut self, row: journal_entry::Model, height: u64) -> Result<ArchivedEntry, ChainError> {
        let key = &self.shared.journal_key;
        let entry = self.tip.entry(&row).map_err(|error| self.broken(height, &error))?;
        let begins = self.tip.append_row(&row, key).map_err(|error| self.broken(height, &error))?;
        let mut readers = Vec::new();
        if begins {
            let stored = journal_store::readers_of(self.shared.database.read(), self.chain_number, row.epoch).await?;
            if stored != self.tip.reader_rows(self.chain_number, key)? {
                let reason =
                    format!("the readers of the journal's epoch {} are others than its entry names", row.epoch);
                return Err(self.broken(height, &reason));
            }
            readers = stored.into_iter().map(archived).collect::<Result<_, _>>()?;
        }
        let epoch = unsigned("journal_entry", "epoch", row.epoch)?;
        Ok(ArchivedEntry { entry, epoch, sealed: row.sealed, readers })
    }

    fn broken(&self, height: u64, reason: &impl ToString) -> ChainError {
        ChainError::BrokenHistory { chain: self.chain, height, reason: reason.to_string() }
    }
}

fn archived(row: journal_reader::Model) -> Result<ArchivedReader, ChainError> {
    let encryption_key = *ledger_core::Digest::try_from(row.encryption_key.as_slice())?.as_bytes();
    Ok(ArchivedReader { reader: Address::try_from(row.reader.as_slice())?, encryption_key, sealed_key: row.sealed_key })
}
