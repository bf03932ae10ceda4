//! A client in another language, made from `schema/ledger.proto` alone, agrees with the ledger byte for byte.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use hive_app::cli::key_file::KeyFile;
use ledger_core::encoding::encode;
use ledger_core::{Address, Date, SignedTransaction, StateRef, TransactionId};
use serde_json::{Value, json};

use crate::cast::{DEPOSITOR, SUPPLIER};
use crate::client::Client;
use crate::command::{self, Outcome};
use crate::node::{Node, repository};
use crate::seed::Dice;
use crate::trade::Purse;

#[test]
fn the_ledger_accepts_what_a_python_client_built_and_signed() {
    let node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let change = change_of(&purse, &depositor, &supplier.address);
    let secrets = fs::read_to_string(node.data().join("keys").join(format!("{DEPOSITOR}.json"))).expect("a key file");
    let secrets: Value = serde_json::from_str(&secrets).expect("a key file is JSON");
    let block = "query($chain: ID!) { block(chain: $chain, height: \"1\") { hash } }";
    let block = depositor.data("platform", block, json!({ "chain": purse.chain }));
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis();
    let now_ms = u64::try_from(now_ms).expect("a time");
    let bytes = |address: &Address| hex::encode(address.as_bytes());
    let wish = json!({
        "seed": secrets["seed"],
        "party": bytes(&depositor.address),
        "chain": purse.chain,
        "salt": hex::encode(random()),
        "idempotencyKey": "python",
        "fromMs": now_ms - 60_000,
        "untilMs": now_ms + 3_600_000,
        "effectiveOnDays": Date::of_ms(now_ms).expect("a date").days(),
        "anchor": { "height": 1, "block": block["block"]["hash"] },
        "inputs": [{ "transaction": change.transaction.to_string(), "index": change.index }],
        "asset": purse.asset,
        "outputs": [
            { "owner": bytes(&supplier.address), "amount": 3_000 },
            { "owner": bytes(&depositor.address), "amount": 5_750 },
        ],
    });
    let file = node.path("transfer.json");
    fs::write(&file, wish.to_string()).expect("the file can be written");
    let built = python(&["transfer", &file.display().to_string()]).expect_status(0).json();

    let signed = hex::decode(built["signedTransaction"].as_str().expect("bytes")).expect("hexadecimal");
    let read = SignedTransaction::decode(&signed).expect("the canonical form");
    let id = read.transaction.id().expect("an id");
    assert_eq!(built["id"], id.to_string());
    let key = KeyFile::read(&node.data().join("keys").join(format!("{DEPOSITOR}.json"))).expect("a key file");
    let key = key.signing_key().expect("a key");
    let own = SignedTransaction::sign(read.transaction, [(depositor.address, &key)]).expect("a signature");
    assert_eq!(hex::encode(own.signatures[0].signature.as_bytes()), built["signature"].as_str().unwrap_or_default());
    assert_eq!(hex::encode(own.encode()), hex::encode(&signed));

    let submit = "mutation($input: SubmitTransactionsInput!) { submitTransactions(input: $input) { acceptedCount \
         results { ledger { height transactionId } userErrors { code message } } } }";
    let input = json!({ "input": { "chain": purse.chain, "transactions": [built["signedTransaction"]] } });
    let submitted = depositor.data("platform", submit, input)["submitTransactions"].clone();
    assert_eq!(submitted["acceptedCount"], 1, "{submitted}");
    assert_eq!((purse.balance(&depositor), purse.balance(&supplier)), ("57.50".to_owned(), "42.50".to_owned()));
    proves(&node, &depositor, &purse, &id, &submitted["results"][0]["ledger"]["height"]);
}

/// The client checks the proof of its transaction, and takes no damaged one.
fn proves(node: &Node, client: &Client, purse: &Purse, id: &TransactionId, height: &Value) {
    let query = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { proof } }";
    let shown = client.data("platform", query, json!({ "chain": purse.chain, "id": id.to_string() }));
    let proof = hex::decode(shown["transaction"]["proof"].as_str().expect("a proof")).expect("hexadecimal");
    let file = node.path("python.proof");
    let path = file.display().to_string();
    fs::write(&file, &proof).expect("the file can be written");
    let proved = python(&["verify", &path]).expect_status(0).json();
    assert_eq!((&proved["chain"], &proved["id"]), (&json!(purse.chain), &json!(id.to_string())));
    assert_eq!(proved["height"].to_string(), height.as_str().unwrap_or_default());
    let mut dice = Dice::seeded();
    for _ in 0..8 {
        let mut damaged = proof.clone();
        let place = dice.below(damaged.len());
        damaged[place] ^= 1 << dice.below(8);
        fs::write(&file, &damaged).expect("the file can be written");
        let refused = python(&["verify", &path]);
        assert_eq!(refused.status, Some(2), "byte {place} of {} is flipped: {}", proof.len(), refused.stderr);
    }
}

/// What the client refuses, and how it verifies signatures, is tested beside it: by published vectors and by the replay corpus.
#[test]
fn the_clients_own_tests_pass() {
    let folder = repository().join("examples/clients/python");
    let mut tests = Command::new(interpreter());
    tests.args(["-m", "unittest"]).current_dir(folder);
    command::run(&mut tests).expect_status(0);
}

/// What is left in the payer's hands of a payment.
fn change_of(purse: &Purse, payer: &Client, payee: &Address) -> StateRef {
    let paid = purse.payment(&payee.to_string(), "12.50", "change").settle(&[payer]);
    let bytes = hex::decode(paid["transaction"].as_str().expect("bytes")).expect("hexadecimal");
    let transaction: ledger_core::Transaction = ledger_core::encoding::decode(&bytes).expect("a transaction");
    assert_eq!(encode(&transaction), bytes);
    let own = (0u32..).zip(&transaction.outputs).find(|(_, state)| state.owner == payer.address);
    StateRef { transaction: transaction.id().expect("an id"), index: own.expect("the payer keeps the rest").0 }
}

fn random() -> [u8; 32] {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).expect("the system gives randomness");
    salt
}

/// Runs the client with the packages that the Makefile installs.
fn python(arguments: &[&str]) -> Outcome {
    let mut client = Command::new(interpreter());
    client.arg(repository().join("examples/clients/python/sign_transaction.py")).args(arguments);
    command::run(&mut client)
}

fn interpreter() -> PathBuf {
    let interpreter = repository().join("examples/clients/python/.venv/bin/python");
    assert!(
        interpreter.exists(),
        "the client's packages are missing. Run: make examples/clients/python/.venv/installed"
    );
    interpreter
}
