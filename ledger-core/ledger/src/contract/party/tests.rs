mod learn;
mod recovery;

use super::*;
use crate::fixture::*;
use crate::policy::Policy;
use crate::{Authority, StateRef, wire};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

#[test]
fn registration_needs_administrator_and_the_party_itself() {
    let mut world = World::empty();
    let builder = world.register(&[Depositor]);
    assert_eq!(world.refuse(builder, &[Administrator]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = world.register(&[Depositor]);
    world.accept(builder, &[Administrator, Depositor]);
    let builder = world.register(&[Depositor]);
    assert_eq!(world.refuse(builder, &[Administrator, Depositor]), "PARTY_EXISTS");
    let own = record_state(&Stranger.record());
    let builder = world.build(Depositor).output(own).command(id(), REGISTER, &wire::PartyRegister {});
    assert_eq!(world.refuse(builder, &[Depositor, Stranger]), "PERMISSION_MISSING");
}

fn check_record(change: impl Fn(&mut PartyRecord), code: &str) {
    let mut world = World::empty();
    let mut record = Depositor.record();
    change(&mut record);
    let builder = world.build(Administrator).output(record_state(&record));
    let builder = builder.command(id(), REGISTER, &wire::PartyRegister {});
    assert_eq!(world.refuse(builder, &[Administrator, Depositor]), code);
}

#[test]
fn records_that_are_not_sound_are_refused() {
    check_record(|record| record.nonce = vec![5; 16], "PARTY_ADDRESS_DIFFERS");
    check_record(|record| record.nonce = vec![5; 15], "ENCODING_LENGTH");
    check_record(|record| record.encryption_key = vec![1; 31], "ENCODING_LENGTH");
    let nobody = |record: &mut PartyRecord| record.authority = Authority::new(Vec::new());
    check_record(nobody, "SIGNATURE_KEY_NOT_OF_PARTY");
    let key = Depositor.key().public();
    check_record(|record| record.first_policy = Policy::k_of_n(1, &[key]), "PARTY_ADDRESS_DIFFERS");
    let unreachable = |record: &mut PartyRecord| {
        let mut rules = record.authority.rules().to_vec();
        rules.push(crate::Rule { policy: Policy::k_of_n(2, &[key]), ..rules[0].clone() });
        record.authority = Authority::new(rules);
    };
    check_record(unreachable, "PARTY_AUTHORITY");
}

#[test]
fn a_record_is_seen_by_its_party_alone() {
    let mut world = World::empty();
    let state = crate::State { participants: vec![Administrator.address()], ..record_state(&Depositor.record()) };
    let builder = world.build(Administrator).output(state).command(id(), REGISTER, &wire::PartyRegister {});
    assert_eq!(world.refuse(builder, &[Administrator, Depositor]), "PARTY_PARTICIPANTS");
}

/// Whoever holds a key of a first policy that counts it twice would count for two.
#[test]
fn a_first_policy_that_is_none_is_refused() {
    let mut world = World::empty();
    let key = Depositor.key();
    let policy = |need, keys: &[_]| Policy::k_of_n(need, keys);
    let both = [key.public(), BankA.key().public()];
    for (policy, code) in [(policy(1, &[key.public(); 2]), Some("PARTY_FIRST_POLICY")), (policy(1, &both), None)] {
        let record = PartyRecord::simple(policy, [5; 16], "");
        let builder = world.build(Administrator).output(record_state(&record));
        let transaction = world.fill(builder.command(id(), REGISTER, &wire::PartyRegister {}));
        let keys = [(record.address, &key), (Administrator.address(), &Administrator.key())];
        let signed = crate::SignedTransaction::sign(transaction, keys).unwrap();
        let refused = world.submit_bytes(&signed.encode()).err().map(|rejection| rejection.code);
        assert_eq!(refused.as_deref(), code);
    }
}

/// Whoever is given a first policy and a nonce cannot register the address with keys of its own.
#[test]
fn the_first_policy_signs_its_registration() {
    let others = Authority::simple(Policy::Key(Administrator.key().public()));
    let mut world = World::empty();
    let record = PartyRecord { authority: others, ..Depositor.record() };
    let builder = world.build(Administrator).output(record_state(&record));
    let transaction = world.fill(builder.command(id(), REGISTER, &wire::PartyRegister {}));
    let key = Administrator.key();
    let keys = [(Depositor.address(), &key), (Administrator.address(), &key)];
    let signed = crate::SignedTransaction::sign(transaction, keys).unwrap();
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "PARTY_FIRST_POLICY_UNASKED");
}

fn change(world: &mut World, from: StateRef, record: &PartyRecord) -> crate::TransactionBuilder {
    world.build(Depositor).input(from).output(record_state(record)).command(id(), CHANGE, &wire::PartyChange {})
}

#[test]
fn keys_change_by_the_old_authority_and_bind_at_once() {
    let mut world = World::empty();
    let builder = world.register(&[Depositor]);
    let from = StateRef { transaction: world.accept(builder, &[Administrator, Depositor]), index: 0 };
    let rotated = Depositor.record().changed(Authority::simple(Policy::Key(BankB.key().public())), Vec::new());
    let builder = change(&mut world, from, &rotated);
    let by_new_key = crate::PartySignature::give(
        &world.ledger.chain(),
        &world.fill(builder.clone()).id().unwrap(),
        Depositor.address(),
        &BankB.key(),
    );
    let signed = crate::SignedTransaction::new(world.fill(builder.clone()), vec![by_new_key]);
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "SIGNATURE_KEY_NOT_OF_PARTY");
    let next = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    assert_eq!(world.ledger.parties().find(|(address, _)| **address == Depositor.address()).unwrap().1.version, 2);
    let builder = change(&mut world, next, &Depositor.record());
    assert_eq!(world.refuse(builder, &[Depositor]), "SIGNATURE_KEY_NOT_OF_PARTY");
    let other_controller = PartyRecord { controller: "somebody".to_owned(), ..rotated.clone() };
    let other_roles = PartyRecord { roles: vec!["freight".to_owned()], ..rotated };
    for other in [other_controller, other_roles] {
        let builder = change(&mut world, next, &other);
        let id = world.fill(builder.clone()).id().unwrap();
        let by_key = crate::PartySignature::give(&world.ledger.chain(), &id, Depositor.address(), &BankB.key());
        let signed = crate::SignedTransaction::new(world.fill(builder), vec![by_key]);
        assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "PARTY_IDENTITY_CHANGED");
    }
}

