//! What the ledger's rules cost, each as a ratio to one strict signature check of the same run on the same machine.
//!
//! Inputs differ at each iteration and nothing is cached. `--large` also folds blocks into a state map of 10 million
//! entries. The first words on the command line choose benches, as criterion's filter does.

// A bench may count on its set-up: the library itself is checked without it.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

mod market;
mod ratio;
mod state_map;

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;
use ledger_core::authority::Demand;
use ledger_core::signature::SignatureBatch;
use ledger_core::verify::{Depth, replay, structural};
use ledger_core::{Amount, Signature, SigningKey};

use market::Market;

/// Transfers of one block.
const TRANSFERS: usize = 1_000;
/// Blocks whose transactions all differ.
const BLOCKS: usize = 4;
/// Signatures that are verified in turn, all of different messages.
const SIGNATURES: u64 = 8_192;
/// Signatures of one batch.
const BATCH: usize = 256;

fn main() {
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    // The table at the end tells what this run measured, nothing older.
    if output.exists() {
        std::fs::remove_dir_all(&output).expect("the folder of the last run can be removed");
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_large = arguments.iter().any(|argument| argument == "--large");
    let filter = arguments.iter().find(|argument| !argument.starts_with("--"));
    let mut criterion = Criterion::default()
        .output_directory(&output)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    if let Some(filter) = filter {
        criterion = criterion.with_filter(filter.as_str());
    }
    signatures(&mut criterion);
    authority(&mut criterion);
    transfers(&mut criterion);
    state_map::bench(&mut criterion, is_large);
    criterion.final_summary();
    ratio::print(&output);
}

fn signatures(criterion: &mut Criterion) {
    let signed = Market::signatures(SIGNATURES, SIGNATURES);
    let strict: Vec<_> = signed
        .iter()
        .map(|(key, message, signature)| {
            let key = ed25519_dalek::VerifyingKey::from_bytes(key.public().as_bytes()).unwrap();
            (key, message, ed25519_dalek::Signature::from_bytes(signature.as_bytes()))
        })
        .collect();
    let mut next = strict.iter().cycle();
    criterion.bench_function(ratio::STRICT, |bencher| {
        bencher.iter(|| {
            let (key, message, signature) = next.next().unwrap();
            key.verify_strict(black_box(message), signature).unwrap();
        });
    });
    // As the ledger meets a key: 32 bytes, which every other signature here is verified from.
    let mut next = strict.iter().cycle();
    criterion.bench_function(ratio::STRICT_FROM_BYTES, |bencher| {
        bencher.iter(|| {
            let (key, message, signature) = next.next().unwrap();
            let key = ed25519_dalek::VerifyingKey::from_bytes(black_box(key.as_bytes())).unwrap();
            key.verify_strict(black_box(message), signature).unwrap();
        });
    });
    batch(criterion, ratio::BATCH, &signed);
    // As blocks of a market have them: a key that signs several times is decoded once.
    batch(criterion, ratio::BATCH_OF_FEW, &Market::signatures(SIGNATURES, 64));
}

fn batch(criterion: &mut Criterion, name: &str, signed: &[(SigningKey, Vec<u8>, Signature)]) {
    let mut next = signed.chunks_exact(BATCH).cycle();
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let begun = Instant::now();
            for _ in 0..iterations {
                let mut batch = SignatureBatch::default();
                for (key, message, signature) in next.next().unwrap() {
                    batch.add(key.public(), message.clone(), *signature);
                }
                assert!(black_box(batch.verifies()));
            }
            begun.elapsed() / u32::try_from(BATCH).unwrap()
        });
    });
}

fn authority(criterion: &mut Criterion) {
    let (authority, signed) = Market::three_of_five();
    let contract = market::contract("token");
    let asset = ledger_core::AssetId::from_bytes([5; 32]);
    let mut next = (1u64..).zip(signed.iter().cycle());
    criterion.bench_function(ratio::AUTHORITY, |bencher| {
        bencher.iter(|| {
            let (number, keys) = next.next().unwrap();
            let demand = Demand::of(&contract, "transfer").with_outflow(asset, Amount::from_minor(number).unwrap());
            let policy = authority.policy_for(black_box(&demand), number).unwrap();
            let signed: BTreeSet<_> = keys.iter().copied().collect();
            assert!(black_box(policy.is_satisfied(&signed)));
        });
    });
}

fn transfers(criterion: &mut Criterion) {
    let mut market = Market::new(TRANSFERS * BLOCKS);
    let blocks: Vec<_> = (0..BLOCKS).map(|_| market.block_of_transfers(TRANSFERS)).collect();
    let mut next = blocks.iter().flat_map(|(_, transactions)| transactions).cycle();
    let chain = market.ledger.chain();
    criterion.bench_function(ratio::STRUCTURAL, |bencher| {
        bencher.iter(|| structural(black_box(next.next().unwrap()), &chain).unwrap());
    });
    let mut next = blocks.iter().map(|(block, _)| block).cycle();
    criterion.bench_function(ratio::TRANSFER, |bencher| {
        bencher.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            for _ in 0..iterations {
                let block = next.next().unwrap();
                let begun = Instant::now();
                let verified = replay(black_box(block), &market.ledger, &market.ledger, market.rules(), Depth::Sealed);
                spent += begun.elapsed();
                assert_eq!(verified.unwrap().transactions().len(), TRANSFERS);
            }
            spent / u32::try_from(TRANSFERS).unwrap()
        });
    });
}
