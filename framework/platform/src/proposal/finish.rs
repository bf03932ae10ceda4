//! Finishing: a complete proposal goes to the ledger, an overdue one ends, and a restarted node takes up what was left.

use hive_chain::SubmitError;
use ledger_core::{PartySignature, Rejection, SignedTransaction, Transaction};
use serde_json::json;

use super::record::journal_record;
use super::view::Proposal;
use super::{ProposalError, Proposals};
use crate::storage::proposal::{self as rows, Ending, StoredEnd, StoredProposal};

const RESUMED_AT_ONCE: u64 = 256;

/// What [`Proposals::resume`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Unfinished proposals looked at.
    pub looked_at: u64,
    /// Of them, ended now: committed, refused or expired.
    pub ended: u64,
    /// Of them, left as they are because something failed; the log says what.
    pub failed: u64,
}

impl Proposals {
    /// Submits every unfinished proposal that is complete, and ends those that are overdue. Called when a node opens and
    /// from time to time; safe at any moment, because the ledger accepts a command id once.
    pub async fn resume(&self) -> Result<Resumed, ProposalError> {
        let mut resumed = Resumed::default();
        let mut after = 0;
        loop {
            let page = rows::unfinished_after(&self.shared.database, after, RESUMED_AT_ONCE).await?;
            let Some(last) = page.last() else { return Ok(resumed) };
            after = last.number;
            for stored in page {
                resumed.looked_at = resumed.looked_at.saturating_add(1);
                match self.resume_one(&stored).await {
                    Ok(ended) => resumed.ended = resumed.ended.saturating_add(u64::from(ended)),
                    // One proposal that cannot be finished keeps no other from it, nor the node from opening.
                    Err(error) => {
                        tracing::warn!(proposal = %stored.id, %error, "an unfinished proposal could not be taken up");
                        resumed.failed = resumed.failed.saturating_add(1);
                    }
                }
            }
        }
    }

    async fn resume_one(&self, seen: &StoredProposal) -> Result<bool, ProposalError> {
        let _turn = self.shared.proposals.of(seen.id.as_bytes()).await;
        let Some(stored) = rows::find_number(&self.shared.database, seen.number).await? else { return Ok(false) };
        if stored.ended.is_some() {
            return Ok(false);
        }
        if !self.shared.node.has_chain(&stored.chain) {
            return Ok(false);
        }
        Ok(self.finish(stored).await?.status.is_final())
    }

    /// Brings a proposal as far as it can get, in its turn: notes a commit or an expiry, submits when complete.
    pub(super) async fn finish(&self, stored: StoredProposal) -> Result<Proposal, ProposalError> {
        if stored.ended.is_some() {
            return self.view(stored).await;
        }
        if self.committed(&stored).await?.is_some() {
            return self.note_end(&stored, self.end_of(Ending::Committed, None)).await;
        }
        if self.shared.clock.now_ms() >= stored.until_ms {
            let record = journal_record("proposal_expired", stored.creator, &stored, json!({}));
            self.shared.node.journal(&stored.chain, record).await?;
            return self.note_end(&stored, self.end_of(Ending::Expired, None)).await;
        }
        let collected = self.signatures_of(stored.number).await?;
        let complete = self.required(&stored, &collected).await?.iter().all(|required| required.satisfied);
        if !complete {
            return self.view(stored).await;
        }
        self.submit(stored, collected).await
    }

    async fn submit(&self, stored: StoredProposal, collected: Vec<PartySignature>) -> Result<Proposal, ProposalError> {
        let transaction = Transaction::decode(&stored.body).map_err(|_| ProposalError::StoredMalformed)?;
        let signed = SignedTransaction::new(transaction, collected);
        match self.shared.node.submit(&stored.chain, signed.encode()).await {
            Ok(_) => self.note_end(&stored, self.end_of(Ending::Committed, None)).await,
            Err(SubmitError::Rejected(rejection)) => self.refused(stored, rejection).await,
            // It stays complete; the next resume, or the restarted node, submits it again.
            Err(error) => {
                tracing::warn!(proposal = %stored.id, code = error.code(), "a complete proposal could not be submitted yet");
                self.view(stored).await
            }
        }
    }

    async fn refused(&self, stored: StoredProposal, rejection: Rejection) -> Result<Proposal, ProposalError> {
        let details = json!({ "code": rejection.code });
        let record = journal_record("proposal_refused", stored.creator, &stored, details);
        self.shared.node.journal(&stored.chain, record).await?;
        self.note_end(&stored, self.end_of(Ending::Refused, Some(rejection))).await
    }

    /// Notes an end, gives reservations back, tells those concerned.
    pub(super) async fn note_end(&self, stored: &StoredProposal, end: StoredEnd) -> Result<Proposal, ProposalError> {
        rows::end(&self.shared.database, stored.number, &end).await?;
        self.tell_of(stored).await?;
        let noted = rows::find_number(&self.shared.database, stored.number).await?;
        self.view(noted.ok_or(ProposalError::Unknown)?).await
    }

    pub(super) async fn tell_of(&self, stored: &StoredProposal) -> Result<(), ProposalError> {
        let parties = rows::parties(&self.shared.database, stored.number).await?;
        self.tell(stored.id, stored.chain, parties);
        Ok(())
    }

    fn end_of(&self, ending: Ending, rejection: Option<Rejection>) -> StoredEnd {
        let (code, text) = rejection.map(|rejection| (rejection.code, rejection.message)).unzip();
        StoredEnd { at_ms: self.shared.clock.now_ms(), ending, by: None, code, text }
    }
}
