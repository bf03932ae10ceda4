//! Every query field of every endpoint is asked by a party that takes part in the chain but in no trade: it finds nothing.
//!
//! The queries are generated from the schema, so a field that is added is asked too. What the trade's own parties read with
//! the same queries must nowhere stand in the stranger's answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::introspection::{Member, Reference, Schema};
use crate::cast::{BANK_A, DEPOSITOR, ENDPOINTS, OPERATOR, REGULATOR};
use crate::client::Client;
use crate::node::Node;
use crate::outsider;
use crate::trade::{Purse, import_receipts};

/// Fields that tell anybody about itself and the node.
const OWN: [&str; 6] = ["node", "me", "chains", "sessions", "commandStatus", "checkTransaction"];
/// Fields that tell what is public among those who take part in a chain.
const SHARED: [&str; 3] = ["party", "assets", "block"];
/// Objects within objects that are asked for.
const DEEP: usize = 4;

#[test]
fn a_stranger_finds_nothing_of_a_trade() {
    let mut node = Node::start();
    let numbers = import_receipts(&node, 3);
    let purse = Purse::fill(&node, "1000.00");
    let (depositor, operator) = (node.party(DEPOSITOR), node.party(OPERATOR));
    let paid = purse.payment(&operator.address.to_string(), "5.00", "stranger").settle(&[&depositor]);
    let known = Known { node: &node, purse: &purse, paid: &paid, number: &numbers[0], depositor: &depositor }.values();
    node.stop();
    let keys = outsider::register(&node.data());
    node.restart();
    let depositor = depositor.at(&node);

    let parties = [DEPOSITOR, OPERATOR, BANK_A].map(|name| node.party(name));
    let supervisor = node.party(REGULATOR);
    for (key, shares_chain) in [(&keys.stranger, true), (&keys.elsewhere, false)] {
        let is_public = |query: &Query| {
            OWN.contains(&query.field.as_str()) || shares_chain && SHARED.contains(&query.field.as_str())
        };
        let stranger = Client::sign_in(node.url(), key);
        for endpoint in ENDPOINTS {
            let reader = if endpoint == "regulator" { &supervisor } else { &depositor };
            let schema = Schema::of(reader, endpoint);
            let queries = Query::all(&schema, &known);
            assert!(queries.len() >= 3, "{endpoint} has queries");
            let mut secrets = BTreeSet::new();
            let mut public = BTreeSet::new();
            for query in &queries {
                let insiders: Vec<&Client> =
                    if endpoint == "regulator" { vec![&supervisor] } else { parties.iter().collect() };
                for insider in insiders {
                    let answer = insider.ask(endpoint, &query.text, json!({})).json();
                    texts(&answer["data"], if is_public(query) { &mut public } else { &mut secrets });
                }
                let own = stranger.ask(endpoint, &query.text, json!({})).json();
                if is_public(query) {
                    texts(&own["data"], &mut public);
                }
            }
            secrets.retain(|secret| {
                is_telling(secret) && !public.contains(secret) && !known.iter().any(|(_, value)| value == secret)
            });
            for query in queries.iter().filter(|query| !is_public(query)) {
                let answer = stranger.ask(endpoint, &query.text, json!({}));
                let body = answer.json();
                assert!(is_empty(&body["data"]), "{} answers {endpoint} {}: {}", key.name, query.text, answer.text());
                let leak = secrets.iter().find(|secret| answer.text().contains(secret.as_str()));
                assert_eq!(leak, None, "{} learns it from {endpoint} {}: {}", key.name, query.text, answer.text());
            }
            // The insiders' answers must hold something, or the test would compare nothing.
            assert!(!secrets.is_empty(), "the trade's own parties read nothing from {endpoint}");
            println!("{}: {endpoint}: {} queries, {} facts of others", key.name, queries.len(), secrets.len());
        }
    }
    node.assert_up();
}

/// A query of one root field.
struct Query {
    field: String,
    text: String,
}

