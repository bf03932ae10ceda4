//! Whose signatures a transaction needs, and whether those given are enough.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::amount::{Amount, AmountError};
use crate::authority::{Demand, Required};
use crate::codes;
use crate::condition::Effect;
use crate::contract::{ContractSet, Holding};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId};
use crate::party::PartyEntry;
use crate::policy::Policy;
use crate::signature::PublicKey;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, PartySignature, signing_bytes};
use crate::verify::holdings::Holdings;
use crate::verify::lock::LockFate;
use crate::view::View;

/// A party whose signatures are not enough yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingSigner {
    /// The party, its role and what it authorises.
    pub required: Required,
    /// A smallest set of its keys still needed.
    pub keys: Vec<PublicKey>,
}

/// Why the signatures given do not authorise.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// The party is not registered on the chain.
    #[error("the party {party} is not registered on this chain")]
    PartyUnknown {
        /// The party.
        party: Address,
    },
    /// The key does not stand in the party's authority.
    #[error("the key {key} is none of {party}'s; sign with a key of the party's own authority")]
    KeyNotOfParty {
        /// The party.
        party: Address,
        /// The key.
        key: PublicKey,
    },
    /// The signature is good, but was given for another party.
    #[error("the signature presented for {presented} was given for {given}; each party signs for itself")]
    GivenForAnother {
        /// The party it is presented for.
        presented: Address,
        /// The party it was given for.
        given: Address,
    },
    /// The signature does not verify.
    #[error("the signature given for {party} does not verify; sign the transaction's exact bytes")]
    SignatureInvalid {
        /// The party.
        party: Address,
    },
    /// No rule of the party's authority fits.
    #[error("no rule of {party}'s authority allows {command} here")]
    NoRule {
        /// The party.
        party: Address,
        /// The command asked.
        command: String,
    },
    /// Signatures are missing.
    #[error("signatures are missing: {}", missing.iter().map(shown).collect::<Vec<_>>().join(", "))]
    Missing {
        /// Parties and their roles.
        missing: Vec<(Address, &'static str)>,
    },
}

/// A missing signer as others may read it: who holds a lock is not theirs to know.
fn shown((party, role): &(Address, &'static str)) -> String {
    if *role == Required::LOCKER {
        "the party for which a state is locked".to_owned()
    } else {
        format!("{role} {party}")
    }
}

codes!(AuthorityError {
    PartyUnknown => "PARTY_UNKNOWN",
    KeyNotOfParty => "SIGNATURE_KEY_NOT_OF_PARTY",
    GivenForAnother => "SIGNATURE_FOR_ANOTHER_PARTY",
    SignatureInvalid => "SIGNATURE_INVALID",
    NoRule => "AUTHORITY_NO_RULE",
    Missing => "AUTHORITY_SIGNATURES_MISSING",
});

/// Parties as they stand for one transaction: those it registers included.
pub(super) struct Parties<'v> {
    view: &'v dyn View,
    new: BTreeMap<Address, Arc<PartyEntry>>,
}

impl<'v> Parties<'v> {
    pub(super) fn new(view: &'v dyn View, effects: &[Effect]) -> Self {
        let registered = |effect: &Effect| match effect {
            Effect::SetParty(record) if view.party(&record.address).is_none() => {
                Some((record.address, Arc::new(PartyEntry { version: 1, record: record.clone() })))
            }
            _ => None,
        };
        Self { view, new: effects.iter().filter_map(registered).collect() }
    }

    pub(super) fn get(&self, party: &Address) -> Result<Arc<PartyEntry>, AuthorityError> {
        let found = self.view.party(party).or_else(|| self.new.get(party).cloned());
        found.ok_or(AuthorityError::PartyUnknown { party: *party })
    }

    pub(super) fn is_new(&self, party: &Address) -> bool {
        self.new.contains_key(party)
    }
}

/// Collects who must sign: contracts' own signers first, then owners, lockers and the submitter.
pub(super) struct Requirements<'t> {
    contracts: &'t ContractSet,
    /// Party, its role, and the right that is asked of it.
    list: Vec<(Address, &'static str, (&'t ContractId, &'t str))>,
}

