//! Attempts to pass one kind of token for another, and the ordinary way.
use jsonwebtoken::jwk::AlgorithmParameters;
use serde_json::{Value, json};

use super::*;

const NOW_MS: u64 = 1_795_000_000_000;
const NOW: u64 = NOW_MS / 1000;

fn keyring() -> TokenKeyring {
    TokenKeyring::new("node-a", "hivechain", &Secret::from_bytes([7; 32]), &[]).unwrap()
}

fn pkcs8(seed: [u8; 32]) -> EncodingKey {
    EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), &seed].concat())
}

fn header(keyring: &TokenKeyring) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TOKEN_TYPE.to_owned());
    header.kid = Some(keyring.kid.clone());
    header
}

fn claims() -> Value {
    json!({"iss": "hivechain", "aud": "node-a", "sub": "hc1x", "sid": "00", "iat": NOW, "nbf": NOW, "exp": NOW + 900})
}

fn signed(header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &pkcs8([7; 32])).unwrap()
}

fn public_key(keyring: &TokenKeyring) -> Vec<u8> {
    let AlgorithmParameters::OctetKeyPair(pair) = &keyring.published.keys[0].algorithm else { panic!("not Ed25519") };
    DecodingKey::from_ed_components(&pair.x).unwrap().try_get_as_bytes().unwrap().to_vec()
}

fn part(value: &Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), value, &pkcs8([1; 32]))
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned()
}

#[track_caller]
fn refused(token: &str, expected: AccessTokenError) {
    assert_eq!(keyring().check(token, NOW_MS), Err(expected));
}

#[test]
fn issued_token_is_accepted_until_it_expires() {
    let keyring = keyring();
    let (token, claims) = keyring.issue("hc1x", "0a0b", NOW_MS).unwrap();
    assert_eq!(keyring.check(token.reveal(), NOW_MS).unwrap(), claims);
    let last_ms = NOW_MS + (ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS) * 1000;
    assert!(keyring.check(token.reveal(), last_ms - 1).is_ok());
    assert_eq!(keyring.check(token.reveal(), last_ms), Err(AccessTokenError::Expired));
    assert_eq!(keyring.check(token.reveal(), NOW_MS - 6_000), Err(AccessTokenError::NotYetValid));
    assert!(keyring.check(token.reveal(), NOW_MS - 5_000).is_ok());
}

#[test]
fn algorithm_none_is_refused() {
    let kid = keyring().kid;
    for none in ["none", "None", "NONE", "nOnE"] {
        let header = part(&json!({"alg": none, "typ": TOKEN_TYPE, "kid": kid}));
        let body = part(&claims());
        for signature in ["", "AAAA"] {
            refused(&format!("{header}.{body}.{signature}"), AccessTokenError::AlgorithmRefused);
        }
    }
}

#[test]
fn hmac_under_the_public_key_is_refused() {
    let keyring = keyring();
    let public = public_key(&keyring);
    let mut header = header(&keyring);
    header.alg = Algorithm::HS256;
    for secret in [public.clone(), hex::encode(&public).into_bytes()] {
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
        refused(&token, AccessTokenError::AlgorithmRefused);
    }
}

#[test]
fn hmac_signature_behind_an_eddsa_header_is_refused() {
    let keyring = keyring();
    let message = format!("{}.{}", part(&serde_json::to_value(header(&keyring)).unwrap()), part(&claims()));
    let secret = EncodingKey::from_secret(&public_key(&keyring));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
    refused(&format!("{message}.{signature}"), AccessTokenError::SignatureInvalid);
}

#[test]
fn key_of_another_node_is_refused() {
    let other = TokenKeyring::new("node-a", "hivechain", &Secret::from_bytes([8; 32]), &[]).unwrap();
    let (token, _) = other.issue("hc1x", "0a0b", NOW_MS).unwrap();
    refused(token.reveal(), AccessTokenError::KeyUnknown);
    let forged = jsonwebtoken::encode(&header(&keyring()), &claims(), &pkcs8([8; 32])).unwrap();
    refused(&forged, AccessTokenError::SignatureInvalid);
}

#[test]
fn token_for_another_node_or_issuer_is_refused() {
    let seed = Secret::from_bytes([7; 32]);
    let other = TokenKeyring::new("node-b", "hivechain", &seed, &[]).unwrap();
    refused(other.issue("hc1x", "0a0b", NOW_MS).unwrap().0.reveal(), AccessTokenError::AudienceWrong);
    let other = TokenKeyring::new("node-a", "someone", &seed, &[]).unwrap();
    refused(other.issue("hc1x", "0a0b", NOW_MS).unwrap().0.reveal(), AccessTokenError::IssuerWrong);
}

