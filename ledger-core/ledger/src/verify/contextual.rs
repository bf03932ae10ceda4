//! Third stage: the transaction's place in the chain. Exactly the conditions, in order; look-ups only.

use std::sync::Arc;

use thiserror::Error;

use crate::amount::AmountError;
use crate::block::{Header, journal_root};
use crate::claim::{Claim, ClaimKind};
use crate::codes;
use crate::condition::{Condition, Effect, SupplyChange};
use crate::encoding::EncodingError;
use crate::error::Rejection;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, BlockHash, ClaimKey, ContractId, Digest, StateRef, TransactionId};
use crate::ledger::{Changes, Ledger, Overlay, UnspentState};
use crate::merkle;
use crate::party::{PartyEntry, Permission};
use crate::transaction::{TimeWindow, Transaction};
use crate::verify::authority::AuthorityError;
use crate::verify::freeze;
use crate::verify::near;
use crate::verify::semantic::{Examined, VerifiedTransaction};
use crate::view::View;
use crate::warning::Warning;

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
    /// The party exists already.
    #[error("the party {party} is registered already")]
    PartyExists {
        /// The party.
        party: Address,
    },
    /// The party has no record any more, or its authority changed and is not met.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
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
    /// The supply would pass its bound.
    #[error("the supply would be {supply}, more than the maximum {maximum}, in smallest units")]
    SupplyExceeded {
        /// The supply after the change.
        supply: u64,
        /// The bound.
        maximum: u64,
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
    SupplyExceeded => "TOKEN_SUPPLY_EXCEEDED",
} inner { Authority, Amount, Encoding });

/// What goes into a block: time enters here.
#[derive(Clone, Debug)]
pub struct ProposedBlock {
    /// Milliseconds UTC; raised to one past the block before, where it is not later.
    pub time_ms: u64,
    /// Transactions in order.
    pub transactions: Vec<VerifiedTransaction>,
    /// Hashes of journal entries.
    pub journal: Vec<Digest>,
}

/// A block whose every transaction holds where it stands. Made by [`contextual`] alone.
#[derive(Clone, Debug)]
pub struct VerifiedBlock {
    header: Header,
    hash: BlockHash,
    transactions: Vec<VerifiedTransaction>,
    journal: Vec<Digest>,
    changes: Changes,
    /// What there is to say of each transaction, in their order.
    warnings: Vec<Vec<Warning>>,
}

/// Checks the transactions one after another; refused ones are left out and returned with the reason.
pub fn contextual(proposed: ProposedBlock, ledger: &Ledger) -> (VerifiedBlock, Vec<(VerifiedTransaction, Rejection)>) {
    let time_ms = proposed.time_ms.max(ledger.time_ms().saturating_add(1));
    let (frozen, no_freezes) = freeze::ahead(&proposed.transactions, ledger, time_ms);
    let mut overlay = Overlay::freezing_ahead(ledger, frozen);
    let (mut accepted, mut refused) = (Accepted::default(), Vec::new());
    let mut no_freezes = no_freezes.into_iter();
    for transaction in proposed.transactions {
        if let Some(error) = no_freezes.next().flatten() {
            refused.push((transaction, Rejection::from(error)));
            continue;
        }
        match accept(&transaction, &mut overlay, time_ms) {
            Ok(warnings) => accepted.push(transaction, warnings),
            Err(error) => refused.push((transaction, Rejection::from(error))),
        }
    }
    (assemble(overlay, time_ms, accepted, proposed.journal), refused)
}

/// Accepted transactions with what there is to say of each.
#[derive(Default)]
pub(super) struct Accepted {
    pub(super) transactions: Vec<VerifiedTransaction>,
    warnings: Vec<Vec<Warning>>,
}

impl Accepted {
    pub(super) fn push(&mut self, transaction: VerifiedTransaction, warnings: Vec<Warning>) {
        self.transactions.push(transaction);
        self.warnings.push(warnings);
    }
}

/// Checks one transaction's conditions, then folds it into the overlay; a refused one changes nothing.
pub(super) fn accept(
    transaction: &VerifiedTransaction,
    overlay: &mut Overlay<'_>,
    time_ms: u64,
) -> Result<Vec<Warning>, ConditionError> {
    for condition in transaction.conditions() {
        match condition {
            // A record that moved on is no refusal: the authorities are evaluated again.
            Condition::PartyIsAtVersion(party, version)
                if overlay.party(party).is_none_or(|entry| entry.version != *version) =>
            {
                transaction.is_authorised(overlay)?;
            }
            _ => holds(condition, &transaction.ledger().transaction, overlay, time_ms)?,
        }
    }
    let warnings = near::warnings(transaction.conditions(), &transaction.ledger().transaction, overlay);
    fold(transaction, overlay)?;
    Ok(warnings)
}

