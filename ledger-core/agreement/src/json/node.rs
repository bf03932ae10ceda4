//! A place in a tree, which knows its path.

use num_bigint::BigInt;

use super::integer::{self, Refused};
use super::{Json, JsonError, JsonForm};

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    json: &'a Json,
    place: Place<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    Root,
    Field(&'a Node<'a>, &'a str),
    Item(&'a Node<'a>, usize),
}

impl<'a> Node<'a> {
    /// A whole text.
    pub fn root(json: &'a Json) -> Self {
        Self { json, place: Place::Root }
    }

    /// The value itself.
    pub fn json(&self) -> &'a Json {
        self.json
    }

    /// Where it stands, as `$.when[0].case`.
    pub fn path(&self) -> String {
        let mut steps = Vec::new();
        let mut node = self;
        loop {
            match &node.place {
                Place::Root => break,
                Place::Field(parent, name) => {
                    steps.push(format!(".{name}"));
                    node = parent;
                }
                Place::Item(parent, at) => {
                    steps.push(format!("[{at}]"));
                    node = parent;
                }
            }
        }
        steps.push("$".to_owned());
        steps.reverse();
        steps.concat()
    }

    /// The refusal of something that is no `expected`.
    pub fn unexpected(&self, expected: &'static str) -> JsonError {
        JsonError::Unexpected { path: self.path(), expected }
    }

    /// The text that stands here.
    pub fn text(&self) -> Result<&'a str, JsonError> {
        match self.json {
            Json::String(text) => Ok(text),
            _ => Err(self.unexpected("text")),
        }
    }

    /// The integer that stands here.
    pub fn integer(&self) -> Result<BigInt, JsonError> {
        let Json::Number(number) = self.json else { return Err(self.unexpected("integer")) };
        integer::parse(number).map_err(|refused| match refused {
            Refused::NotWhole => JsonError::NotWhole { path: self.path() },
            Refused::TooLarge => JsonError::IntegerTooLarge { path: self.path() },
        })
    }

    /// The places of the list that stands here.
    pub fn items(&'a self) -> Result<impl Iterator<Item = Node<'a>>, JsonError> {
        let Json::Array(values) = self.json else { return Err(self.unexpected("list")) };
        Ok(values.iter().enumerate().map(|(at, json)| Node { json, place: Place::Item(self, at) }))
    }

    /// The list that stands here.
    pub fn list<T: JsonForm>(&self) -> Result<Vec<T>, JsonError> {
        self.items()?.map(|item| T::from_node(&item)).collect()
    }

    /// The two values of the pair that stands here.
    pub fn pair(&'a self) -> Result<(Node<'a>, Node<'a>), JsonError> {
        match self.json {
            Json::Array(values) if values.len() == 2 => {
                let mut items = self.items()?;
                items.next().zip(items.next()).ok_or_else(|| self.unexpected("pair"))
            }
            _ => Err(self.unexpected("pair")),
        }
    }

    /// Whether an object with this field stands here.
    pub fn has(&self, name: &str) -> bool {
        matches!(self.json, Json::Object(fields) if fields.iter().any(|(known, _)| known == name))
    }

    /// Whether the object that stands here has all of `names` and no other field.
    pub fn expect<const N: usize>(&self, names: [&'static str; N]) -> Result<(), JsonError> {
        let Json::Object(fields) = self.json else { return Err(self.unexpected("object")) };
        if let Some((unknown, _)) = fields.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            let known = names.join(", ");
            return Err(JsonError::FieldUnknown { path: self.path(), name: unknown.clone(), known });
        }
        match names.into_iter().find(|name| !self.has(name)) {
            Some(name) => Err(JsonError::FieldMissing { path: self.path(), name }),
            None => Ok(()),
        }
    }

    /// The fields of the object that stands here: all of `names` and no other.
    pub fn fields<const N: usize>(&'a self, names: [&'static str; N]) -> Result<[Node<'a>; N], JsonError> {
        self.expect(names)?;
        let mut found = [*self; N];
        for (slot, name) in found.iter_mut().zip(names) {
            *slot = self.field(name)?;
        }
        Ok(found)
    }

    /// A field that has to be there.
    pub fn field(&'a self, name: &'static str) -> Result<Node<'a>, JsonError> {
        self.optional(name).ok_or_else(|| JsonError::FieldMissing { path: self.path(), name })
    }

    /// A field that may be there.
    pub fn optional(&'a self, name: &'a str) -> Option<Node<'a>> {
        let Json::Object(fields) = self.json else { return None };
        let (_, json) = fields.iter().find(|(known, _)| known == name)?;
        Some(Node { json, place: Place::Field(self, name) })
    }
}

impl JsonForm for BigInt {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        node.integer()
    }

    fn to_json(&self) -> Json {
        Json::integer(self)
    }
}
