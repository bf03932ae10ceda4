//! The eye with which queries read: rows of given chains, never a connection.

use std::collections::BTreeMap;
use std::str::FromStr;

use ledger_core::id::ChainId;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, Select};

use super::{Database, StorageError};

/// Reads tables that have a column `chain_id`, restricted to some chains. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ReadView {
    connection: DatabaseConnection,
    chains: BTreeMap<i64, ChainId>,
}

impl ReadView {
    pub(crate) fn new(database: &Database, chains: BTreeMap<i64, ChainId>) -> Self {
        Self { connection: database.read().clone(), chains }
    }

    /// The chain whose rows carry this `chain_id`, if the view covers it.
    pub fn chain(&self, number: i64) -> Option<ChainId> {
        self.chains.get(&number).copied()
    }

    /// The `chain_id` of a chain's rows, if the view covers it.
    pub fn number(&self, chain: &ChainId) -> Option<i64> {
        self.chains.iter().find_map(|(number, id)| (id == chain).then_some(*number))
    }

    /// The chains the view covers, by their number.
    pub fn chains(&self) -> &BTreeMap<i64, ChainId> {
        &self.chains
    }

    /// All rows that `refine` selects.
    ///
    /// # Errors
    /// A table without `chain_id`, or a failure of the database.
    pub async fn all<E: EntityTrait>(
        &self,
        refine: impl FnOnce(Select<E>) -> Select<E>,
    ) -> Result<Vec<E::Model>, StorageError> {
        Ok(self.select(refine)?.all(&self.connection).await?)
    }

    /// The first row that `refine` selects.
    ///
    /// # Errors
    /// As for [`Self::all`].
    pub async fn one<E: EntityTrait>(
        &self,
        refine: impl FnOnce(Select<E>) -> Select<E>,
    ) -> Result<Option<E::Model>, StorageError> {
        Ok(self.select(refine)?.one(&self.connection).await?)
    }

    /// How many rows `refine` selects.
    ///
    /// # Errors
    /// As for [`Self::all`].
    pub async fn count<E>(&self, refine: impl FnOnce(Select<E>) -> Select<E>) -> Result<u64, StorageError>
    where
        E: EntityTrait,
        E::Model: Sync,
    {
        Ok(self.select(refine)?.count(&self.connection).await?)
    }

    /// Rows in a shape of the caller's, for sums and groups.
    ///
    /// # Errors
    /// As for [`Self::all`].
    pub async fn all_as<E: EntityTrait, R: FromQueryResult + Send + Sync>(
        &self,
        refine: impl FnOnce(Select<E>) -> Select<E>,
    ) -> Result<Vec<R>, StorageError> {
        let select = self.select(refine)?.into_model::<R>();
        Ok(select.all(&self.connection).await?)
    }

    /// The restriction is added last, so nothing in `refine` can widen it.
    fn select<E: EntityTrait>(&self, refine: impl FnOnce(Select<E>) -> Select<E>) -> Result<Select<E>, StorageError> {
        let column = E::Column::from_str("chain_id")
            .map_err(|_| StorageError::TableWithoutChain { table: E::default().table_name().to_owned() })?;
        Ok(refine(E::find()).filter(column.is_in(self.chains.keys().copied())))
    }
}
