//! Disclosures: some components or single fields of a transaction, proved to stand in a final block, the rest hidden.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use thiserror::Error;

use crate::block::{Header, is_sealed, transaction_leaf};
use crate::encoding::{
    EncodingError, Wire, ascending, at_most, decode, decode_message, encode, field_records, required,
};
use crate::genesis::Genesis;
use crate::id::{ChainId, Digest, TransactionId};
use crate::proof::{Included, InclusionProof, ProofError};
use crate::signature::{PublicKey, Signature};
use crate::state::{State, digest_of, field_leaf, salt_of};
use crate::transaction::component::{Content as Components, component_leaf, components, id_of_root, place_of_output};
use crate::transaction::{Transaction, signatures_hash};
use crate::wire::{self, ComponentKind, shown_component::Content};
use crate::{codes, merkle};

type Hash = [u8; 32];

/// What of a transaction is to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Places of components shown whole.
    pub components: BTreeSet<u32>,
    /// By output, places of the fields shown of its data.
    pub fields: BTreeMap<u32, BTreeSet<u32>>,
}

/// A part of a transaction with its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosure(wire::Disclosure);

/// What a checked disclosure says.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosed {
    /// Where the transaction stands.
    pub included: Included,
    /// The components shown, in order.
    pub components: Vec<wire::ShownComponent>,
}

/// Why a disclosure shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DisclosureError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The chain, the seal or the path to the block do not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// There is no such component or field.
    #[error("the transaction has no {what} at place {place}")]
    NoSuchPlace {
        /// Component, output or field.
        what: &'static str,
        /// The place asked for.
        place: u32,
    },
    /// An output is to be shown both whole and by fields.
    #[error("output {output} is chosen whole and by fields; choose one")]
    ChosenTwice {
        /// The output.
        output: u32,
    },
}

codes!(DisclosureError {
    NoSuchPlace => "DISCLOSURE_NO_SUCH_PLACE",
    ChosenTwice => "DISCLOSURE_CHOSEN_TWICE",
} inner { Encoding, Proof });

impl Disclosure {
    /// Shows the selection of a transaction that a proof includes.
    ///
    /// # Errors
    /// The proof does not hold, or the selection names what is not there.
    pub fn of(proof: &InclusionProof, selection: &Selection) -> Result<Self, DisclosureError> {
        proof.verify()?;
        let transaction = &proof.transaction.transaction;
        let all = components(transaction);
        let mut shown = BTreeMap::new();
        for place in &selection.components {
            let (kind, body) = at(&all, *place, "component")?;
            let content = match kind {
                // An output is shown by all its fields, so that its digest follows from what is shown.
                ComponentKind::Output => {
                    let state = decode::<State>(body)?;
                    let fields = (0u32..).zip(field_records(&state.data)?).map(|(field, _)| field).collect();
                    Content::State(state_part(&state, &transaction.salt, *place, &fields)?)
                }
                _ => Content::Body(body.clone()),
            };
            shown.insert(*place, component(*place, *kind, &transaction.salt, content));
        }
        for (output, fields) in &selection.fields {
            let place = place_of_output(transaction, *output);
            let state = at(&transaction.outputs, *output, "output")?;
            let part = Content::State(state_part(state, &transaction.salt, place, fields)?);
            let part = component(place, ComponentKind::Output, &transaction.salt, part);
            if shown.insert(place, part).is_some() {
                return Err(DisclosureError::ChosenTwice { output: *output });
            }
        }
        let chosen = shown.keys().filter_map(|place| usize::try_from(*place).ok()).collect();
        let hidden = merkle::hidden(&Components::of(transaction)?.leaves, &chosen);
        let disclosure = wire::Disclosure {
            genesis: encode(&proof.genesis),
            header: Some(proof.header.to_wire()),
            finality: proof.finality.as_bytes().to_vec(),
            index: proof.index,
            path: proof.path.iter().map(|hash| hash.to_vec()).collect(),
            signatures_hash: signatures_hash(&proof.transaction.signatures).to_vec(),
            component_count: u32::try_from(all.len()).unwrap_or(u32::MAX),
            components: shown.into_values().collect(),
            hidden: hidden.iter().map(|hash| hash.to_vec()).collect(),
        };
        let (maximum, actual) = (Self::BYTES_MAX, disclosure.encoded_len());
        if actual > maximum {
            return Err(EncodingError::TooLong { field: "disclosure", maximum, actual }.into());
        }
        Ok(Self(disclosure))
    }

