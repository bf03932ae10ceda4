//! Parties registered on one chain act on another; what changes there counts here from the next block on.

use ledger_core::contract::token;
use ledger_core::verify::{Depth, Rules, replay};
use ledger_core::{
    Address, ClaimSecret, CommandId, ContractSet, Directory, Genesis, Ledger, PartySignature, SignedTransaction,
    Transaction, wire,
};

use super::market::{Market, Party, contract, genesis, now, recorder, sign};
use crate::SubmitError;

fn code<T: std::fmt::Debug>(result: Result<T, SubmitError>) -> String {
    result.unwrap_err().code().to_owned()
}

fn version(market: &Market, party: &Party) -> Option<u64> {
    let known = |ledger: &Ledger| {
        ledger.parties().find(|(address, _)| **address == party.address).map(|(_, entry)| entry.version)
    };
    market.ledger(known)
}

/// All that an outsider has: genesis, blocks, the contracts, and the secret behind claims.
async fn replayed(market: &Market) -> Ledger {
    let mut ledger = Ledger::from_genesis(now(market.node.genesis(&market.chain)).unwrap()).unwrap();
    let (contracts, claim_secret) = (ContractSet::built_in(), ClaimSecret::from_bytes([7; 32]));
    for height in 1..=market.height() {
        let block = market.node.block(&market.chain, height).await.unwrap().unwrap();
        let rules = Rules { contracts: &contracts, claims: ledger_core::ClaimCheck::Secret(&claim_secret) };
        let verified = replay(&block, &ledger, &ledger, rules, Depth::Everything).unwrap();
        ledger.apply(&verified).unwrap();
    }
    ledger
}

