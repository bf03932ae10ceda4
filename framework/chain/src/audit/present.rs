//! What is kept of chains' memory, held against what the blocks give at its height; and no row of it that belongs to nothing.
//!
//! Parts that a crash left without a head are nobody's to find: the next writing takes them away.

use std::sync::Arc;

use ledger_core::{Coded, Digest};

use super::{Audit, AuditProgress, Finding, FindingKind};
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::journal::JournalTip;
use crate::present::{self, APPENDED, Head, Ignored, Kind};
use crate::storage::part_store;

const TABLE: &str = "chain_present";
const EXPECTED: &str = "what the blocks give, or nothing: it is a cache, whose rows of the chain can be deleted";

impl<P: FnMut(AuditProgress) + Send> Audit<'_, P> {
    /// Notes at which height of each chain something is kept.
    pub(super) async fn note_presents(&mut self) -> Result<(), ChainError> {
        match part_store::places(self.live.orm()).await {
            Ok(places) => places.into_iter().for_each(|place| self.place_is_one(place)),
            Err(error) => self.present_finding(None, "*", error.to_string()),
        }
        let chains: Vec<Arc<HostedChain>> = self.chains.values().cloned().collect();
        for chain in chains {
            let read = match part_store::head(self.live.orm(), chain.number).await {
                Ok(None) => continue,
                Ok(Some(row)) => Head::read(&row, chain.id, &chain.genesis.recorder),
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(head) => {
                    self.presents.insert(chain.number, head);
                }
                // A node ignores what another release has left.
                Err(Ignored::Format { .. }) => {}
                Err(ignored) => self.ignored(chain.number, None, &ignored),
            }
        }
        Ok(())
    }

    /// Every row belongs to a chain and is of a kind that stands where it stands.
    fn place_is_one(&mut self, (chain, generation, kind, ordinal): (i64, i64, i64, i64)) {
        let is_head = (generation, kind, ordinal) == (0, 0, 0);
        let is_part = Kind::of(kind).is_some_and(|kind| APPENDED.contains(&kind) == (generation == 0));
        let is_known = self.chains.contains_key(&chain) || self.broken.contains(&chain);
        if !is_known || !(is_head || (is_part && generation >= 0 && ordinal >= 0)) {
            let key = format!("chain_id {chain}, generation {generation}, kind {kind}, ordinal {ordinal}");
            self.report.add(Finding {
                kind: FindingKind::RowUnexpected,
                table: TABLE.to_owned(),
                key,
                column: None,
                height: None,
                found: "a row".to_owned(),
                expected: EXPECTED.to_owned(),
            });
        }
    }

    /// The chain is at a height as its blocks give it: what is kept of that height is the same.
    pub(super) async fn present_is_of_its_blocks(&mut self, chain: &Arc<HostedChain>) -> Result<(), ChainError> {
        let height = chain.ledger().height();
        let Some(head) = self.presents.get(&chain.number).filter(|head| head.height == height) else { return Ok(()) };
        let fresh = HostedChain::new(chain.number, chain.genesis.clone(), &self.shared.contracts)?;
        let differs = match present::read(self.live.orm(), &fresh, &self.shared.threads).await {
            Ok(Some(restored)) => restored.first_difference(chain).map(|field| Ignored::Differs { field }),
            Ok(None) => Some(Ignored::PartsDiffer),
            Err(ignored) => Some(ignored),
        };
        let folded = self.folded.get(&chain.number).and_then(|folded| folded.last());
        let ends_with = folded.copied().unwrap_or(Digest::from_bytes(*chain.id.as_bytes()));
        let is_other = head.journal.last().0.1 != ends_with;
        let differs = differs.or(is_other.then_some(Ignored::Differs { field: "journal" }));
        if let Some(head) = self.presents.remove(&chain.number) {
            self.kept_journals.insert(chain.number, head.journal);
        }
        if let Some(ignored) = differs {
            self.ignored(chain.number, Some(height), &ignored);
        }
        Ok(())
    }

    /// Nothing is kept of heights that the chains do not have.
    pub(super) fn no_present_is_left(&mut self) {
        for (number, head) in std::mem::take(&mut self.presents) {
            if !self.broken.contains(&number) {
                self.ignored(number, Some(head.height), &Ignored::BlockDiffers { height: head.height });
            }
        }
    }

    /// The journal's end and its readers are what is kept of them.
    pub(super) fn present_has_the_journal(&mut self, chain_number: i64, tip: &JournalTip) {
        let is_other = |kept: &JournalTip| kept.last().0.0 == tip.last().0.0 && kept.last() != tip.last();
        if self.kept_journals.get(&chain_number).is_some_and(is_other) {
            self.ignored(chain_number, None, &Ignored::Differs { field: "journal" });
        }
    }

    fn ignored(&mut self, chain_number: i64, height: Option<u64>, ignored: &Ignored) {
        self.present_finding(height, &chain_number.to_string(), format!("{}: {ignored}", ignored.code()));
    }

    fn present_finding(&mut self, height: Option<u64>, chain: &str, found: String) {
        self.report.add(Finding {
            kind: FindingKind::PresentDiffers,
            table: TABLE.to_owned(),
            key: format!("chain_id {chain}"),
            column: None,
            height,
            found,
            expected: EXPECTED.to_owned(),
        });
    }
}
