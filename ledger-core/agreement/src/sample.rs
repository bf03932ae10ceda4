//! Contracts, states and traces that look random and are the same for the same seed: what conformance asks for, and what
//! property tests, the comparison with another implementation, the benchmark and fuzzing begin with.

mod trace;

use std::sync::Arc;

use num_bigint::BigInt;

use crate::association::AssociationList;
use crate::contract::{Action, Case, Contract};
use crate::party::{Bound, ChoiceId, Party, Payee, Token, ValueId};
use crate::state::{Environment, State, TimeInterval};
use crate::value::{Observation, Value};

/// Letters of an address after its prefix.
const LETTERS: [char; 32] = [
    'q', 'p', 'z', 'r', 'y', '9', 'x', '8', 'g', 'f', '2', 't', 'v', 'd', 'w', '0', 's', '3', 'j', 'n', '5', '4', 'k',
    'h', 'c', 'e', '6', 'm', 'u', 'a', '7', 'l',
];
const ROLES: [&str; 7] = ["Buyer", "Seller", "Mediator", "Oracle", "仓储方", "～", "𠮷"];
const TOKENS: [(&str, &str); 4] = [("", ""), ("", "CNY"), ("85bb65", "dollar"), ("85bb65", "Grain～")];
const NAMES: [&str; 6] = ["price", "quality", "Price", "x", "～", "𠮷"];
/// Times lie closely, so that deadlines meet intervals.
const TIMES: u64 = 60;

/// A source of samples.
#[derive(Clone, Debug)]
pub struct Sample(u64);

