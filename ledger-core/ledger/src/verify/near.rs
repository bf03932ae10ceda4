//! Claims much like those of others: a warning for whoever takes one.

use std::collections::BTreeSet;

use crate::condition::Condition;
use crate::id::{ClaimKey, NearKey};
use crate::ledger::Overlay;
use crate::transaction::LedgerTransaction;
use crate::warning::Warning;

/// A warning for each claim that is taken here while claims of others, outside the transaction, share its near key.
///
/// Claims that inputs hold are the transaction's own: whoever renumbers or splits a document is not warned of itself. Called
/// before the transaction is folded in, so the order of a block's transactions decides, as it does for claims.
pub(super) fn warnings(
    conditions: &[Condition],
    transaction: &LedgerTransaction,
    overlay: &Overlay<'_>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for condition in conditions {
        let Condition::ClaimIsFree(claim, class) = condition else { continue };
        let Some(near) = claim.near.filter(|_| overlay.claim(&claim.key).is_none()) else { continue };
        if overlay.near(&near) > own(&near, transaction, overlay) {
            warnings.push(Warning::NearClaim { class, output: claim.output });
        }
    }
    warnings
}

/// How many claims of this near key the inputs hold.
fn own(near: &NearKey, transaction: &LedgerTransaction, overlay: &Overlay<'_>) -> u64 {
    let inputs = transaction.inputs.iter().filter(|input| overlay.is_unspent(&input.reference));
    let held: BTreeSet<ClaimKey> = inputs.flat_map(|input| input.claims.iter().copied()).collect();
    let shares = |key: &&ClaimKey| overlay.claim(key).is_some_and(|claim| claim.near == Some(*near));
    u64::try_from(held.iter().filter(shares).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
