//! The components of a transaction: their order on the wire, their salted leaves, the id over them.

use prost::Message;

use crate::claim::Claim;
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, ascending, at_most, decode, encode, plain_text, required};
use crate::hash::{Domain, hash};
use crate::id::{Digest, EvidenceHash, StateRef, TransactionId};
use crate::merkle;
use crate::state::State;
use crate::transaction::{Anchor, Command, Reference, ReferenceKind, TimeWindow, Transaction};
use crate::wire::{self, ComponentKind as Kind};

/// The leaves of a transaction's components, in order.
pub(crate) fn leaves(transaction: &Transaction) -> Result<Vec<[u8; 32]>, EncodingError> {
    let mut outputs = transaction.outputs.iter();
    let mut leaves = Vec::new();
    for (place, (kind, body)) in (0u32..).zip(components(transaction)) {
        let content = match kind {
            Kind::Output => {
                outputs.next().map_or(Ok(body), |state| state.digest(&transaction.salt, place).map(Vec::from))?
            }
            _ => body,
        };
        leaves.push(component_leaf(kind, &component_salt(&transaction.salt, place), &content));
    }
    Ok(leaves)
}

/// The id of a transaction by the root over its components.
pub(crate) fn id_of_root(components: u32, root: &[u8; 32]) -> TransactionId {
    TransactionId::from_bytes(hash(Domain::Transaction, &[&components.to_be_bytes(), root]))
}

/// The salt of one component.
pub(crate) fn component_salt(transaction_salt: &[u8; 32], place: u32) -> [u8; 32] {
    hash(Domain::Salt, &[transaction_salt, &place.to_be_bytes()])
}

/// The leaf of one component.
pub(crate) fn component_leaf(kind: Kind, salt: &[u8; 32], content: &[u8]) -> [u8; 32] {
    let tag = u8::try_from(i32::from(kind)).unwrap_or_default();
    merkle::leaf(&hash(Domain::Component, &[&[tag], salt, content]))
}

pub(super) fn transaction_id(transaction: &Transaction) -> Result<TransactionId, EncodingError> {
    let leaves = leaves(transaction)?;
    Ok(id_of_root(u32::try_from(leaves.len()).unwrap_or(u32::MAX), &merkle::root(&leaves)))
}

/// The place of an output among the components; six single ones stand before the inputs.
pub(crate) fn place_of_output(transaction: &Transaction, output: u32) -> u32 {
    let before = transaction.inputs.len().saturating_add(transaction.references.len()).saturating_add(6);
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(output)
}

pub(super) fn output_digest(transaction: &Transaction, output: u32) -> Result<[u8; 32], EncodingError> {
    let refused = EncodingError::OutOfRange { field: "output" };
    let index = usize::try_from(output).map_err(|_| refused.clone())?;
    let state = transaction.outputs.get(index).ok_or(refused)?;
    state.digest(&transaction.salt, place_of_output(transaction, output))
}

/// All components in the order in which they stand.
pub(crate) fn components(transaction: &Transaction) -> Vec<(Kind, Vec<u8>)> {
    let mut list = vec![
        (Kind::Chain, transaction.chain.to_vec()),
        (Kind::Submitter, transaction.submitter.to_vec()),
        (Kind::CommandId, transaction.command_id.to_vec()),
        (Kind::TimeWindow, encode(&transaction.time_window)),
        (Kind::EffectiveOn, encode(&transaction.effective_on)),
        (Kind::Anchor, encode(&transaction.anchor)),
    ];
    list.extend(transaction.inputs.iter().map(|input| (Kind::Input, encode(input))));
    list.extend(transaction.references.iter().map(|reference| (Kind::Reference, encode(reference))));
    list.extend(transaction.outputs.iter().map(|output| (Kind::Output, encode(output))));
    list.extend(transaction.commands.iter().map(|command| (Kind::Command, encode(command))));
    list.extend(transaction.attachments.iter().map(|hash| (Kind::Attachment, hash.to_vec())));
    list.extend(transaction.claims.iter().map(|claim| (Kind::Claim, encode(claim))));
    let metadata = |(key, value): &(String, String)| wire::Metadata { key: key.clone(), value: value.clone() };
    list.extend(transaction.metadata.iter().map(|entry| (Kind::Metadata, metadata(entry).encode_to_vec())));
    list
}

/// Reads components one after another, kind by kind.
struct Reader<'c> {
    rest: &'c [wire::Component],
}

