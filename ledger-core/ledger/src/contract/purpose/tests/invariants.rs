//! A ledger broken past its rules is found.

use super::*;
use crate::Coded;
use crate::invariant::broken;
use crate::ledger::UnspentState;
use crate::verify::contextual;

/// Breaks one state of a ledger in which 400 of 1,000 were spent.
fn codes_after(wanted: impl Fn(&State) -> bool, change: impl Fn(&State) -> Option<State>) -> Vec<&'static str> {
    let mut scene = Scene::opened(1_000);
    scene.paid(&pay(Supplier, 400, "INV-1", 1));
    let proposed = scene.world.proposed(Vec::new());
    let ledger = &mut scene.world.ledger;
    assert_eq!(broken(ledger), []);
    let (mut block, _) = contextual(proposed, ledger);
    let (reference, unspent) = ledger.unspent_states().find(|(_, unspent)| wanted(&unspent.state)).unwrap();
    match change(&unspent.state) {
        Some(state) => {
            let state = UnspentState { state: std::sync::Arc::new(state), ..unspent.as_ref().clone() };
            block.changes_mut().created.insert(*reference, std::sync::Arc::new(state));
        }
        None => {
            let state = UnspentState { claims: Vec::new(), ..unspent.as_ref().clone() };
            block.changes_mut().spent.insert(*reference, state.resolve(*reference));
        }
    }
    ledger.apply(&block).unwrap();
    broken(ledger).iter().map(Coded::code).collect()
}

fn is_bound(state: &State) -> bool {
    state.is(token::NAME, token::HOLDING) && token::read_holding(state).unwrap().purpose.is_some()
}

#[test]
fn value_that_left_its_purpose_is_found() {
    let holding = |state: &State| token::read_holding(state).unwrap();
    let freed = |state: &State| Some(token::held_state(state.owner, Holding { purpose: None, ..holding(state) }));
    assert_eq!(codes_after(is_bound, freed), ["INVARIANT_PURPOSE_BALANCE"]);
    let elsewhere = |state: &State| Some(token::held_state(unlisted(), holding(state)));
    assert_eq!(codes_after(is_bound, elsewhere), ["INVARIANT_PURPOSE_BALANCE", "INVARIANT_PURPOSE_BALANCE"]);
    let vanished = codes_after(is_bound, |_| None);
    assert_eq!(vanished, ["INVARIANT_SUPPLY", "INVARIANT_PURPOSE_BALANCE"]);
}

#[test]
fn a_wrong_count_of_a_purpose_is_found() {
    let is_purpose = |state: &State| state.is(NAME, PURPOSE);
    let with = |change: &dyn Fn(&mut Purpose)| {
        codes_after(is_purpose, |state| {
            let mut purpose = read_purpose(state).unwrap();
            change(&mut purpose);
            Some(purpose_state(&purpose))
        })
    };
    let code = ["INVARIANT_PURPOSE_BALANCE"];
    assert_eq!(with(&|purpose| purpose.disbursed = minor(999)), code);
    assert_eq!(with(&|purpose| purpose.disbursed = minor(399)), code);
    assert_eq!(with(&|purpose| purpose.returned = minor(1)), code);
    let both = ["INVARIANT_PURPOSE_BALANCE", "INVARIANT_PURPOSE_SPENT"];
    assert_eq!(
        with(&|purpose| purpose.spent =
            [(Supplier.address(), SpentAt { amount: minor(401), ..SpentAt::default() })].into()),
        both
    );
    let all = codes_after(is_purpose, |_| None);
    assert_eq!(all, both);
    let unreadable = codes_after(is_purpose, |state| Some(State { data: vec![0xff], ..state.clone() }));
    assert_eq!(unreadable, ["INVARIANT_UNREADABLE", both[0], both[1]]);
}

#[test]
fn a_record_that_vanished_or_changed_is_found() {
    let is_record = |state: &State| state.is(NAME, SPENT);
    let code = "INVARIANT_PURPOSE_SPENT";
    // The record held the claims of its documents, which the test leaves alone.
    assert_eq!(codes_after(is_record, |_| None)[0], code);
    let refunded = |state: &State| Some(spend_state(&Spend { refunded: minor(1), ..read_spend(state).unwrap() }));
    assert_eq!(codes_after(is_record, refunded), [code]);
}

#[test]
fn what_was_passed_on_and_did_not_come_out_is_found() {
    let is_record = |state: &State| state.is(NAME, SPENT);
    let with = |change: &dyn Fn(&mut Spend)| {
        codes_after(is_record, |state| {
            let mut spend = read_spend(state).unwrap();
            change(&mut spend);
            Some(spend_state(&spend))
        })
    };
    let passed_on = "INVARIANT_PURPOSE_PASSED_ON";
    assert_eq!(with(&|spend| spend.passed_on = minor(1)), ["INVARIANT_PURPOSE_SPENT", passed_on]);
    assert_eq!(with(&|spend| spend.returned = minor(1)), ["INVARIANT_PURPOSE_SPENT"]);
    let origin = Origin { spend: crate::SpendId::default(), payer: Supplier.address() };
    assert_eq!(with(&|spend| spend.origin = Some(origin)), [passed_on]);
}
