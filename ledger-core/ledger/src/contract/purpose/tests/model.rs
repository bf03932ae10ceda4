//! Random payments, refunds and returns against a plain model: spends + returned + balance = disbursed.

use proptest::prelude::*;

use super::*;

const FILES: [&str; 24] = [
    "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8",
    "B9", "C0", "C1", "C2", "C3",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn spends_returned_and_balance_are_what_was_disbursed(steps in prop::collection::vec((0u8..4, 0usize..2, 1u64..500), 1..12)) {
        const LENT: u64 = 1_000;
        let payees = [Supplier, Operator];
        let mut scene = Scene::opened(LENT);
        let (mut balance, mut returned, mut spent) = (LENT, 0, [0, 0]);
        let mut records: Vec<(usize, StateRef, u64)> = Vec::new();
        for ((kind, place, amount), file) in steps.into_iter().zip(1u8..) {
            match kind {
                0 | 1 => {
                    let payment = pay(payees[place], amount, FILES[usize::from(file)], file);
                    let builder = scene.spend(&payment);
                    let index = builder.clone().build().outputs.iter().position(|state| state.is(NAME, SPENT)).unwrap();
                    let result = scene.world.submit(builder, &[BORROWER]);
                    prop_assert_eq!(result.is_ok(), amount <= balance);
                    if let Ok(transaction) = result {
                        let record = StateRef { transaction, index: u32::try_from(index).unwrap() };
                        records.push((place, record, amount));
                        balance -= amount;
                        spent[place] += amount;
                    }
                }
                2 => {
                    let Some((place, record, kept)) = records.pop() else { continue };
                    let builder = scene.refund(record, amount);
                    let index = builder.clone().build().outputs.iter().position(|state| state.is(NAME, SPENT)).unwrap();
                    let result = scene.world.submit(builder, &[payees[place]]);
                    prop_assert_eq!(result.is_ok(), amount <= kept);
                    if let Ok(transaction) = result {
                        let record = StateRef { transaction, index: u32::try_from(index).unwrap() };
                        records.push((place, record, kept - amount));
                        balance += amount;
                        spent[place] -= amount;
                    } else {
                        records.push((place, record, kept));
                    }
                }
                _ => {
                    let builder = scene.give_back(BORROWER, amount);
                    let result = scene.world.submit(builder, &[BORROWER]);
                    prop_assert_eq!(result.is_ok(), amount <= balance);
                    if result.is_ok() {
                        balance -= amount;
                        returned += amount;
                    }
                }
            }
            let purpose = scene.purpose();
            prop_assert_eq!(spent.iter().sum::<u64>() + returned + balance, LENT);
            prop_assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), balance);
            prop_assert_eq!(purpose.balance().unwrap().minor(), balance);
            prop_assert_eq!(payees.map(|payee| purpose.spent_at(&payee.address()).minor()), spent);
            prop_assert_eq!(payees.map(|payee| scene.balance(payee, None)), spent);
            prop_assert_eq!(scene.balance(LENDER, None), returned);
        }
        prop_assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
    }
}