impl<'t> Requirements<'t> {
    pub(super) fn new(contracts: &'t ContractSet) -> Self {
        Self { contracts, list: Vec::new() }
    }

    pub(super) fn add(&mut self, party: Address, role: &'static str, command: &'t Command) {
        let Command { contract, name, .. } = command;
        let right = self.contracts.get(contract).map_or(name.as_str(), |contract| contract.right(name));
        let is_same = |(of, asked): (&ContractId, &str)| of.name() == contract.name() && asked == right;
        if !self.list.iter().any(|(listed, _, asked)| *listed == party && is_same(*asked)) {
            self.list.push((party, role, (contract, right)));
        }
    }

    /// Adds a party for every command of the transaction.
    pub(super) fn add_for_all(&mut self, party: Address, role: &'static str, transaction: &'t LedgerTransaction) {
        transaction.transaction.commands.iter().for_each(|command| self.add(party, role, command));
    }

    /// One requirement for each party and command, and each asset that leaves the party.
    pub(super) fn with_outflows(self, outflows: &BTreeMap<(Address, AssetId), Amount>) -> Vec<Required> {
        let mut all = Vec::new();
        for (party, role, (contract, right)) in self.list {
            let command = Demand::of(contract, right).command;
            let of_party = outflows.iter().filter(|((owner, _), _)| *owner == party);
            let mut with_value: Vec<_> = of_party
                .map(|((_, asset), amount)| Demand { command: command.clone(), outflow: Some((*asset, *amount)) })
                .collect();
            if with_value.is_empty() {
                with_value.push(Demand { command, outflow: None });
            }
            all.extend(with_value.into_iter().map(|demand| Required { party, role, demand }));
        }
        all
    }
}

/// What leaves each party in the transaction, per asset: its inputs less those outputs that it goes on deciding over. What
/// comes under a lock of somebody else's has left it: that party decides where it goes.
pub(super) fn outflows(
    transaction: &LedgerTransaction,
    holdings: &Holdings,
    fate: &LockFate,
) -> Result<BTreeMap<(Address, AssetId), Amount>, ContractError> {
    let total = |totals: &mut BTreeMap<(Address, AssetId), Amount>, (state, holding): (&State, Option<Holding>)| {
        if let Some(holding) = holding {
            let entry = totals.entry((state.owner, holding.asset)).or_default();
            *entry = entry.checked_add(holding.amount).map_err(|error: AmountError| ContractError::new(error))?;
        }
        Ok::<_, ContractError>(())
    };
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    holdings.of_inputs(transaction).try_for_each(|held| total(&mut before, held))?;
    let is_given_away = |place: usize, state: &State| {
        let mut new = fate.newly_locked().filter(|(at, _)| *at == place);
        new.any(|(_, lock)| lock.locker != state.owner)
    };
    for (place, held) in holdings.of_outputs(transaction).enumerate() {
        if !is_given_away(place, held.0) {
            total(&mut after, held)?;
        }
    }
    let leaving = |(key, amount): ((Address, AssetId), Amount)| {
        let kept = after.get(&key).copied().unwrap_or_default();
        amount.checked_sub(kept).ok().filter(|left| !left.is_zero()).map(|left| (key, left))
    };
    Ok(before.into_iter().filter_map(leaving).collect())
}

/// Checks each signature: a key of the party, over this transaction, given for this party.
pub(super) fn signatures_are_valid(
    transaction: &LedgerTransaction,
    signatures: &[PartySignature],
    parties: &Parties<'_>,
) -> Result<(), AuthorityError> {
    keys_are_of_their_parties(transaction, signatures, parties)?;
    let chain = transaction.transaction.chain;
    for given in signatures {
        if !given.key.verifies(&signing_bytes(&chain, &transaction.id, &given.party), &given.signature) {
            return Err(match given_for(transaction, signatures, given) {
                Some(other) => AuthorityError::GivenForAnother { presented: given.party, given: other },
                None => AuthorityError::SignatureInvalid { party: given.party },
            });
        }
    }
    Ok(())
}

