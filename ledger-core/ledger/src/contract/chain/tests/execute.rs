//! Orders carried out: what they froze goes where they say, and nothing else does.

use super::order::{COURT, order};
use super::*;
use crate::contract::{title, token};
use crate::{EvidenceHash, FreezeSubject};

const OTHER: &str = "Customs 9";

/// The depositor has 100 tokens and a title, and the court has frozen everything of it.
struct Scene {
    world: World,
    money: StateRef,
    title: StateRef,
}

fn scene(subject: impl Fn(&World) -> FreezeSubject) -> (Scene, FreezeSubject) {
    let mut world = World::new();
    let definition = world.define();
    let money = world.issue(definition, Depositor, 100);
    let title = world.issue_title("WR-1");
    let subject = subject(&world);
    let freeze = order(&mut world, Administrator, FREEZE, &[subject], COURT);
    world.accept(freeze, &[Administrator]);
    (Scene { world, money, title }, subject)
}

fn executing(builder: TransactionBuilder, subject: FreezeSubject, reference: &str) -> TransactionBuilder {
    let command = wire::ChainExecute { subject: Some(subject.to_wire()), reference: reference.to_owned() };
    let builder = builder.attachment(EvidenceHash::from_bytes([9; 32]));
    builder.command(ContractId::built_in(NAME), EXECUTE, &command)
}

fn of_depositor(_: &World) -> FreezeSubject {
    FreezeSubject::Address(Depositor.address())
}

#[test]
fn what_an_order_froze_is_paid_out_without_its_owner() {
    let of_asset = |world: &World| FreezeSubject::Asset(world.asset());
    for (mut scene, subject) in [scene(of_depositor), scene(of_asset)] {
        let payment =
            |world: &mut World, money| world.transfer(Administrator, &[money], &[(Supplier, 60), (Depositor, 40)]);
        let plain = payment(&mut scene.world, scene.money);
        assert_eq!(scene.world.refuse(plain, &[Administrator]), "AUTHORITY_SIGNATURES_MISSING");
        let builder = payment(&mut scene.world, scene.money);
        let builder = executing(builder, subject, COURT);
        let transaction = scene.world.accept(builder, &[Administrator]);
        let paid = token::read_holding(&scene.world.state(StateRef { transaction, index: 0 })).unwrap();
        assert_eq!(paid.amount.minor(), 60);
        assert!(scene.world.ledger.is_frozen(&subject), "what is left stays frozen");
        assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
    }
}

#[test]
fn a_title_is_taken_by_order_under_the_custodians_seal() {
    let of_title = |world: &World| FreezeSubject::Title(world.title("WR-1").title);
    for (mut scene, subject) in [scene(of_depositor), scene(of_title)] {
        let before = scene.world.state(scene.title);
        let title = title::read_title(&before).unwrap().title.to_vec();
        let take = wire::TitleTake { title, to: Supplier.address().to_vec() };
        let mut taking = |reference: Option<&str>| {
            let builder = scene.world.build(Administrator).input(scene.title);
            let builder = builder.output(title::moved(&before, Supplier.address(), Vec::new()).unwrap());
            let builder = builder.command(ContractId::built_in(title::NAME), title::TAKE, &take);
            reference.into_iter().fold(builder, |builder, reference| executing(builder, subject, reference))
        };
        let [plain, unsealed, sealed] = [None, Some(COURT), Some(COURT)].map(&mut taking);
        assert_eq!(scene.world.refuse(plain, &[Administrator, Supplier, Operator, Depositor]), "TITLE_NOT_ENFORCED");
        assert_eq!(scene.world.refuse(unsealed, &[Administrator, Supplier]), "AUTHORITY_SIGNATURES_MISSING");
        scene.world.accept(sealed, &[Administrator, Supplier, Operator]);
    }
}

