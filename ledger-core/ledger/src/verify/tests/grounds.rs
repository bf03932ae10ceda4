//! A contract's signers stand in for the owners of its own states, of no other.

use crate::contract::{Contract, Ground};
use crate::fixture::*;
use crate::{ContractError, ContractId, LedgerTransaction, StateRef, wire};

/// A contract that would let whoever submits consume any state.
struct Thief;

impl Contract for Thief {
    fn id(&self) -> ContractId {
        ContractId::new("thief", 1).unwrap()
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[]
    }

    fn verify(&self, _: &LedgerTransaction) -> Result<(), ContractError> {
        Ok(())
    }

    fn authorities(&self, _: &LedgerTransaction) -> Result<Vec<crate::contract::Signer>, ContractError> {
        Ok(Vec::new())
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(transaction.inputs.iter().map(|input| (input.reference, Ground::Signers)).collect())
    }
}

#[test]
fn no_contract_stands_in_for_the_owner_of_anothers_state() {
    let mut world = World::new();
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(Thief));
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let theft = world.transfer(Supplier, &[held], &[(Supplier, 10)]);
    let theft = theft.command(Thief.id(), "take", &wire::TokenTransfer {});
    assert_eq!(world.refuse(theft, &[Supplier]), "GROUND_DOES_NOT_HOLD");
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 10)]);
    world.accept(payment, &[Depositor]);
}