impl Examined {
    /// Checks the conditions of an unsigned transaction against the chain's tip, for a block at this time.
    pub fn conditions_hold(&self, ledger: &Ledger, time_ms: u64) -> Result<(), ConditionError> {
        let overlay = Overlay::new(ledger);
        self.conditions.iter().try_for_each(|condition| holds(condition, &self.ledger.transaction, &overlay, time_ms))
    }

    /// What there is to say of the transaction as it would stand on the chain's tip, though nothing refuses it.
    pub fn warnings(&self, ledger: &Ledger) -> Vec<Warning> {
        near::warnings(&self.conditions, &self.ledger.transaction, &Overlay::new(ledger))
    }
}

/// The block of accepted transactions.
pub(super) fn assemble(overlay: Overlay<'_>, time_ms: u64, accepted: Accepted, journal: Vec<Digest>) -> VerifiedBlock {
    let Accepted { transactions, warnings } = accepted;
    let ledger = overlay.ledger();
    let leaves: Vec<_> = transactions.iter().map(VerifiedTransaction::leaf).collect();
    let header = Header {
        chain: ledger.chain(),
        height: ledger.height().saturating_add(1),
        previous: ledger.tip(),
        time_ms,
        transaction_root: Digest::from_bytes(merkle::root(&leaves)),
        transaction_count: u32::try_from(leaves.len()).unwrap_or(u32::MAX),
        journal_root: journal_root(&journal),
        journal_count: u32::try_from(journal.len()).unwrap_or(u32::MAX),
        state_root: ledger.state_root(),
        parameters: ledger.parameters(),
    };
    let hash = header.hash();
    VerifiedBlock { header, hash, transactions, journal, changes: overlay.into_changes(), warnings }
}

fn holds(
    condition: &Condition,
    transaction: &Transaction,
    overlay: &Overlay<'_>,
    time_ms: u64,
) -> Result<(), ConditionError> {
    let (is_true, error) = match condition {
        Condition::CommandIsUnused(command) => match overlay.command(command) {
            Some(transaction) => (false, ConditionError::CommandReplayed { transaction }),
            None => return Ok(()),
        },
        Condition::TimeIsWithin(window) => {
            (window.contains(time_ms), ConditionError::OutsideWindow { window: *window, time_ms })
        }
        Condition::AnchorIsOnChain(anchor) => (
            overlay.ledger().block_hash(anchor.height) == Some(anchor.block),
            ConditionError::AnchorNotOnChain { height: anchor.height },
        ),
        Condition::ContractIsEnabled(contract) => {
            (overlay.ledger().has_contract(contract), ConditionError::ContractNotEnabled { contract: contract.clone() })
        }
        Condition::StateIsUnspent(state) => {
            (overlay.unspent(state).is_some(), ConditionError::StateNotUnspent { state: *state })
        }
        // What was resolved existed; a party's record is looked at by the caller, who can evaluate again.
        Condition::StateExists(_) | Condition::PartyIsAtVersion(..) => return Ok(()),
        Condition::PartyIsNew(party) => (overlay.party(party).is_none(), ConditionError::PartyExists { party: *party }),
        // Of permissions and configuration those count that stood before the block.
        Condition::PartyMay(party, permission) => (
            overlay.ledger().may(party, *permission),
            ConditionError::NotPermitted { party: *party, permission: *permission },
        ),
        Condition::ConfigurationIsAt(version) => {
            let present = overlay.configuration_version();
            (present == *version, ConditionError::ConfigurationMoved { present, made_for: *version })
        }
        Condition::AdministratorBesides(parties) => {
            (overlay.has_administrator_besides(parties), ConditionError::NoAdministrator)
        }
        Condition::ClaimIsFree(claim, class) => {
            (claim_is_free(claim.key, transaction, overlay), ConditionError::ClaimHeld { class })
        }
        Condition::ClaimStaysUsed(key) => {
            let stays = overlay.claim(key).is_none_or(|claim| claim.kind == ClaimKind::Once);
            (stays, ConditionError::ClaimDropped)
        }
        Condition::TransferIsOpen(asset) => {
            (!overlay.is_restricted(asset), ConditionError::TransferRestricted { asset: *asset })
        }
        Condition::IsNotFrozen(subject) => (!overlay.is_frozen(subject), ConditionError::Frozen { subject: *subject }),
        Condition::OrderIsNew(subject, reference) => (
            !overlay.orders(subject).contains(reference),
            ConditionError::OrderExists { subject: *subject, reference: reference.clone() },
        ),
        Condition::OrderStands(subject, reference) => (
            overlay.orders(subject).contains(reference),
            ConditionError::OrderUnknown { subject: *subject, reference: reference.clone() },
        ),
        Condition::SupplyIsWithin(change) => return supply_after(change, overlay).map(|_| ()),
    };
    if is_true { Ok(()) } else { Err(error) }
}