    /// Checks everything shown against the block's seal; needs nothing else.
    ///
    /// # Errors
    /// Anything does not lead to the sealed header.
    pub fn verify(&self) -> Result<Disclosed, DisclosureError> {
        let genesis = self.genesis()?;
        self.verify_under(&genesis.chain_id(), &genesis.recorder)
    }

    /// As [`Disclosure::verify`], for who knows chain and recorder; the genesis may be left out.
    ///
    /// # Errors
    /// Anything does not lead to a header of this chain, sealed by this recorder.
    pub fn verify_under(&self, chain: &ChainId, recorder: &PublicKey) -> Result<Disclosed, DisclosureError> {
        let message = &self.0;
        let header = self.header()?;
        if header.chain != *chain {
            return Err(ProofError::OtherChain.into());
        }
        let finality = Signature::from_bytes(&message.finality).map_err(EncodingError::from)?;
        if !is_sealed(&header.hash(), recorder, &finality) {
            return Err(ProofError::NotSealed.into());
        }
        let id = self.transaction_id()?;
        let leaf = transaction_leaf(&id, &hash_of(&message.signatures_hash)?);
        let (index, count) = (message.index, header.transaction_count);
        let sizes = usize::try_from(index).ok().zip(usize::try_from(count).ok());
        let root = sizes.and_then(|(index, count)| {
            let path = hashes_of(&message.path).ok()?;
            merkle::root_of_path(leaf, index, count, &path)
        });
        if root != Some(*header.transaction_root.as_bytes()) {
            return Err(ProofError::NotIncluded.into());
        }
        let included = Included { transaction: id, height: header.height, time_ms: header.time_ms };
        Ok(Disclosed { included, components: message.components.clone() })
    }

    /// The chain's genesis, as the disclosure carries it.
    ///
    /// # Errors
    /// Its bytes are no genesis.
    pub fn genesis(&self) -> Result<Genesis, EncodingError> {
        decode(&self.0.genesis)
    }

    /// The same without the genesis, for who knows chain and recorder.
    pub fn without_genesis(mut self) -> Self {
        self.0.genesis.clear();
        self
    }

    /// True unless it is without the genesis.
    pub(crate) fn carries_genesis(&self) -> bool {
        !self.0.genesis.is_empty()
    }

    /// The header of the block in which the transaction stands; not checked.
    ///
    /// # Errors
    /// It is no header.
    pub fn header(&self) -> Result<Header, EncodingError> {
        Header::from_wire(required(self.0.header.clone(), "disclosure.header")?)
    }

    /// The components shown; not checked.
    pub fn shown(&self) -> &[wire::ShownComponent] {
        &self.0.components
    }

    /// How many components the transaction has.
    pub fn component_count(&self) -> u32 {
        self.0.component_count
    }

    /// The transaction's id, from what is shown and the hidden hashes.
    fn transaction_id(&self) -> Result<TransactionId, DisclosureError> {
        let places: Vec<u32> = self.0.components.iter().map(|component| component.place).collect();
        ascending(&places, "disclosure.components")?;
        let mut shown = BTreeMap::new();
        for component in &self.0.components {
            shown.insert(usize::try_from(component.place).unwrap_or(usize::MAX), leaf_of(component)?);
        }
        let count = usize::try_from(self.0.component_count).map_err(|_| ProofError::NotIncluded)?;
        let root = merkle::root_of_shown(count, &shown, &hashes_of(&self.0.hidden)?).ok_or(ProofError::NotIncluded)?;
        Ok(id_of_root(self.0.component_count, &root))
    }
}

fn at<'l, T>(list: &'l [T], place: u32, what: &'static str) -> Result<&'l T, DisclosureError> {
    let found = usize::try_from(place).ok().and_then(|place| list.get(place));
    found.ok_or(DisclosureError::NoSuchPlace { what, place })
}

