//! What the semantic stage leaves to the contextual one: conditions to check, effects to fold.

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::claim::Claim;
use crate::configuration::Configuration;
use crate::freeze::FreezeSubject;
use crate::genesis::Directory;
use crate::id::{Address, AssetId, BlockHash, ClaimKey, CommandId, ContractId, FeedId, StateRef, TransactionId};
use crate::party::{PartyRecord, Permission};
use crate::transaction::{Anchor, TimeWindow};

/// Something that must hold where the transaction stands in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The command id was never accepted.
    CommandIsUnused(CommandId),
    /// The block's time lies in the window.
    TimeIsWithin(TimeWindow),
    /// The chain has this block at this height.
    AnchorIsOnChain(Anchor),
    /// The contract is enabled on the chain.
    ContractIsEnabled(ContractId),
    /// The transaction whose outputs are named, in no block yet when this one was verified, was accepted under its command.
    ParentIsAccepted(TransactionId, CommandId),
    /// The input or current reference is unspent.
    StateIsUnspent(StateRef),
    /// The past reference exists.
    StateExists(StateRef),
    /// The party's record is still the one that authorised.
    PartyIsAtVersion(Address, u64),
    /// The party is not registered yet.
    PartyIsNew(Address),
    /// Parties are registered on this chain itself.
    PartiesAreRegisteredHere,
    /// The party is the genesis' administrator, as the genesis has it.
    PartyStandsInGenesis(Address),
    /// The chain knows the party not at all, or in a lower version.
    PartyIsBehind(Address, u64),
    /// The directory is the chain's, and its block is none above the tip that this block names.
    DirectoryReaches {
        /// The directory.
        directory: Directory,
        /// Height of its block.
        height: u64,
        /// Hash of its block.
        block: BlockHash,
    },
    /// The party has the permission.
    PartyMay(Address, Permission),
    /// The present configuration has this version.
    ConfigurationIsAt(u64),
    /// A party other than these can still administer the chain.
    AdministratorBesides(BTreeSet<Address>),
    /// The claim is free, or held by an input of the transaction; with the class shown in a refusal.
    ClaimIsFree(Claim, &'static str),
    /// The claim is used for ever, so that no state need pass it on.
    ClaimStaysUsed(ClaimKey),
    /// The asset's definition leaves transfers open; asked where the transaction does not read it.
    TransferIsOpen(AssetId),
    /// No order freezes it.
    IsNotFrozen(FreezeSubject),
    /// The subject is not frozen by this order yet.
    OrderIsNew(FreezeSubject, String),
    /// The subject is frozen by this order.
    OrderStands(FreezeSubject, String),
    /// Somebody whose it is can be named by an order: a party of the chain, and not an agreement.
    OwnerIsParty(Address),
    /// The subject is frozen by this order and by no other.
    OrderStandsAlone(FreezeSubject, String),
    /// The asset's supply after the change is within its bound.
    SupplyIsWithin(SupplyChange),
    /// The feed has no price between two times, both left out: the later one's is the first after the earlier.
    PriceIsFirst {
        /// The feed.
        feed: FeedId,
        /// Milliseconds UTC.
        after_ms: u64,
        /// Time of the price, milliseconds UTC.
        time_ms: u64,
    },
    /// The feed has no later price than this one up to a time.
    PriceIsLatest {
        /// The feed.
        feed: FeedId,
        /// Time of the price, milliseconds UTC.
        time_ms: u64,
        /// Up to when, milliseconds UTC.
        until_ms: u64,
    },
}

/// A change of an asset's supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplyChange {
    /// The asset.
    pub asset: AssetId,
    /// Added.
    pub issued: Amount,
    /// Taken away.
    pub redeemed: Amount,
    /// The most there may be.
    pub maximum: Amount,
}

/// An entry that the transaction writes besides its states and claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Sets a party's record, with its own version.
    SetParty(PartyRecord),
    /// Sets a party's permissions.
    SetPermissions(Address, BTreeSet<Permission>),
    /// Sets the chain's configuration.
    Configure(Box<Configuration>),
    /// Sets whether transfers of an asset must read its definition.
    RestrictTransfer(AssetId, bool),
    /// Freezes a subject by an order.
    Freeze(FreezeSubject, String),
    /// Lifts an order from a subject.
    Unfreeze(FreezeSubject, String),
    /// Changes an asset's supply.
    ChangeSupply(SupplyChange),
    /// Publishes a price of a feed, of this time in milliseconds UTC.
    PublishPrice(FeedId, u64),
}

impl Effect {
    /// The party whose record it sets.
    pub(crate) fn party_set(&self) -> Option<Address> {
        match self {
            Self::SetParty(record) => Some(record.address),
            Self::SetPermissions(..)
            | Self::Configure(_)
            | Self::RestrictTransfer(..)
            | Self::Freeze(..)
            | Self::Unfreeze(..)
            | Self::ChangeSupply(_)
            | Self::PublishPrice(..) => None,
        }
    }
}
