//! Second stage: the transaction and the states it names. Signatures, authorities, every governing contract.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::authority::Required;
use crate::block::transaction_leaf;
use crate::claim::{Claim, ClaimCheck, ClaimIdentity};
use crate::codes;
use crate::condition::{Condition, Effect};
use crate::contract::{Contract, ContractSet, Ground, token};
use crate::encoding::EncodingError;
use crate::error::ContractError;
use crate::id::{Address, StateRef, TransactionId};
use crate::party::Permission;
use crate::signature::SignatureBatch;
use crate::transaction::{
    LedgerTransaction, PartySignature, ReferenceKind, Transaction, signatures_hash, signing_bytes,
};
use crate::verify::authority::{
    self, AuthorityError, MissingSigner, Parties, Requirements, authorities_are_met, keys_are_of_their_parties,
    signatures_are_valid, signed_keys,
};
use crate::verify::frame::{self, Asked, FrameError, Governing};
use crate::verify::freeze;
use crate::verify::holdings::Holdings;
use crate::verify::lock::{self, LockFate};
use crate::verify::payment::{self, PaymentError};
use crate::verify::permission;
use crate::verify::structural::{self, ResolvedTransaction, StructuralError};
use crate::verify::unsigned::{self, UnsignedError};
use crate::verify::upgrade::{self, UpgradeError};
use crate::view::{Standing, View};

/// Why the second stage refuses.
#[derive(Clone, Debug, Error)]
pub enum SemanticError {
    /// Structure, or a state that is not at hand.
    #[error(transparent)]
    Structural(#[from] StructuralError),
    /// Signatures.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A transaction without a submitter.
    #[error(transparent)]
    Unsigned(#[from] UnsignedError),
    /// The core's frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The core's frame around an upgrade.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// Payments that contracts count on.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// A contract's own rule.
    #[error(transparent)]
    Contract(#[from] ContractError),
}

codes!(SemanticError {} inner { Structural, Authority, Unsigned, Frame, Upgrade, Payment, Contract });

/// What verification needs besides transaction and view.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// The contracts this node knows.
    pub contracts: &'r ContractSet,
    /// How claims are checked: with the chain's claim secret, or without it.
    pub claims: ClaimCheck<'r>,
}

/// What the rules say of a transaction, signatures aside.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The transaction with its states.
    pub ledger: LedgerTransaction,
    /// Who must sign for what.
    pub required: Vec<Required>,
    /// What must hold where it stands.
    pub conditions: Vec<Condition>,
    /// Entries it writes.
    pub effects: Vec<Effect>,
}

/// A transaction that is right in itself; its conditions decide the rest. Made by [`Rules::semantic`] alone.
#[derive(Clone, Debug)]
pub struct VerifiedTransaction {
    bytes: Arc<[u8]>,
    signatures: Vec<PartySignature>,
    output_digests: Vec<[u8; 32]>,
    /// Boxed, as it is large and passes through many hands.
    examined: Box<Examined>,
}

impl Rules<'_> {
    /// Signatures, authorities, frame and contracts.
    pub fn semantic(
        &self,
        resolved: ResolvedTransaction,
        view: &dyn View,
    ) -> Result<VerifiedTransaction, SemanticError> {
        self.verified(resolved, view, Signatures::Each)
    }

    /// As [`Rules::semantic`], signatures verified as the caller says.
    pub(super) fn verified(
        &self,
        resolved: ResolvedTransaction,
        view: &dyn View,
        check: Signatures<'_>,
    ) -> Result<VerifiedTransaction, SemanticError> {
        let ResolvedTransaction { bytes, signatures, output_digests, ledger } = resolved;
        let governing = frame::governing(&ledger, self.contracts)?;
        let effects = collect(&governing.asked, |contract| contract.effects(&ledger))?;
        frame::contracts_to_enable_are_known(&effects, self.contracts)?;
        let parties = Parties::new(view, &effects);
        unsigned::carries_no_signatures(&ledger, &signatures)?;
        match check {
            Signatures::Each => signatures_are_valid(&ledger, &signatures, &parties)?,
            Signatures::Deferred(batch) => {
                keys_are_of_their_parties(&ledger, &signatures, &parties)?;
                for given in &signatures {
                    let message = signing_bytes(&ledger.transaction.chain, &ledger.id, &given.party);
                    batch.add(given.key, message, given.signature);
                }
            }
            Signatures::Sealed => {}
        }
        let plan = self.plan(&ledger, &governing.asked)?;
        // Owners and contracts' signers come first, so that a stranger learns nothing; lockers come after the rules, whose
        // refusals say what is locked without saying for whom.
        let until_ms = ledger.transaction.time_window.until_ms;
        let keys = signed_keys(&signatures);
        let asked_of = |lockers: bool| plan.required.iter().filter(move |required| required.is_of_locker() == lockers);
        authorities_are_met(asked_of(false), &keys, until_ms, &parties)?;
        let claims = self.rules_hold(&ledger, &governing, &plan)?;
        authorities_are_met(asked_of(true), &keys, until_ms, &parties)?;
        // Signatures that nobody asked for count too: their keys must still be their parties' where the transaction stands.
        let signing = signing(&plan.required).chain(signatures.iter().map(|given| given.party)).collect();
        let conditions = conditions(&ledger, (&governing, &plan), &signing, (&parties, view), &claims)?;
        drop(governing);
        let examined = Box::new(Examined { required: plan.required, conditions, effects, ledger });
        Ok(VerifiedTransaction { bytes, signatures, output_digests, examined })
    }

