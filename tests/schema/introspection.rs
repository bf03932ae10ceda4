//! A schema as introspection tells it.

use serde_json::{Value, json};

use crate::client::Client;

const QUERY: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } \
    types { kind name description specifiedByURL \
    fields(includeDeprecated: true) { name description type { ...T } args(includeDeprecated: true) { ...I } } \
    inputFields(includeDeprecated: true) { ...I } enumValues(includeDeprecated: true) { name description } } } } \
    fragment I on __InputValue { name description defaultValue type { ...T } } \
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A schema.
pub(super) struct Schema {
    pub(super) query: String,
    pub(super) mutation: Option<String>,
    pub(super) subscription: Option<String>,
    types: Vec<Type>,
}

/// A named type.
pub(super) struct Type {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) described: bool,
    pub(super) specified_by: Option<String>,
    /// Fields, input fields, or values of an enum.
    pub(super) members: Vec<Member>,
}

/// A field, an input field, a value of an enum or an argument.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) described: bool,
    /// None for values of enums.
    pub(super) of: Option<Reference>,
    pub(super) has_default: bool,
    pub(super) arguments: Vec<Member>,
}

/// A use of a type: its name, and how it is wrapped.
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) list: bool,
}

impl Schema {
    /// Asks an endpoint for its schema.
    #[track_caller]
    pub(super) fn of(client: &Client, endpoint: &str) -> Self {
        let data = client.data(endpoint, QUERY, json!({}));
        let schema = &data["__schema"];
        let types = schema["types"].as_array().expect("a schema has types").iter();
        let root = |name: &str| schema[name]["name"].as_str().map(str::to_owned);
        Self {
            query: root("queryType").expect("a schema has a query root"),
            mutation: root("mutationType"),
            subscription: root("subscriptionType"),
            types: types.map(Type::read).filter(|kind| !kind.name.starts_with("__")).collect(),
        }
    }

    /// All types but those of introspection itself.
    pub(super) fn types(&self) -> &[Type] {
        &self.types
    }

    /// The type of a name.
    pub(super) fn find(&self, name: &str) -> Option<&Type> {
        self.types.iter().find(|kind| kind.name == name)
    }
}

impl Type {
    fn read(value: &Value) -> Self {
        let list = |name: &str| value[name].as_array().into_iter().flatten().map(Member::read);
        Self {
            name: text(&value["name"]),
            kind: text(&value["kind"]),
            described: is_described(value),
            specified_by: value["specifiedByURL"].as_str().map(str::to_owned),
            members: list("fields").chain(list("inputFields")).chain(list("enumValues")).collect(),
        }
    }

    /// Names of all types that it uses.
    pub(super) fn named(&self) -> Vec<&str> {
        let own = self.members.iter().chain(self.members.iter().flat_map(|member| &member.arguments));
        own.filter_map(|member| member.of.as_ref()).map(|of| of.name.as_str()).collect()
    }
}

impl Member {
    fn read(value: &Value) -> Self {
        Self {
            name: text(&value["name"]),
            described: is_described(value),
            of: value["type"].is_object().then(|| Reference::read(&value["type"])),
            has_default: value["defaultValue"].is_string(),
            arguments: value["args"].as_array().into_iter().flatten().map(Self::read).collect(),
        }
    }

    /// True for an argument that must be given.
    pub(super) fn is_needed(&self) -> bool {
        self.of.as_ref().is_some_and(|of| of.required) && !self.has_default
    }
}

impl Reference {
    fn read(value: &Value) -> Self {
        let (mut inner, mut list) = (value, false);
        while inner["ofType"].is_object() {
            list |= inner["kind"] == "LIST";
            inner = &inner["ofType"];
        }
        Self { name: text(&inner["name"]), required: value["kind"] == "NON_NULL", list }
    }
}

fn is_described(value: &Value) -> bool {
    value["description"].as_str().is_some_and(|description| !description.trim().is_empty())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
