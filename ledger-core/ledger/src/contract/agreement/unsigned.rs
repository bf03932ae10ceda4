//! Steps that nobody signs, because a deadline or a published price allows them: every node that sees the agreement builds the
//! same bytes.

use hmac::{Hmac, Mac};
use ledger_agreement::{Action, BigInt, Case, Contract as Language, Input};
use sha2::Sha256;

use crate::contract::agreement::build::{self, beside};
use crate::contract::agreement::outcome::Outcome;
use crate::contract::agreement::step::{Asked, facts};
use crate::contract::agreement::{AGREEMENT, Actor, Agreement, AgreementError, NAME, STEP, What, read_agreement};
use crate::contract::price::{PricePoint, read_price};
use crate::contract::title::{self, read_title};
use crate::contract::token;
use crate::date::Date;
use crate::error::rule;
use crate::id::{Address, BlockHash, ChainId, CommandId, FeedId};
use crate::state::State;
use crate::transaction::{Anchor, LedgerTransaction, ResolvedState, TimeWindow, Transaction, TransactionFrame};

/// Windows that are tried one after another: 800 years of them.
const WINDOWS_MAX: usize = 10_000;

/// What allows a step without a signature.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The contract's deadline has passed.
    Deadline,
    /// A price has been published that the contract waits for.
    Price(ResolvedState),
}

/// When an unsigned step is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Now, as this transaction; its claims not yet filled in.
    Now(Box<Transaction>),
    /// From this time on, milliseconds UTC.
    At(u64),
    /// Never any more: the price came too late, or there is no deadline.
    Never,
}

/// What an unsigned step is built from.
#[derive(Clone, Debug)]
pub struct UnsignedStep {
    /// The agreement's present state.
    pub agreement: ResolvedState,
    /// The unspent tokens and titles of its own address.
    pub own: Vec<ResolvedState>,
    /// What allows it.
    pub cause: Cause,
}

/// What an agreement waits for that needs nobody's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Its deadline, milliseconds UTC.
    pub deadline_ms: Option<u64>,
    /// Prices count that are later than this, milliseconds UTC.
    pub since_ms: u64,
    /// Feeds whose first price since then it may take.
    pub feeds: Vec<FeedId>,
}

/// What an agreement's state waits for that needs nobody's signature; none of another state.
pub fn awaited(state: &State) -> Option<Awaited> {
    state.is(NAME, AGREEMENT).then(|| read_agreement(state).ok()).flatten()?.awaited()
}

impl Agreement {
    /// What it waits for that needs nobody's signature; none where it waits for nothing.
    pub(super) fn awaited(&self) -> Option<Awaited> {
        let Language::When { cases, .. } = &*self.contract else { return None };
        let feed = |case: &Case| match &case.action {
            Action::Choice { for_choice, .. } => match self.binding.who(&for_choice.choice_owner) {
                Ok(Actor::Feed(feed)) => Some(feed),
                _ => None,
            },
            _ => None,
        };
        let since_ms = u64::try_from(&self.state.min_time).ok()?;
        Some(Awaited { deadline_ms: self.deadline_ms(), since_ms, feeds: cases.iter().filter_map(feed).collect() })
    }
}

/// What an unsigned step does, and in which window.
enum Doing {
    Now(Vec<Input>, TimeWindow),
    At(u64),
    Never,
}

impl UnsignedStep {
    /// The transaction, for a block of the time `now_ms`, milliseconds UTC.
    ///
    /// # Errors
    /// A state is no agreement or no price, or the contract waits for no such price.
    pub fn transaction(&self, chain: &ChainId, now_ms: u64) -> Result<Due, AgreementError> {
        let agreement = read_agreement(&self.agreement.state)?;
        Ok(match self.doing(&agreement, now_ms)? {
            Doing::Now(inputs, window) => {
                let outcome = agreement.outcome(&inputs, window)?;
                Due::Now(Box::new(self.built(chain, &agreement, (&inputs, window), &outcome)?))
            }
            Doing::At(first_ms) => Due::At(first_ms),
            Doing::Never => Due::Never,
        })
    }

