//! A step on the ledger: its outputs follow from the contract, what was done, and what is consumed.

use std::collections::BTreeMap;

use ledger_agreement::Input;

use crate::amount::Amount;
use crate::condition::Condition;
use crate::contract::agreement::outcome::{Flow, Outcome};
use crate::contract::agreement::{
    AGREEMENT, Agreement, AgreementError, Awaited, NAME, STEP, What, agreement_state, read_agreement, read_text,
    unsigned,
};
use crate::contract::price::{self, PricePoint, read_price};
use crate::contract::title::{self, read_title};
use crate::contract::{Signer, token};
use crate::encoding::at_most;
use crate::error::rule;
use crate::id::{Address, AgreementId, AssetId, FeedId, TitleId};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, ResolvedState};
use crate::wire;

/// Inputs of one step.
pub const INPUTS_MAX: usize = 16;
/// Bytes of one input.
const INPUT_BYTES_MAX: usize = 4_096;

/// The agreement that the transaction steps, what was done, and what comes of it: read and played once for all rules.
pub(super) struct Asked<'t> {
    transaction: &'t LedgerTransaction,
    pub(super) consumed: &'t ResolvedState,
    pub(super) agreement: Agreement,
    pub(super) inputs: Vec<Input>,
    outcome: Result<Outcome, AgreementError>,
}

/// Reads what a step is of, and plays it.
pub(super) fn asked<'t>(transaction: &'t LedgerTransaction, command: &Command) -> Result<Asked<'t>, AgreementError> {
    let wire::AgreementStep { agreement, inputs } = command.message()?;
    let named = AgreementId::try_from(agreement.as_slice())?;
    at_most(&inputs, INPUTS_MAX, "step.inputs")?;
    let read = |text: &String| read_text(text, INPUT_BYTES_MAX, "step.inputs");
    let inputs = inputs.iter().map(read).collect::<Result<Vec<Input>, _>>()?;
    let consumed: Vec<_> = transaction.inputs_of(NAME, AGREEMENT).collect();
    let [consumed] = consumed.as_slice() else { return Err(AgreementError::NotNamed) };
    let agreement = read_agreement(&consumed.state)?;
    rule(agreement.agreement == named, || AgreementError::NotNamed)?;
    let outcome = agreement.outcome(&inputs, transaction.transaction.time_window);
    Ok(Asked { transaction, consumed, agreement, inputs, outcome })
}

impl Asked<'_> {
    pub(super) fn outcome(&self) -> Result<&Outcome, AgreementError> {
        self.outcome.as_ref().map_err(AgreementError::clone)
    }
}

/// Who pays in or chooses, and the custodians of titles that are paid in. Why nothing comes of a step only a party learns.
pub(super) fn signers(asked: &Asked<'_>) -> Result<Vec<Signer>, AgreementError> {
    let transaction = asked.transaction;
    let parties = &asked.consumed.state.participants;
    let acting = match asked.outcome() {
        Ok(outcome) => &outcome.acting,
        Err(_) if !parties.contains(&transaction.transaction.submitter) => {
            return Ok(parties.iter().map(|party| Signer { party: *party, role: "party" }).collect());
        }
        Err(error) => return Err(error),
    };
    let mut signers: Vec<_> = acting.iter().map(|(party, role)| Signer { party: *party, role }).collect();
    let own = asked.consumed.state.owner;
    for title in transaction.inputs_of(title::NAME, title::TITLE).filter(|title| title.state.owner != own) {
        signers.push(Signer { party: read_title(&title.state)?.custodian, role: "custodian" });
    }
    Ok(signers)
}

