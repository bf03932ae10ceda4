use crate::claim::ClaimIdentity;
use crate::contract::{Contract, Signer};
use crate::fixture::*;
use crate::{
    Anchor, BlockHash, ContractError, ContractId, LedgerTransaction, State, StateRef, Transaction, TransactionBuilder,
};

fn refused(world: &mut World, transaction: Transaction) -> String {
    let before = world.ledger.state_root();
    let rejection = world.submit_bytes(&World::sign(transaction, &[Depositor]).encode()).unwrap_err();
    assert_eq!(world.ledger.state_root(), before);
    rejection.code
}

fn payment(world: &mut World) -> Transaction {
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 400), (Depositor, 600)]);
    world.fill(builder)
}

#[test]
fn a_command_is_accepted_once_for_ever() {
    let mut world = World::new();
    let transaction = payment(&mut world);
    let bytes = World::sign(transaction.clone(), &[Depositor]).encode();
    let id = world.submit_bytes(&bytes).unwrap();
    assert_eq!(world.ledger.command(&transaction.command_id), Some(id));
    let change = crate::StateRef { transaction: id, index: 1 };
    let builder = world.transfer(Depositor, &[change], &[(Supplier, 600)]);
    let mut other = world.fill(builder);
    other.command_id = transaction.command_id;
    assert_eq!(refused(&mut world, other), "COMMAND_REPLAYED");
    assert_eq!(world.submit_bytes(&bytes).unwrap_err().code, "STATE_NOT_UNSPENT");
}

#[test]
fn the_blocks_time_lies_in_the_window() {
    let mut world = World::new();
    let early = payment(&mut world);
    world.now_ms = early.time_window.from_ms - 1;
    assert_eq!(refused(&mut world, early.clone()), "TRANSACTION_OUTSIDE_WINDOW");
    world.now_ms = early.time_window.until_ms;
    assert_eq!(refused(&mut world, early.clone()), "TRANSACTION_OUTSIDE_WINDOW");
    world.now_ms = early.time_window.until_ms - 1;
    world.submit_bytes(&World::sign(early, &[Depositor]).encode()).unwrap();
}

#[test]
fn the_anchor_is_on_the_chain() {
    let mut world = World::new();
    let good = payment(&mut world);
    let other_hash = Anchor { height: good.anchor.height, block: BlockHash::default() };
    let future = Anchor { height: good.anchor.height + 1, block: good.anchor.block };
    for anchor in [other_hash, future] {
        assert_eq!(refused(&mut world, Transaction { anchor, ..good.clone() }), "ANCHOR_NOT_ON_CHAIN");
    }
    let genesis = Anchor { height: 0, block: BlockHash::from_bytes(*world.ledger.chain().as_bytes()) };
    world.submit_bytes(&World::sign(Transaction { anchor: genesis, ..good }, &[Depositor]).encode()).unwrap();
}

#[test]
fn states_and_references_are_unspent() {
    let mut world = World::new();
    let first = payment(&mut world);
    let builder = world.transfer(Depositor, &first.inputs, &[(Supplier, 1_000)]);
    let second = world.fill(builder);
    world.submit_bytes(&World::sign(first, &[Depositor]).encode()).unwrap();
    assert_eq!(refused(&mut world, second), "STATE_NOT_UNSPENT");
}

#[test]
fn contracts_are_known_and_enabled() {
    let mut world = World::new();
    let good = payment(&mut world);
    let mut unknown = good.clone();
    unknown.outputs[0].contract = "barter@1".parse().unwrap();
    assert_eq!(refused(&mut world, unknown), "CONTRACT_UNKNOWN");
    let mut claimed = good.clone();
    let key = crate::ClaimKey::default();
    claimed.claims.push(crate::Claim { output: 0, key, kind: crate::ClaimKind::Once, near: None });
    assert_eq!(refused(&mut world, claimed), "CLAIMS_DIFFER");
    let genesis = crate::Genesis { contracts: vec!["party@1".parse().unwrap()], ..world.ledger.genesis().clone() };
    let mut bare = World::empty();
    bare.ledger = crate::Ledger::from_genesis(genesis).unwrap();
    let builder = bare.register(&[Depositor]);
    assert_eq!(bare.refuse(builder, &[Administrator, Depositor]), "CONTRACT_NOT_ENABLED");
}

#[test]
fn an_unsigned_transaction_meets_the_same_conditions() {
    let mut world = World::new();
    let good = payment(&mut world);
    let time_ms = world.now_ms;
    let check = |world: &World, transaction: Transaction| {
        let examined = world.rules().examine(transaction, &world.ledger).unwrap();
        examined.conditions_hold(&world.ledger, time_ms).map_err(|error| crate::Coded::code(&error))
    };
    assert_eq!(check(&world, good.clone()), Ok(()));
    let late = Anchor { height: 99, block: good.anchor.block };
    assert_eq!(check(&world, Transaction { anchor: late, ..good.clone() }), Err("ANCHOR_NOT_ON_CHAIN"));
    let spent = good.clone();
    world.submit_bytes(&World::sign(good, &[Depositor]).encode()).unwrap();
    assert!(world.rules().examine(spent, &world.ledger).is_err());
}

/// A contract whose every output has the same number.
struct Numbered;

impl Contract for Numbered {
    fn id(&self) -> ContractId {
        ContractId::new("numbered", 1).unwrap()
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["paper"]
    }

    fn verify(&self, _: &LedgerTransaction) -> Result<(), ContractError> {
        Ok(())
    }

    fn authorities(&self, _: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        Ok(Vec::new())
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let number = |(output, _)| ClaimIdentity {
            class: "number",
            parts: vec!["N-1".to_owned()],
            output,
            kind: crate::ClaimKind::Exclusive,
            near: Vec::new(),
        };
        Ok(transaction.outputs_of("numbered", "paper").map(number).collect())
    }
}

/// A free identity is taken by one output; one that is held may be passed on to several.
#[test]
fn an_identity_is_not_taken_twice_by_one_transaction() {
    let mut world = World::empty();
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(Numbered));
    let genesis = crate::Genesis { contracts: world.contracts.ids(), ..world.ledger.genesis().clone() };
    world.ledger = crate::Ledger::from_genesis(genesis).unwrap();
    let paper = || State::new(Numbered.id(), "paper", Administrator.address(), [], &crate::wire::TitleIssue {});
    let write = |builder: TransactionBuilder| builder.command(Numbered.id(), "write", &crate::wire::TitleIssue {});
    let twice = write(world.build(Administrator).output(paper()).output(paper()));
    assert_eq!(world.refuse(twice, &[Administrator]), "CLAIM_HELD");
    let once = write(world.build(Administrator).output(paper()));
    let held = StateRef { transaction: world.accept(once, &[Administrator]), index: 0 };
    let split = write(world.build(Administrator).input(held).output(paper()).output(paper()));
    let split = world.accept(split, &[Administrator]);
    let half = StateRef { transaction: split, index: 0 };
    let ended = write(world.build(Administrator).input(half));
    world.accept(ended, &[Administrator]);
    let again = write(world.build(Administrator).output(paper()));
    assert_eq!(world.refuse(again, &[Administrator]), "CLAIM_HELD");
}
