//! Sign-in, refresh and revocation against a real database, with parties that stand where the test puts them.
use std::net::IpAddr;

use ledger_core::{Coded, SigningKey};

use super::*;
use crate::fixture::{CHAIN, OTHER_CHAIN, SetClock, SetRegister, TemporaryDatabase, key, party, temporary_database};
use crate::session::token::ACCESS_TOKEN_SECONDS;

struct Desk {
    sessions: Sessions,
    clock: Arc<SetClock>,
    register: Arc<SetRegister>,
    temporary: TemporaryDatabase,
}

fn sessions_on(database: &Database, clock: &Arc<SetClock>, register: &Arc<SetRegister>, audience: &str) -> Sessions {
    let tokens = TokenKeyring::new(audience, "hivechain", &Secret::from_bytes([7; 32]), &[]).unwrap();
    Sessions::new(database.clone(), register.clone(), clock.clone(), tokens, SIGN_IN_ALLOWANCE)
}

async fn desk() -> Desk {
    let temporary = temporary_database().await;
    let (clock, register) = (SetClock::start(), Arc::new(SetRegister::default()));
    register.put(party(1), &[CHAIN, OTHER_CHAIN], &[key(1).public(), key(11).public()]);
    register.put(party(2), &[CHAIN], &[key(2).public()]);
    let sessions = sessions_on(&temporary.database, &clock, &register, "node-a");
    Desk { sessions, clock, register, temporary }
}

fn here() -> Source {
    IpAddr::from([127, 0, 0, 1]).into()
}

fn answer(challenge: &Challenge, party: Address, key: &SigningKey) -> SignIn {
    let signature = key.sign(&challenge.bytes_to_sign);
    SignIn { party, key: key.public(), challenge: challenge.challenge, signature }
}

impl Desk {
    async fn sign_in(&self, number: u8) -> Grant {
        let challenge = self.sessions.challenge(&party(number), here()).await.unwrap();
        self.sessions.sign_in(&answer(&challenge, party(number), &key(number)), here()).await.unwrap()
    }

    async fn refused(&self, answer: SignIn) {
        let error = self.sessions.sign_in(&answer, here()).await.unwrap_err();
        assert_eq!(error.code(), "SIGN_IN_REFUSED");
    }

    async fn code_of(&self, grant: &Grant) -> Option<&'static str> {
        self.sessions.authenticate(grant.access_token.reveal()).await.err().map(|error| error.code())
    }
}

#[tokio::test]
async fn signature_of_a_current_key_opens_a_session() {
    let desk = desk().await;
    let grant = desk.sign_in(1).await;
    let principal = desk.sessions.authenticate(grant.access_token.reveal()).await.unwrap();
    assert_eq!((principal.party(), principal.key(), principal.session()), (party(1), key(1).public(), grant.session));
    assert_eq!(principal.chains().keys().copied().collect::<Vec<_>>(), [CHAIN, OTHER_CHAIN]);
    assert_eq!(desk.sessions.still_live(&principal).await.unwrap(), principal);
}

#[tokio::test]
async fn challenge_is_good_once() {
    let desk = desk().await;
    let challenge = desk.sessions.challenge(&party(1), here()).await.unwrap();
    desk.sessions.sign_in(&answer(&challenge, party(1), &key(1)), here()).await.unwrap();
    desk.refused(answer(&challenge, party(1), &key(1))).await;
}

#[tokio::test]
async fn challenge_expires_after_two_minutes() {
    let desk = desk().await;
    let challenge = desk.sessions.challenge(&party(1), here()).await.unwrap();
    desk.clock.advance(challenge::CHALLENGE_MS);
    desk.refused(answer(&challenge, party(1), &key(1))).await;
}

#[tokio::test]
async fn challenge_of_another_party_is_refused() {
    let desk = desk().await;
    let challenge = desk.sessions.challenge(&party(2), here()).await.unwrap();
    desk.refused(answer(&challenge, party(1), &key(1))).await;
    let mut stolen = answer(&challenge, party(1), &key(1));
    stolen.signature = key(1).sign(&sign_in_bytes("node-a", &party(1), &challenge.challenge));
    desk.refused(stolen).await;
}

