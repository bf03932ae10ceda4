//! From a text to a template, and back.

use std::collections::BTreeSet;

use super::argument::Arguments;
use super::parameter::{NAMES_MAX, Parameter};
use super::{Named, RoleKind, Template, TemplateError, Text, TokenKind, contract, expand};
use crate::analysis::CONTRACT_BYTES_MAX;
use crate::json::{Json, JsonError, JsonForm, Node};

/// The longest template, in bytes of its one text: what a state of the ledger holds.
pub const TEMPLATE_BYTES_MAX: usize = CONTRACT_BYTES_MAX;
/// The longest title or text, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 4_000;
/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 64;

impl Template {
    /// Reads a template's JSON.
    ///
    /// # Errors
    /// It has another form; names, bounds or places are wrong; its contract with the longest arguments is none.
    pub fn read(text: &str) -> Result<Self, TemplateError> {
        let template = shape(&Node::root(&Json::read(text)?))?;
        let bytes = template.text().len();
        if bytes > TEMPLATE_BYTES_MAX {
            return Err(TemplateError::TooLong { bytes });
        }
        template.names_are_distinct()?;
        template.parameters.iter().try_for_each(Parameter::check)?;
        let (json, used) = expand::expand(&template.contract, &Arguments::longest(&template.parameters))?;
        contract(&json)?;
        template.parameters_are_used(&used)?;
        template.names_are_declared(&json)?;
        Ok(template)
    }

    /// The one text of the template, in ASCII, whose hash is its version.
    pub fn text(&self) -> String {
        Json::object([
            ("name", Json::text(&self.name)),
            ("title", self.title.to_json()),
            ("text", self.text.to_json()),
            ("roles", Json::array(&self.roles)),
            ("tokens", Json::array(&self.tokens)),
            ("parameters", Json::array(&self.parameters)),
            ("contract", self.contract.clone()),
        ])
        .to_string()
    }

    fn names_are_distinct(&self) -> Result<(), TemplateError> {
        if !is_name(&self.name) {
            return Err(TemplateError::Name { name: self.name.clone() });
        }
        let lists = self.parameters.iter().map(|parameter| ("fields of a list", parameter.kind.fields().len()));
        let counts =
            [("roles", self.roles.len()), ("tokens", self.tokens.len()), ("parameters", self.parameters.len())];
        if let Some((what, count)) = counts.into_iter().chain(lists).find(|(_, count)| *count > NAMES_MAX) {
            return Err(TemplateError::TooMany { what, count });
        }
        let mut seen = BTreeSet::new();
        for name in self.parameter_names() {
            if !is_name(name) {
                return Err(TemplateError::Name { name: name.to_owned() });
            }
            if !seen.insert(name) {
                return Err(TemplateError::NameTwice { name: name.to_owned() });
            }
        }
        once(self.roles.iter().map(|role| &role.name))?;
        once(self.tokens.iter().map(|token| &token.name))
    }

    /// Parameters and fields of lists.
    fn parameter_names<'a>(&'a self) -> impl Iterator<Item = &'a str> {
        let with_fields = |parameter: &'a Parameter| std::iter::once(parameter).chain(parameter.kind.fields());
        self.parameters.iter().flat_map(with_fields).map(|parameter: &Parameter| parameter.name.as_str())
    }

    fn parameters_are_used(&self, used: &BTreeSet<String>) -> Result<(), TemplateError> {
        match self.parameter_names().find(|name| !used.contains(*name)) {
            Some(unused) => Err(TemplateError::ParameterUnused { name: unused.to_owned() }),
            None => Ok(()),
        }
    }

    /// The names in the contract are those of the roles and tokens, one for each entry where they say so.
    fn names_are_declared(&self, contract: &Json) -> Result<(), TemplateError> {
        let roles = self.roles.iter().flat_map(|role| self.names_of(role));
        let tokens = self.tokens.iter().flat_map(|token| self.names_of(token));
        for (field, declared) in [("role_token", roles.collect()), ("token_name", tokens.collect::<BTreeSet<_>>())] {
            let mut named = BTreeSet::new();
            texts(contract, field, &mut named);
            if let Some(name) = named.difference(&declared).next() {
                return Err(TemplateError::NameUndeclared { name: name.clone() });
            }
            if let Some(name) = declared.difference(&named).next() {
                return Err(TemplateError::NameUnused { name: name.clone() });
            }
        }
        Ok(())
    }

    /// As they stand in the contract with most entries.
    fn names_of<K>(&self, named: &Named<K>) -> Vec<String> {
        let Some(list) = &named.for_each else { return vec![named.name.clone()] };
        let arguments = Arguments::longest(&self.parameters);
        let count = arguments.lists.get(list).map_or(0, Vec::len);
        (1..=count).map(|number| format!("{} {number}", named.name)).collect()
    }
}

