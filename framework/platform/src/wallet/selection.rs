//! Which of a payer's tokens pay an amount. A pure function: the same holdings give the same choice.

use hive_chain::HeldState;
use ledger_core::{Amount, AmountError, StateRef};
use thiserror::Error;

/// Small inputs that a payment takes along beyond what it needs, so dust merges itself.
pub const MERGED_MAX: usize = 16;
/// Inputs of one payment.
pub const INPUTS_MAX: usize = 200;
/// A holding is small when it is at most this part of the payment.
const SMALL_PART: u64 = 100;

/// Why no choice of tokens pays the amount.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SelectionError {
    /// An amount of nothing.
    #[error("the amount is zero; pay at least one smallest unit")]
    Zero,
    /// The free tokens are not enough.
    #[error("{} smallest units are needed and {} are free; {} are short", needed.minor(), free.minor(), needed.minor().saturating_sub(free.minor()))]
    Insufficient {
        /// What is to be paid.
        needed: Amount,
        /// What is free: unlocked and not reserved by an open proposal.
        free: Amount,
    },
    /// The free tokens are enough, but in too many pieces.
    #[error("the amount needs more than {INPUTS_MAX} tokens; pay a part first, which merges small ones")]
    TooManyPieces,
    /// The holdings add up past the bound of amounts.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

ledger_core::codes!(SelectionError {
    Zero => "WALLET_AMOUNT_ZERO",
    Insufficient => "WALLET_INSUFFICIENT",
    TooManyPieces => "WALLET_TOO_MANY_PIECES",
} inner { Amount });

/// What pays an amount. Invariant: the inputs add up to the amount and the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Consumed tokens, the needed ones first.
    pub inputs: Vec<StateRef>,
    /// What comes back to the payer; zero = no change output.
    pub change: Amount,
}

/// Chooses among free holdings of one asset: the smallest single one that is enough, else the largest first; then up to
/// sixteen small ones more. Small ones only, so that the rest of the wallet stays free for other payments.
pub fn select(free: &[HeldState], amount: Amount) -> Result<Selection, SelectionError> {
    if amount.is_zero() {
        return Err(SelectionError::Zero);
    }
    let available = Amount::sum(free.iter().map(|held| held.amount))?;
    if available < amount {
        return Err(SelectionError::Insufficient { needed: amount, free: available });
    }
    let mut ordered: Vec<&HeldState> = free.iter().collect();
    ordered.sort_by_key(|held| (held.amount, held.reference));
    let needed = needed(&ordered, amount);
    if needed.len() > INPUTS_MAX {
        return Err(SelectionError::TooManyPieces);
    }

    let is_small = |held: &HeldState| held.amount.minor() <= amount.minor() / SMALL_PART;
    let room = MERGED_MAX.min(INPUTS_MAX.saturating_sub(needed.len()));
    let small = ordered.into_iter().filter(|held| is_small(held) && !needed.contains(held));
    let merged: Vec<&HeldState> = small.take(room).collect();
    let inputs: Vec<&HeldState> = needed.into_iter().chain(merged).collect();
    let change = Amount::sum(inputs.iter().map(|held| held.amount))?.checked_sub(amount)?;
    Ok(Selection { inputs: inputs.into_iter().map(|held| held.reference).collect(), change })
}

