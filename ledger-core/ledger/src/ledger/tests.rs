use super::LedgerError;
use crate::fixture::World;
use crate::verify::contextual;

/// A block is taken over once, and only after the one before it.
#[test]
fn only_the_next_block_is_taken_over() {
    let mut world = World::empty();
    let (block, _) = contextual(world.proposed(Vec::new()), &world.ledger);
    world.ledger.apply(&block).unwrap();
    let root = world.ledger.state_root();
    assert_eq!(world.ledger.apply(&block), Err(LedgerError::NotNext { block: 1, tip: 1 }));
    assert_eq!((world.ledger.height(), world.ledger.state_root()), (1, root));
}
