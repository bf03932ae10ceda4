//! `hive sign`: reads a proposal, shows what its bytes say, and signs it with a party's own key.

use clap::Args;
use hive_plug::scenario::{PROPOSAL_SELECTION, ProposalDocument, Role, ScenarioError, Seat, Transport};
use ledger_core::Transaction;
use serde_json::{Value, json};

use super::client::HttpTransport;
use super::error::CliError;
use super::folder::DataFolder;
use super::output::Output;
use super::play::stopped;
use super::sign_in;

/// Which proposal, and whose signature.
#[derive(Debug, Args)]
pub struct SignArguments {
    /// The proposal's id
    proposal: String,
    /// A party of the demonstration, e.g. depositor, or the path of a key file
    #[arg(long = "as", required = true)]
    parties: Vec<String>,
    /// Show what would be signed, and sign nothing
    #[arg(long)]
    show: bool,
    /// URL of the running node
    #[arg(long, env = "HIVE_NODE", default_value = "http://127.0.0.1:4000")]
    node: String,
}

/// Runs `hive sign`.
///
/// # Errors
/// The key cannot be used, the node does not answer or shows other bytes than it asks to sign, or it refuses.
pub fn run(arguments: &SignArguments, folder: &DataFolder, cast: &[Role], output: Output) -> Result<(), CliError> {
    let transport = HttpTransport::new(&arguments.node);
    for party in &arguments.parties {
        let seat = sign_in::seat(folder, party)?;
        let mut proposal = read(&transport, &seat, &arguments.proposal).map_err(stopped)?;
        if !arguments.show && proposal.awaits(&seat.address) {
            output.say(&format!("{party} signs transaction {}:", proposal.transaction_id));
            let signature = seat.sign(&proposal).map_err(stopped)?;
            proposal = sign(&transport, &seat, &arguments.proposal, &signature.to_json()).map_err(stopped)?;
        }
        tell(&proposal, cast, folder, output);
    }
    Ok(())
}

fn read(transport: &dyn Transport, seat: &Seat, id: &str) -> Result<ProposalDocument, ScenarioError> {
    let query = format!("query($id: ID!) {{ proposal(id: $id) {{ {PROPOSAL_SELECTION} }} }}");
    let data = ask(transport, seat, &query, &json!({ "id": id }))?;
    if data["proposal"].is_null() {
        return Err(ScenarioError::Other("there is no such proposal for this party; check the id and --as".to_owned()));
    }
    ProposalDocument::read(&data["proposal"])
}

fn sign(
    transport: &dyn Transport,
    seat: &Seat,
    id: &str,
    signature: &Value,
) -> Result<ProposalDocument, ScenarioError> {
    let query = format!(
        "mutation($input: SignProposalInput!) {{ signProposal(input: $input) {{ \
         proposal {{ {PROPOSAL_SELECTION} }} userErrors {{ code message }} }} }}"
    );
    let data = ask(transport, seat, &query, &json!({ "input": { "id": id, "signatures": [signature] } }))?;
    let payload = &data["signProposal"];
    match payload["userErrors"].get(0) {
        Some(error) => Err(refusal(error)),
        None => ProposalDocument::read(&payload["proposal"]),
    }
}

pub(super) fn ask(
    transport: &dyn Transport,
    seat: &Seat,
    query: &str,
    variables: &Value,
) -> Result<Value, ScenarioError> {
    let reply = seat.post(transport, "/graphql/platform", &json!({ "query": query, "variables": variables }))?;
    match reply.body["errors"].get(0) {
        Some(error) => Err(refusal(error)),
        None => Ok(reply.body["data"].clone()),
    }
}

fn refusal(error: &Value) -> ScenarioError {
    let code = error["code"].as_str().or_else(|| error["extensions"]["code"].as_str()).unwrap_or_default();
    ScenarioError::Other(format!("{code}: {}", error["message"].as_str().unwrap_or_default()))
}

/// What the bytes say, then how the proposal stands.
fn tell(proposal: &ProposalDocument, cast: &[Role], folder: &DataFolder, output: Output) {
    let name = |address: &ledger_core::Address| {
        let known = cast
            .iter()
            .find(|role| sign_in::key(folder, role.name).is_ok_and(|key| key.address == address.to_string()));
        known.map_or_else(|| address.short(), |role| format!("{} {}", role.title, address.short()))
    };
    let mut rows = summary(&proposal.transaction, &name);
    for signatory in &proposal.signatories {
        let stands = if signatory.satisfied { "signed" } else { "missing" };
        rows.push((stands, format!("{} ({})", name(&signatory.party), signatory.role)));
    }
    let height = proposal.height.map_or_else(String::new, |height| format!(" in block {height}"));
    rows.push(("status", format!("{}{height}", proposal.status)));
    let as_json = json!({
        "transaction": proposal.transaction_id.to_string(),
        "status": proposal.status,
        "height": proposal.height,
        "missing": proposal.signatories.iter().filter(|signatory| !signatory.satisfied)
            .map(|signatory| signatory.party.to_string()).collect::<Vec<_>>(),
    });
    output.facts(&rows, &as_json);
}

fn summary(transaction: &Transaction, name: &dyn Fn(&ledger_core::Address) -> String) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    for command in &transaction.commands {
        rows.push(("command", format!("{}/{}", command.contract.name(), command.name)));
    }
    for state in &transaction.inputs {
        rows.push(("consumes", state.to_string()));
    }
    for state in &transaction.outputs {
        let locks: Vec<String> =
            state.locks.iter().map(|lock| format!(", locked for {}", name(&lock.locker))).collect();
        let kind = format!("{} {}", state.contract.name(), state.kind);
        rows.push(("creates", format!("{kind} of {}{}", name(&state.owner), locks.concat())));
    }
    rows
}
