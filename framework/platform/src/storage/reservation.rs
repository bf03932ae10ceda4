//! Tokens that unfinished proposals of their owner will spend.

use std::collections::BTreeSet;

use hive_chain::Database;
use ledger_core::{Address, ChainId, StateRef, TransactionId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::StorageError;
use super::convert::{fixed, signed, unsigned};
use super::entity::reservation::{ActiveModel, Column, Entity, Model};

/// A token kept for one proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub(crate) chain: ChainId,
    pub(crate) state: StateRef,
    pub(crate) party: Address,
    pub(crate) until_ms: u64,
    pub(crate) now_ms: u64,
}

/// Keeps reservations for a proposal; ones whose time is over give way.
pub(super) async fn keep(
    connection: &impl ConnectionTrait,
    proposal: i64,
    reserved: &[Reservation],
) -> Result<(), StorageError> {
    let Some(first) = reserved.first() else { return Ok(()) };
    Entity::delete_many()
        .filter(Column::Party.eq(first.party.to_vec()))
        .filter(Column::UntilMs.lte(signed("platform_reservation.until_ms", first.now_ms)?))
        .exec(connection)
        .await?;
    let row = |reservation: &Reservation| {
        Ok(ActiveModel {
            chain: Set(reservation.chain.to_vec()),
            state_transaction: Set(reservation.state.transaction.to_vec()),
            state_index: Set(i64::from(reservation.state.index)),
            proposal: Set(proposal),
            party: Set(reservation.party.to_vec()),
            until_ms: Set(signed("platform_reservation.until_ms", reservation.until_ms)?),
        })
    };
    let rows: Vec<_> = reserved.iter().map(row).collect::<Result<_, StorageError>>()?;
    Entity::insert_many(rows).exec_without_returning(connection).await?;
    Ok(())
}

/// What a party's unfinished proposals on a chain have reserved.
pub(crate) async fn of_party(
    database: &Database,
    chain: &ChainId,
    party: &Address,
    now_ms: u64,
) -> Result<BTreeSet<StateRef>, StorageError> {
    let rows = Entity::find()
        .filter(Column::Party.eq(party.to_vec()))
        .filter(Column::Chain.eq(chain.to_vec()))
        .filter(Column::UntilMs.gt(signed("platform_reservation.until_ms", now_ms)?))
        .all(database.read())
        .await?;
    rows.into_iter().map(state).collect()
}

fn state(row: Model) -> Result<StateRef, StorageError> {
    let transaction = fixed("platform_reservation.state_transaction", &row.state_transaction)?;
    Ok(StateRef {
        transaction: TransactionId::from_bytes(transaction),
        index: unsigned("platform_reservation.state_index", row.state_index)?,
    })
}