fn component(place: u32, kind: ComponentKind, transaction_salt: &Hash, content: Content) -> wire::ShownComponent {
    let salt = salt_of(transaction_salt, place, None).to_vec();
    wire::ShownComponent { place, kind: kind.into(), salt, content: Some(content) }
}

/// Some fields of a state; salts of the others stay unknown.
pub(crate) fn state_part(
    state: &State,
    transaction_salt: &Hash,
    place: u32,
    fields: &BTreeSet<u32>,
) -> Result<wire::ShownState, DisclosureError> {
    let records = field_records(&state.data)?;
    let salts: Vec<Hash> =
        (0u32..).zip(&records).map(|(field, _)| salt_of(transaction_salt, place, Some(field))).collect();
    let leaves: Vec<Hash> = salts.iter().zip(&records).map(|(salt, record)| field_leaf(salt, record)).collect();
    let mut shown = Vec::new();
    for field in fields {
        let (salt, record) = (at(&salts, *field, "field")?, at(&records, *field, "field")?);
        shown.push(wire::ShownField { place: *field, salt: salt.to_vec(), record: record.to_vec() });
    }
    let chosen = fields.iter().filter_map(|field| usize::try_from(*field).ok()).collect();
    let hidden = merkle::hidden(&leaves, &chosen).iter().map(|hash| hash.to_vec()).collect();
    let field_count = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
    Ok(wire::ShownState { frame: state.frame(), field_count, fields: shown, hidden })
}

fn leaf_of(component: &wire::ShownComponent) -> Result<Hash, DisclosureError> {
    let out_of_range = |field| EncodingError::OutOfRange { field };
    let kind = ComponentKind::try_from(component.kind).map_err(|_| out_of_range("component.kind"))?;
    let content = match required(component.content.clone(), "component.content")? {
        Content::State(part) if kind == ComponentKind::Output => part_digest(&part)?.to_vec(),
        Content::Body(body) if kind != ComponentKind::Output => body,
        Content::State(_) | Content::Body(_) => return Err(out_of_range("component.content").into()),
    };
    Ok(component_leaf(kind, &hash_of(&component.salt)?, &content))
}

pub(crate) fn part_digest(part: &wire::ShownState) -> Result<Hash, DisclosureError> {
    let frame: wire::State = decode_message(&part.frame)?;
    if !frame.data.is_empty() {
        return Err(EncodingError::OutOfRange { field: "state.frame" }.into());
    }
    let places: Vec<u32> = part.fields.iter().map(|field| field.place).collect();
    ascending(&places, "state.fields")?;
    let mut shown = BTreeMap::new();
    for field in &part.fields {
        let place = usize::try_from(field.place).unwrap_or(usize::MAX);
        shown.insert(place, field_leaf(&hash_of(&field.salt)?, &field.record));
    }
    let count = usize::try_from(part.field_count).map_err(|_| ProofError::NotIncluded)?;
    let root = merkle::root_of_shown(count, &shown, &hashes_of(&part.hidden)?).ok_or(ProofError::NotIncluded)?;
    Ok(digest_of(&part.frame, part.field_count, &root))
}

fn hash_of(bytes: &[u8]) -> Result<Hash, EncodingError> {
    Ok(*Digest::try_from(bytes)?.as_bytes())
}

fn hashes_of(list: &[Vec<u8>]) -> Result<Vec<Hash>, EncodingError> {
    list.iter().map(|bytes| hash_of(bytes)).collect()
}

impl Wire for Disclosure {
    type Message = wire::Disclosure;

    /// Each field shown takes some 40 bytes more than in its transaction.
    const BYTES_MAX: usize = 8 << 20;

    fn to_wire(&self) -> wire::Disclosure {
        self.0.clone()
    }

    fn from_wire(message: wire::Disclosure) -> Result<Self, EncodingError> {
        at_most(&message.path, merkle::PATH_MAX, "disclosure.path")?;
        at_most(&message.components, Transaction::COMPONENTS_MAX, "disclosure.components")?;
        at_most(&message.hidden, Transaction::COMPONENTS_MAX, "disclosure.hidden")?;
        Ok(Self(message))
    }
}

#[cfg(test)]
mod tests;
