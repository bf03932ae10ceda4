//! What moves between owners and purposes in a transaction, and what may.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::contract::Holding;
use crate::contract::purpose::PurposeError;
use crate::contract::token::{self, read_holding};
use crate::id::{Address, AssetId, PurposeId};
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// Where value stands: whose it is, of which asset, bound to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) owner: Address,
    pub(super) asset: AssetId,
    pub(super) purpose: Option<PurposeId>,
}

/// One movement; none = freshly issued.
pub(super) struct Movement {
    pub(super) from: Option<Place>,
    pub(super) to: Place,
    pub(super) amount: Amount,
}

/// Exactly this movement happens to the transaction's holdings and no other.
pub(super) fn only_this_moves(transaction: &LedgerTransaction, movement: &Movement) -> Result<(), PurposeError> {
    only_these_move(transaction, std::slice::from_ref(movement))
}

/// Exactly these movements together happen to the transaction's holdings and no other.
pub(super) fn only_these_move(transaction: &LedgerTransaction, movements: &[Movement]) -> Result<(), PurposeError> {
    let mut changes: BTreeMap<Place, i128> = BTreeMap::new();
    let mut count = |place: Place, change: i128| {
        let entry = changes.entry(place).or_default();
        *entry = entry.saturating_add(change);
    };
    for input in transaction.inputs_of(token::NAME, token::HOLDING) {
        let (place, amount) = standing(&input.state)?;
        count(place, amount.saturating_neg());
    }
    for (_, state) in transaction.outputs_of(token::NAME, token::HOLDING) {
        let (place, amount) = standing(state)?;
        count(place, amount);
    }
    // What should move is taken back; then nothing may be left over.
    for movement in movements {
        let amount = i128::from(movement.amount.minor());
        if let Some(from) = movement.from {
            count(from, amount);
        }
        count(movement.to, amount.saturating_neg());
    }
    match changes.into_iter().find(|(_, change)| *change != 0) {
        Some((place, surplus)) => Err(PurposeError::ValueDiffers { owner: place.owner, surplus }),
        None => Ok(()),
    }
}

fn standing(state: &State) -> Result<(Place, i128), PurposeError> {
    let Holding { asset, purpose, amount } = read_holding(state)?;
    Ok((Place { owner: state.owner, asset, purpose }, i128::from(amount.minor())))
}
