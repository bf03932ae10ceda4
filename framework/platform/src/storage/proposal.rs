//! Proposals, who is concerned by them, and the signatures collected.

use hive_chain::Database;
use ledger_core::{Address, ChainId, CommandId, PartySignature, PublicKey, Signature, TransactionId};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::StorageError;
use super::convert::{fixed, signed, unsigned};
use super::entity::{proposal, proposal_party, proposal_signature, reservation};
use super::reservation::Reservation;
use crate::id::ProposalId;

/// A proposal as stored; `required`, `summary` and `warnings` are JSON of their own modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredProposal {
    pub(crate) number: i64,
    pub(crate) id: ProposalId,
    pub(crate) chain: ChainId,
    pub(crate) creator: Address,
    pub(crate) idempotency_key: String,
    pub(crate) input_hash: [u8; 32],
    pub(crate) body: Vec<u8>,
    pub(crate) transaction_id: TransactionId,
    pub(crate) command_id: CommandId,
    pub(crate) required: String,
    pub(crate) summary: String,
    pub(crate) warnings: String,
    pub(crate) until_ms: u64,
    pub(crate) opened_at_ms: u64,
    pub(crate) journal_number: u64,
    pub(crate) ended: Option<StoredEnd>,
}

/// How a proposal ended, as noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredEnd {
    pub(crate) at_ms: u64,
    pub(crate) ending: Ending,
    pub(crate) by: Option<Address>,
    pub(crate) code: Option<String>,
    pub(crate) text: Option<String>,
}

/// The kinds of end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Committed,
    Rejected,
    Withdrawn,
    Refused,
    Expired,
}

impl Ending {
    const ALL: [Self; 5] = [Self::Committed, Self::Rejected, Self::Withdrawn, Self::Refused, Self::Expired];