#[tokio::test]
async fn signature_of_a_foreign_key_or_for_another_node_is_refused() {
    let desk = desk().await;
    let challenge = desk.sessions.challenge(&party(1), here()).await.unwrap();
    desk.refused(answer(&challenge, party(1), &key(2))).await;
    let challenge = desk.sessions.challenge(&party(1), here()).await.unwrap();
    let mut replayed = answer(&challenge, party(1), &key(1));
    replayed.signature = key(1).sign(&sign_in_bytes("node-b", &party(1), &challenge.challenge));
    desk.refused(replayed).await;
    let challenge = desk.sessions.challenge(&party(1), here()).await.unwrap();
    let mut undomained = answer(&challenge, party(1), &key(1));
    undomained.signature = key(1).sign(&challenge.challenge);
    desk.refused(undomained).await;
}

#[tokio::test]
async fn unknown_party_is_told_the_same_as_a_known_one() {
    let desk = desk().await;
    let unknown = desk.sessions.challenge(&party(9), here()).await.unwrap();
    let known = desk.sessions.challenge(&party(1), here()).await.unwrap();
    assert_eq!((unknown.expires_at_ms, unknown.bytes_to_sign.len()), (known.expires_at_ms, known.bytes_to_sign.len()));
    desk.refused(answer(&unknown, party(9), &key(9))).await;
}

#[tokio::test]
async fn access_token_ends_after_fifteen_minutes_and_refresh_goes_on() {
    let desk = desk().await;
    let grant = desk.sign_in(1).await;
    desk.clock.advance((ACCESS_TOKEN_SECONDS + 5) * 1_000);
    assert_eq!(desk.code_of(&grant).await, Some("ACCESS_TOKEN_EXPIRED"));
    let next = desk.sessions.refresh(&grant.refresh_token.reveal(), here()).await.unwrap();
    assert_eq!(next.session, grant.session);
    assert_eq!(desk.code_of(&next).await, None);
}

#[tokio::test]
async fn used_refresh_token_revokes_the_session() {
    let desk = desk().await;
    let grant = desk.sign_in(1).await;
    let next = desk.sessions.refresh(&grant.refresh_token.reveal(), here()).await.unwrap();
    assert_eq!(desk.code_of(&next).await, None);
    let error = desk.sessions.refresh(&grant.refresh_token.reveal(), here()).await.unwrap_err();
    assert_eq!(error.code(), "REFRESH_TOKEN_REUSED");
    assert_eq!(desk.code_of(&next).await, Some("SESSION_ENDED"));
    let error = desk.sessions.refresh(&next.refresh_token.reveal(), here()).await.unwrap_err();
    assert_eq!(error.code(), "REFRESH_TOKEN_REFUSED");
}

#[tokio::test]
async fn one_refresh_token_used_by_two_at_once_is_good_at_most_once() {
    let desk = desk().await;
    let token = desk.sign_in(1).await.refresh_token.reveal();
    let (one, two) = tokio::join!(desk.sessions.refresh(&token, here()), desk.sessions.refresh(&token, here()));
    assert_eq!(u32::from(one.is_ok()) + u32::from(two.is_ok()), 1);
}

#[tokio::test]
async fn unknown_refresh_token_is_refused() {
    let desk = desk().await;
    for text in ["", "x", &Secret::from_bytes([1; 32]).reveal()] {
        let error = desk.sessions.refresh(text, here()).await.unwrap_err();
        assert_eq!(error.code(), "REFRESH_TOKEN_REFUSED");
    }
}

#[tokio::test]
async fn session_ends_after_thirty_days_however_often_refreshed() {
    let desk = desk().await;
    let mut grant = desk.sign_in(1).await;
    for _ in 0..30 {
        desk.clock.advance(SESSION_MS / 30 - 1);
        grant = desk.sessions.refresh(&grant.refresh_token.reveal(), here()).await.unwrap();
    }
    assert_eq!(desk.code_of(&grant).await, None);
    desk.clock.advance(31);
    assert_eq!(desk.code_of(&grant).await, Some("SESSION_ENDED"));
    let error = desk.sessions.refresh(&grant.refresh_token.reveal(), here()).await.unwrap_err();
    assert_eq!(error.code(), "REFRESH_TOKEN_REFUSED");
    assert_eq!(desk.sessions.forget_over().await.unwrap(), 1);
}

#[tokio::test]
async fn revocation_takes_effect_at_the_next_request() {
    let desk = desk().await;
    let (grant, other) = (desk.sign_in(1).await, desk.sign_in(1).await);
    let principal = desk.sessions.authenticate(grant.access_token.reveal()).await.unwrap();
    assert_eq!(desk.sessions.list(&principal).await.unwrap().len(), 2);
    desk.sessions.revoke(&principal, other.session).await.unwrap();
    assert_eq!(desk.code_of(&other).await, Some("SESSION_ENDED"));
    assert_eq!(desk.code_of(&grant).await, None);
    let error = desk.sessions.revoke(&principal, other.session).await.unwrap_err();
    assert_eq!(error.code(), "SESSION_UNKNOWN");
}