/// The holdings, ascending, of which enough are taken.
fn needed<'h>(ascending: &[&'h HeldState], amount: Amount) -> Vec<&'h HeldState> {
    if let Some(single) = ascending.iter().find(|held| held.amount >= amount) {
        return vec![single];
    }
    let mut taken = Vec::new();
    let mut total = 0u64;
    for held in ascending.iter().rev() {
        if total >= amount.minor() {
            break;
        }
        total = total.saturating_add(held.amount.minor());
        taken.push(*held);
    }
    taken
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ledger_core::{AssetId, Coded, TransactionId};
    use proptest::prelude::*;

    use super::*;

    fn amount(minor: u64) -> Amount {
        Amount::from_minor(minor).unwrap()
    }

    fn held(amounts: &[u64]) -> Vec<HeldState> {
        let state = |(index, minor): (u32, &u64)| HeldState {
            reference: StateRef { transaction: TransactionId::from_bytes([1; 32]), index },
            asset: AssetId::from_bytes([2; 32]),
            amount: amount(*minor),
            locked: false,
        };
        (0..).zip(amounts).map(state).collect()
    }

    fn check(amounts: &[u64], pay: u64, expected: Result<(&[u32], u64), &str>) {
        let chosen = select(&held(amounts), amount(pay));
        let shown = chosen
            .as_ref()
            .map(|chosen| (chosen.inputs.iter().map(|input| input.index).collect::<Vec<_>>(), chosen.change.minor()));
        assert_eq!(shown.map_err(Coded::code), expected.map(|(inputs, change)| (inputs.to_vec(), change)));
    }

    #[test]
    fn smallest_single_token_that_is_enough_pays() {
        check(&[500, 100, 200], 150, Ok((&[2], 50)));
        check(&[500, 100, 200], 500, Ok((&[0], 0)));
    }

    #[test]
    fn largest_pay_first_when_no_single_one_is_enough() {
        check(&[60, 50, 40], 100, Ok((&[0, 1], 10)));
        check(&[60, 50, 40], 150, Ok((&[0, 1, 2], 0)));
    }

    #[test]
    fn small_ones_are_taken_along_and_others_stay_free() {
        check(&[10_000, 7, 9_000, 100, 101], 10_000, Ok((&[0, 1, 3], 107)));
        let mut dust = vec![10_000];
        dust.extend([1; 40]);
        let chosen = select(&held(&dust), amount(10_000)).unwrap();
        assert_eq!((chosen.inputs.len(), chosen.change.minor()), (1 + MERGED_MAX, 16));
    }

    #[test]
    fn what_cannot_be_paid_is_refused() {
        check(&[60, 40], 0, Err("WALLET_AMOUNT_ZERO"));
        check(&[60, 40], 101, Err("WALLET_INSUFFICIENT"));
        check(&[], 1, Err("WALLET_INSUFFICIENT"));
        check(&[1; 300], 250, Err("WALLET_TOO_MANY_PIECES"));
        check(&[Amount::MAX_MINOR, 1], 1, Err("AMOUNT_OVERFLOW"));
    }

    proptest! {
        #[test]
        fn inputs_equal_amount_and_change(
            amounts in prop::collection::vec(1u64..1_000_000, 1..120),
            pay in 1u64..20_000_000,
        ) {
            let holdings = held(&amounts);
            match select(&holdings, amount(pay)) {
                Ok(chosen) => {
                    let unique: BTreeSet<_> = chosen.inputs.iter().collect();
                    prop_assert_eq!(unique.len(), chosen.inputs.len());
                    prop_assert!(chosen.inputs.len() <= INPUTS_MAX);
                    let of = |input: &StateRef| holdings.iter().find(|held| held.reference == *input).unwrap().amount.minor();
                    let total: u64 = chosen.inputs.iter().map(of).sum();
                    prop_assert_eq!(total, pay + chosen.change.minor());
                }
                Err(error) => {
                    prop_assert_eq!(error.code(), "WALLET_INSUFFICIENT");
                    prop_assert!(amounts.iter().sum::<u64>() < pay);
                }
            }
        }

        #[test]
        fn order_of_holdings_does_not_matter(mut amounts in prop::collection::vec(1u64..1_000, 1..40), pay in 1u64..5_000) {
            let forward = select(&held(&amounts), amount(pay)).map(|chosen| chosen.change);
            amounts.reverse();
            prop_assert_eq!(forward, select(&held(&amounts), amount(pay)).map(|chosen| chosen.change));
        }
    }
}