    fn name(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

/// Keeps a new proposal with those concerned and its reservations, in one transaction; returns its number.
pub(crate) async fn open(
    database: &Database,
    stored: &StoredProposal,
    parties: &[Address],
    reserved: &[Reservation],
) -> Result<i64, StorageError> {
    let write = database.begin_write().await?;
    let number = proposal::Entity::insert(row(stored)?).exec(write.orm()).await?.last_insert_id;
    let parties =
        parties.iter().map(|party| proposal_party::ActiveModel { party: Set(party.to_vec()), proposal: Set(number) });
    proposal_party::Entity::insert_many(parties).exec_without_returning(write.orm()).await?;
    super::reservation::keep(write.orm(), number, reserved).await?;
    write.commit().await?;
    Ok(number)
}

/// The proposal of an id, if the party is concerned by it.
pub(crate) async fn find(
    database: &Database,
    id: ProposalId,
    concerned: &Address,
) -> Result<Option<StoredProposal>, StorageError> {
    let row =
        concerning(concerned).filter(proposal::Column::Id.eq(id.as_bytes().to_vec())).one(database.read()).await?;
    row.map(stored).transpose()
}

/// The proposal that a creator's idempotency key stands for.
pub(crate) async fn find_by_key(
    database: &Database,
    creator: &Address,
    idempotency_key: &str,
) -> Result<Option<StoredProposal>, StorageError> {
    let row = proposal::Entity::find()
        .filter(proposal::Column::Creator.eq(creator.to_vec()))
        .filter(proposal::Column::IdempotencyKey.eq(idempotency_key))
        .one(database.read())
        .await?;
    row.map(stored).transpose()
}

/// What a page of proposals asks for.
#[derive(Clone, Debug)]
pub(crate) struct Page<'a> {
    pub(crate) concerned: &'a Address,
    pub(crate) chains: &'a [ChainId],
    /// Only those noted as unfinished.
    pub(crate) unfinished: bool,
    /// Only those with a lower number.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u64,
}

/// Proposals that concern a party, newest first; ordered by the party's own index, so a page costs no sorting.
pub(crate) async fn page(database: &Database, page: &Page<'_>) -> Result<Vec<StoredProposal>, StorageError> {
    let mut query = of_chains(concerning(page.concerned), page.chains);
    if page.unfinished {
        query = query.filter(proposal::Column::EndedAtMs.is_null());
    }
    if let Some(before) = page.before {
        query = query.filter(proposal_party::Column::Proposal.lt(before));
    }
    let rows = query.order_by_desc(proposal_party::Column::Proposal).limit(page.limit).all(database.read()).await?;
    rows.into_iter().map(stored).collect()
}

/// How many proposals concern a party on these chains.
pub(crate) async fn count(database: &Database, concerned: &Address, chains: &[ChainId]) -> Result<u64, StorageError> {
    Ok(of_chains(concerning(concerned), chains).count(database.read()).await?)
}

/// How many proposals of a creator are unfinished and not past their end.
pub(crate) async fn count_unfinished(database: &Database, creator: &Address, now_ms: u64) -> Result<u64, StorageError> {
    let query = proposal::Entity::find()
        .filter(proposal::Column::Creator.eq(creator.to_vec()))
        .filter(proposal::Column::EndedAtMs.is_null())
        .filter(proposal::Column::UntilMs.gt(signed("platform_proposal.until_ms", now_ms)?));
    Ok(query.count(database.read()).await?)
}

/// Unfinished proposals above a number, in order: what a restarted node goes through.
pub(crate) async fn unfinished_after(
    database: &Database,
    number: i64,
    limit: u64,
) -> Result<Vec<StoredProposal>, StorageError> {
    let rows = proposal::Entity::find()
        .filter(proposal::Column::EndedAtMs.is_null())
        .filter(proposal::Column::Number.gt(number))
        .order_by_asc(proposal::Column::Number)
        .limit(limit)
        .all(database.read())
        .await?;
    rows.into_iter().map(stored).collect()
}

/// One proposal, whoever asks; for the platform itself.
pub(crate) async fn find_number(database: &Database, number: i64) -> Result<Option<StoredProposal>, StorageError> {
    proposal::Entity::find_by_id(number).one(database.read()).await?.map(stored).transpose()
}

/// The parties concerned by a proposal.
pub(crate) async fn parties(database: &Database, number: i64) -> Result<Vec<Address>, StorageError> {
    let rows =
        proposal_party::Entity::find().filter(proposal_party::Column::Proposal.eq(number)).all(database.read()).await?;
    let address =
        |row: proposal_party::Model| fixed("platform_proposal_party.party", &row.party).map(Address::from_bytes);
    rows.into_iter().map(address).collect()
}

/// Keeps signatures, each with the number of its journal entry.
pub(crate) async fn add_signatures(
    database: &Database,
    number: i64,
    signatures: &[(PartySignature, u64)],
    now_ms: u64,
) -> Result<(), StorageError> {
    let now = signed("platform_proposal_signature.signed_at_ms", now_ms)?;
    let row = |(given, journal): &(PartySignature, u64)| {
        Ok(proposal_signature::ActiveModel {
            proposal: Set(number),
            party: Set(given.party.to_vec()),
            signing_key: Set(given.key.as_bytes().to_vec()),
            signature: Set(given.signature.as_bytes().to_vec()),
            signed_at_ms: Set(now),
            journal_number: Set(signed("platform_proposal_signature.journal_number", *journal)?),
        })
    };
    let rows: Vec<_> = signatures.iter().map(row).collect::<Result<_, StorageError>>()?;
    let write = database.begin_write().await?;
    proposal_signature::Entity::insert_many(rows).exec_without_returning(write.orm()).await?;
    Ok(write.commit().await?)
}

/// The signatures of some proposals, each with its proposal's number.
pub(crate) async fn signatures(
    database: &Database,
    numbers: &[i64],
) -> Result<Vec<(i64, PartySignature)>, StorageError> {
    let rows = proposal_signature::Entity::find()
        .filter(proposal_signature::Column::Proposal.is_in(numbers.iter().copied()))
        .order_by_asc(proposal_signature::Column::Proposal)
        .all(database.read())
        .await?;
    let signature = |row: proposal_signature::Model| {
        let malformed = || StorageError::Malformed { column: "platform_proposal_signature.signature" };
        Ok((
            row.proposal,
            PartySignature {
                party: Address::from_bytes(fixed("platform_proposal_signature.party", &row.party)?),
                key: PublicKey::from_bytes(&row.signing_key).map_err(|_| malformed())?,
                signature: Signature::from_bytes(&row.signature).map_err(|_| malformed())?,
            },
        ))
    };
    rows.into_iter().map(signature).collect()
}

/// Notes how a proposal ended and gives its reservations back, in one transaction. The first note stays.
pub(crate) async fn end(database: &Database, number: i64, end: &StoredEnd) -> Result<(), StorageError> {
    let at = signed("platform_proposal.ended_at_ms", end.at_ms)?;
    let write = database.begin_write().await?;
    proposal::Entity::update_many()
        .col_expr(proposal::Column::EndedAtMs, Expr::value(at))
        .col_expr(proposal::Column::Ending, Expr::value(end.ending.name()))
        .col_expr(proposal::Column::EndedBy, Expr::value(end.by.map(|party| party.to_vec())))
        .col_expr(proposal::Column::EndingCode, Expr::value(end.code.clone()))
        .col_expr(proposal::Column::EndingText, Expr::value(end.text.clone()))
        .filter(proposal::Column::Number.eq(number))
        .filter(proposal::Column::EndedAtMs.is_null())
        .exec(write.orm())
        .await?;
    release(write.orm(), number).await?;
    Ok(write.commit().await?)
}

async fn release(connection: &impl ConnectionTrait, number: i64) -> Result<(), StorageError> {
    reservation::Entity::delete_many().filter(reservation::Column::Proposal.eq(number)).exec(connection).await?;
    Ok(())
}

fn concerning(party: &Address) -> sea_orm::Select<proposal::Entity> {
    let concerns = proposal_party::Entity::belongs_to(proposal::Entity)
        .from(proposal_party::Column::Proposal)
        .to(proposal::Column::Number)
        .into();
    proposal::Entity::find()
        .join_rev(JoinType::InnerJoin, concerns)
        .filter(proposal_party::Column::Party.eq(party.to_vec()))
}

fn of_chains(query: sea_orm::Select<proposal::Entity>, chains: &[ChainId]) -> sea_orm::Select<proposal::Entity> {
    query.filter(proposal::Column::Chain.is_in(chains.iter().map(ChainId::to_vec)))
}

fn row(stored: &StoredProposal) -> Result<proposal::ActiveModel, StorageError> {
    Ok(proposal::ActiveModel {
        number: NotSet,
        id: Set(stored.id.as_bytes().to_vec()),
        chain: Set(stored.chain.to_vec()),
        creator: Set(stored.creator.to_vec()),
        idempotency_key: Set(stored.idempotency_key.clone()),
        input_hash: Set(stored.input_hash.to_vec()),
        body: Set(stored.body.clone()),
        transaction_id: Set(stored.transaction_id.to_vec()),
        command_id: Set(stored.command_id.to_vec()),
        required: Set(stored.required.clone()),
        summary: Set(stored.summary.clone()),
        warnings: Set(stored.warnings.clone()),
        until_ms: Set(signed("platform_proposal.until_ms", stored.until_ms)?),
        opened_at_ms: Set(signed("platform_proposal.opened_at_ms", stored.opened_at_ms)?),
        journal_number: Set(signed("platform_proposal.journal_number", stored.journal_number)?),
        ended_at_ms: Set(None),
        ending: Set(None),
        ended_by: Set(None),
        ending_code: Set(None),
        ending_text: Set(None),
    })
}

fn stored(row: proposal::Model) -> Result<StoredProposal, StorageError> {
    let ended = ended(&row)?;
    Ok(StoredProposal {
        number: row.number,
        id: ProposalId::from_bytes(fixed("platform_proposal.id", &row.id)?),
        chain: ChainId::from_bytes(fixed("platform_proposal.chain", &row.chain)?),
        creator: Address::from_bytes(fixed("platform_proposal.creator", &row.creator)?),
        idempotency_key: row.idempotency_key,
        input_hash: fixed("platform_proposal.input_hash", &row.input_hash)?,
        body: row.body,
        transaction_id: TransactionId::from_bytes(fixed("platform_proposal.transaction_id", &row.transaction_id)?),
        command_id: CommandId::from_bytes(fixed("platform_proposal.command_id", &row.command_id)?),
        required: row.required,
        summary: row.summary,
        warnings: row.warnings,
        until_ms: unsigned("platform_proposal.until_ms", row.until_ms)?,
        opened_at_ms: unsigned("platform_proposal.opened_at_ms", row.opened_at_ms)?,
        journal_number: unsigned("platform_proposal.journal_number", row.journal_number)?,
        ended,
    })
}

fn ended(row: &proposal::Model) -> Result<Option<StoredEnd>, StorageError> {
    let (Some(at), Some(name)) = (row.ended_at_ms, row.ending.as_deref()) else { return Ok(None) };
    let ending = Ending::ALL.into_iter().find(|ending| ending.name() == name);
    let by = row.ended_by.as_deref().map(|party| fixed("platform_proposal.ended_by", party)).transpose()?;
    Ok(Some(StoredEnd {
        at_ms: unsigned("platform_proposal.ended_at_ms", at)?,
        ending: ending.ok_or(StorageError::Malformed { column: "platform_proposal.ending" })?,
        by: by.map(Address::from_bytes),
        code: row.ending_code.clone(),
        text: row.ending_text.clone(),
    }))
}
