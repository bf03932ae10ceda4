//! Third stage: the transaction's place in the chain. Exactly the conditions, in order; look-ups only.

mod error;

use std::sync::Arc;

pub use error::ConditionError;

use crate::block::{DirectoryTip, Header, journal_root};
use crate::claim::{Claim, ClaimKind};
use crate::condition::{Condition, Effect, SupplyChange};
use crate::error::{Rejection, rule};
use crate::freeze::FreezeSubject;
use crate::id::{Address, BlockHash, ClaimKey, Digest, StateRef};
use crate::ledger::{Changes, Ledger, Overlay, UnspentState};
use crate::merkle;
use crate::party::PartyEntry;
use crate::transaction::{LedgerTransaction, ResolvedState};
use crate::verify::directory;
use crate::verify::freeze;
use crate::verify::near;
use crate::verify::semantic::{Examined, VerifiedTransaction};
use crate::view::View;
use crate::warning::Warning;

/// What goes into a block: time enters here.
#[derive(Clone, Debug)]
pub struct ProposedBlock {
    /// Milliseconds UTC; raised to one past the block before, where it is not later.
    pub time_ms: u64,
    /// Transactions in order.
    pub transactions: Vec<VerifiedTransaction>,
    /// Hashes of journal entries.
    pub journal: Vec<Digest>,
    /// The tip of the chain's directory as the recorder sees it now; one lower than before counts as the one before.
    pub directory: DirectoryTip,
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
    let directory = ledger.directory_seen(proposed.directory);
    let (overlay, results) = checked(&proposed.transactions, ledger, (time_ms, directory));
    let (mut accepted, mut refused) = (Accepted::default(), Vec::new());
    for (transaction, result) in proposed.transactions.into_iter().zip(results) {
        match result {
            Ok(warnings) => accepted.push(transaction, warnings),
            Err(error) => refused.push((transaction, Rejection::from(error))),
        }
    }
    (assemble(overlay, time_ms, accepted, proposed.journal), refused)
}

/// The result of each transaction where it stands. What freezes does so from the block's start; if it is refused at its place
/// after all, it froze nothing, and the others are checked again without it.
fn checked<'l>(
    transactions: &[VerifiedTransaction],
    ledger: &'l Ledger,
    (time_ms, directory): (u64, DirectoryTip),
) -> (Overlay<'l>, Vec<Result<Vec<Warning>, ConditionError>>) {
    let mut no_freezes = freeze::refused_at_the_start(transactions, ledger, (time_ms, directory));
    loop {
        let frozen = freeze::subjects(transactions, &no_freezes);
        let mut overlay = Overlay::seeing(ledger, directory).freezing_ahead(frozen);
        let mut results = Vec::with_capacity(transactions.len());
        for (place, transaction) in transactions.iter().enumerate() {
            results.push(match no_freezes.get(place).cloned().flatten() {
                Some(error) => Err(error),
                None => accept(transaction, &mut overlay, time_ms),
            });
        }
        let freezes = no_freezes.iter_mut().zip(transactions.iter().zip(&results));
        let mut fell = freezes
            .filter(|(known, (transaction, result))| known.is_none() && transaction.freezes() && result.is_err());
        match fell.next() {
            Some((known, (_, result))) => *known = result.as_ref().err().cloned(),
            None => return (overlay, results),
        }
    }
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
            _ => holds(condition, transaction.ledger(), overlay, time_ms)?,
        }
    }
    let warnings = near::warnings(transaction.conditions(), transaction.ledger(), overlay);
    fold(transaction, overlay)?;
    Ok(warnings)
}

impl Examined {
    /// Checks the conditions of an unsigned transaction against the chain's tip, for a block at this time.
    pub fn conditions_hold(&self, ledger: &Ledger, time_ms: u64) -> Result<(), ConditionError> {
        let overlay = Overlay::new(ledger);
        self.conditions.iter().try_for_each(|condition| holds(condition, &self.ledger, &overlay, time_ms))
    }

