//! Proofs and archives convince without the node; damaged ones do not, and a rewritten history shows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ledger_core::{ClaimKind, SignedTransaction};
use serde_json::{Value, json};

use crate::cast::{BANK_A, DEPOSITOR, SUPPLIER};
use crate::client::Client;
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
    let answer = json!({ "data": shown });
    let in_json = [&shown["transaction"], &answer].map(|value| value.to_string().into_bytes());
    for content in [proof.clone().into_bytes(), bytes.clone()].into_iter().chain(in_json) {
        fs::write(&file, content).expect("the file can be written");
        let proved = node.hive(&["--json", "verify", &path]).expect_status(0).json();
        assert_eq!(proved["proved"], "inclusion");
        assert_eq!(proved["transaction"], paid["transactionId"]);
        assert_eq!(proved["chain"], purse.chain.as_str());
        assert_eq!(proved["height"].to_string(), paid["ledger"]["height"].as_str().unwrap_or_default());
        assert_eq!(proved["signers"], json!([depositor.address.to_string()]));
    }
    let sentence = node.hive(&["verify", &path, "--chain", &purse.chain]).expect_status(0).stdout;
    assert!(sentence.contains("for 1 party by the keys given beside them"), "{sentence}");
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
    let two = json!([{ "proof": proof }, { "proof": proof }]).to_string().into_bytes();
    for unreadable in [&bytes[..bytes.len() / 2], &bytes[..0], &two[..]] {
        fs::write(&file, unreadable).expect("the file can be written");
        let refused = node.hive(&["verify", &path]).expect_status(2).stderr;
        assert!(refused.contains("hexadecimal text, or as JSON with one field"), "{refused}");
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Verifies an archive and answers with what it proves.
fn archive(node: &Node, file: &str) -> Value {
    node.hive(&["--json", "verify", file]).expect_status(0).json()
}

#[test]
fn an_archive_proves_the_whole_chain_and_no_bit_of_it_can_be_changed() {
    let mut dice = Dice::seeded();
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    purse.payment(&supplier.address.to_string(), "12.50", "archived").settle(&[&depositor]);
    let (running, stopped) = (text(&node.path("running.archive")), text(&node.path("stopped.archive")));
    let listed = node.hive(&["--json", "chain", "list"]).expect_status(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["chain"], purse.chain.as_str());
    let exported = node.hive(&["--json", "chain", "export", &purse.chain, &running]).expect_status(0).json();
    assert_eq!(exported["height"], listed[0]["height"]);
    assert_eq!(node.hive(&["chain", "export", &purse.chain, &running]).status, Some(1), "nothing is overwritten");
    node.stop();
    node.hive(&["chain", "export", &purse.chain, &stopped]).expect_status(0);
    let mistyped = node.hive(&["chain", "export", "the-first", &text(&node.path("none"))]).expect_status(1);
    assert!(mistyped.stderr.contains("hive chain list"), "{}", mistyped.stderr);
    let unknown = node.hive(&["chain", "export", &"0".repeat(64), &text(&node.path("none"))]).expect_status(1);
    assert!(unknown.stderr.contains("CHAIN_UNKNOWN") && !node.path("none").exists(), "{}", unknown.stderr);

    fs::remove_dir_all(node.data()).expect("the node's data is gone");
    for file in [&running, &stopped] {
        let proved = archive(&node, file);
        assert_eq!((&proved["proved"], &proved["chain"]), (&json!("archive"), &json!(purse.chain)));
        assert!(proved["transactions"].as_u64().is_some_and(|count| count >= 4), "{proved}");
    }
    assert_eq!(archive(&node, &running)["tip"], exported["tip"]);
    let sentence = node.hive(&["verify", &stopped, "--chain", &purse.chain]).expect_status(0).stdout;
    assert!(sentence.starts_with("Proved: chain ") && sentence.lines().count() == 1, "{sentence}");
    assert_eq!(archive(&node, &stopped)["directory"], Value::Null);
    node.hive(&["verify", &stopped, "--against", &running]).expect_status(0);
    let bytes = fs::read(&stopped).expect("the archive can be read");
    fs::write(&stopped, &bytes[..bytes.len() - 1]).expect("the file can be written");
    let foreign = node.hive(&["verify", &stopped, "--chain", &"0".repeat(64)]).expect_status(2).stderr;
    assert!(foreign.contains("PROOF_OTHER_CHAIN"), "told at the first record, not at the cut: {foreign}");

    for _ in 0..24 {
        let mut damaged = bytes.clone();
        let place = dice.below(damaged.len());
        damaged[place] ^= 1 << dice.below(8);
        fs::write(&stopped, &damaged).expect("the file can be written");
        let refused = node.hive(&["verify", &stopped]);
        assert_eq!(refused.status, Some(2), "byte {place} of {} is flipped: {}", bytes.len(), refused.stdout);
    }
    for content in [&bytes[..bytes.len() / 2], &[&bytes[..], b"more"].concat()] {
        fs::write(&stopped, content).expect("the file can be written");
        assert_eq!(node.hive(&["verify", &stopped]).status, Some(2), "{} bytes of the archive", content.len());
    }
}

/// The same node with the same key, set back and traded on otherwise.
#[test]
fn a_rewritten_history_is_shown_by_an_old_archive_and_an_old_proof() {
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    node.stop();
    let backup = node.path("backup");
    copy(&node.data(), &backup);
    let mut archives = Vec::new();
    let proof = node.path("payment.proof");
    for (name, to) in [("first", SUPPLIER), ("second", BANK_A)] {
        node.restart();
        let (depositor, payee) = (node.party(DEPOSITOR), node.party(to));
        let paid = purse.payment(&payee.address.to_string(), "12.50", name).settle(&[&depositor]);
        if name == "first" {
            let query = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { proof } }";
            let variables = json!({ "chain": purse.chain, "id": paid["transactionId"] });
            let shown = depositor.data("platform", query, variables);
            fs::write(&proof, shown["transaction"]["proof"].as_str().expect("a proof")).expect("it can be written");
        }
        let file = text(&node.path(&format!("{name}.archive")));
        node.hive(&["chain", "export", &purse.chain, &file]).expect_status(0);
        archives.push(file);
        node.stop();
        fs::remove_dir_all(node.data()).expect("the data folder can be removed");
        copy(&backup, &node.data());
    }
    let [first, second] = &archives[..] else { panic!("two archives") };
    let proof = text(&proof);
    node.hive(&["verify", first, "--against", &proof]).expect_status(0);
    for evidence in [first, &proof] {
        let shown = node.hive(&["verify", second, "--against", evidence]).expect_status(2);
        assert!(shown.stderr.contains("FORK_TWO_SEALED") && shown.stderr.contains("block "), "{}", shown.stderr);
        let words = shown.stderr.split(|letter: char| !letter.is_ascii_alphanumeric());
        let hashes: BTreeSet<_> = words.filter(|word| word.len() == 64 && hex::decode(word).is_ok()).collect();
        let both = hashes.iter().filter(|hash| **hash != purse.chain).count();
        assert_eq!(both, 2, "both hashes: {}", shown.stderr);
    }
    let alone = node.hive(&["verify", &proof, "--against", first]).expect_status(2);
    assert!(alone.stderr.contains("FORK_WITHOUT_ARCHIVE"), "{}", alone.stderr);
}

