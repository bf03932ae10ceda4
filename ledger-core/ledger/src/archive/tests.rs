use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::contract::token;
use crate::error::Coded;
use crate::fixture::*;
use crate::transaction::ResolvedState;
use crate::verify::{VerifiedTransaction, contextual, structural};
use crate::view::View;
use crate::{Address, PartyEntry, StateRef};

/// Money, titles and a pledge, in a few blocks.
fn world() -> World {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 100);
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 60), (Depositor, 40)]);
    world.accept(payment, &[Depositor]);
    let title = world.issue_title("WR-1");
    let pledge = world.pledge(title, Depositor, BankA);
    world.accept(pledge, &[Depositor, BankA, Operator]);
    world
}

#[track_caller]
fn check(archive: &[u8], code: &str) {
    assert_eq!(verify_archive(archive).map(|_| ()).map_err(|error| error.code()), Err(code));
}

#[test]
fn an_archive_proves_its_chain_without_the_claim_secret() {
    for world in [World::empty(), World::new(), world()] {
        let proved = verify_archive(&world.archive()).unwrap();
        assert_eq!(proved.ledger.tip(), world.ledger.tip());
        assert_eq!(proved.ledger.height(), world.ledger.height());
        assert_eq!(proved.state_root, world.ledger.state_root());
    }
}

#[test]
fn a_cut_or_longer_archive_is_refused() {
    let archive = world().archive();
    for length in (0..archive.len()).step_by(97) {
        assert!(verify_archive(&archive[..length]).is_err(), "{length} bytes");
    }
    check(&archive[..10], "ARCHIVE_MAGIC");
    check(&archive[..archive.len() - 1], "ARCHIVE_CUT_OFF");
    let (last, before) = world().records().split_last().map(|(last, before)| (last.clone(), before.to_vec())).unwrap();
    check(&archive_of(&before), "ARCHIVE_CUT_OFF");
    check(&[archive.as_slice(), &[0]].concat(), "ARCHIVE_CUT_OFF");
    check(&[archive.as_slice(), &last.framed().unwrap()].concat(), "ARCHIVE_BYTES_FOLLOW");
    check(&[archive.as_slice(), &[0, 0, 0, 0]].concat(), "ARCHIVE_RECORD_LENGTH");
    check(&[archive.as_slice(), &[0xff; 4]].concat(), "ARCHIVE_RECORD_LENGTH");
}

#[test]
fn records_out_of_order_or_missing_are_refused() {
    let records = world().records();
    let without = |place: usize| {
        let mut records = records.clone();
        records.remove(place);
        archive_of(&records)
    };
    let swapped = |one: usize, other: usize| {
        let mut records = records.clone();
        records.swap(one, other);
        archive_of(&records)
    };
    check(&without(0), "ARCHIVE_OUT_OF_ORDER");
    check(&without(1), "BLOCK_TRANSACTION_REFUSED");
    check(&without(records.len() - 2), "ARCHIVE_END_DIFFERS");
    check(&swapped(0, 1), "ARCHIVE_OUT_OF_ORDER");
    assert!(verify_archive(&swapped(2, 3)).is_err());
    let twice = [vec![records[0].clone()], records.clone()].concat();
    check(&archive_of(&twice), "ARCHIVE_OUT_OF_ORDER");
}

#[test]
fn an_end_that_says_another_thing_is_refused() {
    let records = world().records();
    let (Some(Record::End(end)), blocks) = (records.last(), &records[..records.len() - 1]) else { panic!() };
    for other in [
        End { height: end.height + 1, ..*end },
        End { tip: BlockHash::default(), ..*end },
        End { transactions: end.transactions + 1, ..*end },
        End { state_root: Digest::default(), ..*end },
    ] {
        check(&archive_of(&[blocks, &[Record::End(other)]].concat()), "ARCHIVE_END_DIFFERS");
    }
}

#[test]
fn a_contract_that_nobody_knows_is_refused() {
    let mut genesis = World::empty().ledger.genesis().clone();
    genesis.contracts.push("unheard-of@1".parse().unwrap());
    genesis.contracts.sort();
    check(&archive_of(&[Record::Genesis(Box::new(genesis))]), "ARCHIVE_CONTRACT_UNKNOWN");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever a bit flips, the archive is refused and nothing panics.
    #[test]
    fn a_flipped_bit_is_refused(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut archive = world().archive();
        let place = place.index(archive.len());
        archive[place] ^= 1 << bit;
        prop_assert!(verify_archive(&archive).is_err(), "bit {} of byte {} of {}", bit, place, archive.len());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify_archive(&[Version::Blocks.magic().as_slice(), &bytes].concat()).is_err());
    }
}

/// Spent states as a node finds them in its database.
struct Spent(ResolvedState);

