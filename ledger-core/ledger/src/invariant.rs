//! What must hold of a whole ledger, whatever happened: checked in tests, in audits, after every restore.

mod purposes;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::amount::Amount;
use crate::claim::ClaimKind;
use crate::codes;
use crate::contract::{obligation, pledge, price, title, token, trade_note};
use crate::id::{Address, AssetId, ClaimKey, ContextId, FeedId, NearKey, PurposeId, StateRef, TitleId};
use crate::ledger::Ledger;
use crate::lock::LockKind;

/// A broken invariant; a node that finds one stops the chain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvariantBroken {
    /// A state of a built-in contract cannot be read.
    #[error("the state {state} cannot be read: {reason}")]
    Unreadable {
        /// The state.
        state: StateRef,
        /// Why.
        reason: String,
    },
    /// Supply differs from the sum of holdings.
    #[error("asset {asset}: the supply is {supply}, the holdings sum to {held}, in smallest units")]
    Supply {
        /// The asset.
        asset: AssetId,
        /// The counter.
        supply: u64,
        /// The sum.
        held: u64,
    },
    /// A pledge without its lock, or with another quantity than its title.
    #[error("the pledge {state} has no title of its quantity locked for it")]
    PledgeWithoutLock {
        /// The pledge's state.
        state: StateRef,
    },
    /// A pledge lock without its pledge.
    #[error("the state {state} is locked by a pledge that does not exist")]
    LockWithoutPledge {
        /// The locked state.
        state: StateRef,
    },
    /// A debt of nothing, or of more than it was created for.
    #[error("the debt {state} is of nothing, or of more than it was created for")]
    Debt {
        /// The obligation's or the note's state.
        state: StateRef,
    },
    /// A feed that carries another price than its latest.
    #[error("the feed {state} carries another price than its latest")]
    Feed {
        /// The feed's state.
        state: StateRef,
    },
    /// What is bound to a purpose is not what it has left, or stands elsewhere than with its borrower.
    #[error("the purpose {purpose} has {balance} left and {bound} bound in its borrower's hands, in smallest units")]
    PurposeBalance {
        /// The purpose.
        purpose: PurposeId,
        /// Disbursed less returned and spent.
        balance: u64,
        /// The sum of the borrower's holdings bound to it.
        bound: u64,
    },
    /// What a purpose says was spent at a payee is not the sum of the payee's records.
    #[error("the purpose {purpose} counts {spent} spent at {payee}, the records sum to {recorded}, in smallest units")]
    PurposeSpent {
        /// The purpose.
        purpose: PurposeId,
        /// The payee.
        payee: Address,
        /// As the purpose counts.
        spent: u64,
        /// The sum of the records, less refunds.
        recorded: u64,
    },
    /// A pledge whose figures do not add up.
    #[error(
        "the pledge {state} covers another quantity than its titles sum to, or than was pledged less what was released"
    )]
    PledgeTotals {
        /// The pledge's state.
        state: StateRef,
    },
    /// Two pledges of one rank on one title.
    #[error("the title {state} is pledged twice with rank {rank}")]
    RankTwice {
        /// The title's state.
        state: StateRef,
        /// The rank.
        rank: u32,
    },
    /// A claim and its holders disagree.
    #[error("the claim {key} and the states that hold it disagree")]
    Claim {
        /// The claim.
        key: ClaimKey,
    },
    /// A near key is counted for another number of claims than have it.
    #[error("the near key {key} is counted {counted} times, {claims} claims have it")]
    Near {
        /// The near key.
        key: NearKey,
        /// As the ledger counts.
        counted: u64,
        /// As the claims say.
        claims: u64,
    },
}

codes!(InvariantBroken {
    Unreadable => "INVARIANT_UNREADABLE",
    Supply => "INVARIANT_SUPPLY",
    PledgeWithoutLock => "INVARIANT_PLEDGE_WITHOUT_LOCK",
    LockWithoutPledge => "INVARIANT_LOCK_WITHOUT_PLEDGE",
    Debt => "INVARIANT_DEBT",
    Feed => "INVARIANT_FEED",
    PurposeBalance => "INVARIANT_PURPOSE_BALANCE",
    PurposeSpent => "INVARIANT_PURPOSE_SPENT",
    PledgeTotals => "INVARIANT_PLEDGE_TOTALS",
    RankTwice => "INVARIANT_PLEDGE_RANK_TWICE",
    Claim => "INVARIANT_CLAIM",
    Near => "INVARIANT_NEAR",
});

/// Checks every invariant and returns all that are broken.
pub fn broken(ledger: &Ledger) -> Vec<InvariantBroken> {
    let mut found = Vec::new();
    supply_is_what_is_held(ledger, &mut found);
    pledges_and_locks_agree(ledger, &mut found);
    debts_are_open_and_within_their_amount(ledger, &mut found);
    feeds_carry_their_latest_price(ledger, &mut found);
    purposes::agree_with_holdings_and_records(ledger, &mut found);
    claims_and_holders_agree(ledger, &mut found);
    near_keys_are_counted(ledger, &mut found);
    found
}

