//! Many transactions through the first two stages at once, in parts that run side by side.
//!
//! Whatever the parts and whoever works on them, each transaction gets the result that it would get if all were verified
//! one after another, each against the chain and the outputs of those before it that were verified. Every one is verified
//! as if all before it were; those that name an output of a refused one are then looked at again, in order. So a long
//! chain of spends takes no longer than as many transactions that do not know each other.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::id::{Address, ChainId, CommandId, StateRef, TransactionId};
use crate::party::PartyEntry;
use crate::signature::SignatureBatch;
use crate::transaction::{ResolvedState, Transaction};
use crate::verify::replay::Depth;
use crate::verify::semantic::{Rules, SemanticError, Signatures, VerifiedTransaction};
use crate::verify::structural::{StructuralError, StructuralTransaction, structural};
use crate::verify::workers::{Workers, parts};
use crate::view::{Standing, View};

type Member = Result<StructuralTransaction, StructuralError>;
type Offers = BTreeMap<TransactionId, Offer>;

/// Transactions of one chain in their order, through the first stage.
#[derive(Debug)]
pub struct Batch {
    chain: ChainId,
    members: Vec<Member>,
    named: BTreeSet<TransactionId>,
}

/// Outputs of a member that other members name.
struct Offer {
    /// Where the transaction stands among the members; more than once if it was sent more than once.
    places: Vec<usize>,
    command: CommandId,
    outputs: Vec<ResolvedState>,
}

/// What verification says of a member, and which parties it looked at.
pub(super) struct Outcome {
    pub(super) result: Result<VerifiedTransaction, SemanticError>,
    pub(super) parties: BTreeSet<Address>,
}

impl Batch {
    /// Reads signed transactions of a chain: the first stage.
    pub fn read(transactions: Vec<Arc<[u8]>>, chain: ChainId, workers: &impl Workers) -> Self {
        let read = |part: Vec<Arc<[u8]>>| part.iter().map(|bytes| structural(bytes, &chain)).collect::<Vec<_>>();
        let parts = parts(transactions, workers.width());
        let members: Vec<Member> = workers.map(parts, read).into_iter().flatten().collect();
        let named = members.iter().flatten().flat_map(|member| named_by(member.transaction())).collect();
        Self { chain, members, named }
    }

    /// What each says it is, in order; none for bytes that are no transaction of the chain.
    pub fn sent(&self) -> impl Iterator<Item = Option<(TransactionId, &Transaction)>> {
        self.members.iter().map(|member| member.as_ref().ok().map(|member| (member.id(), member.transaction())))
    }

    /// The transactions whose outputs the members spend or read: what a view of pending ones is asked for.
    pub fn named(&self) -> &BTreeSet<TransactionId> {
        &self.named
    }

    /// The second stage. Results stand in the members' order and are those of one after another.
    ///
    /// A party may change in the view between two transactions; each is asked for once per transaction.
    pub fn verify(
        self,
        rules: Rules<'_>,
        view: &(dyn View + Sync),
        workers: &impl Workers,
    ) -> Vec<Result<VerifiedTransaction, SemanticError>> {
        let children = self.children();
        let work = Work { rules, chain: self.chain, view, offers: self.offers(), depth: Depth::Everything };
        let outcomes = work.all(self.members, workers);
        let mut results: Vec<_> = outcomes.into_iter().map(|outcome| outcome.result).collect();
        let mut verified: Vec<bool> = results.iter().map(Result::is_ok).collect();
        for Child { place, bytes, parents } in children {
            let view = MemberView { verified: Some(&verified), ..work.view_at(place) };
            if !parents.iter().any(|parent| view.is_refused(parent)) {
                continue;
            }
            let result = work.alone(&bytes, &view);
            let is_verified = result.is_ok();
            drop(view);
            verified.iter_mut().skip(place).take(1).for_each(|entry| *entry = is_verified);
            results.iter_mut().skip(place).take(1).zip([result]).for_each(|(entry, result)| *entry = result);
        }
        results
    }

    /// The second stage of a block's transactions: each as if all before it are accepted.
    pub(super) fn verify_in_block(
        self,
        rules: Rules<'_>,
        view: &(dyn View + Sync),
        depth: Depth,
        workers: &impl Workers,
    ) -> Vec<Outcome> {
        Work { rules, chain: self.chain, view, offers: self.offers(), depth }.all(self.members, workers)
    }

    /// Members that others name, with their outputs.
    fn offers(&self) -> Offers {
        let mut offers = Offers::new();
        for (place, member) in self.members.iter().enumerate() {
            let Ok(member) = member else { continue };
            if self.named.contains(&member.id()) {
                let transaction = member.transaction();
                let outputs = || transaction.created(member.id());
                let offer = || Offer { places: Vec::new(), command: transaction.command_id, outputs: outputs() };
                offers.entry(member.id()).or_insert_with(offer).places.push(place);
            }
        }
        offers
    }

