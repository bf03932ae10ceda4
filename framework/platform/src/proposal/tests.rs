//! The life of proposals on a real node: opened, signed, rejected, expired, finished after a crash.

mod crash;
mod signing;

use std::future::ready;

use super::*;
use ledger_core::contract::title;

use crate::fixture::market::{Market, Member, amount, market};
use crate::proposal::view::{Proposal, ProposalStatus};
use crate::session::principal::Principal;
use crate::wallet::Payment;

/// A market in which alice has two tokens of 50.00.
async fn funded() -> (Market, ledger_core::AssetId) {
    let market = market().await;
    let asset = market.define().await;
    market.issue(asset, &market.alice, 5_000, "deposit 1").await;
    market.issue(asset, &market.alice, 5_000, "deposit 2").await;
    (market, asset)
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

async fn pay(market: &Market, asset: ledger_core::AssetId, key: &str, minor: u64) -> Proposal {
    let alice = market.principal(&market.alice);
    let opened = market.platform.wallets().pay(&alice, &payment(market, asset, key, minor)).await.unwrap();
    assert!(!opened.replayed);
    opened.proposal
}

async fn seen_by(market: &Market, member: &Member, proposal: &Proposal) -> Option<Proposal> {
    market.platform.proposals().find(&market.principal(member), proposal.id).await.unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, ProposalError>) -> String {
    result.unwrap_err().code().to_owned()
}

/// Kinds of the journal's entries about a proposal, in order.
async fn journal_of(market: &Market, proposal: &Proposal) -> Vec<String> {
    crate::storage::journal_kinds_for_tests(market.node().database(), &proposal.id.to_string()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn same_write_again_is_the_same_proposal() {
    let (market, asset) = funded().await;
    let first = pay(&market, asset, "pay", 3_000).await;
    let alice = market.principal(&market.alice);
    let again = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay", 3_000)).await.unwrap();
    assert_eq!((again.replayed, again.proposal), (true, first.clone()));
    let committed = market.sign(&market.alice, &first).await;
    let after = market.platform.wallets().pay(&alice, &payment(&market, asset, "pay", 3_000)).await.unwrap();
    assert_eq!((after.replayed, after.proposal), (true, committed));
    assert_eq!(market.balance(&market.bob).await, (3_000, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn same_key_for_another_input_is_refused() {
    let (market, asset) = funded().await;
    pay(&market, asset, "pay", 3_000).await;
    let alice = market.principal(&market.alice);
    let wallets = market.platform.wallets();
    let other = wallets.pay(&alice, &payment(&market, asset, "pay", 3_100)).await;
    assert_eq!(code(other), "IDEMPOTENCY_KEY_REUSED");
    // The key is the creator's own: another party may use the same one.
    market.issue(asset, &market.bob, 1_000, "deposit 3").await;
    let own = Payment { to: market.alice.address, ..payment(&market, asset, "pay", 500) };
    assert!(!wallets.pay(&market.principal(&market.bob), &own).await.unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn same_write_twice_at_once_opens_one_proposal() {
    let (market, asset) = funded().await;
    let (alice, payment) = (market.principal(&market.alice), payment(&market, asset, "pay", 3_000));
    let wallets = market.platform.wallets();
    let (one, two) = tokio::join!(wallets.pay(&alice, &payment), wallets.pay(&alice, &payment));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.proposal.id, two.proposal.id);
    assert!(one.replayed != two.replayed);
    assert_eq!(journal_of(&market, &one.proposal).await, ["proposal_opened"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transaction_that_breaks_a_rule_opens_nothing() {
    let (market, asset) = funded().await;
    let alice = market.principal(&market.alice);
    let request = OpenRequest::new(market.chain, "bad", "bad");
    let proposals = market.platform.proposals();
    let held = market.node().holdings(&market.chain, &market.alice.address, Some(&asset)).await.unwrap();
    let more = ledger_core::contract::token::holding_state(asset, market.bob.address, amount(5_100));
    let contract = ledger_core::Contract::id(&ledger_core::contract::token::TokenContract);
    let build = |draft: Draft| {
        let builder = draft.builder().input(held[0].reference).output(more);
        let transaction = builder.command(contract, "transfer", &ledger_core::wire::TokenTransfer {}).build();
        ready(Ok(Drafted { transaction, summary: Vec::new() }))
    };
    assert_eq!(code(proposals.open(&alice, &request, build).await), "TOKEN_NOT_CONSERVED");
    assert_eq!(market.balance(&market.alice).await, (10_000, 0, 0));
    // Nothing was opened, so the key is free for a better input.
    let other = OpenRequest { input: b"other".to_vec(), ..request };
    let refuse = |_| ready(Err(ledger_core::Rejection { code: "OWN_RULE".to_owned(), message: "no".to_owned() }));
    assert_eq!(code(proposals.open(&alice, &other, refuse).await), "OWN_RULE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transaction_outside_its_draft_is_refused() {
    let (market, _asset) = funded().await;
    let alice = market.principal(&market.alice);
    let proposals = market.platform.proposals();
    let request = OpenRequest::new(market.chain, "foreign", "x");
    let foreign = market.builder(&market.chain, market.alice.address, "other intention").build();
    let build = |_| ready(Ok(Drafted { transaction: foreign, summary: Vec::new() }));
    assert_eq!(code(proposals.open(&alice, &request, build).await), "PROPOSAL_FRAME_CHANGED");
    let line = summary::SummaryLine {
        direction: summary::Direction::Stays,
        party: market.alice.address,
        counterparty: None,
        item: summary::SummaryItem::Right { kind: "x".to_owned(), number: "y".to_owned() },
    };
    let build = |draft: Draft| {
        let transaction = draft.builder().build();
        ready(Ok(Drafted { transaction, summary: vec![line; 65] }))
    };
    assert_eq!(code(proposals.open(&alice, &request, build).await), "PROPOSAL_SUMMARY_TOO_LONG");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validity_has_bounds() {
    let (market, _asset) = funded().await;
    let alice = market.principal(&market.alice);
    for valid_for_ms in [0, 999, 30 * 86_400_000 + 1, u64::MAX] {
        let request = OpenRequest { valid_for_ms, ..OpenRequest::new(market.chain, "k", "x") };
        let refuse = |_| ready(Err(ledger_core::Rejection { code: String::new(), message: String::new() }));
        let opened = market.platform.proposals().open(&alice, &request, refuse).await;
        assert_eq!(code(opened), "PROPOSAL_VALIDITY_REFUSED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reserved_token_is_refused_to_a_second_proposal() {
    let (market, asset) = funded().await;
    let first = pay(&market, asset, "pay", 3_000).await;
    let taken = first.transaction.inputs[0];
    let alice = market.principal(&market.alice);
    let paid = ledger_core::contract::token::holding_state(asset, market.bob.address, amount(5_000));
    let contract = ledger_core::Contract::id(&ledger_core::contract::token::TokenContract);
    let build = |draft: Draft| {
        assert!(draft.reserved().contains(&taken));
        let builder = draft.builder().input(taken).output(paid);
        let transaction = builder.command(contract, "transfer", &ledger_core::wire::TokenTransfer {}).build();
        ready(Ok(Drafted { transaction, summary: Vec::new() }))
    };
    let request = OpenRequest::new(market.chain, "second", "x");
    let opened = market.platform.proposals().open(&alice, &request, build).await;
    assert_eq!(code(opened), "PROPOSAL_INPUT_RESERVED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_those_concerned_see_a_proposal() {
    let (market, asset) = funded().await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    assert_eq!(seen_by(&market, &market.alice, &proposal).await, Some(proposal.clone()));
    // The payee does not sign, so even it is told nothing; nor is a stranger.
    for member in [market.bob, market.bank, market.outsider] {
        assert_eq!(seen_by(&market, &member, &proposal).await, None);
        let principal = market.principal(&member);
        let proposals = market.platform.proposals();
        let signed = proposals.sign(&principal, proposal.id, &member.sign(&proposal, 1)).await;
        assert_eq!(code(signed), "PROPOSAL_UNKNOWN");
        assert_eq!(code(proposals.reject(&principal, proposal.id, "no").await), "PROPOSAL_UNKNOWN");
        assert_eq!(code(proposals.reject(&principal, ProposalId::from_bytes([0; 16]), "no").await), "PROPOSAL_UNKNOWN");
        let query = ProposalQuery { first: 100, ..ProposalQuery::default() };
        assert!(proposals.page(&principal, &query).await.unwrap().proposals.iter().all(|seen| seen.id != proposal.id));
    }
    // A party that left the chain sees its proposals there no more.
    let left = Principal::new(
        market.alice.address,
        market.alice.keys()[0].public(),
        crate::SessionId::from_bytes([1; 16]),
        [(market.other_chain, Default::default())].into(),
    );
    assert_eq!(market.platform.proposals().find(&left, proposal.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_go_back_in_time_without_gap_or_repeat() {
    let (market, asset) = funded().await;
    let mut opened = Vec::new();
    for number in 0..5u64 {
        let proposal = pay(&market, asset, &format!("pay-{number}"), 100 + number).await;
        let alice = market.principal(&market.alice);
        market.platform.proposals().reject(&alice, proposal.id, "only a test").await.unwrap();
        opened.push(proposal.id);
    }
    let alice = market.principal(&market.alice);
    let proposals = market.platform.proposals();
    let mut query = ProposalQuery { first: 2, ..ProposalQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = proposals.page(&alice, &query).await.unwrap();
        seen.extend(page.proposals.iter().map(|proposal| proposal.id));
        query.before = page.proposals.last().map(|proposal| proposal.number);
        if !page.has_more {
            break;
        }
    }
    opened.reverse();
    assert_eq!(seen, opened);
    assert_eq!(proposals.count(&alice, &[]).await.unwrap(), 5);
    assert_eq!(proposals.count(&alice, &[market.other_chain]).await.unwrap(), 0);
    let unfinished = ProposalQuery { unfinished: true, first: 10, ..ProposalQuery::default() };
    assert_eq!(proposals.page(&alice, &unfinished).await.unwrap().proposals, []);
    let large = ProposalQuery { first: 101, ..ProposalQuery::default() };
    assert_eq!(code(proposals.page(&alice, &large).await), "PROPOSAL_PAGE_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creator_withdraws_and_signer_rejects() {
    let market = market().await;
    let asset = market.define().await;
    let issue = |key: &str| crate::wallet::Issue {
        chain: market.chain,
        idempotency_key: key.to_owned(),
        asset,
        amount: amount(1),
        to: market.alice.address,
        reference: key.to_owned(),
    };
    let (bank, attestor) = (market.principal(&market.bank), market.principal(&market.attestor));
    let (wallets, proposals) = (market.platform.wallets(), market.platform.proposals());
    let one = wallets.issue(&bank, &issue("one")).await.unwrap().proposal;
    let withdrawn = proposals.reject(&bank, one.id, " wrong amount ").await.unwrap();
    assert_eq!(withdrawn.status, ProposalStatus::Withdrawn { reason: "wrong amount".to_owned() });
    let two = wallets.issue(&bank, &issue("two")).await.unwrap().proposal;
    let rejected = proposals.reject(&attestor, two.id, "no deposit seen").await.unwrap();
    let by = market.attestor.address;
    assert_eq!(rejected.status, ProposalStatus::Rejected { by, reason: "no deposit seen".to_owned() });
    assert_eq!(code(proposals.reject(&attestor, two.id, "again").await), "PROPOSAL_ENDED");
    let late = proposals.sign(&bank, two.id, &market.bank.sign(&two, 2)).await;
    assert_eq!(code(late), "PROPOSAL_ENDED");
    for reason in ["", "  ", "a\u{0}b", &"x".repeat(501)] {
        assert_eq!(code(proposals.reject(&bank, two.id, reason).await), "PROPOSAL_REASON_REFUSED");
    }
    assert_eq!(journal_of(&market, &one).await, ["proposal_opened", "proposal_withdrawn"]);
    assert_eq!(journal_of(&market, &two).await, ["proposal_opened", "proposal_rejected"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_proposal_gives_its_tokens_back() {
    let (market, asset) = funded().await;
    let proposal = pay(&market, asset, "pay", 3_000).await;
    market.clock.advance(proposal.expires_at_ms - proposal.opened_at_ms - 1);
    assert_eq!(seen_by(&market, &market.alice, &proposal).await.unwrap().status, ProposalStatus::Open);
    market.clock.advance(1);
    assert_eq!(seen_by(&market, &market.alice, &proposal).await.unwrap().status, ProposalStatus::Expired);
    assert_eq!(market.balance(&market.alice).await, (10_000, 0, 0));
    let alice = market.principal(&market.alice);
    let late = market.platform.proposals().sign(&alice, proposal.id, &market.alice.sign(&proposal, 1)).await;
    assert_eq!(code(late), "PROPOSAL_ENDED");
    assert_eq!(market.platform.proposals().resume().await.unwrap().ended, 1);
    assert_eq!(journal_of(&market, &proposal).await, ["proposal_opened", "proposal_expired"]);
    pay(&market, asset, "again", 3_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_concerned_are_told_of_changes() {
    let (market, asset) = funded().await;
    let mut changes = market.platform.proposals().watch();
    let proposal = pay(&market, asset, "pay", 3_000).await;
    let expected = ProposalChange { id: proposal.id, chain: market.chain, parties: vec![market.alice.address] };
    assert_eq!(changes.recv().await.unwrap(), expected);
    market.sign(&market.alice, &proposal).await;
    assert_eq!(changes.recv().await.unwrap(), expected);
}

/// Whoever has to sign reads the warning with the proposal, whenever it is asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_near_number_is_warned_of_in_the_proposal() {
    let market = market().await;
    let bank = market.principal(&market.bank);
    let open = async |number: &str| {
        let custodian = market.bank.address;
        let title = title::Title {
            title: ledger_core::TitleId::derive(&market.chain, &custodian, number),
            custodian,
            number: number.to_owned(),
            quantity: amount(6_000),
            unit: "KGM".to_owned(),
        };
        let state = title::title_state(&title, market.alice.address);
        let contract = ledger_core::Contract::id(&title::TitleContract);
        let build = |draft: Draft| {
            let builder = draft.builder().output(state);
            let transaction = builder.command(contract, title::ISSUE, &ledger_core::wire::TitleIssue {}).build();
            ready(Ok(Drafted { transaction, summary: Vec::new() }))
        };
        let request = OpenRequest::new(market.chain, &number.replace(' ', "_"), number);
        market.platform.proposals().open(&bank, &request, build).await.unwrap().proposal
    };
    let first = open("WR-7").await;
    assert_eq!(first.warnings, []);
    market.complete(&[market.bank, market.alice], first).await;
    let near = open("WR/007").await;
    let codes: Vec<_> = near.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["CLAIM_NEAR"]);
    assert_eq!(seen_by(&market, &market.alice, &near).await.unwrap().warnings, near.warnings);
    let committed = market.complete(&[market.bank, market.alice], near).await;
    assert!(matches!(committed.status, ProposalStatus::Committed { .. }));
    assert_eq!(committed.warnings.len(), 1);
}
