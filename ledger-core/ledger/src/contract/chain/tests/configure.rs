use super::*;
use crate::verify::{ProposedBlock, contextual, structural};
use crate::{Bounds, Configuration};

fn next(world: &World) -> Configuration {
    let present = world.ledger.configuration().clone();
    Configuration { version: present.version + 1, ..present }
}

fn configure(world: &mut World, by: Who, configuration: &Configuration) -> TransactionBuilder {
    let arguments = wire::ChainConfigure { configuration: Some(configuration.to_wire()) };
    world.build(by).command(ContractId::built_in(NAME), CONFIGURE, &arguments)
}

fn accept(world: &mut World, configuration: &Configuration) {
    let builder = configure(world, Administrator, configuration);
    world.accept(builder, &[Administrator]);
}

#[track_caller]
fn refused(world: &mut World, configuration: &Configuration, code: &str) {
    let builder = configure(world, Administrator, configuration);
    assert_eq!(world.refuse(builder, &[Administrator]), code);
}

fn without(configuration: &mut Configuration, name: &str) {
    configuration.contracts.retain(|contract| contract.name() != name);
}

#[test]
fn name_and_bounds_change_from_the_next_block_on() {
    let mut world = World::new();
    let first = world.ledger.genesis().configuration();
    assert_eq!(world.ledger.configuration(), &first);
    let bounds = Bounds { block_transactions_max: 7, ..Bounds::default() };
    let second = Configuration { name: "harbour".to_owned(), bounds, ..next(&world) };
    accept(&mut world, &second);
    assert_eq!((second.version, world.ledger.configuration()), (2, &second));
    world.define();
    let parameters: Vec<_> = world.blocks.iter().map(|block| block.header.parameters).collect();
    let (before, after) = (first.parameters_hash(), second.parameters_hash());
    assert_eq!(parameters, [before, before, after]);
    assert_eq!(world.replayed().unwrap().configuration(), &second);
}

#[test]
fn a_header_with_the_parameters_of_another_configuration_is_found() {
    let mut world = World::new();
    world.configure(|configuration| configuration.name = "harbour".to_owned());
    world.define();
    let header = &mut world.blocks[2].header;
    header.parameters = world.ledger.genesis().configuration().parameters_hash();
    world.blocks[2].finality = crate::block::seal(&world.blocks[2].header.hash(), &World::recorder());
    let error = world.replayed().unwrap_err();
    assert_eq!(error, crate::block::BlockError::HeaderDiffers { height: 3, field: "parameters" });
}

/// Of two changes made from one present, one wins; in one block, or in two.
#[test]
fn two_changes_of_one_version_cannot_both_hold() {
    let mut world = World::new();
    let [one, two] = ["one", "two"].map(|name| Configuration { name: name.to_owned(), ..next(&world) });
    let verified = |world: &mut World, configuration| {
        let builder = configure(world, Administrator, configuration);
        let bytes = World::sign(world.fill(builder), &[Administrator]).encode();
        let resolved = structural(&bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
        world.rules().semantic(resolved, &world.ledger).unwrap()
    };
    let transactions = vec![verified(&mut world, &one), verified(&mut world, &two)];
    let proposed = ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new() };
    let (block, refused_ones) = contextual(proposed, &world.ledger);
    let codes: Vec<_> = refused_ones.iter().map(|(_, rejection)| rejection.code.as_str()).collect();
    assert_eq!(codes, ["CONFIGURATION_MOVED"]);
    world.commit(&block);
    assert_eq!(world.ledger.configuration(), &one);
    refused(&mut world, &two, "CONFIGURATION_MOVED");
    let skipping = Configuration { version: 4, ..two.clone() };
    refused(&mut world, &skipping, "CONFIGURATION_MOVED");
    refused(&mut world, &Configuration { version: 0, ..two.clone() }, "ENCODING_OUT_OF_RANGE");
    accept(&mut world, &Configuration { version: 3, ..two });
}

#[test]
fn others_cannot_configure() {
    let mut world = World::new();
    let configuration = next(&world);
    let builder = configure(&mut world, BankA, &configuration);
    assert_eq!(world.refuse(builder, &[BankA]), "PERMISSION_MISSING");
    let builder = configure(&mut world, Administrator, &configuration);
    assert_eq!(world.refuse(builder, &[BankA]), "AUTHORITY_SIGNATURES_MISSING");
}

#[test]
fn a_configuration_that_is_not_sound_is_refused() {
    let mut world = World::new();
    let mut bounds = next(&world);
    bounds.bounds.block_bytes_max = 65_535;
    refused(&mut world, &bounds, "CONFIGURATION_BOUND");
    for needed in [NAME, crate::contract::party::NAME] {
        let mut configuration = next(&world);
        without(&mut configuration, needed);
        refused(&mut world, &configuration, "CHAIN_CONTRACT_NEEDED");
    }
    let state = world.state(of_bank_b(&world));
    let configuration = next(&world);
    let with_states = configure(&mut world, Administrator, &configuration).output(state);
    assert_eq!(world.refuse(with_states, &[Administrator]), "CHAIN_TOUCHES_PERMISSIONS");
    let empty = world.build(Administrator).command(
        ContractId::built_in(NAME),
        CONFIGURE,
        &wire::ChainConfigure { configuration: None },
    );
    assert_eq!(world.refuse(empty, &[Administrator]), "ENCODING_FIELD_MISSING");
    accept(&mut world, &configuration);
}

#[test]
fn a_contract_the_node_lacks_is_not_enabled() {
    let mut world = World::new();
    let mut configuration = next(&world);
    configuration.contracts.push("token@2".parse().unwrap());
    configuration.contracts.sort();
    refused(&mut world, &configuration, "CONTRACT_NOT_INSTALLED");
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(SecondToken));
    accept(&mut world, &configuration);
    assert!(world.ledger.has_contract(&SecondToken.id()));
}

/// States of a contract that is no longer enabled stay as they are, and move again when it is.
#[test]
fn a_disabled_contract_takes_no_command_and_loses_no_state() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let mut disabled = next(&world);
    without(&mut disabled, crate::contract::token::NAME);
    accept(&mut world, &disabled);
    let pay = |world: &mut World| world.transfer(Depositor, &[held], &[(Supplier, 1_000)]);
    let builder = pay(&mut world);
    assert_eq!(world.refuse(builder, &[Depositor]), "CONTRACT_NOT_ENABLED");
    assert_eq!((world.state(held).owner, world.ledger.supply(&world.asset()).minor()), (Depositor.address(), 1_000));
    let enabled = Configuration { contracts: world.ledger.genesis().contracts.clone(), ..next(&world) };
    accept(&mut world, &enabled);
    let builder = pay(&mut world);
    world.accept(builder, &[Depositor]);
    world.replayed().unwrap();
}

/// In the block that disables a contract its commands still stand: the block's configuration is the one before it.
#[test]
fn the_block_of_a_change_stands_under_the_configuration_before_it() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let mut disabled = next(&world);
    without(&mut disabled, crate::contract::token::NAME);
    let change = configure(&mut world, Administrator, &disabled);
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 1_000)]);
    let refused = world.accept_together(vec![(change, vec![Administrator]), (payment, vec![Depositor])]);
    assert_eq!(refused, Vec::<String>::new());
    world.replayed().unwrap();
}
