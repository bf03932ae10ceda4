//! The only place of this crate that names SQL: databases on a server, a single durable commit, ledgers written by hand.

mod commit;
mod rival;

use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query, query_scalar};

pub(crate) use commit::Commits;
pub(crate) use rival::{Rivals, Times};

use crate::error::BenchError;

/// What the names of threads begin with on which SQLite works.
pub(crate) const SQLITE_THREADS: &str = "sqlx-sqlite";

/// A database of a server, removed by [`ServerDatabase::remove`].
pub(crate) struct ServerDatabase {
    server: String,
    name: String,
}

/// Process ids on the server of whoever works for this database, and of the server's own writers.
pub(crate) async fn processes(database_url: &str) -> Result<Vec<i32>, BenchError> {
    let mut connection = PgConnection::connect(database_url).await.map_err(BenchError::server)?;
    let ids = query_scalar(
        "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
         AND (datname = current_database() OR backend_type <> 'client backend')",
    );
    let ids = ids.fetch_all(&mut connection).await.map_err(BenchError::server)?;
    connection.close().await.map_err(BenchError::server)?;
    Ok(ids)
}

/// Says why the server does not answer, if it does not.
pub(crate) async fn is_usable(server: &str) -> Result<(), BenchError> {
    connect(server).await?.close().await.map_err(BenchError::server)
}

impl ServerDatabase {
    /// Makes a database on a server; one of that name which an earlier run left is removed first.
    pub(crate) async fn make(server: &str, purpose: &str) -> Result<Self, BenchError> {
        let made = Self { server: server.to_owned(), name: format!("hive_bench_{purpose}_{}", std::process::id()) };
        let mut connection = connect(server).await?;
        for statement in [made.drop_statement(), format!("CREATE DATABASE {}", made.name)] {
            query(AssertSqlSafe(statement)).execute(&mut connection).await.map_err(BenchError::server)?;
        }
        connection.close().await.map_err(BenchError::server)?;
        Ok(made)
    }

    /// `postgres://USER@HOST/NAME`.
    pub(crate) fn url(&self) -> String {
        on_server(&self.server, &self.name)
    }

    /// Removes it from the server.
    pub(crate) async fn remove(self) -> Result<(), BenchError> {
        let mut connection = connect(&self.server).await?;
        query(AssertSqlSafe(self.drop_statement())).execute(&mut connection).await.map_err(BenchError::server)?;
        connection.close().await.map_err(BenchError::server)
    }

    fn drop_statement(&self) -> String {
        format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
    }
}

/// Where a server's own database is that every server has, or the one that the URL names.
async fn connect(server: &str) -> Result<PgConnection, BenchError> {
    let names_one = server.split("://").nth(1).is_some_and(|rest| {
        let path = rest.split('?').next().and_then(|rest| rest.split_once('/'));
        path.is_some_and(|(_, name)| !name.is_empty())
    });
    let url = if names_one { server.to_owned() } else { on_server(server, "postgres") };
    PgConnection::connect(&url).await.map_err(BenchError::server)
}

/// The URL of a server with another database.
fn on_server(server: &str, name: &str) -> String {
    let (place, parameters) = server.split_once('?').map_or((server, None), |(place, rest)| (place, Some(rest)));
    let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", place));
    let host = rest.split('/').next().unwrap_or_default();
    let parameters = parameters.map_or_else(String::new, |parameters| format!("?{parameters}"));
    format!("{scheme}://{host}/{name}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::on_server;

    #[test]
    fn another_database_on_the_same_server() {
        for (server, url) in [
            ("postgres://hive@127.0.0.1:5432", "postgres://hive@127.0.0.1:5432/bench"),
            ("postgres://hive@127.0.0.1:5432/", "postgres://hive@127.0.0.1:5432/bench"),
            ("postgresql://u:p@host/other?sslmode=require", "postgresql://u:p@host/bench?sslmode=require"),
            ("postgres://u@localhost?host=/run/pg", "postgres://u@localhost/bench?host=/run/pg"),
        ] {
            assert_eq!(on_server(server, "bench"), url);
        }
    }
}
