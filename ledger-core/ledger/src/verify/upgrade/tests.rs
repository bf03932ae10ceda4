use super::*;
use crate::contract::{Contract, token};
use crate::fixture::*;
use crate::{AssetId, Configuration, ContractId, Lock, LockKind, Permission, StateRef, TransactionBuilder, wire};

fn token(version: u32) -> ContractId {
    ContractId::new(token::NAME, version).unwrap()
}

/// A chain with a second version of the token contract beside the first, and dollars of the first at the depositor's.
fn world() -> (World, StateRef, StateRef) {
    let mut world = World::new();
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(SecondToken));
    world.configure(|configuration| configuration.contracts = ids_with(&[token(2)], configuration));
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    (world, definition, held)
}

fn ids_with(more: &[ContractId], configuration: &Configuration) -> Vec<ContractId> {
    let mut contracts: Vec<_> = configuration.contracts.iter().chain(more).cloned().collect();
    contracts.sort();
    contracts
}

fn of_version(version: u32, state: State) -> State {
    State { contract: token(version), ..state }
}

/// The depositor's upgrade of some states, with the outputs given.
fn upgrade(world: &mut World, states: &[StateRef], outputs: Vec<State>) -> TransactionBuilder {
    let builder = states.iter().fold(world.build(Depositor), |builder, state| builder.input(*state));
    let builder = outputs.into_iter().fold(builder, TransactionBuilder::output);
    builder.command(token(2), UPGRADE, &wire::TokenTransfer {})
}

/// The upgrade of one state with a changed output is refused.
#[track_caller]
fn refused(change: impl Fn(&World, State) -> State, code: &str) {
    let (mut world, _, held) = world();
    let output = change(&world, of_version(2, world.state(held)));
    let builder = upgrade(&mut world, &[held], vec![output]);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), code);
}

