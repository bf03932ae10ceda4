//! Sound inputs to begin with, made from the fixture chain; written where `FUZZ_SEEDS` says, for `make fuzz`.

#![allow(clippy::disallowed_methods)]

use std::path::Path;
use std::sync::Arc;

use ledger_agreement::sample::Sample;
use ledger_agreement::template::BUILT_IN;
use ledger_agreement::{BigInt, Contract, Json, JsonForm, State, Transaction, analysis};

use super::process::random_chain;
use super::target::TARGETS;
use crate::archive::Version;
use crate::block::transaction_leaf;
use crate::disclosure::{Disclosure, Selection};
use crate::encoding::{decode, encode};
use crate::fixture::*;
use crate::journal::{JournalContent, JournalProof};
use crate::merkle;
use crate::proof::state::Question;
use crate::transaction::signatures_hash;
use crate::{Block, ClaimKey, InclusionProof, SignedTransaction, StateProof, StateRef};

/// A loan with resets, early repayment and a fee; principal by arrays; a deposit that is drawn on.
const CONTRACT_TERMS: [&str; 3] = [
    "contractType=ANN\ncontractRole=RPA\nstatusDate=2025-12-31\ninitialExchangeDate=2026-01-31\nmaturityDate=2028-01-31\n\
     notionalPrincipal=5000\nnominalInterestRate=0.08\ndayCountConvention=30E360ISDA\nendOfMonthConvention=EOM\n\
     calendar=MF\nbusinessDayConvention=CSMF\ncycleOfInterestPayment=P1ML0\ncycleOfPrincipalRedemption=P1ML0\n\
     cycleOfRateReset=P1QL1\nmarketObjectCodeOfRateReset=LPR\nprepaymentEffect=A\npenaltyType=N\npenaltyRate=0.01\n\
     feeRate=0.002\nfeeBasis=N\ncycleOfFee=P6ML1\nLPR@2026-01-01=0.03\nPP!2026-05-05=100",
    "contractType=LAX\ncontractRole=RPL\nstatusDate=2025-12-31\ninitialExchangeDate=2026-01-01\nnotionalPrincipal=100\n\
     nominalInterestRate=0.05\ndayCountConvention=28E336\narrayCycleAnchorDateOfPrincipalRedemption=2026-02-01|2026-08-01\n\
     arrayCycleOfPrincipalRedemption=P1ML1\narrayNextPrincipalRedemptionPayment=20|55\narrayIncreaseDecrease=INC|DEC",
    "contractType=UMP\ncontractRole=RPA\nstatusDate=2025-12-31\ninitialExchangeDate=2026-01-01\nnotionalPrincipal=100\n\
     nominalInterestRate=0.01\ndayCountConvention=AA\ncycleOfInterestPayment=P10DL1\nPR!2026-06-01=40\nto=2027-01-01",
];

fn proofs(world: &World) -> Vec<InclusionProof> {
    let proof = |block: &Block| {
        let signed = block.transactions.iter().map(|bytes| SignedTransaction::decode(bytes).unwrap());
        let signed: Vec<_> = signed.collect();
        let leaf = |signed: &SignedTransaction| {
            transaction_leaf(&signed.transaction.id().unwrap(), &signatures_hash(&signed.signatures))
        };
        let leaves: Vec<_> = signed.iter().map(leaf).collect();
        let last = signed.len() - 1;
        InclusionProof {
            genesis: world.ledger.genesis().clone(),
            header: block.header.clone(),
            finality: block.finality,
            transaction: signed[last].clone(),
            index: u32::try_from(last).unwrap(),
            path: merkle::path(&leaves, last).unwrap(),
        }
    };
    world.blocks.iter().filter(|block| !block.transactions.is_empty()).map(proof).collect()
}

/// Whether states created by the chain are unspent, and that a claim is free.
fn state_proofs(world: &mut World) -> Vec<StateProof> {
    let created = proofs(world).into_iter().map(|proof| proof.transaction.transaction.id().unwrap());
    let states = created.map(|transaction| Question::State(StateRef { transaction, index: 0 }, [0].into()));
    let questions: Vec<_> = states.take(8).chain([Question::Claim(ClaimKey::default())]).collect();
    questions.iter().map(|question| world.prove(question).unwrap()).collect()
}

fn journal_proof(world: &World) -> JournalProof {
    let content = |_| JournalContent { salt: [7; 32], content: b"details".to_vec() };
    world.journal_proofs(3, content).remove(1)
}

/// A short chain whose journal goes with it: two entries in a block, one that waits.
fn archive_with_journal() -> Vec<u8> {
    let mut world = World::new();
    let entries = world.journal(3, |_| JournalContent { salt: [7; 32], content: b"details".to_vec() });
    world.fold(&entries[..2]);
    bytes_of(Version::WithJournal, &world.records_with(&entries))
}