/// Copies a folder with the rights of its files.
fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp runs");
    assert!(copied.success(), "{} is copied", from.display());
}

#[test]
fn a_holding_is_proved_unspent_and_then_consumed_to_its_parties_alone() {
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (depositor, supplier, bank) = (node.party(DEPOSITOR), node.party(SUPPLIER), node.party(BANK_A));
    let paid = purse.payment(&supplier.address.to_string(), "12.50", "proved").settle(&[&depositor]);
    let query = "query($chain: ID!, $transaction: Hash!, $output: Int!) { \
                 stateProof(chain: $chain, transaction: $transaction, output: $output, fields: [1]) \
                 { proof height holds unpledged } }";
    let outputs = |client: &Client| {
        let ask = |output: u32| {
            let variables = json!({ "chain": purse.chain, "transaction": paid["transactionId"], "output": output });
            client.data("platform", query, variables)["stateProof"].clone()
        };
        [ask(0), ask(1)]
    };
    let seen = outputs(&supplier);
    let [own] = &seen.iter().filter(|proof| !proof.is_null()).collect::<Vec<_>>()[..] else {
        panic!("the supplier sees its own holding alone: {seen:?}")
    };
    assert_eq!((&own["holds"], &own["unpledged"]), (&json!(true), &json!(true)));
    assert!(outputs(&bank).iter().all(Value::is_null), "a stranger gets no proof");
    refusals_of_the_ledger_are_told(&supplier, &purse.chain, &paid["transactionId"]);
    let again = outputs(&supplier).into_iter().find(|proof| !proof.is_null()).expect("the proof again");
    assert_eq!(&again["height"], &own["height"], "a quiet chain is covered once");
    let file = node.path("holding.proof");
    let path = text(&file);
    fs::write(&file, own["proof"].as_str().expect("a proof")).expect("the file can be written");

    purse.payment(&supplier.address.to_string(), "87.50", "rest").settle(&[&depositor]);
    let spent = outputs(&depositor).into_iter().find(|proof| !proof.is_null()).expect("the depositor's rest");
    let spent_file = node.path("rest.proof");
    fs::write(&spent_file, spent["proof"].as_str().expect("a proof")).expect("the file can be written");
    let archive = text(&node.path("chain.archive"));
    node.hive(&["chain", "export", &purse.chain, &archive]).expect_status(0);
    node.stop();
    let proved = node.hive(&["--json", "verify", &path, "--chain", &purse.chain]).expect_status(0).json();
    assert_eq!((&proved["unspent"], &proved["unpledged"]), (&json!(true), &json!(true)));
    assert_eq!(proved["owner"], supplier.address.to_string());
    assert_eq!(proved["fields"].as_array().map(Vec::len), Some(1));
    let proved = node.hive(&["--json", "verify", &text(&spent_file)]).expect_status(0).json();
    assert_eq!((&proved["unspent"], &spent["holds"]), (&json!(false), &json!(false)));
    node.hive(&["verify", &archive, "--against", &path, &text(&spent_file)]).expect_status(0);
}

