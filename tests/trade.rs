//! Writes of the tests' own: a token, payments, receipts, and what everybody signs.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cast::{ATTESTOR, BANK_A, DEPOSITOR};
use crate::client::{Client, PROPOSAL};
use crate::node::{Node, repository};

/// A write is on the ledger so soon after the last signature.
const SETTLE_MAX: Duration = Duration::from_secs(30);

/// A write that answers with a proposal.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    /// `platform`, or a vertical.
    pub(crate) endpoint: &'static str,
    /// Name of the mutation.
    pub(crate) field: &'static str,
    /// Type of its input.
    pub(crate) input_type: &'static str,
    /// Its input.
    pub(crate) input: Value,
    /// What else is asked of its payload.
    pub(crate) also: &'static str,
}

impl Write {
    pub(crate) fn platform(field: &'static str, input_type: &'static str, input: Value) -> Self {
        Self { endpoint: "platform", field, input_type, input, also: "asset" }
    }

    pub(crate) fn receipts(field: &'static str, input_type: &'static str, input: Value) -> Self {
        Self { endpoint: crate::cast::RECEIPTS, field, input_type, input, also: "receipt { number }" }
    }

    /// The payload, or what the network or the request's refusal says.
    pub(crate) fn try_by(&self, client: &Client) -> Result<Value, String> {
        let (field, input_type, also) = (self.field, self.input_type, self.also);
        let mutation = format!(
            "mutation($input: {input_type}!) {{ {field}(input: $input) {{ \
             proposal {{ {PROPOSAL} }} {also} replayed userErrors {{ code message }} }} }}"
        );
        let answer = client.try_ask(self.endpoint, &mutation, json!({ "input": self.input }))?;
        let payload = answer.json()["data"][field].clone();
        if payload.is_null() { Err(answer.text()) } else { Ok(payload) }
    }

    /// Writes as the first party, has all of them sign, and answers the proposal once it is committed. An error is one of
    /// the network or of the request, and the same call goes on where it stopped. A rule's refusal fails the test.
    pub(crate) fn try_settle(&self, parties: &[&Client]) -> Result<Value, String> {
        let payload = self.try_by(parties[0])?;
        let errors = payload["userErrors"].as_array().is_some_and(|errors| !errors.is_empty());
        assert!(!errors, "{} {} is refused: {payload}", self.field, self.input);
        let mut proposal = payload["proposal"].clone();
        for party in parties {
            if awaits(&proposal, party) {
                let signed = party.try_sign(&proposal)?;
                // A signature that an earlier try has given already is no news.
                proposal =
                    if signed["proposal"].is_null() { read(party, &proposal)? } else { signed["proposal"].clone() };
            }
        }
        let deadline = Instant::now() + SETTLE_MAX;
        while proposal["status"] != "COMMITTED" {
            let may_come = matches!(proposal["status"].as_str(), Some("OPEN" | "SUBMITTING"));
            assert!(may_come && Instant::now() < deadline, "{} is not settled: {proposal}", self.field);
            thread::sleep(Duration::from_millis(50));
            proposal = read(parties[0], &proposal)?;
        }
        Ok(proposal)
    }

    /// The same where neither network nor request may fail.
    #[track_caller]
    pub(crate) fn settle(&self, parties: &[&Client]) -> Value {
        self.try_settle(parties).unwrap_or_else(|error| panic!("{}: {error}", self.field))
    }
}

fn awaits(proposal: &Value, party: &Client) -> bool {
    let address = party.address.to_string();
    let required = proposal["requiredSignatures"].as_array().into_iter().flatten();
    let is_open = proposal["status"] == "OPEN";
    is_open && required.into_iter().any(|one| one["party"] == address.as_str() && one["satisfied"] == false)
}

fn read(party: &Client, proposal: &Value) -> Result<Value, String> {
    let query = format!("query($id: ID!) {{ proposal(id: $id) {{ {PROPOSAL} }} }}");
    let answer = party.try_ask("platform", &query, json!({ "id": proposal["id"] }))?;
    let found = answer.json()["data"]["proposal"].clone();
    if found.is_null() { Err(answer.text()) } else { Ok(found) }
}

