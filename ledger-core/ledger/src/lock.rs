//! A right of another party on a state; the core enforces it, whatever the contract.

use crate::amount::Amount;
use crate::encoding::{EncodingError, Wire};
use crate::id::{Address, ContextId};
use crate::wire;

/// What a lock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockKind {
    /// Secures an obligation.
    Pledge,
    /// Kept for another party for a time: an offer, a reservation.
    Hold,
    /// Kept for a settlement.
    Escrow,
    /// Kept by order.
    Stay,
}

impl LockKind {
    pub(crate) fn to_wire(self) -> wire::LockKind {
        match self {
            Self::Pledge => wire::LockKind::Pledge,
            Self::Hold => wire::LockKind::Hold,
            Self::Escrow => wire::LockKind::Escrow,
            Self::Stay => wire::LockKind::Stay,
        }
    }

    pub(crate) fn from_wire(kind: i32, field: &'static str) -> Result<Self, EncodingError> {
        match wire::LockKind::try_from(kind) {
            Ok(wire::LockKind::Pledge) => Ok(Self::Pledge),
            Ok(wire::LockKind::Hold) => Ok(Self::Hold),
            Ok(wire::LockKind::Escrow) => Ok(Self::Escrow),
            Ok(wire::LockKind::Stay) => Ok(Self::Stay),
            Ok(wire::LockKind::Unspecified) | Err(_) => Err(EncodingError::OutOfRange { field }),
        }
    }
}

/// One lock on a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lock {
    /// What it is.
    pub kind: LockKind,
    /// The party without whose authority it stays.
    pub locker: Address,
    /// What it is for; locks of one context can be resolved together.
    pub context: ContextId,
    /// 1 is the senior rank.
    pub rank: u32,
    /// The part that is locked, in the asset's smallest unit, over zero; none = the whole state.
    pub amount: Option<Amount>,
    /// When it ends by itself, milliseconds UTC.
    pub until_ms: Option<u64>,
}

impl Lock {
    /// Locks on one state.
    pub const PER_STATE_MAX: usize = 8;

    /// True when the lock has ended for a transaction whose window begins at `from_ms`.
    pub fn has_ended(&self, from_ms: u64) -> bool {
        self.until_ms.is_some_and(|until| from_ms >= until)
    }

    /// The order in which locks stand on a state.
    pub(crate) fn order(&self) -> (u32, ContextId) {
        (self.rank, self.context)
    }
}

impl Wire for Lock {
    type Message = wire::Lock;

    fn to_wire(&self) -> wire::Lock {
        wire::Lock {
            kind: self.kind.to_wire().into(),
            locker: self.locker.to_vec(),
            context: self.context.to_vec(),
            rank: self.rank,
            amount: self.amount.map(Amount::minor),
            until_ms: self.until_ms,
        }
    }

    fn from_wire(message: wire::Lock) -> Result<Self, EncodingError> {
        if message.rank == 0 {
            return Err(EncodingError::OutOfRange { field: "lock.rank" });
        }
        if message.amount == Some(0) {
            return Err(EncodingError::OutOfRange { field: "lock.amount" });
        }
        let amount = |minor| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field: "lock.amount" });
        Ok(Self {
            kind: LockKind::from_wire(message.kind, "lock.kind")?,
            locker: message.locker.as_slice().try_into()?,
            context: message.context.as_slice().try_into()?,
            rank: message.rank,
            amount: message.amount.map(amount).transpose()?,
            until_ms: message.until_ms,
        })
    }
}
