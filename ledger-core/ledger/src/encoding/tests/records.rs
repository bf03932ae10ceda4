//! Messages as trees of records, so that each part can be written in another form.

use super::schema::{Kind, Schema};

/// One field as it stands on the wire.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) tag: u32,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Varint(u64),
    Bytes(Vec<u8>),
    /// Numbers of one list.
    Packed(Vec<u64>),
    Message(&'static str, Vec<Record>),
}

/// Which fields of type bytes hold a message that the decoder reads too.
pub(super) type Embedded = fn(message: &str, field: &str, before: &[Record]) -> Option<&'static str>;

/// None.
pub(super) fn nothing(_: &str, _: &str, _: &[Record]) -> Option<&'static str> {
    None
}

/// The components of a transaction, and what proofs carry in bytes.
pub(super) fn transactions(message: &str, field: &str, before: &[Record]) -> Option<&'static str> {
    let kind = match before {
        [Record { value: Value::Varint(kind), .. }] => *kind,
        _ => 0,
    };
    match (message, field) {
        ("SignedTransaction", "transaction") => Some("Transaction"),
        ("InclusionProof", "transaction") => Some("SignedTransaction"),
        ("InclusionProof", "genesis") => Some("Genesis"),
        ("Component", "body") => super::samples::component_message(kind),
        _ => None,
    }
}

/// The records of canonical bytes.
pub(super) fn parse(schema: &Schema, message: &'static str, bytes: &[u8], embedded: Embedded) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let key = read_varint(&mut rest);
        let field = schema.field(message, u32::try_from(key >> 3).unwrap());
        let first = read_varint(&mut rest);
        let value = if key & 7 == 0 {
            Value::Varint(first)
        } else {
            let (mut value, after) = rest.split_at(usize::try_from(first).unwrap());
            rest = after;
            match field.kind {
                Kind::Message(name) => Value::Message(name, parse(schema, name, value, embedded)),
                Kind::Bytes => match embedded(message, field.name, &records) {
                    Some(name) => Value::Message(name, parse(schema, name, value, embedded)),
                    None => Value::Bytes(value.to_vec()),
                },
                Kind::Text => Value::Bytes(value.to_vec()),
                _ => {
                    let mut numbers = Vec::new();
                    while !value.is_empty() {
                        numbers.push(read_varint(&mut value));
                    }
                    Value::Packed(numbers)
                }
            }
        };
        records.push(Record { tag: field.tag, value });
    }
    records
}

fn read_varint(bytes: &mut &[u8]) -> u64 {
    prost::encoding::decode_varint(bytes).unwrap()
}

/// The shortest form of a number.
pub(super) fn varint(number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_varint(number, &mut bytes);
    bytes
}

/// The same number with a byte more; there is none past ten.
pub(super) fn long_varint(number: u64) -> Option<Vec<u8>> {
    let mut bytes = varint(number);
    *bytes.last_mut()? |= 0x80;
    bytes.push(0);
    (bytes.len() <= 10).then_some(bytes)
}

/// A record of bytes.
pub(super) fn delimited(tag: u32, bytes: &[u8]) -> Vec<u8> {
    [varint(u64::from(tag) << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

impl Value {
    /// Wire type and what stands after the length, if there is one.
    pub(super) fn payload(&self) -> (u64, Vec<u8>) {
        match self {
            Self::Varint(number) => (0, varint(*number)),
            Self::Bytes(bytes) => (2, bytes.clone()),
            Self::Packed(numbers) => (2, numbers.iter().flat_map(|number| varint(*number)).collect()),
            Self::Message(_, records) => (2, bytes_of(records)),
        }
    }
}

impl Record {
    /// The canonical bytes of the record.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self.value.payload() {
            (0, number) => [varint(u64::from(self.tag) << 3), number].concat(),
            (_, payload) => delimited(self.tag, &payload),
        }
    }
}

/// The canonical bytes of a message.
pub(super) fn bytes_of(records: &[Record]) -> Vec<u8> {
    records.iter().flat_map(Record::bytes).collect()
}
