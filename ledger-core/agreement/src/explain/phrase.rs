//! Statements, actions and expressions in words.

use num_bigint::BigInt;

use super::{Language, time};
use crate::contract::{Action, Contract};
use crate::party::{Bound, Party, Payee, Token};
use crate::value::{Observation, Value};

/// The words of a language.
#[derive(Clone, Copy)]
pub(super) struct Phrases(Language);

impl Phrases {
    pub(super) fn of(language: Language) -> Self {
        Self(language)
    }

    pub(super) fn either<T>(self, english: T, chinese: T) -> T {
        match self.0 {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    /// The first words of a contract.
    pub(super) fn statement(self, contract: &Contract) -> String {
        match contract {
            Contract::Close => self
                .either("Close: every account is paid out to its party.", "结束：各账户余额退还其所有人。")
                .to_owned(),
            Contract::Pay { from_account, to, token, pay, .. } => {
                let (from, to, amount) = (party(from_account), self.payee(to), self.amount(pay, token));
                self.either(
                    format!("Pay {amount} from the account of {from} to {to}."),
                    format!("从{from}的账户向{to}支付{amount}。"),
                )
            }
            Contract::If { observation, .. } => {
                let condition = self.observation(observation);
                self.either(format!("If {condition}:"), format!("如果{condition}："))
            }
            Contract::When { cases, timeout, .. } => {
                let until = time(timeout);
                match cases.is_empty() {
                    true => self.either(format!("Wait until {until}."), format!("等待至{until}。")),
                    false => {
                        self.either(format!("One of these, before {until}:"), format!("在{until}之前，下列之一："))
                    }
                }
            }
            Contract::Let { value_id, be, .. } => {
                let (name, value) = (quoted(&value_id.0), self.value(be));
                self.either(format!("Remember {value} as {name}."), format!("将{value}记为{name}。"))
            }
            Contract::Assert { observation, .. } => {
                let condition = self.observation(observation);
                self.either(format!("It should hold that {condition}."), format!("应当满足：{condition}。"))
            }
        }
    }

    pub(super) fn otherwise(self) -> &'static str {
        self.either("Otherwise:", "否则：")
    }

    pub(super) fn once_past(self, timeout: &BigInt) -> String {
        let from = time(timeout);
        self.either(format!("From {from}:"), format!("自{from}起："))
    }

    /// What somebody can do.
    pub(super) fn action(self, action: &Action) -> String {
        match action {
            Action::Deposit { into_account, party: from, of_token, deposits } => {
                let (from, into) = (party(from), party(into_account));
                let amount = self.amount(deposits, of_token);
                self.either(
                    format!("{from} deposits {amount} into the account of {into}:"),
                    format!("{from}向{into}的账户存入{amount}："),
                )
            }
            Action::Choice { for_choice, choose_between } => {
                let (who, what) = (party(&for_choice.choice_owner), quoted(&for_choice.choice_name));
                let bounds = self.bounds(choose_between);
                self.either(format!("{who} chooses {what} from {bounds}:"), format!("{who}就{what}在{bounds}中选择："))
            }
            Action::Notify { notify_if } => {
                let condition = self.observation(notify_if);
                self.either(format!("anybody notifies that {condition}:"), format!("任何人通知：{condition}："))
            }
        }
    }

    fn bounds(self, bounds: &[Bound]) -> String {
        let one = |bound: &Bound| match bound.from == bound.to {
            true => bound.from.to_string(),
            false => format!("{}–{}", bound.from, bound.to),
        };
        match bounds {
            [] => self.either("nothing", "空集").to_owned(),
            bounds => bounds.iter().map(one).collect::<Vec<_>>().join(self.either(", ", "、")),
        }
    }

    pub(super) fn payee(self, payee: &Payee) -> String {
        match payee {
            Payee::Party(to) => party(to),
            Payee::Account(of) => {
                let of = party(of);
                self.either(format!("the account of {of}"), format!("{of}的账户"))
            }
        }
    }

    pub(super) fn amount(self, value: &Value, of: &Token) -> String {
        format!("{} {}", self.value(value), token(of))
    }

    fn value(self, value: &Value) -> String {
        let two =
            |left: &Value, sign: &str, right: &Value| format!("({} {sign} {})", self.value(left), self.value(right));
        match value {
            Value::AvailableMoney(account, of) => {
                let (account, of) = (party(account), token(of));
                self.either(
                    format!("what the account of {account} holds of {of}"),
                    format!("{account}账户中的{of}余额"),
                )
            }
            Value::Constant(integer) => integer.to_string(),
            Value::NegValue(value) => format!("−{}", self.value(value)),
            Value::AddValue(left, right) => two(left, "+", right),
            Value::SubValue(left, right) => two(left, "−", right),
            Value::MulValue(left, right) => two(left, "×", right),
            Value::DivValue(left, right) => two(left, "÷", right),
            Value::ChoiceValue(choice) => {
                let (who, what) = (party(&choice.choice_owner), quoted(&choice.choice_name));
                self.either(format!("what {who} chose for {what}"), format!("{who}就{what}的选择"))
            }
            Value::TimeIntervalStart => self.either("the earliest time", "最早时间").to_owned(),
            Value::TimeIntervalEnd => self.either("the latest time", "最晚时间").to_owned(),
            Value::UseValue(name) => quoted(&name.0),
            Value::Cond(observation, then, otherwise) => {
                let (condition, then, otherwise) =
                    (self.observation(observation), self.value(then), self.value(otherwise));
                self.either(
                    format!("({then} if {condition}, else {otherwise})"),
                    format!("（若{condition}则{then}，否则{otherwise}）"),
                )
            }
        }
    }

    fn observation(self, observation: &Observation) -> String {
        let two =
            |left: &Value, sign: &str, right: &Value| format!("{} {sign} {}", self.value(left), self.value(right));
        match observation {
            Observation::AndObs(left, right) => {
                format!("({} {} {})", self.observation(left), self.either("and", "且"), self.observation(right))
            }
            Observation::OrObs(left, right) => {
                format!("({} {} {})", self.observation(left), self.either("or", "或"), self.observation(right))
            }
            Observation::NotObs(observation) => {
                let condition = self.observation(observation);
                self.either(format!("not ({condition})"), format!("非（{condition}）"))
            }
            Observation::ChoseSomething(choice) => {
                let (who, what) = (party(&choice.choice_owner), quoted(&choice.choice_name));
                self.either(format!("{who} has chosen {what}"), format!("{who}已就{what}作出选择"))
            }
            Observation::ValueGE(left, right) => two(left, "≥", right),
            Observation::ValueGT(left, right) => two(left, ">", right),
            Observation::ValueLT(left, right) => two(left, "<", right),
            Observation::ValueLE(left, right) => two(left, "≤", right),
            Observation::ValueEQ(left, right) => two(left, "=", right),
            Observation::TrueObs => self.either("always", "恒真").to_owned(),
            Observation::FalseObs => self.either("never", "恒假").to_owned(),
        }
    }
}

/// A name from outside in quotes, so that none passes for words of ours; what would break a line is escaped.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", name.escape_debug())
}

pub(super) fn party(party: &Party) -> String {
    match party {
        Party::Address(address) => quoted(address),
        Party::Role(role) => quoted(role),
    }
}

pub(super) fn token(token: &Token) -> String {
    match (token.currency_symbol.is_empty(), token.token_name.is_empty()) {
        (true, true) => quoted(""),
        (true, false) => quoted(&token.token_name),
        (false, true) => quoted(&token.currency_symbol),
        (false, false) => quoted(&format!("{}.{}", token.currency_symbol, token.token_name)),
    }
}
