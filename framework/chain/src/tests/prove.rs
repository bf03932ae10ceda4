//! State proofs and archives of a running node.

use std::collections::BTreeSet;
use std::time::Duration;

use ledger_core::archive::{ArchiveReplay, PastReferences, Version, record_length};
use ledger_core::proof::state::{Question, Subject};
use ledger_core::{ChainId, ContractSet, StateProof, StateRef, TransactionId};
use tokio::time::timeout;

use super::market::{Market, config, now, url};
use crate::rebuilt::Rebuilt;
use crate::storage::damage::Vandal;
use crate::{ExportError, ProveError, export};

fn of_state(state: StateRef) -> Question {
    Question::State(state, BTreeSet::new())
}

async fn proved(market: &Market, question: &Question, height: Option<u64>) -> StateProof {
    market.node.state_proof(&market.chain, question, height).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_chain_seals_one_block_for_any_number_of_proofs() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    let tip = market.height();
    let question = of_state(holdings[0]);
    let asked = (0..20).map(|_| market.node.state_proof(&market.chain, &question, None));
    for proof in futures_util::future::join_all(asked).await {
        let proof = proof.unwrap().unwrap();
        assert_eq!(proof.verify().unwrap().height, tip);
        assert!(matches!(proof.subject, Subject::Unspent(state, _) if state == holdings[0]));
    }
    assert_eq!(market.height(), tip + 1);
    proved(&market, &Question::Supply(market.asset), None).await;
    assert_eq!(market.height(), tip + 1, "the tip carries the root already");
    let block = market.node.block(&market.chain, tip + 1).await.unwrap().unwrap();
    assert_eq!((block.header.transaction_count, block.header.journal_count), (0, 0));

    market.pay("pay", holdings[0], 600).await.unwrap();
    assert!(matches!(proved(&market, &question, None).await.subject, Subject::Spent(..)));
    assert_eq!(market.height(), tip + 3);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    let market = market.reopen().await;
    assert_eq!(market.height(), tip + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_proved_as_it_was() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    let issued = market.height();
    market.pay("pay-1", holdings[0], 600).await.unwrap();
    market.pay("pay-2", holdings[1], 400).await.unwrap();
    for (height, first, second) in [(issued, true, true), (issued + 1, false, true)] {
        for (state, is_unspent) in [(holdings[0], first), (holdings[1], second)] {
            let proof = proved(&market, &of_state(state), Some(height)).await;
            assert_eq!((proof.verify().unwrap().height, proof.subject.is_there()), (height, is_unspent));
        }
    }
    let supply = proved(&market, &Question::Supply(market.asset), Some(issued - 1)).await;
    assert_eq!(supply.subject, Subject::Supply(market.asset, None));
    let tip = market.height();
    let refused = market.node.state_proof(&market.chain, &of_state(holdings[0]), Some(tip)).await;
    assert!(matches!(refused, Err(ProveError::HeightNotSealed { height, tip: at }) if (height, at) == (tip, tip)));
    let refused = market.node.state_proof(&market.chain, &of_state(holdings[0]), Some(issued - 1)).await;
    assert_eq!(refused.unwrap_err().code(), "STATE_PROOF_CREATED_LATER");
    let never = of_state(StateRef { transaction: TransactionId::default(), index: 0 });
    assert!(market.node.state_proof(&market.chain, &never, None).await.unwrap().is_none());
    let foreign = market.node.state_proof(&ChainId::default(), &never, None).await;
    assert_eq!(foreign.unwrap_err().code(), "CHAIN_UNKNOWN");
    assert_eq!(market.height(), tip, "a proof of the past seals nothing");
}

/// While one proof of the past has its turn, others are told to come again.
#[tokio::test(flavor = "multi_thread")]
async fn one_proof_of_the_past_is_made_at_a_time() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600]).await;
    let issued = market.height();
    market.pay("pay-1", holdings[0], 600).await.unwrap();
    market.issue("issue-2", &[1]).await;
    let turn = market.node.mempool.prover().unwrap();
    let refused = market.node.state_proof(&market.chain, &of_state(holdings[0]), Some(issued)).await;
    assert_eq!(refused.unwrap_err().code(), "BUSY");
    drop(turn);
    assert!(proved(&market, &of_state(holdings[0]), Some(issued)).await.subject.is_there());
}

