//! Why a transaction is refused where it stands.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::encoding::EncodingError;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ContractId, FeedId, StateRef, TransactionId};
use crate::party::Permission;
use crate::transaction::TimeWindow;
use crate::verify::authority::AuthorityError;
use crate::verify::directory::DirectoryError;

/// Why a transaction is refused where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConditionError {
    /// The command was accepted before, with other bytes or the same.
    #[error("this command was accepted before, as transaction {transaction}; a new intention needs a new key")]
    CommandReplayed {
        /// The transaction it was accepted with.
        transaction: TransactionId,
    },
    /// The block's time lies outside the window.
    #[error("the time window from {} to {} does not hold the block's time {time_ms}", window.from_ms, window.until_ms)]
    OutsideWindow {
        /// The window.
        window: TimeWindow,
        /// The block's time, milliseconds UTC.
        time_ms: u64,
    },
    /// The anchor names a block that is not on this chain.
    #[error(
        "the anchor names a block at height {height} that is not on this chain: its history is another than the signers saw"
    )]
    AnchorNotOnChain {
        /// The anchor's height.
        height: u64,
    },
    /// The contract is not enabled.
    #[error("the contract {contract} is not enabled on this chain")]
    ContractNotEnabled {
        /// The contract.
        contract: ContractId,
    },
    /// An input or current reference is spent.
    #[error(
        "the state {state} is not unspent on this chain: it was consumed already or never existed; read the present state and build the transaction again"
    )]
    StateNotUnspent {
        /// The state.
        state: StateRef,
    },
    /// It spends or reads an output of a transaction that was refused.
    #[error("the transaction {parent}, whose output this one names, was refused; build both again")]
    ParentRejected {
        /// The refused transaction.
        parent: TransactionId,
    },
    /// The party exists already.
    #[error("the party {party} is registered already")]
    PartyExists {
        /// The party.
        party: Address,
    },
    /// The party has no record any more, or its authority changed and is not met.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Parties, and what the directory proves of them.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A permission is missing.
    #[error("the party {party} has no permission to {} on this chain; its administrator grants it", permission.name())]
    NotPermitted {
        /// The party.
        party: Address,
        /// The permission.
        permission: Permission,
    },
    /// The configuration was changed meanwhile.
    #[error(
        "the chain's configuration is at version {present} now, the change is made for version {made_for}; build it on the present one"
    )]
    ConfigurationMoved {
        /// The present version.
        present: u64,
        /// The version that the change replaces.
        made_for: u64,
    },
    /// Nobody could administer the chain any more.
    #[error(
        "the grant leaves the chain without a party that may administer and transact; grant both to another party first"
    )]
    NoAdministrator,
    /// The identity is in use.
    #[error("this {class} is in use on the chain already; it can be used once at a time")]
    ClaimHeld {
        /// What is identified.
        class: &'static str,
    },
    /// An upgrade drops an identity that would be free then.
    #[error("the upgrade drops an identity that its state holds; every identity in use is passed on")]
    ClaimDropped,
    /// The transaction does not read the definition that restricts transfers.
    #[error("transfers of the asset {asset} follow the policy of its definition; name the definition as a reference")]
    TransferRestricted {
        /// The asset.
        asset: AssetId,
    },
    /// An order freezes what would move.
    #[error("the {} is frozen by legal order; nothing of it moves until the order is lifted", subject.name())]
    Frozen {
        /// What is frozen.
        subject: FreezeSubject,
    },
    /// The order stands already.
    #[error("the order {reference:?} freezes the {} already", subject.name())]
    OrderExists {
        /// What is frozen.
        subject: FreezeSubject,
        /// The order.
        reference: String,
    },
    /// No such order stands.
    #[error("no order {reference:?} freezes the {}", subject.name())]
    OrderUnknown {
        /// What is asked to be free.
        subject: FreezeSubject,
        /// The order.
        reference: String,
    },
    /// Another order stands on the same.
    #[error(
        "the {} is frozen by {others} other orders too; one is carried out when it stands alone", subject.name()
    )]
    OrderNotAlone {
        /// What is frozen.
        subject: FreezeSubject,
        /// How many others stand.
        others: usize,
    },
    /// An order takes from an agreement.
    #[error("{owner} is an agreement's own address; the order is carried out when the agreement has paid out")]
    OwnerIsNoParty {
        /// The address.
        owner: Address,
    },
    /// The supply would pass its bound.
    #[error("the supply would be {supply}, more than the maximum {maximum}, in smallest units")]
    SupplyExceeded {
        /// The supply after the change.
        supply: u64,
        /// The bound.
        maximum: u64,
    },
    /// An earlier price of the feed is the first.
    #[error("the feed {feed} has an earlier price since, of {earlier_ms}; take that one")]
    PriceNotFirst {
        /// The feed.
        feed: FeedId,
        /// When it was published for, milliseconds UTC.
        earlier_ms: u64,
    },
    /// A later price counts.
    #[error("the feed {feed} has a later price, of {later_ms} ms, that counts here; refer to that one")]
    PriceSuperseded {
        /// The feed.
        feed: FeedId,
        /// Time of the later price, milliseconds UTC.
        later_ms: u64,
    },
    /// An output's data is no message.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The supply cannot be counted.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

codes!(ConditionError {
    CommandReplayed => "COMMAND_REPLAYED",
    OutsideWindow => "TRANSACTION_OUTSIDE_WINDOW",
    AnchorNotOnChain => "ANCHOR_NOT_ON_CHAIN",
    ContractNotEnabled => "CONTRACT_NOT_ENABLED",
    StateNotUnspent => "STATE_NOT_UNSPENT",
    ParentRejected => "PARENT_REJECTED",
    PartyExists => "PARTY_EXISTS",
    NotPermitted => "PERMISSION_MISSING",
    ConfigurationMoved => "CONFIGURATION_MOVED",
    NoAdministrator => "CHAIN_NO_ADMINISTRATOR",
    ClaimHeld => "CLAIM_HELD",
    ClaimDropped => "UPGRADE_CLAIM_DROPPED",
    TransferRestricted => "TOKEN_TRANSFER_RESTRICTED",
    Frozen => "FREEZE_STANDS",
    OrderExists => "FREEZE_ORDER_EXISTS",
    OrderUnknown => "FREEZE_ORDER_UNKNOWN",
    OwnerIsNoParty => "FREEZE_OWNER_IS_NO_PARTY",
    OrderNotAlone => "FREEZE_ORDER_NOT_ALONE",
    PriceNotFirst => "PRICE_NOT_FIRST",
    PriceSuperseded => "PRICE_SUPERSEDED",
    SupplyExceeded => "TOKEN_SUPPLY_EXCEEDED",
} inner { Authority, Directory, Amount, Encoding });