    /// What the rules say of an unsigned transaction: for proposals, before anybody signs.
    pub fn examine(&self, transaction: Transaction, view: &dyn View) -> Result<Examined, SemanticError> {
        structural::has_sound_structure(&transaction, &transaction.chain)?;
        let id = transaction.id().map_err(StructuralError::Encoding)?;
        let ledger = structural::resolve(id, transaction, view)?;
        let governing = frame::governing(&ledger, self.contracts)?;
        let effects = collect(&governing.asked, |contract| contract.effects(&ledger))?;
        frame::contracts_to_enable_are_known(&effects, self.contracts)?;
        let parties = Parties::new(view, &effects);
        let plan = self.plan(&ledger, &governing.asked)?;
        let claims = self.rules_hold(&ledger, &governing, &plan)?;
        let signing = signing(&plan.required).collect();
        let conditions = conditions(&ledger, (&governing, &plan), &signing, (&parties, view), &claims)?;
        drop(governing);
        Ok(Examined { required: plan.required, conditions, effects, ledger })
    }

    /// The transaction with the claims its contracts name; without the claim secret nobody can fill them in.
    pub fn fill_claims(&self, transaction: Transaction, view: &dyn View) -> Result<Transaction, SemanticError> {
        let ledger = structural::resolve(TransactionId::default(), transaction, view)?;
        let governing = frame::governing(&ledger, self.contracts)?;
        let claims = self.claims(&ledger, &governing.asked)?.into_keys().collect();
        drop(governing);
        Ok(Transaction { claims, ..ledger.transaction })
    }

    /// The parties that must sign a transaction, registered or not.
    pub fn signers(&self, transaction: Transaction, view: &dyn View) -> Result<BTreeSet<Address>, SemanticError> {
        let ledger = structural::resolve(TransactionId::default(), transaction, view)?;
        let governing = frame::governing(&ledger, self.contracts)?;
        Ok(signing(&self.plan(&ledger, &governing.asked)?.required).collect())
    }

    /// Signatures still missing, with a smallest set of keys for each requirement.
    pub fn missing(
        &self,
        examined: &Examined,
        signatures: &[PartySignature],
        view: &dyn View,
    ) -> Result<Vec<MissingSigner>, SemanticError> {
        let parties = Parties::new(view, &examined.effects);
        signatures_are_valid(&examined.ledger, signatures, &parties)?;
        let until_ms = examined.ledger.transaction.time_window.until_ms;
        Ok(authority::missing(&examined.required, &signed_keys(signatures), until_ms, &parties)?)
    }