    fn doing(&self, agreement: &Agreement, now_ms: u64) -> Result<Doing, AgreementError> {
        let (inputs, first_ms) = match &self.cause {
            Cause::Deadline => (Vec::new(), agreement.deadline_ms()),
            Cause::Price(price) => {
                let price = read_price(&price.state).map_err(|_| AgreementError::SomebodyMustSign)?;
                let input = taking(agreement, price.feed, price.point)?;
                (vec![input], Some(price.point.time_ms))
            }
        };
        let Some(first_ms) = first_ms else { return Ok(Doing::Never) };
        if first_ms > now_ms {
            return Ok(Doing::At(first_ms));
        }
        let window = window(agreement, first_ms, now_ms, inputs.is_empty())?;
        Ok(window.map_or(Doing::Never, |window| Doing::Now(inputs, window)))
    }

    /// The transaction of what it does, with what comes of that.
    fn built(
        &self,
        chain: &ChainId,
        agreement: &Agreement,
        (inputs, window): (&[Input], TimeWindow),
        outcome: &Outcome,
    ) -> Result<Transaction, AgreementError> {
        let text = step_text(agreement);
        let beside = beside(outcome).into_iter().map(|(contract, name)| format!("{contract}/{name}"));
        let steps: Vec<String> = std::iter::once(text.clone()).chain(beside).collect();
        let frame = TransactionFrame {
            chain: *chain,
            salt: salt(agreement, &text),
            submitter: Address::NOBODY,
            command_id: CommandId::derive(chain, &Address::NOBODY, &steps.join("\n")),
            time_window: window,
            effective_on: Date::of_ms(window.from_ms)?,
            anchor: Anchor { height: 0, block: BlockHash::from_bytes(*chain.as_bytes()) },
        };
        let moving = self.moving(outcome)?;
        let builder = build::played((frame, agreement.agreement), &self.agreement, &moving, (inputs, outcome))?;
        Ok(match &self.cause {
            Cause::Price(price) => builder.past(price.reference).build(),
            Cause::Deadline => builder.build(),
        })
    }

    /// Those of the agreement's own states that move, in the order of what they are.
    fn moving(&self, outcome: &Outcome) -> Result<Vec<&ResolvedState>, AgreementError> {
        let mut moving = Vec::new();
        for own in &self.own {
            let what = if own.state.is(title::NAME, title::TITLE) {
                What::Title(read_title(&own.state)?.title)
            } else {
                What::Asset(token::holding(&own.state)?.asset)
            };
            if outcome.flows.contains_key(&what) {
                moving.push((what, own));
            }
        }
        moving.sort_by_key(|(what, own)| (*what, own.reference));
        Ok(moving.into_iter().map(|(_, own)| own).collect())
    }
}

/// The step that nobody signs, once for ever; and that the transaction is what every node builds of it.
pub(super) fn is_nobodys_choice(transaction: &LedgerTransaction, asked: &Asked<'_>) -> Result<String, AgreementError> {
    let cause = match asked.inputs.as_slice() {
        [] => Cause::Deadline,
        [Input::Choice { .. }] if facts(asked)?.len() == 1 => {
            let price = transaction.references.first().ok_or(AgreementError::UnsignedDiffers)?;
            Cause::Price(price.clone())
        }
        _ => return Err(AgreementError::SomebodyMustSign),
    };
    let own = transaction.inputs.iter().filter(|input| input.reference != asked.consumed.reference).cloned().collect();
    let step = UnsignedStep { agreement: asked.consumed.clone(), own, cause };
    let (given, agreement) = (&transaction.transaction, &asked.agreement);
    let doing = match step.doing(agreement, given.time_window.from_ms)? {
        Doing::Now(inputs, window) => (inputs, window),
        Doing::At(_) | Doing::Never => return Err(AgreementError::UnsignedDiffers),
    };
    // So what comes of it is what was played.
    let is_done = doing.0 == asked.inputs && doing.1 == given.time_window;
    rule(is_done, || AgreementError::UnsignedDiffers)?;
    let built = step.built(&given.chain, agreement, (&asked.inputs, given.time_window), asked.outcome()?)?;
    let built = Transaction { claims: given.claims.clone(), ..built };
    rule(built == *given, || AgreementError::UnsignedDiffers)?;
    Ok(step_text(agreement))
}

