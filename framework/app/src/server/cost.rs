//! What a document would cost, known before it is validated, let alone executed.
//!
//! Validation walks fragments again and again, so a few lines of fragments that spread fragments could keep a core busy for
//! years. Here each fragment is counted once.

use std::collections::BTreeMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Value, Variables};
use hive_plug::connection::{ROWS_DEFAULT, ROWS_MAX};
use hive_plug::error::{ApiError, ErrorCode};

use super::limits::{BRACKETS_DEEP_MAX, COST_MAX, DEAR_FIELDS, DEPTH_MAX, DOCUMENT_BYTES_MAX, LEVELS_MAX};

/// Refuses text that would be dangerous to parse.
///
/// # Errors
/// `COMPLEXITY_LIMIT`.
pub fn text_is_parsable(document: &str) -> Result<(), ApiError> {
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(over(format!("the document has over {DOCUMENT_BYTES_MAX} bytes; put values into variables")));
    }
    if brackets_deep(document) > BRACKETS_DEEP_MAX {
        return Err(over(format!("the document nests deeper than {BRACKETS_DEEP_MAX} brackets")));
    }
    Ok(())
}

/// The deepest nesting of brackets outside strings and comments.
fn brackets_deep(document: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' => string_length(rest),
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        match first {
            '{' | '(' | '[' => depth = depth.saturating_add(1),
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        rest = rest.get(taken.max(1)..).unwrap_or_default();
    }
    deepest
}

/// Bytes of the string literal at the start of the text.
fn string_length(text: &str) -> usize {
    let (quotes, escape) = if text.starts_with("\"\"\"") { ("\"\"\"", "\\\"\"\"") } else { ("\"", "\\") };
    let mut at = quotes.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(escape) {
            let skipped =
                if escape.len() > 1 { Some(escape.len()) } else { rest.char_indices().nth(2).map(|(end, _)| end) };
            at = at.saturating_add(skipped.unwrap_or(rest.len()));
        } else if rest.starts_with(quotes) {
            return at.saturating_add(quotes.len());
        } else {
            at = at.saturating_add(rest.chars().next().map_or(1, char::len_utf8));
        }
    }
    text.len()
}

/// The operation of this name, or the only one.
pub fn operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|operation| &operation.node),
        (DocumentOperations::Multiple(operations), None) => {
            operations.values().next().filter(|_| operations.len() == 1).map(|operation| &operation.node)
        }
    }
}

/// Names of the operation's own root fields, fragments not followed.
pub fn root_fields(operation: &OperationDefinition) -> Vec<&str> {
    let items = operation.selection_set.node.items.iter();
    items
        .map(|selection| match &selection.node {
            Selection::Field(field) => field.node.name.node.as_str(),
            _ => "...",
        })
        .collect()
}

/// The cost of the dearest operation; refused if it is too deep or too dear.
///
/// # Errors
/// `COMPLEXITY_LIMIT`; `BAD_USER_INPUT` for fragments that spread themselves.
pub fn measured(document: &ExecutableDocument, variables: &Variables) -> Result<u64, ApiError> {
    let mut scale = Scale { document, variables, fragments: BTreeMap::new() };
    let mut dearest = 0;
    for (_, operation) in document.operations.iter() {
        let weight = scale.selection(&operation.node.selection_set.node, 0)?;
        if weight.depth > DEPTH_MAX {
            return Err(over(format!("the query is {} fields deep, at most {DEPTH_MAX} are allowed", weight.depth)));
        }
        dearest = dearest.max(weight.cost);
    }
    if dearest > COST_MAX {
        return Err(over(format!(
            "the query costs {dearest}, at most {COST_MAX} is allowed; ask for fewer fields or rows"
        )));
    }
    Ok(dearest)
}

#[derive(Clone, Copy, Default)]
struct Weight {
    cost: u64,
    depth: usize,
    /// True if rows of a connection are selected directly.
    has_rows: bool,
}

struct Scale<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    /// None while a fragment is being weighed.
    fragments: BTreeMap<&'d str, Option<Weight>>,
}

impl<'d> Scale<'d> {
    /// `level` counts selections within selections, through fragments too, so that the walk's own stack is bounded.
    fn selection(&mut self, set: &'d SelectionSet, level: usize) -> Result<Weight, ApiError> {
        if level > LEVELS_MAX {
            return Err(over(format!("the query selects within more than {LEVELS_MAX} selections")));
        }
        let level = level.saturating_add(1);
        let mut total = Weight::default();
        for selection in &set.items {
            let weight = match &selection.node {
                Selection::Field(field) => self.field(&field.node, level)?,
                Selection::InlineFragment(inline) => self.selection(&inline.node.selection_set.node, level)?,
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str(), level)?,
            };
            total.cost = total.cost.saturating_add(weight.cost);
            total.depth = total.depth.max(weight.depth);
            total.has_rows |= weight.has_rows;
        }
        Ok(total)
    }

    fn field(&mut self, field: &'d Field, level: usize) -> Result<Weight, ApiError> {
        let inner = self.selection(&field.selection_set.node, level)?;
        let rows = if inner.has_rows { self.rows(field) } else { 1 };
        Ok(Weight {
            cost: inner.cost.saturating_mul(rows).saturating_add(own_cost(field.name.node.as_str())),
            depth: inner.depth.saturating_add(1),
            has_rows: matches!(field.name.node.as_str(), "nodes" | "edges"),
        })
    }

    fn fragment(&mut self, name: &'d str, level: usize) -> Result<Weight, ApiError> {
        match self.fragments.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(ApiError::bad_input(format!("the fragment {name} spreads itself"))),
            None => {}
        }
        // An unknown fragment costs nothing; validation names it.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Weight::default()) };
        self.fragments.insert(name, None);
        let weight = self.selection(&fragment.node.selection_set.node, level)?;
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    /// Rows that a connection may answer with.
    fn rows(&self, field: &Field) -> u64 {
        let asked = field.arguments.iter().find(|(name, _)| matches!(name.node.as_str(), "first" | "last"));
        let constant = asked.and_then(|(_, value)| {
            value.node.clone().into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()
        });
        let number = constant.and_then(|value| match value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        });
        number.map_or(u64::from(ROWS_DEFAULT), |rows| rows.clamp(1, u64::from(ROWS_MAX)))
    }
}

/// What a field costs without its selection.
fn own_cost(name: &str) -> u64 {
    DEAR_FIELDS.iter().find(|(dear, _)| *dear == name).map_or(1, |(_, cost)| *cost)
}

fn over(message: String) -> ApiError {
    ApiError::new(ErrorCode::ComplexityLimit, message)
}

#[cfg(test)]
mod tests;
