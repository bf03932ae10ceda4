//! Requests that are too large, too deep, too wide, malformed, or of the wrong kind.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{memory_bytes_peak, refused};
use crate::client::{Answer, Client};
use crate::node::Node;

const JSON: (&str, &str) = ("content-type", "application/json");
const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
/// Large bodies that come at the same time.
const CROWD: usize = 12;
/// What a node may take more while it is attacked: less than all bodies of the crowd with a copy of each.
const GROWTH_BYTES_MAX: u64 = 200 * 1024 * 1024;

/// A query, posted as the form in which the status tells about the request.
fn asked(client: &Client, endpoint: &str, query: &str) -> Answer {
    let bearer = format!("Bearer {}", client.token);
    let body = json!({ "query": query }).to_string();
    client.http.send(
        "POST",
        &format!("/graphql/{endpoint}"),
        &[JSON, GRAPHQL, ("authorization", &bearer)],
        body.as_bytes(),
    )
}

#[test]
fn bodies_that_are_too_large_or_malformed_are_refused() {
    let node = Node::start();
    let http = node.http();
    let before = memory_bytes_peak(&node);
    for path in ["/graphql/platform", "/graphql/warehouse-receipts", "/graphql/regulator"] {
        let send = |body: &[u8]| http.send("POST", path, &[JSON, GRAPHQL], body);
        let padded = json!({ "query": "{ __typename }", "variables": { "x": "x".repeat(10_000_000) } }).to_string();
        refused("a body of 10 MB", &send(padded.as_bytes()), 413, "COMPLEXITY_LIMIT");
        refused("10 MB of nothing", &send(&vec![b' '; 10_000_000]), 413, "COMPLEXITY_LIMIT");
        let bulk = format!("{{\"query\":\"mutation {{ submitTransactions }} {}\"}}", "x".repeat(10_000_000));
        refused("a bulk body of 10 MB", &send(bulk.as_bytes()), 413, "COMPLEXITY_LIMIT");
        refused("invalid UTF-8", &send(b"{\"query\":\"{ __typename \xc3\x28 }\"}"), 400, "BAD_USER_INPUT");
        refused("no JSON", &send(b"{\"query\":"), 400, "BAD_USER_INPUT");
        refused("a batch", &send(b"[{\"query\":\"{ __typename }\"}]"), 400, "BAD_USER_INPUT");
        refused("nothing", &send(b""), 400, "BAD_USER_INPUT");
        let brackets = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        refused("JSON 100,000 deep", &send(brackets.as_bytes()), 400, "BAD_USER_INPUT");
        let json_deep = format!("{{\"query\":\"{{a}}\",\"variables\":{{\"x\":{brackets}}}}}");
        refused("variables 100,000 deep", &send(json_deep.as_bytes()), 400, "BAD_USER_INPUT");
    }
    thread::scope(|scope| {
        for _ in 0..CROWD {
            let crowd = || node.http().send("POST", "/graphql/platform", &[JSON, GRAPHQL], &vec![b' '; 10_000_000]);
            scope.spawn(move || refused("a crowd of 10 MB bodies", &crowd(), 413, "COMPLEXITY_LIMIT"));
        }
    });
    for path in ["/auth/challenge", "/auth/token", "/auth/refresh", "/auth/revoke"] {
        let send = |body: &[u8]| http.send("POST", path, &[JSON], body);
        refused("a sign-in of 10 MB", &send(&vec![b' '; 10_000_000]), 413, "COMPLEXITY_LIMIT");
        refused("a sign-in that is no UTF-8", &send(b"{\"party\":\"\xff\"}"), 400, "BAD_USER_INPUT");
        refused("a sign-in with other members", &send(b"{\"nobody\":1}"), 400, "BAD_USER_INPUT");
    }
    node.assert_up();
    if let (Some(before), Some(after)) = (before, memory_bytes_peak(&node)) {
        assert!(after < before + GROWTH_BYTES_MAX, "memory grew from {before} to {after} bytes");
    }
}

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    let node = Node::start();
    let address = node.url().trim_start_matches("http://").to_owned();
    let begun =
        "POST /graphql/platform HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let silent: Vec<TcpStream> = (0..200)
        .map(|number| {
            let mut stream = TcpStream::connect(&address).expect("the node takes connections");
            let said = [&b""[..], b"POST / HT", begun.as_bytes(), b"\x00\xff\xfe\r\n\r\n"][number % 4];
            // The node may have closed a connection that speaks no HTTP.
            let _ = stream.write_all(said);
            stream
        })
        .collect();
    let started = Instant::now();
    node.assert_up();
    node.party("depositor").data("platform", "{ me { session } }", json!({}));
    assert!(started.elapsed() < Duration::from_secs(5), "silent connections slow others down: {:?}", started.elapsed());
    drop(silent);
    node.assert_up();
}

