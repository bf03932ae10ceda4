//! The demonstration chain: made on first start, with a key of its own for every party.

use std::collections::BTreeSet;

use hive_chain::{Node, SubmitError};
use hive_platform::{Enrolment, Platform};
use hive_plug::scenario::{Role, ScenarioError, Seat, Transport};
use ledger_core::contract::{chain, party};
use ledger_core::party::Permissions;
use ledger_core::{
    Anchor, Bounds, ChainId, Coded, CommandId, ContractId, Date, Genesis, Permission, Policy, SignedTransaction,
    TimeWindow, Transaction, TransactionBuilder, TransactionFrame, wire,
};

use serde_json::{Value, json};

use super::error::CliError;
use super::folder::DataFolder;
use super::key_file::KeyFile;

/// The chain's name.
pub const NAME: &str = "Demonstration";
/// File name of the administrator's key.
pub const ADMINISTRATOR: &str = "administrator";
/// Parties registered in one transaction; each takes two outputs and two signatures.
const PARTIES_PER_TRANSACTION: usize = 64;

/// A party of the demonstration with its key.
struct Member {
    role: Role,
    key: KeyFile,
}

/// The demonstration chain; created with its parties where it is missing, completed where a start was cut short.
///
/// # Errors
/// A key file cannot be used, or the node refuses.
pub async fn ensure(platform: &Platform, folder: &DataFolder, cast: &[Role]) -> Result<ChainId, CliError> {
    let node = platform.node();
    let administrator = folder.key_or_new(ADMINISTRATOR)?;
    // A chain may be renamed; what it began as stays.
    let mut found = None;
    for chain in node.chain_ids() {
        // One that cannot be read is another.
        if node.genesis(&chain).await.is_ok_and(|genesis| genesis.name == NAME) {
            found = Some(chain);
            break;
        }
    }
    let chain = match found {
        Some(chain) => chain,
        None => create(node, folder, &administrator).await?,
    };
    let members: Vec<Member> = cast
        .iter()
        .map(|role| Ok(Member { role: *role, key: folder.key_or_new(role.name)? }))
        .collect::<Result<_, CliError>>()?;
    let mut missing = Vec::new();
    for member in &members {
        let address = member.key.party()?;
        let is_there = node.read_ledger(&chain, |ledger| ledger.parties().any(|(party, _)| *party == address));
        if !is_there.await.map_err(|error| CliError::node(error.code(), &error))? {
            missing.push(member);
        }
    }
    for group in missing.chunks(PARTIES_PER_TRANSACTION) {
        register(node, &chain, &administrator, group).await?;
    }
    for member in &members {
        enrol(platform, member).await?;
    }
    Ok(chain)
}

/// The demonstration chain of a running node, as one of its parties sees it.
///
/// # Errors
/// The node does not answer, or has no such chain of this party.
pub fn chain_of(transport: &dyn Transport, seat: &Seat) -> Result<ChainId, ScenarioError> {
    let reply = seat.post(transport, "/graphql/platform", &json!({ "query": "{ chains { id name } }" }))?;
    let chains = reply.body["data"]["chains"].as_array().cloned().unwrap_or_default();
    let named = |chain: &&Value| chain["name"] == NAME;
    let found = chains.iter().find(named).and_then(|chain| chain["id"].as_str());
    let id = found.and_then(|id| id.parse().ok());
    id.ok_or_else(|| ScenarioError::Other(format!("the node has no chain {:?} of this party", NAME)))
}

async fn create(node: &Node, folder: &DataFolder, administrator: &KeyFile) -> Result<ChainId, CliError> {
    let recorder = folder.node_secrets(false)?.recorder()?.public();
    let genesis = Genesis {
        name: NAME.to_owned(),
        administrator: Policy::Key(administrator.public()?),
        administrator_nonce: administrator.nonce()?,
        bounds: Bounds::default(),
        recorder,
        contracts: node.contracts().ids(),
        nonce: random()?,
        created_ms: node.clock().now_ms(),
        directory: None,
    };
    node.create_chain(genesis).await.map_err(|error| CliError::node("CHAIN_NOT_CREATED", &error))
}

/// Registers parties and grants them what their roles need; administrator and parties sign with their own keys.
async fn register(node: &Node, chain: &ChainId, administrator: &KeyFile, members: &[&Member]) -> Result<(), CliError> {
    let transaction = registration(node, chain, administrator, members).await?;
    let filled = node.fill_claims(chain, transaction).await.map_err(|error| refused(&error))?;
    let keys = std::iter::once(administrator).chain(members.iter().map(|member| &member.key));
    let keys = keys.map(|key| Ok((key.party()?, key.signing_key()?))).collect::<Result<Vec<_>, CliError>>()?;
    let signed = SignedTransaction::sign(filled, keys.iter().map(|(party, key)| (*party, key)))
        .map_err(|error| CliError::node(error.code(), &error))?;
    node.submit(chain, signed.encode()).await.map_err(|error| refused(&error))?;
    Ok(())
}

async fn registration(
    node: &Node,
    chain: &ChainId,
    administrator: &KeyFile,
    members: &[&Member],
) -> Result<Transaction, CliError> {
    let submitter = administrator.party()?;
    let now_ms = node.clock().now_ms();
    let anchor = node.read_ledger(chain, |ledger| Anchor { height: ledger.height(), block: ledger.tip() });
    let anchor = anchor.await.map_err(|error| CliError::node(error.code(), &error))?;
    let encoding = |error: ledger_core::EncodingError| CliError::node(error.code(), &error);
    let contract = |name| ContractId::new(name, 1).map_err(encoding);
    let names: Vec<&str> = members.iter().map(|member| member.role.name).collect();
    let mut builder = TransactionBuilder::new(TransactionFrame {
        chain: *chain,
        salt: random()?,
        submitter,
        command_id: CommandId::derive(chain, &submitter, &format!("register {}", names.join(" "))),
        time_window: TimeWindow { from_ms: now_ms.saturating_sub(60_000), until_ms: now_ms.saturating_add(3_600_000) },
        effective_on: Date::of_ms(now_ms).map_err(encoding)?,
        anchor,
    });
    for member in members {
        let permissions: BTreeSet<Permission> = member.role.permissions.iter().copied().collect();
        let granted = Permissions { party: member.key.party()?, permissions };
        builder = builder
            .output(party::record_state(&member.key.record()?))
            .output(chain::permissions_state(submitter, &granted));
    }
    Ok(builder
        .command(contract(party::NAME)?, party::REGISTER, &wire::PartyRegister {})
        .command(contract(chain::NAME)?, chain::GRANT, &wire::ChainGrant {})
        .build())
}

async fn enrol(platform: &Platform, member: &Member) -> Result<(), CliError> {
    let enrolment = Enrolment {
        address: member.key.party()?,
        name_en: member.role.title.to_owned(),
        name_zh: member.role.title_zh.to_owned(),
        kind: member.role.kind,
    };
    platform.directory().enrol(&enrolment).await.map_err(|error| CliError::node("DIRECTORY_REFUSED", &error))?;
    Ok(())
}

fn refused(error: &SubmitError) -> CliError {
    CliError::node("DEMONSTRATION_REFUSED", error)
}

fn random() -> Result<[u8; 32], CliError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| CliError::Randomness(error.to_string()))?;
    Ok(bytes)
}
