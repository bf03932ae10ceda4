//! The stored form of what a proposal needs, and what goes into the journal.

use std::collections::BTreeSet;

use hive_chain::JournalRecord;
use ledger_core::{Address, Amount, AssetId, Coded, Demand, Required, Warning};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ProposalError;
use super::summary::{SummaryLine, as_text, maybe_text};
use super::view::ProposalWarning;
use crate::storage::proposal::StoredProposal;

/// One demand as stored; what the contracts computed when the proposal was opened, and would compute again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredRequired {
    #[serde(with = "as_text")]
    pub(super) party: Address,
    pub(super) role: String,
    pub(super) command: String,
    #[serde(default, with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub(super) asset: Option<AssetId>,
    /// Decimal text in the asset's smallest unit.
    #[serde(default, with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub(super) amount_minor: Option<u64>,
}

impl From<&Required> for StoredRequired {
    fn from(required: &Required) -> Self {
        Self {
            party: required.party,
            role: required.role.to_owned(),
            command: required.demand.command.clone(),
            asset: required.demand.outflow.map(|(asset, _)| asset),
            amount_minor: required.demand.outflow.map(|(_, amount)| amount.minor()),
        }
    }
}

impl StoredRequired {
    /// What the party's authority is asked for.
    pub(super) fn demand(&self) -> Result<Demand, ProposalError> {
        let amount = |minor| Amount::from_minor(minor).map_err(|_| ProposalError::StoredMalformed);
        let outflow = match (self.asset, self.amount_minor) {
            (Some(asset), Some(minor)) => Some((asset, amount(minor)?)),
            (None, None) => None,
            _ => return Err(ProposalError::StoredMalformed),
        };
        Ok(Demand { command: self.command.clone(), outflow })
    }
}

/// The demands as text.
pub(super) fn required_text(required: &[Required]) -> Result<String, ProposalError> {
    let stored: Vec<_> = required.iter().map(StoredRequired::from).collect();
    serde_json::to_string(&stored).map_err(|_| ProposalError::StoredMalformed)
}

/// The demands of a stored proposal.
pub(super) fn required_of(stored: &StoredProposal) -> Result<Vec<StoredRequired>, ProposalError> {
    serde_json::from_str(&stored.required).map_err(|_| ProposalError::StoredMalformed)
}

/// The summary of a stored proposal.
pub(super) fn summary_of(stored: &StoredProposal) -> Result<Vec<SummaryLine>, ProposalError> {
    serde_json::from_str(&stored.summary).map_err(|_| ProposalError::StoredMalformed)
}

/// Warnings as text, code and sentence of each.
pub(super) fn warnings_text(warnings: &[Warning]) -> Result<String, ProposalError> {
    let told = |warning: &Warning| ProposalWarning { code: warning.code().to_owned(), message: warning.to_string() };
    let told: Vec<_> = warnings.iter().map(told).collect();
    serde_json::to_string(&told).map_err(|_| ProposalError::StoredMalformed)
}

/// The warnings of a stored proposal.
pub(super) fn warnings_of(stored: &StoredProposal) -> Result<Vec<ProposalWarning>, ProposalError> {
    serde_json::from_str(&stored.warnings).map_err(|_| ProposalError::StoredMalformed)
}

/// The creator and the required signers, ascending.
pub(super) fn concerned(creator: Address, required: &[Required]) -> Vec<Address> {
    let parties: BTreeSet<Address> =
        std::iter::once(creator).chain(required.iter().map(|required| required.party)).collect();
    parties.into_iter().collect()
}

/// A journal record about a proposal; the transaction's id says what it is about, `details` what was done.
pub(super) fn journal_record(
    kind: &str,
    actor: Address,
    stored: &StoredProposal,
    details: serde_json::Value,
) -> JournalRecord {
    let content = json!({
        "transaction": stored.transaction_id.to_string(),
        "command": stored.command_id.to_string(),
        "details": details,
    });
    JournalRecord {
        actor,
        kind: kind.to_owned(),
        subject: stored.id.to_string(),
        content: content.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::ContractId;

    use super::*;

    #[test]
    fn demand_reads_back_as_it_was_stored() {
        let contract: ContractId = "token@1".parse().unwrap();
        let plain = Demand::of(&contract, "define");
        let outflow = Some((AssetId::from_bytes([7; 32]), Amount::from_minor(Amount::MAX_MINOR).unwrap()));
        let valued = Demand { outflow, ..Demand::of(&contract, "transfer") };
        for demand in [plain, valued] {
            let required = Required { party: Address::from_bytes([1; 32]), role: "owner", demand: demand.clone() };
            let text = required_text(std::slice::from_ref(&required)).unwrap();
            let back: Vec<StoredRequired> = serde_json::from_str(&text).unwrap();
            assert_eq!(back[0].demand().unwrap(), demand);
            assert_eq!(back, [StoredRequired::from(&required)]);
        }
    }

    #[test]
    fn half_an_outflow_is_malformed() {
        let required = Required {
            party: Address::from_bytes([1; 32]),
            role: "owner",
            demand: Demand { command: "token/transfer".to_owned(), outflow: None },
        };
        let half = StoredRequired { amount_minor: Some(1), ..StoredRequired::from(&required) };
        assert!(half.demand().is_err());
    }
}
