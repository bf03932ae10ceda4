//! A proof of inclusion convinces without the node, and without the node a damaged one does not.

use std::fs;

use serde_json::json;

use crate::cast::{DEPOSITOR, SUPPLIER};
use crate::node::Node;
use crate::seed::Dice;
use crate::trade::Purse;

#[test]
fn a_proof_holds_offline_and_no_byte_of_it_can_be_changed() {
    let mut dice = Dice::seeded();
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let paid = purse.payment(&supplier.address.to_string(), "12.50", "proof").settle(&[&depositor]);
    let query = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { proof ledger { height } } }";
    let variables = json!({ "chain": purse.chain, "id": paid["transactionId"] });
    let shown = depositor.data("platform", query, variables);
    let proof = shown["transaction"]["proof"].as_str().expect("a party of the transaction gets its proof").to_owned();
    let bytes = hex::decode(&proof).expect("a proof is hexadecimal");
    node.stop();

    let file = node.path("payment.proof");
    let path = file.display().to_string();
    for content in [proof.clone().into_bytes(), bytes.clone(), shown["transaction"].to_string().into_bytes()] {
        fs::write(&file, content).expect("the file can be written");
        let proved = node.hive(&["--json", "verify", &path]).expect_status(0).json();
        assert_eq!(proved["proved"], "inclusion");
        assert_eq!(proved["transaction"], paid["transactionId"]);
        assert_eq!(proved["chain"], purse.chain.as_str());
        assert_eq!(proved["height"].to_string(), paid["ledger"]["height"].as_str().unwrap_or_default());
        assert_eq!(proved["signers"], json!([depositor.address.to_string()]));
    }
    node.hive(&["verify", &path, "--chain", &purse.chain]).expect_status(0);
    let other = node.hive(&["verify", &path, "--chain", &"0".repeat(64)]).expect_status(2);
    assert!(other.stderr.contains("PROOF_OTHER_CHAIN"), "{}", other.stderr);
    for _ in 0..24 {
        let mut damaged = bytes.clone();
        let place = dice.below(damaged.len());
        damaged[place] ^= 1 << dice.below(8);
        fs::write(&file, &damaged).expect("the file can be written");
        // A flipped byte of the genesis makes a proof of another chain, which the expected chain tells apart.
        let refused = node.hive(&["verify", &path, "--chain", &purse.chain]);
        assert_eq!(refused.status, Some(2), "byte {place} of {} is flipped: {}", damaged.len(), refused.stdout);
    }
    for cut in [&bytes[..bytes.len() / 2], &bytes[..0]] {
        fs::write(&file, cut).expect("the file can be written");
        assert_eq!(node.hive(&["verify", &path]).status, Some(2), "{} bytes of the proof", cut.len());
    }
}
