use super::*;
use crate::contract::title::{SPLIT, Title, title_state};
use crate::{Lock, State};

const EVERYBODY: [Who; 4] = [Depositor, BankA, BankB, Operator];

fn title_contract() -> ContractId {
    ContractId::built_in(crate::contract::title::NAME)
}

fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

fn place(transaction: TransactionId, index: u32) -> StateRef {
    StateRef { transaction, index }
}

fn child(world: &World, number: &str, quantity: u64, locks: &[Lock]) -> State {
    title_state(&Title { quantity: minor(quantity), ..world.title(number) }, Depositor.address())
        .with_locks(locks.to_vec())
}

/// The pledge over these titles, with so much pledged and released in all.
fn covering(world: &World, pledge: StateRef, titles: &[&State], pledged: u64, released: u64) -> Cover {
    let named = |state: &&State| {
        let Title { title, number, quantity, .. } = read_title(state).unwrap();
        PledgedTitle { title, number, quantity }
    };
    let cover = read_cover(&world.state(pledge)).unwrap().over(titles.iter().map(named).collect()).unwrap();
    Cover { pledged: minor(pledged), released: minor(released), ..cover }
}

/// Bank A's title of 6,000 in two parts: 2,000 released, 4,000 kept.
fn partial(
    world: &mut World,
    title: StateRef,
    pledge: StateRef,
    change: impl Fn(&mut Cover, &mut Vec<Lock>),
) -> TransactionBuilder {
    let locks = world.state(title).locks;
    let (mut freed, kept) = (Vec::new(), child(world, "WR-1B", 4_000, &locks));
    let mut cover = covering(world, pledge, &[&kept], 6_000, 2_000);
    change(&mut cover, &mut freed);
    let freed = child(world, "WR-1A", 2_000, &freed);
    let split = wire::TitleSplit { title: read_title(&world.state(title)).unwrap().title.to_vec() };
    let command = wire::PledgeRelease { pledge: cover.pledge.pledge.to_vec(), quantity: 2_000 };
    let builder = world.build(Depositor).input(title).input(pledge);
    let builder = builder.output(freed).output(kept).output(cover_state(&cover));
    builder.command(title_contract(), SPLIT, &split).command(id(), RELEASE, &command)
}

