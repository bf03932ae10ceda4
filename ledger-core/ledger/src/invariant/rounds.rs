//! Netting rounds: each obligation in one has it, and together they owe what it counts.

use std::collections::BTreeMap;

use super::InvariantBroken;
use super::entries::unreadable;
use crate::contract::netting_round::{self, NettingRound, Phase};
use crate::contract::obligation;
use crate::id::RoundId;
use crate::ledger::Ledger;

/// Until a round is committed or voided its obligations owe its gross; after that they leave it one by one.
pub(super) fn hold_what_they_count(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut rounds: BTreeMap<RoundId, (NettingRound, u128)> = BTreeMap::new();
    for (state, unspent) in
        ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(netting_round::NAME, netting_round::ROUND))
    {
        match netting_round::read_round(&unspent.state) {
            Ok(round) => drop(rounds.insert(round.round, (round, 0))),
            Err(error) => found.push(unreadable(*state, &error)),
        }
    }
    for (state, unspent) in
        ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(obligation::NAME, obligation::OBLIGATION))
    {
        // One that cannot be read is found among the debts.
        let Ok(held) = obligation::read_obligation(&unspent.state) else { continue };
        let Some(round) = held.round else { continue };
        match rounds.get_mut(&round) {
            Some((round, owed)) if round.asset == held.asset => {
                *owed = owed.saturating_add(u128::from(held.outstanding.minor()));
            }
            _ => found.push(InvariantBroken::RoundMissing { state: *state }),
        }
    }
    for (round, owed) in rounds.into_values() {
        let gross = round.gross.minor();
        let agrees = match round.phase {
            Phase::Gathering { .. } | Phase::Checking(_) => owed == u128::from(gross),
            Phase::Committed { .. } | Phase::Voided => owed <= u128::from(gross),
        };
        if !agrees {
            let owed = u64::try_from(owed).unwrap_or(u64::MAX);
            found.push(InvariantBroken::RoundGross { round: round.round, gross, owed });
        }
    }
}
