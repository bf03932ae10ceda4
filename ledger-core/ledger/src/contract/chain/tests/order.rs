//! Freezes: what they stop, who orders them, and that they come first in their block.

use super::*;
use crate::verify::{Depth, VerifiedTransaction, contextual, replay, structural};
use crate::{Address, AssetId, FreezeSubject, TitleId, block};

pub(super) fn order(
    world: &mut World,
    by: Who,
    name: &str,
    subjects: &[FreezeSubject],
    reference: &str,
) -> TransactionBuilder {
    let subjects = subjects.iter().map(FreezeSubject::to_wire).collect();
    let reference = reference.to_owned();
    let builder = world.build(by);
    match name {
        UNFREEZE => builder.command(ContractId::built_in(NAME), UNFREEZE, &wire::ChainUnfreeze { subjects, reference }),
        _ => builder.command(ContractId::built_in(NAME), FREEZE, &wire::ChainFreeze { subjects, reference }),
    }
}

pub(super) const COURT: &str = "Court of Harbin, 2026/17";

/// A payment by the depositor, and an offer of its title, while something is frozen and after that.
fn check(subject: impl Fn(&World) -> FreezeSubject, stops_payment: bool, stops_offer: bool) {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 100);
    let title = world.issue_title("WR-1");
    let subject = subject(&world);
    let freeze = order(&mut world, Administrator, FREEZE, &[subject], COURT);
    let root = world.ledger.state_root();
    world.accept(freeze, &[Administrator]);
    assert!(world.ledger.is_frozen(&subject));
    assert_ne!(world.ledger.state_root(), root);
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 100)]);
    let offer = world.offer(title, BankA, 3_600_000);
    let mut stopped = Vec::new();
    for (builder, stops) in [(payment, stops_payment), (offer, stops_offer)] {
        if stops {
            assert_eq!(world.refuse(builder.clone(), &[Depositor]), "FREEZE_STANDS");
            stopped.push(builder);
        } else {
            world.accept(builder, &[Depositor]);
        }
    }
    let unfreeze = order(&mut world, Administrator, UNFREEZE, &[subject], COURT);
    world.accept(unfreeze, &[Administrator]);
    assert_eq!(world.ledger.freezes().count(), 0);
    for builder in stopped {
        world.accept(builder, &[Depositor]);
    }
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn nothing_of_a_frozen_address_asset_or_title_moves() {
    let title = |world: &World, number| {
        FreezeSubject::Title(TitleId::derive(&world.ledger.chain(), &Operator.address(), number))
    };
    check(|_| FreezeSubject::Address(Depositor.address()), true, true);
    check(|_| FreezeSubject::Address(Supplier.address()), false, false);
    check(|world| FreezeSubject::Asset(world.asset()), true, false);
    check(|_| FreezeSubject::Asset(AssetId::default()), false, false);
    check(|world| title(world, "WR-1"), false, true);
    check(|world| title(world, "WR-2"), false, false);
}

#[test]
fn a_frozen_asset_is_not_issued_and_a_frozen_party_still_changes_its_keys() {
    let mut world = World::new();
    let definition = world.define();
    let subjects = [FreezeSubject::Address(Depositor.address()), FreezeSubject::Asset(world.asset())];
    let freeze = order(&mut world, Administrator, FREEZE, &subjects, COURT);
    world.accept(freeze, &[Administrator]);
    let command = world.issue_command(5, "deposit");
    let issue = world.build(BankA).current(definition).output(world.holding(Depositor, 5));
    let token = ContractId::built_in(crate::contract::token::NAME);
    let issue = issue.command(token, crate::contract::token::ISSUE, &command);
    assert_eq!(world.refuse(issue, &[BankA, Attestor]), "FREEZE_STANDS");
    let record = crate::contract::party::record_state(&Depositor.record());
    let own = world.ledger.unspent_states().find(|(_, unspent)| *unspent.state == record).map(|(state, _)| *state);
    let party = ContractId::built_in(crate::contract::party::NAME);
    let next = Depositor.record().changed(Depositor.record().authority, vec![7; 32]);
    let next = crate::contract::party::record_state(&next);
    let change = world.build(Depositor).input(own.unwrap()).output(next);
    let change = change.command(party, crate::contract::party::CHANGE, &wire::PartyChange {});
    world.accept(change, &[Depositor]);
}

