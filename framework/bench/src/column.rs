//! One database's figures: a node on it, from the first account to the last transfer.

use std::time::Duration;

use hive_chain::{JournalKey, Node, NodeConfig};
use ledger_core::ClaimSecret;

use crate::Plan;
use crate::error::BenchError;
use crate::market::{self, Market};
use crate::process::DatabaseWork;
use crate::signature::{Rates, Signatures};
use crate::throughput::Throughput;

/// Transfers of one round at most.
const ROUND_TRANSFERS: u64 = 30_000;
/// Rounds, in each of which everything that is compared has its turn.
const ROUNDS: u64 = 2;
/// How long each way of verifying signatures is measured in a round.
const SIGNATURES_TIME: Duration = Duration::from_millis(500);

/// What was measured on one database.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) even: Throughput,
    pub(crate) signatures: Rates,
}

/// Tells people how far it is.
pub(crate) type Told<'t> = &'t mut (dyn FnMut(&str) + Send);

/// What a column is measured with.
struct Bench<'p> {
    plan: &'p Plan,
    url: String,
    database: DatabaseWork,
}

impl Column {
    /// On a file in a folder of its own, which is removed at the end.
    pub(crate) async fn of_sqlite(plan: &Plan, told: Told<'_>) -> Result<Self, BenchError> {
        let folder = tempfile::Builder::new().prefix("hive-bench-").tempdir();
        let folder = folder.map_err(BenchError::system("no temporary folder"))?;
        let url = format!("sqlite:{}", folder.path().join("node.sqlite").display());
        Bench { plan, url, database: DatabaseWork::Inside }.measure(&mut |line| told(&format!("sqlite: {line}"))).await
    }
}

impl Bench<'_> {
    async fn measure(&self, told: Told<'_>) -> Result<Column, BenchError> {
        let node = Node::open(self.config()).await?;
        told(&format!("{} accounts", self.plan.accounts()));
        let mut market = Market::found(node.clone(), self.plan.accounts()).await?;
        market.issue_up_to(self.plan.states, |issued| told(&format!("{issued} states issued"))).await?;
        let column = self.rounds(&mut market, told).await?;
        node.shutdown().await;
        Ok(column)
    }

    async fn rounds(&self, market: &mut Market, told: Told<'_>) -> Result<Column, BenchError> {
        let transfers = (self.plan.states / 4 / ROUNDS).min(ROUND_TRANSFERS);
        let signatures = Signatures::new()?;
        let (mut even, mut rates) = (Throughput::default(), Vec::new());
        for round in 1..=ROUNDS {
            rates.push(signatures.measure(SIGNATURES_TIME)?);
            let signed = market.even_transfers(transfers)?;
            even.add(&market.node, &market.chain, signed, &self.database).await?;
            told(&format!("round {round} of {ROUNDS}: {:.0} transfers a second", even.rate()));
        }
        rates.push(signatures.measure(SIGNATURES_TIME)?);
        Ok(Column { even, signatures: Rates::mean(&rates) })
    }

    fn config(&self) -> NodeConfig {
        let (claims, journal) = (ClaimSecret::from_bytes([7; 32]), JournalKey::from_bytes([8; 32]));
        (self.plan.equip)(NodeConfig::new(&self.url, market::recorder(), claims, journal))
    }
}
