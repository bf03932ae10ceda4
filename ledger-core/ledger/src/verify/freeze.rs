//! What a transaction moves, as freezes name it; and that the freezes of a block come before its other transactions.

use std::collections::BTreeSet;

use crate::block::DirectoryTip;
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
/// What an order takes is not held back by that order, but by every other.
pub(super) fn moved(
    ledger: &LedgerTransaction,
    holdings: &Holdings,
    grounds: &[(StateRef, Ground)],
) -> BTreeSet<FreezeSubject> {
    let is_value = |state: &State| ![party::NAME, chain::NAME].contains(&state.contract.name());
    let ground = |reference: &StateRef| grounds.iter().find(|(state, _)| state == reference).map(|(_, ground)| ground);
    let by_others = |reference: &StateRef| matches!(ground(reference), Some(Ground::Signers | Ground::Agreement));
    let by_order = |reference: &StateRef| matches!(ground(reference), Some(Ground::LegalOrder { .. }));
    let executed = chain::executed(ledger).ok().flatten().map(|executed| executed.subject);
    let mut subjects = BTreeSet::new();
    for (input, (state, holding)) in ledger.inputs.iter().zip(holdings.of_inputs(ledger)) {
        let moves = is_value(state) && (!by_others(&input.reference) || holding.is_some());
        let owner = FreezeSubject::Address(state.owner);
        if moves && !(by_order(&input.reference) && executed == Some(owner)) {
            subjects.insert(owner);
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
    if let Some(asset_or_title @ (FreezeSubject::Asset(_) | FreezeSubject::Title(_))) = executed {
        subjects.remove(&asset_or_title);
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

/// Of proposed transactions the freezes that cannot stand at the block's start, at their places; empty where nothing freezes.
///
/// A freeze that waited for an earlier transaction of the block would leave that one unfrozen, so it waits for the next.
pub(super) fn refused_at_the_start(
    proposed: &[VerifiedTransaction],
    ledger: &Ledger,
    (time_ms, directory): (u64, DirectoryTip),
) -> Vec<Option<ConditionError>> {
    if !proposed.iter().any(VerifiedTransaction::freezes) {
        return Vec::new();
    }
    let mut overlay = Overlay::seeing(ledger, directory);
    let refusal = |transaction: &VerifiedTransaction| {
        // Records that change before a freeze decide whose freeze it is.
        let sets_party = transaction.effects().iter().any(|effect| matches!(effect, Effect::SetParty(_)));
        let counts = transaction.freezes() || sets_party;
        let refusal = counts.then(|| accept(transaction, &mut overlay, time_ms).err()).flatten();
        refusal.filter(|_| transaction.freezes())
    };
    proposed.iter().map(refusal).collect()
}

/// What the freezes among these freeze, but for those refused.
pub(super) fn subjects(
    proposed: &[VerifiedTransaction],
    refused: &[Option<ConditionError>],
) -> BTreeSet<FreezeSubject> {
    let stands = |place: usize| refused.get(place).is_none_or(Option::is_none);
    let standing = proposed.iter().enumerate().filter(|(place, _)| stands(*place));
    standing.flat_map(|(_, transaction)| frozen_by(transaction)).collect()
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