fn once<'a>(mut names: impl Iterator<Item = &'a String>) -> Result<(), TemplateError> {
    let mut seen = BTreeSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(twice) => Err(TemplateError::NameTwice { name: twice.clone() }),
        None => Ok(()),
    }
}

/// Every text in a field of this name.
fn texts(json: &Json, field: &str, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Json::String(text) if name == field => {
                        found.insert(text.clone());
                    }
                    value => texts(value, field, found),
                }
            }
        }
        Json::Array(values) => values.iter().for_each(|value| texts(value, field, found)),
        _ => {}
    }
}

fn is_name(name: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-' || letter == b'_';
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.bytes().all(fits)
}

fn shape(node: &Node<'_>) -> Result<Template, JsonError> {
    let names = ["name", "title", "text", "roles", "tokens", "parameters", "contract"];
    let [name, title, text, roles, tokens, parameters, contract] = node.fields(names)?;
    Ok(Template {
        name: name.text()?.to_owned(),
        title: Text::from_node(&title)?,
        text: Text::from_node(&text)?,
        roles: roles.list()?,
        tokens: tokens.list()?,
        parameters: parameters.list()?,
        contract: contract.json().clone(),
    })
}

impl JsonForm for Text {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [english, chinese] = node.fields(["en", "zh-CN"])?;
        let read = |node: &Node<'_>| match node.text()? {
            text if text.is_empty() || text.len() > TEXT_BYTES_MAX => Err(node.unexpected("text of 1 to 4,000 bytes")),
            text => Ok(text.to_owned()),
        };
        Ok(Self { english: read(&english)?, chinese: read(&chinese)? })
    }

    fn to_json(&self) -> Json {
        Json::object([("en", Json::text(&self.english)), ("zh-CN", Json::text(&self.chinese))])
    }
}

/// What a name may be bound to.
pub trait NamedKind: Copy + 'static {
    /// The kinds by their names in a template.
    const KINDS: [(&'static str, Self); 2];
    /// What is expected.
    const EXPECTED: &'static str;
    /// Its name in a template.
    fn name(self) -> &'static str;
}

impl NamedKind for RoleKind {
    const KINDS: [(&'static str, Self); 2] = [("party", Self::Party), ("feed", Self::Feed)];
    const EXPECTED: &'static str = "kind of a role: party or feed";
    fn name(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Feed => "feed",
        }
    }
}

impl NamedKind for TokenKind {
    const KINDS: [(&'static str, Self); 2] = [("asset", Self::Asset), ("title", Self::Title)];
    const EXPECTED: &'static str = "kind of a token: asset or title";
    fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Title => "title",
        }
    }
}

impl<K: NamedKind> JsonForm for Named<K> {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let for_each = node.optional("for_each").map(|list| list.text().map(str::to_owned)).transpose()?;
        match for_each {
            Some(_) => node.expect(["name", "kind", "title", "for_each"])?,
            None => node.expect(["name", "kind", "title"])?,
        }
        let kind = node.field("kind")?;
        let text = kind.text()?;
        let found = K::KINDS.into_iter().find(|(name, _)| *name == text);
        let (_, kind) = found.ok_or_else(|| kind.unexpected(K::EXPECTED))?;
        let name = node.field("name")?.text()?.to_owned();
        Ok(Self { name, kind, title: Text::from_node(&node.field("title")?)?, for_each })
    }

    fn to_json(&self) -> Json {
        let mut fields = vec![
            ("name".to_owned(), Json::text(&self.name)),
            ("kind".to_owned(), Json::text(self.kind.name())),
            ("title".to_owned(), self.title.to_json()),
        ];
        fields.extend(self.for_each.iter().map(|list| ("for_each".to_owned(), Json::text(list))));
        Json::Object(fields)
    }
}