#[test]
fn an_order_is_carried_out_by_administrators_under_its_document() {
    let (mut scene, subject) = scene(of_depositor);
    let payment = |scene: &mut Scene, by| scene.world.transfer(by, &[scene.money], &[(Supplier, 100)]);
    let by_bank = executing(payment(&mut scene, BankA), subject, COURT);
    assert_eq!(scene.world.refuse(by_bank, &[BankA]), "PERMISSION_MISSING");
    let command = wire::ChainExecute { subject: Some(subject.to_wire()), reference: COURT.to_owned() };
    let bare = payment(&mut scene, Administrator).command(ContractId::built_in(NAME), EXECUTE, &command);
    assert_eq!(scene.world.refuse(bare, &[Administrator]), "CHAIN_ORDER_NOT_ATTACHED");
    let nothing = scene.world.build(Administrator);
    let nothing = executing(nothing, subject, COURT);
    assert_eq!(scene.world.refuse(nothing, &[Administrator]), "CHAIN_NOTHING_EXECUTED");
    let unnamed = executing(payment(&mut scene, Administrator), subject, "");
    assert_eq!(scene.world.refuse(unnamed, &[Administrator]), "ENCODING_FIELD_MISSING");
}

#[test]
fn an_order_takes_what_it_froze_and_nothing_else() {
    let (mut scene, subject) = scene(of_depositor);
    let definition =
        *scene.world.ledger.unspent_states().find(|(_, of)| of.state.is(token::NAME, token::DEFINITION)).unwrap().0;
    let theirs = scene.world.issue(definition, BankB, 100);
    let paying = |scene: &mut Scene, money: &[StateRef], minor, reference| {
        let builder = scene.world.transfer(Administrator, money, &[(Supplier, minor)]);
        executing(builder, subject, reference)
    };
    let of_others = paying(&mut scene, &[theirs], 100, COURT);
    assert_eq!(scene.world.refuse(of_others, &[Administrator]), "AUTHORITY_SIGNATURES_MISSING");
    let money = scene.money;
    let with_others = paying(&mut scene, &[money, theirs], 200, COURT);
    assert_eq!(scene.world.refuse(with_others, &[Administrator]), "AUTHORITY_SIGNATURES_MISSING");
    let unknown = paying(&mut scene, &[money], 100, OTHER);
    assert_eq!(scene.world.refuse(unknown, &[Administrator]), "FREEZE_ORDER_UNKNOWN");
    // Another order on the same comes first or later: that is for those who gave them.
    let second = order(&mut scene.world, Administrator, FREEZE, &[subject], OTHER);
    scene.world.accept(second, &[Administrator]);
    let contested = paying(&mut scene, &[money], 100, COURT);
    assert_eq!(scene.world.refuse(contested, &[Administrator]), "FREEZE_ORDER_NOT_ALONE");
    let lift = order(&mut scene.world, Administrator, UNFREEZE, &[subject], OTHER);
    scene.world.accept(lift, &[Administrator]);
    // What another order holds back by another name stays, too.
    let asset = FreezeSubject::Asset(scene.world.asset());
    let third = order(&mut scene.world, Administrator, FREEZE, &[asset], OTHER);
    scene.world.accept(third, &[Administrator]);
    let held_back = paying(&mut scene, &[money], 100, COURT);
    assert_eq!(scene.world.refuse(held_back, &[Administrator]), "FREEZE_STANDS");
}

/// A pledgee's right is older than the order: its lock stays, or it signs.
#[test]
fn an_order_takes_no_title_out_of_a_pledge() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = world.pledge(title, Depositor, BankA);
    let transaction = world.accept(builder, &[Depositor, BankA, Operator]);
    let title = StateRef { transaction, index: 0 };
    let subject = of_depositor(&world);
    let freeze = order(&mut world, Administrator, FREEZE, &[subject], COURT);
    world.accept(freeze, &[Administrator]);
    let before = world.state(title);
    let take = wire::TitleTake { title: world.title("WR-1").title.to_vec(), to: Supplier.address().to_vec() };
    let builder = world.build(Administrator).input(title);
    let builder = builder.output(title::moved(&before, Supplier.address(), Vec::new()).unwrap());
    let builder = executing(builder.command(ContractId::built_in(title::NAME), title::TAKE, &take), subject, COURT);
    assert_eq!(world.refuse(builder, &[Administrator, Supplier, Operator]), "LOCK_WITHOUT_COMMAND");
}
