//! Ledgers as people write them by hand on PostgreSQL: a table of balances, nothing signed, no history, no proof.
//!
//! Every transfer is durable (`synchronous_commit=on`), its statement prepared, and no balance goes below zero.

use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions, Connection, PgConnection, query};

use crate::draw::Random;
use crate::error::BenchError;

/// Clients of the ledger that takes one statement for a transfer.
pub(crate) const CLIENTS: usize = 8;
/// Transfers in one database transaction of the ledger that works on sets.
pub(crate) const SET_TRANSFERS: usize = 100;
/// Smallest units on each account at the begin.
const BALANCE: i64 = 1_000_000_000;

const CREATE: &str = "CREATE TABLE account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0)) \
     WITH (fillfactor = 50)";
const FILL: &str = "INSERT INTO account SELECT id, $2 FROM generate_series(0, $1 - 1) AS id";
/// Payer, payee, amount; the table's check refuses what the payer does not have.
const SINGLE: &str =
    "UPDATE account SET balance = balance + CASE WHEN id = $1 THEN -$3 ELSE $3 END WHERE id IN ($1, $2)";
/// Lists of payers, payees and amounts. Rows are locked in order, so that clients do not wait for each other in a circle.
const SET: &str = "WITH change AS (SELECT id, sum(amount)::bigint AS amount FROM ( \
       SELECT payer AS id, -amount AS amount FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS t (payer, payee, amount) \
       UNION ALL SELECT payee, amount FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS t (payer, payee, amount) \
     ) AS both_sides GROUP BY id), \
     locked AS MATERIALIZED (SELECT account.id FROM account JOIN change USING (id) ORDER BY account.id FOR UPDATE OF account) \
     UPDATE account SET balance = balance + change.amount FROM change JOIN locked USING (id) WHERE account.id = change.id";

/// Transfers a second of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rivals {
    /// One statement for a transfer, 8 clients.
    pub(crate) single: f64,
    /// 100 transfers in a statement and database transaction: the faster of one client and 8.
    pub(crate) set: f64,
}

/// How many accounts there are, and how long each way is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) accounts: u64,
    pub(crate) each: Duration,
}

/// One way of making transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Single,
    Set,
}

impl Rivals {
    /// Makes the table in a database without one, and measures.
    pub(crate) async fn measure(url: &str, times: Times) -> Result<Self, BenchError> {
        let mut connection = connect(url).await?;
        query(CREATE).execute(&mut connection).await.map_err(BenchError::server)?;
        let filled = query(FILL).bind(times.accounts as i64).bind(BALANCE);
        filled.execute(&mut connection).await.map_err(BenchError::server)?;
        query("VACUUM ANALYZE account").execute(&mut connection).await.map_err(BenchError::server)?;
        connection.close().await.map_err(BenchError::server)?;
        let single = rate(url, times, Way::Single, CLIENTS).await?;
        let sets = [rate(url, times, Way::Set, 1).await?, rate(url, times, Way::Set, CLIENTS).await?];
        Ok(Self { single, set: sets.into_iter().fold(0.0, f64::max) })
    }
}

async fn connect(url: &str) -> Result<PgConnection, BenchError> {
    let options: PgConnectOptions = url.parse().map_err(BenchError::server)?;
    options.options([("synchronous_commit", "on")]).connect().await.map_err(BenchError::server)
}

/// Transfers a second of so many clients, each with a connection of its own.
async fn rate(url: &str, times: Times, way: Way, clients: usize) -> Result<f64, BenchError> {
    let mut connections = Vec::with_capacity(clients);
    for _ in 0..clients {
        connections.push(connect(url).await?);
    }
    let begun = Instant::now();
    let tasks: Vec<_> = (0_u64..)
        .zip(connections)
        .map(|(seed, connection)| tokio::spawn(client(connection, times, way, Random::new(seed), begun)))
        .collect();
    let mut transfers = 0;
    for task in tasks {
        transfers += task.await.map_err(BenchError::server)??;
    }
    Ok(transfers as f64 / begun.elapsed().as_secs_f64())
}

async fn client(
    mut connection: PgConnection,
    Times { accounts, each }: Times,
    way: Way,
    mut random: Random,
    begun: Instant,
) -> Result<u64, BenchError> {
    let mut transfers = 0;
    while begun.elapsed() < each {
        let count = if way == Way::Single { 1 } else { SET_TRANSFERS };
        let (mut payers, mut payees, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let payer = random.below(accounts);
            // Never the payer itself.
            let payee = (payer + 1 + random.below(accounts.saturating_sub(1))) % accounts;
            payers.push(payer as i64);
            payees.push(payee as i64);
            amounts.push(1 + random.below(100) as i64);
        }
        let statement = match way {
            Way::Single => query(SINGLE).bind(payers[0]).bind(payees[0]).bind(amounts[0]),
            Way::Set => query(SET).bind(payers).bind(payees).bind(amounts),
        };
        match statement.execute(&mut connection).await {
            Ok(done) if done.rows_affected() >= 2 => transfers += count as u64,
            Ok(done) => return Err(BenchError::server(format!("a transfer changed {} rows", done.rows_affected()))),
            // Two clients who wait for each other: the server lets one go on, the other tries anew.
            Err(error) if is_deadlock(&error) => {}
            Err(error) => return Err(BenchError::server(error)),
        }
    }
    connection.close().await.map_err(BenchError::server)?;
    Ok(transfers)
}

fn is_deadlock(error: &sea_orm::sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("40P01"))
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::query_scalar;

    use super::*;
    use crate::server::Server;
    use crate::storage::ServerDatabase;

    #[tokio::test(flavor = "multi_thread")]
    async fn transfers_conserve_what_there_is_and_none_overdraws() {
        let server = match Server::start().await {
            Ok(server) => server,
            Err(reason) => return eprintln!("skipped: {reason}"),
        };
        let database = ServerDatabase::make(server.url(), "rival").await.unwrap();
        let times = Times { accounts: 20, each: Duration::from_millis(200) };
        let rates = Rivals::measure(&database.url(), times).await.unwrap();
        assert!(rates.single > 0.0 && rates.set > 0.0);
        let mut connection = connect(&database.url()).await.unwrap();
        let total: i64 =
            query_scalar("SELECT sum(balance)::bigint FROM account").fetch_one(&mut connection).await.unwrap();
        assert_eq!(total, 20 * BALANCE);
        let overdrawn = query(SINGLE).bind(0_i64).bind(1_i64).bind(3 * 20 * BALANCE).execute(&mut connection).await;
        assert!(overdrawn.unwrap_err().to_string().contains("account_balance_check"));
        let overdrawn = query(SET).bind(vec![0_i64]).bind(vec![1_i64]).bind(vec![3 * 20 * BALANCE]);
        assert!(overdrawn.execute(&mut connection).await.unwrap_err().to_string().contains("account_balance_check"));
        connection.close().await.unwrap();
        database.remove().await.unwrap();
    }
}
