mod model;

use super::*;
use crate::encoding::{decode, encode};

fn identity(class: &'static str, parts: &[&str]) -> ClaimIdentity {
    let parts: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
    let near = parts.last().map(|number| near_number("depot", number)).unwrap_or_default();
    ClaimIdentity { class, parts, output: 0, kind: ClaimKind::Once, near }
}

fn key(secret: u8, class: &'static str, parts: &[&str]) -> ClaimKey {
    ClaimSecret::from_bytes([secret; 32]).key(&identity(class, parts))
}

fn near(secret: u8, class: &'static str, number: &str) -> Option<NearKey> {
    ClaimSecret::from_bytes([secret; 32]).near_key(&identity(class, &["depot", number]))
}

#[test]
fn other_spellings_are_the_same_identity() {
    let plain = key(1, "title", &["depot", "WR-2026-000001"]);
    for spelling in [
        "wr-2026-000001",
        " WR 2026 000001",
        "ＷＲ－２０２６－０００００１",
        "ｗｒ２０２６０００００１",
        "WR\u{3000}2026–000001",
        "WR\t2026\u{a0}000001\n",
        "WR‐2026‑000001",
        "WR‒2026—000001",
        "WR―2026−000001",
    ] {
        assert_eq!(key(1, "title", &["depot", spelling]), plain, "{spelling}");
    }
}

/// The tables are fixed: what stands here must never change, or a number could be used again under a new key.
#[test]
fn the_spelling_of_letters_is_fixed_for_ever() {
    for (text, expected) in [
        ("zà-öø-þ ÿß", "ZÀÖØÞÿß"),
        ("αβγ ρςσ ω ά", "ΑΒΓΡΣΣΩά"),
        ("аяѐёџ", "АЯЀЁЏ"),
        // Letters that later tables of Unicode give a capital, or that become two.
        ("\u{264}\u{19b}ﬁ ı", "\u{264}\u{19b}ﬁı"),
        ("仓单 二〇二六", "仓单二〇二六"),
        ("÷×µ", "÷×µ"),
    ] {
        assert_eq!(normalise(text), expected);
    }
    let white: String =
        (0..=0x10_ffff).filter_map(char::from_u32).filter(|letter| normalise(&letter.to_string()).is_empty()).collect();
    assert_eq!(white.chars().count(), 25 + 9, "25 of white space, 9 hyphens");
}

/// What the eye may take for the same is another number, as long as its letters, digits or their order differ.
#[test]
fn other_numbers_are_other_identities() {
    let plain = key(1, "title", &["depot", "WR-2026-000001"]);
    for number in [
        "WR-2026-00001",
        "WR-2026-000010",
        "WR-2026-00000I",
        "WR-2026-OOOOO1",
        "WR/2026/000001",
        "WR.2026.000001",
        "WR_2026_000001",
        "WR-2026-000001A",
        "RW-2026-000001",
        // A Cyrillic Р; an Arabic-Indic 1.
        "WР-2026-000001",
        "WR-2026-00000١",
        "仓-2026-000001",
        "",
    ] {
        assert_ne!(key(1, "title", &["depot", number]), plain, "{number}");
    }
}

#[test]
fn another_secret_class_or_border_is_another_key() {
    let plain = key(1, "title", &["ab", "c"]);
    assert_ne!(key(2, "title", &["ab", "c"]), plain);
    assert_ne!(key(1, "invoice", &["ab", "c"]), plain);
    assert_ne!(key(1, "title", &["a", "bc"]), plain);
}

#[test]
fn near_numbers_share_issuer_and_digits_without_leading_zeros() {
    let plain = near(1, "title", "WR-2026-000001");
    assert!(plain.is_some());
    for number in
        ["WR/2026/000001", "wr_2026_000001", "2026000001", "000-2026.000001", "仓2026年000001", "R.2026000001X"]
    {
        assert_eq!(near(1, "title", number), plain, "{number}");
        assert_ne!(key(1, "title", &["depot", number]), key(1, "title", &["depot", "WR-2026-000001"]), "{number}");
    }
    for number in ["WR-2026-000002", "WR-2026-0000010", "WR-2026-1", "20260000O1", "1-2026-000001"] {
        assert_ne!(near(1, "title", number), plain, "{number}");
    }
    assert_ne!(near(2, "title", "WR-2026-000001"), plain);
    assert_ne!(near(1, "invoice", "WR-2026-000001"), plain);
}

#[test]
fn a_number_without_digits_is_near_nothing() {
    for number in ["", "AB-C", "000", "０００", "仓"] {
        assert_eq!(near(1, "title", number), None, "{number}");
    }
    assert_eq!(near_number("depot", "N-0070"), ["depot", "70"]);
}

/// A near key is another key than that of an identity with the same parts.
#[test]
fn a_near_key_is_no_identitys_key() {
    let secret = ClaimSecret::from_bytes([1; 32]);
    let both = ClaimIdentity { near: vec!["depot".to_owned(), "7".to_owned()], ..identity("title", &["depot", "7"]) };
    let claim = secret.claim(&both);
    assert_ne!(claim.near.unwrap().as_bytes(), claim.key.as_bytes());
}

#[test]
fn a_claim_reads_back_with_and_without_its_near_key() {
    let secret = ClaimSecret::from_bytes([1; 32]);
    for number in ["N-7", "N"] {
        let claim = secret.claim(&identity("title", &["depot", number]));
        assert_eq!(claim.near.is_some(), number == "N-7");
        assert_eq!(decode::<Claim>(&encode(&claim)), Ok(claim));
    }
    let short = wire::Claim { near: vec![1; 31], ..secret.claim(&identity("title", &["depot", "7"])).to_wire() };
    assert!(Claim::from_wire(short).is_err());
}
