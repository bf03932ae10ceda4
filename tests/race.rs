//! Two want the same thing at the same moment: one gets it, the other is refused, and nothing is done twice.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::cast::{BANK_A, BANK_B, DEPOSITOR, OPERATOR, RECEIPTS, SUPPLIER};
use crate::client::Client;
use crate::node::Node;
use crate::trade::{Purse, Write, import_receipts};

/// Receipts that two banks race for.
const RACES: usize = 6;

/// A proposal that everybody but the last has signed.
fn almost_signed(write: &Write, parties: &[&Client]) -> Value {
    let payload = write.try_by(parties[0]).expect("an answer");
    let mut proposal = payload["proposal"].clone();
    assert!(proposal.is_object(), "{payload}");
    for party in &parties[..parties.len() - 1] {
        proposal = party.try_sign(&proposal).expect("an answer")["proposal"].clone();
    }
    assert_eq!(proposal["status"], "OPEN", "{proposal}");
    proposal
}

/// The status of a proposal that was signed, or the code that refused it.
fn what_became(payload: &Value) -> String {
    let proposal = &payload["proposal"];
    let codes = [&payload["userErrors"][0]["code"], &proposal["refusal"]["code"], &proposal["status"]];
    codes.into_iter().find_map(Value::as_str).unwrap_or("(none)").to_owned()
}

#[test]
fn a_receipt_is_pledged_to_one_of_two_banks_and_not_to_both() {
    let mut node = Node::start();
    let numbers = import_receipts(&node, RACES);
    let purse = Purse::fill(&node, "10.00");
    let [operator, depositor, bank_a, bank_b] = [OPERATOR, DEPOSITOR, BANK_A, BANK_B].map(|name| node.party(name));
    for number in &numbers {
        // Both proposals are opened while the receipt is free; both operators' seals are missing.
        let proposals =
            [&bank_a, &bank_b].map(|bank| almost_signed(&purse.pledge(number, bank), &[&depositor, bank, &operator]));
        let start = Barrier::new(2);
        let outcomes: Vec<Value> = thread::scope(|scope| {
            let seals: Vec<_> = (proposals.iter())
                .map(|proposal| {
                    scope.spawn(|| {
                        start.wait();
                        operator.try_sign(proposal).expect("an answer")
                    })
                })
                .collect();
            seals.into_iter().map(|seal| seal.join().expect("the seal is given")).collect()
        });
        let became: Vec<String> = outcomes.iter().map(what_became).collect();
        let lost = |code: &&String| ["PLEDGE_EXISTS", "STATE_NOT_UNSPENT"].contains(&code.as_str());
        assert_eq!(became.iter().filter(|code| *code == "COMMITTED").count(), 1, "{number}: {became:?}");
        assert_eq!(became.iter().filter(lost).count(), 1, "{number}: {became:?}");
    }
    let query = "{ pledges(first: 100) { totalCount nodes { status receiptNumber } } }";
    let pledges = operator.data(RECEIPTS, query, json!({}));
    assert_eq!(pledges["pledges"]["totalCount"], RACES.to_string(), "{pledges}");
    node.stop();
    assert_eq!(node.hive(&["audit", "--json"]).expect_status(0).json()["passed"], true);
}

#[test]
fn a_key_used_by_many_at_once_makes_one_payment() {
    let node = Node::start();
    let purse = Purse::fill(&node, "10.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let payment = purse.payment(&supplier.address.to_string(), "3.00", "once");
    let ids: Vec<Value> = thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| payment.settle(&[&depositor]))).collect();
        tries.into_iter().map(|attempt| attempt.join().expect("settled")["transactionId"].clone()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(purse.balance(&supplier), "3.00");
    let again = payment.try_by(&depositor).expect("an answer");
    assert_eq!((&again["replayed"], &again["proposal"]["status"]), (&json!(true), &json!("COMMITTED")), "{again}");
    let other = purse.payment(&supplier.address.to_string(), "4.00", "once").try_by(&depositor);
    let refusal = other.expect_err("another payment needs another key");
    assert!(refusal.contains("IDEMPOTENCY_KEY_REUSED"), "{refusal}");
    assert_eq!(purse.balance(&supplier), "3.00");
}

#[test]
fn money_is_spent_once_however_many_spend_it() {
    let mut node = Node::start();
    let purse = Purse::fill(&node, "10.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let to = supplier.address.to_string();
    let paid: Vec<bool> = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|number| {
                let payment = purse.payment(&to, "3.00", &format!("spend-{number}"));
                let depositor = &depositor;
                scope.spawn(move || {
                    let payload = payment.try_by(depositor).expect("an answer");
                    if payload["proposal"].is_null() {
                        assert!(payload["userErrors"][0]["code"].is_string(), "{payload}");
                        return false;
                    }
                    let signed = depositor.try_sign(&payload["proposal"]).expect("an answer");
                    signed["proposal"]["status"] == "COMMITTED"
                })
            })
            .collect();
        tries.into_iter().map(|attempt| attempt.join().expect("answered")).collect()
    });
    let paid = paid.into_iter().filter(|paid| *paid).count();
    assert!((1..=3).contains(&paid), "ten dollars pay three dollars at most three times, not {paid} times");
    assert_eq!(purse.balance(&supplier), format!("{}.00", 3 * paid));
    assert_eq!(purse.balance(&depositor), format!("{}.00", 10 - 3 * paid));
    node.stop();
    assert_eq!(node.hive(&["audit", "--json"]).expect_status(0).json()["passed"], true);
}
