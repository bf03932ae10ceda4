//! Reading: a stored proposal, the signatures so far and the ledger make what those concerned see.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::transaction::signing_bytes;
use ledger_core::view::View;
use ledger_core::{Address, ChainId, PartySignature, PublicKey, Transaction};
use sha2::{Digest, Sha256};

use super::record::{StoredRequired, required_of, summary_of, warnings_of};
use super::view::{Proposal, ProposalStatus, RequiredSignature};
use super::{ProposalError, Proposals};
use crate::id::ProposalId;
use crate::session::principal::Principal;
use crate::storage::proposal::{self as rows, Ending, Page, StoredEnd, StoredProposal};

/// Proposals of one page.
pub const PROPOSALS_PER_PAGE_MAX: u64 = 100;

/// Which proposals a page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProposalQuery {
    /// Only of these chains; empty = all chains the principal takes part in.
    pub chains: Vec<ChainId>,
    /// Only those not known to have ended.
    pub unfinished: bool,
    /// Only those opened before the one of this number.
    pub before: Option<i64>,
    /// How many, 1 to 100.
    pub first: u64,
}

/// A page, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalPage {
    /// The proposals.
    pub proposals: Vec<Proposal>,
    /// True when older ones follow.
    pub has_more: bool,
}

/// Keys that have signed, by party.
type Signed = BTreeMap<Address, BTreeSet<PublicKey>>;