/// Nobody holds the claim and one output takes it, or an input passes it on, to however many outputs.
fn claim_is_free(key: ClaimKey, transaction: &Transaction, overlay: &Overlay<'_>) -> bool {
    let passed_on = |state: &StateRef| overlay.unspent(state).is_some_and(|held| held.claims.contains(&key));
    let takers = transaction.claims.iter().filter(|claim| claim.key == key).count();
    (overlay.claim(&key).is_none() && takers == 1) || transaction.inputs.iter().any(passed_on)
}

fn supply_after(change: &SupplyChange, overlay: &Overlay<'_>) -> Result<crate::Amount, ConditionError> {
    let supply = overlay.supply(&change.asset).checked_add(change.issued)?.checked_sub(change.redeemed)?;
    if !change.issued.is_zero() && supply > change.maximum {
        return Err(ConditionError::SupplyExceeded { supply: supply.minor(), maximum: change.maximum.minor() });
    }
    Ok(supply)
}

/// Everything that can fail comes first; below the blank line the overlay only changes.
fn fold(verified: &VerifiedTransaction, overlay: &mut Overlay<'_>) -> Result<(), ConditionError> {
    let transaction = &verified.ledger().transaction;
    let mut supplies = Vec::new();
    for effect in verified.effects() {
        if let Effect::ChangeSupply(change) = effect {
            supplies.push((change.asset, supply_after(change, overlay)?));
        }
    }
    let mut created = Vec::new();
    for ((index, state), digest) in (0u32..).zip(&transaction.outputs).zip(verified.output_digests()) {
        let claims: Vec<Claim> = transaction.claims.iter().filter(|claim| claim.output == index).cloned().collect();
        let held = claims.iter().map(|claim| claim.key).collect();
        let state = UnspentState { state: Arc::new(state.clone()), claims: held, digest: *digest };
        created.push((StateRef { transaction: verified.id(), index }, state, claims));
    }

    let consumed = transaction.inputs.iter().filter_map(|input| overlay.unspent(input));
    let touched: Vec<ClaimKey> = consumed.flat_map(|unspent| unspent.claims.clone()).collect();
    transaction.inputs.iter().for_each(|input| overlay.spend(*input));
    for (reference, state, claims) in created {
        overlay.create(reference, state, &claims);
    }
    overlay.end_claims(touched);
    for effect in verified.effects() {
        fold_entry(effect, overlay);
    }
    let changes = overlay.changes_mut();
    changes.supplies.extend(supplies);
    changes.commands.insert(transaction.command_id, verified.id());
    Ok(())
}

fn fold_entry(effect: &Effect, overlay: &mut Overlay<'_>) {
    match effect {
        Effect::SetParty(record) => {
            let version = overlay.party(&record.address).map_or(0, |entry| entry.version).saturating_add(1);
            let entry = Arc::new(PartyEntry { version, record: record.clone() });
            overlay.changes_mut().parties.insert(record.address, entry);
        }
        Effect::SetPermissions(party, permissions) => {
            overlay.changes_mut().permissions.insert(*party, permissions.clone());
        }
        Effect::Configure(configuration) => {
            overlay.changes_mut().configuration = Some(Arc::new(configuration.as_ref().clone()));
        }
        Effect::RestrictTransfer(asset, is_restricted) => {
            overlay.changes_mut().restricted.insert(*asset, *is_restricted);
        }
        Effect::Freeze(subject, reference) => {
            let mut orders = overlay.orders(subject);
            orders.insert(reference.clone());
            overlay.changes_mut().freezes.insert(*subject, orders);
        }
        Effect::Unfreeze(subject, reference) => {
            let mut orders = overlay.orders(subject);
            orders.remove(reference);
            overlay.changes_mut().freezes.insert(*subject, orders);
        }
        Effect::ChangeSupply(_) => {}
    }
}

impl VerifiedBlock {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header's hash.
    pub fn hash(&self) -> BlockHash {
        self.hash
    }

    /// The transactions, in order.
    pub fn transactions(&self) -> &[VerifiedTransaction] {
        &self.transactions
    }

    /// Hashes of journal entries.
    pub fn journal(&self) -> &[Digest] {
        &self.journal
    }

    /// What there is to say of each transaction, in their order; most have nothing.
    pub fn warnings(&self) -> &[Vec<Warning>] {
        &self.warnings
    }

    /// What the block changes.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The changes, to be broken by tests of what finds that.
    #[cfg(test)]
    pub(crate) fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }

    /// True when it holds neither transactions nor journal entries.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty() && self.journal.is_empty()
    }

    /// The block with its finality proof, as it is stored and sent.
    pub fn sealed(&self, finality: crate::Signature) -> crate::Block {
        crate::Block {
            header: self.header.clone(),
            transactions: self.transactions.iter().map(|transaction| transaction.bytes().to_vec()).collect(),
            journal: self.journal.clone(),
            finality,
        }
    }
}
