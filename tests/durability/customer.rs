//! A customer: pays on every chain, one request after the other, and writes down what it asked and was told.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ledger_core::contract::token;
use ledger_core::{Address, Amount, AssetId, ChainId, SignedTransaction, StateRef, TransactionBuilder, wire};
use serde_json::{Value, json};

use super::book::{Book, Place, Sent};
use super::world::{ENDOWMENT, ISSUE, Party, contract, frame, sign};
use crate::client::Client;
use crate::seed::Dice;

/// Transactions of one request at most; each spends what the one before it leaves.
const BATCH_MAX: usize = 4;
/// A payment in the smallest unit at most.
const PAYMENT_MAX: usize = 1_000;

const SUBMIT: &str = "mutation($input: SubmitTransactionsInput!) { submitTransactions(input: $input) { results { \
     ledger { height position transactionId } replayed busy userErrors { code message } } } }";

pub(super) struct Customer {
    pub(super) party: Party,
    pub(super) others: Vec<Address>,
    pub(super) book: Book,
    purses: Vec<Purse>,
    client: Option<Client>,
    keys: u64,
    /// Sent without an answer that says where they stand.
    open: Option<Vec<Sent>>,
}

/// What a customer has on one chain: a coin that each payment changes, and issues that it may send.
struct Purse {
    chain: ChainId,
    asset: AssetId,
    coin: StateRef,
    left: u64,
    issues: Vec<SignedTransaction>,
}

/// One answered transaction.
pub(super) struct Answer {
    pub(super) place: Place,
    pub(super) replayed: bool,
}

impl Customer {
    pub(super) fn new(party: Party, book: &Path) -> Self {
        let book = Book::begin(book);
        Self { party, others: Vec::new(), book, purses: Vec::new(), client: None, keys: 0, open: None }
    }

    /// It has a coin on a chain.
    pub(super) fn join(&mut self, chain: ChainId, asset: AssetId, coin: StateRef, issues: Vec<SignedTransaction>) {
        self.purses.push(Purse { chain, asset, coin, left: ENDOWMENT, issues });
    }

    /// Goes to the node where it is now, with the session it has if it has one.
    pub(super) fn go_to(&mut self, url: &str) -> Result<(), String> {
        match &mut self.client {
            Some(client) => client.move_to(url),
            None => self.client = Some(Client::try_sign_in(url, &self.party.file)?),
        }
        Ok(())
    }

    pub(super) fn client(&self) -> &Client {
        self.client.as_ref().expect("the customer is signed in")
    }

    /// What was sent and not answered.
    pub(super) fn open(&self) -> &[Sent] {
        self.open.as_deref().unwrap_or_default()
    }