/// A token of the tests' own, all of it in the depositor's hands.
pub(crate) struct Purse {
    pub(crate) chain: String,
    pub(crate) asset: String,
}

impl Purse {
    /// Bank A defines and issues the token, the attestor signs too.
    pub(crate) fn fill(node: &Node, amount: &str) -> Self {
        let (bank, attestor, depositor) = (node.party(BANK_A), node.party(ATTESTOR), node.party(DEPOSITOR));
        let chain = bank.chain();
        let define = Write::platform(
            "defineToken",
            "DefineTokenInput",
            json!({
                "chain": chain, "idempotencyKey": "e2e/define", "code": "E2E", "title": "Token of the tests", "scale": 2,
                "unit": "USD", "backing": "nothing", "attestor": attestor.address.to_string(), "supplyMax": "1000000.00",
                "redeemable": true,
            }),
        );
        let payload = define.try_by(&bank).expect("a token is defined");
        let asset = payload["asset"].as_str().expect("the token has an id").to_owned();
        define.settle(&[&bank, &attestor]);
        let issue = Write::platform(
            "issueTokens",
            "IssueTokensInput",
            json!({
                "chain": chain, "idempotencyKey": "e2e/issue", "asset": asset, "amount": amount,
                "to": depositor.address.to_string(), "reference": "e2e deposit",
            }),
        );
        issue.settle(&[&bank, &attestor]);
        Self { chain, asset }
    }

    /// A payment out of the purse.
    pub(crate) fn payment(&self, to: &str, amount: &str, key: &str) -> Write {
        Write::platform(
            "transferTokens",
            "TransferTokensInput",
            json!({ "chain": self.chain, "idempotencyKey": key, "asset": self.asset, "amount": amount, "to": to }),
        )
    }

    /// A receipt of the depositor's as security for a debt in the token.
    pub(crate) fn pledge(&self, number: &str, pledgee: &Client) -> Write {
        let pledgee = pledgee.address.to_string();
        let input = json!({
            "chain": self.chain, "idempotencyKey": format!("pledge-{number}-{pledgee}"), "receiptNumber": number,
            "pledgee": pledgee, "securedAsset": self.asset, "securedMaximum": "100.00",
        });
        Write::receipts("pledgeReceipt", "PledgeReceiptInput", input)
    }

    /// What a party has of the token, all of it.
    #[track_caller]
    pub(crate) fn balance(&self, party: &Client) -> String {
        let query = "{ holdings(first: 100) { nodes { asset { id } total } } }";
        let holdings = party.data("platform", query, json!({}));
        let nodes = holdings["holdings"]["nodes"].as_array().expect("holdings are a list");
        let own = nodes.iter().find(|holding| holding["asset"]["id"] == self.asset.as_str());
        own.map_or("0.00", |holding| holding["total"].as_str().expect("a total")).to_owned()
    }
}

/// An offer of a receipt to a party.
pub(crate) fn offer(holder: &Client, to: &Client, number: &str) -> Write {
    let later = "2999-01-01T00:00:00.000Z";
    let input = json!({
        "chain": holder.chain(), "idempotencyKey": format!("offer-{number}"), "receiptNumber": number,
        "to": to.address.to_string(), "until": later,
    });
    Write::receipts("offerTransfer", "OfferTransferInput", input)
}

/// The example receipts.
pub(crate) fn example_receipts() -> PathBuf {
    repository().join("examples/trade-node/data/receipts.csv")
}

/// Imports the first receipts of the example; answers their numbers.
pub(crate) fn import_receipts(node: &Node, count: usize) -> Vec<String> {
    let text = fs::read_to_string(example_receipts()).expect("the example data is there");
    let lines: Vec<&str> = text.lines().take(count + 1).collect();
    let file = node.path("receipts.csv");
    fs::write(&file, format!("{}\n", lines.join("\n"))).expect("the file can be written");
    let mut import = node.client_command(&["--json", "import", crate::cast::RECEIPTS]);
    crate::command::run(import.arg(&file)).expect_status(0);
    lines[1..].iter().map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
}
