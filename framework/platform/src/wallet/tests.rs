//! Tokens on a real node: defined, issued, paid, redeemed, each with what refuses it.
use ledger_core::{Address, Coded};

use super::*;
use crate::fixture::market::{Market, amount, market};
use crate::proposal::ProposalError;
use crate::proposal::summary::{Direction, SummaryItem};
use crate::proposal::view::ProposalStatus;

fn payment(market: &Market, asset: AssetId, key: &str, minor: u64) -> Payment {
    Payment {
        chain: market.chain,
        idempotency_key: key.to_owned(),
        asset,
        amount: amount(minor),
        to: market.bob.address,
        reference: Some("invoice 7".to_owned()),
    }
}

async fn refused(market: &Market, payment: &Payment) -> String {
    let error = market.platform.wallets().pay(&market.principal(&market.alice), payment).await.unwrap_err();
    error.code().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payment_moves_exactly_the_amount_and_gives_change() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 10_000, "deposit 1").await;
    let alice = market.principal(&market.alice);
    let opened = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay-1", 3_000)).await.unwrap();
    assert_eq!(market.balance(&market.alice).await, (0, 10_000, 0));
    let item = SummaryItem::Token { asset, amount: amount(3_000) };
    assert!(opened.proposal.summary.iter().all(|line| line.item == item));
    assert_eq!(opened.proposal.summary[0].direction, Direction::Leaves);
    market.complete(&[market.alice], opened.proposal).await;
    assert_eq!(market.balance(&market.alice).await, (7_000, 0, 0));
    assert_eq!(market.balance(&market.bob).await, (3_000, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_paid_is_refused_and_reserves_nothing() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 10_000, "deposit 1").await;
    let good = payment(&market, asset, "pay-1", 3_000);
    let unknown = AssetId::from_bytes([9; 32]);
    for (payment, code) in [
        (Payment { amount: amount(0), ..good.clone() }, "WALLET_AMOUNT_ZERO"),
        (Payment { amount: amount(10_001), ..good.clone() }, "WALLET_INSUFFICIENT"),
        (Payment { asset: unknown, ..good.clone() }, "WALLET_ASSET_UNKNOWN"),
        (Payment { to: market.alice.address, ..good.clone() }, "WALLET_PAYEE_IS_PAYER"),
        (Payment { to: market.outsider.address, ..good.clone() }, "WALLET_PARTY_NOT_REGISTERED"),
        (Payment { to: Address::from_bytes([9; 32]), ..good.clone() }, "WALLET_PARTY_NOT_REGISTERED"),
        (Payment { chain: ChainId::from_bytes([9; 32]), ..good.clone() }, "ACCESS_NOT_PARTICIPANT"),
        (Payment { idempotency_key: String::new(), ..good.clone() }, "IDEMPOTENCY_KEY_REFUSED"),
        (Payment { idempotency_key: "k".repeat(129), ..good.clone() }, "IDEMPOTENCY_KEY_REFUSED"),
        (Payment { idempotency_key: "k\u{7}".to_owned(), ..good.clone() }, "IDEMPOTENCY_KEY_REFUSED"),
    ] {
        assert_eq!(refused(&market, &payment).await, code);
    }
    assert_eq!(market.balance(&market.alice).await, (10_000, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promised_tokens_are_not_promised_twice() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit 1").await;
    market.issue(asset, &market.alice, 4_000, "deposit 2").await;
    let alice = market.principal(&market.alice);
    let wallets = market.platform.wallets();
    let (one, two) = (payment(&market, asset, "one", 3_000), payment(&market, asset, "two", 3_000));
    let (one, two) = tokio::join!(wallets.pay(&alice, &one), wallets.pay(&alice, &two));
    let (one, two) = (one.unwrap().proposal, two.unwrap().proposal);
    assert_ne!(one.transaction.inputs, two.transaction.inputs);
    assert_eq!(refused(&market, &payment(&market, asset, "three", 1)).await, "WALLET_INSUFFICIENT");
    market.platform.proposals().reject(&alice, one.id, "changed my mind").await.unwrap();
    let (free, reserved, locked) = market.balance(&market.alice).await;
    assert_eq!((free + reserved, locked), (9_000, 0));
    assert!(free > 0 && reserved > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_issuer_and_attestor_open_an_issue_and_a_reference_is_good_once() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit 1").await;
    let issue = Issue {
        chain: market.chain,
        idempotency_key: "again".to_owned(),
        asset,
        amount: amount(1),
        to: market.alice.address,
        reference: "deposit 1".to_owned(),
    };
    let wallets = market.platform.wallets();
    let error = wallets.issue(&market.principal(&market.alice), &issue).await.unwrap_err();
    assert_eq!(error.code(), "WALLET_NOT_ISSUER");
    let error = wallets.issue(&market.principal(&market.bank), &issue).await.unwrap_err();
    assert!(matches!(error, ProposalError::Rejected(_)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redemption_needs_the_issuer_and_shrinks_the_supply() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit 1").await;
    let alice = market.principal(&market.alice);
    let wallets = market.platform.wallets();
    let redemption = Redemption {
        chain: market.chain,
        idempotency_key: "redeem".to_owned(),
        asset,
        amount: amount(2_000),
        reference: "payout 1".to_owned(),
    };
    let opened = wallets.redeem(&alice, &redemption).await.unwrap();
    let signed = market.sign(&market.alice, &opened.proposal).await;
    assert_eq!((signed.status.clone(), signed.missing_signers()), (ProposalStatus::Open, vec![market.bank.address]));
    market.complete(&[market.bank], signed).await;
    assert_eq!(market.balance(&market.alice).await, (3_000, 0, 0));
    assert_eq!(wallets.asset(&alice, &market.chain, &asset).await.unwrap().supply, amount(3_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assets_are_seen_by_participants_only() {
    let market = market().await;
    let asset = market.define().await;
    let wallets = market.platform.wallets();
    let seen = wallets.assets(&market.principal(&market.alice), &market.chain).await.unwrap();
    assert_eq!(seen.iter().map(|asset| asset.definition.code.as_str()).collect::<Vec<_>>(), ["USD"]);
    let outsider = market.principal(&market.outsider);
    assert_eq!(wallets.assets(&outsider, &market.chain).await.unwrap_err().code(), "ACCESS_NOT_PARTICIPANT");
    assert_eq!(wallets.asset(&outsider, &market.chain, &asset).await.unwrap_err().code(), "ACCESS_NOT_PARTICIPANT");
    assert_eq!(wallets.balances(&outsider, &market.chain).await.unwrap_err().code(), "ACCESS_NOT_PARTICIPANT");
    assert_eq!(wallets.assets(&outsider, &market.other_chain).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dust_is_merged_by_paying() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 10_000, "deposit").await;
    for number in 0..5 {
        market.issue(asset, &market.alice, 1, &format!("dust {number}")).await;
    }
    let alice = market.principal(&market.alice);
    let opened = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay", 9_900)).await.unwrap();
    assert_eq!(opened.proposal.transaction.inputs.len(), 6);
    market.complete(&[market.alice], opened.proposal).await;
    assert_eq!(market.node().holdings(&market.chain, &market.alice.address, Some(&asset)).await.unwrap().len(), 1);
    assert_eq!(market.balance(&market.alice).await, (105, 0, 0));
}
