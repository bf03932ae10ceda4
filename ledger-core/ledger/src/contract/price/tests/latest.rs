//! A contract that relies on a price relies on the latest that counts.

use super::*;
use crate::verify::{contextual, structural};
use crate::{Coded, LedgerTransaction};

/// A contract whose every command relies on the feed of aluminium.
struct Reliant(FeedId);

impl Contract for Reliant {
    fn id(&self) -> ContractId {
        ContractId::new("reliant", 1).unwrap()
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        relied_on(transaction, &self.0).map(|_| ()).map_err(ContractError::new)
    }

    fn authorities(&self, _: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        Ok(Vec::new())
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        Ok(vec![relied_on(transaction, &self.0).map_err(ContractError::new)?.1])
    }
}

/// A chain on which the contract is enabled, with a feed of aluminium.
fn relying() -> (World, StateRef, FeedId) {
    let mut world = World::empty();
    let id = FeedId::derive(&world.ledger.chain(), &BankA.address(), "AL-A00");
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(Reliant(id)));
    let genesis = crate::Genesis { contracts: world.contracts.ids(), ..world.ledger.genesis().clone() };
    world.ledger = crate::Ledger::from_genesis(genesis).unwrap();
    let parties = [Operator, Depositor, Supplier, BankA, BankB, Attestor];
    let builder = world.register(&parties);
    world.accept(builder, &[Administrator, Operator, Depositor, Supplier, BankA, BankB, Attestor]);
    // Its id follows from the chain, which the contract changes.
    let id = FeedId::derive(&world.ledger.chain(), &BankA.address(), "AL-A00");
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(Reliant(id)));
    let builder =
        world.build(BankA).output(feed_state(&feed(&world))).command(super::id(), DEFINE, &wire::PriceDefine {});
    let defined = world.accept(builder, &[BankA, Depositor, Supplier, BankB, Attestor]);
    (world, StateRef { transaction: defined, index: 0 }, id)
}

const THREE: [(Who, u64); 3] = [(Depositor, 100), (Supplier, 100), (BankB, 100)];

fn rely(world: &mut World, price: Option<StateRef>) -> TransactionBuilder {
    let builder = world.build(Operator).command(Reliant(FeedId::default()).id(), "rely", &wire::PriceDefine {});
    price.into_iter().fold(builder, TransactionBuilder::past)
}

/// A block over prices that are in the ledger, all of them unspent.
#[test]
fn only_the_latest_price_of_the_windows_begin_counts() {
    let (mut world, feed, _) = relying();
    let (feed, _) = publish(&mut world, feed, &THREE, false).unwrap();
    let first = StateRef { index: 1, ..feed };
    let builder = rely(&mut world, None);
    assert_eq!(world.refuse(builder, &[Operator]), "PRICE_NOT_REFERRED");
    let builder = rely(&mut world, Some(first));
    world.accept(builder, &[Operator]);
    let early = rely(&mut world, Some(first));
    world.now_ms += 1;
    let (second_feed, _) = publish(&mut world, feed, &THREE, false).unwrap();
    let second = StateRef { index: 1, ..second_feed };
    let builder = rely(&mut world, Some(first));
    assert_eq!(world.refuse(builder, &[Operator]), "PRICE_SUPERSEDED");
    let builder = rely(&mut world, Some(first)).past(second);
    assert_eq!(world.refuse(builder, &[Operator]), "PRICE_NOT_REFERRED", "one of them, not both");
    let builder = rely(&mut world, Some(second));
    world.accept(builder, &[Operator]);
    // Its window began before the second price, which it could not know.
    world.accept(early, &[Operator]);
    world.now_ms += 3 * HOUR_MS;
    let builder = rely(&mut world, Some(second));
    assert_eq!(world.refuse(builder, &[Operator]), "PRICE_DOES_NOT_COUNT");
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

/// A price of the same block counts for what stands behind it, whatever clusters they fall into.
#[test]
fn a_price_of_the_same_block_supersedes() {
    let (mut world, feed, id) = relying();
    let (feed, _) = publish(&mut world, feed, &THREE, false).unwrap();
    let first = StateRef { index: 1, ..feed };
    let known = read_feed(&world.state(feed)).unwrap();
    let made = command(&known, world.now_ms, &THREE);
    let publication = publication(&mut world, feed, &made);
    let publication = World::sign(world.fill(publication), &[Depositor, Supplier, BankB]);
    let relying = rely(&mut world, Some(first));
    let relying = World::sign(world.fill(relying), &[Operator]);
    let verified = |signed: &crate::SignedTransaction| {
        let resolved = structural(&signed.encode(), &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
        world.rules().semantic(resolved, &world.ledger).unwrap()
    };
    let (publication, relying) = (verified(&publication), verified(&relying));
    let footprints = [&publication, &relying].map(|verified| crate::verify::Footprint::of(verified, &world.ledger));
    assert!(footprints[0].conflicts_with(&footprints[1]));
    let codes = |order: Vec<_>| {
        let (_, refused) = contextual(world.proposed(order), &world.ledger);
        refused.into_iter().map(|(_, rejection)| rejection.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(vec![relying.clone(), publication.clone()]), Vec::<String>::new());
    assert_eq!(codes(vec![publication, relying]), ["PRICE_SUPERSEDED"]);
    assert_eq!(world.ledger.price_times(&id).map(std::collections::BTreeSet::len), Some(1));
}

/// No later price than itself: at the bounds of the times asked for.
#[test]
fn later_is_after_the_price_and_up_to_the_time() {
    let (mut world, feed, id) = relying();
    let at_ms = world.now_ms;
    publish(&mut world, feed, &THREE, false).unwrap();
    let overlay = crate::ledger::Overlay::new(&world.ledger);
    assert_eq!(overlay.later_price(&id, at_ms - 1, at_ms), Some(at_ms));
    assert_eq!(overlay.later_price(&id, at_ms - 1, at_ms - 1), None);
    assert_eq!(overlay.later_price(&id, at_ms, u64::MAX), None);
    assert_eq!(overlay.later_price(&id, u64::MAX, 0), None);
    assert_eq!(overlay.later_price(&FeedId::default(), 0, u64::MAX), None);
    let superseded = crate::verify::ConditionError::PriceSuperseded { feed: id, later_ms: at_ms };
    assert_eq!(superseded.code(), "PRICE_SUPERSEDED");
}