fn supply_is_what_is_held(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut held: BTreeMap<AssetId, u128> = ledger.supplies().map(|(asset, _)| (*asset, 0)).collect();
    for (state, unspent) in ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(token::NAME, token::HOLDING))
    {
        match token::read_holding(&unspent.state) {
            Ok(holding) => {
                let entry = held.entry(holding.asset).or_default();
                *entry = entry.saturating_add(u128::from(holding.amount.minor()));
            }
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
    for (asset, held) in held {
        let supply = ledger.supply(&asset).minor();
        if u128::from(supply) != held {
            let held = u64::try_from(held).unwrap_or(u64::MAX);
            found.push(InvariantBroken::Supply { asset, supply, held });
        }
    }
}

/// A title's state under a pledge: title, quantity and the rank of the lock.
type Locked = (StateRef, Option<(TitleId, Amount)>, u32);

fn pledges_and_locks_agree(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut locked: BTreeMap<ContextId, Vec<Locked>> = BTreeMap::new();
    for (state, unspent) in ledger.unspent_states() {
        let title = title::read_title(&unspent.state).ok().filter(|_| unspent.state.is(title::NAME, title::TITLE));
        let mut ranks = BTreeSet::new();
        for lock in unspent.state.locks.iter().filter(|lock| lock.kind == LockKind::Pledge) {
            let goods = title.as_ref().map(|title| (title.title, title.quantity));
            locked.entry(lock.context).or_default().push((*state, goods, lock.rank));
            if !ranks.insert(lock.rank) {
                found.push(InvariantBroken::RankTwice { state: *state, rank: lock.rank });
            }
        }
    }
    for (state, unspent) in
        ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(pledge::NAME, pledge::PLEDGE))
    {
        match pledge::read_cover(&unspent.state) {
            Ok(cover) => {
                let locked = locked.remove(&cover.pledge.pledge.context()).unwrap_or_default();
                if !covers(&cover, &locked) {
                    found.push(InvariantBroken::PledgeWithoutLock { state: *state });
                }
                if !cover.adds_up() {
                    found.push(InvariantBroken::PledgeTotals { state: *state });
                }
            }
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
    let orphans = locked.into_values().flatten();
    found.extend(orphans.map(|(state, ..)| InvariantBroken::LockWithoutPledge { state }));
}

/// The titles of the pledge are those locked for it, with its rank, each with the quantity named.
fn covers(cover: &pledge::Cover, locked: &[Locked]) -> bool {
    let named: Vec<_> = cover.titles.iter().map(|title| Some((title.title, title.quantity))).collect();
    let (mut expected, mut actual) = (named, locked.iter().map(|(_, goods, _)| *goods).collect::<Vec<_>>());
    expected.sort();
    actual.sort();
    expected == actual && locked.iter().all(|(.., rank)| *rank == cover.pledge.rank)
}

fn debts_are_open_and_within_their_amount(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    for (state, unspent) in ledger.unspent_states() {
        let debt = if unspent.state.is(obligation::NAME, obligation::OBLIGATION) {
            let read = obligation::read_obligation(&unspent.state).map_err(|error| error.to_string());
            read.map(|obligation| (obligation.outstanding, obligation.amount))
        } else if unspent.state.is(trade_note::NAME, trade_note::NOTE) {
            let read = trade_note::read_note(&unspent.state).map_err(|error| error.to_string());
            read.map(|note| (note.outstanding, note.amount))
        } else {
            continue;
        };
        match debt {
            Ok((outstanding, amount)) if outstanding.is_zero() || outstanding > amount => {
                found.push(InvariantBroken::Debt { state: *state });
            }
            Ok(_) => {}
            Err(reason) => found.push(InvariantBroken::Unreadable { state: *state, reason }),
        }
    }
}

fn feeds_carry_their_latest_price(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut latest: BTreeMap<FeedId, price::PricePoint> = BTreeMap::new();
    for (state, unspent) in ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(price::NAME, price::PRICE)) {
        match price::read_price(&unspent.state) {
            Ok(price) => {
                let entry = latest.entry(price.feed).or_insert(price.point);
                if entry.time_ms < price.point.time_ms {
                    *entry = price.point;
                }
            }
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
    for (state, unspent) in ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(price::NAME, price::FEED)) {
        match price::read_feed(&unspent.state) {
            Ok(feed) if feed.last == latest.get(&feed.feed).copied() => {}
            Ok(_) => found.push(InvariantBroken::Feed { state: *state }),
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
}

fn claims_and_holders_agree(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut holders: BTreeMap<ClaimKey, BTreeSet<StateRef>> = BTreeMap::new();
    for (state, unspent) in ledger.unspent_states() {
        for key in &unspent.claims {
            holders.entry(*key).or_default().insert(*state);
        }
    }
    for (key, claim) in ledger.claims() {
        let agrees = holders.remove(key).unwrap_or_default() == claim.holders;
        if !agrees || (claim.holders.is_empty() && claim.kind == ClaimKind::Exclusive) {
            found.push(InvariantBroken::Claim { key: *key });
        }
    }
    found.extend(holders.into_keys().map(|key| InvariantBroken::Claim { key }));
}

fn near_keys_are_counted(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut counts: BTreeMap<NearKey, (u64, u64)> = BTreeMap::new();
    for (key, counted) in ledger.near_keys() {
        counts.entry(*key).or_default().0 = *counted;
    }
    for near in ledger.claims().filter_map(|(_, claim)| claim.near) {
        let (_, claims) = counts.entry(near).or_default();
        *claims = claims.saturating_add(1);
    }
    let differs = counts.into_iter().filter(|(_, (counted, claims))| counted != claims);
    found.extend(differs.map(|(key, (counted, claims))| InvariantBroken::Near { key, counted, claims }));
}

#[cfg(test)]
mod tests;