#[test]
fn a_record_is_neither_dropped_nor_registered_from_an_input() {
    let mut world = World::empty();
    let builder = world.register(&[Depositor]);
    let from = StateRef { transaction: world.accept(builder, &[Administrator, Depositor]), index: 0 };
    let dropped = world.build(Depositor).input(from).command(id(), CHANGE, &wire::PartyChange {});
    assert_eq!(world.refuse(dropped, &[Depositor]), "PARTY_NOT_ONE_RECORD");
    let again = world.build(Administrator).input(from).output(record_state(&Depositor.record()));
    let again = again.command(id(), REGISTER, &wire::PartyRegister {});
    assert_eq!(world.refuse(again, &[Administrator, Depositor]), "PARTY_REGISTERS_FROM_INPUT");
    let unknown = world.build(Depositor).input(from).command(id(), "forget", &wire::PartyChange {});
    assert_eq!(world.refuse(unknown, &[Depositor]), "PARTY_COMMAND_UNKNOWN");
    let foreign = State { owner: Administrator.address(), ..record_state(&Stranger.record()) };
    let foreign = world.build(Administrator).output(foreign).command(id(), REGISTER, &wire::PartyRegister {});
    assert_eq!(world.refuse(foreign, &[Administrator, Stranger]), "PARTY_OWNER_DIFFERS");
}

#[test]
fn each_record_is_the_next_version() {
    let mut world = World::empty();
    let builder = world.register(&[Depositor]);
    let from = StateRef { transaction: world.accept(builder, &[Administrator, Depositor]), index: 0 };
    let next = Depositor.record().changed(Depositor.record().authority, vec![3; 32]);
    for version in [0, 1, 3] {
        let builder = change(&mut world, from, &PartyRecord { version, ..next.clone() });
        assert_eq!(world.refuse(builder, &[Depositor]), "PARTY_VERSION_DIFFERS");
    }
    let builder = change(&mut world, from, &next);
    world.accept(builder, &[Depositor]);
    check_record(|record| record.version = 2, "PARTY_VERSION_DIFFERS");
}

#[test]
fn a_record_that_no_proof_could_carry_is_refused() {
    let keys: Vec<_> = (1..=64).map(|seed| crate::SigningKey::from_seed(&[seed; 32]).public()).collect();
    let own = Depositor.record().authority.rules()[0].clone();
    let many = move |rules: usize| {
        let more = std::iter::repeat_n(crate::Rule { policy: Policy::k_of_n(1, &keys), ..own.clone() }, rules);
        Authority::new(std::iter::once(own.clone()).chain(more).collect())
    };
    let fitting = PartyRecord { authority: many(11), ..Depositor.record() };
    assert!((28_000..PartyRecord::BYTES_MAX).contains(&record_state(&fitting).data.len()));
    let mut world = World::empty();
    let builder = world.build(Administrator).output(record_state(&fitting));
    let builder = builder.command(id(), REGISTER, &wire::PartyRegister {});
    world.accept(builder, &[Administrator, Depositor]);
    check_record(move |record| record.authority = many(13), "PARTY_TOO_LARGE");
}

/// The administrator stands in the genesis without a record; its first change gives it one.
#[test]
fn the_administrator_of_the_genesis_changes_its_keys() {
    let mut world = World::new();
    let first = |world: &mut World, who: Who, key: Who| {
        let rotated = who.record().changed(Authority::simple(Policy::Key(key.key().public())), Vec::new());
        world.build(who).output(record_state(&rotated)).command(id(), CHANGE, &wire::PartyChange {})
    };
    let builder = first(&mut world, Supplier, Stranger);
    assert_eq!(world.refuse(builder, &[Supplier]), "PARTY_NOT_IN_GENESIS");
    let builder = first(&mut world, Depositor, Stranger);
    assert_eq!(world.refuse(builder, &[Depositor]), "PARTY_IDENTITY_CHANGED");
    let builder = first(&mut world, Administrator, Stranger);
    assert_eq!(world.refuse(builder.clone(), &[]), "AUTHORITY_SIGNATURES_MISSING");
    world.accept(builder, &[Administrator]);
    let builder = first(&mut world, Administrator, Administrator);
    let transaction = world.fill(builder);
    let again = crate::SignedTransaction::sign(transaction, [(Administrator.address(), &Stranger.key())]).unwrap();
    assert_eq!(world.submit_bytes(&again.encode()).unwrap_err().code, "PARTY_NOT_IN_GENESIS");
    let builder = world.register(&[Carrier]);
    assert_eq!(world.refuse(builder, &[Administrator, Carrier]), "SIGNATURE_KEY_NOT_OF_PARTY");
    assert_eq!(world.replayed().unwrap().tip(), world.ledger.tip());
}
