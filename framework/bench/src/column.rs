//! One database's figures: a node on it, from the first account to the restart.

use hive_chain::{JournalKey, Node, NodeConfig};
use ledger_core::ClaimSecret;

use crate::error::BenchError;
use crate::latency::Latency;
use crate::market::{self, Market};
use crate::process::{self, DatabaseWork, Memory};
use crate::restart::{Restart, rebuild_per_minute_and_core};
use crate::server::Server;
use crate::signature::{Rates, Signatures};
use crate::storage::{Rivals, ServerDatabase, Times};
use crate::throughput::Throughput;
use crate::{Figure, Plan, PostgresAt};

/// Transfers of one round at most.
const ROUND_TRANSFERS: u64 = 30_000;
/// Rounds, in each of which everything that is compared has its turn.
const ROUNDS: u64 = 2;

/// What was measured on one database.
#[derive(Debug)]
pub(crate) struct Column {
    /// Transfers of random states at all states of the plan.
    pub(crate) even: Throughput,
    /// The same at the smaller number of states.
    pub(crate) even_at_base: Option<Throughput>,
    /// Transfers between hot accounts.
    pub(crate) hot: Option<Throughput>,
    pub(crate) signatures: Option<Rates>,
    /// At all states, behind the transfers.
    pub(crate) memory: Memory,
    pub(crate) latency: Option<Latency>,
    pub(crate) rivals: Option<Rivals>,
    pub(crate) restart: Option<Restart>,
    /// Transactions a minute and core.
    pub(crate) rebuild: Option<f64>,
}

/// Tells people how far it is.
pub(crate) type Told<'t> = &'t mut (dyn FnMut(&str) + Send);

/// What a column is measured on.
struct Bench<'p> {
    plan: &'p Plan,
    url: String,
    /// Where single rows are committed: not in the node's own database.
    commits_url: String,
    /// Where ledgers written by hand are kept, on a server.
    rivals_url: Option<String>,
    database: DatabaseWork,
}

impl Column {
    /// On a file in a folder of its own, which is removed at the end.
    pub(crate) async fn of_sqlite(plan: &Plan, told: Told<'_>) -> Result<Self, BenchError> {
        let folder = tempfile::Builder::new().prefix("hive-bench-").tempdir();
        let folder = folder.map_err(BenchError::system("there is no folder for temporary files; set TMPDIR to one"))?;
        let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        let (url, commits_url) = (file("node.sqlite"), file("commits.sqlite"));
        let bench = Bench { plan, url, commits_url, rivals_url: None, database: DatabaseWork::Inside };
        bench.measure(&mut |line| told(&format!("SQLite: {line}"))).await
    }

