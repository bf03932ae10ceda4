//! The least that a durable answer can cost: one row, one commit, on a database opened as the node opens its own.

use std::time::{Duration, Instant};

use hive_chain::{Database, StorageError};
use sea_orm::{ConnectionTrait, Statement};

/// A table into which single rows are committed.
pub(crate) struct Commits {
    database: Database,
    next: i64,
}

impl Commits {
    /// Opens the database and makes the table.
    pub(crate) async fn open(url: &str) -> Result<Self, StorageError> {
        let database = Database::open(url).await?;
        let transaction = database.begin_write().await?;
        let create = "CREATE TABLE single_commit (number BIGINT PRIMARY KEY, value BIGINT NOT NULL)";
        transaction.orm().execute_unprepared(create).await?;
        transaction.commit().await?;
        Ok(Self { database, next: 1 })
    }

    /// Inserts one row and commits; gives how long both took.
    pub(crate) async fn one(&mut self) -> Result<Duration, StorageError> {
        let begun = Instant::now();
        let transaction = self.database.begin_write().await?;
        let orm = transaction.orm();
        let insert = "INSERT INTO single_commit (number, value) VALUES ($1, $2)";
        let values = [self.next.into(), 7_i64.into()];
        orm.execute_raw(Statement::from_sql_and_values(orm.get_database_backend(), insert, values)).await?;
        transaction.commit().await?;
        self.next += 1;
        Ok(begun.elapsed())
    }

    pub(crate) async fn close(self) -> Result<(), StorageError> {
        self.database.close().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_commit_leaves_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("commits.sqlite").display());
        let mut commits = Commits::open(&url).await.unwrap();
        for _ in 0..3 {
            assert!(commits.one().await.unwrap() > Duration::ZERO);
        }
        let count = Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT count(*) AS n FROM single_commit");
        let row = commits.database.read().query_one_raw(count).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "n").unwrap(), 3);
        commits.close().await.unwrap();
    }
}
