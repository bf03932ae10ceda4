//! A database of a PostgreSQL server: where it is, without what opens it, and a first connection that says what is wrong.

use std::str::FromStr;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions, Connection, PgConnection};
use url::Url;

use super::StorageError;

/// What the server is asked over an address of these parameters; another one may be a misspelt password.
const PARAMETERS: [&str; 6] = ["application_name", "dbname", "host", "port", "sslmode", "user"];
/// A parameter that opens the database.
const PASSWORD: &str = "password";
/// Where tables are found that are built anew beside the live ones.
const SCHEMA: &str = "options[search_path]";

/// A PostgreSQL database by its user, server and name. Holds no password and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Url);

impl Place {
    /// Where a URL `postgres://USER:PASSWORD@HOST:PORT/NAME` leads; what it leaves out is libpq's default.
    ///
    /// # Errors
    /// It is no such URL, names no database, or has a parameter that is not understood.
    pub fn of(url: &str) -> Result<Self, StorageError> {
        let unclear = |reason: &str| StorageError::PlaceUnclear { reason: reason.to_owned() };
        let parsed = Url::parse(url).map_err(|error| unclear(&error.to_string()))?;
        if !["postgres", "postgresql"].contains(&parsed.scheme()) {
            return Err(unclear("it does not begin with postgres:"));
        }
        let is_known = |name: &str| PARAMETERS.contains(&name) || [PASSWORD, SCHEMA].contains(&name);
        if !parsed.query_pairs().all(|(name, _)| is_known(&name)) {
            return Err(unclear(&format!("it has a parameter besides {}", PARAMETERS.join(", "))));
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| unclear("a parameter has an unknown value"))?;
        options.get_database().ok_or_else(|| unclear("it names no database"))?;
        let mut place = options.to_url_lossy();
        place.set_query(None);
        // A place whose password stays would be shown.
        place.set_password(None).map_err(|()| unclear("it has no host"))?;
        Ok(Self(place))
    }

    /// True where a URL itself carries a password.
    pub fn shows_password(url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == PASSWORD))
    }

    /// True where both are the same database, whoever opens it.
    pub fn is_same(&self, other: &Self) -> bool {
        let anybodys = |place: &Self| {
            let mut url = place.0.clone();
            url.set_username("").map(|()| url)
        };
        anybodys(self) == anybodys(other)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A connection, or what is wrong with server, database or password, at once: a pool would wait for the server to come up.
pub(super) async fn reached(url: &str) -> Result<PgConnection, StorageError> {
    let place = Place::of(url)?;
    let unreachable =
        |error: sea_orm::sqlx::Error| StorageError::Unreachable { place: place.to_string(), reason: error.to_string() };
    PgConnection::connect(url).await.map_err(unreachable)
}

/// What a connection outside the pools says.
pub(super) fn failed(error: sea_orm::sqlx::Error) -> StorageError {
    sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_tells_no_password_and_one_database_is_one_place() {
        let place = |url: &str| Place::of(url).unwrap();
        let kept = place("postgres://hive:s3cret@db:5433/trade");
        assert_eq!(kept.to_string(), "postgres://hive@db:5433/trade");
        assert_eq!(place("postgresql://hive@db:5433/trade?password=s3cret&sslmode=disable"), kept);
        assert_eq!(Place::of(&kept.to_string()).unwrap(), kept);
        assert!(kept.is_same(&place("postgres://auditor@db:5433/trade")));
        for other in ["postgres://hive@db:5433/other", "postgres://hive@db/trade", "postgres://hive@b:5433/trade"] {
            assert!(!kept.is_same(&place(other)), "{other}");
        }
        let socket = place("postgres://hive@%2Frun%2Fpostgresql/trade");
        assert_eq!(Place::of(&socket.to_string()).unwrap(), socket);
        assert!(!format!("{kept:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_place_is_refused_without_showing_it() {
        for url in
            ["hive", "mysql://hive:s3cret@db/trade", "postgres://hive:s3cret@db", "postgres://db/a?pasword=s3cret"]
        {
            let refused = Place::of(url).unwrap_err().to_string();
            assert!(!refused.contains("s3cret") && refused.contains("postgres://USER@HOST:PORT/NAME"), "{refused}");
        }
    }

    #[test]
    fn passwords_are_seen_wherever_a_url_has_them() {
        for url in ["postgres://hive:a@db/trade", "postgres://db/trade?user=hive&password=a"] {
            assert!(Place::shows_password(url), "{url}");
        }
        assert!(!Place::shows_password("postgres://hive@db:5432/trade?sslmode=disable"));
    }
}
