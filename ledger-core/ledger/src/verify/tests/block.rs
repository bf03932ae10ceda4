use crate::block::BlockError;
use crate::encoding::{decode, encode};
use crate::fixture::*;
use crate::merkle;
use crate::{Block, Coded, InclusionProof, SignedTransaction};

/// A chain of several blocks: registration, token, payment, pledge.
fn world() -> World {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 400), (Depositor, 600)]);
    world.accept(builder, &[Depositor]);
    let title = world.issue_title("WR-1");
    let builder = world.pledge(title, Depositor, BankA);
    world.accept(builder, &[Depositor, BankA, Operator]);
    world
}

#[test]
fn replay_gives_the_same_ledger() {
    let world = world();
    let replayed = world.replayed().unwrap();
    assert_eq!(replayed.state_root(), world.ledger.state_root());
    assert_eq!(replayed.tip(), world.ledger.tip());
    assert_eq!(replayed.height(), 6);
}

#[test]
fn a_changed_header_content_or_seal_is_found() {
    let change = |change: fn(&mut Block)| {
        let mut world = world();
        change(&mut world.blocks[3]);
        world.replayed().map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(change(|_| {}), Ok(()));
    assert_eq!(change(|block| block.header.time_ms += 1), Err("BLOCK_NOT_SEALED"));
    assert_eq!(
        change(|block| block.finality = crate::Signature::from_bytes(&[1; 64]).unwrap()),
        Err("BLOCK_NOT_SEALED")
    );
    assert_eq!(change(|block| block.journal.push(crate::Digest::default())), Err("BLOCK_HEADER_DIFFERS"));
    assert_eq!(change(|block| block.transactions.clear()), Err("BLOCK_HEADER_DIFFERS"));
    assert_eq!(change(|block| block.transactions[0][40] ^= 1), Err("BLOCK_TRANSACTION_REFUSED"));
    let twice = |block: &mut Block| block.transactions.push(block.transactions[0].clone());
    assert_eq!(change(twice), Err("BLOCK_TRANSACTION_REFUSED"));
}

/// A recorder keeps to the bounds that the administrators set, or its block is none.
#[test]
fn a_block_past_its_chains_bounds_is_refused() {
    let mut world = World::empty();
    let bounds = crate::Bounds { block_transactions_max: 2, block_bytes_max: 65_536, ..crate::Bounds::default() };
    let genesis = crate::Genesis { bounds, ..world.ledger.genesis().clone() };
    world.ledger = crate::Ledger::from_genesis(genesis).unwrap();
    world.seal_empty();
    let code = |transactions: Vec<Vec<u8>>| {
        let mut block = world.blocks[0].clone();
        block.transactions = transactions;
        let ledger = crate::Ledger::from_genesis(world.ledger.genesis().clone()).unwrap();
        let replayed = crate::verify::replay(&block, &ledger, &ledger, world.rules(), crate::verify::Depth::Everything);
        replayed.map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(code(Vec::new()), Ok(()));
    assert_eq!(code(vec![vec![0]; 2]), Err("BLOCK_TRANSACTION_REFUSED"), "two are within the bounds");
    assert_eq!(code(vec![vec![0]; 3]), Err("BLOCK_TRANSACTIONS_EXCEEDED"));
    assert_eq!(code(vec![vec![0; 32_768]; 2]), Err("BLOCK_TRANSACTION_REFUSED"));
    assert_eq!(code(vec![vec![0; 32_769]; 2]), Err("BLOCK_BYTES_EXCEEDED"));
    assert_eq!(code(vec![vec![0; 65_537]]), Err("BLOCK_TRANSACTION_REFUSED"), "one alone always fits");
}

/// A freeze that falls at its place in a block has frozen nothing there.
#[test]
fn a_refused_freeze_freezes_nobody() {
    use crate::contract::chain;
    use crate::verify::{contextual, structural};
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let order = crate::wire::ChainFreeze {
        subjects: vec![crate::Wire::to_wire(&crate::FreezeSubject::Address(Depositor.address()))],
        reference: "Court, 2026/1".to_owned(),
    };
    let contract = crate::ContractId::built_in(chain::NAME);
    let freeze = world.build(Administrator).command(contract, chain::FREEZE, &order).build();
    let paid = world.issue(definition, Administrator, 5);
    let spent = world.transfer(Administrator, &[paid], &[(Supplier, 5)]);
    // The same command id as the freeze, and before it in the block.
    let spent = crate::Transaction { command_id: freeze.command_id, ..world.fill(spent) };
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 10)]);
    let payment = world.fill(payment);
    let verified = |transaction, signer| {
        let bytes = World::sign(transaction, &[signer]).encode();
        let resolved = structural(&bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
        world.rules().semantic(resolved, &world.ledger).unwrap()
    };
    let freezing = verified(freeze, Administrator);
    let (spent, paying) = (verified(spent, Administrator), verified(payment, Depositor));
    let check = |transactions: Vec<_>| {
        let (block, refused) = contextual(world.proposed(transactions), &world.ledger);
        let codes: Vec<String> = refused.into_iter().map(|(_, rejection)| rejection.code).collect();
        (block.transactions().len(), codes)
    };
    assert_eq!(check(vec![spent, freezing.clone(), paying.clone()]), (2, vec!["COMMAND_REPLAYED".to_owned()]));
    assert_eq!(check(vec![freezing, paying]), (1, vec!["FREEZE_STANDS".to_owned()]));
}

#[test]
fn a_left_out_block_breaks_the_chain() {
    let mut world = world();
    world.blocks.remove(3);
    assert!(matches!(world.replayed(), Err(BlockError::Transaction { .. } | BlockError::HeaderDiffers { .. })));
}

#[test]
fn blocks_read_back_from_their_bytes() {
    for block in world().blocks {
        assert_eq!(decode::<Block>(&encode(&block)), Ok(block));
    }
}

fn proof() -> InclusionProof {
    let world = world();
    let block = world.blocks[4].clone();
    let transaction = SignedTransaction::decode(&block.transactions[0]).unwrap();
    let leaf = crate::block::transaction_leaf(
        &transaction.transaction.id().unwrap(),
        &crate::transaction::signatures_hash(&transaction.signatures),
    );
    let path = merkle::path(&[leaf], 0).unwrap();
    let genesis = world.ledger.genesis().clone();
    InclusionProof { genesis, header: block.header, finality: block.finality, transaction, index: 0, path }
}

#[test]
fn an_inclusion_proof_is_checked_offline() {
    let good = proof();
    let included = decode::<InclusionProof>(&encode(&good)).unwrap().verify().unwrap();
    assert_eq!(included.height, 5);
    let check = |change: fn(&mut InclusionProof), code: &str| {
        let mut proof = good.clone();
        change(&mut proof);
        assert_eq!(proof.verify().map_err(|error| error.code()), Err(code));
    };
    check(|proof| proof.genesis.nonce[0] ^= 1, "PROOF_OTHER_CHAIN");
    check(|proof| proof.header.height += 1, "PROOF_NOT_SEALED");
    check(|proof| proof.index = 1, "PROOF_NOT_INCLUDED");
    check(|proof| proof.path.push([0; 32]), "PROOF_NOT_INCLUDED");
    check(|proof| proof.transaction.transaction.salt[0] ^= 1, "PROOF_NOT_INCLUDED");
    check(|proof| proof.transaction.signatures.clear(), "PROOF_NOT_INCLUDED");
}