#[test]
fn orders_are_the_administrators_and_each_is_lifted_by_itself() {
    let mut world = World::new();
    let subject = FreezeSubject::Address(Depositor.address());
    let by_bank = order(&mut world, BankA, FREEZE, &[subject], COURT);
    assert_eq!(world.refuse(by_bank, &[BankA]), "PERMISSION_MISSING");
    let freeze = order(&mut world, Administrator, FREEZE, &[subject], COURT);
    assert_eq!(world.refuse(freeze.clone(), &[BankA]), "AUTHORITY_SIGNATURES_MISSING");
    world.accept(freeze, &[Administrator]);
    let again = order(&mut world, Administrator, FREEZE, &[subject], COURT);
    assert_eq!(world.refuse(again, &[Administrator]), "FREEZE_ORDER_EXISTS");
    let second = order(&mut world, Administrator, FREEZE, &[subject], "Customs 9");
    world.accept(second, &[Administrator]);
    let lift = |world: &mut World, reference| order(world, Administrator, UNFREEZE, &[subject], reference);
    let unknown = lift(&mut world, "Customs 8");
    assert_eq!(world.refuse(unknown, &[Administrator]), "FREEZE_ORDER_UNKNOWN");
    let first = lift(&mut world, COURT);
    world.accept(first, &[Administrator]);
    assert!(world.ledger.is_frozen(&subject));
    let by_bank = order(&mut world, BankA, UNFREEZE, &[subject], "Customs 9");
    assert_eq!(world.refuse(by_bank, &[BankA]), "PERMISSION_MISSING");
    let last = lift(&mut world, "Customs 9");
    world.accept(last, &[Administrator]);
    assert!(!world.ledger.is_frozen(&subject));
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn orders_that_are_not_sound_are_refused() {
    let mut world = World::new();
    let [low, high] = {
        let mut both = [Depositor.address(), Supplier.address()];
        both.sort();
        both.map(FreezeSubject::Address)
    };
    let mut check = |subjects: &[FreezeSubject], reference: &str, code: &str| {
        let builder = order(&mut world, Administrator, FREEZE, subjects, reference);
        assert_eq!(world.refuse(builder, &[Administrator]), code);
    };
    check(&[], COURT, "ENCODING_FIELD_MISSING");
    check(&[low], "", "ENCODING_FIELD_MISSING");
    check(&[high, low], COURT, "ENCODING_UNORDERED");
    check(&[low, low], COURT, "ENCODING_UNORDERED");
    let many =
        |count: u8| (1..=count).map(|byte| FreezeSubject::Address(Address::from_bytes([byte; 32]))).collect::<Vec<_>>();
    check(&many(65), COURT, "ENCODING_TOO_MANY");
    let permissions = Permissions { party: Stranger.address(), permissions: BTreeSet::new() };
    let state = permissions_state(Administrator.address(), &permissions);
    let with_grant = order(&mut world, Administrator, FREEZE, &[low, high], COURT).output(state);
    assert_eq!(world.refuse(with_grant, &[Administrator]), "CHAIN_TOUCHES_PERMISSIONS");
    let at_bound = order(&mut world, Administrator, FREEZE, &many(64), COURT);
    world.accept(at_bound, &[Administrator]);
}

fn verified(world: &World, builder: TransactionBuilder, signer: Who) -> VerifiedTransaction {
    let bytes = World::sign(world.fill(builder), &[signer]).encode();
    let resolved = structural(&bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
    world.rules().semantic(resolved, &world.ledger).unwrap()
}

/// A payment that stands before the freeze in the proposed block, and one of another party.
fn racing(by: Who) -> (World, Vec<VerifiedTransaction>) {
    let mut world = World::new();
    let definition = world.define();
    let [mine, theirs] = [Depositor, BankB].map(|who| world.issue(definition, who, 100));
    let payment = world.transfer(Depositor, &[mine], &[(Supplier, 100)]);
    let other = world.transfer(BankB, &[theirs], &[(Supplier, 100)]);
    let freeze = order(&mut world, by, FREEZE, &[FreezeSubject::Address(Depositor.address())], COURT);
    let block = [(payment, Depositor), (other, BankB), (freeze, by)];
    let verified = block.map(|(builder, signer)| verified(&world, builder, signer)).into();
    (world, verified)
}

#[test]
fn a_freeze_comes_before_whatever_stands_in_its_block() {
    let (world, transactions) = racing(Administrator);
    let payment = transactions[0].id();
    let proposed = world.proposed(transactions);
    let (block, refused) = contextual(proposed, &world.ledger);
    assert_eq!(block.transactions().len(), 2);
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].0.id(), refused[0].1.code.as_str()), (payment, "FREEZE_STANDS"));
}

#[test]
fn a_freeze_that_is_refused_stops_nothing() {
    let (world, transactions) = racing(BankA);
    let proposed = world.proposed(transactions);
    let (block, refused) = contextual(proposed, &world.ledger);
    assert_eq!(block.transactions().len(), 2);
    assert_eq!(refused[0].1.code, "PERMISSION_MISSING");
}

#[test]
fn a_block_that_moves_what_it_freezes_is_no_block() {
    let (world, transactions) = racing(Administrator);
    let seal = |transactions: Vec<VerifiedTransaction>, ledger: &crate::Ledger| {
        let proposed = world.proposed(transactions);
        let (block, _) = contextual(proposed, ledger);
        block.sealed(block::seal(&block.hash(), &World::recorder()))
    };
    let depth = |block: &crate::Block| {
        replay(block, &world.ledger, &world.ledger, world.rules(), Depth::Everything).map(|_| ())
    };
    let sound = seal(transactions.clone(), &world.ledger);
    assert_eq!(depth(&sound), Ok(()));
    let mut racing = seal(transactions[..2].to_vec(), &world.ledger);
    racing.transactions.push(transactions[2].bytes().to_vec());
    let error = depth(&racing).unwrap_err();
    assert!(error.to_string().contains("FREEZE_STANDS"), "{error}");
}
