//! What is to happen together: legs held under one context and let go in one transaction, every leg or none.
//!
//! The context of the locks is the hash of the settlement itself. So an owner who holds, and a locker who lets go, mean the
//! same legs to the same parties, and no state has to carry them; whoever holds a lock cannot send anything elsewhere.

mod error;
mod legs;

pub use error::SettlementError;
pub(crate) use legs::{are_held, are_settled};

use prost::Message;

use crate::amount::Amount;
use crate::encoding::{EncodingError, Wire, ascending, at_most, required};
use crate::error::rule;
use crate::hash::{Domain, hash};
use crate::id::{Address, AssetId, ChainId, ContextId};
use crate::lock::{Lock, LockKind};
use crate::wire;

/// One movement of a settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Who gives.
    pub from: Address,
    /// Who receives.
    pub to: Address,
    /// The asset of tokens, or a title as an asset of its own.
    pub asset: AssetId,
    /// How much, in the asset's smallest unit; over zero.
    pub amount: Amount,
    /// What the lock is: hold, escrow or stay.
    pub kind: LockKind,
    /// Who lets it go.
    pub locker: Address,
}

/// Legs that happen together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Sets it apart from others of the same legs.
    pub nonce: [u8; 32],
    /// When what is held returns by itself, milliseconds UTC; none = only its locker releases it.
    pub until_ms: Option<u64>,
    /// Ascending by giver, asset and receiver; 1 to 16.
    pub legs: Vec<Leg>,
}

impl Settlement {
    /// Legs of one settlement.
    pub const LEGS_MAX: usize = 16;

    /// The context of its locks: `H("settlement", chain, its message)`.
    pub fn context(&self, chain: &ChainId) -> ContextId {
        ContextId::from_bytes(hash(Domain::Settlement, &[chain.as_bytes(), &self.to_wire().encode_to_vec()]))
    }

    /// The lock on what a party gives of an asset; none where it gives nothing of it.
    pub fn lock(&self, chain: &ChainId, from: &Address, asset: &AssetId) -> Option<Lock> {
        self.lock_under(self.context(chain), from, asset)
    }

    /// The same, its context known: it is the hash of all the legs.
    fn lock_under(&self, context: ContextId, from: &Address, asset: &AssetId) -> Option<Lock> {
        let Leg { kind, locker, .. } = self.legs.iter().find(|leg| leg.from == *from && leg.asset == *asset)?;
        let (kind, locker) = (*kind, *locker);
        Some(Lock { kind, locker, context, rank: 1, amount: None, until_ms: self.until_ms })
    }

    /// True where one party gives for what another gives.
    pub(crate) fn is_exchange(&self) -> bool {
        self.legs.iter().zip(self.legs.iter().skip(1)).any(|(one, other)| one.from != other.from)
    }

    /// The settlement that a command carries, if it is sound.
    ///
    /// # Errors
    /// It is missing or not its wire form, or a leg is none.
    pub(crate) fn of_command(message: Option<wire::Settlement>) -> Result<Self, SettlementError> {
        let settlement = Self::from_wire(required(message, "settlement")?)?;
        for leg in &settlement.legs {
            rule(!leg.amount.is_zero(), || SettlementError::LegOfNothing)?;
            rule(leg.from != leg.to, || SettlementError::LegToItself { party: leg.from })?;
            rule(leg.kind != LockKind::Pledge, || SettlementError::Kind)?;
            let mut of_giver =
                settlement.legs.iter().filter(|other| (other.from, other.asset) == (leg.from, leg.asset));
            let is_one_lock = of_giver.all(|other| (other.kind, other.locker) == (leg.kind, leg.locker));
            rule(is_one_lock, || SettlementError::LockersDiffer { party: leg.from })?;
        }
        Ok(settlement)
    }
}

impl Wire for Settlement {
    type Message = wire::Settlement;

    fn to_wire(&self) -> wire::Settlement {
        let leg = |leg: &Leg| wire::SettlementLeg {
            from: leg.from.to_vec(),
            to: leg.to.to_vec(),
            asset: leg.asset.to_vec(),
            amount: leg.amount.minor(),
            kind: leg.kind.to_wire().into(),
            locker: leg.locker.to_vec(),
        };
        let legs = self.legs.iter().map(leg).collect();
        wire::Settlement { nonce: self.nonce.to_vec(), until_ms: self.until_ms, legs }
    }

    fn from_wire(message: wire::Settlement) -> Result<Self, EncodingError> {
        at_most(&message.legs, Self::LEGS_MAX, "settlement.legs")?;
        let leg = |leg: wire::SettlementLeg| {
            let amount = Amount::from_minor(leg.amount);
            Ok(Leg {
                from: leg.from.as_slice().try_into()?,
                to: leg.to.as_slice().try_into()?,
                asset: leg.asset.as_slice().try_into()?,
                amount: amount.map_err(|_| EncodingError::OutOfRange { field: "settlement.amount" })?,
                kind: LockKind::from_wire(leg.kind, "settlement.kind")?,
                locker: leg.locker.as_slice().try_into()?,
            })
        };
        let legs = message.legs.into_iter().map(leg).collect::<Result<Vec<Leg>, EncodingError>>()?;
        ascending(&legs.iter().map(|leg| (leg.from, leg.asset, leg.to)).collect::<Vec<_>>(), "settlement.legs")?;
        if legs.is_empty() {
            return Err(EncodingError::Missing { field: "settlement.legs" });
        }
        let expected = 32;
        let actual = message.nonce.len();
        let nonce = message.nonce.try_into();
        let nonce = nonce.map_err(|_| EncodingError::Length { field: "settlement.nonce", expected, actual })?;
        Ok(Self { nonce, until_ms: message.until_ms, legs })
    }
}

#[cfg(test)]
mod tests;
