//! A term between two parties: committed on the ledger, opened by its recipient, proved to an outsider, destroyed.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use hive_app::cli::key_file::KeyFile;
use hive_chain::seal::{SealPurpose, seal_to};
use ledger_core::contract::trade_note::{self, DISPUTE_REASON, Dispute, TradeNote};
use ledger_core::disclosure::{Disclosure, Selection};
use ledger_core::encoding::{decode, encode, field_records};
use ledger_core::transaction::TransactionFrame;
use ledger_core::{
    Amount, Anchor, AssetId, BlockHash, ChainId, CommandId, Contract, Date, InclusionProof, Opening, Sealed,
    SignedTransaction, StateRef, TimeWindow, TradeNoteId, Transaction, TransactionBuilder, Wire, wire,
};
use serde_json::{Value, json};

use crate::cast::{BANK_A, DEPOSITOR, REGULATOR, SUPPLIER};
use crate::client::Client;
use crate::node::Node;

const REASON: &str = "12 t short of the weighbridge ticket";

#[test]
fn a_sealed_reason_is_read_by_its_recipient_proved_to_outsiders_and_destroyed() {
    let mut node = Node::start();
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let chain: ChainId = depositor.chain().parse().expect("a chain");
    let opening = Opening::new(random(), DISPUTE_REASON, REASON.as_bytes()).expect("an opening");
    let (disputed, proof) = disputed(&node, &chain, opening.sealed());

    let commitment = opening.sealed().commitment;
    let supplier_key = key(&node, SUPPLIER).encryption_key().expect("an encryption key");
    let purpose = SealPurpose::Opening { chain: &chain, commitment: &commitment };
    let sealed = seal_to(&supplier_key.public(), &purpose, &encode(&opening)).expect("it is sealed");
    let put = "mutation($input: SealedOpeningInput!) { putSealedOpening(input: $input) { kept userErrors { code } } }";
    let input = json!({ "input": {
        "chain": chain.to_string(), "commitment": commitment.to_string(),
        "transaction": disputed.transaction.to_string(), "output": disputed.index,
        "openings": [{ "recipient": supplier.address.to_string(), "sealed": hex::encode(&sealed) }],
    } });
    let by_stranger = node.party(BANK_A).data("platform", put, input.clone())["putSealedOpening"].clone();
    assert_eq!(by_stranger["userErrors"][0]["code"], "OPENING_NOT_PARTY");
    assert_eq!(depositor.data("platform", put, input)["putSealedOpening"]["kept"], true);

    let field = json!({ "chain": chain.to_string(), "commitment": commitment.to_string() });
    let fetch = "query($chain: ID!, $commitment: Hash!) { sealedOpenings(chain: $chain, commitment: $commitment) \
         { putBy sealed } }";
    let fetched = |party: &str| node.party(party).data("platform", fetch, field.clone())["sealedOpenings"].clone();
    for stranger in [DEPOSITOR, BANK_A, REGULATOR] {
        assert_eq!(fetched(stranger), json!([]), "{stranger}");
    }
    let own = fetched(SUPPLIER);
    assert_eq!(own[0]["putBy"], depositor.address.to_string());
    let bytes = hex::decode(own[0]["sealed"].as_str().expect("bytes")).expect("hexadecimal");
    let read: Opening = decode(&supplier_key.open(&purpose, &bytes).expect("its key opens it")).expect("an opening");
    assert_eq!(Sealed { commitment }.open(DISPUTE_REASON, &read), Ok(REASON.as_bytes()));

    let destroy = "mutation($chain: ID!, $commitment: Hash!) \
         { destroySealedOpening(chain: $chain, commitment: $commitment) { destroyed } }";
    let destroyed = |client: &Client| client.data("platform", destroy, field.clone());
    assert_eq!(destroyed(&supplier)["destroySealedOpening"]["destroyed"], "0");
    assert_eq!(destroyed(&depositor)["destroySealedOpening"]["destroyed"], "1");
    assert_eq!(fetched(SUPPLIER), json!([]));
    node.stop();
    convinces(&node, &proof, &read);
}

/// An outsider sees the field and its opening, and nothing else of the transaction.
fn convinces(node: &Node, proof: &InclusionProof, opening: &Opening) {
    let fields = field_records(&proof.transaction.transaction.outputs[0].data).expect("fields").len();
    let last = u32::try_from(fields - 1).expect("few fields");
    let disclosed = |field: u32| {
        let selection = Selection { components: [].into(), fields: [(0, [field].into())].into() };
        encode(&Disclosure::of(proof, &selection).expect("a disclosure"))
    };
    let (shown, key) = (node.path("shown.proof"), node.path("reason.opening"));
    let path = |file: &std::path::Path| file.display().to_string();
    fs::write(&shown, disclosed(last)).expect("the file can be written");
    fs::write(&key, hex::encode(encode(opening))).expect("the file can be written");
    let verify = ["--json", "verify", &path(&shown), "--opening", &path(&key)];
    let proved = node.hive(&verify).expect_status(0).json();
    assert_eq!(proved["opening"]["value"], REASON);
    assert_eq!(proved["opening"]["label"], DISPUTE_REASON);
    assert_eq!(proved["opening"]["within"], "the output note of trade_note@1");
    let other = Opening::new(random(), DISPUTE_REASON, REASON.as_bytes()).expect("an opening");
    fs::write(&key, encode(&other)).expect("the file can be written");
    let refused = node.hive(&verify).expect_status(2);
    assert!(refused.stderr.contains("SEALED_NOT_SHOWN"), "{}", refused.stderr);
    fs::write(&shown, disclosed(0)).expect("the file can be written");
    fs::write(&key, encode(opening)).expect("the file can be written");
    assert!(node.hive(&verify).expect_status(2).stderr.contains("SEALED_NOT_SHOWN"));
    fs::write(&shown, encode(proof)).expect("the file can be written");
    assert!(node.hive(&verify).expect_status(2).stderr.contains("SEALED_NOT_SHOWN"));
}

