//! What has happened and what can happen next, in words.

use num_bigint::BigInt;

use super::phrase::{Phrases, party, quoted, token};
use super::{Language, time};
use crate::contract::Action;
use crate::next::{Act, Next};
use crate::party::{Party, Token};
use crate::transaction::{Input, Payment, TransactionWarning};
use crate::value::{Observation, Value};

/// What can happen next, by whom and until when, as lines.
pub fn next(next: &Next, language: Language) -> String {
    let phrases = Phrases::of(language);
    let Some(deadline) = &next.deadline else {
        return phrases.either("Nothing: the agreement has ended.", "协议已结束，不再有后续步骤。").to_owned();
    };
    let until = time(deadline);
    let mut lines = vec![match next.steps.is_empty() {
        true => phrases.either(format!("Nothing before {until}."), format!("{until}之前无可执行的步骤。")),
        false => phrases.either(format!("One of these, before {until}:"), format!("在{until}之前，下列之一：")),
    }];
    lines.extend(next.steps.iter().map(|step| format!("- {}", act(phrases, &step.act))));
    let by_itself = phrases.either(" it goes on without anybody", "协议自动继续");
    lines.push(format!("- {}{by_itself}", phrases.once_past(deadline)));
    lines.join("\n")
}

/// As the contract says it, with the amounts of now.
fn act(phrases: Phrases, act: &Act) -> String {
    let action = match act.clone() {
        Act::Deposit { party, into_account, token, amount } => {
            Action::Deposit { into_account, party, of_token: token, deposits: Value::Constant(amount) }
        }
        Act::Choose { choice, bounds } => Action::Choice { for_choice: choice, choose_between: bounds },
        Act::Notify => Action::Notify { notify_if: Observation::TrueObs },
    };
    match act {
        Act::Notify => phrases.either("anybody notifies", "任何人通知").to_owned(),
        _ => phrases.action(&action).trim_end_matches([':', '：']).to_owned(),
    }
}

/// What somebody did; nothing, where a deadline has come.
pub fn input(input: Option<&Input>, language: Language) -> String {
    let phrases = Phrases::of(language);
    match input {
        None => phrases.either("the deadline has come", "期限届满").to_owned(),
        Some(Input::Notify) => phrases.either("somebody notifies", "有人通知").to_owned(),
        Some(Input::Deposit { into_account, input_from_party, of_token, that_deposits }) => {
            let amount = phrases.amount(&Value::Constant(that_deposits.clone()), of_token);
            let (from, into) = (party(input_from_party), party(into_account));
            phrases.either(
                format!("{from} deposits {amount} into the account of {into}"),
                format!("{from}向{into}的账户存入{amount}"),
            )
        }
        Some(Input::Choice { for_choice_id, input_that_chooses_num: number }) => {
            let (who, what) = (party(&for_choice_id.choice_owner), quoted(&for_choice_id.choice_name));
            phrases.either(format!("{who} chooses {number} for {what}"), format!("{who}就{what}选择{number}"))
        }
    }
}

/// Who is paid what, and from whose account.
pub fn payment(payment: &Payment, language: Language) -> String {
    let phrases = Phrases::of(language);
    let amount = phrases.amount(&Value::Constant(payment.amount.clone()), &payment.token);
    let (from, to) = (party(&payment.payment_from), phrases.payee(&payment.to));
    phrases.either(format!("{amount} from {from} to {to}"), format!("{from}向{to}支付{amount}"))
}

/// What an account holds.
pub fn account((owner, of): &(Party, Token), amount: &BigInt) -> String {
    format!("{}: {amount} {}", party(owner), token(of))
}

/// What happened and was hardly meant.
pub fn warning(warning: &TransactionWarning, language: Language) -> String {
    let phrases = Phrases::of(language);
    match warning {
        TransactionWarning::NonPositiveDeposit { party: who, asked_to_deposit, .. } => phrases.either(
            format!("{} was to deposit {asked_to_deposit}, which is nothing", party(who)),
            format!("应由{}存入{asked_to_deposit}，即无须存入", party(who)),
        ),
        TransactionWarning::NonPositivePay { to_payee, asked_to_pay, .. } => {
            let to = phrases.payee(to_payee);
            phrases.either(
                format!("{to} was to be paid {asked_to_pay}, which is nothing"),
                format!("应向{to}支付{asked_to_pay}，即无须支付"),
            )
        }
        TransactionWarning::PartialPay { to_payee, asked_to_pay, but_only_paid, .. } => {
            let to = phrases.payee(to_payee);
            phrases.either(
                format!("{to} was to be paid {asked_to_pay}, the account held {but_only_paid}"),
                format!("应向{to}支付{asked_to_pay}，账户仅有{but_only_paid}"),
            )
        }
        TransactionWarning::Shadowing { value_id, had_value, is_now_assigned } => {
            let name = quoted(&value_id.0);
            phrases.either(
                format!("{name} was {had_value} and is now {is_now_assigned}"),
                format!("{name}由{had_value}改为{is_now_assigned}"),
            )
        }
        TransactionWarning::AssertionFailed => phrases.either("an assertion does not hold", "断言不成立").to_owned(),
    }
}
