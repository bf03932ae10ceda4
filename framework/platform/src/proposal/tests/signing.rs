//! Signatures: which count, which are refused, and what follows when they are complete.
use ledger_core::transaction::signing_bytes;
use ledger_core::{PartySignature, Signature};

use super::*;
use crate::fixture::key;
use crate::wallet::Issue;

async fn open_issue(market: &Market, asset: ledger_core::AssetId, reference: &str) -> Proposal {
    let issue = Issue {
        chain: market.chain,
        idempotency_key: reference.to_owned(),
        asset,
        amount: amount(1_000),
        to: market.alice.address,
        reference: reference.to_owned(),
    };
    market.platform.wallets().issue(&market.principal(&market.bank), &issue).await.unwrap().proposal
}

async fn sign(
    market: &Market,
    member: &Member,
    proposal: &Proposal,
    given: &[PartySignature],
) -> Result<Proposal, ProposalError> {
    market.platform.proposals().sign(&market.principal(member), proposal.id, given).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proposal_is_committed_when_every_policy_is_met_in_any_order() {
    let market = market().await;
    let asset = market.define().await;
    let proposal = open_issue(&market, asset, "deposit").await;
    assert_eq!(proposal.status, ProposalStatus::Open);
    assert_eq!(proposal.missing_signers().len(), 2);
    let bank: Vec<_> = proposal.required.iter().filter(|required| required.party == market.bank.address).collect();
    assert!(bank.iter().all(|required| required.missing.len() == 2 && required.by.is_empty() && !required.satisfied));
    let after = sign(&market, &market.attestor, &proposal, &market.attestor.sign(&proposal, 1)).await.unwrap();
    assert_eq!(after.missing_signers(), [market.bank.address]);
    // The third officer first, then the first one: any two of three.
    let officers = market.bank.sign(&proposal, 3);
    let after = sign(&market, &market.bank, &proposal, &officers[2..]).await.unwrap();
    assert_eq!(after.status, ProposalStatus::Open);
    let after = sign(&market, &market.bank, &proposal, &officers[..1]).await.unwrap();
    assert!(matches!(after.status, ProposalStatus::Committed { .. }));
    assert!(after.is_complete());
    assert_eq!(market.balance(&market.alice).await, (1_000, 0, 0));
    let kinds = ["proposal_opened", "proposal_signed", "proposal_signed", "proposal_signed"];
    assert_eq!(journal_of(&market, &proposal).await, kinds);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_to_sign_are_those_of_the_ledger_for_each_party() {
    let market = market().await;
    let asset = market.define().await;
    let proposal = open_issue(&market, asset, "deposit").await;
    assert_eq!(proposal.transaction.id().unwrap(), proposal.transaction_id);
    for required in &proposal.required {
        let bytes = signing_bytes(&market.chain, &proposal.transaction_id, &required.party);
        assert_eq!(required.bytes_to_sign, bytes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signature_given_again_changes_nothing() {
    let market = market().await;
    let asset = market.define().await;
    let proposal = open_issue(&market, asset, "deposit").await;
    let given = market.bank.sign(&proposal, 1);
    let first = sign(&market, &market.bank, &proposal, &given).await.unwrap();
    let again = sign(&market, &market.bank, &proposal, &[given[0].clone(), given[0].clone()]).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(journal_of(&market, &proposal).await, ["proposal_opened", "proposal_signed"]);
    sign(&market, &market.attestor, &proposal, &market.attestor.sign(&proposal, 1)).await.unwrap();
    let committed = sign(&market, &market.bank, &proposal, &market.bank.sign(&proposal, 2)).await.unwrap();
    // A client that lost the answer asks again and gets it.
    let lost = sign(&market, &market.bank, &proposal, &market.bank.sign(&proposal, 2)).await.unwrap();
    assert_eq!(committed, lost);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_that_do_not_count_are_refused_and_leave_no_trace() {
    let market = market().await;
    let asset = market.define().await;
    let proposal = open_issue(&market, asset, "deposit").await;
    let (chain, id, bank) = (proposal.chain, proposal.transaction_id, market.bank.address);
    let good = market.bank.sign(&proposal, 1).remove(0);
    let tampered = {
        let mut bytes = *good.signature.as_bytes();
        bytes[10] ^= 1;
        PartySignature { signature: Signature::from_bytes(&bytes).unwrap(), ..good.clone() }
    };
    let foreign_key = PartySignature::give(&chain, &id, bank, &key(77));
    let for_another =
        PartySignature { party: bank, ..PartySignature::give(&chain, &id, market.attestor.address, &key(21)) };
    let other = open_issue(&market, asset, "other").await;
    let of_another_proposal = market.bank.sign(&other, 1).remove(0);
    for (given, expected) in [
        (tampered.clone(), "SIGNATURE_INVALID"),
        (foreign_key, "SIGNATURE_KEY_NOT_OF_PARTY"),
        (for_another, "SIGNATURE_FOR_ANOTHER_PARTY"),
        (of_another_proposal, "SIGNATURE_INVALID"),
        (market.attestor.sign(&proposal, 1).remove(0), "PROPOSAL_SIGNATURE_FOREIGN"),
    ] {
        // One bad signature among good ones spoils the request: all or none.
        let refused = sign(&market, &market.bank, &proposal, &[good.clone(), given]).await;
        assert_eq!(code(refused), expected);
    }
    assert_eq!(code(sign(&market, &market.bank, &proposal, &[]).await), "PROPOSAL_SIGNATURE_COUNT");
    assert_eq!(code(sign(&market, &market.bank, &proposal, &vec![good; 65]).await), "PROPOSAL_SIGNATURE_COUNT");
    let now = seen_by(&market, &market.bank, &proposal).await.unwrap();
    assert!(now.required.iter().all(|required| required.by.is_empty()));
    assert_eq!(journal_of(&market, &proposal).await, ["proposal_opened"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn third_signature_of_two_is_not_needed() {
    let market = market().await;
    let asset = market.define().await;
    let proposal = open_issue(&market, asset, "deposit").await;
    let officers = market.bank.sign(&proposal, 3);
    sign(&market, &market.bank, &proposal, &officers[..2]).await.unwrap();
    let third = sign(&market, &market.bank, &proposal, &officers[2..]).await;
    assert_eq!(code(third), "PROPOSAL_SIGNATURE_NOT_NEEDED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_sign_last_at_once_commit_once() {
    let market = market().await;
    let asset = market.define().await;
    let proposal = open_issue(&market, asset, "deposit").await;
    sign(&market, &market.attestor, &proposal, &market.attestor.sign(&proposal, 1)).await.unwrap();
    let officers = market.bank.sign(&proposal, 3);
    let (one, two, three) = tokio::join!(
        sign(&market, &market.bank, &proposal, &officers[..1]),
        sign(&market, &market.bank, &proposal, &officers[1..2]),
        sign(&market, &market.bank, &proposal, &officers[2..]),
    );
    let refused = [one, two, three].into_iter().filter_map(Result::err).map(|error| error.code().to_owned());
    assert_eq!(refused.collect::<Vec<_>>(), ["PROPOSAL_ENDED"]);
    assert_eq!(market.balance(&market.alice).await, (1_000, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_refusal_of_a_complete_proposal_is_final_and_told() {
    let market = market().await;
    let asset = market.define().await;
    // Both name the same deposit; the ledger takes a reference once.
    let first = open_issue(&market, asset, "deposit").await;
    let second = Issue {
        chain: market.chain,
        idempotency_key: "second".to_owned(),
        asset,
        amount: amount(1),
        to: market.bob.address,
        reference: "deposit".to_owned(),
    };
    let second = market.platform.wallets().issue(&market.principal(&market.bank), &second).await.unwrap().proposal;
    let attested = sign(&market, &market.attestor, &second, &market.attestor.sign(&second, 1)).await.unwrap();
    market.complete(&[market.bank, market.attestor], first).await;
    let refused = sign(&market, &market.bank, &attested, &market.bank.sign(&second, 2)).await;
    let status = match refused {
        Ok(proposal) => proposal.status,
        Err(error) => panic!("the signature itself was refused: {error}"),
    };
    assert!(matches!(status, ProposalStatus::Refused { .. }), "{status:?}");
    let again = sign(&market, &market.attestor, &second, &market.attestor.sign(&second, 1)).await.unwrap();
    assert_eq!(again.status, status);
    let kinds = journal_of(&market, &second).await;
    assert_eq!(kinds.last().map(String::as_str), Some("proposal_refused"));
    assert_eq!(market.balance(&market.bob).await, (0, 0, 0));
}
