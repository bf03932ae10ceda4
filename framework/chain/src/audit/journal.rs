//! Journals: each entry against its hash, each hash against the block that folded it.

use ledger_core::Digest;

use super::{Audit, AuditProgress, Finding};
use crate::error::ChainError;
use crate::journal::JournalTip;
use crate::storage::block_store;

/// Journal entries read per statement.
const ENTRIES_PER_PAGE: u64 = 1_000;

impl<P: FnMut(AuditProgress) + Send> Audit<'_, P> {
    /// Every entry of every chain, and no entry of any other.
    pub(super) async fn verify_journals(&mut self) -> Result<(), ChainError> {
        for number in block_store::journalled_chains(self.live.orm()).await? {
            if !self.chains.contains_key(&number) && !self.broken.contains(&number) {
                self.journal_finding(number, None, "chain_id", "entries", "none: there is no such chain");
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
        let mut tip = JournalTip::new(hosted.id);
        let mut after = i64::MIN;
        loop {
            let rows = match block_store::journal_after(self.live.orm(), chain_number, after, ENTRIES_PER_PAGE).await {
                Ok(rows) => rows,
                // A damaged text need not be text any more.
                Err(error) => {
                    self.journal_finding(chain_number, None, "*", &error.to_string(), "entries that can be read");
                    return Ok(());
                }
            };
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in &rows {
                if let Err(error) = tip.append_row(row) {
                    let expected = error.to_string();
                    self.journal_finding(chain_number, Some(row.number), "hash", &hex::encode(&row.hash), &expected);
                    return Ok(());
                }
                self.report.journal_entries = self.report.journal_entries.saturating_add(1);
            }
        }
        let folded: Vec<Digest> = self.folded.remove(&chain_number).unwrap_or_default();
        for (number, hash) in (1i64..).zip(&folded) {
            let entry = usize::try_from(number.saturating_sub(1)).ok().and_then(|place| tip.unfolded.get(place));
            if entry != Some(hash) {
                let found = entry.map_or("no such entry".to_owned(), Digest::to_string);
                self.journal_finding(chain_number, Some(number), "hash", &found, &hash.to_string());
                return Ok(());
            }
        }
        Ok(())
    }

    fn journal_finding(&mut self, chain: i64, number: Option<i64>, column: &str, found: &str, expected: &str) {
        let number = number.map_or(String::new(), |number| format!(", number {number}"));
        self.report.add(Finding {
            table: "journal_entry".to_owned(),
            key: format!("chain_id {chain}{number}"),
            column: Some(column.to_owned()),
            height: None,
            found: found.to_owned(),
            expected: expected.to_owned(),
        });
    }
}