#[test]
fn a_holding_moves_to_the_next_version_and_is_spent_there() {
    let (mut world, _, held) = world();
    let output = of_version(2, world.state(held));
    let builder = upgrade(&mut world, &[held], vec![output.clone()]);
    assert_eq!(world.refuse(builder.clone(), &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let moved = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    assert_eq!(world.state(moved), output);
    let paid = of_version(2, world.holding(Supplier, 1_000));
    let pay = |world: &mut World, version: u32| {
        world.build(Depositor).input(moved).output(paid.clone()).command(
            token(version),
            token::TRANSFER,
            &wire::TokenTransfer {},
        )
    };
    let builder = pay(&mut world, 1);
    assert_eq!(world.refuse(builder, &[Depositor]), "CONTRACT_VERSIONS_MIXED");
    let builder = pay(&mut world, 2);
    world.accept(builder, &[Depositor]);
    assert_eq!(world.ledger.supply(&world.asset()).minor(), 1_000);
    world.replayed().unwrap();
}

#[test]
fn versions_of_one_contract_do_not_mix() {
    let (mut world, definition, held) = world();
    let other = world.issue(definition, Depositor, 50);
    let output = of_version(2, world.state(held));
    let builder = upgrade(&mut world, &[held], vec![output]);
    let moved = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let both = world.transfer(Depositor, &[moved, other], &[(Supplier, 1_050)]);
    assert_eq!(world.refuse(both, &[Depositor]), "CONTRACT_VERSIONS_MIXED");
    let turned = world.transfer(Depositor, &[other], &[]).output(of_version(2, world.holding(Supplier, 50)));
    assert_eq!(world.refuse(turned, &[Depositor]), "CONTRACT_VERSIONS_MIXED");
    let commands = world.transfer(Depositor, &[other], &[(Supplier, 50)]).command(
        token(2),
        token::TRANSFER,
        &wire::TokenTransfer {},
    );
    assert_eq!(world.refuse(commands, &[Depositor]), "TRANSACTION_COMMAND_REPEATED");
    let alone = world.transfer(Depositor, &[other], &[(Supplier, 50)]);
    world.accept(alone, &[Depositor]);
}

#[test]
fn an_upgrade_changes_neither_owner_nor_participants_nor_quantity() {
    refused(|_, state| State { owner: Supplier.address(), ..state }, "UPGRADE_OWNER_CHANGED");
    refused(|_, state| State { participants: vec![Supplier.address()], ..state }, "UPGRADE_PARTICIPANTS_CHANGED");
    let holding = |state: State, held: &State| State { data: held.data.clone(), ..state };
    refused(|world, state| holding(state, &world.holding(Depositor, 999)), "UPGRADE_QUANTITY_CHANGED");
    let foreign = |state: State| {
        let amount = crate::Amount::from_minor(1_000).unwrap();
        holding(state, &token::holding_state(AssetId::default(), Depositor.address(), amount))
    };
    refused(|_, state| foreign(state), "UPGRADE_QUANTITY_CHANGED");
    let bound = |state: State| {
        let message: wire::TokenHolding = state.message().unwrap();
        let purpose = wire::TokenHolding { purpose: vec![7; 32], ..message };
        State { data: prost::Message::encode_to_vec(&purpose), ..state }
    };
    refused(|_, state| bound(state), "UPGRADE_QUANTITY_CHANGED");
}

fn lock() -> Lock {
    let context = crate::ContextId::from_bytes([5; 32]);
    Lock { kind: LockKind::Hold, locker: Supplier.address(), context, rank: 1, amount: None, until_ms: None }
}

#[test]
fn an_upgrade_takes_one_input_for_one_output_from_an_older_version_to_its_own() {
    let (mut world, definition, held) = world();
    let other = world.issue(definition, Depositor, 50);
    let [one, two] = [held, other].map(|state| of_version(2, world.state(state)));
    let check = |world: &mut World, states: &[StateRef], outputs: Vec<State>, code: &str| {
        let builder = upgrade(world, states, outputs);
        assert_eq!(world.refuse(builder, &[Depositor]), code);
    };
    check(&mut world, &[], vec![], "UPGRADE_NOT_ONE_TO_ONE");
    check(&mut world, &[held], vec![], "UPGRADE_NOT_ONE_TO_ONE");
    check(&mut world, &[held], vec![one.clone(), two.clone()], "UPGRADE_NOT_ONE_TO_ONE");
    let sum = of_version(2, world.holding(Depositor, 1_050));
    check(&mut world, &[held, other], vec![sum], "UPGRADE_NOT_ONE_TO_ONE");
    check(&mut world, &[held, other], vec![two.clone(), one.clone()], "UPGRADE_QUANTITY_CHANGED");
    let same = world.state(held);
    check(&mut world, &[held], vec![same], "UPGRADE_NOT_NEWER");
    let builder = upgrade(&mut world, &[held, other], vec![one, two]);
    let moved = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let again = world.state(moved);
    check(&mut world, &[moved], vec![again.clone()], "UPGRADE_NOT_OLDER");
    let back = world.build(Depositor).input(moved).output(of_version(1, again)).command(
        token(1),
        UPGRADE,
        &wire::TokenTransfer {},
    );
    assert_eq!(world.refuse(back, &[Depositor]), "UPGRADE_NOT_OLDER");
}

#[test]
fn an_upgrade_stands_alone() {
    let (mut world, _, held) = world();
    let title = world.issue_title("WR-1");
    let output = of_version(2, world.state(held));
    let beside = world.state(title);
    let with_state = upgrade(&mut world, &[held], vec![output.clone()]).input(title).output(beside);
    assert_eq!(world.refuse(with_state, &[Depositor]), "UPGRADE_STANDS_ALONE");
    let with_command = upgrade(&mut world, &[held], vec![output]).command(
        ContractId::built_in(crate::contract::trade_note::NAME),
        "issue",
        &wire::TradeNoteIssue {},
    );
    assert_eq!(world.refuse(with_command, &[Depositor]), "UPGRADE_STANDS_ALONE");
}

#[test]
fn both_versions_are_enabled() {
    for missing in [1, 2] {
        let (mut world, _, held) = world();
        world.configure(|configuration| configuration.contracts.retain(|contract| *contract != token(missing)));
        let output = of_version(2, world.state(held));
        let builder = upgrade(&mut world, &[held], vec![output]);
        assert_eq!(world.refuse(builder, &[Depositor]), "CONTRACT_NOT_ENABLED");
    }
}

#[test]
fn the_newer_version_verifies_the_upgrade() {
    let (mut world, _, held) = world();
    let data = world.state(held).data;
    let output = State { kind: token::ATTESTATION.to_owned(), data, ..of_version(2, world.state(held)) };
    let builder = upgrade(&mut world, &[held], vec![output]);
    // As another kind it is no holding any more.
    assert_eq!(world.refuse(builder, &[Depositor]), "UPGRADE_QUANTITY_CHANGED");
    let definition =
        world.ledger.unspent_states().find(|(_, unspent)| unspent.state.is(token::NAME, token::DEFINITION));
    let definition = *definition.unwrap().0;
    let changed = token::TokenDefinition { title: "other".to_owned(), ..world.definition() };
    let output = of_version(2, token::definition_state(&changed));
    let builder =
        world.build(BankA).input(definition).output(output).command(token(2), UPGRADE, &wire::TokenTransfer {});
    assert_eq!(world.refuse(builder, &[BankA]), SecondToken::CHANGED);
    let output = of_version(2, world.state(definition));
    let builder =
        world.build(BankA).input(definition).output(output).command(token(2), UPGRADE, &wire::TokenTransfer {});
    let moved = StateRef { transaction: world.accept(builder, &[BankA]), index: 0 };
    // Its code stays in use, by the state of the newer version now.
    let key = world.ledger.unspent(&moved).unwrap().claims.clone();
    assert_eq!(key.len(), 1);
    let again = world.build(BankA).output(token::definition_state(&world.definition())).command(
        token(1),
        token::DEFINE,
        &wire::TokenDefine {},
    );
    assert_eq!(world.refuse(again, &[BankA, Attestor]), "CLAIM_HELD");
}

/// Titles of a second version; a chain where the depositor holds a title that it offered to the supplier.
fn locked_title() -> (World, StateRef) {
    let mut world = World::new();
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(SecondTitle));
    world.configure(|configuration| configuration.contracts = ids_with(&[SecondTitle.id()], configuration));
    let title = world.issue_title("WR-1");
    let offer = world.offer(title, Supplier, 86_400_000);
    let offered = StateRef { transaction: world.accept(offer, &[Depositor]), index: 0 };
    (world, offered)
}

fn upgrade_title(world: &mut World, offered: StateRef, output: State) -> TransactionBuilder {
    world.build(Depositor).input(offered).output(output).command(SecondTitle.id(), UPGRADE, &wire::TitleIssue {})
}

/// Owners sign; the locker need not, because its lock is carried.
#[test]
fn locks_and_identities_are_carried() {
    let (mut world, offered) = locked_title();
    let output = State { contract: SecondTitle.id(), ..world.state(offered) };
    let check = |world: &mut World, locks: Vec<Lock>, code: &str| {
        let builder = upgrade_title(world, offered, State { locks, ..output.clone() });
        assert_eq!(world.refuse(builder, &[Depositor, Supplier]), code);
    };
    check(&mut world, vec![], "UPGRADE_LOCKS_CHANGED");
    check(&mut world, vec![lock()], "UPGRADE_LOCKS_CHANGED");
    let longer = Lock { until_ms: None, ..output.locks[0].clone() };
    check(&mut world, vec![longer], "UPGRADE_LOCKS_CHANGED");
    let builder = upgrade_title(&mut world, offered, output.clone());
    let moved = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    assert_eq!(world.state(moved).locks, output.locks);
    let number = crate::contract::title::title_state(&world.title("WR 1"), Depositor.address());
    let builder = world.build(Operator).output(number).command(
        ContractId::built_in("title"),
        crate::contract::title::ISSUE,
        &wire::TitleIssue {},
    );
    assert_eq!(world.refuse(builder, &[Operator, Depositor]), "CLAIM_HELD");
}

#[test]
fn an_upgrade_neither_takes_nor_drops_an_identity() {
    let (mut world, offered) = locked_title();
    let state = State { contract: SecondTitle.id(), ..world.state(offered) };
    for (kind, code) in
        [(SecondTitle::OTHER_NUMBER, "UPGRADE_CLAIM_ADDED"), (SecondTitle::NO_NUMBER, "UPGRADE_CLAIM_DROPPED")]
    {
        let builder = upgrade_title(&mut world, offered, State { kind: kind.to_owned(), ..state.clone() });
        assert_eq!(world.refuse(builder, &[Depositor]), code);
    }
}

/// Who may not transact does not upgrade either; the frame adds to the rules, it replaces none.
#[test]
fn an_upgrade_is_a_transaction_like_others() {
    let (mut world, _, held) = world();
    let output = of_version(2, world.state(held));
    let builder = upgrade(&mut world, &[held], vec![output]);
    world.freeze(crate::FreezeSubject::Address(Depositor.address()));
    assert_eq!(world.refuse(builder, &[Depositor]), "FREEZE_STANDS");
    assert!(world.ledger.may(&Depositor.address(), Permission::Transact));
}
