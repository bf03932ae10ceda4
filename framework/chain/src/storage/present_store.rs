//! What is asked of chains that nobody has in memory: who stands on them, their configuration, whether their journal waits.

use sea_orm::sea_query::{Expr, Func, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Insert, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{chain, chain_configuration, chain_journal, chain_party};
use super::{StorageError, WriteTransaction, bulk};

/// Writes what chains know of parties; what a row leaves out stays as it was.
pub(crate) async fn write_parties(
    transaction: &WriteTransaction,
    rows: Vec<chain_party::Model>,
) -> Result<(), StorageError> {
    use chain_party::{ActiveModel, Column, Entity};
    let kept = |column: Column| {
        let set = Expr::col(("excluded", column));
        Expr::expr(Func::coalesce([set, Expr::col((Entity, column))]))
    };
    for piece in rows.chunks(bulk::rows_per_statement(4)) {
        let keep = OnConflict::columns([Column::ChainId, Column::Party])
            .value(Column::Record, kept(Column::Record))
            .value(Column::Permissions, kept(Column::Permissions))
            .to_owned();
        let piece = piece.iter().cloned().map(ActiveModel::from);
        Insert::many(piece).on_conflict(keep).exec_without_returning(transaction.orm()).await?;
    }
    Ok(())
}

/// What all chains know of a party, by their number.
pub(crate) async fn of_party(
    connection: &impl ConnectionTrait,
    party: &[u8; 32],
) -> Result<Vec<chain_party::Model>, StorageError> {
    Ok(chain_party::Entity::find()
        .filter(chain_party::Column::Party.eq(party.to_vec()))
        .order_by_asc(chain_party::Column::ChainId)
        .all(connection)
        .await?)
}

/// Numbers of the chains of which no row says who stands on them; each has at least its administrator's.
pub(crate) async fn without_parties(connection: &impl ConnectionTrait) -> Result<Vec<i64>, StorageError> {
    let mut with = Query::select();
    with.column(chain_party::Column::ChainId).from(chain_party::Entity);
    let rows = chain::Entity::find().select_only().column(chain::Column::ChainId);
    let without = rows.filter(chain::Column::ChainId.not_in_subquery(with)).order_by_asc(chain::Column::ChainId);
    Ok(without.into_tuple().all(connection).await?)
}

/// Sets the configurations that are in force from the next block on.
pub(crate) async fn write_configurations(
    transaction: &WriteTransaction,
    rows: Vec<chain_configuration::Model>,
) -> Result<(), StorageError> {
    for row in rows {
        chain_configuration::Entity::delete_by_id(row.chain_id).exec(transaction.orm()).await?;
        bulk::insert_all::<chain_configuration::ActiveModel, _, _>(transaction.orm(), vec![row]).await?;
    }
    Ok(())
}

/// The configuration of a chain, if a transaction has set it.
pub(crate) async fn configuration(
    connection: &impl ConnectionTrait,
    chain_number: i64,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = chain_configuration::Entity::find_by_id(chain_number).one(connection).await?;
    Ok(row.map(|row| row.configuration))
}

/// Sets how many entries of a chain's journal wait for a block.
pub(crate) async fn write_waiting(
    transaction: &WriteTransaction,
    chain_number: i64,
    waiting: i64,
) -> Result<(), StorageError> {
    chain_journal::Entity::delete_by_id(chain_number).exec(transaction.orm()).await?;
    let rows = (waiting > 0).then_some(chain_journal::Model { chain_id: chain_number, waiting }).into_iter().collect();
    bulk::insert_all::<chain_journal::ActiveModel, _, _>(transaction.orm(), rows).await
}

/// Numbers of the chains whose journal waits for a block.
pub(crate) async fn waiting(connection: &impl ConnectionTrait) -> Result<Vec<i64>, StorageError> {
    let rows = chain_journal::Entity::find().order_by_asc(chain_journal::Column::ChainId).all(connection).await?;
    Ok(rows.into_iter().map(|row| row.chain_id).collect())
}