#[test]
fn a_part_is_released_by_splitting_the_title() {
    let (mut world, title, pledge) = pledged();
    let builder = partial(&mut world, title, pledge, |_, _| {});
    assert_eq!(world.refuse(builder, &[Depositor, Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = partial(&mut world, title, pledge, |_, _| {});
    let transaction = world.accept(builder, &ALL);
    let (freed, kept, pledge) = (place(transaction, 0), place(transaction, 1), place(transaction, 2));
    assert!(world.state(freed).locks.is_empty());
    assert_eq!(world.state(kept).locks.len(), 1);
    let cover = read_cover(&world.state(pledge)).unwrap();
    assert_eq!(
        (cover.pledge.number.as_str(), cover.pledge.quantity, cover.released),
        ("WR-1B", minor(4_000), minor(2_000))
    );
    // What was released is free for another bank; the rest is released as a whole.
    let builder = world.pledge(freed, Depositor, BankB);
    world.accept(builder, &[Depositor, BankB, Operator]);
    let builder = release(&mut world, BankA, kept, pledge, 4_001);
    assert_eq!(world.refuse(builder, &[BankA]), "PLEDGE_OVER_RELEASE");
    let builder = release(&mut world, BankA, kept, pledge, 4_000);
    world.accept(builder, &[BankA]);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_partial_release_frees_what_it_says() {
    let changes: [fn(&mut Cover, &mut Vec<Lock>); 6] = [
        |cover, _| cover.released = Amount::ZERO,
        |cover, _| cover.pledged = minor(4_000),
        |cover, _| cover.pledge.quantity = minor(4_001),
        |cover, _| cover.pledge.secured_maximum = minor(1),
        |cover, _| cover.titles[0].number = "WR-9".to_owned(),
        |cover, _| cover.titles.clear(),
    ];
    for change in changes {
        let (mut world, title, pledge) = pledged();
        let builder = partial(&mut world, title, pledge, change);
        assert_eq!(world.refuse(builder, &ALL), "PLEDGE_NOT_WHAT_FOLLOWS");
    }
    let (mut world, title, pledge) = pledged();
    let builder = partial(&mut world, title, pledge, |cover, freed| freed.push(pledge_lock(&cover.pledge)));
    assert_eq!(world.refuse(builder, &ALL), "PLEDGE_REST_DIFFERS");
    let stranger = Lock { context: ContextId::default(), ..world.state(title).locks[0].clone() };
    let builder = partial(&mut world, title, pledge, move |_, freed| freed.push(stranger.clone()));
    assert_eq!(world.refuse(builder, &ALL), "TITLE_LOCKS_DIFFER");
}

/// A title pledged to bank A, then to bank B in the second rank: title, first and second pledge.
fn ranked() -> (World, StateRef, StateRef, StateRef) {
    let (mut world, title, first) = pledged();
    let builder = world.pledge_ranked(title, Depositor, BankB, 2);
    let (title, second) = refs(world.accept(builder, &EVERYBODY));
    (world, title, first, second)
}

#[test]
fn a_further_rank_needs_the_seniors_consent() {
    let (mut world, title, _) = pledged();
    let builder = world.pledge_ranked(title, Depositor, BankB, 2);
    let rejection = world.submit(builder, &[Depositor, BankB, Operator]).unwrap_err();
    assert_eq!(rejection.code, "AUTHORITY_SIGNATURES_MISSING");
    assert!(!rejection.message.contains(&BankA.address().to_string()), "{}", rejection.message);
    let builder = world.pledge_ranked(title, Depositor, BankB, 3);
    assert_eq!(world.refuse(builder, &EVERYBODY), "PLEDGE_RANK_DIFFERS");
    let (world, title, ..) = ranked();
    assert_eq!(world.state(title).locks.iter().map(|lock| lock.rank).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_released_rank_is_not_given_to_a_later_pledge() {
    let (mut world, title, first, second) = ranked();
    let builder = release(&mut world, BankA, title, first, 6_000);
    assert_eq!(world.refuse(builder, &[BankA]), "LOCK_WITHOUT_COMMAND");
    let message = world.state(first);
    let command = wire::PledgeRelease { pledge: read_pledge(&message).unwrap().pledge.to_vec(), quantity: 6_000 };
    let kept = vec![pledge_lock(&read_pledge(&world.state(second)).unwrap())];
    let after = moved(&world.state(title), Depositor.address(), kept).unwrap();
    let builder = world.build(BankA).input(title).input(first).output(after).command(id(), RELEASE, &command);
    let title = place(world.accept(builder, &[BankA]), 0);
    let builder = world.pledge(title, Depositor, BankA);
    assert_eq!(world.refuse(builder, &EVERYBODY), "PLEDGE_EXISTS");
    let builder = world.pledge_ranked(title, Depositor, BankA, 3);
    world.accept(builder, &EVERYBODY);
}

/// Both pledges with these ranks, on the title locked so.
fn with_ranks(world: &mut World, states: (StateRef, StateRef, StateRef), ranks: [u32; 2]) -> TransactionBuilder {
    let (title, first, second) = states;
    let mut pledges = [first, second].map(|pledge| read_pledge(&world.state(pledge)).unwrap());
    pledges.iter_mut().zip(ranks).for_each(|(pledge, rank)| pledge.rank = rank);
    let locks = pledges.iter().map(pledge_lock).collect();
    let titled = moved(&world.state(title), Depositor.address(), locks).unwrap();
    let builder = world.build(Depositor).input(title).input(first).input(second).output(titled);
    let builder = pledges.iter().fold(builder, |builder, pledge| builder.output(pledge_state(pledge)));
    builder.command(id(), RANK, &wire::PledgeRank {})
}

#[test]
fn ranks_change_with_the_consent_of_all() {
    let (mut world, title, first, second) = ranked();
    let states = (title, first, second);
    for signers in [[Depositor, BankA], [Depositor, BankB]] {
        let builder = with_ranks(&mut world, states, [2, 1]);
        assert_eq!(world.refuse(builder, &signers), "AUTHORITY_SIGNATURES_MISSING");
    }
    let consenting = [Depositor, BankA, BankB];
    for (ranks, code) in
        [([2, 2], "LOCK_RANK_OVERFULL"), ([1, 1], "LOCK_RANK_OVERFULL"), ([1, 2], "PLEDGE_RANK_UNCHANGED")]
    {
        let builder = with_ranks(&mut world, states, ranks);
        assert_eq!(world.refuse(builder, &consenting), code);
    }
    let builder = with_ranks(&mut world, states, [2, 1]);
    let transaction = world.accept(builder, &consenting);
    let lockers: Vec<_> = world.state(place(transaction, 0)).locks.iter().map(|lock| lock.locker).collect();
    assert_eq!(lockers, [BankB.address(), BankA.address()]);
}
