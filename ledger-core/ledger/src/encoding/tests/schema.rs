//! The published schema as tables of fields, read from its text.

use std::collections::BTreeMap;

const TEXT: &str = include_str!("../../../../../schema/ledger.proto");

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bytes,
    Text,
    Uint32,
    Uint64,
    Sint32,
    Bool,
    /// An enumeration, with its largest number.
    Enumeration(u64),
    Message(&'static str),
}

/// How often a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Once, or left out for its default.
    Plain,
    /// Once or not at all, defaults included; members of a oneof are such.
    Present,
    Repeated,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) tag: u32,
    pub(super) kind: Kind,
    pub(super) label: Label,
    pub(super) oneof: Option<&'static str>,
}

impl Kind {
    pub(super) fn is_number(self) -> bool {
        !matches!(self, Self::Bytes | Self::Text | Self::Message(_))
    }
}

impl Field {
    /// A list of numbers stands in one record.
    pub(super) fn is_packed(&self) -> bool {
        self.label == Label::Repeated && self.kind.is_number()
    }
}

/// The messages of the schema, each with its fields by ascending tag.
pub(super) struct Schema(BTreeMap<&'static str, Vec<Field>>);

impl Schema {
    pub(super) fn published() -> Self {
        let numbers = enumerations();
        let mut messages = BTreeMap::new();
        let (mut message, mut oneof, mut in_enumeration) = (None, None, false);
        for line in lines() {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["syntax" | "package", ..] => {}
                ["message", name, opening @ ("{" | "{}")] => {
                    assert!(message.is_none() && messages.insert(*name, Vec::new()).is_none(), "{line}");
                    message = (*opening == "{").then_some(*name);
                }
                ["enum", _, "{"] => in_enumeration = true,
                ["oneof", name, "{"] => oneof = Some(*name),
                ["}"] if oneof.is_some() => oneof = None,
                ["}"] if in_enumeration => in_enumeration = false,
                ["}"] => assert!(message.take().is_some(), "{line}"),
                _ if in_enumeration => {}
                _ => messages.get_mut(message.unwrap()).unwrap().push(field(&words, oneof, &numbers)),
            }
        }
        messages.values_mut().for_each(|fields: &mut Vec<Field>| fields.sort_by_key(|field| field.tag));
        Self(messages)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    pub(super) fn fields(&self, message: &str) -> &[Field] {
        &self.0[message]
    }

    pub(super) fn field(&self, message: &str, tag: u32) -> &Field {
        self.fields(message).iter().find(|field| field.tag == tag).unwrap()
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines().map(|line| line.split("//").next().unwrap().trim()).filter(|line| !line.is_empty())
}

/// The largest number of each enumeration.
fn enumerations() -> BTreeMap<&'static str, u64> {
    let mut numbers = BTreeMap::new();
    let mut within = None;
    for line in lines() {
        match (line.split_whitespace().collect::<Vec<_>>().as_slice(), within) {
            (["enum", name, "{"], None) => within = Some(*name),
            ([_, "=", number], Some(name)) => {
                numbers.insert(name, number.trim_end_matches(';').parse().unwrap());
            }
            (["}"], Some(_)) => within = None,
            _ => assert!(within.is_none(), "{line}"),
        }
    }
    numbers
}

fn field(words: &[&'static str], oneof: Option<&'static str>, enumerations: &BTreeMap<&'static str, u64>) -> Field {
    let (label, rest) = match words {
        ["repeated", rest @ ..] => (Label::Repeated, rest),
        ["optional", rest @ ..] => (Label::Present, rest),
        rest => (if oneof.is_some() { Label::Present } else { Label::Plain }, rest),
    };
    let [kind, name, "=", tag] = rest else { panic!("no field: {words:?}") };
    let kind = match *kind {
        "bytes" => Kind::Bytes,
        "string" => Kind::Text,
        "uint32" => Kind::Uint32,
        "uint64" => Kind::Uint64,
        "sint32" => Kind::Sint32,
        "bool" => Kind::Bool,
        other => enumerations.get(other).map_or(Kind::Message(other), |largest| Kind::Enumeration(*largest)),
    };
    Field { name, tag: tag.trim_end_matches(';').parse().unwrap(), kind, label, oneof }
}
