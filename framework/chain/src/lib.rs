//! The life of chains: verify, sequence, commit, store, prove, replay.
//!
//! The rules are `ledger_core`'s; here live threads, time, the database and the order of things. One [`Node`] hosts many
//! chains in one database, with one writer.
//!
//! ```text
//! Node::open(NodeConfig) -> Result<Node, ChainError>
//! node.create_chain(Genesis).await -> Result<ChainId, ChainError>
//! node.chains() -> Vec<ChainSummary { id, number, configuration, height, time_ms, tip, stopped }>
//! node.close_chain(&ChainId).await; node.open_chain(&ChainId).await -> Result<(), ChainError>   // its memory; deadlines go on
//! node.read_ledger(&ChainId, |ledger: &Ledger| ...) -> Option<R>          // a short closure under the read lock
//! node.genesis(&ChainId) -> Option<Genesis>
//!
//! node.submit(&ChainId, Vec<u8>).await -> Result<Accepted { chain, height, position, transaction, recorded_at_ms, replayed, warnings }, SubmitError>
//! node.submit_all(&ChainId, Vec<Vec<u8>>).await -> Vec<Result<Accepted, SubmitError>>             // in order; chains of spends
//! node.fill_claims(&ChainId, Transaction).await -> Result<Transaction, SubmitError>            // claims its contracts name
//! node.submit_unsigned(&ChainId, Transaction).await -> Result<Accepted, SubmitError>           // steps that nobody need sign
//! node.party(&ChainId, &Address) -> Option<Arc<PartyEntry>>                                   // its newest record
//! node.learn(&ChainId, &[Address]).await -> Result<(), SubmitError>                            // records, from the directory
//! node.check(&ChainId, Transaction).await -> Result<CheckedTransaction { examined, warnings }, SubmitError> // dry run without signatures
//! node.missing(&ChainId, Transaction, Vec<PartySignature>).await -> Result<Vec<MissingSigner>, SubmitError>
//! node.journal(&ChainId, JournalRecord).await -> Result<u64, SubmitError>                      // answers when durable
//!
//! node.reads_journal(&ChainId, &Address) -> bool                                              // owner and supervisors
//! node.journal_entries(&ChainId, &Address, after, limit).await -> Result<Vec<SealedEntry>, ChainError>
//! node.journal_proof(&ChainId, &Address, number).await -> Result<Option<JournalProof>, ChainError>
//!
//! node.transaction(&ChainId, &TransactionId).await -> Result<Option<CommittedTransaction>, ChainError>
//! node.command(&ChainId, &CommandId).await         -> Result<Option<CommittedTransaction>, ChainError>
//! node.block(&ChainId, height).await               -> Result<Option<Block>, ChainError>
//! node.proof(&ChainId, &TransactionId).await       -> Result<Option<InclusionProof>, ChainError>
//! node.state_proof(&ChainId, &Question, Option<height>).await -> Result<Option<StateProof>, ProveError>
//! node.balances(&ChainId, &Address) -> Vec<Balance { asset, free, locked }>
//! node.holdings(&ChainId, &Address, Option<&AssetId>) -> Vec<HeldState { reference, asset, amount, locked }>
//!
//! node.read_view(&[ChainId]) -> ReadView           // view.select::<Entity>() is restricted to these chains
//! node.database() -> &Database                     // hive-platform's own tables: database.read(), database.begin_write()
//! node.subscribe(after: Option<i64>) -> BoxStream<Result<OutboxEvent, ChainError>>
//! node.stages() -> [(Stage, StageTime { wall, cpu }); 5]      // where the time of transactions went since it was opened
//! node.measured().await -> Measured                // counters, durations, chains; for who watches
//! node.ready() -> Result<(), String>; node.parked() -> Vec<Parked>
//! export(NodeConfig, &ChainId, Version, |bytes| ..., |progress| ...).await -> Result<ExportReport, ExportError> // its archive
//! list(database_url).await -> Result<Vec<ListedChain { chain, name, height, created_ms }>, ChainError>
//! audit_closed(NodeConfig, Option<AuditSample>, |progress| ...).await -> Result<AuditReport, ChainError> // offline, writes nothing
//! node.rebuild(projection, Option<&ChainId>, |progress| ...).await -> Result<RebuildReport, RebuildError>
//! rebuild_closed(NodeConfig, projection, Option<&ChainId>, |progress| ...).await -> Result<RebuildReport, RebuildError>
//! backup(NodeConfig, node_id, path, |progress| ...).await -> Result<BackupReport, BackupError>  // the node may run
//! restore(NodeConfig, node_id, backup, scratch, |progress| ...).await -> Result<RestoreReport, BackupError>
//! import(NodeConfig, scratch, async || record, |progress| ...).await -> Result<ImportReport, ImportError>
//! check_upgrade(NodeConfig, scratch, |progress| ...).await -> Result<UpgradeReport, BackupError>; upgrade(NodeConfig).await
//! node.audit(|progress| ...).await -> Result<AuditReport, ChainError>; node.shutdown().await
//! ```

mod audit;
mod backup;
mod clock;
mod commit;
mod config;
mod directory;
mod error;
mod executor;
mod export;
mod fault;
mod holdings;
mod hosted;
mod import;
mod journal;
mod listing;
mod membership;
mod mempool;
mod meter;
mod node;
mod outbox;
mod past;
mod present;
mod producer;
mod projection;
mod prove;
mod rebuild;
mod rebuilt;
mod replay;
pub mod seal;
mod sequence;
mod storage;
mod submit;
mod succession;
mod timer;
mod upgrade;
mod waiting;

#[cfg(test)]
mod tests;

pub use audit::{AuditProgress, AuditReport, AuditSample, AuditStage, Finding, FindingKind, audit_closed};
pub use backup::{
    BackupError, BackupManifest, BackupProgress, BackupReport, ChainTip, RestoreProgress, RestoreReport, backup,
    restore,
};
pub use clock::{Clock, SystemClock};
pub use config::{Durability, NodeConfig};
pub use error::{ChainError, SubmitError};
pub use export::{ExportError, ExportProgress, ExportReport, export};
pub use holdings::{Balance, HeldState};
pub use hosted::ChainSummary;
pub use import::{ImportError, ImportProgress, ImportReport, import};
pub use journal::{JournalKey, JournalRecord, SealedEntry};
pub use listing::{ListedChain, list};
pub use membership::Membership;
pub use meter::{ChainMeasured, Distribution, EventsMeasured, Lookups, LookupsMeasured, Measured, Stage, StageTime};
pub use node::{ChainCounts, CommittedTransaction, Node, Parked, StoppedChain};
pub use outbox::OutboxEvent;
pub use projection::{CommittedBlock, Projection, ProjectionError};
pub use prove::ProveError;
pub use rebuild::{RebuildError, RebuildProgress, RebuildReport, rebuild_closed};
pub use sequence::{SequenceError, SequencedBlock, Sequencer, Solo};
pub use storage::{
    Database, Migrations, Place, ProjectionWriter, ReadTransaction, ReadView, StorageError, WriteTransaction,
};
pub use submit::{Accepted, CheckedTransaction};
pub use succession::{SUCCESSIONS_MAX, Succession};
pub use upgrade::{UpgradeProgress, UpgradeReport, check_upgrade, upgrade};
