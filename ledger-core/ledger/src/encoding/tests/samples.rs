//! Messages made from chance: any that the schema allows, and sound ones that every bound of the values allows too.

use super::records::{Record, Value, bytes_of};
use super::schema::{Field, Kind, Label, Schema};

/// Bytes from which a message is made; zeros when they are used up, so that less makes a smaller message.
pub(super) struct Chance<'b>(&'b [u8]);

impl<'b> Chance<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }

    /// A number of up to so many bits, often small.
    fn number(&mut self, bits: u32) -> u64 {
        let length = usize::from(self.below(u8::try_from(bits / 8 + 1).unwrap()));
        let number = self.bytes(length).into_iter().fold(0, |number: u64, byte| number << 8 | u64::from(byte));
        number & (u64::MAX >> (64 - bits))
    }

    fn text(&mut self) -> Vec<u8> {
        const LETTERS: [&str; 8] = ["a", "B", "7", "-", " ", "é", "证", "𝄞"];
        (0..self.below(5)).map(|_| LETTERS[usize::from(self.below(8))]).collect::<String>().into_bytes()
    }
}

/// The message within a component of a kind.
pub(super) fn component_message(kind: u64) -> Option<&'static str> {
    Some(match kind {
        4 => "TimeWindow",
        5 => "Date",
        6 => "Anchor",
        7 => "StateRef",
        8 => "Reference",
        9 => "State",
        10 => "Command",
        12 => "Claim",
        13 => "Metadata",
        _ => return None,
    })
}

/// Messages nested below the top one; a policy within a policy counts three.
const NESTED_MAX: usize = 8;

/// Any message that the schema allows, in canonical form.
pub(super) fn any_message(schema: &Schema, message: &str, chance: &mut Chance<'_>) -> Vec<u8> {
    bytes_of(&Maker { schema, is_sound: false }.records(message, chance, 0))
}

/// A message whose value exists.
pub(super) fn sound_message(schema: &Schema, message: &str, chance: &mut Chance<'_>) -> Vec<u8> {
    bytes_of(&Maker { schema, is_sound: true }.records(message, chance, 0))
}

struct Maker<'s> {
    schema: &'s Schema,
    is_sound: bool,
}

