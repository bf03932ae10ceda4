//! Accepting, refusing, remembering.

use ledger_core::{ChainId, CommandId, SignedTransaction, TransactionId};

use super::market::{Market, config, genesis, now, sign};
use crate::storage::damage::Vandal;
use crate::{ChainError, Durability, Node, NodeConfig, StorageError, SubmitError};

fn code<T: std::fmt::Debug>(result: Result<T, SubmitError>) -> String {
    result.unwrap_err().code().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_moves_value_and_is_found_and_proven() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    let accepted = market.pay("pay-1", holdings[0], 600).await.unwrap();
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (400, 600));
    assert_eq!((accepted.height, accepted.position, accepted.replayed), (market.height(), 0, false));

    let found = market.node.transaction(&market.chain, &accepted.transaction).await.unwrap().unwrap();
    assert_eq!((found.height, found.recorded_at_ms), (accepted.height, accepted.recorded_at_ms));
    let command = CommandId::derive(&market.chain, &market.payer.address, "pay-1");
    assert_eq!(market.node.command(&market.chain, &command).await.unwrap().unwrap(), found);
    let proof = market.node.proof(&market.chain, &accepted.transaction).await.unwrap().unwrap();
    assert_eq!(proof.verify().unwrap().transaction, accepted.transaction);
    assert!(market.node.transaction(&market.chain, &TransactionId::default()).await.unwrap().is_none());

    let held = now(market.node.holdings(&market.chain, &market.payee.address, Some(&market.asset))).unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].amount.minor(), held[0].locked), (600, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_carry_their_rule_and_change_nothing() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600]).await;
    let before = (market.height(), market.free(&market.payer));
    assert_eq!(code(market.pay("short", holdings[0], 599).await), "TOKEN_NOT_CONSERVED");
    assert_eq!(code(market.node.submit(&market.chain, b"nonsense".to_vec()).await), "ENCODING_MALFORMED");
    let unsigned = market.signed(market.payment("unsigned", holdings[0], 600), &[]).await;
    assert_eq!(code(market.node.submit(&market.chain, unsigned).await), "AUTHORITY_SIGNATURES_MISSING");
    let foreign = ChainId::from_bytes([1; 32]);
    assert_eq!(code(market.node.submit(&foreign, Vec::new()).await), "CHAIN_UNKNOWN");

    let mut tampered =
        SignedTransaction::decode(&market.signed(market.payment("tampered", holdings[0], 600), &[&market.payer]).await)
            .unwrap();
    tampered.transaction.metadata.push(("note".to_owned(), "added after signing".to_owned()));
    assert_eq!(code(market.node.submit(&market.chain, tampered.encode()).await), "SIGNATURE_INVALID");
    assert_eq!((market.height(), market.free(&market.payer)), before);

    market.pay("first", holdings[0], 600).await.unwrap();
    let again = sign(market.payment("second", holdings[0], 600).build(), &[&market.payer]);
    assert_eq!(code(market.node.submit(&market.chain, again).await), "STATE_NOT_UNSPENT");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_transaction_again_gets_its_first_answer_and_another_is_refused() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    let bytes = market.signed(market.payment("pay", holdings[0], 600), &[&market.payer]).await;
    let first = market.node.submit(&market.chain, bytes.clone()).await.unwrap();
    let second = market.node.submit(&market.chain, bytes.clone()).await.unwrap();
    assert!(second.replayed);
    assert_eq!((second.height, second.position, second.transaction), (first.height, first.position, first.transaction));
    assert_eq!(second.recorded_at_ms, first.recorded_at_ms);
    assert_eq!(code(market.pay("pay", holdings[1], 400).await), "COMMAND_REPLAYED");
    let rebuilt = sign(market.payment("pay", holdings[0], 600).build(), &[&market.payer]);
    assert_eq!(code(market.node.submit(&market.chain, rebuilt).await), "COMMAND_REPLAYED");

    let mut tampered = SignedTransaction::decode(
        &market
            .signed(
                market.builder(&market.payer, "pay").current(market.definition).command(
                    super::market::contract("token"),
                    "transfer",
                    &ledger_core::wire::TokenTransfer {},
                ),
                &[&market.payer],
            )
            .await,
    )
    .unwrap();
    tampered.transaction.metadata.push(("note".to_owned(), "added".to_owned()));
    assert_ne!(code(market.node.submit(&market.chain, tampered.encode()).await), "COMMAND_REPLAYED");

    let market = market.reopen().await;
    assert!(market.node.submit(&market.chain, bytes).await.unwrap().replayed);
    assert_eq!(code(market.pay("pay", holdings[1], 400).await), "COMMAND_REPLAYED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_transaction_sent_twice_at_once_is_recorded_once() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600]).await;
    let bytes = market.signed(market.payment("pay", holdings[0], 600), &[&market.payer]).await;
    let sends = (0..8).map(|_| market.node.submit(&market.chain, bytes.clone()));
    let answers: Vec<_> = futures_util::future::join_all(sends).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.height == answers[0].height));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_node_forgets_nothing_it_accepted() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[100; 20]).await;
    for (number, holding) in holdings.iter().enumerate().take(10) {
        market.pay(&format!("pay-{number}"), *holding, 100).await.unwrap();
    }
    let before = market.summary();
    let root = market.ledger(ledger_core::Ledger::state_root);
    let market = market.reopen().await;
    assert_eq!(market.summary(), before);
    assert_eq!(market.ledger(ledger_core::Ledger::state_root), root);
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (1_000, 1_000));
    market.pay("pay-10", holdings[10], 100).await.unwrap();
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_two_chains_stand_in_one_commit_and_apart() {
    let first = Market::open().await;
    let second = first.further("receipts").await;
    assert_ne!(first.chain, second.chain);
    let (here, there) = (first.issue("issue", &[50]).await, second.issue("issue", &[70]).await);
    let (one, two) = tokio::join!(first.pay("pay", here[0], 50), second.pay("pay", there[0], 70));
    assert_eq!((one.unwrap().chain, two.unwrap().chain), (first.chain, second.chain));
    assert_eq!((first.free(&first.payee), second.free(&second.payee)), (50, 70));
    let bytes = second.signed(second.payment("foreign", there[0], 70), &[&second.payer]).await;
    assert_eq!(code(first.node.submit(&first.chain, bytes).await), "TRANSACTION_OTHER_CHAIN");
    assert!(first.node.audit(|_| {}).await.unwrap().is_clean());
    assert_eq!(
        now(first.node.chains(&first.node.chain_ids())).unwrap().iter().map(|chain| chain.number).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_created_once_and_by_its_recorder_with_known_contracts() {
    let market = Market::open().await;
    let again = market.node.create_chain(genesis("coffee")).await;
    assert!(matches!(again, Err(ChainError::ChainExists(chain)) if chain == market.chain));
    let mut foreign = genesis("foreign");
    foreign.recorder = market.payer.key.public();
    assert!(matches!(market.node.create_chain(foreign).await, Err(ChainError::ForeignRecorder { .. })));
    let mut unknown = genesis("unknown");
    unknown.contracts.push(ledger_core::ContractId::new("unheard-of", 1).unwrap());
    unknown.contracts.sort();
    assert!(matches!(market.node.create_chain(unknown).await, Err(ChainError::UnknownContract { .. })));
    let mut broken = genesis("broken");
    broken.bounds.block_transactions_max = 0;
    assert!(matches!(market.node.create_chain(broken).await, Err(ChainError::Genesis(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_another_key_does_not_open_the_chains() {
    let market = Market::open().await;
    let (directory, clock) = (market.directory.clone(), market.clock.clone());
    market.node.shutdown().await;
    let mut other = config(&directory, &clock);
    other.recorder = ledger_core::SigningKey::from_seed(&[1; 32]);
    assert!(matches!(Node::open(other).await, Err(ChainError::ForeignRecorder { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_without_signatures_say_who_must_sign() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600]).await;
    let payment = market.payment("pay", holdings[0], 600).build();
    let examined = market.node.check(&market.chain, payment.clone()).await.unwrap().examined;
    assert!(examined.required.iter().any(|required| required.party == market.payer.address));
    let missing = market.node.missing(&market.chain, payment.clone(), Vec::new()).await.unwrap();
    assert!(missing.iter().all(|missing| missing.keys == [market.payer.key.public()]));
    let signed = SignedTransaction::decode(&sign(payment.clone(), &[&market.payer])).unwrap();
    assert!(market.node.missing(&market.chain, payment, signed.signatures).await.unwrap().is_empty());
    let wrong = market.payment("wrong", holdings[0], 601).build();
    assert_eq!(code(market.node.check(&market.chain, wrong).await), "TOKEN_NOT_CONSERVED");
    market.pay("pay", holdings[0], 600).await.unwrap();
    let again = market.issue("issue-2", &[600]).await;
    let again = market.payment("pay", again[0], 600).build();
    assert_eq!(code(market.node.check(&market.chain, again).await), "COMMAND_REPLAYED");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_shutdown_nothing_is_accepted() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600]).await;
    let bytes = market.signed(market.payment("late", holdings[0], 600), &[&market.payer]).await;
    market.node.shutdown().await;
    assert!(market.node.ready().is_err());
    assert_eq!(code(market.node.submit(&market.chain, bytes).await), "NODE_STOPPED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_state_can_be_read_as_past_and_not_as_current() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    market.pay("pay-1", holdings[0], 600).await.unwrap();
    let reading = market.payment("pay-2", holdings[1], 400).past(holdings[0]);
    market.submit(reading, &[&market.payer]).await.unwrap();
    let more = market.issue("issue-2", &[5]).await;
    let stale = sign(market.payment("pay-3", more[0], 5).current(holdings[0]).build(), &[&market.payer]);
    assert_eq!(code(market.node.submit(&market.chain, stale).await), "STATE_NOT_UNSPENT");
    let market = market.reopen().await;
    assert_eq!(market.free(&market.payee), 1_000);
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

/// Without its lock a node does not know whether it is alone, so it writes nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_lock_stops_and_another_goes_on() {
    if super::market::skips_on_file("the lock of a file ends with its process") {
        return;
    }
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10]).await;
    Vandal::open(&super::market::url(&market.directory)).await.end_the_locks_session().await;
    let refused = market.pay("lost", holdings[0], 10).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Stopped(reason) if reason.contains("is lost")), "{refused}");
    let another = Node::open(config(&market.directory, &market.clock)).await.unwrap();
    assert_eq!(now(another.balances(&market.chain, &market.payer.address)).unwrap()[0].free, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_node_on_the_same_database_is_refused() {
    let market = Market::open().await;
    let second = Node::open(config(&market.directory, &market.clock)).await;
    assert!(matches!(second, Err(ChainError::Storage(StorageError::InUse { .. } | StorageError::ServerInUse))));
    market.issue("issue-1", &[1]).await;
    if super::market::skips_on_server("there is no file to lock") {
        return;
    }
    let nowhere = market.directory.join("missing");
    let unusable = Node::open(config(&nowhere, &market.clock)).await;
    assert!(matches!(unusable, Err(ChainError::Storage(StorageError::LockUnusable { .. }))));
}

/// The setting reaches the database, and whoever is answered hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_what_it_promises() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[1, 2]).await;
    assert_eq!(market.pay("pay-1", holdings[0], 1).await.unwrap().durability, Durability::Durable);
    assert!(["on", "2"].contains(&market.node.database().synchronous().await.as_str()));

    let relaxed = || NodeConfig { durability: Durability::Relaxed, ..config(&market.directory, &market.clock) };
    let (config, pay) = (relaxed(), market.payment("pay-2", holdings[1], 2).build());
    let market = market.reopen_with(config).await;
    let bytes = sign(pay, &[&market.payer]);
    for replayed in [false, true] {
        let accepted = market.node.submit(&market.chain, bytes.clone()).await.unwrap();
        assert_eq!((accepted.durability, accepted.replayed), (Durability::Relaxed, replayed));
    }
    assert!(["off", "1"].contains(&market.node.database().synchronous().await.as_str()));
}
