//! Writes what blocks fold into: few statements for all blocks of a commit, whatever their number.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::entity::{
    block, chain_configuration, chain_party, claim, committed_transaction, journal_entry, journal_reader, outbox_event,
    parked_projection, state,
};
use super::{StorageError, WriteTransaction, bulk, present_store, timer_store};
use crate::fault::{self, Point};

const SPENT_BY_ARRAY: &str = "UPDATE state SET spent_height = $1 WHERE chain_id = $2 AND number = ANY($3)";
const SPENT_BY_JSON: &str =
    "UPDATE state SET spent_height = ? WHERE chain_id = ? AND number IN (SELECT value FROM json_each(?))";

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
    /// What it sets of parties.
    pub(crate) parties: Vec<chain_party::Model>,
    /// The configuration, where it sets it.
    pub(crate) configuration: Option<chain_configuration::Model>,
}

/// Writes the rows of blocks of any chains.
pub(crate) async fn write_blocks(transaction: &WriteTransaction, blocks: Vec<BlockRows>) -> Result<(), StorageError> {
    let connection = transaction.orm();
    let mut headers = Vec::with_capacity(blocks.len());
    let (mut transactions, mut states, mut claims, mut spent) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Of several blocks of a chain the last says it.
    let (mut timers, mut parties, mut configurations) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for rows in blocks {
        rows.parties.into_iter().for_each(|party| keep_newest(&mut parties, party));
        configurations.extend(rows.configuration.map(|row| (row.chain_id, row)));
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
        mark_spent(transaction, chain_number, height, numbers).await?;
    }
    fault::point(Point::CommitAfterSpent)?;
    for (chain_number, due_ms) in timers {
        timer_store::set(transaction, chain_number, due_ms).await?;
    }
    present_store::write_parties(transaction, parties.into_values().collect()).await?;
    present_store::write_configurations(transaction, configurations.into_values().collect()).await
}

/// What a later block leaves out of a party stays as an earlier one has set it.
fn keep_newest(parties: &mut BTreeMap<(i64, Vec<u8>), chain_party::Model>, set: chain_party::Model) {
    match parties.entry((set.chain_id, set.party.clone())) {
        Entry::Vacant(place) => {
            place.insert(set);
        }
        Entry::Occupied(mut earlier) => {
            let earlier = earlier.get_mut();
            earlier.record = set.record.or(earlier.record.take());
            earlier.permissions = set.permissions.or(earlier.permissions.take());
        }
    }
}

/// The numbers travel as one variable, so that the text of the statement stays the same whatever their count.
async fn mark_spent(
    transaction: &WriteTransaction,
    chain_number: i64,
    height: i64,
    numbers: Vec<i64>,
) -> Result<(), StorageError> {
    if numbers.is_empty() {
        return Ok(());
    }
    let connection = transaction.orm();
    let backend = connection.get_database_backend();
    let (sql, numbers) = match backend {
        DbBackend::Postgres => {
            let numbers = numbers.into_iter().map(|number| Value::BigInt(Some(number))).collect();
            (SPENT_BY_ARRAY, Value::Array(ArrayType::BigInt, Some(Box::new(numbers))))
        }
        _ => (SPENT_BY_JSON, Value::String(Some(serde_json::Value::from(numbers).to_string()))),
    };
    let values = [Value::BigInt(Some(height)), Value::BigInt(Some(chain_number)), numbers];
    connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
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
