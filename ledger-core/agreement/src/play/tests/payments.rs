//! What is paid, in which order, with which warnings.

use super::*;
use crate::{Observation, TransactionWarning, ValueId};

/// Payments as "from>to amount"; an account stands in brackets.
fn paid(output: &TransactionOutput) -> Vec<String> {
    let success = output.as_ref().expect("the transaction happens");
    let name = |party: &Party| match party {
        Party::Role(name) | Party::Address(name) => name.clone(),
    };
    let to = |payee: &Payee| match payee {
        Payee::Account(party) => format!("[{}]", name(party)),
        Payee::Party(party) => name(party),
    };
    success.payments.iter().map(|one| format!("{}>{} {}", name(&one.payment_from), to(&one.to), one.amount)).collect()
}

#[test]
fn payments_stand_in_the_order_in_which_they_are_made() {
    let to_seller = || Payee::Party(party("Seller"));
    let last = pay("Buyer", Payee::Account(party("Zoe")), constant(2), Contract::Close);
    let after = when(vec![(deposit("Zoe", "Zoe", constant(1)), last)], 50);
    let first = pay("Seller", to_seller(), constant(3), pay("Buyer", to_seller(), constant(1), after));
    let contract = when(vec![(deposit("Buyer", "Buyer", constant(7)), first)], 60);
    let inputs = vec![paid_in("Buyer", "Buyer", 7), paid_in("Zoe", "Zoe", 1)];
    let output = compute((1, 2), inputs, &state(0, &[("Seller", 4), ("Adam", 9)]), contract);
    let expected = ["Seller>Seller 3", "Buyer>Seller 1", "Buyer>[Zoe] 2"];
    let refunds = ["Adam>Adam 9", "Buyer>Buyer 4", "Seller>Seller 1", "Zoe>Zoe 3"];
    assert_eq!(paid(&output), [&expected[..], &refunds[..]].concat(), "refunds follow the order of accounts");
}

#[test]
fn accounts_are_refunded_in_order_of_party_then_token() {
    let mut state = state(0, &[]);
    let token = |symbol: &str, name: &str| Token { currency_symbol: symbol.to_owned(), token_name: name.to_owned() };
    let holders = [
        (party("A"), token("", "z")),
        (Party::Address("z".to_owned()), token("b", "a")),
        (Party::Address("z".to_owned()), token("a", "b")),
        (Party::Address("b".to_owned()), token("", "")),
        (party("A"), token("", "")),
    ];
    for (place, holder) in holders.iter().enumerate() {
        state.accounts.insert(holder.clone(), (place + 1).into());
    }
    let output = compute((1, 2), vec![], &state, Contract::Close).expect("accounts are refunded");
    let order: Vec<_> = output.payments.iter().map(|payment| payment.amount.to_string()).collect();
    assert_eq!(order, ["4", "3", "2", "5", "1"]);
}

#[test]
fn an_account_pays_what_it_has() {
    let contract = |amount: i64| pay("Buyer", Payee::Account(party("Seller")), constant(amount), when(vec![], 50));
    let with = |amount| compute((1, 2), vec![], &state(0, &[("Buyer", 5)]), contract(amount));
    assert_eq!(paid(&with(5)), ["Buyer>[Seller] 5"]);
    assert!(with(5).expect("it is paid").warnings.is_empty());
    assert_eq!(paid(&with(8)), ["Buyer>[Seller] 5"]);
    let short = with(8).expect("it is paid").warnings;
    let [TransactionWarning::PartialPay { asked_to_pay, but_only_paid, .. }] = short.as_slice() else {
        panic!("{short:?}")
    };
    assert_eq!((asked_to_pay, but_only_paid), (&8.into(), &5.into()));
    let empty = compute((1, 2), vec![], &state(0, &[]), contract(8));
    assert_eq!(paid(&empty), ["Buyer>[Seller] 0"], "a payment of nothing is told as one, as the specification has it");
    assert!(empty.expect("nothing is paid").state.accounts.is_empty());
    for amount in [0, -3] {
        let none = with(amount).expect("nothing is paid");
        assert!(none.payments.is_empty());
        assert!(none.warnings[0].to_text().contains(&format!(r#""asked_to_pay":{amount}"#)));
    }
}

#[test]
fn a_deposit_of_nothing_is_taken_with_a_warning() {
    for amount in [0, -4] {
        let contract = when(vec![(deposit("Seller", "Buyer", constant(amount)), when(vec![], 50))], 50);
        let taken = compute((1, 2), vec![paid_in("Seller", "Buyer", amount)], &state(0, &[("Seller", 3)]), contract);
        let taken = taken.expect("the case takes it");
        assert_eq!(taken.state.accounts, state(0, &[("Seller", 3)]).accounts, "money does not leave by a deposit");
        assert!(taken.warnings[0].to_text().contains(&format!(r#""asked_to_deposit":{amount}"#)));
    }
}

#[test]
fn the_first_case_that_fits_is_taken() {
    let remember = |name: &str| Contract::Let {
        value_id: ValueId(name.to_owned()),
        be: constant(1),
        then: Arc::new(when(vec![], 50)),
    };
    let any = |name| (Action::Choice { for_choice: choice("x"), choose_between: bounds(&[(0, 9)]) }, remember(name));
    let none = (Action::Choice { for_choice: choice("x"), choose_between: bounds(&[(5, 4)]) }, remember("none"));
    let contract = when(vec![none, any("first"), any("second")], 50);
    let taken = compute((1, 2), vec![chosen("x", 5)], &state(0, &[]), contract).expect("a case takes it");
    assert_eq!(taken.state.bound_values.to_text(), r#"[["first",1]]"#);
}

#[test]
fn values_are_replaced_and_assertions_fail_with_a_warning() {
    let remember = |value: i64, then| Contract::Let {
        value_id: ValueId("x".to_owned()),
        be: constant(value),
        then: Arc::new(then),
    };
    let assert = Contract::Assert { observation: Observation::FalseObs, then: Arc::new(when(vec![], 50)) };
    let output = compute((1, 2), vec![], &state(0, &[]), remember(1, remember(1, assert))).expect("it goes on");
    let warnings: Vec<_> = output.warnings.iter().map(JsonForm::to_text).collect();
    assert_eq!(warnings, [r#"{"value_id":"x","had_value":1,"is_now_assigned":1}"#, r#""assertion_failed""#]);
}

#[test]
fn integers_have_no_bound_of_64_bits() {
    let huge: BigInt = BigInt::from(u64::MAX) * BigInt::from(u64::MAX) + 1;
    let contract = when(vec![(deposit("Buyer", "Buyer", constant(huge.clone())), Contract::Close)], 50);
    let text = contract.to_text();
    assert!(text.contains(r#""deposits":340282366920938463426481119284349108226"#), "{text}");
    let contract = Contract::from_text(&text).expect("what is written is read");
    let output = compute((1, 2), vec![paid_in("Buyer", "Buyer", huge.clone())], &state(0, &[]), contract);
    assert_eq!(output.expect("the case takes it").payments[0].amount, huge);
    let near = compute(
        (1, 2),
        vec![paid_in("Buyer", "Buyer", huge.clone() - 1)],
        &state(0, &[]),
        when(vec![(deposit("Buyer", "Buyer", constant(huge)), Contract::Close)], 50),
    );
    assert!(near.is_err(), "integers are compared exactly");
}