/// Checks that each key stands in the authority of the party it signs for; the signatures themselves are left to a batch.
pub(super) fn keys_are_of_their_parties(
    transaction: &LedgerTransaction,
    signatures: &[PartySignature],
    parties: &Parties<'_>,
) -> Result<(), AuthorityError> {
    for given in signatures {
        if !parties.get(&given.party)?.record.authority.has_key(&given.key) {
            return Err(match given_for(transaction, signatures, given) {
                Some(other) => AuthorityError::GivenForAnother { presented: given.party, given: other },
                None => AuthorityError::KeyNotOfParty { party: given.party, key: given.key },
            });
        }
    }
    Ok(())
}

/// The other party, if there is one, that a signature was really given for.
fn given_for(
    transaction: &LedgerTransaction,
    signatures: &[PartySignature],
    given: &PartySignature,
) -> Option<Address> {
    let chain = transaction.transaction.chain;
    let verifies_for =
        |party: &Address| given.key.verifies(&signing_bytes(&chain, &transaction.id, party), &given.signature);
    let mut others = signatures.iter().map(|other| other.party).chain(concerned(transaction));
    others.find(|other| *other != given.party && verifies_for(other))
}

/// Parties that have to do with the transaction.
fn concerned(transaction: &LedgerTransaction) -> impl Iterator<Item = Address> {
    let inputs = transaction.inputs.iter().map(|input| input.state.owner);
    let outputs = transaction.transaction.outputs.iter().map(|output| output.owner);
    std::iter::once(transaction.transaction.submitter).chain(inputs).chain(outputs)
}

/// Keys that signed, by party.
pub(super) fn signed_keys(signatures: &[PartySignature]) -> BTreeMap<Address, BTreeSet<PublicKey>> {
    let mut keys: BTreeMap<Address, BTreeSet<PublicKey>> = BTreeMap::new();
    for given in signatures {
        keys.entry(given.party).or_default().insert(given.key);
    }
    keys
}

/// The policy that decides a requirement.
fn policy_of<'p>(required: &Required, until_ms: u64, party: &'p PartyEntry) -> Result<&'p Policy, AuthorityError> {
    let no_rule = || AuthorityError::NoRule { party: required.party, command: required.demand.command.clone() };
    party.record.authority.policy_for(&required.demand, until_ms).ok_or_else(no_rule)
}

/// The requirements not met yet by these keys, in order, each with a smallest set of keys.
pub(super) fn missing(
    required: &[Required],
    keys: &BTreeMap<Address, BTreeSet<PublicKey>>,
    until_ms: u64,
    parties: &Parties<'_>,
) -> Result<Vec<MissingSigner>, AuthorityError> {
    let none = BTreeSet::new();
    let mut open = Vec::new();
    for required in required {
        let party = parties.get(&required.party)?;
        let keys = policy_of(required, until_ms, &party)?.missing(keys.get(&required.party).unwrap_or(&none));
        if !keys.is_empty() {
            open.push(MissingSigner { required: required.clone(), keys });
        }
    }
    Ok(open)
}

/// Refuses while a requirement is not met.
pub(super) fn authorities_are_met<'r>(
    required: impl IntoIterator<Item = &'r Required>,
    keys: &BTreeMap<Address, BTreeSet<PublicKey>>,
    until_ms: u64,
    parties: &Parties<'_>,
) -> Result<(), AuthorityError> {
    let none = BTreeSet::new();
    let mut missing = Vec::new();
    for required in required {
        let party = parties.get(&required.party)?;
        if !policy_of(required, until_ms, &party)?.is_satisfied(keys.get(&required.party).unwrap_or(&none)) {
            missing.push((required.party, required.role));
        }
    }
    missing.sort();
    missing.dedup_by_key(|(party, _)| *party);
    if missing.is_empty() { Ok(()) } else { Err(AuthorityError::Missing { missing }) }
}
