//! The chains that a database holds, whether its node runs or not.

use ledger_core::encoding::decode;
use ledger_core::{ChainId, Genesis};

use crate::error::ChainError;
use crate::storage::{Database, block_store};

/// A chain as its database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChain {
    /// Its id.
    pub chain: ChainId,
    /// The name that its genesis gives it.
    pub name: String,
    /// Height of its last block.
    pub height: u64,
    /// When it began, milliseconds UTC.
    pub created_ms: u64,
}

/// The chains of a database, in the order in which they were made.
///
/// # Errors
/// There is no such database, or a genesis in it cannot be read.
pub async fn list(database_url: &str) -> Result<Vec<ListedChain>, ChainError> {
    let database = Database::open_existing(database_url).await?;
    let listed = chains(&database).await;
    database.close().await?;
    listed
}

async fn chains(database: &Database) -> Result<Vec<ListedChain>, ChainError> {
    let mut listed = Vec::new();
    for row in block_store::chains(database.read()).await? {
        let genesis: Genesis = decode(&row.genesis)?;
        let height = block_store::height(database.read(), row.number).await?;
        listed.push(ListedChain {
            chain: genesis.chain_id(),
            name: genesis.name,
            height,
            created_ms: genesis.created_ms,
        });
    }
    Ok(listed)
}