/// The depositor is to pay the supplier under a note, and disputes it; where the note stands, and the proof of the dispute.
fn disputed(node: &Node, chain: &ChainId, reason: Sealed) -> (StateRef, InclusionProof) {
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let contract = trade_note::TradeNoteContract.id();
    let builder = TransactionBuilder::new(frame(chain, &supplier, "note"));
    let amount = Amount::from_minor(100).expect("an amount");
    let issued = builder.clone().build();
    let mut note = TradeNote {
        note: TradeNoteId::derive(chain, &issued.command_id),
        payer: depositor.address,
        payee: supplier.address,
        asset: AssetId::from_bytes([4; 32]),
        amount,
        outstanding: amount,
        due_on: issued.effective_on,
        number: "JYD-1".to_owned(),
        files: Vec::new(),
        dispute: None,
    };
    let builder = builder.output(trade_note::note_state(&note));
    let builder = builder.command(contract.clone(), trade_note::ISSUE, &wire::TradeNoteIssue {});
    let (issued, _) = submitted(node, &supplier, builder.build(), &[DEPOSITOR, SUPPLIER]);
    note.dispute = Some(Dispute { by: depositor.address, reason });
    let (id, by, reason) = (note.note.to_vec(), depositor.address.to_vec(), Some(reason.to_wire()));
    let command = wire::TradeNoteRaise { note: id, by, reason };
    let builder = TransactionBuilder::new(frame(chain, &depositor, "dispute")).input(issued);
    let builder = builder.output(trade_note::note_state(&note)).command(contract, trade_note::DISPUTE, &command);
    submitted(node, &depositor, builder.build(), &[DEPOSITOR])
}

/// The first output of a transaction that its submitter has prepared, signed by these parties, submitted and proved.
fn submitted(node: &Node, by: &Client, transaction: Transaction, signers: &[&str]) -> (StateRef, InclusionProof) {
    let chain = transaction.chain.to_string();
    let prepare = "query($chain: ID!, $transactions: [Hex!]!) \
         { preparedTransactions(chain: $chain, transactions: $transactions) { transaction userErrors { message } } }";
    let transactions = json!({ "chain": chain, "transactions": [hex::encode(transaction.encode())] });
    let prepared = by.data("platform", prepare, transactions)["preparedTransactions"][0].clone();
    let prepared = prepared["transaction"].as_str().unwrap_or_else(|| panic!("{prepared}"));
    let prepared = Transaction::decode(&hex::decode(prepared).expect("hexadecimal")).expect("a transaction");
    let id = prepared.id().expect("an id");
    let keys = signers.iter().map(|name| (node.party(name).address, key(node, name).signing_key().expect("a key")));
    let keys: Vec<_> = keys.collect();
    let signed = SignedTransaction::sign(prepared, keys.iter().map(|(party, key)| (*party, key))).expect("signatures");
    let submit = "mutation($input: SubmitTransactionsInput!) \
         { submitTransactions(input: $input) { acceptedCount results { userErrors { code message } } } }";
    let input = json!({ "input": { "chain": chain, "transactions": [hex::encode(signed.encode())] } });
    let outcome = by.data("platform", submit, input)["submitTransactions"].clone();
    assert_eq!(outcome["acceptedCount"], 1, "{outcome}");
    let proof = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { proof } }";
    let shown: Value = by.data("platform", proof, json!({ "chain": chain, "id": id.to_string() }));
    let proof = hex::decode(shown["transaction"]["proof"].as_str().expect("a proof")).expect("hexadecimal");
    (StateRef { transaction: id, index: 0 }, decode(&proof).expect("a proof"))
}

fn frame(chain: &ChainId, submitter: &Client, intention: &str) -> TransactionFrame {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis();
    let now_ms = u64::try_from(now_ms).expect("a time");
    TransactionFrame {
        chain: *chain,
        salt: random(),
        submitter: submitter.address,
        command_id: CommandId::derive(chain, &submitter.address, intention),
        time_window: TimeWindow { from_ms: now_ms - 60_000, until_ms: now_ms + 3_600_000 },
        effective_on: Date::of_ms(now_ms).expect("a date"),
        anchor: Anchor { height: 0, block: BlockHash::from_bytes(*chain.as_bytes()) },
    }
}

fn key(node: &Node, party: &str) -> KeyFile {
    KeyFile::read(&node.data().join("keys").join(format!("{party}.json"))).expect("a key file")
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives randomness");
    bytes
}