    /// What there is to say of the transaction as it would stand on the chain's tip, though nothing refuses it.
    pub fn warnings(&self, ledger: &Ledger) -> Vec<Warning> {
        near::warnings(&self.conditions, &self.ledger, &Overlay::new(ledger))
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
        directory: overlay.directory(),
    };
    let hash = header.hash();
    VerifiedBlock { header, hash, transactions, journal, changes: overlay.into_changes(), warnings }
}

fn holds(
    condition: &Condition,
    transaction: &LedgerTransaction,
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
        Condition::ParentIsAccepted(parent, command) => {
            (overlay.command(command) == Some(*parent), ConditionError::ParentRejected { parent: *parent })
        }
        Condition::StateIsUnspent(state) => {
            (overlay.is_unspent(state), ConditionError::StateNotUnspent { state: *state })
        }
        // What was resolved existed; a party's record is looked at by the caller, who can evaluate again.
        Condition::StateExists(_) | Condition::PartyIsAtVersion(..) => return Ok(()),
        Condition::PartyIsNew(party) => (overlay.party(party).is_none(), ConditionError::PartyExists { party: *party }),
        Condition::PartiesAreRegisteredHere => return Ok(directory::parties_are_registered_here(overlay)?),
        Condition::PartyStandsInGenesis(party) => return Ok(directory::party_stands_in_genesis(party, overlay)?),
        Condition::PartyIsBehind(party, proved) => return Ok(directory::party_is_behind(party, *proved, overlay)?),
        Condition::DirectoryReaches { directory: chain, height, block } => {
            return Ok(directory::directory_reaches(chain, (*height, *block), overlay)?);
        }
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
        Condition::OwnerIsParty(party) => (is_party(party, overlay), ConditionError::OwnerIsNoParty { owner: *party }),
        Condition::OrderStandsAlone(subject, reference) => return order_stands_alone(subject, reference, overlay),
        Condition::PriceIsLatest { feed, time_ms, until_ms } => match overlay.later_price(feed, *time_ms, *until_ms) {
            Some(later_ms) => return Err(ConditionError::PriceSuperseded { feed: *feed, later_ms }),
            None => return Ok(()),
        },
        Condition::PriceIsFirst { feed, after_ms, time_ms } => {
            let between = overlay.later_price(feed, *after_ms, time_ms.saturating_sub(1));
            return match between {
                Some(earlier_ms) => Err(ConditionError::PriceNotFirst { feed: *feed, earlier_ms }),
                None => Ok(()),
            };
        }
        Condition::SupplyIsWithin(change) => return supply_after(change, overlay).map(|_| ()),
    };
    if is_true { Ok(()) } else { Err(error) }
}

fn is_party(address: &Address, overlay: &Overlay<'_>) -> bool {
    overlay.party(address).is_some() || overlay.ledger().is_admitted(address)
}

/// An order is carried out where no other holds the same back: which comes first, those who gave them decide.
fn order_stands_alone(
    subject: &FreezeSubject,
    reference: &String,
    overlay: &Overlay<'_>,
) -> Result<(), ConditionError> {
    let mut orders = overlay.orders(subject);
    rule(orders.remove(reference), || ConditionError::OrderUnknown {
        subject: *subject,
        reference: reference.clone(),
    })?;
    rule(orders.is_empty(), || ConditionError::OrderNotAlone { subject: *subject, others: orders.len() })
}

/// Nobody holds the claim and one output takes it, or an input passes it on, to however many outputs.
fn claim_is_free(key: ClaimKey, transaction: &LedgerTransaction, overlay: &Overlay<'_>) -> bool {
    let passed_on = |input: &ResolvedState| input.claims.contains(&key) && overlay.is_unspent(&input.reference);
    let takers = transaction.transaction.claims.iter().filter(|claim| claim.key == key).count();
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

    let inputs = &verified.ledger().inputs;
    inputs.iter().for_each(|input| overlay.spend(input));
    for (reference, state, claims) in created {
        overlay.create(reference, state, &claims);
    }
    overlay.end_claims(inputs.iter().flat_map(|input| input.claims.iter().copied()));
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
            let entry = Arc::new(PartyEntry { version: record.version, record: record.clone() });
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
        Effect::PublishPrice(feed, time_ms) => {
            overlay.changes_mut().prices.insert((*feed, *time_ms));
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
