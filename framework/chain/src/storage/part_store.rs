//! The parts of what is kept of chains' memory.

use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::chain_present::{ActiveModel, Column, Entity, Model};
use super::{StorageError, WriteTransaction, bulk};

/// The table's name.
pub(crate) const TABLE: &str = "chain_present";

/// Parts read per statement; each is a few hundred kilobytes at most.
const PARTS_PER_PAGE: u64 = 16;

/// Where the head stands: generation, kind and ordinal.
const HEAD: (i64, i64, i64) = (0, 0, 0);

/// The bytes of a chain's head; none where nothing is kept.
pub(crate) async fn head(
    connection: &impl ConnectionTrait,
    chain_number: i64,
) -> Result<Option<Vec<u8>>, StorageError> {
    let (generation, kind, ordinal) = HEAD;
    let row = Entity::find_by_id((chain_number, generation, kind, ordinal)).one(connection).await?;
    Ok(row.map(|row| row.bytes))
}

/// The next parts of a chain behind one, of a generation and of what is appended; none at the end.
pub(crate) async fn parts_behind(
    connection: &impl ConnectionTrait,
    (chain_number, generation): (i64, i64),
    after: Option<&Model>,
) -> Result<Vec<Model>, StorageError> {
    let (in_generation, kind, ordinal) = after.map_or(HEAD, |after| (after.generation, after.kind, after.ordinal));
    let behind: SimpleExpr = Column::Generation.gt(in_generation).or(Column::Generation
        .eq(in_generation)
        .and(Column::Kind.gt(kind).or(Column::Kind.eq(kind).and(Column::Ordinal.gt(ordinal)))));
    Ok(Entity::find()
        .filter(Column::ChainId.eq(chain_number))
        .filter(Column::Generation.is_in([0, generation]))
        .filter(behind)
        .order_by_asc(Column::Generation)
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Ordinal)
        .limit(PARTS_PER_PAGE)
        .all(connection)
        .await?)
}

/// Where all parts of all chains stand: chain, generation, kind and ordinal.
pub(crate) async fn places(connection: &impl ConnectionTrait) -> Result<Vec<(i64, i64, i64, i64)>, StorageError> {
    let columns = [Column::ChainId, Column::Generation, Column::Kind, Column::Ordinal];
    Ok(Entity::find().select_only().columns(columns).into_tuple().all(connection).await?)
}

/// Takes everything away that is kept of a chain.
pub(crate) async fn forget(transaction: &WriteTransaction, chain_number: i64) -> Result<(), StorageError> {
    Entity::delete_many().filter(Column::ChainId.eq(chain_number)).exec(transaction.orm()).await?;
    Ok(())
}

/// Takes parts of a generation away, and of the appended kinds those from an ordinal on: what was cut off has left them.
pub(crate) async fn forget_unfinished(
    transaction: &WriteTransaction,
    (chain_number, generation): (i64, i64),
    appended: &[(i64, i64)],
) -> Result<(), StorageError> {
    let mut unfinished = Condition::any().add(Column::Generation.eq(generation));
    for (kind, ordinal) in appended {
        let of_kind = Column::Generation.eq(0).and(Column::Kind.eq(*kind)).and(Column::Ordinal.gte(*ordinal));
        unfinished = unfinished.add(of_kind);
    }
    Entity::delete_many().filter(Column::ChainId.eq(chain_number)).filter(unfinished).exec(transaction.orm()).await?;
    Ok(())
}

/// Writes parts.
pub(crate) async fn write(transaction: &WriteTransaction, parts: Vec<Model>) -> Result<(), StorageError> {
    bulk::insert_all::<ActiveModel, _, _>(transaction.orm(), parts).await
}

/// Sets the head, and takes away what belongs to another generation.
pub(crate) async fn set_head(
    transaction: &WriteTransaction,
    (chain_number, generation): (i64, i64),
    bytes: Vec<u8>,
) -> Result<(), StorageError> {
    let (of_head, kind, ordinal) = HEAD;
    Entity::delete_by_id((chain_number, of_head, kind, ordinal)).exec(transaction.orm()).await?;
    Entity::delete_many()
        .filter(Column::ChainId.eq(chain_number))
        .filter(Column::Generation.is_not_in([of_head, generation]))
        .exec(transaction.orm())
        .await?;
    write(transaction, vec![Model { chain_id: chain_number, generation: of_head, kind, ordinal, bytes }]).await
}
