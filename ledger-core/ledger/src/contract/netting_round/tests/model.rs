use proptest::prelude::*;

use super::*;

const MEMBERS: [Who; 4] = [A, B, C, D];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Random debts, some withdrawn: the round clears what the clearing of numbers alone clears, and leaves every position.
    #[test]
    fn a_round_clears_as_the_finance_of_numbers_does(
        rows in prop::collection::vec((0usize..4, 1usize..4, 1u64..1_000), 1..12),
        leaving in prop::collection::btree_set(0usize..12, 0..3),
        batch in 1usize..5,
    ) {
        let owed: Vec<_> =
            rows.iter().map(|(debtor, step, minor)| (MEMBERS[*debtor], MEMBERS[(debtor + step) % 4], *minor)).collect();
        let mut room = Room::of(&owed);
        for place in leaving.iter().filter(|place| **place < owed.len()) {
            let party = owed[*place].0;
            let withdraw = room.withdrawing(*place, party);
            room.accept(withdraw, &[party]);
        }
        let staying: Vec<usize> = (0..owed.len()).filter(|place| !leaving.contains(place)).collect();
        let numbers = staying.iter().map(|place| ledger_finance::netting::Obligation {
            debtor: owed[*place].0.address(),
            creditor: owed[*place].1.address(),
            amount: owed[*place].2,
        });
        let clearing = ledger_finance::netting::Obligations::new(numbers.collect()).unwrap().clear().unwrap();
        let before = room.positions();
        if clearing.cleared() == 0 {
            room.void();
            let (state, round) = room.at();
            prop_assert!(!staying.is_empty() || round.gross.is_zero());
            let held: Vec<_> = staying.iter().map(|place| room.held(*place)).collect();
            if !held.is_empty() {
                let (chain, now_ms) = (room.world.ledger.chain(), room.world.now_ms);
                let release = book::release(chain, (state, &round), &borrowed(&held), now_ms).unwrap();
                room.unsigned(release).unwrap();
            }
        } else {
            room.propose();
            room.check();
            for places in staying.chunks(batch) {
                let step = room.applying(places);
                room.unsigned(step).unwrap();
            }
        }
        let after = room.owed();
        for (place, part) in staying.iter().zip(clearing.parts()) {
            prop_assert_eq!(after.get(&number(*place)).copied().unwrap_or(0), part.residual);
        }
        prop_assert_eq!(room.positions(), before);
        prop_assert!(room.all().values().all(|(_, owed)| owed.round.is_none()));
        prop_assert_eq!(room.world.replayed().unwrap().state_root(), room.world.ledger.state_root());
    }

    /// Any result at all: it is committed if and only if no row clears too much and every party is square.
    #[test]
    fn only_what_is_square_for_each_party_is_committed(
        rows in prop::collection::vec((0usize..3, 1usize..3, 1u64..4, 0u64..4), 1..7),
    ) {
        let party = |place: usize| MEMBERS[place % 3];
        let owed: Vec<_> =
            rows.iter().map(|(debtor, step, minor, _)| (party(*debtor), party(debtor + step), *minor)).collect();
        let cleared: Vec<u64> = rows.iter().map(|(.., cleared)| *cleared).collect();
        let mut square: BTreeMap<Who, i64> = BTreeMap::new();
        for ((debtor, creditor, _), cleared) in owed.iter().zip(&cleared) {
            *square.entry(*debtor).or_default() -= *cleared as i64;
            *square.entry(*creditor).or_default() += *cleared as i64;
        }
        let fits = owed.iter().zip(&cleared).all(|((.., minor), cleared)| cleared <= minor);
        let mut room = Room::of(&owed);
        room.book = room.book.clone().with_result(cleared.iter().map(|cleared| minor(*cleared)).collect());
        let sum: u64 = cleared.iter().sum();
        prop_assume!(sum > 0 && sum <= room.at().1.gross.minor());
        room.propose_as_it_is();
        let (state, round) = room.at();
        let checked = room.book.check(room.world.ledger.chain(), (state, &round));
        prop_assert_eq!(checked.is_ok(), fits && square.values().all(|difference| *difference == 0));
    }
}
