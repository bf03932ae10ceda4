//! From a contract with places to one without: five forms that no contract has, each an object.
//!
//! What lies deep is expanded by functions that keep little on the stack: errors are boxed, and what ends a way is apart.

use std::collections::BTreeSet;

use num_bigint::BigInt;

use super::TemplateError;
use super::argument::Arguments;
use crate::analysis::CONTRACT_BYTES_MAX;
use crate::json::{DEPTH_MAX, Json, JsonError};

/// An expansion calls itself so deep at most: once for each level of the contract, twice for each entry of a list.
const CALLS_MAX: usize = DEPTH_MAX + DEPTH_MAX / 2;

type Expanded<T> = Result<T, Box<TemplateError>>;

/// The entry that stands for a list's fields, and what comes behind it.
#[derive(Clone, Copy)]
struct Entry<'a> {
    list: &'a str,
    at: usize,
    each: &'a Json,
    then: &'a Json,
    around: Option<&'a Entry<'a>>,
}

/// Where the expansion is: in which entry, how deep in the contract that it makes, and in itself.
#[derive(Clone, Copy)]
struct Here<'a> {
    entry: Option<&'a Entry<'a>>,
    level: usize,
    calls: usize,
}

/// What an object is.
enum Form<'a> {
    /// A place for a number or a text: `parameter`, `sum`, `numbered`.
    Leaf(&'a str, &'a str),
    Loop {
        list: &'a str,
        each: &'a Json,
        then: &'a Json,
    },
    Rest(&'a str),
    /// A part of the contract.
    Part,
}

struct Expansion<'a> {
    arguments: &'a Arguments,
    /// Each value takes a byte at least, so a contract within its length has no more of them.
    left: usize,
    used: BTreeSet<String>,
}

/// The contract's JSON with everything in its place, and which parameters were used.
pub(super) fn expand(contract: &Json, arguments: &Arguments) -> Result<(Json, BTreeSet<String>), TemplateError> {
    let mut expansion = Expansion { arguments, left: CONTRACT_BYTES_MAX, used: BTreeSet::new() };
    let json = expansion.json(contract, Here { entry: None, level: 0, calls: 0 }).map_err(|error| *error)?;
    Ok((json, expansion.used))
}

fn unknown(name: &str) -> Box<TemplateError> {
    Box::new(TemplateError::PlaceUnknown { name: name.to_owned() })
}

fn form(fields: &[(String, Json)]) -> Expanded<Form<'_>> {
    match fields {
        [(form, Json::String(name))] => Ok(match form.as_str() {
            "parameter" | "sum" | "numbered" => Form::Leaf(form, name),
            "rest" => Form::Rest(name),
            _ => Form::Part,
        }),
        [(a, Json::String(list)), (b, each), (c, then)] if [a, b, c] == ["for_each", "do", "then"] => {
            Ok(Form::Loop { list, each, then })
        }
        fields if fields.iter().any(|(name, _)| name == "for_each") => {
            Err(Box::new(TemplateError::Json(JsonError::Unexpected {
                path: "$.contract: something with for_each".to_owned(),
                expected: "object with the fields for_each (a list's name), do and then, in this order",
            })))
        }
        _ => Ok(Form::Part),
    }
}

impl Expansion<'_> {
    fn json(&mut self, json: &Json, here: Here<'_>) -> Expanded<Json> {
        let here = self.called(here)?;
        match json {
            Json::Object(fields) => match form(fields)? {
                Form::Leaf(form, name) => self.leaf(form, name, here.entry),
                Form::Loop { list, each, then } => {
                    self.first(&Entry { list, at: 0, each, then, around: here.entry }, here)
                }
                Form::Rest(list) => self.rest(list, here),
                Form::Part => self.object(fields, here),
            },
            Json::Array(values) => self.array(values, here),
            plain => Ok(plain.clone()),
        }
    }

    /// Counts a call, within the bounds of a contract.
    fn called<'h>(&mut self, here: Here<'h>) -> Expanded<Here<'h>> {
        self.left = self.left.checked_sub(1).ok_or(TemplateError::TooLarge)?;
        let calls = here.calls.saturating_add(1);
        match (calls > CALLS_MAX, here.level > DEPTH_MAX) {
            (true, _) => Err(Box::new(TemplateError::TooLarge)),
            (_, true) => Err(Box::new(TemplateError::Json(JsonError::TooDeep))),
            _ => Ok(Here { calls, ..here }),
        }
    }

    fn object(&mut self, fields: &[(String, Json)], here: Here<'_>) -> Expanded<Json> {
        let inner = Here { level: here.level.saturating_add(1), ..here };
        let mut filled = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let value = self.json(value, inner)?;
            filled.push((name.clone(), value));
        }
        Ok(Json::Object(filled))
    }

    fn array(&mut self, values: &[Json], here: Here<'_>) -> Expanded<Json> {
        let inner = Here { level: here.level.saturating_add(1), ..here };
        let mut filled = Vec::with_capacity(values.len());
        for value in values {
            filled.push(self.json(value, inner)?);
        }
        Ok(Json::Array(filled))
    }

    fn first(&mut self, entry: &Entry<'_>, here: Here<'_>) -> Expanded<Json> {
        self.used.insert(entry.list.to_owned());
        self.entry(entry, here)
    }

    fn rest(&mut self, list: &str, here: Here<'_>) -> Expanded<Json> {
        let entry = around(here.entry).find(|entry| entry.list == list).ok_or_else(|| unknown(list))?;
        self.entry(&Entry { at: entry.at.saturating_add(1), ..*entry }, here)
    }

    /// The entry's contract, or what comes behind the last.
    fn entry(&mut self, entry: &Entry<'_>, here: Here<'_>) -> Expanded<Json> {
        let rows = self.arguments.lists.get(entry.list).ok_or_else(|| unknown(entry.list))?;
        match entry.at < rows.len() {
            true => self.json(entry.each, Here { entry: Some(entry), ..here }),
            false => self.json(entry.then, Here { entry: entry.around, ..here }),
        }
    }

    fn leaf(&mut self, form: &str, name: &str, entry: Option<&Entry<'_>>) -> Expanded<Json> {
        match form {
            "parameter" => self.parameter(name, entry).map(|integer| Json::integer(&integer)),
            "sum" => self.sum(name).map(|integer| Json::integer(&integer)),
            _ => {
                let number = entry.ok_or_else(|| unknown(name))?.at.saturating_add(1);
                Ok(Json::text(format!("{name} {number}")))
            }
        }
    }

    fn parameter(&mut self, name: &str, entry: Option<&Entry<'_>>) -> Expanded<BigInt> {
        let field = |entry: &Entry<'_>| self.arguments.lists.get(entry.list)?.get(entry.at)?.get(name);
        let found = around(entry).find_map(field).or_else(|| self.arguments.integers.get(name));
        let integer = found.ok_or_else(|| unknown(name))?.clone();
        self.used.insert(name.to_owned());
        Ok(integer)
    }

    /// What a field comes to over all entries.
    fn sum(&mut self, field: &str) -> Expanded<BigInt> {
        let mut lists = self.arguments.lists.values();
        let rows = lists.find(|rows| rows.iter().any(|row| row.contains_key(field))).ok_or_else(|| unknown(field))?;
        self.used.insert(field.to_owned());
        Ok(rows.iter().filter_map(|row| row.get(field)).sum())
    }
}

/// The entries that a place lies in, from the inside out.
fn around<'a>(entry: Option<&'a Entry<'a>>) -> impl Iterator<Item = &'a Entry<'a>> {
    std::iter::successors(entry, |entry| entry.around)
}
