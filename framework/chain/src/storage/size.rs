//! How much is stored.

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, Statement};

use super::connection::Kind;
use super::entity::chain;
use super::{Database, StorageError};

const SQLITE: &str = "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()";
const POSTGRES: &str = "SELECT pg_database_size(current_database()) AS bytes";

impl Database {
    /// Bytes of the whole database, with its indexes and what is free in it, without the write-ahead log.
    ///
    /// # Errors
    /// The database failed.
    pub async fn bytes(&self) -> Result<u64, StorageError> {
        let sql = if self.kind() == Kind::Sqlite { SQLITE } else { POSTGRES };
        let asked = Statement::from_string(self.read().get_database_backend(), sql);
        let row = self.read().query_one_raw(asked).await?;
        let bytes: i64 = row.map_or(Ok(0), |row| row.try_get("", "bytes"))?;
        super::unsigned("(all)", "bytes", bytes)
    }

    /// Chains that are stored, open or closed.
    pub(crate) async fn chains(&self) -> Result<u64, StorageError> {
        Ok(chain::Entity::find().count(self.read()).await?)
    }
}
