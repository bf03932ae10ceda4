//! A node that stops between any two steps loses nothing: the ledger is asked, and what is left is done.
use ledger_core::SignedTransaction;

use super::*;
use crate::fixture::market::open_platform;
use crate::storage::proposal as rows;

/// Stops the node as it is and opens it again on the same file.
async fn restarted(market: Market) -> Market {
    market.node().shutdown().await;
    let platform = open_platform(&market.url, &market.clock).await;
    Market { platform, ..market }
}

async fn stored(market: &Market, proposal: &Proposal) -> rows::StoredProposal {
    let found = rows::find(market.node().database(), proposal.id, &market.alice.address).await;
    found.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_after_the_last_signature_is_finished_by_the_restart() {
    let (market, asset) = funded().await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    let given: Vec<_> = market.alice.sign(&proposal, 1).into_iter().map(|given| (given, 1)).collect();
    rows::add_signatures(market.node().database(), proposal.number, &given, proposal.opened_at_ms).await.unwrap();
    assert_eq!(seen_by(&market, &market.alice, &proposal).await.unwrap().status, ProposalStatus::Submitting);
    let alice = market.principal(&market.alice);
    assert_eq!(code(market.platform.proposals().reject(&alice, proposal.id, "late").await), "PROPOSAL_COMPLETE");
    let market = restarted(market).await;
    let now = seen_by(&market, &market.alice, &proposal).await.unwrap();
    assert!(matches!(now.status, ProposalStatus::Committed { .. }), "{:?}", now.status);
    assert_eq!(market.balance(&market.bob).await, (3_000, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_after_the_commit_is_known_from_the_ledger() {
    let (market, asset) = funded().await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    let signed = SignedTransaction::new(proposal.transaction.clone(), market.alice.sign(&proposal, 1));
    let accepted = market.node().submit(&market.chain, signed.encode()).await.unwrap();
    let committed = ProposalStatus::Committed {
        height: accepted.height,
        position: accepted.position,
        recorded_at_ms: accepted.recorded_at_ms,
    };
    assert_eq!(stored(&market, &proposal).await.ended, None);
    assert_eq!(seen_by(&market, &market.alice, &proposal).await.unwrap().status, committed);
    let market = restarted(market).await;
    assert!(stored(&market, &proposal).await.ended.is_some());
    assert_eq!(seen_by(&market, &market.alice, &proposal).await.unwrap().status, committed);
    market.clock.advance(2 * 86_400_000);
    assert_eq!(seen_by(&market, &market.alice, &proposal).await.unwrap().status, committed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_proposal_and_its_reservation_outlive_a_restart() {
    let (market, asset) = funded().await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    let market = restarted(market).await;
    assert_eq!(seen_by(&market, &market.alice, &proposal).await, Some(proposal.clone()));
    assert_eq!(market.balance(&market.alice).await, (5_000, 5_000, 0));
    let alice = market.principal(&market.alice);
    let again = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay", 3_000)).await.unwrap();
    assert!(again.replayed);
    market.complete(&[market.alice], proposal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resuming_again_and_again_changes_nothing_more() {
    let (market, asset) = funded().await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    let proposals = market.platform.proposals();
    assert_eq!(proposals.resume().await.unwrap(), Resumed { looked_at: 1, ended: 0, failed: 0 });
    market.complete(&[market.alice], proposal).await;
    assert_eq!(proposals.resume().await.unwrap(), Resumed::default());
    assert_eq!(market.balance(&market.bob).await, (3_000, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_proposal_keeps_no_other_from_being_finished() {
    let (market, asset) = funded().await;
    let broken = pay(&market, asset, "broken", 100).await;
    crate::storage::spoil_proposal_for_tests(market.node().database(), broken.number).await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    let given: Vec<_> = market.alice.sign(&proposal, 1).into_iter().map(|given| (given, 1)).collect();
    rows::add_signatures(market.node().database(), proposal.number, &given, proposal.opened_at_ms).await.unwrap();
    let resumed = market.platform.proposals().resume().await.unwrap();
    assert_eq!(resumed, Resumed { looked_at: 2, ended: 1, failed: 1 });
    let market = restarted(market).await;
    let now = seen_by(&market, &market.alice, &proposal).await.unwrap();
    assert!(matches!(now.status, ProposalStatus::Committed { .. }), "{:?}", now.status);
}
