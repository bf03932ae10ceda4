//! The hand with which a projection writes: rows of its own tables, of the block's chain, and events for the outbox.

use std::str::FromStr;

use ledger_core::id::Address;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DeleteMany, EntityTrait, PaginatorTrait, QueryFilter, Select,
    UpdateMany, Value,
};

use super::{StorageError, bulk};
use crate::outbox::NewEvent;
use crate::projection::ProjectionError;

/// Writes and reads a projection's tables, restricted to one chain.
pub struct ProjectionWriter<'a> {
    transaction: &'a DatabaseTransaction,
    chain_number: i64,
    height: u64,
    tables: &'static [&'static str],
    events: Vec<NewEvent>,
}

impl<'a> ProjectionWriter<'a> {
    pub(crate) fn new(
        transaction: &'a DatabaseTransaction,
        chain_number: i64,
        height: u64,
        tables: &'static [&'static str],
    ) -> Self {
        Self { transaction, chain_number, height, tables, events: Vec::new() }
    }

    /// The value of `chain_id` in every row of this chain.
    pub fn chain_number(&self) -> i64 {
        self.chain_number
    }

    /// Inserts rows in few statements; `chain_id` is filled in.
    ///
    /// # Errors
    /// A table that is not the projection's, a table without `chain_id`, or a failure of the database.
    pub async fn insert_many<A>(&mut self, rows: Vec<A>) -> Result<(), ProjectionError>
    where
        A: ActiveModelTrait + Send,
    {
        let column = self.chain_column::<A::Entity>()?;
        let mut rows = rows;
        for row in &mut rows {
            row.set(column, Value::BigInt(Some(self.chain_number)));
        }
        Ok(bulk::insert_all::<A, A, _>(self.transaction, rows).await?)
    }

    /// Updates this chain's rows that `refine` selects; answers how many.
    ///
    /// # Errors
    /// As for [`Self::insert_many`].
    pub async fn update<E>(
        &mut self,
        refine: impl FnOnce(UpdateMany<E>) -> UpdateMany<E> + Send,
    ) -> Result<u64, ProjectionError>
    where
        E: EntityTrait,
    {
        let column = self.chain_column::<E>()?;
        let update = refine(E::update_many()).filter(column.eq(self.chain_number));
        let result = update.exec(self.transaction).await.map_err(StorageError::from)?;
        Ok(result.rows_affected)
    }

    /// Deletes this chain's rows that `refine` selects; answers how many.
    ///
    /// # Errors
    /// As for [`Self::insert_many`].
    pub async fn delete<E>(
        &mut self,
        refine: impl FnOnce(DeleteMany<E>) -> DeleteMany<E> + Send,
    ) -> Result<u64, ProjectionError>
    where
        E: EntityTrait,
    {
        let column = self.chain_column::<E>()?;
        let delete = refine(E::delete_many()).filter(column.eq(self.chain_number));
        let result = delete.exec(self.transaction).await.map_err(StorageError::from)?;
        Ok(result.rows_affected)
    }

    /// Reads this chain's rows that `refine` selects, as this block has changed them so far.
    ///
    /// # Errors
    /// As for [`Self::insert_many`].
    pub async fn all<E>(
        &mut self,
        refine: impl FnOnce(Select<E>) -> Select<E> + Send,
    ) -> Result<Vec<E::Model>, ProjectionError>
    where
        E: EntityTrait,
    {
        let column = self.chain_column::<E>()?;
        let select = refine(E::find()).filter(column.eq(self.chain_number));
        Ok(select.all(self.transaction).await.map_err(StorageError::from)?)
    }

    /// Reads the first of this chain's rows that `refine` selects.
    ///
    /// # Errors
    /// As for [`Self::insert_many`].
    pub async fn one<E>(
        &mut self,
        refine: impl FnOnce(Select<E>) -> Select<E> + Send,
    ) -> Result<Option<E::Model>, ProjectionError>
    where
        E: EntityTrait,
    {
        let column = self.chain_column::<E>()?;
        let select = refine(E::find()).filter(column.eq(self.chain_number));
        Ok(select.one(self.transaction).await.map_err(StorageError::from)?)
    }

    /// Counts this chain's rows that `refine` selects.
    ///
    /// # Errors
    /// As for [`Self::insert_many`].
    pub async fn count<E>(&mut self, refine: impl FnOnce(Select<E>) -> Select<E> + Send) -> Result<u64, ProjectionError>
    where
        E: EntityTrait,
        E::Model: Sync,
    {
        let column = self.chain_column::<E>()?;
        let select = refine(E::find()).filter(column.eq(self.chain_number));
        Ok(select.count(self.transaction).await.map_err(StorageError::from)?)
    }

    /// Puts an event into the outbox, for those parties and for supervisors; subscribers get it once the block is durable.
    pub fn emit(&mut self, kind: &str, parties: &[Address], payload: &serde_json::Value) {
        self.events.push(NewEvent {
            chain_number: self.chain_number,
            height: self.height,
            kind: kind.to_owned(),
            parties: parties.to_vec(),
            payload: payload.to_string(),
        });
    }

    pub(crate) fn into_events(self) -> Vec<NewEvent> {
        self.events
    }

    /// Takes away what has been emitted so far.
    pub(crate) fn withhold_events(&mut self) -> Vec<NewEvent> {
        std::mem::take(&mut self.events)
    }

    /// The column that separates chains, of a table this projection may touch.
    fn chain_column<E: EntityTrait>(&self) -> Result<E::Column, ProjectionError> {
        let entity = E::default();
        let table = entity.table_name();
        if !self.tables.contains(&table) {
            return Err(ProjectionError::ForeignTable { table: table.to_owned() });
        }
        let missing = |_| StorageError::TableWithoutChain { table: table.to_owned() };
        Ok(E::Column::from_str("chain_id").map_err(missing)?)
    }
}
