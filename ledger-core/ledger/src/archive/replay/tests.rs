use super::*;
use crate::Coded;
use crate::contract::token;
use crate::fixture::*;
use crate::verify::contextual;

/// Rules that let value vanish would not make it a proof: what stands at the end is counted by itself.
#[test]
fn a_ledger_that_breaks_an_invariant_proves_nothing() {
    let mut world = World::new();
    let definition = world.define();
    world.issue(definition, Depositor, 100);
    let (mut block, _) = contextual(world.proposed(Vec::new()), &world.ledger);
    let (state, unspent) =
        world.ledger.unspent_states().find(|(_, held)| held.state.is(token::NAME, token::HOLDING)).unwrap();
    block.changes_mut().spent.insert(*state, unspent.resolve(*state));
    world.ledger.apply(&block).unwrap();
    let contracts = crate::ContractSet::built_in();
    let mut replay = ArchiveReplay::new(&contracts, PastReferences::default());
    let journal = JournalChain::new(world.ledger.chain());
    replay.stage = Stage::Ended(Box::new(world.ledger), journal);
    assert_eq!(replay.finish().map(|_| ()).map_err(|error| Coded::code(&error)), Err("ARCHIVE_INVARIANT_BROKEN"));
}
