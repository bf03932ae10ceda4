//! What a step does, in the words of the ledger: who pays in what, who is paid what, what stays.

use std::collections::BTreeMap;

use ledger_agreement::{
    BigInt, Contract, EvaluationError, Input, IntervalError, Payee, Payment, State as Remembered, TimeInterval, Token,
    Transaction, TransactionError, TransactionSuccess, compute_transaction,
};

use crate::amount::Amount;
use crate::contract::agreement::{Actor, Agreement, AgreementError, What};
use crate::error::rule;
use crate::id::{Address, FeedId};
use crate::transaction::TimeWindow;

/// What a step moves of one token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flow {
    /// Paid in, by depositor.
    pub(super) deposits: BTreeMap<Address, Amount>,
    /// Paid out, by payee.
    pub(super) payouts: BTreeMap<Address, Amount>,
    /// What all accounts hold after it.
    pub(super) kept: Amount,
}

/// What a step comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The agreement after it; none = it has ended.
    pub(super) after: Option<Agreement>,
    /// What moves into it or out of it.
    pub(super) flows: BTreeMap<What, Flow>,
    /// Parties that have done something, with what they are in it.
    pub(super) acting: BTreeMap<Address, &'static str>,
    /// Prices that it takes.
    pub(super) facts: Vec<(FeedId, Amount)>,
}

impl Agreement {
    /// The deadline that the agreement waits for, milliseconds UTC; none past what time can be.
    pub fn deadline_ms(&self) -> Option<u64> {
        match &*self.contract {
            Contract::When { timeout, .. } => u64::try_from(timeout).ok(),
            _ => None,
        }
    }

    /// What these inputs make of it within a time window.
    pub(super) fn outcome(&self, inputs: &[Input], window: TimeWindow) -> Result<Outcome, AgreementError> {
        self.facts_stand_alone(inputs, window)?;
        let TransactionSuccess { payments, state, contract, .. } = self.played(inputs, window)?;
        let mut flows: BTreeMap<What, Flow> = BTreeMap::new();
        let (mut acting, mut facts) = (BTreeMap::new(), Vec::new());
        for input in inputs {
            match input {
                Input::Deposit { input_from_party, of_token, that_deposits, .. } => {
                    let depositor = self.binding.address(input_from_party)?;
                    acting.insert(depositor, "depositor");
                    let (what, amount) = self.quantity(of_token, that_deposits)?;
                    if !amount.is_zero() {
                        add(flows.entry(what).or_default().deposits.entry(depositor).or_default(), amount)?;
                    }
                }
                Input::Choice { for_choice_id, input_that_chooses_num } => {
                    match self.binding.who(&for_choice_id.choice_owner)? {
                        Actor::Party(party) => drop(acting.entry(party).or_insert("choosing party")),
                        Actor::Feed(feed) => facts.push((feed, amount_of(input_that_chooses_num)?)),
                    }
                }
                Input::Notify => {}
            }
        }
        for Payment { to, token, amount, .. } in &payments {
            let Payee::Party(payee) = to else { continue };
            let (what, amount) = self.quantity(token, amount)?;
            // An empty account pays nothing, which moves nothing.
            if !amount.is_zero() {
                add(flows.entry(what).or_default().payouts.entry(self.binding.address(payee)?).or_default(), amount)?;
            }
        }
        for (what, flow) in &mut flows {
            flow.kept = self.kept(&state, what)?;
        }
        let has_ended = matches!(*contract, Contract::Close);
        let step = self.step.saturating_add(1);
        let after = (!has_ended).then(|| Self { contract, state, step, ..self.clone() });
        Ok(Outcome { after, flows, acting, facts })
    }

