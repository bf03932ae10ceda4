//! The life of chains: verify, sequence, commit, store, prove, replay.
//!
//! The rules are `ledger_core`'s; here live threads, time, the database and the order of things. One [`Node`] hosts many
//! chains in one database, with one writer.
//!
//! ```text
//! Node::open(NodeConfig) -> Result<Node, ChainError>
//! node.create_chain(Genesis).await -> Result<ChainId, ChainError>
//! node.chains() -> Vec<ChainSummary { id, number, name, height, time_ms, tip }>
//! node.read_ledger(&ChainId, |ledger: &Ledger| ...) -> Option<R>          // a short closure under the read lock
//! node.genesis(&ChainId) -> Option<Genesis>
//!
//! node.submit(&ChainId, Vec<u8>).await -> Result<Accepted { chain, height, position, transaction, recorded_at_ms, replayed }, SubmitError>
//! node.check(&ChainId, &Transaction) -> Result<Vec<Required>, SubmitError>                     // dry run without signatures
//! node.missing(&ChainId, &Transaction, &[PartySignature]) -> Result<Vec<MissingSignature>, SubmitError>
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
//! node.database() -> Database                      // hive-platform's own tables: database.read(), database.begin_write()
//! node.subscribe(after: Option<i64>) -> BoxStream<Result<OutboxEvent, ChainError>>
//! node.ready() -> Result<(), String>; node.parked() -> Vec<Parked>
//! node.audit(|progress| ...).await -> Result<AuditReport, ChainError>; node.shutdown().await
//! ```
