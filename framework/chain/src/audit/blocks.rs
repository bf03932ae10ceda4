//! Chains and blocks: verified from genesis, and committed again into the shadow.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger_core::verify::Depth;
use ledger_core::{Genesis, encoding};
use tokio::runtime::Handle;

use super::{Audit, AuditProgress, AuditSample, AuditStage, Finding, FindingKind};
use crate::commit;
use crate::error::ChainError;
use crate::hosted::{HostedChain, decode_block};
use crate::replay;
use crate::sequence::SequencedBlock;
use crate::storage::block_store::{self, BlockPlace};
use crate::storage::entity::chain;
use crate::storage::{WriteTransaction, dump, fold, unsigned};

/// Blocks written into the shadow per database transaction.
const BLOCKS_PER_COMMIT: u64 = 256;

/// Where the shadow's counters stand.
#[derive(Default)]
struct Counters {
    sequence: i64,
    last_event: i64,
    standing: BTreeSet<(i64, String)>,
}

impl<P: FnMut(AuditProgress) + Send> Audit<'_, P> {
    /// Asks the database itself whether its file is sound, indexes included.
    pub(super) async fn file_is_sound(&mut self) -> Result<(), ChainError> {
        for problem in dump::file_problems(self.live.orm()).await? {
            self.report.add(Finding {
                kind: FindingKind::FileDamaged,
                table: "database file".to_owned(),
                key: String::new(),
                column: None,
                height: None,
                found: problem,
                expected: "a sound file".to_owned(),
            });
        }
        Ok(())
    }

    /// Chains from their geneses, written into the shadow.
    pub(super) async fn rebuild_chains(&mut self) -> Result<(), ChainError> {
        let transaction = self.shadow.begin_write().await?;
        for (expected, row) in (1i64..).zip(block_store::chains(self.live.orm()).await?) {
            let number = row.number;
            if number != expected {
                self.chain_finding(number, "chain_id", number.to_string(), expected.to_string());
            }
            let rebuilt = encoding::decode::<Genesis>(&row.genesis)
                .map_err(ChainError::from)
                .and_then(|genesis| HostedChain::new(number, genesis, &self.shared.contracts));
            let hosted = match rebuilt {
                Ok(hosted) => hosted,
                Err(error) => {
                    self.chain_finding(number, "genesis", hex::encode(&row.genesis), format!("a genesis: {error}"));
                    self.broken.insert(number);
                    continue;
                }
            };
            let row = chain::Model {
                chain_id: number,
                identity: hosted.id.to_vec(),
                name: hosted.genesis.name.clone(),
                genesis: encoding::encode(&hosted.genesis),
            };
            block_store::write_chain(&transaction, row, hosted.party_rows()).await?;
            self.report.chains = self.report.chains.saturating_add(1);
            self.chains.insert(number, Arc::new(hosted));
        }
        Ok(transaction.commit().await?)
    }

    /// Every block of every chain, in the order of their commits.
    pub(super) async fn verify_blocks(&mut self) -> Result<(), ChainError> {
        let places = block_store::places(self.live.orm()).await?;
        self.blocks_total = u64::try_from(places.len()).unwrap_or(u64::MAX);
        self.transactions_total = block_store::transactions(self.live.orm()).await?;
        let mut waiting: BTreeSet<(i64, i64)> = BTreeSet::new();
        let mut counters = Counters::default();
        let mut transaction = self.shadow.begin_write().await?;
        for BlockPlace { chain_number, height } in places {
            waiting.insert((chain_number, height));
            // A damaged sequence brings a block early or late; each waits until it is its chain's next.
            while let Some(next) =
                self.next_height(chain_number).filter(|next| waiting.contains(&(chain_number, *next)))
            {
                waiting.remove(&(chain_number, next));
                if let Err(error) = self.verify_block(chain_number, next, &mut counters, &transaction).await {
                    let (found, expected) = ("a block that does not verify", error.to_string());
                    self.block_finding(FindingKind::BlockBroken, (chain_number, next), found, &expected);
                    self.broken.insert(chain_number);
                    break;
                }
                if self.report.blocks.is_multiple_of(BLOCKS_PER_COMMIT) {
                    transaction.commit().await?;
                    transaction = self.shadow.begin_write().await?;
                    self.tell(AuditStage::Blocks);
                }
            }
        }
        transaction.commit().await?;
        self.tell(AuditStage::Blocks);
        for chain_number in waiting.iter().map(|(chain_number, _)| *chain_number).collect::<BTreeSet<_>>() {
            if let Some(next) = self.next_height(chain_number) {
                let (found, expected) = ("no such block", "a block, since higher ones are there");
                self.block_finding(FindingKind::BlockMissing, (chain_number, next), found, expected);
                self.broken.insert(chain_number);
            }
        }
        self.invariants_hold();
        Ok(())
    }

    /// The height a chain goes on at; none when the chain is unknown or broken.
    fn next_height(&self, chain_number: i64) -> Option<i64> {
        let hosted = self.chains.get(&chain_number).filter(|_| !self.broken.contains(&chain_number))?;
        i64::try_from(hosted.ledger().height().saturating_add(1)).ok()
    }

    async fn verify_block(
        &mut self,
        chain_number: i64,
        height: i64,
        counters: &mut Counters,
        transaction: &WriteTransaction,
    ) -> Result<(), ChainError> {
        let Some(hosted) = self.chains.get(&chain_number).cloned() else { return Ok(()) };
        let stored_height = unsigned("block", "height", height)?;
        let missing = || hosted.broken(stored_height, &"the row is missing");
        let row = block_store::block(self.live.orm(), chain_number, height).await?.ok_or_else(missing)?;
        let block = decode_block(&row.bytes)?;
        let depth = AuditSample::depth(self.sample, chain_number, stored_height);
        let (shared, chain, runtime) = (Arc::clone(self.shared), Arc::clone(&hosted), Handle::current());
        let verify = move || {
            let verified = replay::one(&shared, &chain, &block, &runtime, depth)?;
            Ok::<_, ChainError>(SequencedBlock::replayed(verified, block))
        };
        let done = tokio::task::spawn_blocking(verify).await;
        let sequenced =
            done.map_err(|error| ChainError::Stopped(format!("verification did not finish: {error}")))??;

        counters.sequence = counters.sequence.saturating_add(1);
        let contracts = &self.shared.contracts;
        let (prepared, change) = {
            let (holdings, waiting) = (hosted.holdings(), hosted.waiting());
            let before = commit::Before { holdings: &holdings, waiting: &waiting };
            commit::prepare(chain_number, counters.sequence, &sequenced, before, contracts)?
        };
        let projections = &self.projections;
        let written =
            commit::write(transaction, vec![prepared], projections, &counters.standing, counters.last_event).await?;
        counters.last_event = written.last_event;
        self.tell_late_events(counters, transaction).await?;
        counters.standing.extend(written.parked.into_iter().map(|parked| (parked.chain_id, parked.name)));
        hosted.apply_whole(sequenced.verified(), change)?;
        self.folded.entry(chain_number).or_default().extend(&sequenced.block().journal);
        self.present_is_of_its_blocks(&hosted).await?;
        let transactions = u64::try_from(sequenced.block().transactions.len()).unwrap_or(u64::MAX);
        self.report.transactions = self.report.transactions.saturating_add(transactions);
        if depth == Depth::Everything {
            self.report.transactions_signed = self.report.transactions_signed.saturating_add(transactions);
        }
        self.report.blocks = self.report.blocks.saturating_add(1);
        Ok(())
    }

    /// Where the outbox is at the place of a marker, what was missed is told.
    async fn tell_late_events(
        &self,
        counters: &mut Counters,
        transaction: &WriteTransaction,
    ) -> Result<(), ChainError> {
        loop {
            let told = self.late.told_at(counters.last_event.saturating_add(1));
            if told.is_empty() {
                return Ok(());
            }
            let mut rows = Vec::with_capacity(told.len());
            for event in told {
                counters.last_event = counters.last_event.saturating_add(1);
                rows.push(event.into_row(counters.last_event)?);
            }
            fold::write_events(transaction, rows).await?;
        }
    }

    /// Whole-ledger invariants, of the chains that verified to their tip; a node that runs stops a chain that breaks one.
    fn invariants_hold(&mut self) {
        for (number, hosted) in &self.chains {
            let broken = ledger_core::invariant::broken(&hosted.ledger());
            if let Some(live) = self.shared.hosted(&hosted.id) {
                live.stop_where(&broken);
                live.stop_if_unlike(&hosted.ledger());
            }
            for error in broken {
                self.report.add(Finding {
                    kind: FindingKind::InvariantBroken,
                    table: "ledger".to_owned(),
                    key: format!("chain_id {number}"),
                    column: None,
                    height: Some(hosted.ledger().height()),
                    found: error.to_string(),
                    expected: "every invariant of the ledger".to_owned(),
                });
            }
        }
    }

    fn chain_finding(&mut self, number: i64, column: &str, found: String, expected: String) {
        self.report.add(Finding {
            kind: FindingKind::ChainDamaged,
            table: "chain".to_owned(),
            key: format!("chain_id {number}"),
            column: Some(column.to_owned()),
            height: None,
            found,
            expected,
        });
    }

    fn block_finding(&mut self, kind: FindingKind, (chain_number, height): (i64, i64), found: &str, expected: &str) {
        let column = if kind == FindingKind::BlockMissing { "height" } else { "bytes" };
        self.report.add(Finding {
            kind,
            table: "block".to_owned(),
            key: format!("chain_id {chain_number}, height {height}"),
            column: Some(column.to_owned()),
            height: u64::try_from(height).ok(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        });
    }
}
