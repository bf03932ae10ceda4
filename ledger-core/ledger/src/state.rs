//! A business fact: created once, consumed at most once, its content fixed.

use prost::Message;

use crate::encoding::{
    EncodingError, Wire, ascending, at_most, decode_message, encode, field_records, length_delimited, plain_text,
};
use crate::hash::{Domain, hash_fixed, leaf};
use crate::id::{Address, ContractId};
use crate::lock::Lock;
use crate::{merkle, wire};

/// A state. Its data is a message of its contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The governing contract.
    pub contract: ContractId,
    /// Which of the contract's messages the data holds, e.g. `holding`.
    pub kind: String,
    /// Whose it is.
    pub owner: Address,
    /// Who may see it besides; ascending, at most 16.
    pub participants: Vec<Address>,
    /// Rights of others on it; ordered by rank and context, at most 8.
    pub locks: Vec<Lock>,
    /// The message in canonical form, at most 64 kB.
    pub data: Vec<u8>,
}

impl State {
    /// Participants besides the owner.
    pub const PARTICIPANTS_MAX: usize = 16;
    /// Bytes of data.
    pub const DATA_BYTES_MAX: usize = 65_536;

    /// A state without locks; participants are put in order, the owner left out of them.
    pub fn new(
        contract: ContractId,
        kind: &str,
        owner: Address,
        participants: impl IntoIterator<Item = Address>,
        data: &impl Message,
    ) -> Self {
        let mut participants: Vec<_> = participants.into_iter().filter(|party| *party != owner).collect();
        participants.sort();
        participants.dedup();
        Self { contract, kind: kind.to_owned(), owner, participants, locks: Vec::new(), data: data.encode_to_vec() }
    }

    /// The same state with these locks, put in order.
    pub fn with_locks(mut self, mut locks: Vec<Lock>) -> Self {
        locks.sort_by_key(Lock::order);
        self.locks = locks;
        self
    }

    /// The data as the contract's message.
    pub fn message<M: Message + Default>(&self) -> Result<M, EncodingError> {
        decode_message(&self.data)
    }

    /// True when it is of this contract (any version) and kind.
    pub fn is(&self, contract: &str, kind: &str) -> bool {
        self.contract.name() == contract && self.kind == kind
    }

    /// True for the owner, a participant or a locker.
    pub fn is_seen_by(&self, party: &Address) -> bool {
        self.owner == *party || self.participants.contains(party) || self.locks.iter().any(|lock| lock.locker == *party)
    }

    /// The content digest: frame and field tree. Each field has a salt of its own, so that single fields can be shown.
    ///
    /// `place` is the output's place among the transaction's components.
    pub fn digest(&self, transaction_salt: &[u8; 32], place: u32) -> Result<[u8; 32], EncodingError> {
        digest_of_body(&encode(self), transaction_salt, place)
    }

    /// The state's message without its data.
    pub fn frame(&self) -> Vec<u8> {
        wire::State { data: Vec::new(), ..self.to_wire() }.encode_to_vec()
    }
}

/// The content digest of a state by its canonical bytes, in which the data stand last.
pub(crate) fn digest_of_body(body: &[u8], transaction_salt: &[u8; 32], place: u32) -> Result<[u8; 32], EncodingError> {
    let (frame, data) = split_body(body)?;
    let records = field_records(data)?;
    let leaf = |(field, record)| field_leaf(&salt_of(transaction_salt, place, Some(field)), record);
    let leaves: Vec<_> = (0u32..).zip(records).map(leaf).collect();
    Ok(digest_of(frame, count_of(&leaves), &merkle::root(&leaves)))
}

/// Frame and data of a state's canonical bytes.
fn split_body(body: &[u8]) -> Result<(&[u8], &[u8]), EncodingError> {
    /// Tag of the field `data`.
    const DATA: u8 = 6 << 3 | 2;
    let records = field_records(body)?;
    let Some(data) = records.last().filter(|record| record.first() == Some(&DATA)) else { return Ok((body, &[])) };
    let frame = body.get(..body.len().saturating_sub(data.len())).unwrap_or(body);
    Ok((frame, length_delimited(data)?))
}

/// The salt of one component (no field) or of one of its fields: one block of SHA-256.
///
/// A field's salt does not follow from its component's, which a disclosure of another field shows.
pub(crate) fn salt_of(transaction_salt: &[u8; 32], place: u32, field: Option<u32>) -> [u8; 32] {
    let field = field.unwrap_or(u32::MAX);
    hash_fixed(Domain::Salt, &[transaction_salt, &place.to_be_bytes(), &field.to_be_bytes()])
}

/// The leaf of one field.
pub(crate) fn field_leaf(salt: &[u8; 32], record: &[u8]) -> [u8; 32] {
    leaf(Domain::Field, &[salt, record])
}

/// The digest of a state by its frame and the root over its fields.
pub(crate) fn digest_of(frame: &[u8], fields: u32, root: &[u8; 32]) -> [u8; 32] {
    hash_fixed(Domain::State, &[&fields.to_be_bytes(), root, frame])
}

fn count_of<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

impl Wire for State {
    type Message = wire::State;

    /// The data, and 4 kB for the frame.
    const BYTES_MAX: usize = Self::DATA_BYTES_MAX.saturating_add(4_096);

    fn to_wire(&self) -> wire::State {
        wire::State {
            contract: self.contract.to_string(),
            kind: self.kind.clone(),
            owner: self.owner.to_vec(),
            participants: self.participants.iter().map(Address::to_vec).collect(),
            locks: self.locks.iter().map(Lock::to_wire).collect(),
            data: self.data.clone(),
        }
    }

    fn from_wire(message: wire::State) -> Result<Self, EncodingError> {
        at_most(&message.participants, Self::PARTICIPANTS_MAX, "state.participants")?;
        at_most(&message.locks, Lock::PER_STATE_MAX, "state.locks")?;
        plain_text(&message.kind, 32, "state.kind")?;
        if message.data.len() > Self::DATA_BYTES_MAX {
            let (maximum, actual) = (Self::DATA_BYTES_MAX, message.data.len());
            return Err(EncodingError::TooLong { field: "state.data", maximum, actual });
        }
        let addresses = message.participants.iter().map(|bytes| bytes.as_slice().try_into());
        let participants = addresses.collect::<Result<Vec<Address>, _>>()?;
        ascending(&participants, "state.participants")?;
        let locks = message.locks.into_iter().map(Lock::from_wire).collect::<Result<Vec<_>, _>>()?;
        ascending(&locks.iter().map(Lock::order).collect::<Vec<_>>(), "state.locks")?;
        Ok(Self {
            contract: message.contract.parse()?,
            kind: message.kind,
            owner: message.owner.as_slice().try_into()?,
            participants,
            locks,
            data: message.data,
        })
    }
}
