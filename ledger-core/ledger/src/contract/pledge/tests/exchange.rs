use super::*;
use crate::contract::title::{SPLIT, Title, title_state};
use crate::{Lock, State};

const EVERYBODY: [Who; 4] = [Depositor, BankA, BankB, Operator];

fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

fn named(state: &State) -> PledgedTitle {
    let Title { title, number, quantity, .. } = read_title(state).unwrap();
    PledgedTitle { title, number, quantity }
}

fn locked(world: &World, title: StateRef, locks: &[Lock]) -> State {
    moved(&world.state(title), world.state(title).owner, locks.to_vec()).unwrap()
}

/// A title of some quantity of the depositor's, free.
fn issue(world: &mut World, number: &str, quantity: u64) -> StateRef {
    let state = title_state(&Title { quantity: minor(quantity), ..world.title(number) }, Depositor.address());
    let contract = ContractId::built_in(crate::contract::title::NAME);
    let builder =
        world.build(Operator).output(state).command(contract, crate::contract::title::ISSUE, &wire::TitleIssue {});
    refs(world.accept(builder, &[Operator, Depositor])).0
}

/// The further title under the pledge, which covers both then.
fn top_up(world: &mut World, further: StateRef, pledge: StateRef) -> TransactionBuilder {
    let cover = read_cover(&world.state(pledge)).unwrap();
    let state = locked(world, further, &[pledge_lock(&cover.pledge)]);
    let titles = cover.titles.iter().cloned().chain([named(&state)]).collect();
    let after = cover.over(titles).unwrap();
    let after = Cover { pledged: cover.pledged.checked_add(named(&state).quantity).unwrap(), ..after };
    let builder = world.build(Depositor).input(further).input(pledge).output(state).output(cover_state(&after));
    builder.command(id(), TOP_UP, &wire::PledgeTopUp { pledge: cover.pledge.pledge.to_vec() })
}

#[test]
fn a_pledge_is_topped_up_and_released_title_by_title() {
    let (mut world, title, pledge) = pledged();
    let further = issue(&mut world, "WR-2", 1_500);
    for signers in [[Depositor, BankA], [Depositor, Operator]] {
        let builder = top_up(&mut world, further, pledge);
        assert_eq!(world.refuse(builder, &signers), "AUTHORITY_SIGNATURES_MISSING");
    }
    let builder = top_up(&mut world, further, pledge);
    let (further, pledge) = refs(world.accept(builder, &ALL));
    let cover = read_cover(&world.state(pledge)).unwrap();
    assert_eq!((cover.titles.len(), cover.pledge.quantity), (2, minor(7_500)));
    // Without a split, whole titles leave, and the pledgee alone signs.
    let left = Cover { released: minor(1_500), ..cover.over(vec![cover.titles[0].clone()]).unwrap() };
    let command = |quantity| wire::PledgeRelease { pledge: cover.pledge.pledge.to_vec(), quantity };
    for (quantity, code) in [
        (1_499, "PLEDGE_REST_DIFFERS"),
        (0, "PLEDGE_RELEASES_NOTHING"),
        (7_500, "PLEDGE_WHOLE_GOES_ON"),
        (7_501, "PLEDGE_OVER_RELEASE"),
    ] {
        let builder = world.build(BankA).input(further).input(pledge).output(locked(&world, further, &[]));
        let builder = builder.output(cover_state(&left)).command(id(), RELEASE, &command(quantity));
        assert_eq!(world.refuse(builder, &[BankA]), code);
    }
    let builder = world.build(BankA).input(further).input(pledge).output(locked(&world, further, &[]));
    let builder = builder.output(cover_state(&left)).command(id(), RELEASE, &command(1_500));
    let (_, pledge) = refs(world.accept(builder, &[BankA]));
    let builder = release(&mut world, BankA, title, pledge, 6_000);
    world.accept(builder, &[BankA]);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

/// A second lock under the pledge's own context would stand where nobody could take it off.
#[test]
fn a_title_carries_one_lock_of_its_pledge() {
    let (mut world, _, pledge) = pledged();
    let further = issue(&mut world, "WR-2", 1_500);
    let mut transaction = top_up(&mut world, further, pledge).build();
    let lock = transaction.outputs[0].locks[0].clone();
    transaction.outputs[0].locks.push(Lock { rank: 3, locker: BankB.address(), ..lock });
    let signed = World::sign(transaction, &EVERYBODY);
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "PLEDGE_LOCK_DIFFERS");
    let builder = top_up(&mut world, further, pledge);
    world.accept(builder, &ALL);
}

#[test]
fn a_pledge_ends_with_all_its_titles_only() {
    let (mut world, title, pledge) = pledged();
    let further = issue(&mut world, "WR-2", 1_500);
    let builder = top_up(&mut world, further, pledge);
    let (_, pledge) = refs(world.accept(builder, &ALL));
    let builder = release(&mut world, BankA, title, pledge, 7_500);
    assert_eq!(world.refuse(builder, &[BankA]), "PLEDGE_TITLE_NOT_CONSUMED");
}

