//! What an enforcement brings is paid on the debt that the pledge names, once and without the debtor.

use super::enforce::{Sale, enforce, minor, sale_of};
use super::*;
use crate::contract::loan::{self, loan_state, read_loan, tests::Scene};
use crate::contract::obligation::{self, read_obligation};

/// WR-1 pledged to bank A for 4,000.00 that the depositor owes it.
fn pledged_for() -> (World, StateRef, StateRef, Debt) {
    let mut world = World::new();
    let debt = world.owe(Depositor, BankA, 400_000);
    let title = world.issue_title("WR-1");
    let builder = secured(&mut world, title, BankA, debt.id(), debt.state());
    let (title, pledge) = refs(world.accept(builder, &ALL));
    (world, title, pledge, debt)
}

fn secured(world: &mut World, title: StateRef, to: Who, debt: ObligationId, state: StateRef) -> TransactionBuilder {
    world.pledge(title, Depositor, to).current(state).changed(|transaction| {
        let pledge = read_pledge(&transaction.outputs[1]).unwrap();
        transaction.outputs[1] = pledge_state(&Pledge { obligation: Some(debt), ..pledge });
    })
}

fn outstanding(world: &World) -> u64 {
    let read = |state: &State| read_obligation(state).map(|owed| owed.outstanding.minor()).ok();
    world.ledger.unspent_states().find_map(|(_, unspent)| read(&unspent.state)).unwrap()
}

