use proptest::prelude::*;

use super::*;

/// States of the children: numbers and quantities, otherwise as the title.
fn children(world: &World, title: StateRef, parts: &[(&str, u64)]) -> Vec<State> {
    let parent = world.state(title);
    let child = |(number, quantity): &(&str, u64)| {
        let quantity = Amount::from_minor(*quantity).unwrap();
        title_state(&Title { quantity, ..world.title(number) }, parent.owner)
    };
    parts.iter().map(child).collect()
}

fn split(world: &mut World, title: StateRef, parts: &[(&str, u64)]) -> TransactionBuilder {
    let states = children(world, title, parts);
    split_into(world, title, states)
}

fn split_into(world: &mut World, title: StateRef, states: Vec<State>) -> TransactionBuilder {
    let message = wire::TitleSplit { title: read_title(&world.state(title)).unwrap().title.to_vec() };
    let builder = world.build(Depositor).input(title).command(id(), SPLIT, &message);
    states.into_iter().fold(builder, TransactionBuilder::output)
}

fn merge(world: &mut World, titles: &[StateRef], number: &str, quantity: u64) -> TransactionBuilder {
    let merged = children(world, titles[0], &[(number, quantity)]).remove(0);
    let message = wire::TitleMerge { title: read_title(&merged).unwrap().title.to_vec() };
    let builder = world.build(Depositor).output(merged).command(id(), MERGE, &message);
    titles.iter().fold(builder, |builder, title| builder.input(*title))
}

const BOTH: [Who; 2] = [Depositor, Operator];
const HALVES: [(&str, u64); 2] = [("WR-1A", 2_000), ("WR-1B", 4_000)];

#[test]
fn a_title_is_split_by_holder_and_custodian_and_merged_again() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = split(&mut world, title, &HALVES);
    assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = split(&mut world, title, &HALVES);
    let mut by_custodian = world.fill(builder);
    by_custodian.submit_as(Operator.address());
    by_custodian.command_id = CommandId::derive(&by_custodian.chain, &by_custodian.submitter, "custodian alone");
    let bytes = World::sign(by_custodian, &[Operator]).encode();
    assert_eq!(world.submit_bytes(&bytes).unwrap_err().code, "AUTHORITY_SIGNATURES_MISSING");
    let builder = split(&mut world, title, &HALVES);
    let transaction = world.accept(builder, &BOTH);
    let halves = [StateRef { transaction, index: 0 }, StateRef { transaction, index: 1 }];
    let builder = merge(&mut world, &halves, "WR-2", 6_000);
    assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = merge(&mut world, &halves, "WR-2", 6_000);
    world.accept(builder, &BOTH);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

/// The number of the title that was split is free again; those of the children are taken.
#[test]
fn children_claim_their_own_numbers() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = split(&mut world, title, &HALVES);
    world.accept(builder, &BOTH);
    world.issue_title("WR-1");
    let again = title_state(&world.title("wr-1a"), Supplier.address());
    let builder = world.build(Operator).output(again).command(id(), ISSUE, &wire::TitleIssue {});
    assert_eq!(world.refuse(builder, &[Operator, Supplier]), "CLAIM_HELD");
}

#[test]
fn a_number_stands_once_in_a_transaction() {
    let mut world = World::new();
    let issued = |number: &str| title_state(&world.title(number), Depositor.address());
    let (first, again) = (issued("WR-9"), issued("wr 9"));
    let builder = world.build(Operator).output(first).output(again).command(id(), ISSUE, &wire::TitleIssue {});
    assert_eq!(world.refuse(builder, &BOTH), "TITLE_NUMBER_TWICE");
    let title = world.issue_title("WR-1");
    for parts in [[("WR-2", 2_000), ("wr 2", 4_000)], [("WR-2", 2_000), ("wr-1", 4_000)]] {
        let builder = split(&mut world, title, &parts);
        assert_eq!(world.refuse(builder, &BOTH), "TITLE_NUMBER_TWICE");
    }
}

#[test]
fn splits_conserve_and_stay_alike() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    for parts in [[("A", 2_000), ("B", 3_999)], [("A", 2_000), ("B", 4_001)]] {
        let builder = split(&mut world, title, &parts);
        assert_eq!(world.refuse(builder, &BOTH), "TITLE_NOT_CONSERVED");
    }
    let builder = split(&mut world, title, &[("A", 6_000), ("B", 0)]);
    assert_eq!(world.refuse(builder, &BOTH), "TITLE_QUANTITY_ZERO");
    let builder = split(&mut world, title, &[("A", 6_000)]);
    assert_eq!(world.refuse(builder, &BOTH), "TITLE_SPLIT_STATES");
    let states = children(&world, title, &HALVES);
    let second = read_title(&states[1]).unwrap();
    let unit = Title { unit: "C62".to_owned(), ..second.clone() };
    let custodian = Title { custodian: BankB.address(), ..second.clone() };
    let others = [
        (title_state(&second, Supplier.address()), "TITLE_OTHER_HOLDER"),
        (title_state(&unit, Depositor.address()), "TITLE_OTHER_UNIT"),
        (title_state(&custodian, Depositor.address()), "TITLE_OTHER_CUSTODIAN"),
    ];
    for (other, code) in others {
        let builder = split_into(&mut world, title, vec![states[0].clone(), other]);
        assert_eq!(world.refuse(builder, &[Depositor, Operator, Supplier, BankB]), code);
    }
}

#[test]
fn locked_titles_are_neither_split_nor_merged() {
    let (mut world, title) = offered();
    let builder = split(&mut world, title, &HALVES);
    assert_eq!(world.refuse(builder, &[Depositor, Operator, Supplier]), "TITLE_LOCKED");
    let free = world.issue_title("WR-2");
    let builder = merge(&mut world, &[title, free], "WR-3", 12_000);
    assert_eq!(world.refuse(builder, &[Depositor, Operator, Supplier]), "TITLE_LOCKED");
    let pledged = world.pledge(free, Depositor, BankA);
    let pledged = first(world.accept(pledged, &[Depositor, Operator, BankA]));
    let builder = split(&mut world, pledged, &HALVES);
    assert_eq!(world.refuse(builder, &[Depositor, Operator, BankA]), "TITLE_PLEDGED");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Exactly the splits whose parts sum to the title are accepted.
    #[test]
    fn splits_are_accepted_as_their_parts_sum(parts in proptest::collection::vec(1u64..4_000, 2..5), fits: bool) {
        let mut world = World::new();
        let title = world.issue_title("WR-1");
        let mut parts = parts;
        let rest: u64 = parts[1..].iter().sum();
        if fits && rest < 6_000 {
            parts[0] = 6_000 - rest;
        }
        let numbers: Vec<String> = (0..parts.len()).map(|place| format!("PART-{place}X")).collect();
        let named: Vec<(&str, u64)> = numbers.iter().map(String::as_str).zip(parts.iter().copied()).collect();
        let builder = split(&mut world, title, &named);
        prop_assert_eq!(world.submit(builder, &BOTH).is_ok(), parts.iter().sum::<u64>() == 6_000);
    }
}

#[test]
fn a_merge_takes_several_titles_and_makes_one() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let alone = merge(&mut world, &[title], "WR-2", 6_000);
    assert_eq!(world.refuse(alone, &BOTH), "TITLE_MERGE_STATES");
}
