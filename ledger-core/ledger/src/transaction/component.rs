//! The components of a transaction: their order on the wire, their salted leaves, the id over them.

use prost::Message;

use crate::claim::Claim;
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, ascending, at_most, decode, decode_message, encode, plain_text, required};
use crate::hash::{Domain, hash_fixed, leaf};
use crate::id::{Digest, EvidenceHash, StateRef, TransactionId};
use crate::merkle;
use crate::state::{State, digest_of_body, salt_of};
use crate::transaction::{Anchor, Command, Reference, ReferenceKind, TimeWindow, Transaction};
use crate::wire::{self, ComponentKind as Kind};

/// What a transaction's components come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// The id.
    pub(crate) id: TransactionId,
    /// The content digest of each output, as the state map holds it.
    pub(crate) output_digests: Vec<[u8; 32]>,
    /// The leaves of the components, in order.
    pub(crate) leaves: Vec<[u8; 32]>,
}

impl Content {
    /// Of a transaction that is at hand.
    pub(crate) fn of(transaction: &Transaction) -> Result<Self, EncodingError> {
        let components = components(transaction);
        Self::of_bodies(&transaction.salt, components.iter().map(|(kind, body)| (*kind, body.as_slice())))
    }

    /// Of components in canonical bytes.
    fn of_bodies<'b>(
        salt: &[u8; 32],
        components: impl Iterator<Item = (Kind, &'b [u8])>,
    ) -> Result<Self, EncodingError> {
        let (mut leaves, mut output_digests) = (Vec::new(), Vec::new());
        for (place, (kind, body)) in (0u32..).zip(components) {
            let own_salt = salt_of(salt, place, None);
            leaves.push(match kind {
                Kind::Output => {
                    let digest = digest_of_body(body, salt, place)?;
                    output_digests.push(digest);
                    component_leaf(kind, &own_salt, &digest)
                }
                _ => component_leaf(kind, &own_salt, body),
            });
        }
        let id = id_of_root(u32::try_from(leaves.len()).unwrap_or(u32::MAX), &merkle::root(&leaves));
        Ok(Self { id, output_digests, leaves })
    }
}

/// Reads canonical bytes, and what they come to from the very bytes.
pub(crate) fn decode_with_content(bytes: &[u8]) -> Result<(Transaction, Content), EncodingError> {
    let message: wire::Transaction = decode_message(bytes)?;
    let transaction = from_message(&message)?;
    let bodies = message.components.iter().map(|component| (component.kind(), component.body.as_slice()));
    let content = Content::of_bodies(&transaction.salt, bodies)?;
    Ok((transaction, content))
}

/// The id of a transaction by the root over its components.
pub(crate) fn id_of_root(components: u32, root: &[u8; 32]) -> TransactionId {
    TransactionId::from_bytes(hash_fixed(Domain::Transaction, &[&components.to_be_bytes(), root]))
}

/// The leaf of one component.
pub(crate) fn component_leaf(kind: Kind, salt: &[u8; 32], content: &[u8]) -> [u8; 32] {
    let tag = u8::try_from(i32::from(kind)).unwrap_or_default();
    leaf(Domain::Component, &[&[tag], salt, content])
}

/// The place of an output among the components; six single ones stand before the inputs.
pub(crate) fn place_of_output(transaction: &Transaction, output: u32) -> u32 {
    let before = transaction.inputs.len().saturating_add(transaction.references.len()).saturating_add(6);
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(output)
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
        from_message(&message)
    }
}

fn from_message(message: &wire::Transaction) -> Result<Transaction, EncodingError> {
    let mut reader = Reader { rest: &message.components };
    let transaction = Transaction {
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

fn read_metadata(body: &[u8]) -> Result<(String, String), EncodingError> {
    let entry: wire::Metadata = decode_message(body)?;
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