impl View for Spent {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        (self.0.reference == *reference).then(|| self.0.clone())
    }

    fn party(&self, _: &Address) -> Option<Arc<PartyEntry>> {
        None
    }
}

struct Both<'v>(&'v crate::Ledger, Spent);

impl View for Both<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.0.state(reference).or_else(|| self.1.state(reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.0.party(address)
    }
}

/// Verifies a transaction over states that only the caller knows besides.
fn verified(world: &World, builder: crate::TransactionBuilder, past: ResolvedState) -> VerifiedTransaction {
    let signed = World::sign(builder.build(), &[Depositor]);
    let view = Both(&world.ledger, Spent(past));
    let resolved = structural(&signed.encode(), &world.ledger.chain()).unwrap().resolve(&view).unwrap();
    world.rules().semantic(resolved, &view).unwrap()
}

/// A past reference to a spent state resolves from the archive itself.
#[test]
fn past_references_resolve_from_the_archive() {
    let mut world = World::new();
    let definition = world.define();
    let spent = world.issue(definition, Depositor, 100);
    let resolved = world.ledger.state(&spent).unwrap();
    let payment = world.transfer(Depositor, &[spent], &[(Depositor, 100)]);
    let paid = StateRef { transaction: world.accept(payment, &[Depositor]), index: 0 };
    let referring = world.transfer(Depositor, &[paid], &[(Supplier, 100)]).past(spent);
    let proposed = world.proposed(vec![verified(&world, referring, resolved)]);
    let (block, refused) = contextual(proposed, &world.ledger);
    assert!(refused.is_empty());
    world.commit(&block);
    assert_eq!(verify_archive(&world.archive()).unwrap().state_root, world.ledger.state_root());
    // An archive read without its first reading knows no past.
    let contracts = crate::ContractSet::built_in();
    let mut blind = ArchiveReplay::new(&contracts, PastReferences::default());
    let refused = world.records().into_iter().try_for_each(|record| blind.take(record));
    assert_eq!(refused.map_err(|error| error.code()), Err("BLOCK_TRANSACTION_REFUSED"));
}

/// A recorder that lets a transaction name the state of a later one as past is found out.
#[test]
fn a_past_reference_ahead_is_refused() {
    let mut world = World::new();
    let definition = world.define();
    let held = [world.issue(definition, Depositor, 100), world.issue(definition, Depositor, 50)];
    let later = world.transfer(Depositor, &[held[0]], &[(Supplier, 100)]);
    let created = StateRef { transaction: later.clone().build().id().unwrap(), index: 0 };
    let made = ResolvedState {
        reference: created,
        state: Arc::new(world.holding(Supplier, 100)),
        ..world.ledger.state(&held[0]).unwrap()
    };
    let referring = world.transfer(Depositor, &[held[1]], &[(Supplier, 50)]).past(created);
    let referring = verified(&world, referring, made.clone());
    let later = verified(&world, later, made);
    for (order, code) in
        [([later.clone(), referring.clone()], None), ([referring, later], Some("ARCHIVE_REFERENCE_AHEAD"))]
    {
        let (block, refused) = contextual(world.proposed(order.to_vec()), &world.ledger);
        assert!(refused.is_empty(), "{refused:?}");
        let sealed = block.sealed(crate::block::seal(&block.hash(), &World::recorder()));
        let mut replayed = world.ledger.clone();
        replayed.apply(&block).unwrap();
        let end = End {
            height: replayed.height(),
            tip: replayed.tip(),
            transactions: u64::try_from(world.blocks.len()).unwrap() + 2,
            state_root: replayed.state_root(),
        };
        let mut records = world.records();
        records.pop();
        records.extend([Record::Block(Box::new(sealed)), Record::End(end)]);
        let result = verify_archive(&archive_of(&records)).map(|_| ()).map_err(|error| error.code());
        assert_eq!(result.err(), code);
    }
}

/// A recorder that gives one number two keys, so that it can be used twice, is found out without the secret.
#[test]
fn a_number_under_two_keys_is_refused() {
    let mut world = World::new();
    let definition = world.define();
    let issue = |world: &mut World, definition| {
        let builder = world.build(BankA).current(definition).output(world.holding(Depositor, 5)).command(
            crate::ContractId::built_in(token::NAME),
            token::ISSUE,
            &world.issue_command(5, "one deposit"),
        );
        world.accept(builder, &[BankA, Attestor]);
    };
    issue(&mut world, definition);
    assert!(verify_archive(&world.archive()).is_ok());
    world.secret = crate::ClaimSecret::from_bytes([4; 32]);
    issue(&mut world, definition);
    check(&world.archive(), "ARCHIVE_CLAIMS_INCONSISTENT");
}
