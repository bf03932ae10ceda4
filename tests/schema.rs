//! What every schema keeps: files without drift, a description everywhere, no float, no JSON, nothing to write for a
//! regulator, and nothing to read for a stranger.

mod introspection;
mod stranger;

use std::collections::BTreeSet;

use crate::cast::{DEPOSITOR, ENDPOINTS, REGULATOR};
use crate::node::{Node, repository};
use introspection::{Schema, Type};

/// Scalars of the specification; it describes them itself.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// Who asks an endpoint for its schema.
fn reader(endpoint: &str) -> &'static str {
    if endpoint == "regulator" { REGULATOR } else { DEPOSITOR }
}

#[test]
fn committed_schemas_are_what_the_node_serves() {
    let node = Node::start();
    let folder = repository().join("schema");
    let check = node.hive(&["schema", "check", &folder.display().to_string()]);
    assert_eq!(check.status, Some(0), "{} Run: hive schema write", check.stderr);
    for endpoint in ENDPOINTS {
        let file =
            std::fs::read_to_string(folder.join(format!("{endpoint}.graphql"))).expect("the schema is committed");
        assert_eq!(node.http().get(&format!("/schema/{endpoint}.graphql")).text(), file, "{endpoint}");
        let printed = node.hive(&["schema", "print", endpoint]).expect_status(0).stdout;
        assert_eq!(printed, file, "{endpoint}");
    }
}

#[test]
fn schemas_describe_everything_and_know_neither_float_nor_json() {
    let node = Node::start();
    for endpoint in ENDPOINTS {
        let schema = Schema::of(&node.party(reader(endpoint)), endpoint);
        let silent: Vec<String> = schema.types().iter().flat_map(undescribed).collect();
        assert!(silent.is_empty(), "{endpoint}: without a description:\n{}", silent.join("\n"));
        let named: BTreeSet<&str> = schema.types().iter().flat_map(Type::named).collect();
        for banned in ["Float", "JSON", "JSONObject"] {
            assert!(!named.contains(banned), "{endpoint} uses {banned}");
        }
        for scalar in ["Decimal", "Amount", "BigInt"].map(|name| schema.find(name)).into_iter().flatten() {
            assert!(scalar.specified_by.is_some(), "{endpoint}: {} says where it is specified", scalar.name);
        }
    }
}

/// Everything of a type that says nothing about itself.
fn undescribed(kind: &Type) -> Vec<String> {
    if BUILT_IN.contains(&kind.name.as_str()) {
        return Vec::new();
    }
    let own = (!kind.described).then(|| kind.name.clone());
    let members =
        kind.members.iter().filter(|member| !member.described).map(|member| format!("{}.{}", kind.name, member.name));
    let arguments = kind.members.iter().flat_map(|member| {
        let silent = member.arguments.iter().filter(|argument| !argument.described);
        silent.map(|argument| format!("{}.{}({})", kind.name, member.name, argument.name))
    });
    own.into_iter().chain(members).chain(arguments).collect()
}

#[test]
fn a_regulator_has_nothing_to_write() {
    let node = Node::start();
    let regulator = Schema::of(&node.party(REGULATOR), "regulator");
    assert_eq!(regulator.mutation, None);
    assert!(regulator.subscription.is_some(), "a regulator can follow what happens");
    let platform = Schema::of(&node.party(REGULATOR), "platform");
    assert!(platform.mutation.is_some());
    let sdl = node.http().get("/schema/regulator.graphql").text();
    assert!(!sdl.contains("mutation"), "{sdl}");
}
