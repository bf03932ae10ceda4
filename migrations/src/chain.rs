//! Tables of hive-chain: chains, blocks, what is folded from them, the journal and the outbox.
//!
//! Everything but the journal's content can be rebuilt from the `bytes` of `block`. Keys are dense integers, because a random
//! 32-byte key costs twenty times more to insert; hashes are found by an index over their first eight bytes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The list, in order; a released migration never changes.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(ChainTables), Box::new(ChainTimers), Box::new(ClosedChains), Box::new(ChainPresents)]
}

struct ChainTables;

impl MigrationName for ChainTables {
    fn name(&self) -> &str {
        "chain_000001_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ChainTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [chain(), block(), journal_entry(), journal_reader(), outbox_event(), parked_projection()] {
            manager.create_table(table).await?;
        }
        for table in [committed_transaction(), state(), claim()] {
            manager.create_table(clustered(table, manager.get_database_backend())).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "parked_projection",
            "outbox_event",
            "journal_reader",
            "journal_entry",
            "claim",
            "state",
            "committed_transaction",
            "block",
            "chain",
        ] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

struct ChainTimers;

impl MigrationName for ChainTimers {
    fn name(&self) -> &str {
        "chain_000002_timers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ChainTimers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(chain_timer()).await?;
        manager.create_index(index("chain_timer_due", "chain_timer", &["due_ms"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("chain_timer")).to_owned()).await
    }
}

/// The earliest deadline of a chain's agreements; no row while none waits for one. So a closed chain wakes up for it.
fn chain_timer() -> TableCreateStatement {
    table("chain_timer", vec![integer("chain_id"), integer("due_ms")], &["chain_id"])
}

struct ClosedChains;

impl MigrationName for ClosedChains {
    fn name(&self) -> &str {
        "chain_000003_closed_chains"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ClosedChains {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [chain_party(), chain_configuration(), chain_journal()] {
            manager.create_table(table).await?;
        }
        manager.create_index(index("chain_party_party", "chain_party", &["party"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["chain_journal", "chain_configuration", "chain_party"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

/// What a chain knows of a party: its record, where it has one, and its permissions, where they were set; canonical Party and
/// Permissions. So a party finds its chains, open or closed.
fn chain_party() -> TableCreateStatement {
    let columns = vec![integer("chain_id"), bytes("party"), optional(bytes("record")), optional(bytes("permissions"))];
    table("chain_party", columns, &["chain_id", "party"])
}

/// The canonical Configuration in force, where a transaction has set it; no row while the genesis' is.
fn chain_configuration() -> TableCreateStatement {
    table("chain_configuration", vec![integer("chain_id"), bytes("configuration")], &["chain_id"])
}

/// How many journal entries no block has folded yet; no row where none waits. So they are folded after a restart.
fn chain_journal() -> TableCreateStatement {
    table("chain_journal", vec![integer("chain_id"), integer("waiting")], &["chain_id"])
}

struct ChainPresents;

impl MigrationName for ChainPresents {
    fn name(&self) -> &str {
        "chain_000004_present"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ChainPresents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(chain_present()).await?;
        // Mostly hashes, which nothing makes smaller.
        if manager.get_database_backend() == DbBackend::Postgres {
            let uncompressed = "ALTER TABLE chain_present ALTER COLUMN bytes SET STORAGE EXTERNAL";
            manager.get_connection().execute_unprepared(uncompressed).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("chain_present")).to_owned()).await
    }
}

/// What a node keeps of a chain's memory, attested by its recorder, so that the chain opens without a replay of its history; a
/// cache, which may be missing. `generation` is the height that a part belongs to, 0 of the head and of what is only appended;
/// `ordinal` counts the parts of a `kind` from 0.
fn chain_present() -> TableCreateStatement {
    let columns = vec![integer("chain_id"), integer("generation"), integer("kind"), integer("ordinal"), bytes("bytes")];
    table("chain_present", columns, &["chain_id", "generation", "kind", "ordinal"])
}

/// SQLite keeps small rows in the primary key's own tree; PostgreSQL has no such clause.
fn clustered(mut table: TableCreateStatement, backend: DbBackend) -> TableCreateStatement {
    if backend == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

fn integer(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().take()
}

fn bytes(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).blob().not_null().take()
}

fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null().take()
}

fn table(name: &str, columns: Vec<ColumnDef>, key: &[&str]) -> TableCreateStatement {
    let mut statement = Table::create();
    statement.table(Alias::new(name));
    for mut column in columns {
        statement.col(&mut column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(Alias::new(*column));
    }
    statement.primary_key(&mut primary);
    statement
}

/// One row per chain; `chain_id` is dense from 1, `identity` is the ChainId.
fn chain() -> TableCreateStatement {
    let columns = vec![integer("chain_id"), bytes("identity"), text("name"), bytes("genesis")];
    table("chain", columns, &["chain_id"])
}

/// One row per block; `sequence` numbers the commits of all chains, `bytes` is the canonical Block.
fn block() -> TableCreateStatement {
    let columns = vec![
        integer("chain_id"),
        integer("height"),
        integer("sequence"),
        bytes("hash"),
        integer("time_ms"),
        integer("transaction_count"),
        integer("journal_count"),
        bytes("bytes"),
    ];
    table("block", columns, &["chain_id", "height"])
}

/// Where a transaction and its command id stand; the body lies in the block.
fn committed_transaction() -> TableCreateStatement {
    let columns = vec![
        integer("chain_id"),
        integer("height"),
        integer("position"),
        bytes("id"),
        integer("id_prefix"),
        bytes("command_id"),
        integer("command_prefix"),
    ];
    table("committed_transaction", columns, &["chain_id", "height", "position"])
}

/// One row per output ever created; `number` is dense per chain, `spent_height` is null while it is unspent.
fn state() -> TableCreateStatement {
    let columns = vec![
        integer("chain_id"),
        integer("number"),
        integer("height"),
        integer("position"),
        integer("output_index"),
        text("contract"),
        text("kind"),
        bytes("owner"),
        optional(bytes("asset")),
        optional(integer("amount")),
        integer("lock_count"),
        optional(integer("spent_height")),
    ];
    table("state", columns, &["chain_id", "number"])
}

/// A claim held by a state: exclusive (1) while the state lives, or once (2), for ever.
fn claim() -> TableCreateStatement {
    let columns =
        vec![integer("chain_id"), integer("state_number"), integer("ordinal"), bytes("claim_key"), integer("kind")];
    table("claim", columns, &["chain_id", "state_number", "ordinal"])
}

/// The node's attestation of what leaves no state, chained per chain by `hash`. `sealed` is salt and content under the key of
/// the `epoch`, `commitment` the salted hash of the content.
fn journal_entry() -> TableCreateStatement {
    let columns = vec![
        integer("chain_id"),
        integer("number"),
        integer("recorded_at_ms"),
        bytes("actor"),
        text("kind"),
        text("subject"),
        integer("epoch"),
        bytes("sealed"),
        bytes("commitment"),
        bytes("hash"),
    ];
    table("journal_entry", columns, &["chain_id", "number"])
}

/// Who reads a chain's journal in an epoch, with that epoch's key sealed to its encryption key; the entry that begins the
/// epoch names the same parties and keys.
fn journal_reader() -> TableCreateStatement {
    let columns = vec![
        integer("chain_id"),
        integer("epoch"),
        integer("ordinal"),
        bytes("reader"),
        bytes("encryption_key"),
        bytes("sealed_key"),
    ];
    table("journal_reader", columns, &["chain_id", "epoch", "ordinal"])
}

/// What subscribers are told; `sequence` is dense over all chains, so that one number resumes a subscription.
fn outbox_event() -> TableCreateStatement {
    let columns = vec![
        integer("sequence"),
        integer("chain_id"),
        integer("height"),
        text("kind"),
        bytes("parties"),
        text("payload"),
    ];
    table("outbox_event", columns, &["sequence"])
}

/// A projection that failed on a block, and waits there.
fn parked_projection() -> TableCreateStatement {
    let columns = vec![integer("chain_id"), text("name"), integer("height"), text("reason")];
    table("parked_projection", columns, &["chain_id", "name"])
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("chain_identity", "chain", &["identity"], true),
        index("block_sequence", "block", &["sequence"], true),
        index("committed_transaction_id", "committed_transaction", &["chain_id", "id_prefix"], false),
        index("committed_transaction_command", "committed_transaction", &["chain_id", "command_prefix"], false),
    ]
}

fn index(name: &str, table: &str, columns: &[&str], unique: bool) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(name).table(Alias::new(table));
    for column in columns {
        statement.col(Alias::new(*column));
    }
    if unique {
        statement.unique();
    }
    statement
}