#[test]
fn an_enforcement_pays_the_debt_once_and_the_debtor_need_not_sign() {
    let (mut world, title, pledge, debt) = pledged_for();
    let sale = sale_of(&mut world, title, &[pledge]);
    let signers = [BankA, Operator, Supplier];
    let silent = enforce(&mut world, BankA, &sale);
    assert_eq!(world.refuse(silent, &signers), "PLEDGE_DEBT_NOT_PAID");
    for wrong in [299_999, 300_001] {
        let builder = enforce(&mut world, BankA, &sale);
        let builder = debt.paid_beside(&world, wrong, builder);
        assert_eq!(world.refuse(builder, &signers), "PLEDGE_DEBT_NOT_PAID");
    }
    let builder = enforce(&mut world, BankA, &sale);
    let builder = debt.paid_beside(&world, 300_000, builder);
    world.accept(builder, &signers);
    assert_eq!(outstanding(&world), 100_000);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_pledgee_keeps_no_more_than_it_is_owed() {
    let (mut world, title, pledge, debt) = pledged_for();
    let sale = Sale { proceeds: 430_000, satisfied: 400_001, ..sale_of(&mut world, title, &[pledge]) };
    let signers = [BankA, Operator, Supplier];
    let builder = enforce(&mut world, BankA, &sale);
    let builder = debt.paid_beside(&world, 400_001, builder);
    assert_eq!(world.refuse(builder, &signers), "DEBT_OVERPAID");
    let builder = enforce(&mut world, BankA, &Sale { satisfied: 400_000, ..sale });
    let builder = debt.paid_beside(&world, 400_000, builder);
    world.accept(builder, &signers);
    let is_debt = |state: &State| state.is(obligation::NAME, obligation::OBLIGATION);
    assert!(!world.ledger.unspent_states().any(|(_, unspent)| is_debt(&unspent.state)));
}

#[test]
fn another_debt_is_not_paid_by_it() {
    let (mut world, title, pledge, _) = pledged_for();
    let other = world.owe_with(Depositor, BankA, 300_000, |owed| owed.number = "INV-2".to_owned());
    let other = Debt::read(&world, other);
    let sale = sale_of(&mut world, title, &[pledge]);
    // Nobody but its debtor pays it, and with its debtor it is paid once more.
    let builder = enforce(&mut world, BankA, &sale);
    let builder = other.settled_beside(builder);
    assert_eq!(world.refuse(builder, &[BankA, Operator, Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = enforce(&mut world, BankA, &sale);
    let builder = other.settled_beside(builder);
    assert_eq!(world.refuse(builder, &[BankA, Operator, Supplier, Depositor]), "PLEDGE_DEBT_NOT_PAID");
}

#[test]
fn a_debt_in_other_hands_is_not_the_pledgees_to_enforce() {
    let (mut world, title, pledge, debt) = pledged_for();
    let owed = read_obligation(&world.state(debt.state())).unwrap();
    let assign = wire::ObligationAssign { obligation: debt.id().to_vec(), to: BankB.address().to_vec() };
    let assigned = obligation::obligation_state(&owed.assigned(BankB.address()));
    let builder = world.build(BankA).input(debt.state()).output(assigned);
    let builder = builder.command(ContractId::built_in(obligation::NAME), obligation::ASSIGN, &assign);
    let transaction = world.accept(builder, &[BankA, BankB]);
    let debt = Debt::read(&world, StateRef { transaction, index: 0 });
    let sale = sale_of(&mut world, title, &[pledge]);
    let builder = enforce(&mut world, BankA, &sale);
    let builder = debt.paid_beside(&world, 300_000, builder);
    assert_eq!(world.refuse(builder, &[BankA, BankB, Operator, Supplier]), "PLEDGE_DEBT_NOT_PAID");
}

/// The bank takes goods pledged for a loan for so much itself, so no money moves.
fn taking(scene: &mut Scene, (title, pledge): (StateRef, StateRef), amount: u64) -> TransactionBuilder {
    let lent = scene.read();
    let (proceeds, satisfied) = (amount, amount);
    let sale = Sale { title, pledges: vec![pledge], to: BankB, proceeds, satisfied, purse: None, locked: 0 };
    let builder = enforce(&mut scene.world, BankB, &sale).input(scene.loan);
    let on = builder.clone().build().effective_on;
    let after = lent.satisfied(minor(amount), on).unwrap();
    let builder = after.iter().fold(builder, |builder, after| builder.output(loan_state(after)));
    let repay = wire::LoanRepay { loan: lent.loan.to_vec(), amount };
    builder.command(ContractId::built_in(loan::NAME), loan::REPAY, &repay)
}

fn secured_loan(scene: &mut Scene) -> (StateRef, StateRef) {
    let title = scene.world.issue_title("WR-1");
    let lent = scene.read().loan;
    let builder = secured(&mut scene.world, title, BankB, lent, scene.loan);
    refs(scene.world.accept(builder, &[Depositor, BankB, Operator]))
}

#[test]
fn a_loan_is_repaid_by_an_enforcement_before_its_time() {
    let mut scene = Scene::lent();
    let under = secured_loan(&mut scene);
    let signers = [BankB, Operator];
    let silent = taking(&mut scene, under, 200_000).changed(|transaction| {
        transaction.inputs.pop();
        transaction.outputs.pop();
        transaction.commands.pop();
    });
    assert_eq!(scene.world.refuse(silent, &signers), "PLEDGE_DEBT_NOT_PAID");
    let builder = taking(&mut scene, under, 200_000);
    let on = builder.clone().build().effective_on;
    assert!(matches!(scene.read().repaid(minor(200_000), on), Err(loan::LoanError::Overpaid { .. })));
    scene.world.accept(builder, &signers);
    let left = scene.world.ledger.unspent_states().find_map(|(_, unspent)| read_loan(&unspent.state).ok()).unwrap();
    assert_eq!((left.paid.principal, left.prepayments.len()), (minor(200_000), 1));
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn an_enforcement_leaves_the_end_of_a_bound_loan_to_its_borrower() {
    let mut scene = Scene::bound();
    let under = secured_loan(&mut scene);
    let signers = [BankB, Operator];
    let whole = taking(&mut scene, under, 300_000);
    assert_eq!(scene.world.refuse(whole, &signers), "LOAN_LEAVES_BOUND");
    let builder = taking(&mut scene, under, 299_999);
    scene.world.accept(builder, &signers);
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}