    /// Who must sign: contracts' signers, owners without another ground, lockers of resolved locks, the submitter.
    fn plan(&self, ledger: &LedgerTransaction, governing: &[Asked<'_>]) -> Result<Plan, SemanticError> {
        let mut needed = Requirements::new(self.contracts);
        for contract in governing {
            let Some(command) = ledger.command(contract.id().name()) else { continue };
            for signer in contract.authorities(ledger)? {
                needed.add(signer.party, signer.role, command);
            }
        }
        let mut grounds = Vec::new();
        for contract in governing {
            for ground in contract.grounds(ledger)? {
                frame::ground_is_of_contract(ledger, &contract.id(), &ground)?;
                grounds.push(ground);
            }
        }
        let passing = collect(governing, |contract| contract.passed_locks(ledger))?;
        let holdings = Holdings::of(ledger, self.contracts)?;
        let fate = lock::fate(ledger, &holdings, &passing)?;
        for input in ledger.inputs.iter().filter(|input| !grounds.iter().any(|(state, _)| *state == input.reference)) {
            match ledger.command(input.state.contract.name()) {
                Some(command) => needed.add(input.state.owner, "owner", command),
                None => needed.add_for_all(input.state.owner, "owner", ledger),
            }
        }
        for (_, lock) in fate.resolved.iter().chain(&fate.outranked) {
            needed.add_for_all(lock.locker, Required::LOCKER, ledger);
        }
        let newly_locked = fate.newly_locked().filter_map(|(place, _)| ledger.transaction.outputs.get(*place));
        newly_locked.for_each(|output| needed.add_for_all(output.owner, "owner", ledger));
        if ledger.transaction.submitter != Address::NOBODY {
            needed.add_for_all(ledger.transaction.submitter, "submitter", ledger);
        }
        // Money of an exchange pays a debt only where its creditor says so: else one payment would do for both.
        if token::settles_an_exchange(ledger).map_err(ContractError::new)? {
            let dues = collect(governing, |contract| contract.dues(ledger))?;
            dues.iter().for_each(|due| needed.add_for_all(due.payee, "payee", ledger));
        }
        let required = needed.with_outflows(&authority::outflows(ledger, &holdings, &fate)?);
        unsigned::nobody_need_sign(ledger, governing, &required)??;
        Ok(Plan { required, grounds, fate, holdings })
    }

    /// Every rule but signatures; the claims that the contracts name, which are those that the transaction carries.
    fn rules_hold(
        &self,
        ledger: &LedgerTransaction,
        governing: &Governing<'_>,
        plan: &Plan,
    ) -> Result<BTreeMap<Claim, &'static str>, SemanticError> {
        frame::kinds_are_known(ledger, self.contracts)?;
        upgrade::frame_holds(ledger, self.contracts)?;
        let governing = governing.asked.as_slice();
        for contract in governing {
            frame::states_without_command_are_unchanged(ledger, &contract.id())?;
        }
        frame::locks_fit(ledger, &plan.holdings)?;
        governing.iter().try_for_each(|contract| contract.verify(ledger))?;
        frame::grounds_hold(ledger, &plan.grounds, &plan.fate)?;
        let lock_changes = collect(governing, |contract| contract.lock_changes(ledger))?;
        frame::locks_change_by_command(ledger, &plan.fate, &lock_changes)?;
        for contract in governing {
            frame::locks_without_command_stay(ledger, &contract.id(), &lock_changes)?;
        }
        payment::dues_are_paid(ledger, &collect(governing, |contract| contract.dues(ledger))?)?;
        let named = self.claims(ledger, governing)?;
        if named.keys().eq(&ledger.transaction.claims) { Ok(named) } else { Err(FrameError::ClaimsDiffer.into()) }
    }

    /// The claims the contracts name, ascending, each with its class.
    fn claims(
        &self,
        ledger: &LedgerTransaction,
        governing: &[Asked<'_>],
    ) -> Result<BTreeMap<Claim, &'static str>, SemanticError> {
        let identities = collect(governing, |contract| contract.claims(ledger))?;
        let named = self.claims.named(&identities, &ledger.transaction.claims);
        named.ok_or(SemanticError::Frame(FrameError::ClaimsDiffer))
    }

