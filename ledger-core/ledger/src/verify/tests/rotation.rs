//! A party's keys change between a transaction's verification and its block: the block and its replay say the same.

use crate::contract::party;
use crate::fixture::*;
use crate::party::PartyRecord;
use crate::verify::{Depth, ProposedBlock, VerifiedTransaction, contextual, replay, structural};
use crate::{Authority, ContractId, Policy, SignedTransaction, SigningKey, State, StateRef, Transaction, block, wire};

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[100 + number; 32])
}

fn record(keys: &[u8], version: u64) -> PartyRecord {
    let keys: Vec<_> = keys.iter().map(|number| key(*number).public()).collect();
    PartyRecord { version, authority: Authority::simple(Policy::k_of_n(2, &keys)), ..Depositor.record() }
}

fn unspent(world: &World, state: State) -> StateRef {
    *world.ledger.unspent_states().find(|(_, unspent)| *unspent.state == state).unwrap().0
}

fn verified(world: &World, transaction: Transaction, signers: &[(Who, SigningKey)]) -> VerifiedTransaction {
    let keys = signers.iter().map(|(who, key)| (who.address(), key));
    let bytes = SignedTransaction::sign(transaction, keys).unwrap().encode();
    let resolved = structural(&bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
    world.rules().semantic(resolved, &world.ledger).unwrap()
}

/// The depositor goes from two of keys 1, 2, 3 to two of 2, 3, 4 in the block of its own payment, or of the supplier's
/// which it signs as well; by these keys. None, or the code of the payment's refusal.
fn check(payer: Who, keys: &[u8], refused_with: Option<&str>) {
    let mut world = World::new();
    let first = unspent(&world, party::record_state(&Depositor.record()));
    let change = |world: &mut World, from: StateRef, to: &PartyRecord| {
        let builder = world.build(Depositor).input(from).output(party::record_state(to));
        builder.command(ContractId::built_in(party::NAME), party::CHANGE, &wire::PartyChange {})
    };
    let of_three = record(&[1, 2, 3], 2);
    let builder = change(&mut world, first, &of_three);
    let first = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let definition = world.define();
    let held = world.issue(definition, payer, 100);
    let rotation = change(&mut world, first, &record(&[2, 3, 4], 3));
    let rotation = world.fill(rotation);
    let rotation = verified(&world, rotation, &[(Depositor, key(1)), (Depositor, key(2))]);
    let payment = world.transfer(payer, &[held], &[(BankB, 100)]).build();
    let mut signers: Vec<_> = keys.iter().map(|number| (Depositor, key(*number))).collect();
    signers.extend((payer != Depositor).then(|| (payer, payer.key())));
    let payment = verified(&world, payment, &signers);

    let transactions = vec![rotation, payment];
    let proposed =
        ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new(), directory: world.ledger.directory() };
    let (accepted, refused) = contextual(proposed, &world.ledger);
    assert_eq!(refused.first().map(|(_, rejection)| rejection.code.as_str()), refused_with);
    let sealed = accepted.sealed(block::seal(&accepted.hash(), &World::recorder()));
    for depth in [Depth::Everything, Depth::Sealed] {
        let replayed = replay(&sealed, &world.ledger, &world.ledger, world.rules(), depth).unwrap();
        assert_eq!(replayed.hash(), accepted.hash());
    }
}

#[test]
fn keys_that_stay_still_sign() {
    check(Depositor, &[2, 3], None);
    check(Supplier, &[2], None);
}

#[test]
fn a_key_that_went_spoils_what_it_signed() {
    check(Depositor, &[1, 2], Some("SIGNATURE_KEY_NOT_OF_PARTY"));
    check(Depositor, &[1, 2, 3], Some("SIGNATURE_KEY_NOT_OF_PARTY"));
    check(Supplier, &[1], Some("SIGNATURE_KEY_NOT_OF_PARTY"));
}
