//! A node with its verticals, from a data folder.

use std::sync::Arc;

use hive_chain::{
    AuditProgress, AuditReport, AuditSample, ExportProgress, ExportReport, ListedChain, Node, NodeConfig, audit_closed,
};
use hive_platform::{Platform, PlatformConfig};
use hive_plug::Messages;
use ledger_core::archive::Version;
use ledger_core::{ChainId, Coded, ContractSet};

use super::database;
use super::error::CliError;
use super::folder::{DataFolder, FolderLock};
use super::key_file::NodeSecrets;
use crate::endpoint::vertical::Registered;
use crate::endpoint::{About, Services};

/// A node whose data folder belongs to this process.
pub struct Opened {
    /// The chains.
    pub node: Node,
    /// Audience of its tokens.
    pub node_id: String,
    token_key: hive_platform::Secret,
    /// Held as long as the node is open.
    pub lock: FolderLock,
}

/// Opens the node of a folder; a new one only with `create`. What is asked of it besides is set by `adjust`.
///
/// # Errors
/// Another process has the folder, there is no node in it, its keys or its history are damaged.
pub async fn node(
    folder: &DataFolder,
    verticals: &[Registered],
    create: bool,
    adjust: impl FnOnce(&mut NodeConfig),
) -> Result<Opened, CliError> {
    if create {
        folder.create()?;
    } else if !folder.has_database() {
        return Err(CliError::NoNode { path: folder.root().to_owned() });
    }
    let lock = folder.lock()?;
    let secrets = folder.node_secrets(create)?;
    let mut config = config(folder, verticals, &secrets)?;
    adjust(&mut config);
    let node = Node::open(config).await.map_err(|error| CliError::node(error.code(), &error))?;
    database::remember(folder)?;
    Ok(Opened { node, node_id: secrets.node_id.clone(), token_key: secrets.token_key()?, lock })
}

/// Audits the node of a folder, even one too damaged to open.
///
/// # Errors
/// As for [`node`]; damage is a finding of the report.
pub async fn audit(
    folder: &DataFolder,
    verticals: &[Registered],
    sample: Option<AuditSample>,
    progress: impl FnMut(AuditProgress) + Send,
) -> Result<AuditReport, CliError> {
    if !folder.has_database() {
        return Err(CliError::NoNode { path: folder.root().to_owned() });
    }
    let lock = folder.lock()?;
    let config = config(folder, verticals, &folder.node_secrets(false)?)?;
    let report = audit_closed(config, sample, progress).await.map_err(|error| CliError::node(error.code(), &error))?;
    drop(lock);
    Ok(report)
}

/// Takes a folder that has a node for this process, until the lock is dropped.
///
/// # Errors
/// There is no node in the folder, or another process has it.
pub(super) fn locked(folder: &DataFolder) -> Result<FolderLock, CliError> {
    if !folder.has_database() {
        return Err(CliError::NoNode { path: folder.root().to_owned() });
    }
    folder.lock()
}

/// What a folder's node is made of, and its id; nothing is opened.
///
/// # Errors
/// There is no node in the folder, or its keys cannot be read.
pub(super) fn closed(folder: &DataFolder, verticals: &[Registered]) -> Result<(NodeConfig, String), CliError> {
    if !folder.has_database() {
        return Err(CliError::NoNode { path: folder.root().to_owned() });
    }
    configured(folder, verticals)
}

/// The same of a folder that may have no database yet.
///
/// # Errors
/// Its keys cannot be read.
pub(super) fn configured(folder: &DataFolder, verticals: &[Registered]) -> Result<(NodeConfig, String), CliError> {
    let secrets = folder.node_secrets(false)?;
    Ok((config(folder, verticals, &secrets)?, secrets.node_id.clone()))
}

/// The chains in the database of a folder, whether its node runs or not.
///
/// # Errors
/// There is no node in the folder, or its database cannot be read.
pub async fn chains(folder: &DataFolder) -> Result<Vec<ListedChain>, CliError> {
    if !folder.has_database() {
        return Err(CliError::NoNode { path: folder.root().to_owned() });
    }
    hive_chain::list(&folder.database_url()).await.map_err(|error| CliError::node(error.code(), &error))
}

/// Writes a chain's archive from the database of a folder, whether its node runs or not.
///
/// # Errors
/// There is no node or no such chain in the folder, its history is damaged, or `write` fails.
pub async fn export(
    folder: &DataFolder,
    verticals: &[Registered],
    (chain, version): (&ChainId, Version),
    write: impl FnMut(&[u8]) -> std::io::Result<()>,
    progress: impl FnMut(ExportProgress),
) -> Result<ExportReport, CliError> {
    if !folder.has_database() {
        return Err(CliError::NoNode { path: folder.root().to_owned() });
    }
    let config = config(folder, verticals, &folder.node_secrets(false)?)?;
    let exported = hive_chain::export(config, chain, version, write, progress).await;
    exported.map_err(|error| CliError::node(error.code(), &error))
}

/// Every contract that chains of a node with these verticals may have.
pub fn contracts(verticals: &[Registered]) -> ContractSet {
    let brought = verticals.iter().flat_map(|vertical| (vertical.contracts)());
    brought.fold(ContractSet::built_in(), ContractSet::with)
}

fn config(folder: &DataFolder, verticals: &[Registered], secrets: &NodeSecrets) -> Result<NodeConfig, CliError> {
    let config =
        NodeConfig::new(folder.database_url(), secrets.recorder()?, secrets.claim_secret()?, secrets.journal_key()?);
    Ok(equipped(config, verticals))
}

/// A node with the contracts and projections of these verticals.
pub fn equipped(config: NodeConfig, verticals: &[Registered]) -> NodeConfig {
    let projections = verticals.iter().flat_map(|vertical| (vertical.projections)()).collect();
    NodeConfig { contracts: contracts(verticals), projections, ..config }
}

/// Everything that resolvers need, on an open node.
///
/// # Errors
/// The platform's tables are damaged, or texts do not load.
pub async fn services(opened: &Opened, verticals: &[Registered]) -> Result<Services, CliError> {
    let config = PlatformConfig::new(opened.node.clone(), &opened.node_id, opened.token_key.clone());
    let platform = Platform::open(config).await.map_err(|error| CliError::node("PLATFORM_NOT_OPENED", &error))?;
    Ok(Services {
        node: opened.node.clone(),
        platform,
        messages: Arc::new(messages(verticals)?),
        about: Arc::new(About {
            id: opened.node_id.clone(),
            verticals: verticals.iter().map(|vertical| (vertical.name, vertical.manifest.version)).collect(),
        }),
    })
}

/// All texts of these verticals and the framework.
///
/// # Errors
/// A file does not parse, or a message is defined twice.
pub fn messages(verticals: &[Registered]) -> Result<Messages, CliError> {
    let files = verticals.iter().flat_map(|vertical| vertical.manifest.locales.iter().copied());
    Messages::load(files).map_err(|error| CliError::node("LOCALE_UNUSABLE", &error))
}