/// The transaction makes exactly what the step makes, and takes a price only as it was published.
pub(super) fn follows_from_the_contract(asked: &Asked<'_>) -> Result<(), AgreementError> {
    let transaction = asked.transaction;
    let allowed = [(NAME, STEP), (title::NAME, title::CARRY), (token::NAME, token::TRANSFER)];
    for Command { contract, name, .. } in &transaction.transaction.commands {
        let is_allowed = allowed.contains(&(contract.name(), name.as_str()));
        rule(is_allowed, || AgreementError::CommandBeside { contract: contract.clone() })?;
    }
    let outcome = asked.outcome()?;
    if asked.inputs.is_empty() {
        unsigned::begins_where_it_is_due(&asked.agreement, transaction.transaction.time_window)?;
    }
    let consumed: Vec<_> = transaction.inputs.iter().map(|input| input.state.as_ref()).collect();
    let outputs = outputs(&asked.consumed.state, outcome, &consumed)?;
    rule(outputs == transaction.transaction.outputs, || AgreementError::OutputsDiffer)
}

/// What a step makes, given the agreement's state before it and all that is consumed.
pub(super) fn outputs(before: &State, outcome: &Outcome, consumed: &[&State]) -> Result<Vec<State>, AgreementError> {
    only_what_moves_is_consumed(before, outcome, consumed)?;
    let after = |agreement: &Agreement| agreement_state(agreement, before.participants.iter().copied());
    let mut outputs: Vec<_> = outcome.after.iter().map(after).collect();
    for (what, flow) in &outcome.flows {
        match what {
            What::Asset(asset) => outputs.extend(holdings(before.owner, *asset, flow, consumed)?),
            What::Title(title) => outputs.push(titled(before, *title, flow, consumed)?),
        }
    }
    Ok(outputs)
}

/// Besides the agreement, holdings and titles of what moves: the agreement's own, and those of whoever pays them in.
fn only_what_moves_is_consumed(before: &State, outcome: &Outcome, consumed: &[&State]) -> Result<(), AgreementError> {
    for state in consumed.iter().filter(|state| !state.is(NAME, AGREEMENT)) {
        let unasked = || AgreementError::InputUnasked { owner: state.owner };
        let what = what_is(state)?.ok_or_else(unasked)?;
        let flow = outcome.flows.get(&what).ok_or_else(unasked)?;
        rule(state.owner == before.owner || flow.deposits.contains_key(&state.owner), unasked)?;
    }
    Ok(())
}

/// What a free holding or a title is of; nothing of anything else.
fn what_is(state: &State) -> Result<Option<What>, AgreementError> {
    Ok(if state.is(token::NAME, token::HOLDING) {
        let held = token::holding(state)?;
        held.purpose.is_none().then_some(What::Asset(held.asset))
    } else if state.is(title::NAME, title::TITLE) {
        Some(What::Title(read_title(state)?.title))
    } else {
        None
    })
}

/// What stays, what is paid out, what depositors have left; that all is conserved the contract token sees to.
fn holdings(own: Address, asset: AssetId, flow: &Flow, consumed: &[&State]) -> Result<Vec<State>, AgreementError> {
    let mut left: BTreeMap<Address, Amount> = BTreeMap::new();
    for state in consumed.iter().filter(|state| state.is(token::NAME, token::HOLDING) && state.owner != own) {
        let held = token::holding(state)?;
        if held.asset == asset {
            let entry = left.entry(state.owner).or_default();
            *entry = entry.checked_add(held.amount)?;
        }
    }
    for (depositor, asked) in &flow.deposits {
        let consumed = left.get(depositor).copied().unwrap_or_default();
        let (asked_minor, consumed_minor) = (asked.minor(), consumed.minor());
        let short =
            AgreementError::DepositShort { depositor: *depositor, asked: asked_minor, consumed: consumed_minor };
        left.insert(*depositor, consumed.checked_sub(*asked).map_err(|_| short)?);
    }
    let each = std::iter::once((own, flow.kept))
        .chain(flow.payouts.iter().map(|(payee, amount)| (*payee, *amount)))
        .chain(left);
    let of = |(owner, amount): (Address, Amount)| token::holding_state(asset, owner, amount);
    Ok(each.filter(|(_, amount)| !amount.is_zero()).map(of).collect())
}

