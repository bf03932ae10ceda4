//! Every other form of a message: each is refused, wherever in the message it stands.

use super::records::{Record, Value, bytes_of, delimited, long_varint, varint};
use super::schema::{Field, Kind, Label, Schema};

/// What was done, and the bytes.
pub(super) type Form = (String, Vec<u8>);

/// Forms of the message that are not the canonical one.
pub(super) fn other_forms(schema: &Schema, message: &str, records: &[Record]) -> Vec<Form> {
    let fields = schema.fields(message);
    let raw: Vec<Vec<u8>> = records.iter().map(Record::bytes).collect();
    let mut forms = unknown_fields(fields, &raw);
    forms.extend(explicit_defaults(fields, records));
    forms.extend(orders(schema, message, records, &raw));
    for (place, record) in records.iter().enumerate() {
        let field = schema.field(message, record.tag);
        for (what, bytes) in forms_of(field, record, schema) {
            let mut changed = raw.clone();
            changed[place] = bytes;
            forms.push((format!("{message}.{}: {what}", field.name), changed.concat()));
        }
    }
    forms.push((format!("{message}: a byte after the end"), [bytes_of(records), vec![0]].concat()));
    forms
}

/// Fields that the schema does not have, of every wire type, before and after.
fn unknown_fields(fields: &[Field], raw: &[Vec<u8>]) -> Vec<Form> {
    let next = fields.last().map_or(1, |field| field.tag + 1);
    let message = raw.concat();
    let mut forms = Vec::new();
    for tag in [next, (1 << 29) - 1] {
        let key = |wire: u64| varint(u64::from(tag) << 3 | wire);
        for (wire, value) in [(0, vec![1]), (1, vec![0; 8]), (2, vec![0]), (3, key(4)), (5, vec![0; 4])] {
            let unknown = [key(wire), value].concat();
            forms.push((format!("unknown field {tag} of wire type {wire} after"), [&message[..], &unknown].concat()));
            forms.push((format!("unknown field {tag} of wire type {wire} before"), [&unknown[..], &message].concat()));
        }
    }
    forms
}

/// Defaults, written where they are to be left out.
fn explicit_defaults(fields: &[Field], records: &[Record]) -> Vec<Form> {
    let is_left_out = |field: &&Field| {
        let has_default = field.label == Label::Plain && !matches!(field.kind, Kind::Message(_));
        (has_default || field.is_packed()) && records.iter().all(|record| record.tag != field.tag)
    };
    let form = |field: &Field| {
        let wire = if field.kind.is_number() && !field.is_packed() { 0 } else { 2 };
        let default = [varint(u64::from(field.tag) << 3 | wire), vec![0]].concat();
        let (before, after): (Vec<_>, Vec<_>) = records.iter().partition(|record| record.tag < field.tag);
        let bytes = |records: Vec<&Record>| records.into_iter().flat_map(Record::bytes).collect::<Vec<_>>();
        (format!("{} as explicit default", field.name), [bytes(before), default, bytes(after)].concat())
    };
    fields.iter().filter(is_left_out).map(form).collect()
}

/// Records in another order, and single fields twice.
fn orders(schema: &Schema, message: &str, records: &[Record], raw: &[Vec<u8>]) -> Vec<Form> {
    let mut forms = Vec::new();
    for place in 0..raw.len() {
        let field = schema.field(message, records[place].tag);
        if records.get(place + 1).is_some_and(|next| next.tag != field.tag) {
            let mut swapped = raw.to_vec();
            swapped.swap(place, place + 1);
            forms.push((format!("{message}.{}: after its successor", field.name), swapped.concat()));
        }
        if field.label != Label::Repeated || field.is_packed() {
            let mut repeated = raw.to_vec();
            repeated.insert(place, raw[place].clone());
            forms.push((format!("{message}.{}: twice", field.name), repeated.concat()));
        }
        for other in schema.fields(message) {
            if field.oneof.is_some() && field.oneof == other.oneof && field.tag != other.tag {
                let both = if other.tag < field.tag {
                    [delimited(other.tag, &[]), raw[place].clone()]
                } else {
                    [raw[place].clone(), delimited(other.tag, &[])]
                };
                let mut changed = raw.to_vec();
                changed[place] = both.concat();
                forms.push((format!("{message}.{}: beside {}", field.name, other.name), changed.concat()));
            }
        }
    }
    forms
}

/// Other forms of one record.
fn forms_of(field: &Field, record: &Record, schema: &Schema) -> Vec<Form> {
    let (wire, payload) = record.value.payload();
    let key = |wire: u64| varint(u64::from(record.tag) << 3 | wire);
    let length = payload.len() as u64;
    let mut forms = Vec::new();
    let mut push = |what: &str, parts: &[&[u8]]| forms.push((what.to_owned(), parts.concat()));
    let prefix = if wire == 0 { Vec::new() } else { varint(length) };
    push("a long key", &[&long_varint(u64::from(record.tag) << 3 | wire).unwrap(), &prefix, &payload]);
    for other in (0..8).filter(|other| *other != wire) {
        push(&format!("wire type {other}"), &[&key(other), &prefix, &payload]);
    }
    if wire == 2 {
        push("a long length", &[&key(2), &long_varint(length).unwrap(), &payload]);
        push("a length past the end", &[&key(2), &varint(u64::MAX), &payload]);
    }
    if field.kind == Kind::Text {
        push("no UTF-8", &[&key(2), &varint(length + 1), &payload, &[0xff]]);
    }
    match &record.value {
        Value::Varint(number) => {
            for (what, bytes) in numbers(field.kind, *number) {
                push(what, &[&key(0), &bytes]);
            }
        }
        Value::Packed(list) => {
            for (place, number) in list.iter().enumerate() {
                for (what, bytes) in numbers(field.kind, *number) {
                    let mut changed: Vec<_> = list.iter().map(|number| varint(*number)).collect();
                    changed[place] = bytes;
                    push(what, &[&delimited(record.tag, &changed.concat())]);
                }
            }
            let single = list.iter().flat_map(|number| [key(0), varint(*number)].concat());
            push("not packed", &[&single.collect::<Vec<_>>()]);
        }
        Value::Message(name, records) => {
            for (what, bytes) in other_forms(schema, name, records) {
                push(&what, &[&delimited(record.tag, &bytes)]);
            }
        }
        Value::Bytes(_) => {}
    }
    forms
}

/// Other forms of a number, and numbers that do not fit their type.
fn numbers(kind: Kind, number: u64) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms: Vec<_> = long_varint(number).map(|bytes| ("a long number", bytes)).into_iter().collect();
    match kind {
        Kind::Bool => forms.push(("a truth past one", varint(number + 1))),
        Kind::Uint32 | Kind::Sint32 | Kind::Enumeration(_) if number < 1 << 32 => {
            forms.push(("a number past 32 bits", varint(number + (1 << 32))));
        }
        _ => {}
    }
    forms
}
