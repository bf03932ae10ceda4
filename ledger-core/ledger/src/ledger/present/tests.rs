use proptest::prelude::*;

use super::*;
use crate::amount::Amount;
use crate::error::Coded;
use crate::fixture::{Administrator, Depositor, Supplier, World};
use crate::hash::{Domain, hash};
use crate::id::{AssetId, CommandId, FeedId, StateRef};
use crate::ledger::Ledger;
use crate::verify::InTurn;

/// All parts of a ledger whose states are elsewhere as said.
fn parts(ledger: &Ledger, is_elsewhere: impl Fn(&StateRef) -> bool) -> Vec<Part> {
    let mut place = Place::default();
    let mut parts: Vec<Part> = std::iter::from_fn(|| ledger.part(&mut place, &is_elsewhere)).collect();
    let mut height = 0;
    while let Some((part, until)) = ledger.blocks_part(height) {
        parts.push(part);
        height = until;
    }
    let commands: Vec<CommandId> = ledger.entries.commands.keys().copied().collect();
    parts.extend(commands.chunks(2).map(|some| ledger.commands_part(some).unwrap()));
    parts
}

fn restored(ledger: &Ledger, parts: Vec<Part>, elsewhere: &[StateRef]) -> Result<Ledger, PresentError> {
    let mut restore = Restore::new(Ledger::from_genesis(ledger.genesis().clone()).unwrap());
    restore.take(parts, &InTurn)?;
    let elsewhere: Vec<_> = elsewhere.iter().map(|state| (*state, ledger.digest(state).unwrap())).collect();
    restore.take_elsewhere(&elsewhere, &InTurn);
    restore.finish(&InTurn)
}

/// The ledger that the parts of its present give back.
pub(crate) fn again(ledger: &Ledger, is_elsewhere: impl Fn(&StateRef) -> bool) -> Result<Ledger, PresentError> {
    let elsewhere: Vec<_> = ledger.entries.unspent.keys().copied().filter(&is_elsewhere).collect();
    restored(ledger, parts(ledger, is_elsewhere), &elsewhere)
}

/// A chain with an asset, some payments and a title.
fn world() -> (World, StateRef) {
    let mut world = World::new();
    let definition = world.define();
    let first = world.issue(definition, Depositor, 700);
    world.issue(definition, Depositor, 300);
    world.issue_title("WR-1");
    let payment = world.transfer(Depositor, &[first], &[(Supplier, 500), (Depositor, 200)]).current(definition);
    world.accept(payment, &[Depositor]);
    (world, definition)
}

#[test]
fn states_kept_elsewhere_are_in_the_map_and_the_chain_goes_on() {
    let (mut world, definition) = world();
    let is_holding = |state: &StateRef| world.ledger.unspent(state).is_some_and(|of| of.state.is("token", "holding"));
    let again = again(&world.ledger, is_holding).unwrap();
    assert_eq!(again.first_difference(&world.ledger), None);
    let gone: Vec<_> = world.ledger.entries.unspent.keys().filter(|state| is_holding(state)).collect();
    assert_eq!(gone.len(), 3);
    assert!(gone.iter().all(|state| again.unspent(state).is_none() && again.is_unspent(state)));
    let mut other = again;
    world.issue(definition, Depositor, 5);
    let block = world.blocks.last().unwrap().clone();
    let replayed = crate::verify::replay(&block, &other, &world.ledger, world.rules(), crate::verify::Depth::Sealed);
    other.apply(&replayed.unwrap()).unwrap();
    assert_eq!(other.first_difference(&world.ledger), None);
}

