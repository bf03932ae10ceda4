use super::*;
use crate::Ledger;
use crate::fixture::World;
use crate::signature::PublicKey;

/// A key of small order: anybody signs for it.
fn anybodys() -> PublicKey {
    PublicKey::from_bytes(&[0; 32]).unwrap()
}

#[track_caller]
fn check(change: impl Fn(&mut Genesis), expected: Result<(), &str>) {
    let mut genesis = World::empty().ledger.genesis().clone();
    change(&mut genesis);
    let made = Ledger::from_genesis(genesis).map(|_| ()).map_err(|error| crate::Coded::code(&error));
    assert_eq!(made, expected);
}

#[test]
fn nobody_but_their_holders_signs_for_the_keys_of_a_genesis() {
    let directory = |recorder| Some(Directory { chain: ChainId::default(), recorder });
    check(|genesis| genesis.administrator = Policy::Key(anybodys()), Err("GENESIS_ADMINISTRATOR"));
    check(|genesis| genesis.recorder = anybodys(), Err("GENESIS_RECORDER"));
    check(|genesis| genesis.directory = directory(anybodys()), Err("GENESIS_DIRECTORY"));
    check(|genesis| genesis.directory = directory(genesis.recorder), Ok(()));
}
