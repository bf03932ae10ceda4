//! Why legs are not held or settled as they were agreed.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::encoding::EncodingError;
use crate::id::{Address, AssetId};

/// Why a hold or a settlement is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettlementError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A total out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A leg of nothing.
    #[error("a leg of the settlement moves nothing; leave it out")]
    LegOfNothing,
    /// A leg from a party to itself.
    #[error("a leg of the settlement goes from {party} to itself; leave it out")]
    LegToItself {
        /// The party.
        party: Address,
    },
    /// A leg under a pledge.
    #[error("a leg is held by a lock of the kind hold, escrow or stay; pledges are made by the contract pledge")]
    Kind,
    /// Legs of one giver and asset under different locks.
    #[error("the legs of {party} in one asset name different lockers or kinds of lock; name one for all of them")]
    LockersDiffer {
        /// The giver.
        party: Address,
    },
    /// The settlement ends before the window does.
    #[error(
        "the settlement ends at {until_ms}, before the transaction's window does; shorten the window or agree a new one"
    )]
    Ended {
        /// Its end, milliseconds UTC.
        until_ms: u64,
    },
    /// Held is another amount than the legs take.
    #[error(
        "{party} holds {held} of asset {asset} for a settlement that takes {taken}, in smallest units; hold exactly that"
    )]
    HeldDiffers {
        /// The giver.
        party: Address,
        /// The asset.
        asset: AssetId,
        /// Held here.
        held: u64,
        /// Taken by its legs.
        taken: u64,
    },
    /// A state that is not held for this settlement.
    #[error("a holding of {party} is consumed that is not held for this settlement; leave it out")]
    NotHeld {
        /// Its owner.
        party: Address,
    },
    /// A leg does not happen.
    #[error(
        "the leg of {party} in asset {asset} is short by {short} smallest units here; all legs of a settlement happen together or none"
    )]
    LegMissing {
        /// The giver.
        party: Address,
        /// The asset.
        asset: AssetId,
        /// What is missing.
        short: u64,
    },
    /// Somebody has another amount after it than follows from the legs.
    #[error(
        "{party} has {actual} of asset {asset} afterwards where {expected} follow from the legs, in smallest units"
    )]
    PaidDiffers {
        /// The party.
        party: Address,
        /// The asset.
        asset: AssetId,
        /// What follows from the legs.
        expected: u64,
        /// What stands in the outputs.
        actual: u64,
    },
    /// More stays held than is left.
    #[error("{party} has {held} of asset {asset} held afterwards, {left} are left of it, in smallest units")]
    RestDiffers {
        /// The giver.
        party: Address,
        /// The asset.
        asset: AssetId,
        /// Held afterwards.
        held: u64,
        /// Left of what was held.
        left: u64,
    },
    /// A lock that is not the settlement's.
    #[error("a holding of {party} carries another lock than the settlement's own on it")]
    LockDiffers {
        /// Its owner.
        party: Address,
    },
    /// A part of several legs.
    #[error("the settlement has {legs} legs; only one of a single leg is settled in parts")]
    PartOfSeveral {
        /// How many it has.
        legs: usize,
    },
    /// A part of nothing or of more than the leg.
    #[error("{asked} are to be settled of a leg of {amount}, in smallest units; settle 1 to that")]
    PartOutOfRange {
        /// What is asked.
        asked: u64,
        /// The leg's amount.
        amount: u64,
    },
}

codes!(SettlementError {
    LegOfNothing => "SETTLEMENT_LEG_OF_NOTHING",
    LegToItself => "SETTLEMENT_LEG_TO_ITSELF",
    Kind => "SETTLEMENT_KIND",
    LockersDiffer => "SETTLEMENT_LOCKERS_DIFFER",
    Ended => "SETTLEMENT_ENDED",
    HeldDiffers => "SETTLEMENT_HELD_DIFFERS",
    NotHeld => "SETTLEMENT_NOT_HELD",
    LegMissing => "SETTLEMENT_LEG_MISSING",
    PaidDiffers => "SETTLEMENT_PAID_DIFFERS",
    RestDiffers => "SETTLEMENT_REST_DIFFERS",
    LockDiffers => "SETTLEMENT_LOCK_DIFFERS",
    PartOfSeveral => "SETTLEMENT_PART_OF_SEVERAL",
    PartOutOfRange => "SETTLEMENT_PART_OUT_OF_RANGE",
} inner { Encoding, Amount });