    /// A price is taken alone and in time: beside something else, or past the deadline, whoever sends the step would choose
    /// which price a part of it takes.
    fn facts_stand_alone(&self, inputs: &[Input], window: TimeWindow) -> Result<(), AgreementError> {
        for input in inputs {
            let Input::Choice { for_choice_id, .. } = input else { continue };
            if let Actor::Feed(feed) = self.binding.who(&for_choice_id.choice_owner)? {
                rule(inputs.len() == 1, || AgreementError::FactBeside { feed })?;
                let is_in_time = self.deadline_ms().is_none_or(|deadline_ms| window.until_ms <= deadline_ms);
                rule(is_in_time, || AgreementError::FactAfterDeadline { feed })?;
            }
        }
        Ok(())
    }

    /// What the language says of it.
    fn played(&self, inputs: &[Input], window: TimeWindow) -> Result<TransactionSuccess, AgreementError> {
        #[cfg(test)]
        super::tests::cost::counted();
        let (from, to) = (BigInt::from(window.from_ms), BigInt::from(window.until_ms.saturating_sub(1)));
        let transaction = Transaction { interval: TimeInterval { from, to }, inputs: inputs.to_vec() };
        let computed = compute_transaction(&transaction, &self.state, &self.contract);
        let computed =
            computed.map_err(|EvaluationError::ValueTooLarge { bits }| AgreementError::ValueTooLarge { bits })?;
        computed.map_err(|error| match error {
            TransactionError::AmbiguousTimeInterval => {
                let deadline = self.deadline_ms().map(|deadline| deadline.to_string()).unwrap_or_default();
                AgreementError::DeadlineWithinWindow { deadline }
            }
            TransactionError::ApplyNoMatch => AgreementError::NoMatch { agreement: self.agreement },
            TransactionError::UselessTransaction => AgreementError::Useless,
            TransactionError::Interval(IntervalError::IntervalInPast { .. } | IntervalError::InvalidInterval(_)) => {
                AgreementError::WindowPast { since: self.state.min_time.to_string() }
            }
        })
    }

    /// A quantity of a token as the ledger has it; nothing where it is not over zero.
    fn quantity(&self, token: &Token, amount: &BigInt) -> Result<(What, Amount), AgreementError> {
        let what = self.binding.what(token)?;
        let in_parts = || AgreementError::TitleInParts { amount: shown(amount) };
        let is_whole = *amount <= BigInt::ZERO || *amount == BigInt::from(1);
        rule(is_whole || matches!(what, What::Asset(_)), in_parts)?;
        Ok((what, if *amount <= BigInt::ZERO { Amount::ZERO } else { amount_of(amount)? }))
    }

    /// What all accounts hold of an asset or a title.
    fn kept(&self, state: &Remembered, what: &What) -> Result<Amount, AgreementError> {
        let mut kept = Amount::ZERO;
        for ((_, token), amount) in state.accounts.iter() {
            if self.binding.what(token)? == *what {
                add(&mut kept, amount_of(amount)?)?;
            }
        }
        Ok(kept)
    }

    /// What all accounts hold now, by asset and title.
    ///
    /// # Errors
    /// More than an amount can be, or a token that is nothing: no agreement on a ledger has either.
    pub fn holds(&self) -> Result<BTreeMap<What, Amount>, AgreementError> {
        let mut held: BTreeMap<What, Amount> = BTreeMap::new();
        for ((_, token), amount) in self.state.accounts.iter() {
            add(held.entry(self.binding.what(token)?).or_default(), amount_of(amount)?)?;
        }
        Ok(held)
    }
}

fn add(to: &mut Amount, amount: Amount) -> Result<(), AgreementError> {
    *to = to.checked_add(amount)?;
    Ok(())
}

fn amount_of(amount: &BigInt) -> Result<Amount, AgreementError> {
    let minor = u64::try_from(amount).ok().and_then(|minor| Amount::from_minor(minor).ok());
    minor.ok_or_else(|| AgreementError::AmountTooLarge { amount: shown(amount) })
}

/// A number as a message shows it: its first digits.
fn shown(amount: &BigInt) -> String {
    let digits = amount.to_string();
    match digits.get(..32) {
        Some(first) if digits.len() > 32 => format!("{first}…"),
        _ => digits,
    }
}
