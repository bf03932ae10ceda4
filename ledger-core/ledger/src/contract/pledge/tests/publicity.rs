//! Which debt a pledge secures, and since when it is public.

use super::*;
use crate::State;

/// A pledge to bank A of WR-1 that is made as `change` says, reading what it names.
fn pledging(world: &mut World, reads: Option<StateRef>, change: impl Fn(&mut Pledge)) -> TransactionBuilder {
    let title = world.issue_title("WR-1");
    let mut builder = world.pledge(title, Depositor, BankA);
    builder = builder.changed(|transaction| {
        let mut pledge = read_pledge(&transaction.outputs[1]).unwrap();
        change(&mut pledge);
        transaction.outputs[1] = pledge_state(&pledge);
    });
    reads.into_iter().fold(builder, TransactionBuilder::current)
}

#[test]
fn a_pledge_secures_what_its_pledgee_is_owed() {
    let mut world = World::new();
    world.define();
    let mine = world.owe(Supplier, BankA, 400_000);
    let secured = |debt: &Debt| {
        let id = debt.id();
        move |pledge: &mut Pledge| pledge.obligation = Some(id)
    };
    let unread = pledging(&mut world, None, secured(&mine));
    assert_eq!(world.refuse(unread, &ALL), "PLEDGE_OBLIGATION_NOT_READ");
    let mut other = World::new();
    other.define();
    let theirs = other.owe(Supplier, BankB, 400_000);
    let differs = pledging(&mut other, Some(theirs.state()), secured(&theirs));
    assert_eq!(other.refuse(differs, &ALL), "PLEDGE_OBLIGATION_DIFFERS");

    let mut world = World::new();
    world.define();
    let mine = world.owe(Supplier, BankA, 400_000);
    let builder = pledging(&mut world, Some(mine.state()), secured(&mine));
    let (title, pledge) = refs(world.accept(builder, &ALL));
    assert_eq!(read_pledge(&world.state(pledge)).unwrap().obligation, Some(mine.id()));
    let quantity = read_pledge(&world.state(pledge)).unwrap().quantity.minor();
    let released = release(&mut world, BankA, title, pledge, quantity);
    world.accept(released, &[BankA]);
}

fn entry(number: &str, at_ms: u64) -> Publicity {
    Publicity { register: "动产融资统一登记公示系统".to_owned(), number: number.to_owned(), at_ms }
}

fn publicise(world: &mut World, pledge: StateRef, publicity: &Publicity) -> TransactionBuilder {
    let mut cover = read_cover(&world.state(pledge)).unwrap();
    cover.pledge.publicity = Some(publicity.clone());
    let command = wire::PledgePublicise { pledge: cover.pledge.pledge.to_vec(), publicity: Some(publicity.to_wire()) };
    world.build(BankA).input(pledge).output(cover_state(&cover)).command(id(), PUBLICISE, &command)
}

#[test]
fn a_pledge_is_noted_in_a_register_once() {
    let (mut world, _, pledge) = pledged();
    let now = world.build(BankA).build().time_window.from_ms;
    let later = publicise(&mut world, pledge, &entry("07345", u64::MAX));
    assert_eq!(world.refuse(later, &[BankA]), "PLEDGE_PUBLIC_LATER");
    let by_pledgor = publicise(&mut world, pledge, &entry("07345", now));
    let by_pledgor = by_pledgor.changed(|transaction| transaction.submit_as(Depositor.address()));
    assert_eq!(world.refuse(by_pledgor, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = publicise(&mut world, pledge, &entry("07345", now));
    let pledge = StateRef { transaction: world.accept(builder, &[BankA]), index: 0 };
    assert_eq!(read_pledge(&world.state(pledge)).unwrap().publicity, Some(entry("07345", now)));
    let again = publicise(&mut world, pledge, &entry("07346", now));
    assert_eq!(world.refuse(again, &[BankA]), "PLEDGE_PUBLIC_ALREADY");
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_note_in_a_register_changes_nothing_else() {
    let (mut world, title, pledge) = pledged();
    let now = world.build(BankA).build().time_window.from_ms;
    let sound = publicise(&mut world, pledge, &entry("07345", now));
    let changed = |change: &dyn Fn(&mut Cover)| {
        sound.clone().changed(|transaction| {
            let mut cover = read_cover(&transaction.outputs[0]).unwrap();
            change(&mut cover);
            transaction.outputs[0] = cover_state(&cover);
        })
    };
    let dearer = changed(&|cover| cover.pledge.secured_maximum = Amount::from_minor(1).unwrap());
    assert_eq!(world.refuse(dearer, &[BankA]), "PLEDGE_NOT_WHAT_FOLLOWS");
    let other_entry = changed(&|cover| cover.pledge.publicity = Some(entry("07345", 0)));
    assert_eq!(world.refuse(other_entry, &[BankA]), "PLEDGE_NOT_WHAT_FOLLOWS");
    let ended = sound.clone().changed(|transaction| transaction.outputs.clear());
    assert_eq!(world.refuse(ended, &[BankA]), "PLEDGE_OTHERS_TOUCHED");
    let freed: State = moved(&world.state(title), Depositor.address(), Vec::new()).unwrap();
    let smuggled = sound.input(title).output(freed);
    assert_eq!(world.refuse(smuggled, &[BankA, Depositor]), "PLEDGE_OTHERS_TOUCHED");
    let nameless = publicise(&mut world, pledge, &entry("", now));
    assert_eq!(world.refuse(nameless, &[BankA]), "ENCODING_FIELD_MISSING");
}

/// A pledge may stand in a register from its beginning.
#[test]
fn a_new_pledge_names_no_publicity_to_come() {
    let mut world = World::new();
    let later = pledging(&mut world, None, |pledge| pledge.publicity = Some(entry("07345", u64::MAX)));
    assert_eq!(world.refuse(later, &ALL), "PLEDGE_PUBLIC_LATER");
    let mut world = World::new();
    let already = pledging(&mut world, None, |pledge| pledge.publicity = Some(entry("07345", 1)));
    world.accept(already, &ALL);
}
