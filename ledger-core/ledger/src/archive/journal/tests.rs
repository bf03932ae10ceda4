use super::super::{ArchiveError, Record, Version};
use super::*;
use crate::error::Coded;
use crate::fixture::*;

/// Two entries folded by one block, one by the next, two that wait.
fn world() -> (World, Vec<JournalEntry>) {
    let mut world = World::new();
    let content = |_| JournalContent { salt: [7; 32], content: b"details".to_vec() };
    let entries = world.journal(5, content);
    world.fold(&entries[..2]);
    world.seal_empty();
    world.fold(&entries[2..3]);
    (world, entries)
}

/// Places of the parts of the journal: before each of the two blocks, and before the end.
fn places(records: &[Record]) -> Vec<usize> {
    let parts = records.iter().enumerate().filter(|(_, record)| matches!(record, Record::Journal(_)));
    parts.map(|(place, _)| place).collect()
}

fn entries_of(record: &mut Record) -> &mut Vec<ArchivedEntry> {
    let Record::Journal(journal) = record else { panic!("no part of the journal") };
    &mut journal.entries
}

#[track_caller]
fn check(records: &[Record], code: &str) {
    let verified = verify_archive(&bytes_of(Version::WithJournal, records));
    assert_eq!(verified.map(|_| ()).map_err(|error| error.code()), Err(code));
}

#[test]
fn entries_that_their_blocks_fold_are_verified_without_any_key() {
    let (world, entries) = world();
    let proved = verify_archive(&bytes_of(Version::WithJournal, &world.records_with(&entries))).unwrap();
    assert_eq!((proved.journal.entries(), proved.journal.waiting()), (5, 2));
    assert_eq!(proved.state_root, world.ledger.state_root());
    let all_folded = bytes_of(Version::WithJournal, &world.records_with(&entries[..3]));
    assert_eq!(verify_archive(&all_folded).unwrap().journal.waiting(), 0);
    let records = world.records_with(&entries);
    let mut in_parts = Vec::new();
    for record in records {
        match record {
            Record::Journal(journal) => in_parts.extend(
                journal.entries.into_iter().map(|entry| Record::Journal(ArchivedJournal { entries: vec![entry] })),
            ),
            other => in_parts.push(other),
        }
    }
    let proved = verify_archive(&bytes_of(Version::WithJournal, &in_parts)).unwrap();
    assert_eq!((proved.journal.entries(), proved.journal.waiting()), (5, 2), "in as many records as it takes");
}

#[test]
fn an_archive_without_entries_says_nothing_of_the_journal() {
    let (world, _) = world();
    for version in [Version::Blocks, Version::WithJournal] {
        let proved = verify_archive(&bytes_of(version, &world.records())).unwrap();
        assert_eq!(proved.journal.entries(), 0, "{version:?}");
    }
}

#[test]
fn version_1_has_no_entries_and_other_versions_are_unknown() {
    let (world, entries) = world();
    let refused = verify_archive(&bytes_of(Version::Blocks, &world.records_with(&entries)));
    assert_eq!(refused.map(|_| ()).map_err(|error| error.code()), Err("ARCHIVE_JOURNAL_UNANNOUNCED"));
    for version in [Version::Blocks, Version::WithJournal] {
        assert_eq!(Version::of(&version.magic()), Ok(version));
    }
    assert_eq!(Version::of(b"hivechain/archive/3\n"), Err(ArchiveError::Magic));
}

#[test]
fn entries_missing_doubled_or_out_of_order_are_refused() {
    let (world, entries) = world();
    let records = world.records_with(&entries);
    let [first, second, waiting] = places(&records)[..] else { panic!("three parts") };
    let changed = |change: &dyn Fn(&mut Vec<Record>)| {
        let mut records = records.clone();
        change(&mut records);
        records
    };
    check(&changed(&|records| drop(entries_of(&mut records[first]).remove(0))), "ARCHIVE_JOURNAL_NUMBER");
    check(&changed(&|records| drop(entries_of(&mut records[first]).pop())), "ARCHIVE_JOURNAL_COUNT");
    check(&changed(&|records| entries_of(&mut records[first]).swap(0, 1)), "ARCHIVE_JOURNAL_NUMBER");
    check(&changed(&|records| drop(entries_of(&mut records[waiting]).remove(0))), "ARCHIVE_JOURNAL_NUMBER");
    let doubled = changed(&|records| {
        let entries = entries_of(&mut records[waiting]);
        entries.push(entries[1].clone());
    });
    check(&doubled, "ARCHIVE_JOURNAL_NUMBER");
    check(&changed(&|records| drop(records.remove(second))), "ARCHIVE_JOURNAL_COUNT");
    check(&changed(&|records| records.swap(first, first + 1)), "ARCHIVE_JOURNAL_COUNT");
    // Entries stand right in front of their block, not further ahead.
    check(&changed(&|records| records.swap(second, second - 1)), "ARCHIVE_JOURNAL_COUNT");
    let [genesis, part] = [0, first].map(|place| records[place].clone());
    check(&[part.clone(), genesis], "ARCHIVE_OUT_OF_ORDER");
    check(&[records.clone(), vec![part]].concat(), "ARCHIVE_BYTES_FOLLOW");
}

#[test]
fn entries_of_another_chain_or_another_history_are_refused() {
    let (world, entries) = world();
    let records = world.records_with(&entries);
    let [first, _, waiting] = places(&records)[..] else { panic!("three parts") };
    let with = |place: usize, entry: usize, change: &dyn Fn(&mut JournalEntry)| {
        let mut records = records.clone();
        change(&mut entries_of(&mut records[place])[entry].entry);
        records
    };
    let other_chain: &dyn Fn(&mut JournalEntry) = &|entry| entry.chain = ChainId::from_bytes([9; 32]);
    check(&with(first, 0, other_chain), "ARCHIVE_JOURNAL_OTHER_CHAIN");
    check(&with(waiting, 1, other_chain), "ARCHIVE_JOURNAL_OTHER_CHAIN");
    check(&with(waiting, 0, &|entry| entry.previous = Digest::default()), "ARCHIVE_JOURNAL_PREVIOUS");
    check(&with(first, 0, &|entry| entry.kind = "other".to_owned()), "ARCHIVE_JOURNAL_PREVIOUS");
    check(&with(first, 1, &|entry| entry.kind = "other".to_owned()), "ARCHIVE_JOURNAL_DIFFERS");
}
