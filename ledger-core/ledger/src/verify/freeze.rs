//! What a transaction moves, as freezes name it; and that the freezes of a block come before its other transactions.

use std::collections::BTreeSet;

use crate::condition::{Condition, Effect};
use crate::contract::{Ground, chain, party, title};
use crate::freeze::FreezeSubject;
use crate::id::{StateRef, TitleId};
use crate::ledger::{Ledger, Overlay};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::verify::contextual::{ConditionError, accept};
use crate::verify::holdings::Holdings;
use crate::verify::semantic::VerifiedTransaction;

/// Owners of consumed states, and assets and titles that change hands or form; records and permissions are no value.
///
/// A record without a quantity that its contract lets others change (a debt paid, money refunded into a purpose) moves nothing
/// of its owner's: receiving is not moving. Whoever pays in such a transaction is still named, by the holdings it consumes.
pub(super) fn moved(
    ledger: &LedgerTransaction,
    holdings: &Holdings,
    grounds: &[(StateRef, Ground)],
) -> BTreeSet<FreezeSubject> {
    let is_value = |state: &State| ![party::NAME, chain::NAME].contains(&state.contract.name());
    let by_others = |reference: &StateRef| grounds.contains(&(*reference, Ground::Signers));
    let mut subjects = BTreeSet::new();
    for (input, (state, holding)) in ledger.inputs.iter().zip(holdings.of_inputs(ledger)) {
        if is_value(state) && (!by_others(&input.reference) || holding.is_some()) {
            subjects.insert(FreezeSubject::Address(state.owner));
        }
    }
    for (state, holding) in holdings.of_inputs(ledger).chain(holdings.of_outputs(ledger)) {
        if let Some(holding) = holding {
            subjects.insert(match state.contract.name() {
                title::NAME => FreezeSubject::Title(TitleId::from_bytes(*holding.asset.as_bytes())),
                _ => FreezeSubject::Asset(holding.asset),
            });
        }
    }
    subjects
}

impl VerifiedTransaction {
    /// True when it freezes something; it then applies before all else in its block.
    pub fn freezes(&self) -> bool {
        frozen_by(self).next().is_some()
    }
}

fn frozen_by(transaction: &VerifiedTransaction) -> impl Iterator<Item = FreezeSubject> {
    transaction.effects().iter().filter_map(|effect| match effect {
        Effect::Freeze(subject, _) => Some(*subject),
        _ => None,
    })
}

/// The subjects that proposed transactions freeze, and those of these transactions that cannot stand at the block's start.
///
/// A freeze that waited for an earlier transaction of the block would leave that one unfrozen, so it waits for the next.
pub(super) fn ahead(
    proposed: &[VerifiedTransaction],
    ledger: &Ledger,
    time_ms: u64,
) -> (BTreeSet<FreezeSubject>, Vec<Option<ConditionError>>) {
    let mut subjects = BTreeSet::new();
    let mut refused = Vec::new();
    if proposed.iter().all(|transaction| frozen_by(transaction).next().is_none()) {
        return (subjects, refused);
    }
    let mut overlay = Overlay::new(ledger);
    for transaction in proposed {
        let is_freeze = frozen_by(transaction).next().is_some();
        // Records that change before a freeze decide whose freeze it is.
        let sets_party = transaction.effects().iter().any(|effect| matches!(effect, Effect::SetParty(_)));
        let refusal = if is_freeze || sets_party { accept(transaction, &mut overlay, time_ms).err() } else { None };
        let error = refusal.filter(|_| is_freeze);
        if error.is_none() {
            subjects.extend(frozen_by(transaction));
        }
        refused.push(error);
    }
    (subjects, refused)
}

/// In a stored block nothing moves that the block itself freezes, wherever the freeze stands in it.
pub(super) fn nothing_moves_that_is_frozen_here(
    transactions: &[VerifiedTransaction],
) -> Result<(), (usize, ConditionError)> {
    let frozen: BTreeSet<FreezeSubject> = transactions.iter().flat_map(frozen_by).collect();
    if frozen.is_empty() {
        return Ok(());
    }
    for (position, transaction) in transactions.iter().enumerate() {
        for condition in transaction.conditions() {
            if let Condition::IsNotFrozen(subject) = condition
                && frozen.contains(subject)
            {
                return Err((position, ConditionError::Frozen { subject: *subject }));
            }
        }
    }
    Ok(())
}
