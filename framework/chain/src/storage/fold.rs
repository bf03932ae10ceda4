//! Writes what blocks fold into: few statements for all blocks of a commit, whatever their number.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::entity::{
    block, claim, committed_transaction, journal_entry, journal_reader, outbox_event, parked_projection, state,
};
use super::{StorageError, WriteTransaction, bulk, timer_store};
use crate::fault::{self, Point};

/// The rows of one block.
#[derive(Debug)]
pub(crate) struct BlockRows {
    pub(crate) block: block::Model,
    pub(crate) transactions: Vec<committed_transaction::Model>,
    pub(crate) states: Vec<state::Model>,
    pub(crate) claims: Vec<claim::Model>,
    /// Numbers of the states it consumes.
    pub(crate) spent: Vec<i64>,
    /// The chain's timer, where the block changes it; milliseconds UTC.
    pub(crate) timer: Option<Option<i64>>,
}

/// Writes the rows of blocks of any chains.
pub(crate) async fn write_blocks(transaction: &WriteTransaction, blocks: Vec<BlockRows>) -> Result<(), StorageError> {
    let connection = transaction.orm();
    let mut headers = Vec::with_capacity(blocks.len());
    let (mut transactions, mut states, mut claims, mut spent) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut timers = Vec::new();
    for rows in blocks {
        timers.extend(rows.timer.map(|due_ms| (rows.block.chain_id, due_ms)));
        spent.push((rows.block.chain_id, rows.block.height, rows.spent));
        headers.push(rows.block);
        transactions.extend(rows.transactions);
        states.extend(rows.states);
        claims.extend(rows.claims);
    }

    bulk::insert_all::<block::ActiveModel, _, _>(connection, headers).await?;
    fault::point(Point::CommitAfterBlocks)?;
    bulk::insert_all::<committed_transaction::ActiveModel, _, _>(connection, transactions).await?;
    fault::point(Point::CommitAfterTransactions)?;
    bulk::insert_all::<state::ActiveModel, _, _>(connection, states).await?;
    fault::point(Point::CommitAfterStates)?;
    bulk::insert_all::<claim::ActiveModel, _, _>(connection, claims).await?;
    fault::point(Point::CommitAfterClaims)?;
    for (chain_number, height, numbers) in spent {
        mark_spent(transaction, chain_number, height, &numbers).await?;
    }
    fault::point(Point::CommitAfterSpent)?;
    for (chain_number, due_ms) in timers {
        timer_store::set(transaction, chain_number, due_ms).await?;
    }
    Ok(())
}

async fn mark_spent(
    transaction: &WriteTransaction,
    chain_number: i64,
    height: i64,
    numbers: &[i64],
) -> Result<(), StorageError> {
    for piece in numbers.chunks(bulk::VARIABLES_MAX) {
        state::Entity::update_many()
            .col_expr(state::Column::SpentHeight, Expr::value(height))
            .filter(state::Column::ChainId.eq(chain_number))
            .filter(state::Column::Number.is_in(piece.iter().copied()))
            .exec(transaction.orm())
            .await?;
    }
    Ok(())
}

/// Writes events in order of their sequence.
pub(crate) async fn write_events(
    transaction: &WriteTransaction,
    events: Vec<outbox_event::Model>,
) -> Result<(), StorageError> {
    bulk::insert_all::<outbox_event::ActiveModel, _, _>(transaction.orm(), events).await
}

/// Writes journal entries, and the readers of epochs that begin with them.
pub(crate) async fn write_journal(
    transaction: &WriteTransaction,
    entries: Vec<journal_entry::Model>,
    readers: Vec<journal_reader::Model>,
) -> Result<(), StorageError> {
    bulk::insert_all::<journal_entry::ActiveModel, _, _>(transaction.orm(), entries).await?;
    bulk::insert_all::<journal_reader::ActiveModel, _, _>(transaction.orm(), readers).await
}

/// Records where projections stand still.
pub(crate) async fn write_parked(
    transaction: &WriteTransaction,
    parked: Vec<parked_projection::Model>,
) -> Result<(), StorageError> {
    bulk::insert_all::<parked_projection::ActiveModel, _, _>(transaction.orm(), parked).await
}
