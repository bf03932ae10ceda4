//! What a customer has asked and what it was told, in a file of its own outside of the node: written before a request goes
//! out and as soon as its answer is in, so that what the node forgets is still known.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use ledger_core::{Address, ChainId, CommandId, TransactionId};
use serde_json::{Value, json};

/// Where the node has said that a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) height: u64,
    pub(super) position: u32,
    pub(super) transaction: TransactionId,
}

/// A transaction that was sent, with the answer if there is one.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) chain: ChainId,
    pub(super) command: CommandId,
    pub(super) transaction: TransactionId,
    /// Whose balance it lowers; none where it issues.
    pub(super) from: Option<Address>,
    pub(super) to: Address,
    /// In the asset's smallest unit.
    pub(super) amount: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) accepted: Option<Place>,
}

/// The file of one customer.
pub(super) struct Book {
    path: PathBuf,
    file: File,
}

impl Book {
    pub(super) fn begin(path: &Path) -> Self {
        let file = File::options().create_new(true).append(true).open(path).expect("the customer's file is new");
        Self { path: path.to_owned(), file }
    }

    /// These are about to be sent together, for the first time.
    pub(super) fn sends(&mut self, batch: &[Sent]) {
        for sent in batch {
            self.line(&json!({ "sends": {
                "chain": sent.chain.to_string(), "command": sent.command.to_string(),
                "transaction": sent.transaction.to_string(), "from": sent.from.map(|from| from.to_string()),
                "to": sent.to.to_string(), "amount": sent.amount, "bytes": hex::encode(&sent.bytes),
            } }));
        }
    }

    /// The node has said that a transaction stands on the ledger.
    pub(super) fn accepted(&mut self, place: &Place) {
        let Place { height, position, transaction } = place;
        self.line(&json!({ "accepted": {
            "transaction": transaction.to_string(), "height": height, "position": position,
        } }));
    }

    /// The node has not answered, or only that it did not look.
    pub(super) fn unanswered(&mut self, why: &str) {
        self.line(&json!({ "unanswered": why }));
    }

    fn line(&mut self, line: &Value) {
        writeln!(self.file, "{line}").and_then(|()| self.file.flush()).expect("the customer's file can be written");
    }

    /// Reads the file from its beginning: what was sent, in order. A transaction that was accepted twice was so at one place.
    pub(super) fn read(&self) -> Vec<Sent> {
        let text = fs::read_to_string(&self.path).expect("the customer's file can be read");
        let mut sent: Vec<Sent> = Vec::new();
        let mut by_id = BTreeMap::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("lines of the customer's file are JSON");
            if line["sends"].is_object() {
                let entry = read_sent(&line["sends"]);
                let again = by_id.insert(entry.transaction, sent.len());
                assert!(again.is_none(), "{} is in the customer's file twice", entry.transaction);
                sent.push(entry);
            }
            let accepted = &line["accepted"];
            if accepted.is_object() {
                let place = Place {
                    height: accepted["height"].as_u64().expect("a height"),
                    position: accepted["position"].as_u64().and_then(|place| place.try_into().ok()).expect("a place"),
                    transaction: parse(&accepted["transaction"]),
                };
                let entry = &mut sent[by_id[&place.transaction]];
                let first = *entry.accepted.get_or_insert(place);
                assert_eq!(first, place, "a transaction was accepted at two places");
            }
        }
        sent
    }
}

fn read_sent(value: &Value) -> Sent {
    Sent {
        chain: parse(&value["chain"]),
        command: parse(&value["command"]),
        transaction: parse(&value["transaction"]),
        from: value["from"].as_str().map(|from| from.parse().expect("an address")),
        to: parse(&value["to"]),
        amount: value["amount"].as_u64().expect("an amount"),
        bytes: hex::decode(value["bytes"].as_str().expect("bytes")).expect("hexadecimal"),
        accepted: None,
    }
}

fn parse<T: std::str::FromStr>(value: &Value) -> T {
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.unwrap_or_else(|| panic!("{value} in a customer's file"))
}
