//! Agreements are carried out by the node: at their deadlines, without anybody, whether the chain is open or not.

mod price;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use ledger_core::contract::agreement::language::{Contract, Input, JsonForm, Token};
use ledger_core::contract::agreement::{self, Actor, Binding, Terms, What};
use ledger_core::transaction::TransactionFrame;
use ledger_core::{ResolvedState, StateRef, Transaction, TransactionBuilder};

use super::market::{DAY_MS, Market, Party, START_MS, config, eventually, now, timer};
use crate::NodeConfig;
use crate::storage::damage::Vandal;

const DEPOSIT: &str = r#"{"input_from_party":{"role_token":"payer"},"that_deposits":60,"of_token":{"currency_symbol":"","token_name":"USD"},"into_account":{"role_token":"payer"}}"#;

const ACCEPT: &str =
    r#"{"input_that_chooses_num":1,"for_choice_id":{"choice_name":"accepted","choice_owner":{"role_token":"payer"}}}"#;

/// The payer pays in 60 until the second day, and is refunded after the third unless it accepts before.
pub(super) fn escrow() -> String {
    let (first, last) = (START_MS + 2 * DAY_MS, START_MS + 3 * DAY_MS);
    let (payer, token) = (r#"{"role_token":"payer"}"#, r#"{"currency_symbol":"","token_name":"USD"}"#);
    let pays = format!(
        r#"{{"pay":60,"token":{token},"to":{{"party":{{"role_token":"payee"}}}},"from_account":{payer},"then":"close"}}"#
    );
    let choice = format!(
        r#"{{"for_choice":{{"choice_name":"accepted","choice_owner":{payer}}},"choose_between":[{{"from":1,"to":1}}]}}"#
    );
    let waits =
        format!(r#"{{"when":[{{"case":{choice},"then":{pays}}}],"timeout":{last},"timeout_continuation":"close"}}"#);
    let deposit = format!(r#"{{"party":{payer},"deposits":60,"of_token":{token},"into_account":{payer}}}"#);
    format!(r#"{{"when":[{{"case":{deposit},"then":{waits}}}],"timeout":{first},"timeout_continuation":"close"}}"#)
}

fn frame(transaction: Transaction) -> TransactionFrame {
    let Transaction { chain, salt, submitter, command_id, time_window, effective_on, anchor, .. } = transaction;
    TransactionFrame { chain, salt, submitter, command_id, time_window, effective_on, anchor }
}

fn resolved(market: &Market, reference: StateRef) -> ResolvedState {
    let shared = &market.node.shared;
    let state = shared.hosted(&market.chain).unwrap().unspent(&reference, &shared.contracts);
    ResolvedState { reference, state: state.unwrap(), claims: Vec::new() }
}

fn stepping(market: &Market, key: &str, from: StateRef, consumed: &[StateRef], input: &str) -> TransactionBuilder {
    let agreement = resolved(market, from);
    let consumed: Vec<_> = consumed.iter().map(|reference| resolved(market, *reference)).collect();
    let frame = frame(market.builder(&market.payer, key).build());
    let inputs = [Input::from_text(input).unwrap()];
    agreement::step(frame, &agreement, &consumed.iter().collect::<Vec<_>>(), &inputs).unwrap()
}

async fn step(market: &Market, key: &str, from: StateRef, consumed: &[StateRef], input: &str) -> StateRef {
    let builder = stepping(market, key, from, consumed, input);
    let accepted = market.submit(builder, &[&market.payer]).await.unwrap();
    StateRef { transaction: accepted.transaction, index: 0 }
}

/// An agreement of payer and payee, and of one role more.
pub(super) async fn open(market: &Market, contract: &str, more: Option<(String, Actor)>) -> StateRef {
    let party = |name: &str, party: &Party| (name.to_owned(), Actor::Party(party.address));
    let roles = [party("payer", &market.payer), party("payee", &market.payee)].into_iter().chain(more).collect();
    let token = Token { currency_symbol: String::new(), token_name: "USD".to_owned() };
    let binding = Binding { roles, tokens: [(token, What::Asset(market.asset))].into() };
    let contract = Arc::new(Contract::from_text(contract).unwrap());
    let terms = Terms { contract, binding, salt: [5; 32], template: None };
    let builder = terms.open(frame(market.builder(&market.payer, "open").build())).unwrap();
    let opened = market.submit(builder, &[&market.payer, &market.payee]).await.unwrap();
    StateRef { transaction: opened.transaction, index: 0 }
}

/// A market with an agreement into which the payer has paid 60 of its 100.
async fn paid_in() -> (Market, StateRef) {
    paid_in_on(Market::open().await).await
}

async fn paid_in_on(market: Market) -> (Market, StateRef) {
    let money = market.issue("issue", &[100]).await;
    let opened = open(&market, &escrow(), None).await;
    let agreement = step(&market, "deposit", opened, &money, DEPOSIT).await;
    assert_eq!(market.free(&market.payer), 40);
    market.opens_as_replayed().await;
    (market, agreement)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_is_carried_out_when_it_passes() {
    let (market, _) = paid_in().await;
    assert_eq!(timer(&market.node).await, Some(START_MS + 3 * DAY_MS));
    let height = market.height();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(market.height(), height, "nothing is due yet");
    market.clock.advance(3 * DAY_MS);
    eventually("the payer has its money back", async || market.free(&market.payer) == 100).await;
    assert_eq!(timer(&market.node).await, None);
    let report = market.node.audit(|_| {}).await.unwrap();
    assert_eq!(report.findings, [], "the audit finds the timer where the blocks say");
    market.opens_as_replayed().await;
}

/// Of two steps on one state one is first; the other hears so, and where the agreement is now.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_steps_at_once_one_is_taken_and_the_other_learns_the_present_state() {
    let market = Market::open().await;
    let money = market.issue("issue", &[100, 80]).await;
    let opened = open(&market, &escrow(), None).await;
    let mut both = Vec::new();
    for (key, money) in ["one", "other"].into_iter().zip(&money) {
        let builder = stepping(&market, key, opened, &[*money], DEPOSIT);
        both.push(market.signed(builder, &[&market.payer]).await);
    }
    assert_eq!(market.node.succession(&market.chain, &opened).await.unwrap(), None, "it is unspent");
    let submit = |bytes: &Vec<u8>| {
        let (market, bytes) = (&market, bytes.clone());
        async move { market.node.submit(&market.chain, bytes).await }
    };
    let outcomes = join_all(both.iter().map(submit)).await;
    let (taken, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    let ([Ok(taken)], [Err(refused)]) = (taken.as_slice(), refused.as_slice()) else { panic!("{taken:?} {refused:?}") };
    assert_eq!(refused.code(), "STATE_NOT_UNSPENT");
    let succession = market.node.succession(&market.chain, &opened).await.unwrap().unwrap();
    assert_eq!(succession.consumed_by.id, taken.transaction);
    let present = StateRef { transaction: taken.transaction, index: 0 };
    assert_eq!(succession.present.map(|(place, _)| place), Some(present));
    // Two transactions on, there is no agreement any more.
    let own = resolved(&market, present).state.owner;
    let vault = now(market.node.holdings(&market.chain, &own, Some(&market.asset))).unwrap()[0].reference;
    step(&market, "accept", present, &[vault], ACCEPT).await;
    let succession = market.node.succession(&market.chain, &opened).await.unwrap().unwrap();
    assert_eq!((succession.consumed_by.id, succession.present), (taken.transaction, None));
    let unknown = StateRef { index: 999, ..present };
    assert_eq!(market.node.succession(&market.chain, &unknown).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_party_takes_the_deadline_away() {
    let (market, agreement) = paid_in().await;
    let own = resolved(&market, agreement).state.owner;
    let vault = now(market.node.holdings(&market.chain, &own, Some(&market.asset))).unwrap()[0].reference;
    step(&market, "accept", agreement, &[vault], ACCEPT).await;
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (40, 60));
    assert_eq!(timer(&market.node).await, None);
    market.opens_as_replayed().await;
    market.clock.advance(4 * DAY_MS);
    let height = market.height();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(market.height(), height);
}

/// Nobody holds a deadline back: not a database either that fails while it passes.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passed_while_the_database_failed_is_carried_out_once_it_works_again() {
    let market = Market::open().await;
    let quick = NodeConfig { recovery_pause: Duration::from_millis(20), ..config(&market.directory, &market.clock) };
    let (market, _) = paid_in_on(market.reopen_with(quick).await).await;
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.fill_the_disk().await;
    market.clock.advance(3 * DAY_MS);
    eventually("the step has met the full disk", async || market.node.measured().await.commit_failures > 0).await;
    assert_eq!(market.free(&market.payer), 40);
    vandal.empty_the_disk().await;
    eventually("the payer has its money back", async || market.free(&market.payer) == 100).await;
    assert_eq!(timer(&market.node).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passed_while_the_node_was_down_is_carried_out_when_it_is_back() {
    let (market, _) = paid_in().await;
    market.node.shutdown().await;
    market.clock.advance(200 * DAY_MS);
    let market = market.reopen().await;
    eventually("the payer has its money back", async || market.free(&market.payer) == 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_chain_wakes_up_for_its_deadline() {
    let (market, _) = paid_in().await;
    market.node.close_chain(&market.chain).await.unwrap();
    assert!(!market.is_open());
    market.clock.advance(3 * DAY_MS);
    eventually("the timer is gone", async || timer(&market.node).await.is_none()).await;
    eventually("the chain is closed again", async || !market.is_open()).await;
    market.node.open_chain(&market.chain).await.unwrap();
    assert_eq!(market.free(&market.payer), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_submits_to_a_closed_chain_opens_it() {
    let market = Market::open().await;
    let money = market.issue("issue", &[100]).await;
    let bytes = market.signed(market.payment("pay", money[0], 100), &[&market.payer]).await;
    market.node.close_chain(&market.chain).await.unwrap();
    market.node.submit(&market.chain, bytes).await.unwrap();
    assert_eq!(market.free(&market.payee), 100);
    // A further chain gets a number of its own, whichever are closed.
    market.node.close_chain(&market.chain).await.unwrap();
    let further = market.further("cocoa").await;
    market.node.open_chain(&market.chain).await.unwrap();
    let numbers: Vec<_> =
        now(market.node.chains(&market.node.chain_ids())).unwrap().into_iter().map(|chain| chain.number).collect();
    assert_eq!(numbers, [1, 2]);
    drop(further);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_in_use_is_not_closed() {
    let market = Market::open().await;
    let under = market.under("cocoa").await;
    let refused = market.node.close_chain(&market.chain).await.unwrap_err();
    assert_eq!(ledger_core::Coded::code(&refused), "CHAIN_IN_USE");
    under.node.close_chain(&under.chain).await.unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    let unknown = market.node.close_chain(&market.chain).await.unwrap_err();
    assert_eq!(ledger_core::Coded::code(&unknown), "CHAIN_UNKNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_chain_is_there_all_the_same() {
    let market = Market::open().await;
    let genesis = now(market.node.genesis(&market.chain)).unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    let again = market.node.create_chain(genesis).await.unwrap_err();
    assert_eq!(ledger_core::Coded::code(&again), "CHAIN_EXISTS");
    market.node.ready().unwrap();
    let all = join_all((0..8).map(|_| market.node.open_chain(&market.chain))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    market.issue("issue", &[1]).await;
}

/// A chain that learns from another is opened with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_chain_under_a_closed_directory_wakes_up_too() {
    let market = Market::open().await;
    let under = market.under("cocoa").await;
    let money = under.issue("issue", &[100]).await;
    let opened = open(&under, &escrow(), None).await;
    step(&under, "deposit", opened, &money, DEPOSIT).await;
    for chain in [&under.chain, &market.chain] {
        market.node.close_chain(chain).await.unwrap();
    }
    market.clock.advance(3 * DAY_MS);
    eventually("the timer is gone", async || timer(&market.node).await.is_none()).await;
    under.node.open_chain(&under.chain).await.unwrap();
    assert_eq!(under.free(&under.payer), 100);
}

/// What is held back by order is tried again, and carried out once it is free.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_asset_holds_a_deadline_up_and_no_longer() {
    use ledger_core::contract::chain;
    use ledger_core::{FreezeSubject, Wire, wire};
    let (market, _) = paid_in().await;
    let subjects = vec![FreezeSubject::Asset(market.asset).to_wire()];
    let reference = "order 1".to_owned();
    let freeze = wire::ChainFreeze { subjects: subjects.clone(), reference: reference.clone() };
    let builder = market.builder(&market.administrator, "freeze");
    let builder = builder.command(super::market::contract(chain::NAME), chain::FREEZE, &freeze);
    market.submit(builder, &[&market.administrator]).await.unwrap();
    let lift = wire::ChainUnfreeze { subjects, reference };
    let builder = market.builder(&market.administrator, "lift");
    let builder = builder.command(super::market::contract(chain::NAME), chain::UNFREEZE, &lift);
    let builder = builder.build();
    // The clock passes the deadline by an hour; orders are given for a day of their own.
    market.clock.advance(3 * DAY_MS);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(market.free(&market.payer), 40);
    let mut later = builder;
    later.time_window.from_ms = START_MS + 3 * DAY_MS;
    later.time_window.until_ms = START_MS + 4 * DAY_MS;
    let bytes = super::market::sign(later, &[&market.administrator]);
    market.node.submit(&market.chain, bytes).await.unwrap();
    market.clock.advance(10_000);
    eventually("the payer has its money back", async || market.free(&market.payer) == 100).await;
}

/// The same chain on two runs of a node gives the same steps.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_taken_is_taken_once() {
    let (market, _) = paid_in().await;
    market.clock.advance(3 * DAY_MS);
    eventually("the payer has its money back", async || market.free(&market.payer) == 100).await;
    let height = market.height();
    market.node.shutdown().await;
    let again = config(&market.directory, &market.clock);
    let market = market.reopen_with(again).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(market.height(), height);
}