#[test]
fn only_free_titles_top_up() {
    let (mut world, title, pledge) = pledged();
    let other = world.issue_title("WR-2");
    let builder = world.pledge(other, Depositor, BankB);
    let (other, _) = refs(world.accept(builder, &EVERYBODY));
    let builder = top_up(&mut world, other, pledge);
    assert_eq!(world.refuse(builder, &EVERYBODY), "PLEDGE_EXISTS");
    let offered = world.issue_title("WR-3");
    let builder = world.offer(offered, Supplier, 86_400_000);
    let (offered, _) = refs(world.accept(builder, &[Depositor]));
    let builder = top_up(&mut world, offered, pledge);
    assert_eq!(world.refuse(builder, &[Depositor, BankA, Operator, Supplier]), "PLEDGE_TITLE_OFFERED");
    let builder = top_up(&mut world, title, pledge);
    assert_eq!(world.refuse(builder, &ALL), "PLEDGE_NOTHING_COMES");
}

/// The title leaves, the other comes.
fn substitute(
    world: &mut World,
    title: StateRef,
    other: StateRef,
    pledge: StateRef,
    gained: u64,
) -> TransactionBuilder {
    let cover = read_cover(&world.state(pledge)).unwrap();
    let coming = locked(world, other, &[pledge_lock(&cover.pledge)]);
    let after = cover.over(vec![named(&coming)]).unwrap();
    let after = Cover { pledged: cover.pledged.checked_add(minor(gained)).unwrap(), ..after };
    let builder = world.build(Depositor).input(title).input(other).input(pledge);
    let builder = builder.output(locked(world, title, &[])).output(coming).output(cover_state(&after));
    builder.command(id(), SUBSTITUTE, &wire::PledgeSubstitute { pledges: vec![cover.pledge.pledge.to_vec()] })
}

#[test]
fn a_title_is_substituted_by_one_of_at_least_its_quantity() {
    let (mut world, title, pledge) = pledged();
    let (less, more) = (issue(&mut world, "WR-2", 5_999), issue(&mut world, "WR-3", 6_200));
    let builder = substitute(&mut world, title, less, pledge, 0);
    assert_eq!(world.refuse(builder, &ALL), "PLEDGE_SHRINKS");
    let builder = substitute(&mut world, title, more, pledge, 100);
    assert_eq!(world.refuse(builder, &ALL), "PLEDGE_NOT_WHAT_FOLLOWS");
    let builder = substitute(&mut world, title, more, pledge, 200);
    assert_eq!(world.refuse(builder, &[Depositor, Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = substitute(&mut world, title, more, pledge, 200);
    let transaction = world.accept(builder, &ALL);
    assert!(world.state(StateRef { transaction, index: 0 }).locks.is_empty());
    assert_eq!(world.state(StateRef { transaction, index: 1 }).locks.len(), 1);
}

/// A title under two pledges, split: both pledges cover both parts, in their ranks.
fn split_under_both(world: &mut World, drop_second: bool) -> TransactionBuilder {
    let title = world.issue_title("WR-1");
    let builder = world.pledge(title, Depositor, BankA);
    let (title, first) = refs(world.accept(builder, &ALL));
    let builder = world.pledge_ranked(title, Depositor, BankB, 2);
    let (title, second) = refs(world.accept(builder, &EVERYBODY));
    let locks = world.state(title).locks;
    let part = |number: &str, quantity, locks: &[Lock]| {
        let title = Title { quantity: minor(quantity), ..world.title(number) };
        title_state(&title, Depositor.address()).with_locks(locks.to_vec())
    };
    let kept = if drop_second { &locks[..1] } else { &locks };
    let parts = [part("WR-1A", 1_000, kept), part("WR-1B", 5_000, &locks)];
    let split = wire::TitleSplit { title: read_title(&world.state(title)).unwrap().title.to_vec() };
    let mut covers = [first, second].map(|pledge| read_cover(&world.state(pledge)).unwrap());
    for cover in &mut covers {
        *cover = cover.over(parts.iter().map(named).collect()).unwrap();
    }
    let mut pledges = covers.each_ref().map(|cover| cover.pledge.pledge.to_vec()).to_vec();
    pledges.sort();
    let builder = world.build(Depositor).input(title).input(first).input(second);
    let builder = parts.into_iter().fold(builder, TransactionBuilder::output);
    let builder = covers.iter().fold(builder, |builder, cover| builder.output(cover_state(cover)));
    builder.command(ContractId::built_in(crate::contract::title::NAME), SPLIT, &split).command(
        id(),
        SUBSTITUTE,
        &wire::PledgeSubstitute { pledges },
    )
}

#[test]
fn a_title_is_split_under_its_pledges() {
    let mut world = World::new();
    let builder = split_under_both(&mut world, false);
    assert_eq!(world.refuse(builder.clone(), &ALL), "AUTHORITY_SIGNATURES_MISSING");
    world.accept(builder, &EVERYBODY);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
    let mut world = World::new();
    let builder = split_under_both(&mut world, true);
    assert_eq!(world.refuse(builder, &EVERYBODY), "PLEDGE_SHRINKS");
}

/// The lock of one title is not laid on another beside a payment.
#[test]
fn a_pledge_does_not_spread_past_its_contract() {
    let (mut world, title, _) = pledged();
    let other = world.issue_title("WR-2");
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let locks = world.state(title).locks;
    let (kept, spread) = (world.state(title), locked(&world, other, &locks));
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 10)]).input(title).input(other);
    assert_eq!(world.refuse(builder.output(kept).output(spread), &EVERYBODY), "LOCK_WITHOUT_COMMAND");
}