#[test]
fn requests_of_the_wrong_kind_are_refused() {
    let node = Node::start();
    let http = node.http();
    let path = "/graphql/platform";
    let body = br#"{"query":"{ __typename }"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer = http.send("POST", path, &[("content-type", kind), GRAPHQL], body);
        refused(kind, &answer, 415, "BAD_USER_INPUT");
    }
    refused("no content type", &http.send("POST", path, &[GRAPHQL], body), 415, "BAD_USER_INPUT");
    for method in ["PUT", "DELETE", "PATCH"] {
        refused(method, &http.send(method, path, &[JSON, GRAPHQL], body), 405, "BAD_USER_INPUT");
    }
    let image = http.send("POST", path, &[JSON, ("accept", "image/png")], body);
    refused("an answer as an image", &image, 406, "BAD_USER_INPUT");
    for mutation in ["mutation%7BendSession%7Bended%7D%7D", "mutation%20m%20%7BendSession%7Bended%7D%7D"] {
        let answer = http.send("GET", &format!("{path}?query={mutation}"), &[GRAPHQL], b"");
        refused("a mutation by GET", &answer, 405, "BAD_USER_INPUT");
    }
    // Named beside a query, it is a mutation still.
    let both = "query%20q%7B__typename%7Dmutation%20m%7BendSession%7Bended%7D%7D&operationName=m";
    refused(
        "a mutation by GET beside a query",
        &http.send("GET", &format!("{path}?query={both}"), &[GRAPHQL], b""),
        405,
        "BAD_USER_INPUT",
    );
    for missing in ["/graphql/nobody", "/schema/nobody.graphql", "/no/such/path", "/graphql/../keys/node.json"] {
        refused(missing, &http.get(missing), 404, "NOT_FOUND");
    }
    node.assert_up();
}

#[test]
fn queries_that_are_too_deep_or_too_wide_are_refused() {
    let node = Node::start();
    let depositor = node.party("depositor");
    for endpoint in ["platform", "warehouse-receipts", "regulator"] {
        for (attack, query) in expensive() {
            refused(&attack, &asked(&depositor, endpoint, &query), 400, "COMPLEXITY_LIMIT");
        }
        let circle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        refused("fragments in a circle", &asked(&depositor, endpoint, circle), 400, "BAD_USER_INPUT");
        let unknown = asked(&depositor, endpoint, "{ noSuchField }");
        refused("an unknown field", &unknown, 400, "BAD_USER_INPUT");
    }
    node.assert_up();
}

/// Queries that would cost far more to answer than to ask.
fn expensive() -> Vec<(String, String)> {
    let nested = |deep: usize| format!("{}__typename{}", "{ a: __schema ".repeat(deep), "}".repeat(deep));
    let aliases = |count: usize| (0..count).map(|number| format!("a{number}: __typename ")).collect::<String>();
    let types = |deep: usize| {
        let inner = "ofType { ".repeat(deep);
        format!("{{ __schema {{ types {{ fields {{ type {{ {inner} name {} }}", "}".repeat(deep + 4))
    };
    let directives = "@include(if: true) ".repeat(2_000);
    // Each fragment spreads the next one twice: written out there would be 2^60 fields.
    let doubling: String = (0..60)
        .map(|number| format!("fragment f{number} on Query {{ ...f{} ...f{} }} ", number + 1, number + 1))
        .collect();
    vec![
        ("a query 1,000 deep".to_owned(), nested(1_000)),
        ("a query 100,000 deep".to_owned(), nested(10_000)),
        ("a query 25 deep".to_owned(), types(22)),
        ("1,000 aliases".to_owned(), format!("{{ {} }}", aliases(1_000))),
        ("10,000 aliases".to_owned(), format!("{{ {} }}", aliases(10_000))),
        ("2,000 directives".to_owned(), format!("{{ __typename {directives} }}")),
        ("doubling fragments".to_owned(), format!("{{ ...f0 }} {doubling} fragment f60 on Query {{ __typename }}")),
        ("a document of 200 KB".to_owned(), format!("{{ __typename }} #{}", "x".repeat(200_000))),
        ("lists 1,000 deep".to_owned(), format!("{{ x(y: {}{}) }}", "[".repeat(1_000), "]".repeat(1_000))),
    ]
}
