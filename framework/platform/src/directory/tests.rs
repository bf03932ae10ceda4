//! Who may be enrolled and who sees whose name.
use ledger_core::Coded;

use super::*;
use crate::fixture::{
    CHAIN, OTHER_CHAIN, SetClock, SetRegister, TemporaryDatabase, key, party, principal, temporary_database,
};

async fn directory() -> (Directory, TemporaryDatabase) {
    let temporary = temporary_database().await;
    let register = SetRegister::default();
    register.put(party(1), &[CHAIN], &[key(1).public()]);
    register.put(party(2), &[CHAIN, OTHER_CHAIN], &[key(2).public()]);
    register.put(party(3), &[OTHER_CHAIN], &[key(3).public()]);
    let directory = Directory::new(temporary.database.clone(), Arc::new(register), SetClock::start());
    (directory, temporary)
}

fn enrolment(number: u8, name: &str) -> Enrolment {
    let (name_en, name_zh) = (name.to_owned(), format!("{name}有限公司"));
    Enrolment { address: party(number), name_en, name_zh, kind: OrganisationKind::Company }
}

#[tokio::test]
async fn names_are_seen_by_parties_of_a_shared_chain_only() {
    let (directory, _temporary) = directory().await;
    for number in [1, 2, 3] {
        directory.enrol(&enrolment(number, "Grain")).await.unwrap();
    }
    let seen_by = async |number: u8, chains: &[ledger_core::ChainId]| {
        let principal = principal(party(number), number, chains);
        let all = [party(1), party(2), party(3), party(9)];
        directory.find_all(&principal, &all).await.unwrap().into_keys().collect::<Vec<_>>()
    };
    assert_eq!(seen_by(1, &[CHAIN]).await, [party(1), party(2)]);
    assert_eq!(seen_by(2, &[CHAIN, OTHER_CHAIN]).await, [party(1), party(2), party(3)]);
    assert_eq!(seen_by(3, &[OTHER_CHAIN]).await, [party(2), party(3)]);
    assert_eq!(seen_by(8, &[]).await, []);
}

#[tokio::test]
async fn renaming_keeps_the_day_of_enrolment() {
    let (directory, _temporary) = directory().await;
    let first = directory.enrol(&enrolment(1, "Old")).await.unwrap();
    let again = directory.enrol(&enrolment(1, " New ")).await.unwrap();
    assert_eq!((again.name_en.as_str(), again.enrolled_at_ms), ("New", first.enrolled_at_ms));
    let found = directory.find(&principal(party(1), 1, &[CHAIN]), &party(1)).await.unwrap();
    assert_eq!(found, Some(again));
}

#[tokio::test]
async fn unregistered_parties_and_misleading_names_are_refused() {
    let (directory, _temporary) = directory().await;
    let code = async |enrolment: Enrolment| directory.enrol(&enrolment).await.map_err(|error| error.code()).err();
    assert_eq!(code(enrolment(9, "Nobody")).await, Some("PARTY_NOT_REGISTERED"));
    for name in ["", "   ", "a\u{0}b", "a\nb", "evil\u{202e}knab", "zero\u{200b}width", &"x".repeat(121)] {
        assert_eq!(code(enrolment(1, name)).await, Some("PARTY_NAME_REFUSED"), "{name:?}");
    }
    assert_eq!(code(enrolment(1, "Café 粮油 & Co.")).await, None);
}

#[tokio::test]
async fn question_has_a_bound() {
    let (directory, _temporary) = directory().await;
    let principal = principal(party(1), 1, &[CHAIN]);
    let many = vec![party(1); ADDRESSES_MAX + 1];
    let error = directory.find_all(&principal, &many).await.unwrap_err();
    assert_eq!(error.code(), "PARTY_TOO_MANY");
}

#[test]
fn kinds_have_one_name_each() {
    for kind in OrganisationKind::ALL {
        assert_eq!(OrganisationKind::from_name(kind.name()), Some(kind));
    }
    assert_eq!(OrganisationKind::from_name("Bank"), None);
}