impl Sample {
    /// The samples of a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// An integer below `bound`, zero for a bound of zero (SplitMix64).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or_default()
    }

    /// True in `part` of a hundred.
    fn percent(&mut self, part: u64) -> bool {
        self.below(100) < part
    }

    fn pick<T: Clone>(&mut self, among: &[T]) -> Option<T> {
        let place = self.below(u64::try_from(among.len()).unwrap_or(u64::MAX));
        usize::try_from(place).ok().and_then(|place| among.get(place)).cloned()
    }

    pub(crate) fn word(&mut self, among: &[&str]) -> String {
        self.pick(among).unwrap_or_default().to_owned()
    }

    /// An address that has the shape of the ledger's.
    pub fn address(&mut self) -> Party {
        let letters: String = (0..38).filter_map(|_| self.pick(&LETTERS)).collect();
        Party::Address(format!("hc1{letters}"))
    }

    /// One of few parties, so that the same come again.
    pub fn party(&mut self) -> Party {
        if self.percent(70) {
            return Party::Role(self.word(&ROLES));
        }
        let seed = self.below(3);
        Self::seeded(seed).address()
    }

    /// One of few tokens.
    pub fn token(&mut self) -> Token {
        let (currency_symbol, token_name) = self.pick(&TOKENS).unwrap_or_default();
        Token { currency_symbol: currency_symbol.to_owned(), token_name: token_name.to_owned() }
    }

    fn choice_id(&mut self) -> ChoiceId {
        ChoiceId { choice_name: self.word(&NAMES), choice_owner: self.party() }
    }

    fn value_id(&mut self) -> ValueId {
        ValueId(self.word(&NAMES))
    }

    /// Mostly small, some negative, some past 64 bits.
    pub fn integer(&mut self) -> BigInt {
        let small = BigInt::from(self.below(20));
        match self.below(20) {
            0 => BigInt::ZERO,
            1 | 2 => -small,
            3 => BigInt::from(self.below(u64::MAX)) * BigInt::from(self.below(u64::MAX)),
            4 => BigInt::from(self.below(1_000_000_000)),
            _ => small,
        }
    }

    fn time(&mut self) -> BigInt {
        BigInt::from(self.below(TIMES))
    }

    /// A value with operations up to `depth` in each other.
    pub fn value(&mut self, depth: u32) -> Value {
        let Some(below) = depth.checked_sub(1) else { return self.plain_value() };
        match self.below(10) {
            0 => Value::NegValue(Box::new(self.value(below))),
            1 => Value::AddValue(Box::new(self.value(below)), Box::new(self.value(below))),
            2 => Value::SubValue(Box::new(self.value(below)), Box::new(self.value(below))),
            3 => Value::MulValue(Box::new(self.value(below)), Box::new(self.value(below))),
            4 => Value::DivValue(Box::new(self.value(below)), Box::new(self.value(below))),
            5 => {
                let observation = Box::new(self.observation(below));
                Value::Cond(observation, Box::new(self.value(below)), Box::new(self.value(below)))
            }
            _ => self.plain_value(),
        }
    }

    fn plain_value(&mut self) -> Value {
        match self.below(12) {
            0 => Value::AvailableMoney(self.party(), self.token()),
            1 => Value::ChoiceValue(self.choice_id()),
            2 => Value::UseValue(self.value_id()),
            3 => Value::TimeIntervalStart,
            4 => Value::TimeIntervalEnd,
            _ => Value::Constant(self.integer()),
        }
    }

    /// An observation with operations up to `depth` in each other.
    pub fn observation(&mut self, depth: u32) -> Observation {
        let Some(below) = depth.checked_sub(1) else {
            return match self.below(3) {
                0 => Observation::ChoseSomething(self.choice_id()),
                1 => Observation::TrueObs,
                _ => Observation::FalseObs,
            };
        };
        match self.below(10) {
            0 => Observation::AndObs(Box::new(self.observation(below)), Box::new(self.observation(below))),
            1 => Observation::OrObs(Box::new(self.observation(below)), Box::new(self.observation(below))),
            2 => Observation::NotObs(Box::new(self.observation(below))),
            3 => Observation::ChoseSomething(self.choice_id()),
            4 => Observation::ValueGE(Box::new(self.value(below)), Box::new(self.value(below))),
            5 => Observation::ValueGT(Box::new(self.value(below)), Box::new(self.value(below))),
            6 => Observation::ValueLT(Box::new(self.value(below)), Box::new(self.value(below))),
            7 => Observation::ValueLE(Box::new(self.value(below)), Box::new(self.value(below))),
            8 => Observation::ValueEQ(Box::new(self.value(below)), Box::new(self.value(below))),
            _ => Observation::TrueObs,
        }
    }

    fn payee(&mut self) -> Payee {
        if self.percent(50) { Payee::Account(self.party()) } else { Payee::Party(self.party()) }
    }

    /// A contract with statements up to `depth` in each other.
    pub fn contract(&mut self, depth: u32) -> Contract {
        self.contract_after(depth, &BigInt::ZERO)
    }

    /// A contract whose deadlines mostly lie after another one.
    fn contract_after(&mut self, depth: u32, deadline: &BigInt) -> Contract {
        let Some(below) = depth.checked_sub(1) else { return Contract::Close };
        match self.below(16) {
            0 | 1 => Contract::Pay {
                from_account: self.party(),
                to: self.payee(),
                token: self.token(),
                pay: self.value(2),
                then: Arc::new(self.contract_after(below, deadline)),
            },
            2 => Contract::If {
                observation: self.observation(2),
                then: Arc::new(self.contract_after(below, deadline)),
                otherwise: Arc::new(self.contract_after(below, deadline)),
            },
            3 => {
                let (value_id, be) = (self.value_id(), self.value(2));
                Contract::Let { value_id, be, then: Arc::new(self.contract_after(below, deadline)) }
            }
            4 => Contract::Assert {
                observation: self.observation(2),
                then: Arc::new(self.contract_after(below, deadline)),
            },
            5 => Contract::Close,
            _ => {
                let late = deadline + BigInt::from(self.below(TIMES / 2));
                let timeout = if self.percent(90) { late } else { self.time() };
                let cases = (0..self.below(4)).map(|_| self.case(below, &timeout)).collect();
                let timeout_continuation = Arc::new(self.contract_after(below, &timeout));
                Contract::When { cases, timeout, timeout_continuation }
            }
        }
    }

    fn case(&mut self, depth: u32, deadline: &BigInt) -> Case {
        let action = match self.below(10) {
            0..6 => Action::Deposit {
                into_account: self.party(),
                party: self.party(),
                of_token: self.token(),
                deposits: self.value(1),
            },
            6..9 => {
                let choose_between = (0..self.below(3)).map(|_| self.bound()).collect();
                Action::Choice { for_choice: self.choice_id(), choose_between }
            }
            _ => Action::Notify { notify_if: self.observation(2) },
        };
        Case { action, then: Arc::new(self.contract_after(depth, deadline)) }
    }

    fn bound(&mut self) -> Bound {
        let from = self.integer();
        let to = &from + BigInt::from(self.below(20));
        Bound { from, to }
    }

    /// A state in the specification's form.
    pub fn state(&mut self) -> State {
        let mut state = State::empty(BigInt::from(self.below(TIMES / 6)));
        for _ in 0..self.below(4) {
            let (key, amount) = ((self.party(), self.token()), BigInt::from(self.below(50).saturating_add(1)));
            state.accounts.insert(key, amount);
        }
        state.choices = self.entries(Self::choice_id);
        state.bound_values = self.entries(Self::value_id);
        state
    }

    fn entries<K: Ord>(&mut self, key: fn(&mut Self) -> K) -> AssociationList<K> {
        let mut entries = AssociationList::new();
        for _ in 0..self.below(4) {
            let (key, integer) = (key(self), self.integer());
            entries.insert(key, integer);
        }
        entries
    }

    /// What a contract sees of its surroundings.
    pub fn environment(&mut self) -> Environment {
        let from = self.time();
        let to = &from + self.time();
        Environment { time_interval: TimeInterval { from, to } }
    }
}
