//! Who is too late hears what became of the state, as far as it is theirs to know.

use std::collections::BTreeSet;

use hive_plug::scenario::{Stage, Write};
use ledger_core::{Address, CommandId, SignedTransaction, Transaction};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::played;
use crate::fixture::{self, Running};

const READ: &str = "query($c: ID!, $id: Hash!) { transaction(chain: $c, id: $id) { bytes } }";
const PAY: &str =
    "mutation($input: TransferTokensInput!) { transferTokens(input: $input) { proposal { id } userErrors { code } } }";
const CHECK: &str = "query($c: ID!, $t: Hex!) { checkTransaction(chain: $c, transaction: $t) \
                     { userErrors { code details { name value } } } }";
const SUBMIT: &str = "mutation($c: ID!, $t: [Hex!]!) { submitTransactions(input: { chain: $c, transactions: $t }) \
                      { results { userErrors { code details { name value } } } } }";

/// Another's transaction as a party would send it again under its own name.
fn late(stage: &Stage, role: &str, key: &str, first: &SignedTransaction) -> Transaction {
    let mut late = first.transaction.clone();
    late.submitter = stage.address(role).unwrap().parse::<Address>().unwrap();
    late.command_id = CommandId::derive(&stage.chain(), &late.submitter, key);
    late
}

/// What a party hears of late transactions, each with the owner of what is consumed signing as well, so that nothing but the
/// state stands against it.
fn submitted(running: &Running, stage: &Stage, role: &str, late: Vec<Transaction>) -> Vec<Value> {
    let signers = BTreeSet::from(["bob", role]).into_iter().map(|role| running.folder.key_or_new(role).unwrap());
    let keys: Vec<_> = signers.map(|key| (key.party().unwrap(), key.signing_key().unwrap())).collect();
    let keys = || keys.iter().map(|(party, key)| (*party, key));
    let bytes = late.into_iter().map(|late| hex::encode(SignedTransaction::sign(late, keys()).unwrap().encode()));
    let variables = json!({ "c": stage.chain().to_string(), "t": bytes.collect::<Vec<_>>() });
    let answer = stage.graphql_at("platform", role, SUBMIT, variables).unwrap();
    let results = answer["submitTransactions"]["results"].as_array().unwrap();
    results.iter().map(|result| result["userErrors"].clone()).collect()
}

/// What a party hears of a late transaction that it only asks about.
fn checked(stage: &Stage, role: &str, late: &Transaction) -> Value {
    let variables = json!({ "c": stage.chain().to_string(), "t": hex::encode(late.encode()) });
    stage.graphql_at("platform", role, CHECK, variables).unwrap()["checkTransaction"]["userErrors"].clone()
}

/// Bob pays all that he has back to Alice; the transaction.
fn paid_back(running: &Running, stage: &mut Stage) -> SignedTransaction {
    let (alice, bob) = (stage.address("alice").unwrap(), stage.address("bob").unwrap());
    let node = &running.services.node;
    let balances = Handle::current().block_on(node.balances(&stage.chain(), &bob.parse().unwrap())).unwrap();
    let asset = balances[0].asset.to_string();
    let input = json!({ "chain": stage.chain().to_string(), "idempotencyKey": "run-1/back", "asset": asset,
                        "amount": "40.00", "to": alice });
    let (title, role, endpoint, mutation) = ("Bob pays 40.00 back", "bob", "platform", PAY);
    stage.settle(&Write { title, role, endpoint, mutation, input, signers: &["bob"] }).unwrap();
    let command = CommandId::derive(&stage.chain(), &bob.parse().unwrap(), "run-1/back");
    let chain = stage.chain();
    let accepted = node.read_ledger(&chain, |ledger| ledger.command(&command));
    let accepted = Handle::current().block_on(accepted).unwrap();
    let variables = json!({ "c": stage.chain().to_string(), "id": accepted.unwrap().to_string() });
    let read = stage.graphql_at("platform", "alice", READ, variables).unwrap();
    SignedTransaction::decode(&hex::decode(read["transaction"]["bytes"].as_str().unwrap()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_of_what_was_first_hears_of_it_and_a_stranger_nothing() {
    let running = fixture::start().await;
    played(running, |running| {
        let (mut stage, _) = running.stage("run-1");
        (fixture::registered()[0].scenarios[0].play)(&mut stage).unwrap();
        let first = paid_back(running, &mut stage);
        let consumed_by = first.transaction.id().unwrap();
        let detail = |name: &str, value: String| json!({ "name": name, "value": value });
        let consumed = [
            detail("consumedState", first.transaction.inputs[0].to_string()),
            detail("consumedBy", consumed_by.to_string()),
        ];
        let present = detail("presentState", format!("{consumed_by}:0"));
        // What is now in its place is Alice's alone.
        let told =
            [("bob", consumed.to_vec()), ("alice", [&consumed[..], &[present]].concat()), ("attestor", Vec::new())];
        for (role, details) in told {
            let expected = json!([{ "code": "STATE_NOT_UNSPENT", "details": details }]);
            let late = late(&stage, role, "late", &first);
            assert_eq!(checked(&stage, role, &late), expected, "{role}");
            assert_eq!(submitted(running, &stage, role, vec![late]), [expected], "{role}");
        }
        let five = (0..5).map(|number| late(&stage, "bob", &format!("late {number}"), &first)).collect();
        let details = |errors: Value| errors[0]["details"].as_array().unwrap().len();
        let told: Vec<_> = submitted(running, &stage, "bob", five).into_iter().map(details).collect();
        assert_eq!(told, [2, 2, 2, 2, 0], "the first four are told what became of the state");
    })
    .await;
}
