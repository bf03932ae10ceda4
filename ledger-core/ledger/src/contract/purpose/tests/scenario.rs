//! The handbook's A1 disbursement and A3 misuse, with its figures: 800,000.00 lent, 720,000.00 principal in the end.

use super::*;

#[test]
fn misuse_of_purpose_bound_funds_is_refused_and_the_rest_returns() {
    let mut scene = Scene::opened(80_000_000);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 80_000_000);
    let first = scene.paid(&pay(Supplier, 30_000_000, "INV-S1-1", 1));
    scene.paid(&Payment { code: "fertiliser", ..pay(Operator, 42_000_000, "INV-S2-1", 2) });

    let unlisted = scene.spend(&pay(Trader, 5_000_000, "INV-X-1", 3));
    scene.refuses(unlisted, &[BORROWER], "PURPOSE_PAYEE");
    let vehicle = scene.spend(&Payment { code: "vehicle", ..pay(Supplier, 5_000_000, "INV-S1-2", 4) });
    scene.refuses(vehicle, &[BORROWER], "PURPOSE_CODE");
    let related = scene.spend(&pay(Relation, 5_000_000, "INV-S3-1", 5));
    scene.refuses(related, &[BORROWER], "PURPOSE_RELATED_PARTY");

    let refund = scene.refund(first, 2_000_000);
    scene.world.accept(refund, &[Supplier]);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 10_000_000);
    assert_eq!(scene.purpose().spent_at(&Supplier.address()).minor(), 28_000_000);
    let reused = scene.spend(&pay(Supplier, 2_000_000, "INV-S1-3", 1));
    scene.refuses(reused, &[BORROWER], "CLAIM_HELD");
    let same_number = scene.spend(&pay(Supplier, 2_000_000, "inv s1 1", 6));
    scene.refuses(same_number, &[BORROWER], "CLAIM_HELD");
    scene.paid(&pay(Supplier, 2_000_000, "INV-S1-3", 6));

    scene.world.now_ms = START_MS + (180 + 60) * DAY_MS;
    let freight = scene.spend(&Payment { code: "freight", ..pay(Carrier, 8_000_000, "INV-T-1", 7) });
    scene.refuses(freight, &[BORROWER], "PURPOSE_EXPIRED");
    let returned = scene.give_back(LENDER, 8_000_000);
    scene.world.accept(returned, &[LENDER]);
    assert_eq!(scene.balance(LENDER, None), 8_000_000);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 0);
    let purpose = scene.purpose();
    assert_eq!(purpose.spent_in_all().unwrap().minor(), 72_000_000);
    assert_eq!(purpose.balance().unwrap().minor(), 0);
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn three_payees_get_what_was_lent_for_them() {
    let mut scene = Scene::opened(80_000_000);
    scene.paid(&pay(Supplier, 30_000_000, "INV-S1-1", 1));
    scene.paid(&Payment { code: "fertiliser", ..pay(Operator, 42_000_000, "INV-S2-1", 2) });
    scene.paid(&Payment { code: "freight", ..pay(Carrier, 8_000_000, "INV-T-1", 3) });
    let free = |who| scene.balance(who, None);
    assert_eq!([Supplier, Operator, Carrier].map(free), [30_000_000, 42_000_000, 8_000_000]);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 0);
    assert_eq!(scene.world.ledger.supply(&scene.world.asset()).minor(), 80_000_000);
}