/// What is too far is refused before anything is replayed, and blocks without transactions count too.
#[tokio::test(flavor = "multi_thread")]
async fn a_height_too_far_from_genesis_is_refused_at_once() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600]).await;
    let issued = market.height();
    market.pay("pay-1", holdings[0], 600).await.unwrap();
    market.issue("issue-2", &[1]).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    let others =
        format!("SELECT CAST(sum(transaction_count) AS TEXT), '' FROM block WHERE height BETWEEN 2 AND {issued}");
    let others: u64 = vandal.query(&others).await[0][0].parse().unwrap();
    let question = of_state(holdings[0]);
    for (counted, refused) in [(200_000 - issued, false), (200_001 - issued, true)] {
        let first = counted - others;
        vandal.execute(&format!("UPDATE block SET transaction_count = {first} WHERE height = 1")).await;
        let proof = market.node.state_proof(&market.chain, &question, Some(issued)).await;
        let code = proof.err().map(|error| error.code());
        assert_eq!(code, refused.then_some("STATE_PROOF_HEIGHT_TOO_FAR"), "{counted} transactions");
    }
    assert!(market.node.mempool.prover().is_some(), "a refusal gives its turn back");
}

/// Whoever asked may be gone; the turn is free when the work is done, not before.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_nobody_waits_for_keeps_its_turn_while_it_is_made() {
    let market = Market::open().await;
    let (shared, genesis) = (&market.node.shared, now(market.node.genesis(&market.chain)).unwrap());
    let turn = market.node.mempool.prover().unwrap();
    let rebuilt = Rebuilt::new(shared, 1, genesis, market.height()).unwrap().in_turn(turn);
    let work = rebuilt.work(|| std::thread::sleep(Duration::from_millis(300)));
    assert!(timeout(Duration::from_millis(50), work).await.is_err());
    drop(rebuilt);
    assert!(market.node.mempool.prover().is_none());
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(market.node.mempool.prover().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_a_running_node_is_verified_without_it() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    market.pay("pay-1", holdings[0], 600).await.unwrap();
    let (mut archive, mut steps) = (Vec::new(), Vec::new());
    let write = |bytes: &[u8]| {
        archive.extend_from_slice(bytes);
        Ok(())
    };
    let config = || config(&market.directory, &market.clock);
    let version = Version::Blocks;
    let exported = export(config(), &market.chain, version, write, |progress| steps.push(progress)).await.unwrap();
    assert_eq!((exported.end.height, steps.last().unwrap().blocks), (market.height(), market.height()));

    let mut rest = archive.strip_prefix(version.magic().as_slice()).unwrap();
    let mut records = Vec::new();
    while let Some((prefix, after)) = rest.split_first_chunk::<4>() {
        let (record, after) = after.split_at(record_length(*prefix).unwrap());
        records.push(version.decode(record).unwrap());
        rest = after;
    }
    let mut named = PastReferences::default();
    records.iter().for_each(|record| named.take(record).unwrap());
    let contracts = ContractSet::built_in();
    let mut replay = ArchiveReplay::new(&contracts, named);
    records.into_iter().for_each(|record| replay.take(record).unwrap());
    let proved = replay.finish().unwrap();
    let live = market.ledger(|ledger| (ledger.tip(), ledger.state_root()));
    assert_eq!((proved.ledger.tip(), proved.state_root), live);
    market.pay("pay-2", holdings[1], 400).await.unwrap();

    let unknown = export(config(), &ChainId::default(), version, |_| Ok(()), |_| {}).await;
    assert_eq!(unknown.unwrap_err().code(), "CHAIN_UNKNOWN");
    let full = export(config(), &market.chain, version, |_| Err(std::io::Error::other("no space")), |_| {}).await;
    assert!(matches!(full, Err(ExportError::Write(_))));
}
