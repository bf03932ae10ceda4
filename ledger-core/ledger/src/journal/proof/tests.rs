use super::*;
use crate::Coded;
use crate::fixture::*;

fn content(number: u64) -> JournalContent {
    JournalContent { salt: [7; 32], content: format!("details of {number}").into_bytes() }
}

/// A block that folds seven entries, and the proof of each.
fn proofs() -> Vec<JournalProof> {
    World::new().journal_proofs(7, content)
}

#[test]
fn every_entry_of_a_block_is_proved_with_and_without_its_content() {
    for (number, proof) in (1..).zip(proofs()) {
        let attested = proof.verify().unwrap();
        assert_eq!((attested.entry, attested.height), (proof.entry.hash(), 2));
        let shown = JournalProof { content: Some(content(number)), ..proof };
        let read: JournalProof = decode(&encode(&shown)).unwrap();
        assert_eq!(read.verify(), Ok(attested));
        assert_eq!(read, shown);
    }
}

#[test]
fn a_changed_proof_proves_nothing() {
    let check = |change: fn(&mut JournalProof), code: &str| {
        let mut proof = proofs().remove(4);
        change(&mut proof);
        assert_eq!(proof.verify().map_err(|error| error.code()), Err(code));
    };
    check(|proof| proof.genesis.name.push('x'), "JOURNAL_PROOF_OTHER_CHAIN");
    check(|proof| proof.entry.chain = Default::default(), "JOURNAL_PROOF_OTHER_CHAIN");
    check(|proof| proof.header.time_ms += 1, "JOURNAL_PROOF_NOT_SEALED");
    check(|proof| proof.header.journal_count += 1, "JOURNAL_PROOF_NOT_SEALED");
    check(|proof| proof.entry.number += 1, "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.entry.previous = Digest::default(), "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.entry.time_ms += 1, "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.entry.actor = BankB.address(), "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.entry.kind.push('x'), "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.entry.subject.push('x'), "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.entry.commitment = Digest::default(), "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.index = 3, "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.path[0][0] ^= 1, "JOURNAL_PROOF_NOT_INCLUDED");
    check(|proof| proof.content = Some(content(4)), "JOURNAL_PROOF_CONTENT_DIFFERS");
}

#[test]
fn an_entry_that_the_block_did_not_fold_has_no_proof() {
    let proof = proofs().remove(0);
    let other = JournalEntry { number: 9, ..proof.entry.clone() };
    let refused = JournalProof::of(proof.genesis, (proof.header, proof.finality), &[proof.entry.hash()], other);
    assert_eq!(refused, Err(JournalProofError::NotIncluded { number: 9 }));
}

#[test]
fn entries_and_contents_are_bounded() {
    let entry = proofs().remove(0).entry;
    let code = |entry: JournalEntry| decode::<JournalEntry>(&encode(&entry)).map(|_| ()).map_err(|error| error.code());
    let long = |bytes: usize| "k".repeat(bytes);
    assert_eq!(code(JournalEntry { kind: long(64), subject: long(256), ..entry.clone() }), Ok(()));
    assert_eq!(code(JournalEntry { kind: long(65), ..entry.clone() }), Err("ENCODING_TOO_LONG"));
    assert_eq!(code(JournalEntry { subject: long(257), ..entry }), Err("ENCODING_TOO_LONG"));
    let code = |bytes: usize| {
        let content = JournalContent { salt: [1; 32], content: vec![1; bytes] };
        decode::<JournalContent>(&encode(&content)).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(code(JournalContent::CONTENT_BYTES_MAX), Ok(()));
    assert_eq!(code(JournalContent::CONTENT_BYTES_MAX + 1), Err("ENCODING_TOO_LONG"));
}