impl Proposals {
    /// A proposal, if it exists and concerns the principal's party.
    pub async fn find(&self, principal: &Principal, id: ProposalId) -> Result<Option<Proposal>, ProposalError> {
        match self.find_stored(principal, id).await {
            Ok(stored) => self.view(stored).await.map(Some),
            Err(ProposalError::Unknown) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Proposals that concern the principal's party, newest first.
    pub async fn page(&self, principal: &Principal, query: &ProposalQuery) -> Result<ProposalPage, ProposalError> {
        if query.first > PROPOSALS_PER_PAGE_MAX {
            return Err(ProposalError::PageTooLarge { maximum: PROPOSALS_PER_PAGE_MAX });
        }
        let (party, chains) = (principal.party(), visible_chains(principal, &query.chains));
        let page = Page {
            concerned: &party,
            chains: &chains,
            unfinished: query.unfinished,
            before: query.before,
            limit: query.first.saturating_add(1),
        };
        let mut stored = rows::page(&self.shared.database, &page).await?;
        let first = usize::try_from(query.first).unwrap_or(usize::MAX);
        let has_more = stored.len() > first;
        stored.truncate(first);
        Ok(ProposalPage { proposals: self.views(stored).await?, has_more })
    }

    /// How many proposals concern the principal's party on these chains.
    pub async fn count(&self, principal: &Principal, chains: &[ChainId]) -> Result<u64, ProposalError> {
        let chains = visible_chains(principal, chains);
        Ok(rows::count(&self.shared.database, &principal.party(), &chains).await?)
    }

    /// The stored proposal, or the one answer for all that the principal may not see.
    pub(super) async fn find_stored(
        &self,
        principal: &Principal,
        id: ProposalId,
    ) -> Result<StoredProposal, ProposalError> {
        let stored = rows::find(&self.shared.database, id, &principal.party()).await?;
        stored.filter(|stored| principal.participates(&stored.chain)).ok_or(ProposalError::Unknown)
    }

    pub(super) async fn view(&self, stored: StoredProposal) -> Result<Proposal, ProposalError> {
        let mut views = self.views(vec![stored]).await?;
        views.pop().ok_or(ProposalError::Unknown)
    }

    async fn views(&self, stored: Vec<StoredProposal>) -> Result<Vec<Proposal>, ProposalError> {
        let numbers: Vec<i64> = stored.iter().map(|stored| stored.number).collect();
        let mut signatures: BTreeMap<i64, Vec<PartySignature>> = BTreeMap::new();
        for (number, given) in rows::signatures(&self.shared.database, &numbers).await? {
            signatures.entry(number).or_default().push(given);
        }
        let mut views = Vec::with_capacity(stored.len());
        for stored in stored {
            let given = signatures.remove(&stored.number).unwrap_or_default();
            let required = self.required(&stored, &given).await?;
            let status = self.status(&stored, &required).await?;
            views.push(assemble(stored, required, status)?);
        }
        Ok(views)
    }

    pub(super) async fn signatures_of(&self, number: i64) -> Result<Vec<PartySignature>, ProposalError> {
        let found = rows::signatures(&self.shared.database, &[number]).await?;
        Ok(found.into_iter().map(|(_, given)| given).collect())
    }

    /// Each demand with the keys that count for it now, by the authorities as the ledger has them.
    pub(super) async fn required(
        &self,
        stored: &StoredProposal,
        given: &[PartySignature],
    ) -> Result<Vec<RequiredSignature>, ProposalError> {
        let demands = required_of(stored)?;
        let mut signed = Signed::new();
        for signature in given {
            signed.entry(signature.party).or_default().insert(signature.key);
        }
        let of_ledger = self.shared.node.read_ledger(&stored.chain, |ledger| {
            demands.iter().map(|required| demanded(ledger, stored, required, &signed)).collect::<Result<Vec<_>, _>>()
        });
        of_ledger.await.map_err(ProposalError::of_chain)?
    }

    /// The ledger first; only what it does not know is told by notes and clock.
    async fn status(
        &self,
        stored: &StoredProposal,
        required: &[RequiredSignature],
    ) -> Result<ProposalStatus, ProposalError> {
        if let Some(status) = self.committed(stored).await? {
            return Ok(status);
        }
        if let Some(end) = &stored.ended {
            return noted(end);
        }
        if self.shared.clock.now_ms() >= stored.until_ms {
            return Ok(ProposalStatus::Expired);
        }
        let complete = required.iter().all(|required| required.satisfied);
        Ok(if complete { ProposalStatus::Submitting } else { ProposalStatus::Open })
    }

    /// What the ledger says of the proposal's command id.
    pub(super) async fn committed(&self, stored: &StoredProposal) -> Result<Option<ProposalStatus>, ProposalError> {
        let node = &self.shared.node;
        let accepted = node.read_ledger(&stored.chain, |ledger| ledger.command(&stored.command_id)).await?;
        if accepted != Some(stored.transaction_id) {
            return Ok(None);
        }
        let found = node.command(&stored.chain, &stored.command_id).await?;
        let own = found.filter(|committed| committed.id == stored.transaction_id);
        Ok(own.map(|committed| ProposalStatus::Committed {
            height: committed.height,
            position: committed.position,
            recorded_at_ms: committed.recorded_at_ms,
        }))
    }
}

fn visible_chains(principal: &Principal, asked: &[ChainId]) -> Vec<ChainId> {
    let own = principal.chains().keys().copied();
    own.filter(|chain| asked.is_empty() || asked.contains(chain)).collect()
}

fn demanded(
    ledger: &ledger_core::Ledger,
    stored: &StoredProposal,
    required: &StoredRequired,
    signed: &Signed,
) -> Result<RequiredSignature, ProposalError> {
    let demand = required.demand()?;
    let entry = ledger.party(&required.party);
    let policy = entry.as_ref().and_then(|entry| entry.record.authority.policy_for(&demand, stored.until_ms));
    let none = BTreeSet::new();
    let signed = signed.get(&required.party).unwrap_or(&none);
    let deciding: BTreeSet<PublicKey> = policy.map(|policy| policy.keys().into_iter().collect()).unwrap_or_default();
    let bytes_to_sign = signing_bytes(&stored.chain, &stored.transaction_id, &required.party);
    Ok(RequiredSignature {
        party: required.party,
        role: required.role.clone(),
        command: required.command.clone(),
        outflow: demand.outflow,
        digest: Sha256::digest(&bytes_to_sign).into(),
        bytes_to_sign,
        satisfied: policy.is_some_and(|policy| policy.is_satisfied(signed)),
        by: signed.intersection(&deciding).copied().collect(),
        missing: policy.map(|policy| policy.missing(signed)).unwrap_or_default(),
    })
}

fn noted(end: &StoredEnd) -> Result<ProposalStatus, ProposalError> {
    let text = || end.text.clone().unwrap_or_default();
    Ok(match end.ending {
        // The note says committed, the ledger does not: the ledger stands.
        Ending::Committed => return Err(ProposalError::StoredMalformed),
        Ending::Rejected => {
            ProposalStatus::Rejected { by: end.by.ok_or(ProposalError::StoredMalformed)?, reason: text() }
        }
        Ending::Withdrawn => ProposalStatus::Withdrawn { reason: text() },
        Ending::Refused => ProposalStatus::Refused { code: end.code.clone().unwrap_or_default(), message: text() },
        Ending::Expired => ProposalStatus::Expired,
    })
}

fn assemble(
    stored: StoredProposal,
    required: Vec<RequiredSignature>,
    status: ProposalStatus,
) -> Result<Proposal, ProposalError> {
    let (summary, warnings) = (summary_of(&stored)?, warnings_of(&stored)?);
    Ok(Proposal {
        id: stored.id,
        number: stored.number,
        chain: stored.chain,
        creator: stored.creator,
        transaction: Transaction::decode(&stored.body).map_err(|_| ProposalError::StoredMalformed)?,
        transaction_id: stored.transaction_id,
        command_id: stored.command_id,
        summary,
        warnings,
        required,
        opened_at_ms: stored.opened_at_ms,
        expires_at_ms: stored.until_ms,
        status,
    })
}
