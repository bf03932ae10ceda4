use crate::claim::{Claim, ClaimKind};
use crate::fixture::*;
use crate::verify::structural;
use crate::{Coded, SignedTransaction, TimeWindow, Transaction, id::ClaimKey};

/// The depositor's plain payment to the supplier.
fn payment() -> (World, Transaction) {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 400), (Depositor, 600)]);
    let transaction = world.fill(builder);
    (world, transaction)
}

fn check(change: impl Fn(&mut Transaction), expected: Result<(), &str>) {
    let (world, mut transaction) = payment();
    change(&mut transaction);
    let bytes = World::sign(transaction, &[Depositor]).encode();
    let result = structural(&bytes, &world.ledger.chain()).map(|_| ()).map_err(|error| error.code());
    assert_eq!(result, expected);
}

#[test]
fn windows_commands_and_names_are_checked_at_the_bound_and_past_it() {
    let days_30 = TimeWindow::LONGEST_MS;
    check(|_| {}, Ok(()));
    check(|t| t.time_window.until_ms = t.time_window.from_ms + days_30, Ok(()));
    check(|t| t.time_window.until_ms = t.time_window.from_ms + days_30 + 1, Err("TRANSACTION_WINDOW"));
    check(|t| t.time_window.until_ms = t.time_window.from_ms + 1, Ok(()));
    check(|t| t.time_window.until_ms = t.time_window.from_ms, Err("TRANSACTION_WINDOW"));
    check(|t| t.commands.clear(), Err("TRANSACTION_NO_COMMAND"));
    check(|t| t.commands.push(t.commands[0].clone()), Err("TRANSACTION_COMMAND_REPEATED"));
    check(|t| t.inputs.push(t.inputs[0]), Err("TRANSACTION_STATE_REPEATED"));
    let claim = |output| Claim { output, key: ClaimKey::default(), kind: ClaimKind::Once, near: None };
    check(|t| t.claims.push(claim(1)), Ok(()));
    check(|t| t.claims.push(claim(2)), Err("TRANSACTION_CLAIM_WITHOUT_OUTPUT"));
    check(|t| t.chain = crate::ChainId::default(), Err("TRANSACTION_OTHER_CHAIN"));
}

#[test]
fn lists_are_bounded() {
    let text = |length: usize| "x".repeat(length);
    check(|t| t.metadata = vec![("note".to_owned(), text(1_024))], Ok(()));
    check(|t| t.metadata = vec![("note".to_owned(), text(1_025))], Err("ENCODING_TOO_LONG"));
    check(|t| t.metadata = vec![("note".to_owned(), "line\nline".to_owned())], Err("ENCODING_OUT_OF_RANGE"));
    check(|t| t.metadata = (0..16).map(|n| (format!("{n:02}"), text(1))).collect(), Ok(()));
    check(|t| t.metadata = (0..17).map(|n| (format!("{n:02}"), text(1))).collect(), Err("ENCODING_TOO_MANY"));
    check(|t| t.metadata = vec![("b".to_owned(), text(1)), ("a".to_owned(), text(1))], Err("ENCODING_UNORDERED"));
    check(|t| t.outputs = vec![t.outputs[0].clone(); 256], Ok(()));
    check(|t| t.outputs = vec![t.outputs[0].clone(); 257], Err("ENCODING_TOO_MANY"));
    check(|t| t.outputs[0].kind = text(33), Err("ENCODING_TOO_LONG"));
    check(|t| t.outputs[0].participants = vec![Supplier.address(); 2], Err("ENCODING_UNORDERED"));
    check(|t| t.outputs[0].data = [8, 1].repeat(32_769), Err("ENCODING_TOO_LONG"));
}

#[test]
fn every_flipped_bit_of_a_signed_transaction_is_refused() {
    let (mut world, transaction) = payment();
    let good = World::sign(transaction, &[Depositor]).encode();
    for place in 0..good.len() {
        let mut damaged = good.clone();
        damaged[place] ^= 1 << (place % 8);
        let height = world.ledger.height();
        assert!(world.submit_bytes(&damaged).is_err(), "byte {place}");
        assert_eq!(world.ledger.height(), height);
    }
    world.submit_bytes(&good).unwrap();
}

#[test]
fn the_id_covers_every_component_and_signatures_read_back() {
    let (_, transaction) = payment();
    let id = transaction.id().unwrap();
    let changes: [fn(&mut Transaction); 12] = [
        |t| t.salt[0] ^= 1,
        |t| t.submitter = Supplier.address(),
        |t| t.command_id = Default::default(),
        |t| t.time_window.until_ms += 1,
        |t| t.effective_on = Default::default(),
        |t| t.anchor.height += 1,
        |t| t.inputs[0].index += 1,
        |t| t.outputs[0].owner = BankB.address(),
        |t| t.outputs.swap(0, 1),
        |t| t.commands[0].name = "redeem".to_owned(),
        |t| t.attachments.push(Default::default()),
        |t| t.metadata.push(("note".to_owned(), String::new())),
    ];
    for (place, change) in changes.iter().enumerate() {
        let mut other = transaction.clone();
        change(&mut other);
        assert_ne!(other.id().unwrap(), id, "change {place}");
    }
    let signed = World::sign(transaction, &[Depositor, Supplier]);
    assert_eq!(SignedTransaction::decode(&signed.encode()), Ok(signed));
}