impl<'c> Reader<'c> {
    fn take(&mut self, kind: Kind) -> Option<&'c [u8]> {
        let (first, rest) = self.rest.split_first()?;
        if first.kind != i32::from(kind) {
            return None;
        }
        self.rest = rest;
        Some(&first.body)
    }

    fn one(&mut self, kind: Kind, field: &'static str) -> Result<&'c [u8], EncodingError> {
        required(self.take(kind), field)
    }

    fn list<T>(
        &mut self,
        (kind, field, maximum): (Kind, &'static str, usize),
        read: impl Fn(&[u8]) -> Result<T, EncodingError>,
    ) -> Result<Vec<T>, EncodingError> {
        let mut list = Vec::new();
        while let Some(body) = self.take(kind) {
            list.push(read(body)?);
            at_most(&list, maximum, field)?;
        }
        Ok(list)
    }
}

impl Wire for Transaction {
    type Message = wire::Transaction;

    const BYTES_MAX: usize = 1 << 20;

    fn to_wire(&self) -> wire::Transaction {
        let component = |(kind, body): (Kind, Vec<u8>)| wire::Component { kind: kind.into(), body };
        wire::Transaction {
            salt: self.salt.to_vec(),
            components: components(self).into_iter().map(component).collect(),
        }
    }

    fn from_wire(message: wire::Transaction) -> Result<Self, EncodingError> {
        let mut reader = Reader { rest: &message.components };
        let transaction = Self {
            salt: *Digest::try_from(message.salt.as_slice())?.as_bytes(),
            chain: reader.one(Kind::Chain, "chain")?.try_into()?,
            submitter: reader.one(Kind::Submitter, "submitter")?.try_into()?,
            command_id: reader.one(Kind::CommandId, "command_id")?.try_into()?,
            time_window: decode::<TimeWindow>(reader.one(Kind::TimeWindow, "time_window")?)?,
            effective_on: decode::<Date>(reader.one(Kind::EffectiveOn, "effective_on")?)?,
            anchor: decode::<Anchor>(reader.one(Kind::Anchor, "anchor")?)?,
            inputs: reader.list((Kind::Input, "inputs", 256), decode::<StateRef>)?,
            references: reader.list((Kind::Reference, "references", 64), decode::<Reference>)?,
            outputs: reader.list((Kind::Output, "outputs", 256), decode::<State>)?,
            commands: reader.list((Kind::Command, "commands", 16), decode::<Command>)?,
            attachments: reader.list((Kind::Attachment, "attachments", 64), |body| EvidenceHash::try_from(body))?,
            claims: reader.list((Kind::Claim, "claims", 512), decode::<Claim>)?,
            metadata: reader.list((Kind::Metadata, "metadata", 16), read_metadata)?,
        };
        if !reader.rest.is_empty() {
            return Err(EncodingError::Unordered { field: "components" });
        }
        ascending(&transaction.claims, "claims")?;
        let keys: Vec<_> = transaction.metadata.iter().map(|(key, _)| key).collect();
        ascending(&keys, "metadata")?;
        Ok(transaction)
    }
}

fn read_metadata(body: &[u8]) -> Result<(String, String), EncodingError> {
    let entry: wire::Metadata = crate::encoding::decode_message(body)?;
    plain_text(&entry.key, 64, "metadata.key")?;
    plain_text(&entry.value, 1_024, "metadata.value")?;
    Ok((entry.key, entry.value))
}

impl Wire for TimeWindow {
    type Message = wire::TimeWindow;

    fn to_wire(&self) -> wire::TimeWindow {
        wire::TimeWindow { from_ms: self.from_ms, until_ms: self.until_ms }
    }

    fn from_wire(message: wire::TimeWindow) -> Result<Self, EncodingError> {
        Ok(Self { from_ms: message.from_ms, until_ms: message.until_ms })
    }
}

impl Wire for Anchor {
    type Message = wire::Anchor;

    fn to_wire(&self) -> wire::Anchor {
        wire::Anchor { height: self.height, block: self.block.to_vec() }
    }

    fn from_wire(message: wire::Anchor) -> Result<Self, EncodingError> {
        Ok(Self { height: message.height, block: message.block.as_slice().try_into()? })
    }
}

impl Wire for Reference {
    type Message = wire::Reference;

    fn to_wire(&self) -> wire::Reference {
        let kind = match self.kind {
            ReferenceKind::Current => wire::ReferenceKind::Current,
            ReferenceKind::Past => wire::ReferenceKind::Past,
        };
        wire::Reference { state: Some(self.state.to_wire()), kind: kind.into() }
    }

    fn from_wire(message: wire::Reference) -> Result<Self, EncodingError> {
        let kind = match wire::ReferenceKind::try_from(message.kind) {
            Ok(wire::ReferenceKind::Current) => ReferenceKind::Current,
            Ok(wire::ReferenceKind::Past) => ReferenceKind::Past,
            Ok(wire::ReferenceKind::Unspecified) | Err(_) => {
                return Err(EncodingError::OutOfRange { field: "reference.kind" });
            }
        };
        Ok(Self { state: StateRef::from_wire(required(message.state, "reference.state")?)?, kind })
    }
}

impl Wire for Command {
    type Message = wire::Command;

    fn to_wire(&self) -> wire::Command {
        wire::Command {
            contract: self.contract.to_string(),
            name: self.name.clone(),
            arguments: self.arguments.clone(),
        }
    }

    fn from_wire(message: wire::Command) -> Result<Self, EncodingError> {
        plain_text(&message.name, 32, "command.name")?;
        if message.arguments.len() > State::DATA_BYTES_MAX {
            let (maximum, actual) = (State::DATA_BYTES_MAX, message.arguments.len());
            return Err(EncodingError::TooLong { field: "command.arguments", maximum, actual });
        }
        Ok(Self { contract: message.contract.parse()?, name: message.name, arguments: message.arguments })
    }
}
