//! From a contract with places to one without: five forms that no contract has, each an object.

use std::collections::BTreeSet;

use num_bigint::BigInt;

use super::TemplateError;
use super::argument::Arguments;
use crate::analysis::CONTRACT_BYTES_MAX;
use crate::json::{DEPTH_MAX, Json, JsonError};

/// An expansion calls itself so deep at most: once for each level of the contract, twice for each entry of a list.
const CALLS_MAX: usize = 2 * DEPTH_MAX;

/// The entry that stands for a list's fields, and what comes behind it.
struct Entry<'a> {
    list: &'a str,
    at: usize,
    each: &'a Json,
    then: &'a Json,
    around: Option<&'a Entry<'a>>,
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
    let json = expansion.json(contract, None, 0)?;
    Ok((json, expansion.used))
}

fn unknown(name: &str) -> TemplateError {
    TemplateError::PlaceUnknown { name: name.to_owned() }
}

impl Expansion<'_> {
    fn json(&mut self, json: &Json, entry: Option<&Entry<'_>>, calls: usize) -> Result<Json, TemplateError> {
        self.left = self.left.checked_sub(1).ok_or(TemplateError::TooLarge)?;
        let calls = Some(calls.saturating_add(1)).filter(|calls| *calls <= CALLS_MAX).ok_or(TemplateError::TooLarge)?;
        match json {
            Json::Object(fields) => match self.place(fields, entry, calls)? {
                Some(filled) => Ok(filled),
                None => {
                    let field = |(name, value): &(String, Json)| Ok((name.clone(), self.json(value, entry, calls)?));
                    fields.iter().map(field).collect::<Result<_, TemplateError>>().map(Json::Object)
                }
            },
            Json::Array(values) => {
                let values = values.iter().map(|value| self.json(value, entry, calls));
                values.collect::<Result<_, _>>().map(Json::Array)
            }
            plain => Ok(plain.clone()),
        }
    }

    /// What belongs into a place; nothing, if the object is none.
    fn place(
        &mut self,
        fields: &[(String, Json)],
        entry: Option<&Entry<'_>>,
        calls: usize,
    ) -> Result<Option<Json>, TemplateError> {
        let is_loop = |names: [&str; 3]| names == ["for_each", "do", "then"];
        match fields {
            [(form, Json::String(name))] => match form.as_str() {
                "parameter" => self.parameter(name, entry).map(|integer| Some(Json::integer(&integer))),
                "sum" => self.sum(name).map(|integer| Some(Json::integer(&integer))),
                "numbered" => {
                    let number = entry.ok_or_else(|| unknown(name))?.at.saturating_add(1);
                    Ok(Some(Json::text(format!("{name} {number}"))))
                }
                "rest" => self.rest(name, entry, calls).map(Some),
                _ => Ok(None),
            },
            [(a, Json::String(list)), (b, each), (c, then)] if is_loop([a, b, c]) => {
                self.used.insert(list.clone());
                self.entry(&Entry { list, at: 0, each, then, around: entry }, calls).map(Some)
            }
            fields if fields.iter().any(|(name, _)| name == "for_each") => Err(JsonError::Unexpected {
                path: "$.contract: something with for_each".to_owned(),
                expected: "object with the fields for_each (a list's name), do and then, in this order",
            })?,
            _ => Ok(None),
        }
    }

    /// The entry's contract, or what comes behind the last.
    fn entry(&mut self, entry: &Entry<'_>, calls: usize) -> Result<Json, TemplateError> {
        let rows = self.arguments.lists.get(entry.list).ok_or_else(|| unknown(entry.list))?;
        match entry.at < rows.len() {
            true => self.json(entry.each, Some(entry), calls),
            false => self.json(entry.then, entry.around, calls),
        }
    }

    fn rest(&mut self, list: &str, entry: Option<&Entry<'_>>, calls: usize) -> Result<Json, TemplateError> {
        let here = around(entry).find(|entry| entry.list == list).ok_or_else(|| unknown(list))?;
        self.entry(&Entry { at: here.at.saturating_add(1), ..*here }, calls)
    }

    fn parameter(&mut self, name: &str, entry: Option<&Entry<'_>>) -> Result<BigInt, TemplateError> {
        let field = |entry: &Entry<'_>| self.arguments.lists.get(entry.list)?.get(entry.at)?.get(name);
        let found = around(entry).find_map(field).or_else(|| self.arguments.integers.get(name));
        let integer = found.ok_or_else(|| unknown(name))?.clone();
        self.used.insert(name.to_owned());
        Ok(integer)
    }

    /// What a field comes to over all entries.
    fn sum(&mut self, field: &str) -> Result<BigInt, TemplateError> {
        let mut lists = self.arguments.lists.values();
        let has_field =
            |rows: &&Vec<_>| rows.iter().any(|row: &std::collections::BTreeMap<_, _>| row.contains_key(field));
        let rows = lists.find(has_field).ok_or_else(|| unknown(field))?;
        self.used.insert(field.to_owned());
        Ok(rows.iter().filter_map(|row| row.get(field)).sum())
    }
}

/// The entries that a place lies in, from the inside out.
fn around<'a>(entry: Option<&'a Entry<'a>>) -> impl Iterator<Item = &'a Entry<'a>> {
    std::iter::successors(entry, |entry| entry.around)
}