fn step_text(agreement: &Agreement) -> String {
    format!("{NAME}/{STEP} {} {}", agreement.agreement, agreement.step)
}

/// Nobody outside the agreement can guess what its steps' components are.
fn salt(agreement: &Agreement, step: &str) -> [u8; 32] {
    // HMAC takes keys of any length, so the fallback is never reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&agreement.salt) else { return [0; 32] };
    mac.update(step.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The choice by which the contract takes a price: that of its first case for the feed that the value fits.
fn taking(agreement: &Agreement, feed: FeedId, point: PricePoint) -> Result<Input, AgreementError> {
    let Language::When { cases, .. } = &*agreement.contract else { return Err(AgreementError::SomebodyMustSign) };
    let value = BigInt::from(point.value.minor());
    for case in cases {
        let Action::Choice { for_choice, choose_between } = &case.action else { continue };
        let is_of_feed = agreement.binding.who(&for_choice.choice_owner)? == Actor::Feed(feed);
        if is_of_feed && choose_between.iter().any(|bound| bound.holds(&value)) {
            return Ok(Input::Choice { for_choice_id: for_choice.clone(), input_that_chooses_num: value });
        }
    }
    Err(AgreementError::SomebodyMustSign)
}

/// What a deadline allows begins where it would begin without anybody, so that no sender passes over what was published since.
pub(super) fn begins_where_it_is_due(agreement: &Agreement, given: TimeWindow) -> Result<(), AgreementError> {
    let Some(first_ms) = agreement.deadline_ms().filter(|first_ms| *first_ms <= given.from_ms) else {
        return Err(AgreementError::Useless);
    };
    match window(agreement, first_ms, given.from_ms, true)? {
        Some(TimeWindow { from_ms, .. }) => {
            rule(from_ms == given.from_ms, || AgreementError::DeadlineBegin { from_ms })
        }
        None => Err(AgreementError::Useless),
    }
}

/// The window of a step that is due from `first_ms`, around `now_ms`: windows follow each other, each to the next deadline and 30
/// days at most. None once a deadline has gone by that takes something else's place.
fn window(
    agreement: &Agreement,
    first_ms: u64,
    now_ms: u64,
    is_deadline: bool,
) -> Result<Option<TimeWindow>, AgreementError> {
    let mut from_ms = first_ms;
    let mut next_ms = if is_deadline { deadline_after(agreement, from_ms)? } else { agreement.deadline_ms() };
    for _ in 0..WINDOWS_MAX {
        let longest_ms = from_ms.saturating_add(TimeWindow::LONGEST_MS);
        let until_ms = next_ms.map_or(longest_ms, |next_ms| longest_ms.min(next_ms));
        if now_ms < until_ms {
            return Ok(Some(TimeWindow { from_ms, until_ms }));
        }
        if Some(until_ms) == next_ms {
            if !is_deadline {
                return Ok(None);
            }
            next_ms = deadline_after(agreement, until_ms)?;
        }
        from_ms = until_ms;
    }
    Ok(None)
}

/// The deadline that the agreement waits for once those up to `from_ms` have passed without anybody.
fn deadline_after(agreement: &Agreement, from_ms: u64) -> Result<Option<u64>, AgreementError> {
    let instant = TimeWindow { from_ms, until_ms: from_ms.saturating_add(1) };
    Ok(agreement.outcome(&[], instant)?.after.and_then(|after| after.deadline_ms()))
}
