//! From the platform's proposals to what a schema shows.

use async_graphql::ID;
use hive_platform::proposal::summary::{self, SummaryItem};
use hive_platform::{self as platform, ProposalError, ProposalId};

use super::{LedgerPosition, PROPOSAL_KIND, Proposal, ProposalRefusal, ProposalStatus, RequiredSignature, SummaryLine};
use crate::error::{ApiError, ErrorCode};
use crate::node_id::NodeId;
use crate::scalar::{AmountMinor, BigInt, DateTime, Hash, Hex};
use crate::user_error::UserError;

/// The platform's id behind an opaque id.
pub fn proposal_id(id: &ID) -> Option<ProposalId> {
    NodeId::read(PROPOSAL_KIND, id)?.key.parse().ok()
}

impl From<platform::Proposal> for Proposal {
    fn from(proposal: platform::Proposal) -> Self {
        let ledger = position(&proposal);
        let (status, refusal) = outcome(&proposal.status);
        Self {
            id: NodeId::new(PROPOSAL_KIND, proposal.chain, proposal.id).to_id(),
            chain: ID(proposal.chain.to_string()),
            creator: proposal.creator.into(),
            missing_signers: proposal.missing_signers().into_iter().map(Into::into).collect(),
            summary: proposal.summary.into_iter().map(Into::into).collect(),
            transaction: Hex(proposal.transaction.encode()),
            transaction_id: Hash(*proposal.transaction_id.as_bytes()),
            required_signatures: proposal.required.into_iter().map(Into::into).collect(),
            opened_at: DateTime(proposal.opened_at_ms),
            expires_at: DateTime(proposal.expires_at_ms),
            status,
            refusal,
            ledger,
            warnings: proposal.warnings.into_iter().map(Into::into).collect(),
        }
    }
}

fn position(proposal: &platform::Proposal) -> Option<LedgerPosition> {
    let platform::ProposalStatus::Committed { height, position, recorded_at_ms } = proposal.status else { return None };
    Some(LedgerPosition {
        height: BigInt(height),
        position,
        transaction_id: Hash(*proposal.transaction_id.as_bytes()),
        recorded_at: DateTime(recorded_at_ms),
    })
}

fn outcome(status: &platform::ProposalStatus) -> (ProposalStatus, Option<ProposalRefusal>) {
    use platform::ProposalStatus as Platform;
    let refusal = |code: &str, message: &str, by| {
        Some(ProposalRefusal { code: code.to_owned(), message: message.to_owned(), by })
    };
    match status {
        Platform::Open => (ProposalStatus::Open, None),
        Platform::Submitting => (ProposalStatus::Submitting, None),
        Platform::Committed { .. } => (ProposalStatus::Committed, None),
        Platform::Rejected { by, reason } => {
            (ProposalStatus::Rejected, refusal("PROPOSAL_REJECTED", reason, Some((*by).into())))
        }
        Platform::Withdrawn { reason } => (ProposalStatus::Withdrawn, refusal("PROPOSAL_WITHDRAWN", reason, None)),
        Platform::Refused { code, message } => (ProposalStatus::Refused, refusal(code, message, None)),
        Platform::Expired => {
            let message = "its time window passed before everybody had signed; open a new one";
            (ProposalStatus::Expired, refusal("PROPOSAL_EXPIRED", message, None))
        }
    }
}

impl From<platform::RequiredSignature> for RequiredSignature {
    fn from(required: platform::RequiredSignature) -> Self {
        let keys = |keys: Vec<ledger_core::PublicKey>| keys.iter().map(|key| Hex(key.as_bytes().to_vec())).collect();
        Self {
            party: required.party.into(),
            role: required.role,
            command: required.command,
            bytes_to_sign: Hex(required.bytes_to_sign),
            digest: Hash(required.digest),
            satisfied: required.satisfied,
            by: keys(required.by),
            missing: keys(required.missing),
        }
    }
}

impl From<summary::SummaryLine> for SummaryLine {
    fn from(line: summary::SummaryLine) -> Self {
        let bare = Self {
            direction: line.direction.into(),
            party: line.party.into(),
            counterparty: line.counterparty.map(Into::into),
            kind: String::new(),
            number: None,
            asset: None,
            amount: None,
            unit: None,
        };
        match line.item {
            SummaryItem::Token { asset, amount } => Self {
                kind: "token".to_owned(),
                asset: Some(Hash(*asset.as_bytes())),
                amount: Some(AmountMinor(amount)),
                ..bare
            },
            SummaryItem::Title { number, quantity, unit, .. } => Self {
                kind: "title".to_owned(),
                number: Some(number),
                amount: Some(AmountMinor(quantity)),
                unit: Some(unit),
                ..bare
            },
            SummaryItem::Right { kind, number } => Self { kind, number: Some(number), ..bare },
            SummaryItem::Definition { kind, name } => Self { kind, number: Some(name), ..bare },
        }
    }
}

/// A refusal of the platform as payloads carry it; a fault of the node as a top-level error.
///
/// # Errors
/// `BUSY`, `IDEMPOTENCY_KEY_REUSED`, `NOT_FOUND` or `INTERNAL`.
pub fn refused(error: ProposalError) -> Result<UserError, ApiError> {
    match &error {
        ProposalError::Busy | ProposalError::Stopped(_) => Err(ApiError::busy(error.to_string())),
        ProposalError::IdempotencyKeyReused => Err(ApiError::new(ErrorCode::IdempotencyKeyReused, error.to_string())),
        ProposalError::Unknown => Err(ApiError::not_found("proposal")),
        ProposalError::Access(access) => Err(ApiError::from(access.clone())),
        other if !other.is_the_callers() => Err(ApiError::internal(error)),
        ProposalError::Rejected(rejection) => Ok(UserError::of(rejection.clone())),
        other => Ok(UserError {
            code: other.code().to_owned(),
            field: None,
            message: other.to_string(),
            details: Vec::new(),
        }),
    }
}

impl From<platform::AccessError> for ApiError {
    fn from(error: platform::AccessError) -> Self {
        match error {
            platform::AccessError::NotParticipant { .. } => Self::not_found("chain"),
            _ => Self::new(ErrorCode::Forbidden, error.to_string()),
        }
    }
}
