//! Who and what a contract names, and whether it reads the time of its steps.

use std::collections::BTreeSet;

use ledger_agreement::{Action, ChoiceId, Contract, JsonForm, Observation, Party, Payee, Token, Value, ValueId};

/// Everything that a contract names.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) parties: BTreeSet<Party>,
    pub(super) tokens: BTreeSet<Token>,
    /// Parties that hold something, or pay or are paid: no feed can.
    pub(super) holders: BTreeSet<Party>,
    pub(super) choices: BTreeSet<ChoiceId>,
    pub(super) values: BTreeSet<ValueId>,
    /// Whether a value is where the interval of a step begins or ends.
    pub(super) reads_interval: bool,
}

impl Names {
    /// Of a contract.
    pub(super) fn of(contract: &Contract) -> Self {
        let mut names = Self::default();
        names.contract(contract);
        names
    }

    /// At most so many bytes are in the text of what the contract comes to remember: every account, choice and value, each with
    /// a number of 256 bits.
    pub(super) fn remembered_bytes(&self) -> usize {
        /// Digits and sign of a number, brackets and commas around it and its key.
        const NUMBER: usize = 88;
        let of = |texts: Vec<String>| {
            texts.iter().map(|text| text.len().saturating_add(NUMBER)).fold(0, usize::saturating_add)
        };
        let pairs =
            self.holders.iter().flat_map(|holder| self.tokens.iter().map(move |token| (holder.clone(), token.clone())));
        [
            of(pairs.map(|pair| pair.to_text()).collect()),
            of(self.choices.iter().map(JsonForm::to_text).collect()),
            of(self.values.iter().map(JsonForm::to_text).collect()),
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }

    fn contract(&mut self, contract: &Contract) {
        match contract {
            Contract::Close => {}
            Contract::Pay { from_account, to, token, pay, then } => {
                self.holder(from_account);
                let (Payee::Account(payee) | Payee::Party(payee)) = to;
                self.holder(payee);
                self.tokens.insert(token.clone());
                self.value(pay);
                self.contract(then);
            }
            Contract::If { observation, then, otherwise } => {
                self.observation(observation);
                self.contract(then);
                self.contract(otherwise);
            }
            Contract::When { cases, timeout_continuation, .. } => {
                for case in cases {
                    self.action(&case.action);
                    self.contract(&case.then);
                }
                self.contract(timeout_continuation);
            }
            Contract::Let { value_id, be, then } => {
                self.values.insert(value_id.clone());
                self.value(be);
                self.contract(then);
            }
            Contract::Assert { observation, then } => {
                self.observation(observation);
                self.contract(then);
            }
        }
    }

    fn action(&mut self, action: &Action) {
        match action {
            Action::Deposit { into_account, party, of_token, deposits } => {
                self.holder(into_account);
                self.holder(party);
                self.tokens.insert(of_token.clone());
                self.value(deposits);
            }
            Action::Choice { for_choice, .. } => self.choice(for_choice),
            Action::Notify { notify_if } => self.observation(notify_if),
        }
    }

    fn holder(&mut self, party: &Party) {
        self.parties.insert(party.clone());
        self.holders.insert(party.clone());
    }

    fn choice(&mut self, choice: &ChoiceId) {
        self.parties.insert(choice.choice_owner.clone());
        self.choices.insert(choice.clone());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::AvailableMoney(party, token) => {
                self.holder(party);
                self.tokens.insert(token.clone());
            }
            Value::Constant(_) | Value::UseValue(_) => {}
            Value::NegValue(value) => self.value(value),
            Value::AddValue(left, right)
            | Value::SubValue(left, right)
            | Value::MulValue(left, right)
            | Value::DivValue(left, right) => {
                self.value(left);
                self.value(right);
            }
            Value::ChoiceValue(choice) => self.choice(choice),
            Value::TimeIntervalStart | Value::TimeIntervalEnd => self.reads_interval = true,
            Value::Cond(observation, then, otherwise) => {
                self.observation(observation);
                self.value(then);
                self.value(otherwise);
            }
        }
    }

    fn observation(&mut self, observation: &Observation) {
        match observation {
            Observation::AndObs(left, right) | Observation::OrObs(left, right) => {
                self.observation(left);
                self.observation(right);
            }
            Observation::NotObs(observation) => self.observation(observation),
            Observation::ChoseSomething(choice) => self.choice(choice),
            Observation::ValueGE(left, right)
            | Observation::ValueGT(left, right)
            | Observation::ValueLT(left, right)
            | Observation::ValueLE(left, right)
            | Observation::ValueEQ(left, right) => {
                self.value(left);
                self.value(right);
            }
            Observation::TrueObs | Observation::FalseObs => {}
        }
    }
}
