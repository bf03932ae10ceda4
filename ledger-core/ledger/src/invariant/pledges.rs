//! Pledges and locks: what a pledge covers is what is locked for it, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{pledge, title, token};
use crate::id::{Address, AssetId, ContextId, StateRef, TitleId};
use crate::invariant::InvariantBroken;
use crate::ledger::Ledger;
use crate::lock::{Lock, LockKind};
use crate::state::State;

/// What stands under a pledge's lock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Goods {
    Title(TitleId, u64),
    Money(AssetId, u64),
    Other,
}

struct Locked {
    state: StateRef,
    owner: Address,
    goods: Goods,
    lock: Lock,
}

pub(super) fn agree_with_locks(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut locked: BTreeMap<ContextId, Vec<Locked>> = BTreeMap::new();
    for (reference, unspent) in ledger.unspent_states() {
        let (goods, owner) = (goods_of(&unspent.state), unspent.state.owner);
        let mut ranks = BTreeSet::new();
        for lock in unspent.state.locks.iter().filter(|lock| lock.kind == LockKind::Pledge) {
            let under = Locked { state: *reference, owner, goods, lock: lock.clone() };
            locked.entry(lock.context).or_default().push(under);
            if !ranks.insert(lock.rank) {
                found.push(InvariantBroken::RankTwice { state: *reference, rank: lock.rank });
            }
        }
    }
    for (reference, unspent) in
        ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(pledge::NAME, pledge::PLEDGE))
    {
        match pledge::read_cover(&unspent.state) {
            Ok(cover) => {
                let locked = locked.remove(&cover.pledge.pledge.context()).unwrap_or_default();
                if !titles_agree(&cover, &locked) {
                    found.push(InvariantBroken::PledgeWithoutLock { state: *reference });
                }
                if !money_agrees(&cover, &locked) {
                    found.push(InvariantBroken::PledgeMoney { state: *reference });
                }
                if !cover.adds_up() {
                    found.push(InvariantBroken::PledgeTotals { state: *reference });
                }
            }
            Err(error) => found.push(InvariantBroken::Unreadable { state: *reference, reason: error.to_string() }),
        }
    }
    let orphans = locked.into_values().flatten();
    found.extend(orphans.map(|orphan| InvariantBroken::LockWithoutPledge { state: orphan.state }));
}

fn goods_of(state: &State) -> Goods {
    if state.is(title::NAME, title::TITLE) {
        title::read_title(state).map_or(Goods::Other, |title| Goods::Title(title.title, title.quantity.minor()))
    } else if state.is(token::NAME, token::HOLDING) {
        token::read_holding(state).map_or(Goods::Other, |held| Goods::Money(held.asset, held.amount.minor()))
    } else {
        Goods::Other
    }
}

/// The titles of the pledge are those locked for it, each with the quantity named; every lock is the pledge's own.
fn titles_agree(cover: &pledge::Cover, locked: &[Locked]) -> bool {
    let mut named: Vec<_> =
        cover.titles.iter().map(|title| Goods::Title(title.title, title.quantity.minor())).collect();
    let is_money = |goods: &Goods| matches!(goods, Goods::Money(..));
    let mut actual: Vec<_> = locked.iter().map(|locked| locked.goods).filter(|goods| !is_money(goods)).collect();
    named.sort();
    actual.sort();
    let own = pledge::pledge_lock(&cover.pledge);
    named == actual && locked.iter().all(|locked| locked.lock == own && locked.owner == cover.pledge.pledgor)
}

/// The money of the pledge is what is locked for it, by asset.
fn money_agrees(cover: &pledge::Cover, locked: &[Locked]) -> bool {
    let mut actual: BTreeMap<AssetId, u128> = BTreeMap::new();
    for locked in locked {
        if let Goods::Money(asset, amount) = locked.goods {
            let entry = actual.entry(asset).or_default();
            *entry = entry.saturating_add(u128::from(amount));
        }
    }
    let named = cover.money.iter().map(|money| (money.asset, u128::from(money.amount.minor())));
    actual.into_iter().eq(named)
}
