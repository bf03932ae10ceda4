//! What a backup says of itself.

use ledger_core::{BlockHash, ChainId, Digest};
use serde_json::{Value, json};

use super::BackupError;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::storage::{Database, manifest_store};

/// A chain at its tip, as its blocks give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainTip {
    /// Its id.
    pub chain: ChainId,
    /// The name that its genesis gives it.
    pub name: String,
    /// Height of its last block.
    pub height: u64,
    /// Hash of its last block; the chain's id before the first.
    pub tip: BlockHash,
    /// Root of the state map after the last block.
    pub state_root: Digest,
}

impl ChainTip {
    pub(crate) fn of(chain: &HostedChain) -> Self {
        let ledger = chain.ledger();
        Self {
            chain: chain.id,
            name: chain.genesis.name.clone(),
            height: ledger.height(),
            tip: ledger.tip(),
            state_root: ledger.state_root(),
        }
    }
}

/// Of which node a backup is, when it was made, and what it must give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupManifest {
    /// Version of the framework that wrote it.
    pub framework: String,
    /// The node.
    pub node: String,
    /// Key that seals the node's blocks, hexadecimal.
    pub recorder: String,
    /// When it was begun, milliseconds UTC.
    pub made_at_ms: u64,
    /// The chains, in the order in which they were made.
    pub chains: Vec<ChainTip>,
}

impl BackupManifest {
    pub(super) fn of(node_id: &str, config: &NodeConfig) -> Self {
        Self {
            framework: env!("CARGO_PKG_VERSION").to_owned(),
            node: node_id.to_owned(),
            recorder: config.recorder.public().to_string(),
            made_at_ms: config.clock.now_ms(),
            chains: Vec::new(),
        }
    }

    /// The manifest as it stands in the file.
    pub fn as_json(&self) -> Value {
        let chain = |chain: &ChainTip| {
            json!({ "chain": chain.chain.to_string(), "name": chain.name, "height": chain.height,
                "tip": chain.tip.to_string(), "stateRoot": chain.state_root.to_string() })
        };
        json!({ "framework": self.framework, "node": self.node, "recorder": self.recorder,
            "madeAtMilliseconds": self.made_at_ms, "chains": self.chains.iter().map(chain).collect::<Vec<_>>() })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |value: &Value, field: &str| Some(value.get(field)?.as_str()?.to_owned());
        let chain = |value: &Value| {
            Some(ChainTip {
                chain: text(value, "chain")?.parse().ok()?,
                name: text(value, "name")?,
                height: value.get("height")?.as_u64()?,
                tip: text(value, "tip")?.parse().ok()?,
                state_root: text(value, "stateRoot")?.parse().ok()?,
            })
        };
        Some(Self {
            framework: text(value, "framework")?,
            node: text(value, "node")?,
            recorder: text(value, "recorder")?,
            made_at_ms: value.get("madeAtMilliseconds")?.as_u64()?,
            chains: value.get("chains")?.as_array()?.iter().map(chain).collect::<Option<_>>()?,
        })
    }
}

pub(super) async fn write(database: &Database, manifest: &BackupManifest) -> Result<(), ChainError> {
    Ok(manifest_store::write(database, &manifest.as_json().to_string()).await?)
}

/// Takes the manifest out of a copy.
pub(super) async fn take(database: &Database) -> Result<BackupManifest, BackupError> {
    let text = manifest_store::take(database).await.map_err(ChainError::from)?;
    let value = serde_json::from_str(&text).unwrap_or_default();
    BackupManifest::from_json(&value).ok_or(BackupError::Differs { what: "of itself" })
}