    /// On a server; the reason why there is none is for people.
    pub(crate) async fn of_postgres(plan: &Plan, told: Told<'_>) -> Result<Result<Self, String>, BenchError> {
        let (server, own) = match &plan.postgres {
            PostgresAt::Nowhere => return Ok(Err("it was not asked for".to_owned())),
            PostgresAt::Url(url) => (url.clone(), None),
            PostgresAt::Own => match Server::start().await {
                Ok(server) => (server.url().to_owned(), Some(server)),
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let node = ServerDatabase::make(&server, "node").await?;
        let beside = ServerDatabase::make(&server, "beside").await?;
        let (url, beside_url) = (node.url(), beside.url());
        // What a server does that is not of this machine, nothing here tells.
        let database = if own.is_some() { DatabaseWork::Outside(url.clone()) } else { DatabaseWork::Elsewhere };
        let bench = Bench { plan, url, commits_url: beside_url.clone(), rivals_url: Some(beside_url), database };
        let column = bench.measure(&mut |line| told(&format!("PostgreSQL: {line}"))).await;
        node.remove().await?;
        beside.remove().await?;
        column.map(Ok)
    }
}

impl Bench<'_> {
    async fn measure(&self, told: Told<'_>) -> Result<Column, BenchError> {
        process::forget_peak();
        told(&format!("{} accounts are registered", self.plan.accounts()));
        let mut market = Market::found(Node::open(self.config()).await?, self.plan.accounts()).await?;
        let mut even_at_base = None;
        if self.plan.asks(Figure::R4) {
            self.issue(&mut market, self.plan.base(), told).await?;
            let transfers = (self.plan.base() / 4).min(ROUND_TRANSFERS);
            let mut even = Throughput::default();
            self.even(&mut market, &mut even, transfers).await?;
            told(&format!("{:.0} transfers a second", even.rate()));
            even_at_base = Some(even);
        }
        self.issue(&mut market, self.plan.states, told).await?;
        let mut column = Column { even_at_base, ..self.rounds(&mut market, told).await? };
        if self.plan.asks(Figure::R3) {
            told("answers to a lone client, and at half of full load");
            let (full, time) = (column.even.rate(), self.plan.slice() * 10);
            column.latency = Some(Latency::measure(&mut market, &self.commits_url, full, time).await?);
        }
        if let (true, Some(url)) = (self.plan.asks(Figure::R2), &self.rivals_url) {
            told("ledgers written by hand");
            let times = Times { accounts: self.plan.accounts(), each: self.plan.slice() * 6 };
            column.rivals = Some(Rivals::measure(url, times).await?);
        }
        if self.plan.asks(Figure::R6) {
            told("restart");
            let (again, restart) = Restart::measure(market, self.config()).await?;
            market = again;
            column.restart = Some(restart);
            told("projections are built anew");
            let projections: Vec<String> =
                self.config().projections.iter().map(|projection| projection.name().to_owned()).collect();
            column.rebuild = rebuild_per_minute_and_core(&market, &projections, &self.database).await?;
        }
        market.node.shutdown().await;
        Ok(column)
    }

    /// Everything that is compared has its turn in each round, so that a machine that is slower for a while is so for all.
    async fn rounds(&self, market: &mut Market, told: Told<'_>) -> Result<Column, BenchError> {
        let transfers = (self.plan.states / 4 / ROUNDS).min(ROUND_TRANSFERS);
        let signatures = if self.plan.asks(Figure::R1) { Some(Signatures::new()?) } else { None };
        let (mut even, mut rates, slice) = (Throughput::default(), Vec::new(), self.plan.slice());
        let mut hot = self.plan.asks(Figure::R5).then(Throughput::default);
        if hot.is_some() {
            market.give_each_one().await?;
        }
        for round in 1..=ROUNDS {
            rates.extend(signatures.as_ref().map(|signatures| signatures.measure(slice)).transpose()?);
            self.even(market, &mut even, transfers).await?;
            if let Some(hot) = &mut hot {
                let signed = market.hot_transfers(transfers).await?;
                hot.add(&market.node, &market.chain, signed, &self.database).await?;
            }
            told(&format!("round {round} of {ROUNDS}: {:.0} transfers a second", even.rate()));
        }
        rates.extend(signatures.as_ref().map(|signatures| signatures.measure(slice)).transpose()?);
        Ok(Column {
            even,
            even_at_base: None,
            hot,
            signatures: (!rates.is_empty()).then(|| Rates::mean(&rates)),
            memory: process::memory(),
            latency: None,
            rivals: None,
            restart: None,
            rebuild: None,
        })
    }

    async fn even(&self, market: &mut Market, total: &mut Throughput, transfers: u64) -> Result<(), BenchError> {
        let signed = market.even_transfers(transfers).await?;
        total.add(&market.node, &market.chain, signed, &self.database).await
    }

    async fn issue(&self, market: &mut Market, states: u64, told: Told<'_>) -> Result<(), BenchError> {
        let step = (states / 5).max(1);
        let mut next = step;
        let told = |issued: u64| {
            if issued >= next {
                told(&format!("{issued} of {states} states issued"));
                next = issued.saturating_add(step);
            }
        };
        market.issue_up_to(states, told).await
    }

    fn config(&self) -> NodeConfig {
        let (claims, journal) = (ClaimSecret::from_bytes([7; 32]), JournalKey::from_bytes([8; 32]));
        (self.plan.equip)(NodeConfig::new(&self.url, market::recorder(), claims, journal))
    }
}
