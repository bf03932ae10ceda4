//! What has happened and what can happen next, in words.

use std::sync::Arc;

use super::escrow;
use crate::explain::{Language, account, input, next, payment, warning};
use crate::{
    BigInt, Contract, Environment, Input, JsonForm, Party, State, TimeInterval, Token, Transaction, TransactionWarning,
    ValueId, compute_transaction,
};

fn instant(at: i64) -> TimeInterval {
    TimeInterval { from: at.into(), to: at.into() }
}

/// A state in which the price is known.
fn priced() -> State {
    let mut state = State::empty(BigInt::ZERO);
    state.bound_values.insert(ValueId("price".to_owned()), 7.into());
    state
}

fn can_happen(contract: &Arc<Contract>, at: i64, language: Language) -> String {
    let environment = Environment { time_interval: instant(at) };
    let found = crate::next(contract, &priced(), &environment).expect("it is small").expect("it is an instant");
    next(&found, language)
}

#[test]
fn what_can_happen_next_is_told_with_the_amounts_of_now() {
    let contract = Arc::new(escrow());
    let english = "One of these, before 2022-10-03 16:00:00 UTC:
- “Buyer” deposits 70 “CNY” into the account of “Seller”
- From 2022-10-03 16:00:00 UTC: it goes on without anybody";
    assert_eq!(can_happen(&contract, 0, Language::English), english);
    let chinese = "在2022-10-03 16:00:00 UTC之前，下列之一：
- “Buyer”向“Seller”的账户存入70 “CNY”
- 自2022-10-03 16:00:00 UTC起：协议自动继续";
    assert_eq!(can_happen(&contract, 0, Language::Chinese), chinese);
    assert_eq!(can_happen(&contract, 1_664_812_800_000, Language::English), "Nothing: the agreement has ended.");
    let wait = |holds: bool| {
        let text =
            r#"{"when":[{"case":{"notify_if":HOLDS},"then":"close"}],"timeout":5,"timeout_continuation":"close"}"#;
        Arc::new(Contract::from_text(&text.replace("HOLDS", &holds.to_string())).expect("it is a contract"))
    };
    let nothing = can_happen(&wait(false), 1, Language::English);
    assert!(nothing.starts_with("Nothing before 1970-01-01 00:00:00.005 UTC."), "{nothing}");
    assert!(can_happen(&wait(true), 1, Language::Chinese).contains("\n- 任何人通知\n"));
}

#[test]
fn what_has_happened_is_told() {
    let deposit = Input::Deposit {
        into_account: Party::Role("Seller".to_owned()),
        input_from_party: Party::Role("Buyer".to_owned()),
        of_token: Token { currency_symbol: String::new(), token_name: "CNY".to_owned() },
        that_deposits: 70.into(),
    };
    assert_eq!(input(Some(&deposit), Language::English), "“Buyer” deposits 70 “CNY” into the account of “Seller”");
    assert_eq!(input(None, Language::Chinese), "期限届满");
    assert_eq!(input(Some(&Input::Notify), Language::English), "somebody notifies");

    let transaction = Transaction { interval: instant(1), inputs: vec![deposit] };
    let paid_in = compute_transaction(&transaction, &priced(), &Arc::new(escrow())).expect("small").expect("it fits");
    let accounts: Vec<_> = paid_in.state.accounts.iter().map(|(key, amount)| account(key, amount)).collect();
    assert_eq!(accounts, ["“Seller”: 70 “CNY”"]);
    let late = Transaction { interval: instant(1_664_816_400_001), inputs: Vec::new() };
    let paid = compute_transaction(&late, &paid_in.state, &paid_in.contract).expect("small").expect("it is due");
    let told: Vec<_> = paid.payments.iter().map(|paid| payment(paid, Language::English)).collect();
    let expected = [
        "10 “CNY” from “Seller” to the account of “Buyer”",
        "10 “CNY” from “Buyer” to “Buyer”",
        "60 “CNY” from “Seller” to “Seller”",
    ];
    assert_eq!(told, expected);

    let (value_id, had_value, is_now_assigned) = (ValueId("x".to_owned()), 1.into(), 2.into());
    let shadowing = TransactionWarning::Shadowing { value_id, had_value, is_now_assigned };
    assert_eq!(warning(&shadowing, Language::English), "“x” was 1 and is now 2");
    assert_eq!(warning(&TransactionWarning::AssertionFailed, Language::Chinese), "断言不成立");
}
