use super::*;

/// Sends a raw body; answers status and JSON.
fn send(address: SocketAddr, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.post(format!("http://{address}/graphql"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(body).unwrap();
    (response.status().as_u16(), response.body_mut().read_json().unwrap_or_default())
}

const JSON: (&str, &str) = ("content-type", "application/json");
const STRICT: (&str, &str) = ("accept", "application/graphql-response+json");

async fn check(headers: &'static [(&str, &str)], body: Vec<u8>, status: u16, code: &str) -> Value {
    let address = start().await;
    let (actual, answer) = tokio::task::spawn_blocking(move || {
        let answer = send(address, headers, &body);
        // Whatever was sent, the node is still there.
        assert_eq!(send(address, &[JSON], br#"{"query":"{ hello }"}"#).0, 200);
        answer
    })
    .await
    .unwrap();
    assert_eq!((actual, answer["errors"][0]["extensions"]["code"].as_str()), (status, Some(code)), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["requestId"], "test");
    answer
}

fn query(text: &str) -> Vec<u8> {
    json!({ "query": text }).to_string().into_bytes()
}

#[tokio::test]
async fn large_bodies_are_refused_and_bulk_writes_are_not() {
    let padded =
        |size: usize| json!({ "query": "{ hello }", "extensions": { "x": "y".repeat(size) } }).to_string().into_bytes();
    check(&[JSON], padded(10 * 1024 * 1024), 413, "COMPLEXITY_LIMIT").await;
    check(&[JSON], padded(BODY_BYTES_MAX), 413, "COMPLEXITY_LIMIT").await;
    let bulk = json!({
        "query": "mutation($t: [String!]!) { submitTransactions(transactions: $t) }",
        "variables": { "t": vec!["ab".repeat(2048); 1000] },
    });
    let bulk = bulk.to_string().into_bytes();
    assert!(bulk.len() > BODY_BYTES_MAX && bulk.len() < BULK_BODY_BYTES_MAX);
    let address = start().await;
    let (status, answer) = tokio::task::spawn_blocking(move || send(address, &[JSON], &bulk)).await.unwrap();
    assert_eq!((status, &answer["data"]["submitTransactions"]), (200, &json!(1000)));
}

#[tokio::test]
async fn deep_queries_are_refused() {
    let deep = |levels: usize| format!("{}{{ hello }}{}", "{ nested ".repeat(levels), " }".repeat(levels));
    check(&[JSON, STRICT], query(&deep(1_000)), 400, "COMPLEXITY_LIMIT").await;
    check(&[JSON, STRICT], query(&deep(25)), 400, "COMPLEXITY_LIMIT").await;
    check(&[JSON], query(&deep(1_000)), 200, "COMPLEXITY_LIMIT").await;
}

#[tokio::test]
async fn wide_queries_are_refused() {
    let aliases: String = (0..60).map(|n| format!("a{n}: hello ")).collect();
    check(&[JSON, STRICT], query(&format!("{{ {aliases} }}")), 400, "COMPLEXITY_LIMIT").await;
    let directives = "@include(if: true) ".repeat(20);
    check(&[JSON, STRICT], query(&format!("{{ hello {directives} }}")), 400, "COMPLEXITY_LIMIT").await;
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    check(&[JSON], b"{\"query\":\"\xc3\x28\"}".to_vec(), 400, "BAD_USER_INPUT").await;
    check(&[JSON], b"{".to_vec(), 400, "BAD_USER_INPUT").await;
    check(&[JSON], br#"[{"query":"{ hello }"}]"#.to_vec(), 400, "BAD_USER_INPUT").await;
    check(&[("content-type", "text/plain")], query("{ hello }"), 415, "BAD_USER_INPUT").await;
    check(&[("content-type", "application/json; charset=utf-16")], query("{ hello }"), 415, "BAD_USER_INPUT").await;
    check(&[JSON, ("accept", "image/png")], query("{ hello }"), 406, "BAD_USER_INPUT").await;
}

#[tokio::test]
async fn a_bad_token_is_not_taken_for_nobody() {
    check(&[JSON, ("authorization", "Bearer x")], query("{ hello }"), 401, "UNAUTHENTICATED").await;
    check(&[JSON, ("authorization", "Basic x")], query("{ hello }"), 401, "UNAUTHENTICATED").await;
    let answer = check(&[JSON, STRICT], query("{ secret }"), 200, "UNAUTHENTICATED").await;
    assert_eq!(answer["errors"][0]["path"], json!(["secret"]));
}

#[tokio::test]
async fn numbers_are_refused_where_strings_belong() {
    let answer = check(&[JSON, STRICT], query("{ echo(price: 12.5) }"), 400, "BAD_USER_INPUT").await;
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("written as a string"), "{answer}");
    let variable = json!({ "query": "query($p: Decimal!) { echo(price: $p) }", "variables": { "p": 12.5 } });
    check(&[JSON, STRICT], variable.to_string().into_bytes(), 400, "BAD_USER_INPUT").await;
    check(&[JSON, STRICT], query("{ echo(price: \"1e5\") }"), 200, "BAD_USER_INPUT").await;
}

#[tokio::test]
async fn faults_are_masked() {
    let answer = check(&[JSON, STRICT], query("{ fault }"), 200, "INTERNAL").await;
    assert!(!answer.to_string().contains("platform_secret"), "{answer}");
}

#[tokio::test]
async fn get_answers_queries_and_changes_nothing() {
    let address = start().await;
    let get = move |query: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.get(format!("http://{address}/graphql")).query("query", query).call().unwrap();
        let allow = response.headers().get("allow").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), allow, response.body_mut().read_json::<Value>().unwrap())
    };
    let (read, written) = tokio::task::spawn_blocking(move || {
        (get("{ hello }"), get("mutation { submitTransactions(transactions: []) }"))
    })
    .await
    .unwrap();
    assert_eq!((read.0, &read.2["data"]["hello"]), (200, &json!("hello")));
    assert_eq!((written.0, written.1.as_deref()), (405, Some("GET, POST")));
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let address = start().await;
    let page = tokio::task::spawn_blocking(move || {
        let mut response = ureq::get(format!("http://{address}/graphql")).header("accept", "text/html").call().unwrap();
        response.body_mut().read_to_string().unwrap()
    });
    let page = page.await.unwrap();
    assert!(page.contains("/graphql/small") && !page.contains("http://") && !page.contains("https://"));
}

#[tokio::test]
async fn strangers_learn_no_schema_from_a_productive_node() {
    let schema = async |development| {
        let address = start_as(development).await;
        let asked = tokio::task::spawn_blocking(move || {
            send(address, &[JSON], &query("{ __schema { queryType { name } } hello }"))
        });
        asked.await.unwrap().1["data"]["__schema"].is_object()
    };
    assert!(schema(true).await);
    assert!(!schema(false).await);
}
