//! Tokens that are missing, foreign, tampered with, without a signature, or of a session that has ended.

use std::time::Duration;

use hive_app::cli::folder::DataFolder;
use hive_chain::{Clock, SystemClock};
use hive_platform::session::token::TokenKeyring;
use serde_json::{Value, json};

use super::refused;
use crate::client::{Client, Http};
use crate::node::Node;

const ME: &str = "{ me { session } }";

fn ask_as(http: &Http, token: &str) -> crate::client::Answer {
    http.post("/graphql/platform", Some(token), &json!({ "query": ME }))
}

#[test]
fn nobody_reads_or_writes_without_a_token() {
    let node = Node::start();
    let http = node.http();
    let fields = [
        "me { session }",
        "chains { id }",
        "sessions { id }",
        "proposals { nodes { id } }",
        "holdings { nodes { total } }",
    ];
    for endpoint in ["platform", "warehouse-receipts"] {
        for field in fields {
            let body = json!({ "query": format!("{{ {field} }}") });
            let answer = http.post(&format!("/graphql/{endpoint}"), None, &body);
            assert_eq!(answer.code(), "UNAUTHENTICATED", "{field}: {}", answer.text());
        }
        let mutation = json!({ "query": "mutation { endSession { ended } }" });
        let answer = http.post(&format!("/graphql/{endpoint}"), None, &mutation);
        assert_eq!(answer.code(), "UNAUTHENTICATED", "{}", answer.text());
    }
    // Nobody is told who is registered: an unknown party gets a challenge like any other.
    let stranger = Node::stopped(&[]);
    let outcome = stranger.hive(&["key", "new", &stranger.path("stranger.json").display().to_string()]);
    outcome.expect_status(0);
    let key = hive_app::cli::key_file::KeyFile::read(&stranger.path("stranger.json")).expect("just written");
    let refusal = Client::try_sign_in(node.url(), &key).err().expect("an unregistered party has no session");
    let refusal: Value = serde_json::from_str(&refusal).expect("a refusal is JSON");
    assert_eq!(refusal["error"]["code"], "UNAUTHENTICATED", "{refusal}");
    assert_eq!(refusal["error"]["reason"], "SIGN_IN_REFUSED", "{refusal}");
    node.assert_up();
}

#[test]
fn tokens_of_outsiders_are_refused() {
    let (node, other) = (Node::start(), Node::start());
    let depositor = node.party("depositor");
    let http = node.http();
    refused("another node's token", &ask_as(&http, &other.party("depositor").token), 401, "UNAUTHENTICATED");
    for (attack, token) in forged(&depositor.token) {
        refused(&attack, &ask_as(&http, &token), 401, "UNAUTHENTICATED");
    }
    let header = |value: &str| {
        let headers = [("content-type", "application/json"), ("authorization", value)];
        http.send("POST", "/graphql/platform", &headers, json!({ "query": ME }).to_string().as_bytes())
    };
    refused("no bearer", &header(&depositor.token), 401, "UNAUTHENTICATED");
    refused("another scheme", &header("Basic ZGVwb3NpdG9yOng="), 401, "UNAUTHENTICATED");
    assert_eq!(ask_as(&http, &depositor.token).status, 200, "the real token is good still");
    node.assert_up();
}

/// What an outsider makes of a token it has seen.
fn forged(token: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("an access token has three parts") };
    let altered = |part: &str, from: &str, to: &str| {
        let text = String::from_utf8(base64url_decoded(part)).expect("JSON");
        assert!(text.contains(from), "{text} has {from}");
        base64url(text.replace(from, to).as_bytes())
    };
    let none = altered(header, "EdDSA", "none");
    let symmetric = altered(header, "EdDSA", "HS256");
    let mut flipped = base64url_decoded(signature);
    flipped[10] ^= 1;
    let mut short = base64url_decoded(signature);
    short.truncate(32);
    vec![
        ("alg none".to_owned(), format!("{none}.{claims}.")),
        ("alg none with the signature".to_owned(), format!("{none}.{claims}.{signature}")),
        ("alg HS256".to_owned(), format!("{symmetric}.{claims}.{signature}")),
        ("a later end".to_owned(), format!("{header}.{}.{signature}", later(claims))),
        ("another audience".to_owned(), format!("{header}.{}.{signature}", altered(claims, "hive-", "hove-"))),
        ("a flipped signature".to_owned(), format!("{header}.{claims}.{}", base64url(&flipped))),
        ("half a signature".to_owned(), format!("{header}.{claims}.{}", base64url(&short))),
        ("no signature".to_owned(), format!("{header}.{claims}.")),
        ("two parts".to_owned(), format!("{header}.{claims}")),
        ("nonsense".to_owned(), "abc.def.ghi".to_owned()),
        ("a very long token".to_owned(), "a".repeat(7_000)),
    ]
}

fn later(claims: &str) -> String {
    let mut claims: Value = serde_json::from_slice(&base64url_decoded(claims)).expect("claims are JSON");
    let end = claims["exp"].as_u64().expect("a token ends");
    claims["exp"] = (end + 86_400).into();
    base64url(claims.to_string().as_bytes())
}