impl Maker<'_> {
    fn records(&self, message: &str, chance: &mut Chance<'_>, depth: usize) -> Vec<Record> {
        if self.is_sound && message == "Transaction" {
            return self.transaction(chance);
        }
        let mut records = Vec::new();
        let fields = self.schema.fields(message);
        let mut oneof = None;
        for field in fields {
            if field.oneof.is_some() {
                if oneof != field.oneof {
                    oneof = field.oneof;
                    records.extend(self.choice(message, fields, field, chance, depth));
                }
                continue;
            }
            records.extend(self.field(message, field, chance, depth));
        }
        records
    }

    /// One member of a oneof; sound messages never leave it out.
    fn choice(
        &self,
        message: &str,
        fields: &[Field],
        first: &Field,
        chance: &mut Chance<'_>,
        depth: usize,
    ) -> Option<Record> {
        let members: Vec<_> = fields.iter().filter(|field| field.oneof == first.oneof).collect();
        if !self.is_sound && chance.below(4) == 0 {
            return None;
        }
        // Deep down the first member, which is a leaf, ends the nesting.
        let place = if depth >= NESTED_MAX { 0 } else { usize::from(chance.byte()) % members.len() };
        Some(Record { tag: members[place].tag, value: self.value(message, members[place], chance, depth) })
    }

    fn field(&self, message: &str, field: &Field, chance: &mut Chance<'_>, depth: usize) -> Vec<Record> {
        let record = |value| Record { tag: field.tag, value };
        if self.is_sound && is_left_out(message, field.name) {
            return Vec::new();
        }
        match (field.label, field.kind) {
            (Label::Repeated, _) if depth >= NESTED_MAX => Vec::new(),
            (Label::Repeated, _) => {
                let fewest =
                    u8::from(self.is_sound && ["ListedParties", "Settlement", "ArchiveJournal"].contains(&message));
                let mut values: Vec<_> =
                    (0..chance.below(4).max(fewest)).map(|_| self.value(message, field, chance, depth)).collect();
                if self.is_sound {
                    values.sort_by_key(|value| order(message, value));
                    values.dedup_by_key(|value| order(message, value));
                }
                match values.as_slice() {
                    [Value::Varint(_), ..] => {
                        let number = |value| if let Value::Varint(number) = value { number } else { 0 };
                        vec![record(Value::Packed(values.into_iter().map(number).collect()))]
                    }
                    _ => values.into_iter().map(record).collect(),
                }
            }
            (Label::Present, _) => {
                let value = self.value(message, field, chance, depth);
                if chance.below(2) == 0 { Vec::new() } else { vec![record(value)] }
            }
            (Label::Plain, Kind::Message(_)) => {
                let is_left_out = !self.is_sound && (depth >= NESTED_MAX || chance.below(4) == 0);
                if is_left_out { Vec::new() } else { vec![record(self.value(message, field, chance, depth))] }
            }
            (Label::Plain, _) => {
                let value = self.value(message, field, chance, depth);
                let is_default = value.payload().1.iter().all(|byte| *byte == 0) && matches!(value, Value::Varint(_))
                    || matches!(&value, Value::Bytes(bytes) if bytes.is_empty());
                if is_default { Vec::new() } else { vec![record(value)] }
            }
        }
    }

    fn value(&self, message: &str, field: &Field, chance: &mut Chance<'_>, depth: usize) -> Value {
        if let Some(value) = self.is_sound.then(|| self.sound_value(message, field, chance)).flatten() {
            return value;
        }
        match field.kind {
            Kind::Bytes => {
                let length = usize::from(chance.below(40));
                Value::Bytes(chance.bytes(length))
            }
            Kind::Text => Value::Bytes(chance.text()),
            Kind::Uint64 => Value::Varint(chance.number(64)),
            Kind::Uint32 | Kind::Sint32 => Value::Varint(chance.number(32)),
            Kind::Bool => Value::Varint(u64::from(chance.below(2))),
            Kind::Enumeration(largest) => Value::Varint(chance.number(8) % (largest + 2)),
            Kind::Message(name) => Value::Message(name, self.records(name, chance, depth + 1)),
        }
    }

    /// What a field holds where not everything will do; ids and keys have 32 bytes, amounts 63 bits.
    fn sound_value(&self, message: &str, field: &Field, chance: &mut Chance<'_>) -> Option<Value> {
        let within = |name, chance: &mut Chance<'_>| Value::Bytes(sound_message(self.schema, name, chance));
        Some(match (message, field.name, field.kind) {
            ("SignedTransaction", "transaction", _) => within("Transaction", chance),
            ("InclusionProof", "transaction", _) => within("SignedTransaction", chance),
            ("InclusionProof" | "JournalProof" | "StateProof", "genesis", _) => within("Genesis", chance),
            ("Lock", "amount", _) | ("LoanRate", "value", _) => Value::Varint(chance.number(62) + 1),
            ("Agreement", "contract", _) => Value::Bytes(br#""close""#.to_vec()),
            ("Agreement", "state", _) => {
                Value::Bytes(br#"{"accounts":[],"choices":[],"boundValues":[],"minTime":0}"#.to_vec())
            }
            ("AgreementRole", "role", _) | ("AgreementToken", "currency_symbol", _) => {
                Value::Bytes(format!("name {}", chance.below(200)).into_bytes())
            }
            ("PledgePublicity", "register" | "number", _) => Value::Bytes(b"2026-17".to_vec()),
            ("Pledge", "obligation", _) => {
                Value::Bytes(if chance.below(2) == 0 { Vec::new() } else { chance.bytes(32) })
            }
            ("Opening", "label", _) => Value::Bytes(b"reason".to_vec()),
            (_, "signature" | "finality", _) => Value::Bytes(chance.bytes(64)),
            ("Party", "nonce", _) | (_, "administrator_nonce", _) => Value::Bytes(chance.bytes(16)),
            ("State", "data", _) => Value::Bytes((0..chance.below(8)).flat_map(|_| [8, chance.below(0x80)]).collect()),
            (_, "arguments", Kind::Bytes) | ("Block", "transactions", _) => {
                let length = usize::from(chance.below(40));
                Value::Bytes(chance.bytes(length))
            }
            (_, "asset" | "encryption_key" | "near" | "purpose" | "from", Kind::Bytes) if is_optional(message) => {
                Value::Bytes(if chance.below(2) == 0 { Vec::new() } else { chance.bytes(32) })
            }
            ("Obligation", "round", _) | ("Loan", "purpose", _) => {
                Value::Bytes(if chance.below(2) == 0 { Vec::new() } else { chance.bytes(32) })
            }
            (_, "suite", _) => Value::Bytes(crate::Genesis::SUITE.into()),
            (_, "contract" | "contracts", Kind::Text) => {
                Value::Bytes(format!("acme/lot_{}@{}", chance.below(9), chance.below(9) + 1).into_bytes())
            }
            // Three of them are an amount together.
            ("LoanParts", _, _) => Value::Varint(chance.number(61)),
            (_, _, Kind::Bytes) => Value::Bytes(chance.bytes(32)),
            (_, "scale", _) => Value::Varint(u64::from(chance.below(10))),
            (_, "rank", _) => Value::Varint(chance.number(31) + 1),
            ("Date", "days", _) => Value::Varint(chance.number(20)),
            (_, _, Kind::Uint64) => Value::Varint(chance.number(63)),
            (_, _, Kind::Enumeration(largest)) => Value::Varint(chance.number(8) % largest + 1),
            _ => return None,
        })
    }

    /// The components of a transaction, each list in its order.
    fn transaction(&self, chance: &mut Chance<'_>) -> Vec<Record> {
        let mut records = vec![Record { tag: 1, value: Value::Bytes(chance.bytes(32)) }];
        for kind in 1u64..=13 {
            let count = if kind <= 6 { 1 } else { chance.below(3) };
            let mut bodies: Vec<_> = (0..count)
                .map(|_| match component_message(kind) {
                    Some(name) => Value::Message(name, self.records(name, chance, 1)),
                    None => Value::Bytes(chance.bytes(32)),
                })
                .collect();
            if kind >= 12 {
                bodies.sort_by_key(|body| order("Transaction", body));
                bodies.dedup_by_key(|body| order("Transaction", body));
            }
            for body in bodies {
                let (_, body) = body.payload();
                let mut component = vec![Record { tag: 1, value: Value::Varint(kind) }];
                component.extend((!body.is_empty()).then_some(Record { tag: 2, value: Value::Bytes(body) }));
                records.push(Record { tag: 2, value: Value::Message("Component", component) });
            }
        }
        records
    }
}

/// Messages whose ids may be empty.
fn is_optional(message: &str) -> bool {
    matches!(message, "Claim" | "Rule" | "TokenHolding" | "PurposeBind" | "Party" | "PartyRecovery")
}

/// Fields of a message that another value of the same message reads.
fn is_left_out(message: &str, field: &str) -> bool {
    matches!((message, field), ("TokenDefinition", "policy") | ("Pledge", "cover"))
}

/// The order of lists: by number, by bytes, by the first field, of some messages by further ones.
fn order(message: &str, value: &Value) -> Vec<(u64, Vec<u8>)> {
    let plain = |value: &Value| match value {
        Value::Varint(number) => (*number, Vec::new()),
        other => (0, other.payload().1),
    };
    let Value::Message(name, records) = value else { return vec![plain(value)] };
    let of = |tag: u32| {
        records.iter().find(|record| record.tag == tag).map_or_else(Default::default, |record| plain(&record.value))
    };
    match (message, *name) {
        (_, "Lock") => vec![of(4), of(3)],
        (_, "Claim") => vec![of(2), of(1), of(3)],
        (_, "SettlementLeg") => vec![of(1), of(3), of(2)],
        (_, "PartySignature") => vec![of(1), of(2)],
        (_, "FreezeSubject") => records.iter().map(|record| (u64::from(record.tag), plain(&record.value).1)).collect(),
        (_, "LoanRate" | "LoanPrepayment") => vec![(records.first().map_or(0, day), Vec::new())],
        (_, "Member" | "Rule" | "PledgedTitle" | "Component") => vec![(0, value.payload().1)],
        _ => vec![of(1)],
    }
}

/// A date as a number that ascends with it.
fn day(record: &Record) -> u64 {
    let Value::Message("Date", fields) = &record.value else { return 0 };
    let zigzag = fields.first().map_or(0, |field| if let Value::Varint(days) = field.value { days } else { 0 });
    let half = 1 << 32;
    if zigzag % 2 == 0 { half + zigzag / 2 } else { half - zigzag.div_ceil(2) }
}