/// The title with its next holder.
fn titled(agreement: &State, named: TitleId, flow: &Flow, consumed: &[&State]) -> Result<State, AgreementError> {
    let own = agreement.owner;
    let is_once =
        |parties: &BTreeMap<Address, Amount>| parties.len() <= 1 && parties.values().all(|amount| amount.minor() == 1);
    let goes_on = !flow.payouts.is_empty() && !flow.kept.is_zero();
    rule(is_once(&flow.deposits) && is_once(&flow.payouts) && !goes_on, || AgreementError::TitleTwice)?;
    let one_of = |parties: &BTreeMap<Address, Amount>| parties.keys().next().copied().unwrap_or(own);
    let (before, holder) = (one_of(&flow.deposits), one_of(&flow.payouts));
    for state in consumed.iter().filter(|state| state.is(title::NAME, title::TITLE)) {
        let title = read_title(state)?;
        if title.title == named && state.owner == before {
            let is_in = before != own && agreement.participants.contains(&title.custodian);
            rule(!is_in, || AgreementError::CustodianIsParty)?;
            return Ok(title::moved(state, holder, Vec::new())?);
        }
    }
    Err(AgreementError::TitleNotConsumed)
}

/// Each price that the step takes, as it was published: with its value, and when.
pub(super) fn facts(asked: &Asked<'_>) -> Result<Vec<(FeedId, PricePoint)>, AgreementError> {
    let mut taken = Vec::new();
    for &(feed, value) in &asked.outcome()?.facts {
        let mut found = None;
        for referred in
            asked.transaction.references.iter().filter(|referred| referred.state.is(price::NAME, price::PRICE))
        {
            let Ok(price) = read_price(&referred.state) else { continue };
            if price.feed == feed && price.point.value == value {
                found = Some(price.point);
            }
        }
        taken.push((feed, found.ok_or(AgreementError::FactNotReferred { feed })?));
    }
    Ok(taken)
}

/// Of a feed's prices since the agreement's present state the first is taken: nobody picks one. So a state that a party's step
/// makes begins after every price so far; one that nobody signs begins at its deadline or its price.
pub(super) fn prices_are_as_they_come(asked: &Asked<'_>) -> Result<Vec<Condition>, AgreementError> {
    let mut conditions = facts_are_first(asked)?;
    let after = asked.outcome()?.after.as_ref();
    conditions.extend(after.into_iter().flat_map(|after| begins_after_prices(asked.transaction, after)));
    Ok(conditions)
}

/// Whoever makes an agreement's state by a signed transaction chooses no price by when it begins.
pub(super) fn begins_after_prices(transaction: &LedgerTransaction, agreement: &Agreement) -> Vec<Condition> {
    let frame = &transaction.transaction;
    let awaited = agreement.awaited().filter(|_| frame.submitter != Address::NOBODY);
    let until_ms = frame.time_window.until_ms.saturating_sub(1);
    let is_latest = |Awaited { since_ms, feeds, .. }: Awaited| {
        let of_feed = move |feed| Condition::PriceIsLatest { feed, time_ms: since_ms, until_ms };
        feeds.into_iter().map(of_feed)
    };
    awaited.into_iter().flat_map(is_latest).collect()
}

fn facts_are_first(asked: &Asked<'_>) -> Result<Vec<Condition>, AgreementError> {
    let since_ms = u64::try_from(&asked.agreement.state.min_time).unwrap_or(u64::MAX);
    let from_ms = asked.transaction.transaction.time_window.from_ms;
    let mut conditions = Vec::new();
    for (feed, PricePoint { time_ms, .. }) in facts(asked)? {
        let is_between = since_ms < time_ms && time_ms <= from_ms;
        rule(is_between, || AgreementError::FactOfOtherTime { time_ms })?;
        conditions.push(Condition::PriceIsFirst { feed, after_ms: since_ms, time_ms });
    }
    Ok(conditions)
}
