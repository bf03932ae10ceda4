//! Random transactions that everybody signs: whatever is accepted, pledges and titles agree.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::State;
use crate::contract::title::{self, SPLIT, TAKE, Title, title_state};

const SIGNERS: [Who; 5] = [Depositor, BankA, BankB, Operator, Supplier];

fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

/// Two titles, the first under two ranked pledges; the second under one, with a chance.
fn start(second_is_pledged: bool) -> (World, Vec<StateRef>) {
    let mut world = World::new();
    let (title, other) = (world.issue_title("WR-1"), world.issue_title("WR-2"));
    let builder = world.pledge(title, Depositor, BankA);
    let (title, first) = refs(world.accept(builder, &ALL));
    let builder = world.pledge_ranked(title, Depositor, BankB, 2);
    let (title, second) = refs(world.accept(builder, &SIGNERS));
    let mut states = vec![title, first, second, other];
    if second_is_pledged {
        let builder = world.pledge(other, Depositor, BankA);
        let (other, pledge) = refs(world.accept(builder, &ALL));
        states[3] = other;
        states.push(pledge);
    }
    (world, states)
}

/// One choice for each thing that may be right or wrong.
#[derive(Clone, Debug)]
struct Choice {
    consumed: Vec<bool>,
    pledge_command: &'static str,
    title_command: Option<&'static str>,
    quantity: Option<u64>,
    parts: [u64; 2],
    locks: Vec<Vec<bool>>,
    kept: Vec<bool>,
    owner: Index,
    released: Option<u64>,
}

fn choices() -> impl Strategy<Value = Choice> {
    let tenths = |chance: &u32| {
        let chance = *chance;
        (0u32..10).prop_map(move |draw| draw < chance)
    };
    let flags = |chances: &[u32]| chances.iter().map(tenths).collect::<Vec<_>>();
    let mostly_right = |wrong| proptest::option::weighted(0.1, select(wrong));
    let quantities = mostly_right(vec![0, 2_000, 6_000]);
    let parts = select(vec![[2_000, 4_000], [4_000, 2_000], [3_000, 4_000]]);
    let released = mostly_right(vec![0, 2_000, 6_000]);
    let commands =
        (select(vec![RELEASE, TOP_UP, SUBSTITUTE, RANK, ENFORCE]), select(vec![None, Some(SPLIT), Some(TAKE)]));
    let locks = vec![flags(&[6, 8, 2]), flags(&[8, 8, 2]), flags(&[2, 2, 8])];
    (flags(&[9, 9, 7, 2, 2]), commands, quantities, parts, locks, flags(&[6, 8, 8]), any::<Index>(), released).prop_map(
        |(consumed, (pledge_command, title_command), quantity, parts, locks, kept, owner, released)| Choice {
            consumed,
            pledge_command,
            title_command,
            quantity,
            parts,
            locks,
            kept,
            owner,
            released,
        },
    )
}

fn named(state: &State) -> PledgedTitle {
    let Title { title, number, quantity, .. } = read_title(state).unwrap();
    PledgedTitle { title, number, quantity }
}

/// Builds what the choice says; the pledges' covers follow the locks, so that a good part of it is right.
fn build(world: &mut World, states: &[StateRef], choice: &Choice) -> TransactionBuilder {
    let consumed: Vec<_> =
        states.iter().zip(&choice.consumed).filter(|(_, is)| **is).map(|(state, _)| *state).collect();
    let read: Vec<_> = consumed.iter().map(|state| world.state(*state)).collect();
    let covers: Vec<_> =
        read.iter().filter(|state| state.is(NAME, PLEDGE)).map(|state| read_cover(state).unwrap()).collect();
    let titles: Vec<_> = read.iter().filter(|state| state.is(title::NAME, title::TITLE)).cloned().collect();
    let holder = [Depositor, BankA, Supplier][choice.owner.index(3)].address();
    let mut created = Vec::new();
    match (choice.title_command, titles.first()) {
        (Some(SPLIT), Some(_)) => {
            let part = |(number, quantity): (&str, u64)| {
                title_state(&Title { quantity: minor(quantity), ..world.title(number) }, Depositor.address())
            };
            created.extend(["WR-A", "WR-B"].into_iter().zip(choice.parts).map(part));
        }
        (Some(TAKE), Some(first)) => created.push(moved(first, holder, Vec::new()).unwrap()),
        _ => created.extend(titles.iter().map(|state| moved(state, state.owner, Vec::new()).unwrap())),
    }
    for (state, flags) in created.iter_mut().zip(&choice.locks) {
        let locks = covers.iter().zip(flags).filter(|(_, is)| **is).map(|(cover, _)| pledge_lock(&cover.pledge));
        *state = state.clone().with_locks(locks.collect());
    }
    let mut builder = consumed.iter().fold(world.build(BankA), |builder, state| builder.input(*state));
    builder = created.iter().fold(builder, |builder, state| builder.output(state.clone()));
    let mut freed = None;
    for (cover, is_kept) in covers.iter().zip(&choice.kept) {
        let lock = pledge_lock(&cover.pledge);
        let stays = |title: &&PledgedTitle| !titles.iter().any(|consumed| named(consumed).title == title.title);
        let under = created.iter().filter(|state| state.locks.contains(&lock)).map(named);
        let after = cover.over(cover.titles.iter().filter(stays).cloned().chain(under).collect()).unwrap();
        let (before, quantity) = (cover.pledge.quantity.minor(), after.pledge.quantity.minor());
        let released = choice.released.unwrap_or(before.saturating_sub(quantity));
        freed = freed.or(Some(if *is_kept { before.saturating_sub(quantity) } else { before }));
        if *is_kept {
            let pledged = minor(quantity + released);
            builder = builder.output(cover_state(&Cover { pledged, released: minor(released), ..after }));
        }
    }
    let pledge = covers.first().map(|cover| cover.pledge.pledge.to_vec()).unwrap_or_default();
    let quantity = choice.quantity.or(freed).unwrap_or_default();
    builder = match choice.pledge_command {
        RELEASE => builder.command(id(), RELEASE, &wire::PledgeRelease { pledge, quantity }),
        TOP_UP => builder.command(id(), TOP_UP, &wire::PledgeTopUp { pledge }),
        ENFORCE => builder.command(id(), ENFORCE, &wire::PledgeEnforce { pledge, quantity }),
        RANK => builder.command(id(), RANK, &wire::PledgeRank {}),
        _ => {
            let mut pledges: Vec<_> = covers.iter().map(|cover| cover.pledge.pledge.to_vec()).collect();
            pledges.sort();
            builder.command(id(), SUBSTITUTE, &wire::PledgeSubstitute { pledges })
        }
    };
    let title = titles.first().map(|state| named(state).title.to_vec()).unwrap_or_default();
    let contract = ContractId::built_in(title::NAME);
    match choice.title_command {
        Some(SPLIT) => builder.command(contract, SPLIT, &wire::TitleSplit { title }),
        Some(_) => builder.command(contract, TAKE, &wire::TitleTake { title, to: holder.to_vec() }),
        None => builder,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// The fixture checks every invariant after each block; goods neither come nor go.
    #[test]
    fn whatever_is_accepted_keeps_pledges_and_titles_together(second: bool, choice in choices()) {
        let (mut world, states) = start(second);
        let builder = build(&mut world, &states, &choice);
        let _ = world.submit(builder, &SIGNERS);
        let titles = world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(title::NAME, title::TITLE));
        let goods: u64 = titles.map(|(_, unspent)| read_title(&unspent.state).unwrap().quantity.minor()).sum();
        prop_assert_eq!(goods, 12_000);
    }
}