    /// The identities that the contracts of a transaction name.
    ///
    /// # Errors
    /// A contract is unknown, or refuses the transaction.
    pub fn identities(&self, ledger: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, SemanticError> {
        Ok(collect(&frame::governing(ledger, self.contracts)?.asked, |contract| contract.claims(ledger))?)
    }
}

/// How signatures are verified.
pub(super) enum Signatures<'b> {
    /// Each by itself, with its own refusal.
    Each,
    /// Together with others, later: whatever the result is, it counts only if they verify.
    Deferred(&'b mut SignatureBatch),
    /// Not again: this node verified them before it sealed their block.
    Sealed,
}

/// What follows from the transaction before any rule is checked.
struct Plan {
    required: Vec<Required>,
    grounds: Vec<(StateRef, Ground)>,
    fate: LockFate,
    holdings: Holdings,
}

fn collect<T>(
    governing: &[Asked<'_>],
    from: impl Fn(&dyn Contract) -> Result<Vec<T>, ContractError>,
) -> Result<Vec<T>, ContractError> {
    let lists = governing.iter().map(|contract| from(&**contract)).collect::<Result<Vec<_>, _>>()?;
    Ok(lists.into_iter().flatten().collect())
}

/// Parties that must sign.
fn signing(required: &[Required]) -> impl Iterator<Item = Address> {
    required.iter().map(|required| required.party)
}

/// Everything that depends on the transaction's place in the chain, the cheapest first.
fn conditions(
    ledger: &LedgerTransaction,
    (governing, plan): (&Governing<'_>, &Plan),
    signing: &BTreeSet<Address>,
    (parties, view): (&Parties<'_>, &dyn View),
    claims: &BTreeMap<Claim, &'static str>,
) -> Result<Vec<Condition>, SemanticError> {
    let transaction = &ledger.transaction;
    let mut all = vec![
        Condition::CommandIsUnused(transaction.command_id),
        Condition::TimeIsWithin(transaction.time_window),
        Condition::AnchorIsOnChain(transaction.anchor),
    ];
    if transaction.submitter != Address::NOBODY {
        all.push(Condition::PartyMay(transaction.submitter, Permission::Transact));
    }
    all.extend(
        permission::newly_concerned(ledger).into_iter().map(|party| Condition::PartyMay(party, Permission::Connect)),
    );
    all.extend(governing.all.iter().map(|contract| Condition::ContractIsEnabled(contract.id())));
    all.extend(parents_in_no_block(transaction, view));
    all.extend(transaction.inputs.iter().map(|input| Condition::StateIsUnspent(*input)));
    all.extend(transaction.references.iter().map(|reference| match reference.kind {
        ReferenceKind::Current => Condition::StateIsUnspent(reference.state),
        ReferenceKind::Past => Condition::StateExists(reference.state),
    }));
    for party in signing {
        all.push(match parties.is_new(party) {
            true => Condition::PartyIsNew(*party),
            false => Condition::PartyIsAtVersion(*party, parties.get(party)?.version),
        });
    }
    all.extend(freeze::moved(ledger, &plan.holdings, &plan.grounds).into_iter().map(Condition::IsNotFrozen));
    all.extend(collect(&governing.asked, |contract| contract.conditions(ledger))?);
    all.extend(upgrade::conditions(ledger));
    all.extend(claims.iter().map(|(claim, class)| Condition::ClaimIsFree(claim.clone(), class)));
    Ok(all)
}

/// That the transactions are accepted whose outputs are named and which stand in no block yet.
fn parents_in_no_block(transaction: &Transaction, view: &dyn View) -> Vec<Condition> {
    let references = transaction.references.iter().map(|reference| reference.state.transaction);
    let named: BTreeSet<TransactionId> =
        transaction.inputs.iter().map(|input| input.transaction).chain(references).collect();
    let pending = |parent| match view.standing(&parent) {
        Standing::Pending(command) => Some(Condition::ParentIsAccepted(parent, command)),
        Standing::Unknown | Standing::Refused => None,
    };
    named.into_iter().filter_map(pending).collect()
}

impl VerifiedTransaction {
    /// The id.
    pub fn id(&self) -> TransactionId {
        self.examined.ledger.id
    }

    /// The signed transaction's canonical bytes.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The transaction with its states.
    pub fn ledger(&self) -> &LedgerTransaction {
        &self.examined.ledger
    }

    /// Its signatures.
    pub fn signatures(&self) -> &[PartySignature] {
        &self.signatures
    }

    /// Who had to sign for what.
    pub fn required(&self) -> &[Required] {
        &self.examined.required
    }

    /// What must hold where it stands.
    pub fn conditions(&self) -> &[Condition] {
        &self.examined.conditions
    }

    /// Entries it writes.
    pub fn effects(&self) -> &[Effect] {
        &self.examined.effects
    }

    /// The content digest of each output, as the state map holds it.
    pub fn output_digests(&self) -> &[[u8; 32]] {
        &self.output_digests
    }

    /// Its leaf in a block: id and signatures.
    pub fn leaf(&self) -> [u8; 32] {
        transaction_leaf(&self.id(), &signatures_hash(&self.signatures))
    }

    /// Evaluates the authorities again, for a party whose record changed meanwhile: exactly as the second stage does where the
    /// transaction stands, so that a replay accepts what was accepted.
    pub(super) fn is_authorised(&self, view: &dyn View) -> Result<(), AuthorityError> {
        let parties = Parties::new(view, &self.examined.effects);
        keys_are_of_their_parties(&self.examined.ledger, &self.signatures, &parties)?;
        let until_ms = self.examined.ledger.transaction.time_window.until_ms;
        authorities_are_met(&self.examined.required, &signed_keys(&self.signatures), until_ms, &parties)
    }
}

impl From<EncodingError> for SemanticError {
    fn from(error: EncodingError) -> Self {
        Self::Structural(StructuralError::Encoding(error))
    }
}
