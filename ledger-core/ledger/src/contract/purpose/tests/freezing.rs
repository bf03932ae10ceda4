//! Receiving is not moving: money comes back to a frozen borrower, who cannot spend it; a frozen payee refunds nothing.

use super::*;
use crate::FreezeSubject;
use crate::Wire;
use crate::contract::chain;

fn freeze(scene: &mut Scene, who: Who) {
    let subjects = vec![FreezeSubject::Address(who.address()).to_wire()];
    let message = wire::ChainFreeze { subjects, reference: "Court of Harbin, 2026/17".to_owned() };
    let builder = scene.world.build(Administrator).command(ContractId::built_in(chain::NAME), chain::FREEZE, &message);
    scene.world.accept(builder, &[Administrator]);
}

#[test]
fn a_frozen_borrower_is_refunded_and_spends_nothing() {
    let mut scene = Scene::opened(1_000);
    let record = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    freeze(&mut scene, BORROWER);
    let spend = scene.spend(&pay(Supplier, 100, "INV-2", 2));
    scene.refuses(spend, &[BORROWER], "FREEZE_STANDS");
    let back = scene.give_back(BORROWER, 100);
    scene.refuses(back, &[BORROWER], "FREEZE_STANDS");
    let refund = scene.refund(record, 150);
    scene.world.accept(refund, &[Supplier]);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 750);
    // What is the borrower's does not go back to the lender either, even after the end.
    scene.world.now_ms = START_MS + 180 * DAY_MS;
    let ended = scene.give_back(LENDER, 100);
    scene.refuses(ended, &[LENDER], "FREEZE_STANDS");
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn a_frozen_payee_refunds_nothing() {
    let mut scene = Scene::opened(1_000);
    let record = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    freeze(&mut scene, Supplier);
    let refund = scene.refund(record, 150);
    scene.refuses(refund, &[Supplier], "FREEZE_STANDS");
}
