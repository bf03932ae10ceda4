use std::collections::BTreeSet;

use super::*;
use crate::SignedTransaction;
use crate::contract::BUILT_IN;
use crate::ledger::present::tests::again;

/// A line for each chain, as one process tells it to another.
fn lines() -> BTreeSet<String> {
    let line = |chain: Chain| format!("replayed {} {}", chain.name, outcome(&chain.replayed()).replace('\n', " "));
    stored().into_iter().map(line).collect()
}

#[test]
fn every_chain_is_accepted_with_its_roots_twice() {
    let chains = stored();
    assert!(!chains.is_empty());
    for chain in chains {
        for _ in 0..2 {
            assert_eq!(outcome(&chain.replayed()), chain.expected, "{}", chain.name);
        }
    }
}

#[test]
fn every_chain_is_given_back_by_its_present() {
    for chain in stored() {
        let ledger = chain.replayed();
        let again = again(&ledger, |_| false).unwrap();
        assert_eq!((again.first_difference(&ledger), outcome(&again)), (None, chain.expected), "{}", chain.name);
    }
}

#[test]
fn the_roots_are_told_to_another_process() {
    let lines = lines();
    assert!(!lines.is_empty());
    lines.iter().for_each(|line| println!("{line}"));
}

#[test]
#[allow(clippy::disallowed_types, reason = "the test is about another process")]
fn another_process_gets_the_same_roots() {
    let told = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "corpus::tests::the_roots_are_told_to_another_process", "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    // The harness may write its own words on the line of the first.
    let theirs: BTreeSet<String> =
        told.lines().filter_map(|line| line.find("replayed ").map(|start| line[start..].to_owned())).collect();
    assert_eq!(theirs, lines());
}

#[test]
fn every_command_of_every_built_in_contract_is_in_the_corpus() {
    let mut exercised = BTreeSet::new();
    for bytes in stored().iter().flat_map(|chain| &chain.blocks).flat_map(|block| &block.transactions) {
        let commands = SignedTransaction::decode(bytes).unwrap().transaction.commands;
        exercised.extend(commands.into_iter().map(|command| format!("{}/{}", command.contract.name(), command.name)));
    }
    let every: BTreeSet<String> = BUILT_IN
        .iter()
        .flat_map(|(contract, commands)| commands.iter().map(move |command| format!("{contract}/{command}")))
        .collect();
    let left_out: Vec<_> = every.difference(&exercised).collect();
    assert_eq!(left_out, Vec::<&String>::new(), "add scenarios that use them to the list and record them");
}

/// The constants of a contract's file that are neither its name nor a kind of state.
fn commands_in(source: &str) -> BTreeSet<&str> {
    let lines: Vec<&str> = source.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[1].starts_with("pub const ") && !pair[1].starts_with("pub const NAME"))
        .filter(|pair| !pair[0].starts_with("/// The kind of") && !pair[0].starts_with("/// Label of"))
        .filter_map(|pair| pair[1].split_once(": &str = \""))
        .map(|(_, value)| value.trim_end_matches("\";"))
        .collect()
}

#[test]
fn the_list_of_commands_is_complete() {
    let sources = [
        include_str!("../contract/agreement.rs"),
        include_str!("../contract/chain.rs"),
        include_str!("../contract/loan.rs"),
        include_str!("../contract/netting_round.rs"),
        include_str!("../contract/obligation.rs"),
        include_str!("../contract/party.rs"),
        include_str!("../contract/pledge.rs"),
        include_str!("../contract/price.rs"),
        include_str!("../contract/purpose.rs"),
        include_str!("../contract/title.rs"),
        include_str!("../contract/token.rs"),
        include_str!("../contract/trade_note.rs"),
    ];
    assert_eq!(sources.len(), BUILT_IN.len());
    for (source, (contract, commands)) in sources.into_iter().zip(BUILT_IN) {
        assert_eq!(commands_in(source), commands.iter().copied().collect(), "{contract}");
    }
}
