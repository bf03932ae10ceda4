//! What holds of every built-in contract alike.

use super::*;
use crate::error::Coded;
use crate::{Address, ChainId, Command, Date, LedgerTransaction, TimeWindow, TransactionBuilder, TransactionFrame};

/// A transaction of one command, without states.
fn asking(contract: &str, name: &str, arguments: &[u8]) -> LedgerTransaction {
    let frame = TransactionFrame {
        chain: ChainId::default(),
        salt: [1; 32],
        submitter: Address::default(),
        command_id: Default::default(),
        time_window: TimeWindow { from_ms: 1, until_ms: 2 },
        effective_on: Date::default(),
        anchor: crate::Anchor { height: 0, block: Default::default() },
    };
    let mut transaction = TransactionBuilder::new(frame).build();
    let contract = ContractId::new(contract, 1).unwrap();
    transaction.commands.push(Command { contract, name: name.to_owned(), arguments: arguments.to_vec() });
    LedgerTransaction { id: Default::default(), transaction, inputs: Vec::new(), references: Vec::new() }
}

#[test]
fn every_command_has_arguments_in_one_form_alone() {
    let contracts = ContractSet::built_in();
    for (contract, commands) in BUILT_IN {
        let rules = contracts.get(&ContractId::new(contract, 1).unwrap()).unwrap();
        let code = |name: &str, arguments: &[u8]| {
            rules.verify(&asking(contract, name, arguments)).map_err(|error| error.code())
        };
        let unknown = code("no_such_command", &[]).unwrap_err();
        assert!(unknown.ends_with("_COMMAND_UNKNOWN"), "{contract}: {unknown}");
        for name in commands {
            // Field 200 of each wire type, and bytes that are no message.
            for unknown_field in [&[0xc0, 0x0c, 1][..], &[0xc2, 0x0c, 0]] {
                assert_eq!(code(name, unknown_field), Err("ENCODING_NOT_CANONICAL"), "{contract}/{name}");
            }
            assert_eq!(code(name, &[0xff]), Err("ENCODING_MALFORMED"), "{contract}/{name}");
        }
    }
}

/// Who builds transactions from the published form alone finds every kind and every command there.
#[test]
fn the_published_form_names_every_kind_and_command() {
    let published = include_str!("../../../../schema/ledger.proto");
    let contracts = ContractSet::built_in();
    for (name, commands) in BUILT_IN {
        let section = published.split_once(&format!("built-in contract: {name}\n")).unwrap().1;
        let section = section.split_once("built-in contract: ").map_or(section, |(section, _)| section);
        let kinds = contracts.get(&ContractId::built_in(name)).unwrap().kinds();
        for word in kinds.iter().chain(commands) {
            assert!(section.contains(word), "{name} says nothing of {word}");
        }
    }
}