/// A query that a rule refuses tells the rule and, in the reader's language, what is true; many proofs at once are too dear.
fn refusals_of_the_ledger_are_told(client: &Client, chain: &str, transaction: &Value) {
    let proof = |output: u32| {
        format!(
            "p{output}: stateProof(chain: {chain:?}, transaction: {transaction}, output: {output}, height: \"999\") {{ height }}"
        )
    };
    let bearer = format!("Bearer {}", client.token);
    let asked = |proofs: u32, language: &str| {
        let query = format!("{{ {} }}", (0..proofs).map(proof).collect::<Vec<_>>().join(" "));
        let headers =
            [("content-type", "application/json"), ("authorization", bearer.as_str()), ("accept-language", language)];
        let body = json!({ "query": query }).to_string();
        client.http.send("POST", "/graphql/platform", &headers, body.as_bytes()).json()["errors"].clone()
    };
    for (language, said) in [("en", "is not below the tip"), ("zh-CN", "该高度之后还没有区块")] {
        let errors = asked(2, language);
        let errors = errors.as_array().expect("errors");
        assert!(!errors.is_empty());
        for error in errors {
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
            assert_eq!(error["extensions"]["rule"], "STATE_PROOF_HEIGHT_NOT_SEALED");
            assert!(error["message"].as_str().is_some_and(|message| message.contains(said)), "{error}");
        }
    }
    assert_eq!(asked(20, "en")[0]["extensions"]["code"], "COMPLEXITY_LIMIT");
    assert_eq!(asked(20, "en")[0]["extensions"]["rule"], Value::Null);
}

/// Keys of live claims in the transactions that a party proposed.
fn claims(client: &Client, chain: &str) -> Vec<String> {
    let proposals = client.data("platform", "{ proposals(first: 50) { nodes { transactionId } } }", json!({}));
    let proposals = proposals["proposals"]["nodes"].as_array().expect("proposals are a list").clone();
    let keys_of = |proposal: Value| {
        let query = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { bytes } }";
        let shown = client.data("platform", query, json!({ "chain": chain, "id": proposal["transactionId"] }));
        let bytes = hex::decode(shown["transaction"]["bytes"].as_str().expect("its bytes")).expect("hexadecimal");
        let claims = SignedTransaction::decode(&bytes).expect("a transaction").transaction.claims;
        claims.into_iter().filter(|claim| claim.kind == ClaimKind::Exclusive).map(|claim| claim.key.to_string())
    };
    proposals.into_iter().flat_map(keys_of).collect()
}

#[test]
fn a_claim_is_proved_held_to_its_holders_alone() {
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (bank, supplier) = (node.party(BANK_A), node.party(SUPPLIER));
    let claim = claims(&bank, &purse.chain).pop().expect("the token's code is claimed");
    let query = "query($chain: ID!, $claim: Hash!) { claimProof(chain: $chain, claim: $claim) { proof holds } }";
    let ask = |client: &Client, claim: &str| {
        client.data("platform", query, json!({ "chain": purse.chain, "claim": claim }))["claimProof"].clone()
    };
    assert!(ask(&supplier, &claim).is_null(), "a stranger learns nothing of the claim");
    assert!(ask(&bank, &"7".repeat(64)).is_null(), "nor does anybody of a claim that nobody holds");
    let proved = ask(&bank, &claim);
    assert_eq!(proved["holds"], true);
    let file = node.path("claim.proof");
    fs::write(&file, proved["proof"].as_str().expect("a proof")).expect("the file can be written");
    node.stop();
    let proved = node.hive(&["--json", "verify", &text(&file)]).expect_status(0).json();
    assert_eq!((&proved["claim"], &proved["held"]), (&json!(claim), &json!(true)));
    assert_eq!(proved["holders"].as_array().map(Vec::len), Some(1));
}
