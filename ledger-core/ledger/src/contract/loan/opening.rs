//! What a new loan must be: terms that a ledger can carry out day by day, disbursed on the day it is opened.

use chrono::NaiveTime;
use ledger_finance::actus::{ContractRole, ContractType, Event, EventType, FixedVariable, IncreaseDecrease, Terms};
use ledger_finance::calendar::BusinessDayConvention;

use crate::contract::debt;
use crate::contract::loan::bound::bound;
use crate::contract::loan::course::{Course, day_of};
use crate::contract::loan::posting::exact;
use crate::contract::loan::rules::takes_effect_on;
use crate::contract::loan::{LOAN, Loan, LoanError, Parts, loan_state, read_loan, reset};
use crate::contract::token::{self, TokenDefinition};
use crate::encoding::Wire;
use crate::error::rule;
use crate::id::ObligationId;
use crate::transaction::LedgerTransaction;

pub(super) fn opens_one_sound_loan(transaction: &LedgerTransaction) -> Result<(), LoanError> {
    let state = debt::sole_new::<Loan>(transaction, LOAN).ok_or(LoanError::OpenStates)?;
    let (loan, frame) = (read_loan(state)?, &transaction.transaction);
    let number = || loan.number.clone();
    let follows = loan.loan == ObligationId::of_loan(&frame.chain, &frame.command_id);
    rule(follows, || LoanError::IdDiffers { number: number() })?;
    rule(loan.lender != loan.borrower, || LoanError::LenderIsBorrower { number: number() })?;
    rule(loan.originator == loan.lender, || LoanError::OriginatorDiffers { number: number() })?;
    rule(!loan.number.is_empty(), || LoanError::NumberMissing)?;
    let is_attached = frame.attachments.contains(&loan.document);
    rule(is_attached, || LoanError::DocumentNotAttached { number: number() })?;
    let effective = takes_effect_on(transaction)?;
    let terms = loan.read_terms()?;
    is_of_the_asset(transaction, &loan, &terms)?;
    is_a_loan_that_is_carried_out(&loan, &terms)?;
    let exchange = terms.initial_exchange_date.map(day_of).transpose()?;
    let is_today = exchange == Some(effective);
    rule(is_today, || LoanError::ExchangeOnOtherDay { number: number(), effective })?;
    nothing_flows_back(&loan, &terms)?;
    loan.disbursed_by(&terms)?;
    let is_bound = loan.purpose == bound(transaction, &loan)?;
    rule(is_bound, || LoanError::PurposeDiffers { number: number() })?;

    let new = Loan { rates: Vec::new(), prepayments: Vec::new(), paid: Parts::default(), ..loan.clone() };
    rate_follows_a_feed(transaction, &new, &terms)?;
    let course = Course::by(terms, &new)?;
    can_be_carried_out(&new, &course.events)?;
    // One of which nothing ever falls due would stand for ever.
    rule(!new.is_over(&course)?, || LoanError::NothingOwed { number: number() })?;
    rule(loan == new.carried_out_by(&course, effective)?, || LoanError::NewDiffers { number: number() })?;
    rule(*state == loan_state(&loan), || LoanError::FrameDiffers { number: number() })
}

/// The asset's definition is read here: its unit is the currency of the terms, and its scale is what amounts are rounded to.
fn is_of_the_asset(transaction: &LedgerTransaction, loan: &Loan, terms: &Terms) -> Result<(), LoanError> {
    let number = || loan.number.clone();
    let mut definitions = Vec::new();
    for read in transaction.current_references_of(token::NAME, token::DEFINITION) {
        definitions.push(TokenDefinition::from_wire(read.state.message()?)?);
    }
    let definition = definitions.into_iter().find(|definition| definition.asset == loan.asset);
    let definition = definition.ok_or_else(|| LoanError::DefinitionNotRead { number: number() })?;
    let scale = definition.scale.places();
    rule(definition.scale == loan.scale, || LoanError::ScaleDiffers { number: number(), scale })?;
    let is_its_unit = terms.currency.as_ref() == Some(&definition.unit);
    rule(is_its_unit, || LoanError::CurrencyDiffers { number: number(), unit: definition.unit })
}