#[tokio::test]
async fn foreign_session_looks_unknown() {
    let desk = desk().await;
    let (grant, foreign) = (desk.sign_in(1).await, desk.sign_in(2).await);
    let principal = desk.sessions.authenticate(grant.access_token.reveal()).await.unwrap();
    let error = desk.sessions.revoke(&principal, foreign.session).await.unwrap_err();
    assert_eq!(error.code(), "SESSION_UNKNOWN");
    assert_eq!(desk.code_of(&foreign).await, None);
}

#[tokio::test]
async fn holder_of_a_refresh_token_may_end_its_session() {
    let desk = desk().await;
    let grant = desk.sign_in(1).await;
    desk.sessions.revoke_by_refresh_token("nonsense", here()).await.unwrap();
    assert_eq!(desk.code_of(&grant).await, None);
    desk.sessions.revoke_by_refresh_token(&grant.refresh_token.reveal(), here()).await.unwrap();
    assert_eq!(desk.code_of(&grant).await, Some("SESSION_ENDED"));
}

#[tokio::test]
async fn withdrawn_key_ends_its_sessions_and_the_chains_it_left() {
    let desk = desk().await;
    let grant = desk.sign_in(1).await;
    desk.register.put(party(1), &[OTHER_CHAIN], &[key(1).public()]);
    let principal = desk.sessions.authenticate(grant.access_token.reveal()).await.unwrap();
    assert!(!principal.participates(&CHAIN) && principal.participates(&OTHER_CHAIN));
    desk.register.put(party(1), &[CHAIN, OTHER_CHAIN], &[key(11).public()]);
    assert_eq!(desk.code_of(&grant).await, Some("SESSION_KEY_WITHDRAWN"));
    let error = desk.sessions.refresh(&grant.refresh_token.reveal(), here()).await.unwrap_err();
    assert_eq!(error.code(), "SESSION_KEY_WITHDRAWN");
}

#[tokio::test]
async fn sessions_outlive_a_restart_and_stay_revoked() {
    let desk = desk().await;
    let (live, revoked) = (desk.sign_in(1).await, desk.sign_in(1).await);
    let principal = desk.sessions.authenticate(live.access_token.reveal()).await.unwrap();
    desk.sessions.revoke(&principal, revoked.session).await.unwrap();
    let database = Database::open(&desk.temporary.url).await.unwrap();
    let again = sessions_on(&database, &desk.clock, &desk.register, "node-a");
    assert!(again.authenticate(live.access_token.reveal()).await.is_ok());
    let error = again.authenticate(revoked.access_token.reveal()).await.unwrap_err();
    assert_eq!(error.code(), "SESSION_ENDED");
}

#[tokio::test]
async fn oldest_session_of_a_party_gives_way() {
    let desk = desk().await;
    let first = desk.sign_in(1).await;
    for _ in 0..SESSIONS_PER_PARTY_MAX {
        desk.clock.advance(1);
        desk.sign_in(1).await;
    }
    assert_eq!(desk.code_of(&first).await, Some("SESSION_ENDED"));
}

#[tokio::test]
async fn source_that_fails_too_often_waits() {
    let desk = desk().await;
    let mut refused = None;
    for _ in 0..=SIGN_IN_ALLOWANCE.burst {
        refused = desk.sessions.refresh("nonsense", here()).await.err().map(|error| error.code());
    }
    assert_eq!(refused, Some("RATE_LIMITED"));
    let elsewhere = IpAddr::from([10, 0, 0, 1]).into();
    assert!(desk.sessions.challenge(&party(1), elsewhere).await.is_ok());
    desk.clock.advance(10 * SIGN_IN_ALLOWANCE.refill_ms);
    assert!(desk.sessions.challenge(&party(1), here()).await.is_ok());
}

#[tokio::test]
async fn nothing_secret_is_printed_or_stored() {
    if hive_test_database::skips_on_server("files of a server are not the node's to read") {
        return;
    }
    let desk = desk().await;
    let grant = desk.sign_in(1).await;
    let shown = format!("{grant:?}");
    assert!(!shown.contains(grant.access_token.reveal()) && !shown.contains(grant.refresh_token.reveal().as_str()));
    let files =
        std::fs::read_dir(std::path::Path::new(desk.temporary.url.trim_start_matches("sqlite:")).parent().unwrap());
    for file in files.unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!holds(grant.refresh_token.expose()) && !holds(grant.access_token.reveal().as_bytes()));
    }
}