#[tokio::test(flavor = "multi_thread")]
async fn parties_of_the_directory_trade_on_another_chain_and_an_outsider_verifies_it_alone() {
    let coffee = Market::open().await;
    let cocoa = coffee.under("cocoa").await;
    let holdings = cocoa.issue("issue", &[600]).await;
    cocoa.pay("pay", holdings[0], 600).await.unwrap();
    assert_eq!(cocoa.free(&cocoa.payee), 600);
    assert_eq!([&cocoa.issuer, &cocoa.attestor, &cocoa.payer].map(|party| version(&cocoa, party)), [Some(1); 3]);
    let ledger = replayed(&cocoa).await;
    assert_eq!(ledger.tip(), cocoa.summary().tip);
    assert_eq!(ledger.directory().height, coffee.height());
    assert_eq!(ledger.directory().hash, coffee.summary().tip);
    let mut report = coffee.node.audit(|_| {}).await.unwrap();
    assert_eq!(report.findings.pop(), None);
    cocoa.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_rotated_on_the_directory_is_dead_on_its_chains_after_a_restart_too() {
    let coffee = Market::open().await;
    let mut cocoa = coffee.under("cocoa").await;
    let holdings = cocoa.issue("issue", &[600, 400, 200]).await;
    let old = sign(cocoa.payment("old", holdings[0], 600).build(), &[&cocoa.payer]);
    let rotated = coffee.rotate(&mut cocoa.payer, 44).await;
    let newest = now(cocoa.node.party(&cocoa.chain, &cocoa.payer.address)).unwrap().map(|entry| entry.version);
    assert_eq!((newest, version(&cocoa, &cocoa.payer)), (Some(2), None));
    assert_eq!(code(cocoa.node.submit(&cocoa.chain, old.clone()).await), "SIGNATURE_KEY_NOT_OF_PARTY");
    let paid = cocoa.pay("new", holdings[0], 600).await.unwrap();
    let block = cocoa.node.block(&cocoa.chain, paid.height).await.unwrap().unwrap();
    assert!(block.header.directory.height >= rotated.height);

    let directory = coffee.chain;
    drop(coffee);
    let mut cocoa = cocoa.reopen().await;
    assert_eq!(version(&cocoa, &cocoa.payer), Some(2));
    assert_eq!(code(cocoa.node.submit(&cocoa.chain, old).await), "SIGNATURE_KEY_NOT_OF_PARTY");
    let old = sign(cocoa.payment("again", holdings[1], 400).build(), &[&cocoa.payer]);

    let mut payer = std::mem::replace(&mut cocoa.payer, Party::new(4));
    let market = std::mem::replace(&mut cocoa.chain, directory);
    cocoa.rotate(&mut payer, 45).await;
    (cocoa.chain, cocoa.payer) = (market, payer);
    assert_eq!(code(cocoa.node.submit(&cocoa.chain, old).await), "SIGNATURE_KEY_NOT_OF_PARTY");
    cocoa.pay("last", holdings[1], 400).await.unwrap();
    assert_eq!(version(&cocoa, &cocoa.payer), Some(3));
    assert_eq!(replayed(&cocoa).await.tip(), cocoa.summary().tip);
    cocoa.opens_as_replayed().await;
}

/// Payments race the rotation: those that are accepted stand in blocks that had not seen it.
#[tokio::test(flavor = "multi_thread")]
async fn no_block_that_has_seen_a_rotation_holds_what_the_old_key_signed() {
    const PAYMENTS: usize = 60;
    let coffee = Market::open().await;
    let mut cocoa = coffee.under("cocoa").await;
    let mut payer = std::mem::replace(&mut cocoa.payer, Party::new(4));
    let old = Party::new(4);
    let holdings = cocoa.issue("issue", &[1; PAYMENTS]).await;
    let mut signed = Vec::new();
    for (number, holding) in holdings.into_iter().enumerate() {
        signed.push(cocoa.signed(cocoa.payment(&format!("pay-{number}"), holding, 1), &[&old]).await);
    }
    let mut paying = Vec::new();
    for bytes in signed {
        let (node, chain) = (cocoa.node.clone(), cocoa.chain);
        paying.push(tokio::spawn(async move { node.submit(&chain, bytes).await }));
    }
    let rotated = coffee.rotate(&mut payer, 44).await;
    for payment in paying {
        if let Err(error) = payment.await.unwrap() {
            assert_eq!(error.code(), "SIGNATURE_KEY_NOT_OF_PARTY", "{error}");
        }
    }
    let late = cocoa.signed(cocoa.payment("late", cocoa.definition, 1), &[&old]).await;
    assert_eq!(code(cocoa.node.submit(&cocoa.chain, late).await), "SIGNATURE_KEY_NOT_OF_PARTY");
    let mut by_old_key = 0;
    for height in 1..=cocoa.height() {
        let block = cocoa.node.block(&cocoa.chain, height).await.unwrap().unwrap();
        for bytes in &block.transactions {
            let signed = SignedTransaction::decode(bytes).unwrap();
            if signed.signatures.iter().any(|given| given.key == old.key.public()) {
                by_old_key += 1;
                assert!(block.header.directory.height < rotated.height);
            }
        }
    }
    assert_eq!(by_old_key, usize::try_from(cocoa.free(&cocoa.payee)).unwrap());
    assert_eq!(replayed(&cocoa).await.tip(), cocoa.summary().tip);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_sign_is_known_before_anybody_has() {
    let coffee = Market::open().await;
    let cocoa = coffee.under("cocoa").await;
    let holdings = cocoa.issue("issue", &[5]).await;
    assert_eq!(version(&cocoa, &cocoa.payer), None);
    let payment = cocoa.payment("pay", holdings[0], 5).build();
    let checked = cocoa.node.check(&cocoa.chain, payment.clone()).await.unwrap();
    assert_eq!(checked.examined.required[0].party, cocoa.payer.address);
    assert_eq!(version(&cocoa, &cocoa.payer), Some(1));
    assert_eq!(cocoa.node.missing(&cocoa.chain, payment, Vec::new()).await.unwrap().len(), 1);
    assert_eq!(version(&cocoa, &cocoa.payee), None);
    cocoa.node.learn(&cocoa.chain, &[cocoa.payee.address, Party::new(99).address]).await.unwrap();
    assert_eq!((version(&cocoa, &cocoa.payee), version(&cocoa, &Party::new(99))), (Some(1), None));
    let knows = |party: &Party| now(cocoa.node.knows_party(&cocoa.chain, &party.address)).unwrap();
    assert_eq!((knows(&cocoa.attestor), knows(&Party::new(99))), (true, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_a_party_because_somebody_names_it() {
    let coffee = Market::open().await;
    let stranger = Party::new(77);
    coffee.register("stranger", &[&stranger]).await;
    let cocoa = coffee.under("cocoa").await;
    let holdings = cocoa.issue("issue", &[5]).await;
    let payment = cocoa.payment("pay", holdings[0], 5).build();
    let forged = PartySignature { party: stranger.address, ..give(&cocoa, &payment, &cocoa.payer) };
    let signed = SignedTransaction::new(payment.clone(), vec![forged.clone()]);
    cocoa.node.submit(&cocoa.chain, signed.encode()).await.unwrap_err();
    cocoa.node.missing(&cocoa.chain, payment, vec![forged]).await.unwrap_err();
    let of_stranger = cocoa.builder(&stranger, "of a stranger").input(holdings[0]);
    let of_stranger = of_stranger.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {}).build();
    cocoa.node.check(&cocoa.chain, of_stranger).await.unwrap_err();
    cocoa.node.learn(&cocoa.chain, &[stranger.address]).await.unwrap();
    let stands = || (version(&cocoa, &stranger), now(cocoa.node.knows_party(&cocoa.chain, &stranger.address)).unwrap());
    assert_eq!(stands(), (None, false));

    cocoa.permit("admit", &[&stranger]).await;
    assert_eq!(stands(), (None, true));
    cocoa.node.learn(&cocoa.chain, &[stranger.address]).await.unwrap();
    assert_eq!(stands(), (Some(1), true));
}

fn give(market: &Market, transaction: &Transaction, signer: &Party) -> PartySignature {
    PartySignature::give(&market.chain, &transaction.id().unwrap(), signer.address, &signer.key)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_submits_from_outside() {
    let market = Market::open().await;
    let holdings = market.issue("issue", &[600]).await;
    let built = market.payment("pay", holdings[0], 600).build();
    let command_id = CommandId::derive(&built.chain, &Address::NOBODY, "step");
    let nobody = Transaction { submitter: Address::NOBODY, command_id, ..built };
    let bytes = SignedTransaction::new(nobody.clone(), Vec::new()).encode();
    assert_eq!(code(market.node.submit(&market.chain, bytes).await), "TRANSACTION_NO_SUBMITTER");
    assert_eq!(code(market.node.check(&market.chain, nobody.clone()).await), "TRANSACTION_NO_SUBMITTER");
    assert_eq!(code(market.node.submit_unsigned(&market.chain, nobody).await), "UNSIGNED_SIGNER_NEEDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_a_hosted_chain_without_one() {
    let coffee = Market::open().await;
    let cocoa = coffee.under("cocoa").await;
    let refused = |chain, recorder| {
        let genesis = Genesis { directory: Some(Directory { chain, recorder }), ..genesis("tea") };
        let node = coffee.node.clone();
        async move { ledger_core::Coded::code(&node.create_chain(genesis).await.unwrap_err()) }
    };
    assert_eq!(refused(ledger_core::ChainId::default(), recorder().public()).await, "CHAIN_DIRECTORY_UNKNOWN");
    assert_eq!(refused(coffee.chain, coffee.payer.key.public()).await, "CHAIN_DIRECTORY_UNKNOWN");
    assert_eq!(refused(cocoa.chain, recorder().public()).await, "CHAIN_DIRECTORY_INDIRECT");
}