/// Call money and undefined maturity profiles live by events that nobody can foresee, covered contracts by others' defaults.
fn is_a_loan_that_is_carried_out(loan: &Loan, terms: &Terms) -> Result<(), LoanError> {
    use ContractType::{Ann, Lam, Lax, Nam, Pam};
    let is_loan = matches!(terms.contract_type, Some(Pam | Lam | Nam | Ann | Lax));
    rule(is_loan, || LoanError::TypeNotCarriedOut { number: loan.number.clone() })?;
    let is_lenders = terms.contract_role == Some(ContractRole::RealPositionAsset);
    rule(is_lenders, || LoanError::RoleDiffers { number: loan.number.clone() })
}

/// No term lets anything flow to the borrower after the exchange, whatever is paid early and however rates are reset: what is
/// netted with interest today would flow once there is less of that.
fn nothing_flows_back(loan: &Loan, terms: &Terms) -> Result<(), LoanError> {
    let fixed = terms.array_rate.iter().flatten().zip(terms.array_fixed_variable.iter().flatten());
    let fixed = fixed.filter(|(_, meaning)| **meaning == FixedVariable::Fixed).map(|(rate, _)| ("arrayRate", *rate));
    let of_terms = [
        ("nominalInterestRate", terms.nominal_interest_rate),
        ("nextResetRate", terms.next_reset_rate),
        ("accruedInterest", terms.accrued_interest),
        ("feeRate", terms.fee_rate),
        ("feeAccrued", terms.fee_accrued),
    ];
    let mut all = of_terms.into_iter().filter_map(|(name, number)| number.map(|number| (name, number))).chain(fixed);
    if let Some((name, _)) = all.find(|(_, number)| number.is_sign_negative() && !number.is_zero()) {
        return Err(LoanError::TermNegative { number: loan.number.clone(), name });
    }
    let anchors = terms.array_cycle_anchor_date_of_principal_redemption.iter().flatten();
    let mut parts = anchors.zip(terms.array_increase_decrease.iter().flatten());
    match parts.find(|(_, way)| **way == IncreaseDecrease::Increase) {
        Some((anchor, _)) => Err(LoanError::PaysOutLater { number: loan.number.clone(), on: day_of(*anchor)? }),
        None => Ok(()),
    }
}

/// It begins with the exchange, each event is of a day, and on no later day does more flow to the borrower than from it.
fn can_be_carried_out(loan: &Loan, events: &[Event]) -> Result<(), LoanError> {
    let number = || loan.number.clone();
    if let Some(event) = events.iter().find(|event| event.time.time() != NaiveTime::MIN) {
        return Err(LoanError::TimeOfDay { number: number(), time: event.time });
    }
    let begins = events.first().is_some_and(|event| event.kind == EventType::InitialExchange);
    rule(begins, || LoanError::BeforeExchange { number: number() })?;
    for day in events.chunk_by(|one, other| one.time == other.time) {
        let mut net = 0_i128;
        for event in day.iter().filter(|event| event.kind != EventType::InitialExchange) {
            net = net.saturating_add(exact(event)?);
        }
        if let Some(event) = day.first().filter(|_| net < 0) {
            return Err(LoanError::PaysOutLater { number: number(), on: day_of(event.time)? });
        }
    }
    Ok(())
}

/// A rate that is reset follows a feed of this ledger in per cent, on the days of its cycle, between a floor and a cap; and at
/// that cap throughout, the loan can be carried out too, so that no price ever stops it.
fn rate_follows_a_feed(transaction: &LedgerTransaction, loan: &Loan, terms: &Terms) -> Result<(), LoanError> {
    let number = || loan.number.clone();
    let resets = loan.resets_of(terms)?.len();
    if resets == 0 {
        return Ok(());
    }
    rule(resets <= Loan::RATES_MAX, || LoanError::TooManyResets { number: number(), resets })?;
    let has_floor = terms.life_floor.is_some_and(|floor| !floor.is_sign_negative());
    rule(has_floor, || LoanError::FloorMissing { number: number() })?;
    let has_cap = terms.life_cap.is_some_and(|cap| terms.life_floor <= Some(cap));
    rule(has_cap, || LoanError::CapMissing { number: number() })?;
    let stays = terms.business_day_convention.is_none_or(|convention| convention == BusinessDayConvention::NoShift);
    rule(stays, || LoanError::ResetMoved { number: number() })?;
    reset::feed_quotes_a_rate(transaction, loan, terms)?;
    let dearest = Terms { life_floor: terms.life_cap, ..terms.clone() };
    can_be_carried_out(loan, &loan.schedule_of(&dearest)?)
}
