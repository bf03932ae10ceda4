//! The life of chains: verify, sequence, commit, store, prove, replay.
//!
//! The rules are `ledger_core`'s; here live threads, time, the database and the order of things. One [`Node`] hosts many
//! chains in one database, with one writer.
//!
//! ```text
//! Node::open(NodeConfig) -> Result<Node, ChainError>
//! node.create_chain(Genesis).await -> Result<ChainId, ChainError>
//! node.chains() -> Vec<ChainSummary { id, number, configuration, height, time_ms, tip }>
//! node.read_ledger(&ChainId, |ledger: &Ledger| ...) -> Option<R>          // a short closure under the read lock
//! node.genesis(&ChainId) -> Option<Genesis>
//!
//! node.submit(&ChainId, Vec<u8>).await -> Result<Accepted { chain, height, position, transaction, recorded_at_ms, replayed, warnings }, SubmitError>
//! node.fill_claims(&ChainId, Transaction).await -> Result<Transaction, SubmitError>            // claims its contracts name
//! node.check(&ChainId, Transaction).await -> Result<CheckedTransaction { examined, warnings }, SubmitError> // dry run without signatures
//! node.missing(&ChainId, Transaction, Vec<PartySignature>).await -> Result<Vec<MissingSigner>, SubmitError>
//! node.journal(&ChainId, JournalRecord).await -> Result<u64, SubmitError>                      // answers when durable
//!
//! node.transaction(&ChainId, &TransactionId).await -> Result<Option<CommittedTransaction>, ChainError>
//! node.command(&ChainId, &CommandId).await         -> Result<Option<CommittedTransaction>, ChainError>
//! node.block(&ChainId, height).await               -> Result<Option<Block>, ChainError>
//! node.proof(&ChainId, &TransactionId).await       -> Result<Option<InclusionProof>, ChainError>
//! node.balances(&ChainId, &Address) -> Vec<Balance { asset, free, locked }>
//! node.holdings(&ChainId, &Address, Option<&AssetId>) -> Vec<HeldState { reference, asset, amount, locked }>
//!
//! node.read_view(&[ChainId]) -> ReadView           // view.select::<Entity>() is restricted to these chains
//! node.database() -> &Database                     // hive-platform's own tables: database.read(), database.begin_write()
//! node.subscribe(after: Option<i64>) -> BoxStream<Result<OutboxEvent, ChainError>>
//! node.ready() -> Result<(), String>; node.parked() -> Vec<Parked>
//! audit_closed(NodeConfig, |progress| ...).await -> Result<AuditReport, ChainError>    // offline, writes nothing
//! node.audit(|progress| ...).await -> Result<AuditReport, ChainError>; node.shutdown().await
//! ```

mod audit;
mod clock;
mod commit;
mod config;
mod error;
mod holdings;
mod hosted;
mod journal;
mod mempool;
mod node;
mod outbox;
mod past;
mod producer;
mod projection;
mod replay;
mod sequence;
mod storage;
mod submit;

#[cfg(test)]
mod tests;

pub use audit::{AuditProgress, AuditReport, AuditStage, Finding, audit_closed};
pub use clock::{Clock, SystemClock};
pub use config::NodeConfig;
pub use error::{ChainError, SubmitError};
pub use holdings::{Balance, HeldState};
pub use hosted::ChainSummary;
pub use journal::JournalRecord;
pub use node::{CommittedTransaction, Node, Parked};
pub use outbox::OutboxEvent;
pub use projection::{CommittedBlock, Projection, ProjectionError};
pub use sequence::{SequenceError, SequencedBlock, Sequencer, Solo};
pub use storage::{Database, Migrations, ProjectionWriter, ReadTransaction, ReadView, StorageError, WriteTransaction};
pub use submit::{Accepted, CheckedTransaction};
