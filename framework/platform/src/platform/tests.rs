//! The services together on a real node: sign in, trade, change keys, many at once.
use std::net::IpAddr;

use ledger_core::{Authority, Coded, Policy, Rule};

use super::*;
use crate::fixture::key;
use crate::fixture::market::{Market, Member, amount, market};
use crate::proposal::view::ProposalStatus;
use crate::session::principal::Principal;
use crate::session::{Grant, SignIn};
use crate::wallet::Payment;

async fn sign_in(market: &Market, member: &Member) -> Grant {
    let here = IpAddr::from([127, 0, 0, 1]).into();
    let sessions = market.platform.sessions();
    let challenge = sessions.challenge(&member.address, here).await.unwrap();
    let key = member.keys().remove(0);
    let signature = key.sign(&challenge.bytes_to_sign);
    let answer = SignIn { party: member.address, key: key.public(), challenge: challenge.challenge, signature };
    sessions.sign_in(&answer, here).await.unwrap()
}

async fn authenticated(market: &Market, grant: &Grant) -> Result<Principal, &'static str> {
    let found = market.platform.sessions().authenticate(grant.access_token.reveal()).await;
    found.map_err(|error| error.code())
}

fn payment(market: &Market, asset: ledger_core::AssetId, key: &str, minor: u64) -> Payment {
    Payment {
        chain: market.chain,
        idempotency_key: key.to_owned(),
        asset,
        amount: amount(minor),
        to: market.bob.address,
        reference: None,
    }
}

fn rule(commands: &str, seed: u8) -> Rule {
    let policy = Policy::Key(key(seed).public());
    Rule {
        commands: vec![commands.to_owned()],
        asset: None,
        amount_up_to: None,
        not_after_ms: None,
        delay_ms: None,
        policy,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn party_signs_in_with_its_ledger_key_and_pays() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit").await;
    let grant = sign_in(&market, &market.alice).await;
    let alice = authenticated(&market, &grant).await.unwrap();
    assert_eq!(alice, Principal::new(alice.party(), alice.key(), grant.session, alice.chains().clone()));
    assert!(alice.participates(&market.chain) && alice.participates(&market.other_chain));
    let opened = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay", 1_000)).await.unwrap();
    let given = market.alice.sign(&opened.proposal, 1);
    let paid = market.platform.proposals().sign(&alice, opened.proposal.id, &given).await.unwrap();
    assert!(matches!(paid.status, ProposalStatus::Committed { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outsider_signs_in_and_reaches_only_its_own_chain() {
    let market = market().await;
    let grant = sign_in(&market, &market.outsider).await;
    let outsider = authenticated(&market, &grant).await.unwrap();
    assert_eq!(outsider.chains().keys().copied().collect::<Vec<_>>(), [market.other_chain]);
    let asset = market.define().await;
    let refused = market.platform.wallets().pay(&outsider, &payment(&market, asset, "pay", 1)).await.unwrap_err();
    assert_eq!(refused.code(), "ACCESS_NOT_PARTICIPANT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_taken_off_the_ledger_loses_that_chain_at_once() {
    let market = market().await;
    let (alice, bob) = (sign_in(&market, &market.alice).await, sign_in(&market, &market.bob).await);
    assert!(authenticated(&market, &bob).await.is_ok());
    market.change_authority(&market.bob, Authority::new(vec![rule("*", 12)])).await;
    assert_eq!(authenticated(&market, &bob).await, Err("SESSION_KEY_WITHDRAWN"));
    // On the other chain alice's key still stands, so only the one chain is lost.
    market.change_authority(&market.alice, Authority::new(vec![rule("*", 11)])).await;
    let left = authenticated(&market, &alice).await.unwrap();
    assert_eq!(left.chains().keys().copied().collect::<Vec<_>>(), [market.other_chain]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_of_a_rule_that_does_not_decide_is_refused() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit").await;
    let alice = market.principal(&market.alice);
    let rules = vec![rule("token/transfer", 1), rule("*", 11)];
    market.change_authority(&market.alice, Authority::new(rules)).await;
    let opened = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay", 1_000)).await.unwrap();
    let (chain, id) = (opened.proposal.chain, opened.proposal.transaction_id);
    let deputy = ledger_core::PartySignature::give(&chain, &id, market.alice.address, &key(11));
    let proposals = market.platform.proposals();
    let refused = proposals.sign(&alice, opened.proposal.id, &[deputy]).await.unwrap_err();
    assert_eq!(refused.code(), "PROPOSAL_KEY_NOT_IN_AUTHORITY");
    assert!(proposals.sign(&alice, opened.proposal.id, &market.alice.sign(&opened.proposal, 1)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_payments_at_once_spend_nothing_twice() {
    let market = Arc::new(market().await);
    let asset = market.define().await;
    for number in 0..8u64 {
        market.issue(asset, &market.alice, 1_000 + number, &format!("deposit {number}")).await;
    }
    let before = market.balance(&market.alice).await.0;
    let pay = |number: u64| {
        let market = market.clone();
        async move {
            let alice = market.principal(&market.alice);
            let payment = payment(&market, asset, &format!("pay-{number}"), 700 + number);
            let opened = market.platform.wallets().pay(&alice, &payment).await.ok()?;
            let given = market.alice.sign(&opened.proposal, 1);
            let paid = market.platform.proposals().sign(&alice, opened.proposal.id, &given).await.unwrap();
            matches!(paid.status, ProposalStatus::Committed { .. }).then_some(700 + number)
        }
    };
    let tasks: Vec<_> = (0..10).map(|number| tokio::spawn(pay(number))).collect();
    let mut paid = 0;
    for task in tasks {
        paid += task.await.unwrap().unwrap_or(0);
    }
    assert!(paid > 0);
    assert_eq!(market.balance(&market.bob).await.0, paid);
    assert_eq!(market.balance(&market.alice).await, (before - paid, 0, 0));
    let supply =
        market.platform.wallets().asset(&market.principal(&market.alice), &market.chain, &asset).await.unwrap().supply;
    assert_eq!(supply.minor(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_and_platform_hold_up_in_an_audit() {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit").await;
    let report = market.node().audit(|_| {}).await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}