impl Query {
    /// Each root field with each known value in the place of each argument.
    fn all(schema: &Schema, known: &[(&'static str, String)]) -> Vec<Self> {
        let root = schema.find(&schema.query).expect("the query root is a type");
        root.members.iter().flat_map(|field| Self::of_field(schema, field, known)).collect()
    }

    fn of_field(schema: &Schema, field: &Member, known: &[(&'static str, String)]) -> Vec<Self> {
        let Some(of) = &field.of else { return Vec::new() };
        let selection = selection(schema, of, known, DEEP);
        let query = |arguments: String| Self {
            field: field.name.clone(),
            text: format!("{{ {}{arguments} {selection} }}", field.name),
        };
        choices(schema, field, known).into_iter().map(query).collect()
    }
}

/// Texts of the arguments that a field needs, with different known values.
fn choices(schema: &Schema, field: &Member, known: &[(&'static str, String)]) -> Vec<String> {
    let needed: Vec<&Member> = field.arguments.iter().filter(|argument| argument.is_needed()).collect();
    if needed.is_empty() {
        return vec![String::new()];
    }
    let widest = needed.iter().map(|argument| values(schema, argument, known).len()).max().unwrap_or(1);
    let nth = |place: usize| {
        let given = needed.iter().map(|argument| {
            let values = values(schema, argument, known);
            format!("{}: {}", argument.name, values[place % values.len()])
        });
        format!("({})", given.collect::<Vec<_>>().join(", "))
    };
    (0..widest).map(nth).collect()
}

/// Plausible values of an argument, as literals.
fn values(schema: &Schema, argument: &Member, known: &[(&'static str, String)]) -> Vec<String> {
    let of = argument.of.as_ref().expect("an argument has a type");
    let fitting: Vec<String> = (known.iter())
        .filter(|(kind, _)| if argument.name == "chain" { *kind == "chain" } else { fits(kind, of) })
        .map(|(_, value)| if of.list { format!("[\"{value}\"]") } else { format!("\"{value}\"") })
        .collect();
    if !fitting.is_empty() {
        return fitting;
    }
    let value = match (of.name.as_str(), schema.find(&of.name)) {
        ("Int", _) => "1".to_owned(),
        ("Boolean", _) => "true".to_owned(),
        (_, Some(kind)) if kind.kind == "ENUM" => kind.members[0].name.clone(),
        (_, Some(kind)) if kind.kind == "INPUT_OBJECT" => "{}".to_owned(),
        _ => "\"1\"".to_owned(),
    };
    vec![if of.list { format!("[{value}]") } else { value }]
}

fn fits(kind: &str, of: &Reference) -> bool {
    match of.name.as_str() {
        "ID" => kind == "id",
        "Hash" => kind == "hash",
        "Address" => kind == "address",
        "String" => kind == "text",
        "Hex" => kind == "bytes",
        _ => false,
    }
}

/// All fields of a type, and of the types in it; of connections their rows.
fn selection(schema: &Schema, of: &Reference, known: &[(&'static str, String)], deep: usize) -> String {
    let Some(kind) = schema.find(&of.name).filter(|kind| kind.kind == "OBJECT") else { return String::new() };
    let mut parts = Vec::new();
    for member in kind.members.iter().filter(|member| member.name != "edges") {
        let Some(inner) = &member.of else { continue };
        let arguments = choices(schema, member, known).remove(0);
        let is_object = schema.find(&inner.name).is_some_and(|kind| kind.kind == "OBJECT");
        if !is_object {
            parts.push(format!("{}{arguments}", member.name));
        } else if deep > 1 {
            let inner = selection(schema, inner, known, deep - 1);
            if !inner.is_empty() {
                parts.push(format!("{}{arguments} {inner}", member.name));
            }
        }
    }
    if parts.is_empty() { String::new() } else { format!("{{ {} }}", parts.join(" ")) }
}

/// What a stranger might have heard of: ids, numbers and parties of the trade, asked from those who know.
struct Known<'t> {
    node: &'t Node,
    purse: &'t Purse,
    paid: &'t Value,
    number: &'t str,
    depositor: &'t Client,
}

impl Known<'_> {
    fn values(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = "{ receipts(first: 1) { nodes { id title lotNumber } } lots(first: 1) { nodes { id } } }";
        let seen = self.depositor.data(crate::cast::RECEIPTS, rows, json!({}));
        let receipt = &seen["receipts"]["nodes"][0];
        let mut values = vec![
            ("chain", self.purse.chain.clone()),
            ("id", self.purse.chain.clone()),
            ("id", text(&self.paid["id"])),
            ("id", text(&receipt["id"])),
            ("id", text(&seen["lots"]["nodes"][0]["id"])),
            ("hash", text(&self.paid["transactionId"])),
            ("hash", text(&receipt["title"])),
            ("hash", self.purse.asset.clone()),
            ("text", self.number.to_owned()),
            ("text", text(&receipt["lotNumber"])),
            ("text", "stranger".to_owned()),
            ("bytes", text(&self.paid["transaction"])),
        ];
        values.extend([DEPOSITOR, OPERATOR, BANK_A].map(|name| ("address", self.node.key(name).address.clone())));
        assert!(values.iter().all(|(_, value)| !value.is_empty()), "{values:?}");
        values
    }
}

/// Every text in a value.
fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => members.values().for_each(|member| texts(member, into)),
        _ => {}
    }
}

/// True for a text that nobody guesses: long, with a digit, and no moment or day.
fn is_telling(text: &str) -> bool {
    let is_time = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    text.len() >= 6 && text.contains(|letter: char| letter.is_ascii_digit()) && !is_time
}

/// True if an answer holds no row and no fact.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
    }
}
