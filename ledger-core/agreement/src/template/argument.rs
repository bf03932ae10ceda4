//! What was given for a template's parameters.

use std::collections::BTreeMap;

use chrono::DateTime;
use num_bigint::BigInt;

use super::TemplateError;
use super::parameter::{Kind, Parameter, SHARE_WHOLE};
use crate::analysis::TIME_MAX;
use crate::json::{Json, JsonError, Node};
use crate::party::Bound;

/// Integers by the names of their parameters.
type Row = BTreeMap<String, BigInt>;

/// An integer for each parameter, and for each list its entries.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) integers: Row,
    pub(super) lists: BTreeMap<String, Vec<Row>>,
}

impl Arguments {
    /// Reads an object with a field for each parameter, within their bounds and in their order.
    pub(super) fn read(parameters: &[Parameter], given: &Json) -> Result<Self, TemplateError> {
        let mut arguments = Self::default();
        let mut clock = Clock::default();
        let node = Node::root(given);
        fields_are(parameters, &node)?;
        for parameter in parameters {
            let Some(field) = node.optional(&parameter.name) else { continue };
            match &parameter.kind {
                Kind::List { fields, .. } => {
                    let rows = list(parameter, fields, &field, &mut clock)?;
                    arguments.lists.insert(parameter.name.clone(), rows);
                }
                _ => {
                    let integer = integer(parameter, &field, &mut clock)?;
                    arguments.integers.insert(parameter.name.clone(), integer);
                }
            }
        }
        Ok(arguments)
    }

    /// The arguments whose contract is the longest: most entries, and of each bound the longer end.
    pub(super) fn longest(parameters: &[Parameter]) -> Self {
        let mut arguments = Self::default();
        for Parameter { name, kind, .. } in parameters {
            match kind {
                Kind::List { to, fields, .. } => {
                    let row = || fields.iter().map(|field| (field.name.clone(), longest(&field.kind))).collect();
                    arguments.lists.insert(name.clone(), std::iter::repeat_with(row).take(*to).collect());
                }
                _ => {
                    arguments.integers.insert(name.clone(), longest(kind));
                }
            }
        }
        arguments
    }
}

fn longest(kind: &Kind) -> BigInt {
    let Bound { from, to } = kind.bounds().unwrap_or(Bound { from: BigInt::ZERO, to: BigInt::from(TIME_MAX) });
    if from.to_string().len() > to.to_string().len() { from } else { to }
}

/// The latest time so far, and which parameter it is.
#[derive(Default)]
struct Clock(Option<(String, BigInt)>);

/// Each parameter has a field, and each field is a parameter.
fn fields_are(parameters: &[Parameter], node: &Node<'_>) -> Result<(), TemplateError> {
    let Json::Object(fields) = node.json() else {
        return Err(node.unexpected("object with a field for each parameter"))?;
    };
    let path = |name: &str| format!("{}.{name}", node.path());
    let is_known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    if let Some((unknown, _)) = fields.iter().find(|(name, _)| !is_known(name)) {
        let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        return Err(TemplateError::ParameterUnknown { path: path(unknown), known: names.join(", ") });
    }
    match parameters.iter().find(|parameter| !node.has(&parameter.name)) {
        Some(missing) => Err(TemplateError::ParameterMissing { path: path(&missing.name) }),
        None => Ok(()),
    }
}

fn list(
    parameter: &Parameter,
    fields: &[Parameter],
    node: &Node<'_>,
    clock: &mut Clock,
) -> Result<Vec<Row>, TemplateError> {
    let mut rows = Vec::new();
    for item in node.items()? {
        fields_are(fields, &item)?;
        let mut row = Row::new();
        for field in fields {
            let Some(place) = item.optional(&field.name) else { continue };
            row.insert(field.name.clone(), integer(field, &place, clock)?);
        }
        rows.push(row);
    }
    is_within(parameter, node, &BigInt::from(rows.len()))?;
    for field in fields.iter().filter(|field| matches!(field.kind, Kind::Share(_))) {
        let total: BigInt = rows.iter().filter_map(|row| row.get(&field.name)).sum();
        if total > BigInt::from(SHARE_WHOLE) {
            return Err(TemplateError::ParameterShares { path: node.path(), total });
        }
    }
    Ok(rows)
}

fn integer(parameter: &Parameter, node: &Node<'_>, clock: &mut Clock) -> Result<BigInt, TemplateError> {
    if !matches!(parameter.kind, Kind::Time) {
        let integer = node.integer()?;
        is_within(parameter, node, &integer)?;
        return Ok(integer);
    }
    let time = read_time(node)?;
    let (from, to) = (BigInt::ZERO, BigInt::from(TIME_MAX));
    if time < from || time > to {
        return Err(TemplateError::ParameterOutOfBounds { path: node.path(), value: time, from, to });
    }
    if let Some((before, earlier)) = clock.0.take().filter(|(_, earlier)| time <= *earlier) {
        return Err(TemplateError::ParameterTimeOrder { path: node.path(), time, before, earlier });
    }
    clock.0 = Some((node.path(), time.clone()));
    Ok(time)
}

fn is_within(parameter: &Parameter, node: &Node<'_>, value: &BigInt) -> Result<(), TemplateError> {
    match parameter.kind.bounds() {
        Some(bound) if !bound.holds(value) => {
            let Bound { from, to } = bound;
            Err(TemplateError::ParameterOutOfBounds { path: node.path(), value: value.clone(), from, to })
        }
        _ => Ok(()),
    }
}

/// An instant in milliseconds since 1970, or as a text of RFC 3339.
pub(crate) fn read_time(node: &Node<'_>) -> Result<BigInt, JsonError> {
    match node.json() {
        Json::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(instant) => Ok(BigInt::from(instant.timestamp_millis())),
            Err(_) => Err(node.unexpected("time: milliseconds since 1970, or a text as 2026-10-01T08:00:00Z")),
        },
        _ => node.integer(),
    }
}
