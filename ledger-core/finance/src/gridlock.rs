//! Which of the payments that wait for each other can settle together.
//!
//! A payment in a queue waits because its sender has too little; settled at once with payments that its sender gets, it
//! goes through. The problem and its solution are Bech and Soramäki, Gridlock Resolution in Interbank Payment Systems,
//! 2001.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::AMOUNT_MAX;

/// One party pays another as soon as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payment<P> {
    /// Who pays.
    pub sender: P,
    /// Who is paid.
    pub receiver: P,
    /// Smallest units of the currency, 1 to [`AMOUNT_MAX`].
    pub amount: u64,
}

/// The most payments of one queue. With [`AMOUNT_MAX`] it keeps every sum far inside an `i128`.
pub const PAYMENTS_MAX: usize = 1_000_000;

/// Why a queue is not looked at. A payment is counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GridlockError {
    /// Past [`PAYMENTS_MAX`].
    #[error("{count} payments wait, at most {PAYMENTS_MAX} are resolved together; take the oldest")]
    TooMany {
        /// As many as there are.
        count: usize,
    },
    /// A payment of nothing.
    #[error("payment {place} is of nothing; leave it out")]
    AmountZero {
        /// Its place in the queue.
        place: usize,
    },
    /// Past [`AMOUNT_MAX`].
    #[error("payment {place} is of more than {AMOUNT_MAX} smallest units; split it")]
    AmountOverflow {
        /// Its place in the queue.
        place: usize,
    },
    /// Sender and receiver are one.
    #[error("payment {place} goes to its own sender; leave it out")]
    OwnReceiver {
        /// Its place in the queue.
        place: usize,
    },
    /// A balance past [`AMOUNT_MAX`].
    #[error("a party holds more than {AMOUNT_MAX} smallest units; give what it may use")]
    BalanceOverflow,
}

impl GridlockError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "GRIDLOCK_TOO_MANY",
            Self::AmountZero { .. } => "GRIDLOCK_AMOUNT_ZERO",
            Self::AmountOverflow { .. } => "GRIDLOCK_AMOUNT_OVERFLOW",
            Self::OwnReceiver { .. } => "GRIDLOCK_OWN_RECEIVER",
            Self::BalanceOverflow => "GRIDLOCK_BALANCE_OVERFLOW",
        }
    }
}

/// What of a queue settles together, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution<P> {
    /// By place in the queue, whether the payment settles.
    pub settles: Vec<bool>,
    /// What each party holds afterwards, in smallest units.
    pub balances: BTreeMap<P, u128>,
    /// The sum of what settles, in smallest units.
    pub gross: u128,
    /// What those pay that pay more than they get: the money that moves for `gross`, in smallest units.
    pub net: u128,
    /// What is missing in all, party by party, for the whole queue to settle at once, in smallest units.
    pub missing: u128,
}

/// The largest set of payments that can settle at once so that nobody ends below zero and nobody's later payment settles
/// before an earlier one of its own. A party without a balance holds nothing.
///
/// There is one such set and it holds every other: from all payments, the last of any sender below zero is taken away
/// until nobody is. A payment is taken away at most once, and the order in which senders are looked at changes nothing.
///
/// Refused, in this order: more than [`PAYMENTS_MAX`]; by place, an amount of zero, one past [`AMOUNT_MAX`], a sender
/// that pays itself; a balance past [`AMOUNT_MAX`].
pub fn resolve<P: Ord + Clone>(
    balances: &BTreeMap<P, u64>,
    queue: &[Payment<P>],
) -> Result<Resolution<P>, GridlockError> {
    queue_is_sound(balances, queue)?;
    let mut after: BTreeMap<P, i128> =
        balances.iter().map(|(party, held)| (party.clone(), i128::from(*held))).collect();
    let mut queued: BTreeMap<&P, Vec<usize>> = BTreeMap::new();
    for (place, payment) in queue.iter().enumerate() {
        queued.entry(&payment.sender).or_default().push(place);
        move_amount(&mut after, &payment.sender, &payment.receiver, payment.amount);
    }
    let missing = after.values().filter(|held| **held < 0).map(|held| held.unsigned_abs());
    let missing = missing.fold(0, u128::saturating_add);

    let mut settles = vec![true; queue.len()];
    let mut below: Vec<&P> = queued.keys().copied().filter(|sender| is_below(&after, sender)).collect();
    while let Some(sender) = below.pop() {
        while is_below(&after, sender) {
            let last = queued.get_mut(sender).and_then(Vec::pop);
            let Some((place, payment)) = last.and_then(|place| Some((place, queue.get(place)?))) else { break };
            if let Some(settles) = settles.get_mut(place) {
                *settles = false;
            }
            move_amount(&mut after, &payment.receiver, sender, payment.amount);
            below.push(&payment.receiver);
        }
    }
    Ok(resolution(balances, queue, settles, after, missing))
}

fn queue_is_sound<P: Ord>(balances: &BTreeMap<P, u64>, queue: &[Payment<P>]) -> Result<(), GridlockError> {
    if queue.len() > PAYMENTS_MAX {
        return Err(GridlockError::TooMany { count: queue.len() });
    }
    for (place, payment) in queue.iter().enumerate() {
        match payment {
            Payment { amount: 0, .. } => return Err(GridlockError::AmountZero { place }),
            Payment { amount, .. } if *amount > AMOUNT_MAX => return Err(GridlockError::AmountOverflow { place }),
            Payment { sender, receiver, .. } if sender == receiver => return Err(GridlockError::OwnReceiver { place }),
            _ => {}
        }
    }
    if balances.values().any(|held| *held > AMOUNT_MAX) { Err(GridlockError::BalanceOverflow) } else { Ok(()) }
}

/// Moves an amount between balances. At most a million amounts of 63 bits never leave an i128, so nothing saturates.
fn move_amount<P: Ord + Clone>(balances: &mut BTreeMap<P, i128>, from: &P, to: &P, amount: u64) {
    let amount = i128::from(amount);
    let left = balances.entry(from.clone()).or_insert(0);
    *left = left.saturating_sub(amount);
    let right = balances.entry(to.clone()).or_insert(0);
    *right = right.saturating_add(amount);
}

fn is_below<P: Ord>(balances: &BTreeMap<P, i128>, party: &P) -> bool {
    balances.get(party).is_some_and(|held| *held < 0)
}

fn resolution<P: Ord>(
    before: &BTreeMap<P, u64>,
    queue: &[Payment<P>],
    settles: Vec<bool>,
    balances: BTreeMap<P, i128>,
    missing: u128,
) -> Resolution<P> {
    let settled = queue.iter().zip(&settles).filter(|(_, settles)| **settles);
    let gross = settled.map(|(payment, _)| u128::from(payment.amount)).fold(0, u128::saturating_add);
    let paid = |(party, after): (&P, &i128)| {
        let held = before.get(party).copied().map_or(0, i128::from);
        u128::try_from(held.saturating_sub(*after)).unwrap_or(0)
    };
    let net = balances.iter().map(paid).fold(0, u128::saturating_add);
    // Nobody is below zero any more.
    let balances = balances.into_iter().map(|(party, held)| (party, held.unsigned_abs())).collect();
    Resolution { settles, balances, gross, net, missing }
}
