//! Lists are pages with opaque cursors; what does not fit is refused with a code.

use serde_json::{Value, json};

use crate::cast::{OPERATOR, RECEIPTS};
use crate::client::Client;
use crate::node::Node;
use crate::trade::import_receipts;

const COUNT: usize = 23;

fn page(client: &Client, arguments: &str) -> Value {
    let query = format!(
        "{{ receipts({arguments}) {{ nodes {{ number }} edges {{ cursor }} totalCount \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    client.data(RECEIPTS, &query, json!({}))["receipts"].clone()
}

fn numbers(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().expect("a page has rows");
    nodes.iter().map(|node| node["number"].as_str().expect("a number").to_owned()).collect()
}

fn walk(client: &Client, order: &str, size: usize, backwards: bool) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let arguments =
            if backwards { format!("{order} last: {size}{cursor}") } else { format!("{order} first: {size}{cursor}") };
        let page = page(client, &arguments);
        let mut rows = numbers(&page);
        assert_eq!(page["totalCount"], COUNT.to_string());
        let info = &page["pageInfo"];
        let (more, edge, name) = if backwards {
            rows.reverse();
            (&info["hasPreviousPage"], &info["startCursor"], "before")
        } else {
            (&info["hasNextPage"], &info["endCursor"], "after")
        };
        all.extend(rows);
        if *more != true {
            break;
        }
        cursor = format!(", {name}: \"{}\"", edge.as_str().expect("a cursor"));
    }
    if backwards {
        all.reverse();
    }
    all
}

#[test]
fn pages_meet_without_gap_or_overlap() {
    let node = Node::start();
    let mut expected = import_receipts(&node, COUNT);
    expected.sort_unstable();
    let operator = node.party(OPERATOR);
    assert_eq!(numbers(&page(&operator, "first: 100")), expected);
    assert_eq!(numbers(&page(&operator, "chains: null")).len(), 20, "twenty rows if no number is named");
    for size in [1, 7, 100] {
        for backwards in [false, true] {
            assert_eq!(walk(&operator, "", size, backwards), expected, "pages of {size}, backwards {backwards}");
        }
        // Many receipts have the same mass: the number decides between them.
        let forwards = walk(&operator, "orderBy: { field: MASS, direction: DESC },", size, false);
        let backwards = walk(&operator, "orderBy: { field: MASS, direction: DESC },", size, true);
        assert_eq!(forwards, backwards, "one order, whichever way it is walked");
        assert_eq!(forwards.len(), COUNT);
    }
    let heavy =
        page(&operator, "where: { massKilograms: { gte: \"19200\" }, not: { number: { eq: \"WR-2026-000002\" } } }");
    assert!(!numbers(&heavy).is_empty() && !numbers(&heavy).contains(&"WR-2026-000002".to_owned()), "{heavy}");
    for (arguments, code) in [
        ("first: 101", "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("first: 1, last: 1", "BAD_USER_INPUT"),
        ("after: \"nonsense\"", "INVALID_CURSOR"),
        ("where: { massKilograms: { gte: 19200 } }", "BAD_USER_INPUT"),
        ("where: { massKilograms: { gte: \"1e4\" } }", "BAD_USER_INPUT"),
        ("asOf: \"2026-02-30\"", "BAD_USER_INPUT"),
    ] {
        let answer = operator.ask(RECEIPTS, &format!("{{ receipts({arguments}) {{ totalCount }} }}"), json!({}));
        assert_eq!(answer.code(), code, "{arguments}: {}", answer.text());
    }
    // A cursor of one order means nothing in another.
    let cursor = page(&operator, "first: 1")["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    let other = format!("{{ receipts(orderBy: {{ field: MASS }}, after: \"{cursor}\") {{ totalCount }} }}");
    assert_eq!(operator.ask(RECEIPTS, &other, json!({})).code(), "INVALID_CURSOR");
    node.assert_up();
}
