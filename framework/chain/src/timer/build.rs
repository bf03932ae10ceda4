//! The transactions of steps that nobody need sign, from what a chain has in memory.

use std::sync::Arc;

use ledger_core::contract::agreement::{AgreementError, Cause as Allowed, Due, UnsignedStep};
use ledger_core::contract::netting_round::{self, Book, NettingRound, Phase, book};
use ledger_core::contract::obligation::{Obligation, read_obligation};
use ledger_core::{ContractSet, ResolvedState, RoundId, StateRef};

use crate::hosted::HostedChain;
use crate::waiting::{Cause, DueStep, Sought};

/// The step's transaction, if it is due; or why it cannot be built.
pub(super) fn built(chain: &HostedChain, step: DueStep, now_ms: u64, contracts: &ContractSet) -> Result<Due, String> {
    // Time in blocks goes on from the last one, whatever the clock says.
    let now_ms = now_ms.max(chain.ledger().time_ms().saturating_add(1));
    let refused = |error: netting_round::NettingRoundError| error.to_string();
    match step.cause {
        Cause::Check(id) => {
            let Some((state, round, book)) = chain.waiting().rounds().round(&id) else { return Ok(Due::Never) };
            let check = book.check(chain.id, (state, &round)).map_err(refused)?;
            Ok(Due::Now(Box::new(check)))
        }
        Cause::Leave(id, first) => leaves(chain, &id, first, now_ms),
        Cause::Price(price) => {
            of_agreement(chain, (step.state, Some(price)), now_ms, contracts).map_err(|error| error.to_string())
        }
        Cause::Deadline => {
            let unspent = chain.ledger().unspent(&step.state).map(|unspent| Arc::clone(&unspent.state));
            match unspent.filter(|state| state.is(netting_round::NAME, netting_round::ROUND)) {
                Some(state) => {
                    let round = netting_round::read_round(&state).map_err(refused)?;
                    let void = book::void_unsigned(chain.id, (step.state, &round), now_ms).map_err(refused)?;
                    Ok(Due::Now(Box::new(void)))
                }
                None => of_agreement(chain, (step.state, None), now_ms, contracts).map_err(|error| error.to_string()),
            }
        }
    }
}

/// Obligations take what a committed round leaves of them, or are freed by a voided one.
fn leaves(chain: &HostedChain, id: &RoundId, first: u32, now_ms: u64) -> Result<Due, String> {
    let (standing, states) = {
        let waiting = chain.waiting();
        (waiting.rounds().round(id), waiting.rounds().held(id, first))
    };
    let Some((state, round, book)) = standing else { return Ok(Due::Never) };
    let held: Vec<(StateRef, Obligation)> = {
        let ledger = chain.ledger();
        let read = |state: &StateRef| Some((*state, read_obligation(&ledger.unspent(state)?.state).ok()?));
        states.iter().filter_map(read).collect()
    };
    if held.is_empty() {
        return Ok(Due::Never);
    }
    let held: Vec<_> = held.iter().map(|(state, obligation)| (*state, obligation)).collect();
    let left = match round.phase {
        Phase::Committed { .. } => book.apply(chain.id, (state, &round), &held, now_ms),
        _ => book::release(chain.id, (state, &round), &held, now_ms),
    };
    left.map(|left| Due::Now(Box::new(left))).map_err(|error| error.to_string())
}

/// An agreement passes its deadline, or takes a price.
fn of_agreement(
    chain: &HostedChain,
    (state, price): (StateRef, Option<StateRef>),
    now_ms: u64,
    contracts: &ContractSet,
) -> Result<Due, AgreementError> {
    let resolved = |reference: &StateRef| {
        let state = chain.unspent(reference, contracts)?;
        Some(ResolvedState { reference: *reference, state, claims: Vec::new() })
    };
    let Some(agreement) = resolved(&state) else { return Ok(Due::Never) };
    let held = chain.holdings().held(&agreement.state.owner, None);
    let own = held.iter().filter_map(|held| resolved(&held.reference)).collect();
    let cause = match price.map(|price| resolved(&price)) {
        Some(Some(price)) => Allowed::Price(price),
        Some(None) => return Ok(Due::Never),
        None => Allowed::Deadline,
    };
    match (UnsignedStep { agreement, own, cause }.transaction(&chain.id, now_ms), price) {
        // The contract takes no price of this value.
        (Err(AgreementError::SomebodyMustSign), Some(_)) => Ok(Due::Never),
        (built, _) => built,
    }
}

/// The book with the rows of the result that a round is checked for; else why its rows cannot be shown.
pub(super) fn cleared(Sought { round, book }: &Sought) -> Result<Arc<Book>, String> {
    let NettingRound { phase: Phase::Checking(checking), algorithm, .. } = round else {
        return Err("the round is not being checked".to_owned());
    };
    let book = Book::clone(book).clear().map_err(|error| error.to_string())?;
    if book.is_of(checking) {
        return Ok(Arc::new(book));
    }
    Err(format!("the result is not that of {algorithm}"))
}
