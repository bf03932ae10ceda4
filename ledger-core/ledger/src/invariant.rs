//! What must hold of a whole ledger, whatever happened: checked in tests, in audits, after every restore.
//!
//! Here stands what one moment of a ledger shows: supply, locks, pledges, debts, loans, netting rounds, feeds, purposes, claims. What only its history
//! shows is checked where that is at hand: nothing consumed twice, and authorities met, by replay in full depth
//! (`verify/replay.rs`); equal roots by the state root in every header; projections by the audit's shadow database.

mod agreements;
mod entries;
mod holds;
mod parties;
mod pledges;
mod purposes;
mod rounds;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::claim::ClaimKind;
use crate::codes;
use crate::contract::{loan, obligation, price, token, trade_note};
use crate::id::{Address, AgreementId, AssetId, ClaimKey, FeedId, NearKey, PurposeId, RoundId, SpendId, StateRef};
use crate::ledger::Ledger;

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
    /// Money under a pledge that is not what the pledge says.
    #[error("the pledge {state} has other money under its lock than it says")]
    PledgeMoney {
        /// The pledge's state.
        state: StateRef,
    },
    /// A lock over more than its state holds, or locks of one rank that are together.
    #[error("the state {state} has more under locks of rank {rank} than it holds")]
    LockExceeds {
        /// The locked state.
        state: StateRef,
        /// The rank.
        rank: u32,
    },
    /// Tokens held beside another lock, or bound to a purpose.
    #[error("the holding {state} is held and bound or locked otherwise too")]
    HeldTwice {
        /// The holding.
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
    /// A loan that its own schedule contradicts.
    #[error("the loan {state} is over, or carried out, due or paid otherwise than its schedule says")]
    Loan {
        /// The loan's state.
        state: StateRef,
    },
    /// An obligation in a round that there is none of.
    #[error("the obligation {state} is in a netting round that does not exist, or of another asset")]
    RoundMissing {
        /// The obligation's state.
        state: StateRef,
    },
    /// Obligations in a round that are not what it counts.
    #[error("the netting round {round} counts {gross} owed, its obligations owe {owed}, in smallest units")]
    RoundGross {
        /// The round.
        round: RoundId,
        /// As the round counts.
        gross: u64,
        /// The sum of its obligations.
        owed: u64,
    },
    /// A feed that carries another price than its latest.
    #[error("the feed {state} carries another price than its latest")]
    Feed {
        /// The feed's state.
        state: StateRef,
    },
    /// What is bound to a purpose is not what it has left, or stands elsewhere than with those who hold it.
    #[error("the purpose {purpose} has {balance} left with a party and {bound} bound in its hands, in smallest units")]
    PurposeBalance {
        /// The purpose.
        purpose: PurposeId,
        /// The borrower's: disbursed less returned and spent; a payee's: what its records say it kept bound.
        balance: u64,
        /// The sum of the party's holdings bound to it.
        bound: u64,
    },
    /// A purpose that is freed while its loan goes on, or bound though it has ended, or that names a loan of another.
    #[error("the purpose {purpose} and its loan do not name each other, or one has ended without the other")]
    PurposeLoan {
        /// The purpose.
        purpose: PurposeId,
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
    /// What a record says was passed on is not what came out of it.
    #[error(
        "the spend {spend} counts {passed_on} passed on, the records out of it sum to {recorded}, in smallest units"
    )]
    PurposePassedOn {
        /// The record's spend.
        spend: SpendId,
        /// As the record counts.
        passed_on: u64,
        /// The sum of the records that came out of it, less refunds.
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
    /// The state map holds another thing than the ledger.
    #[error("the state map's root differs from that of a map made anew from the ledger's entries")]
    StateRoot,
    /// A party's entry is not its record, or it has none or two.
    #[error("the party {party} is not known as its one record says")]
    Party {
        /// The party.
        party: Address,
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
    /// A party may other things than its permission state says.
    #[error("{party} has other permissions than its permission state says")]
    Permissions {
        /// The party.
        party: Address,
    },
    /// An agreement's accounts say something else than what stands under its address.
    #[error("the agreement {agreement} holds other tokens or titles than its accounts say")]
    Agreement {
        /// The agreement.
        agreement: AgreementId,
    },
    /// An asset is restricted though its definition is open, or the other way round.
    #[error("the asset {asset} is restricted otherwise than its definition says")]
    Restriction {
        /// The asset.
        asset: AssetId,
    },
}

codes!(InvariantBroken {
    Unreadable => "INVARIANT_UNREADABLE",
    Supply => "INVARIANT_SUPPLY",
    PledgeWithoutLock => "INVARIANT_PLEDGE_WITHOUT_LOCK",
    PledgeMoney => "INVARIANT_PLEDGE_MONEY",
    LockExceeds => "INVARIANT_LOCK_EXCEEDS",
    HeldTwice => "INVARIANT_HELD_TWICE",
    LockWithoutPledge => "INVARIANT_LOCK_WITHOUT_PLEDGE",
    Debt => "INVARIANT_DEBT",
    Loan => "INVARIANT_LOAN",
    RoundMissing => "INVARIANT_ROUND_MISSING",
    RoundGross => "INVARIANT_ROUND_GROSS",
    Feed => "INVARIANT_FEED",
    PurposeBalance => "INVARIANT_PURPOSE_BALANCE",
    PurposeLoan => "INVARIANT_PURPOSE_LOAN",
    PurposeSpent => "INVARIANT_PURPOSE_SPENT",
    PurposePassedOn => "INVARIANT_PURPOSE_PASSED_ON",
    PledgeTotals => "INVARIANT_PLEDGE_TOTALS",
    RankTwice => "INVARIANT_PLEDGE_RANK_TWICE",
    StateRoot => "INVARIANT_STATE_ROOT",
    Party => "INVARIANT_PARTY",
    Permissions => "INVARIANT_PERMISSIONS",
    Restriction => "INVARIANT_RESTRICTION",
    Agreement => "INVARIANT_AGREEMENT",
    Claim => "INVARIANT_CLAIM",
    Near => "INVARIANT_NEAR",
});

/// Checks every invariant and returns all that are broken.
pub fn broken(ledger: &Ledger) -> Vec<InvariantBroken> {
    let mut found = Vec::new();
    supply_is_what_is_held(ledger, &mut found);
    holds::fit_their_states(ledger, &mut found);
    pledges::agree_with_locks(ledger, &mut found);
    debts_are_open_and_within_their_amount(ledger, &mut found);
    loans_are_as_scheduled(ledger, &mut found);
    rounds::hold_what_they_count(ledger, &mut found);
    feeds_carry_their_latest_price(ledger, &mut found);
    purposes::agree_with_holdings_and_records(ledger, &mut found);
    agreements::hold_what_they_say(ledger, &mut found);
    parties::are_as_their_records(ledger, &mut found);
    entries::permissions_are_as_granted(ledger, &mut found);
    entries::restrictions_are_as_defined(ledger, &mut found);
    claims_and_holders_agree(ledger, &mut found);
    near_keys_are_counted(ledger, &mut found);
    if ledger.state_root_of_entries() != ledger.state_root() {
        found.push(InvariantBroken::StateRoot);
    }
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

fn loans_are_as_scheduled(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    for (state, unspent) in ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(loan::NAME, loan::LOAN)) {
        match loan::read_loan(&unspent.state).and_then(|loan| loan.is_as_scheduled()) {
            Ok(true) => {}
            Ok(false) => found.push(InvariantBroken::Loan { state: *state }),
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
}

fn feeds_carry_their_latest_price(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut latest: BTreeMap<FeedId, price::PricePoint> = BTreeMap::new();
    let mut times: BTreeMap<FeedId, BTreeSet<u64>> = BTreeMap::new();
    for (state, unspent) in ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(price::NAME, price::PRICE)) {
        match price::read_price(&unspent.state) {
            Ok(price) => {
                times.entry(price.feed).or_default().insert(price.point.time_ms);
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
            Ok(feed)
                if feed.last == latest.get(&feed.feed).copied()
                    && ledger.price_times(&feed.feed) == times.get(&feed.feed) => {}
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
