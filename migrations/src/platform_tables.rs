//! Tables of hive-platform: sessions, organisations, proposals.
//!
//! None of them can be rebuilt from blocks: they hold who is signed in, what parties are called, and what is not yet on a
//! chain. Whether a proposal was committed is never stored here as truth; the ledger is asked by its command id.

use sea_orm_migration::prelude::*;

/// The list, in order; a released migration never changes.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(PlatformTables)]
}

struct PlatformTables;

impl MigrationName for PlatformTables {
    fn name(&self) -> &str {
        "platform_000001_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PlatformTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            session(),
            refresh_token(),
            organisation(),
            proposal(),
            proposal_party(),
            proposal_signature(),
            reservation(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "platform_reservation",
            "platform_proposal_signature",
            "platform_proposal_party",
            "platform_proposal",
            "platform_organisation",
            "platform_refresh_token",
            "platform_session",
        ] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
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
    if !key.is_empty() {
        let mut primary = Index::create();
        for column in key {
            primary.col(Alias::new(*column));
        }
        statement.primary_key(&mut primary);
    }
    statement
}

/// One row per sign-in; it ends by time or by revocation, whichever comes first.
fn session() -> TableCreateStatement {
    let columns = vec![
        bytes("id"),
        bytes("party"),
        bytes("signing_key"),
        integer("opened_at_ms"),
        integer("expires_at_ms"),
        optional(integer("revoked_at_ms")),
        optional(text("revoked_because")),
    ];
    table("platform_session", columns, &["id"])
}

/// One row per refresh token ever given out; only SHA-256 of the token is stored. Used ones stay, so reuse is seen.
fn refresh_token() -> TableCreateStatement {
    let columns =
        vec![bytes("fingerprint"), bytes("session"), integer("issued_at_ms"), optional(integer("used_at_ms"))];
    table("platform_refresh_token", columns, &["fingerprint"])
}

/// What a party is called on this node.
fn organisation() -> TableCreateStatement {
    let columns = vec![bytes("address"), text("name_en"), text("name_zh"), text("kind"), integer("enrolled_at_ms")];
    table("platform_organisation", columns, &["address"])
}

/// One row per proposal. `number` orders them; `idempotency_key` and `input_hash` make a repeated write the same write.
/// `ended_at_ms` is a note that nothing is left to do; what the end was is in `ending` or, for a commit, on the ledger.
fn proposal() -> TableCreateStatement {
    let columns = vec![
        ColumnDef::new(Alias::new("number")).big_integer().not_null().primary_key().auto_increment().take(),
        bytes("id"),
        bytes("chain"),
        bytes("creator"),
        text("idempotency_key"),
        bytes("input_hash"),
        bytes("body"),
        bytes("transaction_id"),
        bytes("command_id"),
        text("required"),
        text("summary"),
        text("warnings"),
        integer("until_ms"),
        integer("opened_at_ms"),
        integer("journal_number"),
        optional(integer("ended_at_ms")),
        optional(text("ending")),
        optional(bytes("ended_by")),
        optional(text("ending_code")),
        optional(text("ending_text")),
    ];
    table("platform_proposal", columns, &[])
}

/// Who may see a proposal: its creator and those who must sign.
fn proposal_party() -> TableCreateStatement {
    let columns = vec![bytes("party"), integer("proposal")];
    table("platform_proposal_party", columns, &["party", "proposal"])
}

/// The signatures collected so far; one per party and key.
fn proposal_signature() -> TableCreateStatement {
    let columns = vec![
        integer("proposal"),
        bytes("party"),
        bytes("signing_key"),
        bytes("signature"),
        integer("signed_at_ms"),
        integer("journal_number"),
    ];
    table("platform_proposal_signature", columns, &["proposal", "party", "signing_key"])
}

/// The creator's own tokens that an unfinished proposal will spend.
fn reservation() -> TableCreateStatement {
    let columns = vec![
        bytes("chain"),
        bytes("state_transaction"),
        integer("state_index"),
        integer("proposal"),
        bytes("party"),
        integer("until_ms"),
    ];
    table("platform_reservation", columns, &["chain", "state_transaction", "state_index"])
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("platform_session_party", "platform_session", &["party"], false),
        index("platform_session_end", "platform_session", &["expires_at_ms"], false),
        index("platform_refresh_token_session", "platform_refresh_token", &["session"], false),
        index("platform_proposal_id", "platform_proposal", &["id"], true),
        index("platform_proposal_idempotency", "platform_proposal", &["creator", "idempotency_key"], true),
        index("platform_proposal_end", "platform_proposal", &["ended_at_ms", "number"], false),
        index("platform_proposal_creator", "platform_proposal", &["creator", "ended_at_ms", "until_ms"], false),
        index("platform_reservation_party", "platform_reservation", &["party", "chain"], false),
        index("platform_reservation_proposal", "platform_reservation", &["proposal"], false),
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