#[test]
fn parts_are_bounded_and_cut_between_records() {
    let mut ledger = world().0.ledger;
    for number in 0..20_000_u64 {
        let bytes = hash(Domain::Asset, &[&number.to_be_bytes()]);
        ledger.entries.supplies.insert(AssetId::from_bytes(bytes), Amount::from_minor(number).unwrap());
        ledger.entries.restricted.insert(AssetId::from_bytes(bytes));
        ledger.entries.prices.entry(FeedId::from_bytes([(number % 7) as u8; 32])).or_default().insert(number);
    }
    let parts = parts(&ledger, |_| false);
    for section in [Section::Supplies, Section::Restricted, Section::Prices] {
        let of_section: Vec<_> = parts.iter().filter(|part| part.section == section).collect();
        assert!(of_section.len() > 2, "{section:?}");
        assert!(of_section.iter().all(|part| part.bytes.len() < PART_BYTES + 64), "{section:?}");
    }
    let mut restore = Restore::new(Ledger::from_genesis(ledger.genesis().clone()).unwrap());
    restore.take(parts, &InTurn).unwrap();
    let again = restore.finish(&InTurn).unwrap();
    assert_eq!(again.entries.first_difference(&ledger.entries), None);
    assert_eq!(again.state_root(), ledger.state_root_of_entries());
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let ledger = world().0.ledger;
    let whole = parts(&ledger, |_| false);
    let refused = |change: &dyn Fn(&mut Vec<Part>)| {
        let mut parts = whole.clone();
        change(&mut parts);
        restored(&ledger, parts, &[]).map(|ledger| ledger.height()).unwrap_err()
    };
    let of = |parts: &[Part], section| parts.iter().position(|part| part.section == section).unwrap();
    let without = |section| refused(&|parts| parts.retain(|part| part.section != section));
    assert_eq!(without(Section::Tip), PresentError::CutOff { part: "tip" });
    assert_eq!(without(Section::Blocks), PresentError::Unfit { part: "tip", field: "height" });
    let twice = |section| refused(&|parts| parts.push(parts[of(parts, section)].clone()));
    assert_eq!(twice(Section::Tip), PresentError::Twice { part: "tip" });
    assert_eq!(twice(Section::Parties), PresentError::Twice { part: "state map" });
    assert_eq!(twice(Section::Commands), PresentError::Twice { part: "commands" });
    let longer = |section, byte| {
        refused(&|parts| {
            let place = of(parts, section);
            parts[place].bytes.push(byte);
        })
    };
    assert_eq!(longer(Section::Tip, 0), PresentError::BytesFollow { part: "tip" });
    assert_eq!(longer(Section::States, 0), PresentError::CutOff { part: "states" });
    let damaged = |section, at: usize| {
        refused(&|parts| {
            let place = of(parts, section);
            parts[place].bytes[at] ^= 0x80;
        })
    };
    assert_eq!(damaged(Section::Tip, 9), PresentError::Unfit { part: "tip", field: "hash" });
    assert_eq!(damaged(Section::Supplies, 32), PresentError::Unfit { part: "supplies", field: "amount" });
    assert_eq!(damaged(Section::Claims, 32), PresentError::Unfit { part: "claims", field: "flag" });
    assert!(matches!(damaged(Section::Permissions, 5), PresentError::Encoding(_)));
    let shortened = refused(&|parts| parts[0].bytes.truncate(20));
    assert_eq!(shortened.code(), "PRESENT_CUT_OFF");
}

#[test]
fn the_recorder_alone_attests() {
    let digest = Digest::from_bytes([1; 32]);
    let attestation = attest(&digest, &World::recorder());
    assert!(is_attested(&digest, &World::recorder().public(), &attestation));
    assert!(!is_attested(&Digest::from_bytes([2; 32]), &World::recorder().public(), &attestation));
    assert!(!is_attested(&digest, &Administrator.key().public(), &attestation));
    // A seal of a block is no attestation.
    let sealed = crate::block::seal(&crate::BlockHash::from_bytes([1; 32]), &World::recorder());
    assert!(!is_attested(&digest, &World::recorder().public(), &sealed));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(section in 0..Section::ALL.len(), bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _read_or_refused = decode::part(Section::ALL[section], &bytes).map(|decoded| decoded.map.len());
    }

    #[test]
    fn a_changed_byte_is_read_or_refused(part in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        thread_local!(static PARTS: Vec<Part> = parts(&world().0.ledger, |_| false));
        let mut part = PARTS.with(|parts| parts[part.index(parts.len())].clone());
        let at = at.index(part.bytes.len());
        part.bytes[at] = byte;
        let _read_or_refused = decode::part(part.section, &part.bytes).map(|decoded| decoded.map.len());
    }
}
