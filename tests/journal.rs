//! A supervisor reads a chain's journal, opens it with its own key and proves an entry to outsiders; nobody else reads any.

use std::fs;

use hive_app::cli::key_file::KeyFile;
use hive_chain::SealedEntry;
use ledger_core::encoding::{Wire, decode, encode};
use ledger_core::journal::JournalProof;
use serde_json::{Value, json};

use crate::cast::{BANK_A, DEPOSITOR, OPERATOR, REGULATOR, SUPPLIER};
use crate::node::Node;
use crate::trade::Purse;

const JOURNAL: &str = "query($chain: ID!, $after: String) { journal(chain: $chain, first: 4, after: $after) { totalCount \
     pageInfo { hasNextPage endCursor } nodes { number kind subject actor hash bytes epoch sealed sealedKey proof } } }";

#[test]
fn a_supervisor_opens_and_proves_the_journal_and_nobody_else_reads_it() {
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    purse.payment(&supplier.address.to_string(), "12.50", "journal").settle(&[&depositor]);
    let refused = "mutation($chain: ID!) { submitTransactions(input: { chain: $chain, transactions: [\"00\"] }) \
         { acceptedCount } }";
    let refused = depositor.data("platform", refused, json!({ "chain": purse.chain }));
    assert_eq!(refused["submitTransactions"]["acceptedCount"], 0);
    let page = |party: &str, endpoint: &str, after: &Value| {
        let variables = json!({ "chain": purse.chain, "after": after });
        node.party(party).data(endpoint, JOURNAL, variables)["journal"].clone()
    };
    for stranger in [DEPOSITOR, SUPPLIER, BANK_A] {
        let nothing = page(stranger, "platform", &Value::Null);
        assert_eq!((&nothing["totalCount"], &nothing["nodes"]), (&json!("0"), &json!([])), "{stranger}");
    }
    let mut shown = page(REGULATOR, "regulator", &Value::Null);
    let mut entries = shown["nodes"].as_array().expect("a list").clone();
    while shown["pageInfo"]["hasNextPage"] == true {
        shown = page(REGULATOR, "platform", &shown["pageInfo"]["endCursor"]);
        entries.extend(shown["nodes"].as_array().expect("a list").clone());
    }
    let numbers: Vec<&str> = entries.iter().filter_map(|entry| entry["number"].as_str()).collect();
    let expected: Vec<String> = (1..=entries.len()).map(|number| number.to_string()).collect();
    assert_eq!((numbers.len(), &shown["totalCount"]), (expected.len(), &json!(expected.len().to_string())));
    assert!(numbers == expected && numbers.len() > 4, "{numbers:?}");
    let kind = |entry: Option<&Value>| entry.map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned());
    let (first, last) = (kind(entries.first()), kind(entries.last()));
    assert_eq!((first.as_deref(), last.as_deref()), (Some("journal_key_rotated"), Some("transactions_refused")));
    assert_eq!(kind(entries.get(1)).as_deref(), Some("proposal_opened"));

    let key = |party: &str| {
        let path = node.data().join("keys").join(format!("{party}.json"));
        KeyFile::read(&path).expect("a key file").encryption_key().expect("an encryption key")
    };
    let bytes = |entry: &Value, field: &str| hex::decode(entry[field].as_str().expect("bytes")).expect("hexadecimal");
    let opened = |entry: &Value, party: &str| {
        let sealed = SealedEntry {
            entry: decode(&bytes(entry, "bytes")).expect("an entry"),
            epoch: entry["epoch"].as_str().expect("a number").parse().expect("a number"),
            sealed: bytes(entry, "sealed"),
            sealed_key: Some(bytes(entry, "sealedKey")),
        };
        sealed.open(&key(party))
    };
    let content = opened(&entries[1], REGULATOR).expect("the supervisor's key opens it");
    let details: Value = serde_json::from_slice(&content.content).expect("JSON");
    assert!(details["transaction"].is_string(), "{details}");
    assert!(opened(&entries[1], OPERATOR).is_err());

    let proof: JournalProof = decode(&bytes(&entries[1], "proof")).expect("a proof");
    let shown = JournalProof { content: Some(content), ..proof };
    let mut forged = shown.to_wire();
    forged.content.as_mut().expect("its content").content.push(b' ');
    let forged: JournalProof = JournalProof::from_wire(forged).expect("a proof by its form");
    node.stop();
    let file = node.path("entry.proof");
    let path = file.display().to_string();
    fs::write(&file, encode(&shown)).expect("the file can be written");
    let proved = node.hive(&["--json", "verify", &path, "--chain", &purse.chain]).expect_status(0).json();
    assert_eq!((&proved["proved"], &proved["kind"]), (&json!("journalEntry"), &json!("proposal_opened")));
    assert_eq!(serde_json::from_str::<Value>(proved["content"].as_str().expect("text")).expect("JSON"), details);
    fs::write(&file, encode(&forged)).expect("the file can be written");
    let refused = node.hive(&["verify", &path]).expect_status(2);
    assert!(refused.stderr.contains("JOURNAL_PROOF_CONTENT_DIFFERS"), "{}", refused.stderr);
}
