//! Signing and rejecting, by those concerned.

use std::collections::BTreeSet;

use ledger_core::transaction::signing_bytes;
use ledger_core::verify::AuthorityError;
use ledger_core::view::View;
use ledger_core::{Address, PartySignature, PublicKey, Transaction};
use serde_json::json;

use super::record::{journal_record, required_of};
use super::view::{Proposal, ProposalStatus, RequiredSignature};
use super::{ProposalError, Proposals};
use crate::id::ProposalId;
use crate::session::principal::Principal;
use crate::storage::proposal::{self as rows, Ending, StoredEnd, StoredProposal};

/// Signatures of one request.
pub const SIGNATURES_PER_REQUEST_MAX: usize = 64;
/// Characters of a reason.
pub const REASON_CHARACTERS_MAX: usize = 500;

impl Proposals {
    /// Adds signatures of the principal's own party; all of them or none. When every policy is satisfied the transaction
    /// goes to the ledger, and the answer says what became of it. A signature that is there already changes nothing.
    pub async fn sign(
        &self,
        principal: &Principal,
        id: ProposalId,
        signatures: &[PartySignature],
    ) -> Result<Proposal, ProposalError> {
        if signatures.is_empty() || signatures.len() > SIGNATURES_PER_REQUEST_MAX {
            return Err(ProposalError::SignatureCount);
        }
        let _turn = self.shared.proposals.of(id.as_bytes()).await;
        let stored = self.find_stored(principal, id).await?;
        if let Some(foreign) = signatures.iter().find(|given| !principal.may_act_for(&given.party)) {
            return Err(ProposalError::SignatureForeign { party: foreign.party });
        }
        let collected = self.signatures_of(stored.number).await?;
        let unique: BTreeSet<&PartySignature> = signatures.iter().collect();
        let new: Vec<PartySignature> = unique.into_iter().filter(|given| !collected.contains(given)).cloned().collect();
        if new.is_empty() {
            return self.finish(stored).await;
        }
        self.is_open(&stored).await?;
        self.signatures_count(&stored, &collected, &new).await?;

        self.put_on_record(&stored, &new).await?;
        self.tell_of(&stored).await?;
        self.finish(stored).await
    }

    /// Ends an open proposal: its creator withdraws it, any other party concerned rejects it.
    pub async fn reject(&self, principal: &Principal, id: ProposalId, reason: &str) -> Result<Proposal, ProposalError> {
        let reason = reason.trim();
        let plain = !reason.is_empty() && reason.chars().count() <= REASON_CHARACTERS_MAX;
        if !plain || reason.chars().any(char::is_control) {
            return Err(ProposalError::ReasonRefused);
        }
        let _turn = self.shared.proposals.of(id.as_bytes()).await;
        let stored = self.find_stored(principal, id).await?;
        self.is_open(&stored).await?;

        let party = principal.party();
        let (ending, kind) = if party == stored.creator {
            (Ending::Withdrawn, "proposal_withdrawn")
        } else {
            (Ending::Rejected, "proposal_rejected")
        };
        let record = journal_record(kind, party, &stored, json!({ "reason": reason }));
        self.shared.node.journal(&stored.chain, record).await?;
        let end = StoredEnd {
            at_ms: self.shared.clock.now_ms(),
            ending,
            by: Some(party),
            code: None,
            text: Some(reason.to_owned()),
        };
        self.note_end(&stored, end).await
    }

    /// The proposal still waits for signatures.
    async fn is_open(&self, stored: &StoredProposal) -> Result<(), ProposalError> {
        let view = self.view(stored.clone()).await?;
        match view.status {
            ProposalStatus::Open => Ok(()),
            ProposalStatus::Submitting => Err(ProposalError::Complete),
            status => Err(ProposalError::Ended { status: Box::new(status) }),
        }
    }

    /// Checks new signatures, cheapest first: asked for, still needed, under a key that decides, valid.
    async fn signatures_count(
        &self,
        stored: &StoredProposal,
        collected: &[PartySignature],
        new: &[PartySignature],
    ) -> Result<(), ProposalError> {
        let required = self.required(stored, collected).await?;
        for given in new {
            let of_party: Vec<&RequiredSignature> =
                required.iter().filter(|required| required.party == given.party).collect();
            if of_party.is_empty() {
                return Err(ProposalError::SignatureNotRequired);
            }
            if of_party.iter().all(|required| required.satisfied) {
                return Err(ProposalError::SignatureNotNeeded);
            }
        }
        given_for_its_party(stored, &required, new)?;
        let transaction = Transaction::decode(&stored.body).map_err(|_| ProposalError::StoredMalformed)?;
        self.shared.node.missing(&stored.chain, transaction, new.to_vec()).await?;
        for given in new {
            if !self.deciding_keys(stored, &given.party).await?.contains(&given.key) {
                return Err(ProposalError::KeyNotInAuthority { key: given.key });
            }
        }
        Ok(())
    }

    /// Every key that counts for some demand of the proposal on the party.
    async fn deciding_keys(
        &self,
        stored: &StoredProposal,
        party: &Address,
    ) -> Result<BTreeSet<PublicKey>, ProposalError> {
        let entry = self.shared.node.read_ledger(&stored.chain, |ledger| ledger.party(party)).await?;
        let mut keys = BTreeSet::new();
        for required in required_of(stored)?.iter().filter(|required| required.party == *party) {
            let demand = required.demand()?;
            let policy = entry.as_ref().and_then(|entry| entry.record.authority.policy_for(&demand, stored.until_ms));
            keys.extend(policy.map(ledger_core::Policy::keys).unwrap_or_default());
        }
        Ok(keys)
    }

    async fn put_on_record(&self, stored: &StoredProposal, new: &[PartySignature]) -> Result<(), ProposalError> {
        let mut recorded = Vec::with_capacity(new.len());
        for given in new {
            let details = json!({ "key": given.key.to_string(), "signature": hex::encode(given.signature.as_bytes()) });
            let record = journal_record("proposal_signed", given.party, stored, details);
            let number = self.shared.node.journal(&stored.chain, record).await?;
            recorded.push((given.clone(), number));
        }
        let now_ms = self.shared.clock.now_ms();
        Ok(rows::add_signatures(&self.shared.database, stored.number, &recorded, now_ms).await?)
    }
}

/// Names the mistake where a signature was given for another required party; the ledger checks the rest.
fn given_for_its_party(
    stored: &StoredProposal,
    required: &[RequiredSignature],
    new: &[PartySignature],
) -> Result<(), ProposalError> {
    for given in new {
        let fits = |party: &Address| {
            let bytes = signing_bytes(&stored.chain, &stored.transaction_id, party);
            given.key.verifies(&bytes, &given.signature)
        };
        let mut others = required.iter().map(|required| required.party).filter(|party| *party != given.party);
        if fits(&given.party) {
            continue;
        }
        if let Some(party) = others.find(fits) {
            let mistake = AuthorityError::GivenForAnother { presented: given.party, given: party };
            return Err(ProposalError::Rejected(mistake.into()));
        }
    }
    Ok(())
}