/// Key, signature, length of the message, message.
fn signature_items(signed: &SignedTransaction) -> Vec<u8> {
    let id = signed.transaction.id().unwrap();
    let mut bytes = Vec::new();
    for given in &signed.signatures {
        let message = crate::transaction::signing_bytes(&signed.transaction.chain, &id, &given.party);
        bytes.extend(given.key.as_bytes().iter().chain(given.signature.as_bytes()));
        bytes.push(u8::try_from(message.len()).unwrap());
        bytes.extend(message);
    }
    bytes
}

/// Random contracts that the analysis lets pass, each with a trace.
fn agreements() -> impl Iterator<Item = (Arc<Contract>, Vec<Transaction>)> {
    let start = BigInt::ZERO;
    let sample = move |seed| {
        let mut sample = Sample::seeded(seed);
        let contract = Arc::new(sample.contract(4));
        let trace = sample.trace(&contract, &start);
        analysis::analyse(&contract, &State::empty(start.clone()), 0).is_ok().then_some((contract, trace))
    };
    (0..60).filter_map(sample).filter(|(contract, trace)| **contract != Contract::Close && !trace.is_empty())
}

fn play_request(contract: &Contract, trace: &[Transaction]) -> Vec<u8> {
    let request = [
        ("request", Json::text("playtrace")),
        ("coreContract", contract.to_json()),
        ("transactionInputs", Json::array(trace)),
        ("initialTime", Json::integer(&BigInt::ZERO)),
    ];
    Json::object(request).to_string().into_bytes()
}

/// Inputs that a target accepts.
fn seeds(target: &str, world: &mut World) -> Vec<Vec<u8>> {
    let proofs = proofs(world);
    let signed = || proofs.iter().map(|proof| &proof.transaction);
    let outputs = || signed().flat_map(|signed| &signed.transaction.outputs);
    match target {
        "agreement_contract" => agreements().map(|(contract, _)| contract.to_text().into_bytes()).collect(),
        "agreement_template" => BUILT_IN.iter().map(|built_in| built_in.template.as_bytes().to_vec()).collect(),
        "agreement_trace" => agreements().map(|(contract, trace)| play_request(&contract, &trace)).collect(),
        "block" => world.blocks.iter().map(encode).collect(),
        "header" => world.blocks.iter().map(|block| encode(&block.header)).collect(),
        "genesis" => vec![encode(world.ledger.genesis())],
        "state" => outputs().map(encode).collect(),
        "contract_data" => outputs().map(|state| state.data.clone()).collect(),
        "signed_transaction" | "structural_stage" => signed().map(SignedTransaction::encode).collect(),
        // Rules accept a transaction that consumes nothing as it stands.
        "contract_rules" => {
            let created = signed()
                .filter(|signed| signed.transaction.inputs.is_empty() && signed.transaction.references.is_empty());
            created.map(SignedTransaction::encode).collect()
        }
        "contract_terms" => CONTRACT_TERMS.iter().map(|terms| terms.as_bytes().to_vec()).collect(),
        "signatures" => signed().map(signature_items).collect(),
        "inclusion_proof" => proofs.iter().map(encode).collect(),
        "disclosure" => {
            let fields = Selection { components: [1].into(), fields: [(0, [0].into())].into() };
            proofs
                .iter()
                .flat_map(|proof| {
                    [Selection::default(), fields.clone()]
                        .map(|chosen| encode(&Disclosure::of(proof, &chosen).unwrap()))
                })
                .collect()
        }
        "archive" => vec![world.archive(), archive_with_journal()],
        "journal_proof" => vec![encode(&journal_proof(world))],
        "state_proof" => state_proofs(world).iter().map(encode).collect(),
        "text" => {
            let texts =
                ["1250.00".to_owned(), "2026-02-28".to_owned(), "token@1".to_owned(), Operator.address().to_string()];
            texts.map(String::into_bytes).into()
        }
        other => panic!("{other} has no seeds"),
    }
}

#[test]
fn every_target_accepts_its_seeds() {
    let mut world = random_chain(&(0..=120).collect::<Vec<u8>>());
    assert!(decode::<Block>(&encode(&world.blocks[0])).is_ok());
    let folder = std::env::var_os("FUZZ_SEEDS");
    for (name, target) in TARGETS {
        let seeds = seeds(name, &mut world);
        assert!(!seeds.is_empty(), "{name}");
        for (number, seed) in seeds.iter().enumerate() {
            assert!(target(seed), "{name} refuses its seed {number}: {}", hex::encode(seed));
            if let Some(folder) = &folder {
                let folder = Path::new(folder).join(name);
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
            }
        }
    }
}