#[test]
fn a_token_is_over_when_it_expires() {
    let node = Node::start();
    let depositor = node.party("depositor");
    let session = depositor.data("platform", ME, json!({}));
    let session = session["me"]["session"].as_str().expect("a session");
    let secrets = DataFolder::new(node.data()).node_secrets(false).expect("the node's secrets");
    let (id, seed) = (&secrets.node_id, secrets.token_key().expect("the node's token key"));
    let keyring = TokenKeyring::new(id, id, &seed, &[]).expect("a keyring");
    let issued = |now_ms| keyring.issue(&depositor.address.to_string(), session, now_ms).expect("a token").0;
    let now_ms = SystemClock.now_ms();
    // The node's own key signs all of these; only their times are wrong.
    assert_eq!(ask_as(&node.http(), issued(now_ms).reveal()).status, 200);
    refused("an expired token", &ask_as(&node.http(), issued(now_ms - 16 * 60_000).reveal()), 401, "UNAUTHENTICATED");
    refused("a token of tomorrow", &ask_as(&node.http(), issued(now_ms + 86_400_000).reveal()), 401, "UNAUTHENTICATED");
}

#[test]
fn an_ended_session_counts_no_more_at_once() {
    let node = Node::start();
    let (first, second) = (node.party("depositor"), node.party("depositor"));
    let ended = second.data("platform", "mutation { endSession { ended userErrors { code } } }", json!({}));
    assert_eq!(ended["endSession"]["ended"], true, "{ended}");
    refused("an ended session", &ask_as(&second.http, &second.token), 401, "UNAUTHENTICATED");
    let refresh = json!({ "refreshToken": second.refresh_token });
    refused("its refresh token", &second.http.post("/auth/refresh", None, &refresh), 401, "UNAUTHENTICATED");
    // Another session of the same party is revoked by its refresh token.
    assert_eq!(ask_as(&first.http, &first.token).status, 200);
    let revoke = json!({ "refreshToken": first.refresh_token });
    assert_eq!(first.http.post("/auth/revoke", None, &revoke).status, 200);
    refused("a revoked session", &ask_as(&first.http, &first.token), 401, "UNAUTHENTICATED");
    node.assert_up();
}

#[test]
fn a_refresh_token_that_is_used_twice_ends_its_session() {
    let mut node = Node::start();
    let depositor = node.party("depositor");
    let refresh = |node: &Node, token: &str| node.http().post("/auth/refresh", None, &json!({ "refreshToken": token }));
    let renewed = refresh(&node, &depositor.refresh_token);
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    let renewed = renewed.json();
    let (token, next) = (renewed["accessToken"].as_str().unwrap(), renewed["refreshToken"].as_str().unwrap());
    assert_eq!(ask_as(&node.http(), token).status, 200);
    // A session outlives the node's process.
    node.kill();
    node.restart();
    assert_eq!(ask_as(&node.http(), token).status, 200);
    refused("a copied refresh token", &refresh(&node, &depositor.refresh_token), 401, "UNAUTHENTICATED");
    refused("the session of a copied refresh token", &ask_as(&node.http(), token), 401, "UNAUTHENTICATED");
    refused("its next refresh token", &refresh(&node, next), 401, "UNAUTHENTICATED");
}

#[test]
fn guessing_signatures_is_slowed_down() {
    let node = Node::start();
    let party = node.key("bank-a").address.clone();
    let guess = json!({
        "party": party,
        "key": node.key("bank-b").public_key,
        "challenge": "00".repeat(32),
        "signature": "00".repeat(64),
    });
    let http = node.http();
    let mut refusals = 0;
    loop {
        let answer = http.post("/auth/token", None, &guess);
        if answer.status == 429 {
            assert_eq!(answer.code(), "RATE_LIMITED");
            break;
        }
        refused("a guessed signature", &answer, 401, "UNAUTHENTICATED");
        refusals += 1;
        assert!(refusals < 500, "nothing slows guessing down");
    }
    // The slow-down ends by itself.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while Client::try_sign_in(node.url(), &node.key("bank-a")).is_err() {
        assert!(std::time::Instant::now() < deadline, "an honest party stays locked out");
        // A try comes back after half a second, and a sign-in takes two.
        std::thread::sleep(Duration::from_millis(1_200));
    }
    node.assert_up();
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648 section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

fn base64url_decoded(text: &str) -> Vec<u8> {
    let values: Vec<u32> = text
        .bytes()
        .map(|letter| ALPHABET.iter().position(|known| *known == letter).expect("base64url") as u32)
        .collect();
    let mut bytes = Vec::new();
    for group in values.chunks(4) {
        let bits = group.iter().fold(0u32, |bits, value| bits << 6 | value) << (6 * (4 - group.len()));
        bytes.extend(bits.to_be_bytes()[1..].iter().take(group.len() - 1));
    }
    bytes
}

#[test]
fn tokens_read_back() {
    for text in ["", "a", "ab", "abc", "{\"alg\":\"EdDSA\"}"] {
        assert_eq!(base64url_decoded(&base64url(text.as_bytes())), text.as_bytes());
    }
}