    /// Pays until the node is gone or it is told to stop.
    pub(super) fn pay(&mut self, dice: &mut Dice, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            if self.open.is_none() {
                let batch = if dice.below(8) == 0 { self.issue(dice) } else { self.payments(dice) };
                self.book.sends(&batch);
                self.open = Some(batch);
            }
            if self.send_open().is_err() {
                return;
            }
            if self.open.is_some() {
                // The node says that it is busy, as one does that has stopped; whoever watches ends this.
                thread::sleep(Duration::from_millis(20));
            } else if dice.below(10) == 0 && self.send_nonsense().is_err() {
                return;
            }
        }
    }

    /// Sends what is open until every transaction of it is answered, and says how. An error is one of the network.
    pub(super) fn settle(&mut self) -> Result<Vec<Answer>, String> {
        let mut answers = Vec::new();
        for _ in 0..200 {
            if self.open.is_none() {
                return Ok(answers);
            }
            answers.extend(self.send_open()?);
        }
        Err("the node stays busy".to_owned())
    }

    /// Sends the open batch once. What is answered with its place is written down; the rest stays open.
    fn send_open(&mut self) -> Result<Vec<Answer>, String> {
        let Some(batch) = self.open.take() else { return Ok(Vec::new()) };
        let outcome = self.submit(batch[0].chain, batch.iter().map(|sent| sent.bytes.as_slice()));
        let results = match outcome {
            Ok(results) => results,
            Err(error) => {
                self.book.unanswered(&error);
                self.open = Some(batch);
                return Err(error);
            }
        };
        assert_eq!(results.len(), batch.len(), "one result for each");
        let (mut answers, mut rest) = (Vec::new(), Vec::new());
        for (sent, result) in batch.into_iter().zip(&results) {
            let errors = result["userErrors"].as_array().is_some_and(|errors| !errors.is_empty());
            assert!(!errors, "a sound transaction of the customer is refused: {result}");
            if result["busy"] == true {
                rest.push(sent);
                continue;
            }
            let place = place(&result["ledger"]);
            assert_eq!(place.transaction, sent.transaction, "the answer is to what was asked");
            self.book.accepted(&place);
            answers.push(Answer { place, replayed: result["replayed"] == true });
        }
        if !rest.is_empty() {
            self.book.unanswered("busy");
            self.open = Some(rest);
        }
        Ok(answers)
    }

    /// A refusal leaves an entry in the journal.
    fn send_nonsense(&mut self) -> Result<(), String> {
        let results = self.submit(self.purses[0].chain, [[0].as_slice()].into_iter())?;
        let is_refused = results[0]["busy"] == true || results[0]["userErrors"][0]["code"].is_string();
        assert!(is_refused, "nonsense is refused: {results:?}");
        Ok(())
    }

    fn submit<'b>(&self, chain: ChainId, bytes: impl Iterator<Item = &'b [u8]>) -> Result<Vec<Value>, String> {
        let bytes: Vec<String> = bytes.map(hex::encode).collect();
        let input = json!({ "input": { "chain": chain.to_string(), "transactions": bytes } });
        let answer = self.client().try_ask("platform", SUBMIT, input)?;
        let results = answer.json()["data"]["submitTransactions"]["results"].clone();
        results.as_array().cloned().ok_or_else(|| answer.text())
    }

    /// Payments on one chain, each out of the change of the one before.
    fn payments(&mut self, dice: &mut Dice) -> Vec<Sent> {
        let purse = dice.below(self.purses.len());
        (0..=dice.below(BATCH_MAX)).map(|_| self.payment(purse, dice)).collect()
    }

    fn payment(&mut self, purse: usize, dice: &mut Dice) -> Sent {
        self.keys += 1;
        let to = self.others[dice.below(self.others.len())];
        let (own, purse) = (self.party.address, &mut self.purses[purse]);
        let amount = u64::try_from(1 + dice.below(PAYMENT_MAX)).expect("a small amount");
        purse.left -= amount;
        let holding =
            |owner, minor| token::holding_state(purse.asset, owner, Amount::from_minor(minor).expect("an amount"));
        let transaction = TransactionBuilder::new(frame(purse.chain, own, &format!("payment {}", self.keys)))
            .input(purse.coin)
            .output(holding(to, amount))
            .output(holding(own, purse.left))
            .command(contract(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
            .build();
        let (id, command) = (transaction.id().expect("an id"), transaction.command_id);
        purse.coin = StateRef { transaction: id, index: 1 };
        let bytes = sign(transaction, &[&self.party]).encode();
        Sent { chain: purse.chain, command, transaction: id, from: Some(own), to, amount, bytes, accepted: None }
    }

    /// An issue to the customer that the issuer has signed; payments once there is none left.
    fn issue(&mut self, dice: &mut Dice) -> Vec<Sent> {
        let purse = dice.below(self.purses.len());
        let Some(signed) = self.purses[purse].issues.pop() else { return self.payments(dice) };
        let (chain, to) = (self.purses[purse].chain, self.party.address);
        let (transaction, command) = (signed.transaction.id().expect("an id"), signed.transaction.command_id);
        let bytes = signed.encode();
        vec![Sent { chain, command, transaction, from: None, to, amount: ISSUE, bytes, accepted: None }]
    }
}

pub(super) fn place(ledger: &Value) -> Place {
    let text = |field: &str| ledger[field].as_str().unwrap_or_else(|| panic!("{field} of a place: {ledger}"));
    Place {
        height: text("height").parse().expect("a height"),
        position: ledger["position"].as_u64().and_then(|place| place.try_into().ok()).expect("a position"),
        transaction: text("transactionId").parse().expect("an id"),
    }
}
