//! What is accepted and still worth a look, and what of a chain may change, as clients read them.

use hive_plug::scenario::Stage;
use ledger_core::contract::title;
use ledger_core::{
    Address, Amount, Anchor, CommandId, Date, SignedTransaction, TimeWindow, TitleId, Transaction, TransactionBuilder,
    TransactionFrame, wire,
};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::played;
use crate::fixture::{self, Running};

const CHECK: &str = "query($c: ID!, $t: Hex!) { checkTransaction(chain: $c, transaction: $t) \
                     { userErrors { code } warnings { code message } } }";
const PREPARE: &str =
    "query($c: ID!, $t: [Hex!]!) { preparedTransactions(chain: $c, transactions: $t) { transaction } }";
const SUBMIT: &str = "mutation($c: ID!, $t: [Hex!]!) { submitTransactions(input: { chain: $c, transactions: $t }) \
                      { results { replayed userErrors { code } warnings { code } } } }";

fn ask(stage: &Stage, query: &str, variables: Value) -> Value {
    stage.graphql_at("platform", "issuer", query, variables).unwrap()
}

/// The issuer keeps goods of alice's under a number.
fn titled(running: &Running, stage: &Stage, number: &str) -> Transaction {
    let chain = stage.chain();
    let [custodian, holder] = ["issuer", "alice"].map(|role| stage.address(role).unwrap().parse::<Address>().unwrap());
    let node = &running.services.node;
    let tip = node.read_ledger(&chain, |ledger| Anchor { height: ledger.height(), block: ledger.tip() });
    let anchor = Handle::current().block_on(tip).unwrap();
    let now_ms = node.clock().now_ms();
    let title = title::Title {
        title: TitleId::derive(&chain, &custodian, number),
        custodian,
        number: number.to_owned(),
        quantity: Amount::from_minor(6_000).unwrap(),
        unit: "KGM".to_owned(),
    };
    let frame = TransactionFrame {
        chain,
        salt: [7; 32],
        submitter: custodian,
        command_id: CommandId::derive(&chain, &custodian, number),
        time_window: TimeWindow { from_ms: now_ms, until_ms: now_ms + 3_600_000 },
        effective_on: Date::of_ms(now_ms).unwrap(),
        anchor,
    };
    let builder = TransactionBuilder::new(frame).output(title::title_state(&title, holder));
    let unfilled = builder.command("title@1".parse().unwrap(), title::ISSUE, &wire::TitleIssue {}).build();
    let variables = json!({ "c": chain.to_string(), "t": [hex::encode(unfilled.encode())] });
    let filled = ask(stage, PREPARE, variables);
    let bytes = filled["preparedTransactions"][0]["transaction"].as_str().unwrap();
    Transaction::decode(&hex::decode(bytes).unwrap()).unwrap()
}

/// Codes of the warnings before and after, and whether it was accepted before.
fn submitted(running: &Running, stage: &Stage, transaction: Transaction) -> (Value, Value) {
    let chain = stage.chain().to_string();
    let checked = ask(stage, CHECK, json!({ "c": chain, "t": hex::encode(transaction.encode()) }));
    let keys = ["issuer", "alice"].map(|role| running.folder.key_or_new(role).unwrap());
    let keys: Vec<_> = keys.iter().map(|key| (key.party().unwrap(), key.signing_key().unwrap())).collect();
    let signed = SignedTransaction::sign(transaction, keys.iter().map(|(party, key)| (*party, key))).unwrap();
    let answer = ask(stage, SUBMIT, json!({ "c": chain, "t": [hex::encode(signed.encode())] }));
    (checked["checkTransaction"].clone(), answer["submitTransactions"]["results"][0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_near_number_is_shown_as_a_warning_and_accepted() {
    let running = fixture::start().await;
    played(running, |running| {
        let (stage, _) = running.stage("run-1");
        let first = titled(running, &stage, "WR-7");
        let (checked, answer) = submitted(running, &stage, first);
        assert_eq!(checked, json!({ "userErrors": [], "warnings": [] }));
        assert_eq!(answer, json!({ "replayed": false, "userErrors": [], "warnings": [] }));
        let near = titled(running, &stage, "WR/7");
        let (checked, answer) = submitted(running, &stage, near.clone());
        assert_eq!(checked["userErrors"], json!([]));
        assert_eq!(checked["warnings"][0]["code"], "CLAIM_NEAR");
        assert!(!checked["warnings"][0]["message"].as_str().unwrap().contains("WR-7"));
        assert_eq!(answer, json!({ "replayed": false, "userErrors": [], "warnings": [{ "code": "CLAIM_NEAR" }] }));
        let (_, again) = submitted(running, &stage, near);
        assert_eq!(again, json!({ "replayed": true, "userErrors": [], "warnings": [] }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_shows_its_configuration() {
    let running = fixture::start().await;
    played(running, |running| {
        let (stage, _) = running.stage("run-1");
        let query = "{ chains { name configuration { version blockTransactionsMax blockBytesMax blockIntervalMs \
                     journalIntervalMs contracts } } }";
        let shown = ask(&stage, query, json!({}));
        let genesis = Handle::current().block_on(running.services.node.genesis(&stage.chain())).unwrap();
        let (chain, configuration) = (&shown["chains"][0], &shown["chains"][0]["configuration"]);
        assert_eq!((&chain["name"], &configuration["version"]), (&json!(genesis.name), &json!("1")));
        assert_eq!(configuration["blockTransactionsMax"], genesis.bounds.block_transactions_max);
        assert_eq!(configuration["journalIntervalMs"], genesis.bounds.journal_interval_ms);
        let contracts: Vec<_> = genesis.contracts.iter().map(ToString::to_string).collect();
        assert_eq!(configuration["contracts"], json!(contracts));
    })
    .await;
}