    /// Members that name earlier members.
    fn children(&self) -> Vec<Child> {
        let mut before = BTreeSet::new();
        let mut children = Vec::new();
        for (place, member) in self.members.iter().enumerate() {
            let Ok(member) = member else { continue };
            let parents: Vec<_> = named_by(member.transaction()).filter(|parent| before.contains(parent)).collect();
            if !parents.is_empty() {
                children.push(Child { place, bytes: Arc::clone(member.bytes()), parents });
            }
            before.insert(member.id());
        }
        children
    }
}

/// A member that names outputs of earlier ones.
struct Child {
    place: usize,
    bytes: Arc<[u8]>,
    parents: Vec<TransactionId>,
}

fn named_by(transaction: &Transaction) -> impl Iterator<Item = TransactionId> {
    let references = transaction.references.iter().map(|reference| reference.state.transaction);
    transaction.inputs.iter().map(|input| input.transaction).chain(references)
}

/// What every part needs.
struct Work<'w> {
    rules: Rules<'w>,
    chain: ChainId,
    view: &'w (dyn View + Sync),
    offers: Offers,
    depth: Depth,
}

impl Work<'_> {
    fn all(&self, members: Vec<Member>, workers: &impl Workers) -> Vec<Outcome> {
        let placed: Vec<_> = members.into_iter().enumerate().collect();
        let parts = parts(placed, workers.width());
        workers.map(parts, |part| self.part(part)).into_iter().flatten().collect()
    }

    /// Verifies the members of one part, their signatures as one batch; where that fails, those whose own fail again alone,
    /// so that each gets its own refusal.
    fn part(&self, part: Vec<(usize, Member)>) -> Vec<Outcome> {
        let mut batch = SignatureBatch::default();
        let mut verified = Vec::with_capacity(part.len());
        for (place, member) in part {
            let view = self.view_at(place);
            let bytes = member.as_ref().map_or_else(|_| Arc::default(), |member| Arc::clone(member.bytes()));
            let before = batch.len();
            let resolved = member.and_then(|member| member.resolve(&view)).map_err(SemanticError::from);
            let result = resolved.and_then(|resolved| {
                let check = match self.depth {
                    Depth::Everything => Signatures::Deferred(&mut batch),
                    Depth::Sealed => Signatures::Sealed,
                };
                self.rules.verified(resolved, &view, check)
            });
            verified.push((view, bytes, before..batch.len(), result));
        }
        let all_verify = batch.verifies();
        let outcome = |(view, bytes, own, result): (MemberView<'_>, Arc<[u8]>, _, _)| {
            let result = if all_verify || batch.part_verifies(own) { result } else { self.alone(&bytes, &view) };
            Outcome { result, parties: view.parties.into_inner().into_keys().collect() }
        };
        verified.into_iter().map(outcome).collect()
    }

    fn alone(&self, bytes: &[u8], view: &MemberView<'_>) -> Result<VerifiedTransaction, SemanticError> {
        let resolved = structural(bytes, &self.chain)?.resolve(view)?;
        self.rules.semantic(resolved, view)
    }

    fn view_at(&self, place: usize) -> MemberView<'_> {
        MemberView { below: self.view, offers: &self.offers, place, verified: None, parties: RefCell::default() }
    }
}

/// What one member sees: the outputs of members before it, and below them the chain.
struct MemberView<'b> {
    below: &'b dyn View,
    offers: &'b Offers,
    place: usize,
    /// Which members are verified; none while all before this one count as such.
    verified: Option<&'b [bool]>,
    /// Parties already looked at: they stay as they were first seen.
    parties: RefCell<BTreeMap<Address, Option<Arc<PartyEntry>>>>,
}

impl MemberView<'_> {
    fn offered(&self, transaction: &TransactionId) -> Option<&Offer> {
        let counts = |place: &usize| {
            let is_verified = |verified: &[bool]| verified.get(*place).copied().unwrap_or_default();
            *place < self.place && self.verified.is_none_or(is_verified)
        };
        self.offers.get(transaction).filter(|offer| offer.places.iter().any(counts))
    }

    /// True when the transaction stands before this one, and was refused wherever it stands there.
    fn is_refused(&self, transaction: &TransactionId) -> bool {
        let stands_before = |offer: &Offer| offer.places.iter().any(|place| *place < self.place);
        self.offers.get(transaction).is_some_and(stands_before) && self.offered(transaction).is_none()
    }
}

impl View for MemberView<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        match self.offered(&reference.transaction) {
            Some(offer) => offer.outputs.get(usize::try_from(reference.index).ok()?).cloned(),
            None => self.below.state(reference),
        }
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.parties.borrow_mut().entry(*address).or_insert_with(|| self.below.party(address)).clone()
    }

    fn standing(&self, transaction: &TransactionId) -> Standing {
        if let Some(offer) = self.offered(transaction) {
            return Standing::Pending(offer.command);
        }
        match self.below.standing(transaction) {
            Standing::Unknown if self.is_refused(transaction) => Standing::Refused,
            below => below,
        }
    }
}
