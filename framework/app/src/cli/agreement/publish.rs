//! `hive agreement publish`: a template onto a chain, while its node runs.

use std::path::PathBuf;

use clap::Args;
use hive_chain::{Clock, SystemClock};
use hive_plug::scenario::{ScenarioError, Seat, Transport};
use ledger_agreement::template::Template;
use ledger_core::contract::agreement::{NAME, PUBLISH, template_state, template_version};
use ledger_core::transaction::TransactionFrame;
use ledger_core::{
    Anchor, ChainId, CommandId, ContractId, Date, SignedTransaction, TimeWindow, Transaction, TransactionBuilder, wire,
};
use serde_json::{Value, json};

use super::subject::Subject;
use crate::cli::client::HttpTransport;
use crate::cli::demonstration::chain_of;
use crate::cli::error::CliError;
use crate::cli::folder::DataFolder;
use crate::cli::output::Output;
use crate::cli::play::stopped;
use crate::cli::sign::ask;
use crate::cli::sign_in;

/// How long the node may take to put it into a block, milliseconds.
const WINDOW_MS: u64 = 3_600_000;

/// Which template, by whom, and where.
#[derive(Debug, Args)]
pub struct PublishArguments {
    /// A template's name, or a file with its JSON
    template: PathBuf,
    /// A party of the demonstration that may issue, e.g. bank, or the path of a key file
    #[arg(long = "as")]
    party: String,
    /// The chain; the demonstration's if left out
    #[arg(long)]
    chain: Option<ChainId>,
    /// URL of the running node
    #[arg(long, env = "HIVE_NODE", default_value = "http://127.0.0.1:4000")]
    node: String,
}

/// Publishes the template; the same one again is told with its first answer.
pub(super) fn run(arguments: &PublishArguments, folder: &DataFolder, output: Output) -> Result<(), CliError> {
    let template = match Subject::read(&arguments.template)? {
        Subject::Template(template, _) => template,
        Subject::Contract(_) => {
            return Err(CliError::Content {
                path: arguments.template.clone(),
                expected: "template",
                reason: "it is a contract without parameters; a template has name, title, text and parameters"
                    .to_owned(),
            });
        }
    };
    let version = template_version(&template).to_string();
    let (seat, key) = (sign_in::seat(folder, &arguments.party)?, sign_in::key(folder, &arguments.party)?);
    let transport = HttpTransport::new(&arguments.node);
    let chain = match arguments.chain {
        Some(chain) => chain,
        None => chain_of(&transport, &seat).map_err(stopped)?,
    };
    let transaction = publication(&transport, &seat, &chain, &template).map_err(stopped)?;
    let id = transaction.id().map_err(|error| CliError::node("ENCODING_MALFORMED", &error))?;
    let signing = key.signing_key()?;
    let signed = SignedTransaction::sign(transaction, [(seat.address, &signing)]);
    let signed = signed.map_err(|error| CliError::node("ENCODING_MALFORMED", &error))?;
    let height = submit(&transport, &seat, &chain, &signed).map_err(stopped)?;
    let facts = [("template", template.name.clone()), ("version", version.clone()), ("height", height.clone())];
    let as_json = json!({ "template": template.name, "version": version, "chain": chain.to_string(),
        "transaction": id.to_string(), "height": height });
    output.facts(&facts, &as_json);
    Ok(())
}

/// The transaction that publishes, its claims filled in by the node.
fn publication(
    transport: &dyn Transport,
    seat: &Seat,
    chain: &ChainId,
    template: &Template,
) -> Result<Transaction, ScenarioError> {
    let other = |error: &dyn std::fmt::Display| ScenarioError::Other(error.to_string());
    let now_ms = SystemClock.now_ms();
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|error| other(&error))?;
    let intention = format!("publish {} {now_ms}", template_version(template));
    let frame = TransactionFrame {
        chain: *chain,
        salt,
        submitter: seat.address,
        command_id: CommandId::derive(chain, &seat.address, &intention),
        time_window: TimeWindow { from_ms: now_ms.saturating_sub(60_000), until_ms: now_ms.saturating_add(WINDOW_MS) },
        effective_on: Date::of_ms(now_ms).map_err(|error| other(&error))?,
        anchor: seen(transport, seat, chain)?,
    };
    let builder = TransactionBuilder::new(frame).output(template_state(template, seat.address));
    let contract = ContractId::new(NAME, 1).map_err(|error| other(&error))?;
    let transaction = builder.command(contract, PUBLISH, &wire::AgreementPublish {}).build();
    let query = "query($chain: ID!, $transactions: [Hex!]!) { preparedTransactions(chain: $chain, transactions: $transactions) \
                 { transaction userErrors { code message } } }";
    let variables = json!({ "chain": chain.to_string(), "transactions": [hex::encode(transaction.encode())] });
    let prepared = ask(transport, seat, query, &variables)?["preparedTransactions"][0].clone();
    refused(&prepared)?;
    let unexpected = || ScenarioError::Other("the node prepared nothing".to_owned());
    let bytes = prepared["transaction"].as_str().and_then(|text| hex::decode(text).ok()).ok_or_else(unexpected)?;
    let filled = Transaction::decode(&bytes).map_err(|error| other(&error))?;
    // Nothing is signed but what was asked for.
    match (Transaction { claims: Vec::new(), ..filled.clone() }) == transaction {
        true => Ok(filled),
        false => Err(other(&"the node prepared another transaction than it was given; it is not signed")),
    }
}

/// The chain's tip, which the signature attests.
fn seen(transport: &dyn Transport, seat: &Seat, chain: &ChainId) -> Result<Anchor, ScenarioError> {
    let chains = ask(transport, seat, "{ chains { id height tip } }", &json!({}))?["chains"].clone();
    let mut listed = chains.as_array().into_iter().flatten();
    let found = listed.find(|listed| listed["id"] == chain.to_string().as_str());
    let found = found.ok_or_else(|| ScenarioError::Other(format!("the party sees no chain {chain} on this node")))?;
    let unexpected = || ScenarioError::Other("the node tells no tip of the chain".to_owned());
    let height = found["height"].as_str().and_then(|height| height.parse().ok()).ok_or_else(unexpected)?;
    let block = found["tip"].as_str().and_then(|tip| tip.parse().ok()).ok_or_else(unexpected)?;
    Ok(Anchor { height, block })
}

/// Submits it; the height at which it stands.
fn submit(
    transport: &dyn Transport,
    seat: &Seat,
    chain: &ChainId,
    signed: &SignedTransaction,
) -> Result<String, ScenarioError> {
    let query = "mutation($input: SubmitTransactionsInput!) { submitTransactions(input: $input) \
                 { userErrors { code message } results { ledger { height } busy userErrors { code message } } } }";
    let variables = json!({ "input": { "chain": chain.to_string(), "transactions": [hex::encode(signed.encode())] } });
    let payload = ask(transport, seat, query, &variables)?["submitTransactions"].clone();
    refused(&payload)?;
    let result = &payload["results"][0];
    refused(result)?;
    match result["ledger"]["height"].as_str() {
        Some(height) => Ok(height.to_owned()),
        None => Err(ScenarioError::Other("the node is busy; nothing was done, try again in a moment".to_owned())),
    }
}

fn refused(answer: &Value) -> Result<(), ScenarioError> {
    let Some(error) = answer["userErrors"].get(0) else { return Ok(()) };
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Err(ScenarioError::Other(format!("{}: {}", text("code"), text("message"))))
}