#[test]
fn unknown_or_missing_key_id_is_refused() {
    let mut header = header(&keyring());
    header.kid = Some("../../etc/passwd".to_owned());
    refused(&signed(&header, &claims()), AccessTokenError::KeyUnknown);
    header.kid = None;
    refused(&signed(&header, &claims()), AccessTokenError::KeyUnknown);
}

#[test]
fn key_carried_in_the_header_is_not_used() {
    let attacker = pkcs8([9; 32]);
    let mut header = header(&keyring());
    header.jwk = Some(Jwk::from_encoding_key(&attacker, Algorithm::EdDSA).unwrap());
    header.jku = Some("https://attacker.example/jwks.json".to_owned());
    let token = jsonwebtoken::encode(&header, &claims(), &attacker).unwrap();
    refused(&token, AccessTokenError::SignatureInvalid);
}

#[test]
fn other_type_or_critical_extension_is_refused() {
    let mut plain = header(&keyring());
    plain.typ = Some("JWT".to_owned());
    refused(&signed(&plain, &claims()), AccessTokenError::TypeRefused);
    plain.typ = None;
    refused(&signed(&plain, &claims()), AccessTokenError::TypeRefused);
    let mut critical = header(&keyring());
    critical.crit = Some(vec!["exp".to_owned()]);
    refused(&signed(&critical, &claims()), AccessTokenError::TypeRefused);
}

#[test]
fn changed_payload_or_header_is_refused() {
    let keyring = keyring();
    let (token, _) = keyring.issue("hc1x", "0a0b", NOW_MS).unwrap();
    let parts: Vec<&str> = token.reveal().split('.').collect();
    let mut other = claims();
    other["sub"] = json!("hc1victim");
    refused(&format!("{}.{}.{}", parts[0], part(&other), parts[2]), AccessTokenError::SignatureInvalid);
    for position in 0..token.reveal().len() {
        let mut bytes = token.reveal().as_bytes().to_vec();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        assert!(keyring.check(&String::from_utf8(bytes).unwrap(), NOW_MS).is_err(), "byte {position}");
    }
}

#[test]
fn missing_doubled_or_extra_claims_are_refused() {
    let keyring = keyring();
    for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
        let mut less = claims();
        less.as_object_mut().unwrap().remove(claim);
        refused(&signed(&header(&keyring), &less), AccessTokenError::Malformed);
    }
    let mut more = claims();
    more["admin"] = json!(true);
    refused(&signed(&header(&keyring), &more), AccessTokenError::Malformed);
    let mut list = claims();
    list["aud"] = json!(["node-a", "node-b"]);
    refused(&signed(&header(&keyring), &list), AccessTokenError::Malformed);
    let mut float = claims();
    float["exp"] = json!(1e300);
    refused(&signed(&header(&keyring), &float), AccessTokenError::Malformed);
}

#[test]
fn text_that_is_no_token_is_refused() {
    for text in
        ["", ".", "..", "a.b.c", "a.b.c.d", "\u{0}\u{0}.x.y", "Bearer x", &"a".repeat(ACCESS_TOKEN_BYTES_MAX + 1)]
    {
        assert!(keyring().check(text, NOW_MS).is_err(), "{text:?}");
    }
}

#[test]
fn retired_key_checks_until_its_overlap_ends() {
    let old = keyring();
    let (token, _) = old.issue("hc1x", "0a0b", NOW_MS).unwrap();
    let public: [u8; 32] = public_key(&old).try_into().unwrap();
    let retired = RetiredTokenKey { public, until_ms: NOW_MS + 60_000 };
    let new = TokenKeyring::new("node-a", "hivechain", &Secret::from_bytes([9; 32]), &[retired]).unwrap();
    assert!(new.check(token.reveal(), NOW_MS).is_ok());
    assert_eq!(new.check(token.reveal(), NOW_MS + 60_000), Err(AccessTokenError::KeyUnknown));
    assert_eq!(new.jwks().keys.len(), 2);
}

#[test]
fn published_keys_are_public_and_named_by_thumbprint() {
    let text = serde_json::to_string(keyring().jwks()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let key = &value["keys"][0];
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"), &json!("sig"))
    );
    assert_eq!(key["kid"], json!(keyring().kid));
    assert!(key.get("d").is_none());
    assert!(!text.contains(&hex::encode([7u8; 32])));
}

#[test]
fn debug_shows_no_token() {
    let keyring = keyring();
    let (token, _) = keyring.issue("hc1x", "0a0b", NOW_MS).unwrap();
    assert_eq!(format!("{token:?}"), "AccessToken(redacted)");
    assert!(!format!("{keyring:?}").contains("07070707"));
}
