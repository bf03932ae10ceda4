//! The schemas on a running node, through HTTP.

use hive_plug::scenario::ScenarioError;
use serde_json::{Value, json};

use crate::cli::boot;
use crate::fixture::{self, Running};

mod streams;
mod succession;
mod warnings;

/// Plays on a thread of its own: clients block.
async fn played<T: Send + 'static>(running: Running, play: impl FnOnce(&Running) -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(move || play(&running)).await.unwrap()
}

fn code(error: ScenarioError) -> String {
    match error {
        ScenarioError::Refused { code, .. } => code,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trade_settles_and_can_be_played_again() {
    let running = fixture::start().await;
    let reports = played(running, |running| {
        let (mut stage, report) = running.stage("run-1");
        let scenario = fixture::registered()[0].scenarios[0];
        (scenario.play)(&mut stage).unwrap();
        let (mut again, second) = running.stage("run-1");
        (scenario.play)(&mut again).unwrap();
        let (mut next, third) = running.stage("run-2");
        (scenario.play)(&mut next).unwrap();
        [report, second, third].map(|report| report.0.lock().unwrap().clone())
    })
    .await;
    let settled = |report: usize| reports[report].iter().filter(|step| step.transaction.is_some()).collect::<Vec<_>>();
    assert_eq!(settled(0).len(), 3);
    assert_eq!(settled(0)[0].signers, ["Issuer", "Attestor"]);
    assert!(settled(0).iter().all(|step| !step.done_before && step.height.is_some()));
    assert!(settled(1).iter().all(|step| step.done_before && step.signers.is_empty()));
    assert!(settled(2)[0].done_before && !settled(2)[1].done_before);
    assert_eq!(reports[0].iter().filter(|step| step.refusal.is_some()).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_what_is_not_theirs() {
    let running = fixture::start().await;
    played(running, |running| {
        let (mut stage, _) = running.stage("run-1");
        (fixture::registered()[0].scenarios[0].play)(&mut stage).unwrap();
        let chain = stage.chain().to_string();
        let own = stage.graphql_at("platform", "alice", "{ proposals { totalCount nodes { id transactionId } } }", json!({}));
        let own = own.unwrap();
        let nodes = own["proposals"]["nodes"].as_array().unwrap();
        assert_eq!(own["proposals"]["totalCount"], "2");
        let (id, transaction) = (&nodes[0]["id"], &nodes[1]["transactionId"]);
        let foreign = stage
            .graphql_at("platform", "bob", "query($id: ID!) { proposal(id: $id) { id } proposals { totalCount } }", json!({ "id": id }))
            .unwrap();
        assert_eq!(foreign, json!({ "proposal": null, "proposals": { "totalCount": "0" } }));
        let read = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { id ledger { height } proof } }";
        let asked = |role: &str| stage.graphql_at("platform", role, read, json!({ "chain": chain, "id": transaction })).unwrap();
        assert_eq!(asked("attestor")["transaction"], Value::Null);
        for role in ["alice", "bob", "supervisor"] {
            let proof = asked(role)["transaction"]["proof"].as_str().unwrap().to_owned();
            let proof: ledger_core::InclusionProof = ledger_core::encoding::decode(&hex::decode(proof).unwrap()).unwrap();
            assert!(proof.verify().is_ok());
        }
        let block = "query($chain: ID!) { block(chain: $chain, height: \"1\") { height transactionCount } }";
        let foreign_chain = json!({ "chain": "ab".repeat(32) });
        assert_eq!(code(stage.graphql_at("platform", "alice", block, foreign_chain).unwrap_err()), "NOT_FOUND");
        let status = "query($chain: ID!, $key: String!) { commandStatus(chain: $chain, idempotencyKey: $key) { ledger { height } } }";
        let status = |role: &str| {
            let variables = json!({ "chain": chain, "key": "run-1/pay" });
            stage.graphql_at("platform", role, status, variables).unwrap()["commandStatus"]["ledger"].clone()
        };
        assert!(status("alice").is_object() && status("bob").is_null());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_regulators_endpoint_needs_a_supervisor_and_writes_nothing() {
    let running = fixture::start().await;
    played(running, |running| {
        let (stage, _) = running.stage("run-1");
        let report = "{ barter { chains } }";
        let read = stage.graphql_at("regulator", "supervisor", report, json!({})).unwrap();
        assert_eq!(read, json!({ "barter": { "chains": 1 } }));
        assert_eq!(code(stage.graphql_at("regulator", "alice", report, json!({})).unwrap_err()), "FORBIDDEN");
        let types =
            stage.graphql_at("regulator", "alice", "{ __schema { mutationType { name } } }", json!({})).unwrap();
        assert_eq!(types["__schema"]["mutationType"], Value::Null);
        let merged = stage
            .graphql("alice", "{ barters me { party { name } } node { verticals { title } } }", json!({}))
            .unwrap();
        assert_eq!(merged["me"]["party"]["name"], "Alice");
        assert_eq!(merged["node"]["verticals"], json!([{ "title": "Barter" }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_counts_no_more() {
    let running = fixture::start().await;
    played(running, |running| {
        let (stage, _) = running.stage("run-1");
        let seat = stage.seat("alice").unwrap();
        let token = seat.access_token(stage.transport()).unwrap();
        let ask = |query: &str| {
            stage.transport().post("/graphql/platform", Some(&token), &json!({ "query": query })).unwrap()
        };
        assert_eq!(ask("{ me { session } }").status, 200);
        assert_eq!(ask("mutation { endSession { ended } }").body["data"]["endSession"]["ended"], true);
        let after = ask("{ me { session } }");
        assert_eq!((after.status, &after.body["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")));
    })
    .await;
}

#[tokio::test]
async fn verticals_that_do_not_fit_are_found() {
    assert_eq!(boot::findings(&fixture::registered()).await, []);
    let mut twice = fixture::registered();
    let mut other = twice[0].clone();
    other.manifest.framework_version = "9.9.9";
    twice.push(other);
    let codes: Vec<_> = boot::findings(&twice).await.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"VERTICAL_TWICE") && codes.contains(&"VERTICAL_VERSION"), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_is_coded_and_refresh_tokens_are_good_once() {
    let running = fixture::start().await;
    played(running, |running| {
        let (stage, _) = running.stage("run-1");
        let post = |path: &str, body: Value| stage.transport().post(path, None, &body).unwrap();
        let refused = |path: &str, body: Value| {
            let reply = post(path, body);
            assert!(reply.body["error"]["requestId"].is_string(), "{}", reply.body);
            (reply.status, reply.body["error"]["code"].as_str().unwrap().to_owned())
        };
        let bad = |status: u16, code: &str| (status, code.to_owned());
        assert_eq!(refused("/auth/challenge", json!({ "party": "hc1" })), bad(400, "BAD_USER_INPUT"));
        assert_eq!(refused("/auth/challenge", json!([])), bad(400, "BAD_USER_INPUT"));
        assert_eq!(refused("/auth/refresh", json!({ "refreshToken": "ab".repeat(32) })), bad(401, "UNAUTHENTICATED"));
        assert_eq!(refused("/auth/nothing", json!({})), bad(404, "NOT_FOUND"));
        let seat = stage.seat("alice").unwrap();
        let challenge = post("/auth/challenge", json!({ "party": seat.address.to_string() })).body;
        let bytes = hex::decode(challenge["bytesToSign"].as_str().unwrap()).unwrap();
        let answer = |signed: hive_plug::scenario::SignatureInput| {
            json!({ "party": seat.address.to_string(), "key": signed.key, "challenge": challenge["challenge"], "signature": signed.signature })
        };
        let forged = stage.seat("bob").unwrap().sign_bytes(seat.address, &bytes);
        assert_eq!(refused("/auth/token", answer(forged)), bad(401, "UNAUTHENTICATED"));
        let challenge = post("/auth/challenge", json!({ "party": seat.address.to_string() })).body;
        let bytes = hex::decode(challenge["bytesToSign"].as_str().unwrap()).unwrap();
        let signed = seat.sign_bytes(seat.address, &bytes);
        let answer = json!({ "party": seat.address.to_string(), "key": signed.key, "challenge": challenge["challenge"], "signature": signed.signature });
        let granted = post("/auth/token", answer.clone()).body;
        assert_eq!(refused("/auth/token", answer), bad(401, "UNAUTHENTICATED"));
        let refresh = json!({ "refreshToken": granted["refreshToken"] });
        let next = post("/auth/refresh", refresh.clone());
        assert_eq!(next.status, 200);
        assert_eq!(refused("/auth/refresh", refresh), bad(401, "UNAUTHENTICATED"));
        let token = next.body["accessToken"].as_str().unwrap();
        let asked = stage.transport().post("/graphql/platform", Some(token), &json!({ "query": "{ me { session } }" })).unwrap();
        assert_eq!(asked.status, 401, "a session whose refresh token was used twice is revoked");
    })
    .await;
}

/// Names of everything in a schema that has no description.
async fn undescribed(endpoint: &crate::server::schema::Endpoint) -> Vec<String> {
    use async_graphql::Executor;
    let members = "name description";
    let query = format!(
        "{{ __schema {{ types {{ {members} enumValues {{ {members} }} inputFields {{ {members} }} \
         fields {{ {members} args {{ {members} }} }} }} }} }}"
    );
    let data = endpoint.execute(query.into()).await.data.into_json().unwrap();
    let mut found = Vec::new();
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    for kind in list(&data["__schema"], "types") {
        let name = kind["name"].as_str().unwrap().to_owned();
        let is_own = !name.starts_with("__") && !["Boolean", "Float", "ID", "Int", "String"].contains(&name.as_str());
        if !is_own {
            continue;
        }
        let mut look = |value: &Value, path: &str| {
            if value["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
                found.push(path.to_owned());
            }
        };
        if !["Query", "Mutation", "Subscription"].contains(&name.as_str()) {
            look(&kind, &name);
        }
        for member in ["fields", "inputFields", "enumValues"].iter().flat_map(|member| list(&kind, member)) {
            let path = format!("{name}.{}", member["name"].as_str().unwrap());
            look(&member, &path);
            list(&member, "args")
                .iter()
                .for_each(|arg| look(arg, &format!("{path}({})", arg["name"].as_str().unwrap())));
        }
    }
    found
}

#[tokio::test]
async fn everything_in_the_schemas_is_described() {
    for (name, endpoint) in crate::cli::serve::endpoints::<fixture::Wired>(None) {
        assert_eq!(undescribed(&endpoint).await, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn no_schema_has_a_float_or_a_free_form_value() {
    for (name, endpoint) in crate::cli::serve::endpoints::<fixture::Wired>(None) {
        let sdl = endpoint.sdl();
        assert!(!sdl.contains("Float") && !sdl.contains("scalar JSON"), "{name}");
        assert!(sdl.contains("@specifiedBy"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_its_readers_and_openings_are_their_recipients() {
    let running = fixture::start().await;
    played(running, |running| {
        let (mut stage, _) = running.stage("run-1");
        (fixture::registered()[0].scenarios[0].play)(&mut stage).unwrap();
        let chain = stage.chain().to_string();
        let journal = "query($chain: ID!) { journal(chain: $chain, first: 2) { totalCount nodes { kind sealedKey } } }";
        let read = |endpoint: &str, role: &str| {
            stage.graphql_at(endpoint, role, journal, json!({ "chain": chain })).unwrap()["journal"].clone()
        };
        assert_eq!(read("platform", "alice"), json!({ "totalCount": "0", "nodes": [] }));
        let shown = read("regulator", "supervisor");
        assert_eq!(shown["nodes"][0]["kind"], "journal_key_rotated");
        assert!(shown["nodes"][1]["sealedKey"].is_string());

        let field = json!({ "chain": chain, "commitment": "ab".repeat(32) });
        let fetch = "query($chain: ID!, $commitment: Hash!) { sealedOpenings(chain: $chain, commitment: $commitment) { sealed } }";
        let fetched = stage.graphql_at("platform", "alice", fetch, field.clone()).unwrap();
        assert_eq!(fetched, json!({ "sealedOpenings": [] }));
        let destroy = "mutation($chain: ID!, $commitment: Hash!) \
             { destroySealedOpening(chain: $chain, commitment: $commitment) { destroyed } }";
        let destroyed = stage.graphql_at("platform", "alice", destroy, field.clone()).unwrap();
        assert_eq!(destroyed["destroySealedOpening"]["destroyed"], "0");
        let put = "mutation($input: SealedOpeningInput!) { putSealedOpening(input: $input) { kept userErrors { code } } }";
        let bob = stage.address("bob").unwrap();
        let input = json!({ "input": {
            "chain": chain, "commitment": "ab".repeat(32), "transaction": "cd".repeat(32), "output": 0,
            "openings": [{ "recipient": bob, "sealed": "00".repeat(64) }],
        } });
        let kept = stage.graphql_at("platform", "alice", put, input).unwrap();
        let expected = json!({ "kept": false, "userErrors": [{ "code": "OPENING_NOT_PARTY" }] });
        assert_eq!(kept["putSealedOpening"], expected);
    })
    .await;
}
