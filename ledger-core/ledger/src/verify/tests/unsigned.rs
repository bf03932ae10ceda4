use crate::contract::{chain, token};
use crate::fixture::*;
use crate::{Address, ContractId, SignedTransaction, Transaction, TransactionBuilder, wire};

fn by_nobody(world: &World, builder: TransactionBuilder) -> Transaction {
    let mut transaction = world.fill(builder);
    transaction.submit_as(Address::NOBODY);
    transaction
}

fn code(world: &mut World, signed: &SignedTransaction) -> String {
    world.submit_bytes(&signed.encode()).unwrap_err().code
}

#[test]
fn what_somebody_must_sign_is_not_submitted_by_nobody() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 1_000)]);
    let transaction = by_nobody(&world, builder);
    let unsigned = SignedTransaction::new(transaction.clone(), Vec::new());
    assert_eq!(code(&mut world, &unsigned), "UNSIGNED_SIGNER_NEEDED");
    assert_eq!(code(&mut world, &World::sign(transaction, &[Depositor])), "UNSIGNED_CARRIES_SIGNATURES");
    let builder = world.build(Administrator);
    let grant = builder.command(ContractId::built_in(chain::NAME), chain::GRANT, &wire::ChainGrant {});
    let unsigned = SignedTransaction::new(by_nobody(&world, grant), Vec::new());
    assert_eq!(code(&mut world, &unsigned), "UNSIGNED_SIGNER_NEEDED");
}

/// A transfer of nothing needs no owner; its contract does not let nobody do it all the same.
#[test]
fn a_contract_allows_unsigned_steps_itself() {
    let mut world = World::new();
    let builder = world.build(Depositor);
    let empty = builder.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {});
    let unsigned = SignedTransaction::new(by_nobody(&world, empty), Vec::new());
    assert_eq!(code(&mut world, &unsigned), "UNSIGNED_NOT_ALLOWED");
}
