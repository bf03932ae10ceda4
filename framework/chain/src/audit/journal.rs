//! Journals: each entry against its hash and its seal, each hash against the block that folded it, each reader against the
//! entry that names it.

use ledger_core::Digest;

use super::{Audit, AuditProgress, Finding, FindingKind};
use crate::error::ChainError;
use crate::journal::JournalTip;
use crate::storage::entity::journal_reader;
use crate::storage::{journal_store, present_store, signed};

/// Journal entries read per statement.
const ENTRIES_PER_PAGE: u64 = 1_000;

impl<P: FnMut(AuditProgress) + Send> Audit<'_, P> {
    /// Every entry of every chain, and no entry of any other.
    pub(super) async fn verify_journals(&mut self) -> Result<(), ChainError> {
        for (table, number) in journal_store::journalled_chains(self.live.orm()).await? {
            if !self.chains.contains_key(&number) && !self.broken.contains(&number) {
                let key = format!("chain_id {number}");
                self.journal_finding(table, key, Some("chain_id"), "rows", "none: there is no such chain");
            }
        }
        let numbers: Vec<i64> = self.chains.keys().copied().collect();
        for number in numbers {
            self.verify_journal(number).await?;
        }
        Ok(())
    }

    async fn verify_journal(&mut self, chain_number: i64) -> Result<(), ChainError> {
        let Some(hosted) = self.chains.get(&chain_number) else { return Ok(()) };
        let key = self.shared.journal_key.clone();
        let mut tip = JournalTip::new(hosted.id);
        let (mut after, mut readers) = (i64::MIN, Vec::new());
        loop {
            let rows = match journal_store::entries_after(self.live.orm(), chain_number, after, ENTRIES_PER_PAGE).await
            {
                Ok(rows) => rows,
                // A damaged text need not be text any more.
                Err(error) => {
                    let (key, error) = (format!("chain_id {chain_number}"), error.to_string());
                    self.journal_finding("journal_entry", key, Some("*"), &error, "entries that can be read");
                    return Ok(());
                }
            };
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in &rows {
                match tip.append_row(row, &key) {
                    Ok(true) => readers.extend(tip.reader_rows(chain_number, &key)?),
                    Ok(false) => {}
                    Err(error) => {
                        self.entry_finding(chain_number, row.number, &hex::encode(&row.hash), &error.to_string());
                        return Ok(());
                    }
                }
                self.report.journal_entries = self.report.journal_entries.saturating_add(1);
                self.present_has_the_journal(chain_number, &tip);
            }
        }
        let folded: Vec<Digest> = self.folded.remove(&chain_number).unwrap_or_default();
        let waiting = u64::try_from(tip.unfolded.len().saturating_sub(folded.len())).unwrap_or(u64::MAX);
        let transaction = self.shadow.begin_write().await?;
        let waiting = signed("chain_journal", "waiting", waiting)?;
        present_store::write_waiting(&transaction, chain_number, waiting).await?;
        transaction.commit().await?;
        for (number, hash) in (1i64..).zip(&folded) {
            let entry = usize::try_from(number.saturating_sub(1)).ok().and_then(|place| tip.unfolded.get(place));
            if entry != Some(hash) {
                let found = entry.map_or("no such entry".to_owned(), Digest::to_string);
                self.entry_finding(chain_number, number, &found, &hash.to_string());
                return Ok(());
            }
        }
        self.verify_readers(chain_number, &readers).await
    }

    /// The readers are exactly those whom the entries name, with exactly the keys that were sealed to them.
    async fn verify_readers(
        &mut self,
        chain_number: i64,
        expected: &[journal_reader::Model],
    ) -> Result<(), ChainError> {
        let found = journal_store::readers(self.live.orm(), chain_number).await?;
        let places = 0..found.len().max(expected.len());
        for (found, expected) in places.map(|place| (found.get(place), expected.get(place))) {
            let key = |row: &journal_reader::Model| {
                format!("chain_id {chain_number}, epoch {}, ordinal {}", row.epoch, row.ordinal)
            };
            match (found, expected) {
                (Some(found), Some(expected)) if found == expected => {}
                (Some(found), Some(expected)) if key(found) == key(expected) => {
                    let columns = [
                        ("reader", &found.reader, &expected.reader),
                        ("encryption_key", &found.encryption_key, &expected.encryption_key),
                        ("sealed_key", &found.sealed_key, &expected.sealed_key),
                    ];
                    for (column, is, must) in columns.into_iter().filter(|(_, is, must)| is != must) {
                        let (is, must) = (hex::encode(is), hex::encode(must));
                        self.journal_finding("journal_reader", key(expected), Some(column), &is, &must);
                    }
                }
                // From here on the rows do not stand side by side any more.
                (found, expected) => {
                    let shown = |row: Option<&journal_reader::Model>| row.map_or("no such row".to_owned(), key);
                    let place = format!("chain_id {chain_number}");
                    self.journal_finding("journal_reader", place, None, &shown(found), &shown(expected));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn entry_finding(&mut self, chain: i64, number: i64, found: &str, expected: &str) {
        let key = format!("chain_id {chain}, number {number}");
        self.journal_finding("journal_entry", key, Some("hash"), found, expected);
    }

    fn journal_finding(&mut self, table: &str, key: String, column: Option<&str>, found: &str, expected: &str) {
        self.report.add(Finding {
            kind: FindingKind::JournalBroken,
            table: table.to_owned(),
            key,
            column: column.map(str::to_owned),
            height: None,
            found: found.to_owned(),
            expected: expected.to_owned(),
        });
    }
}
