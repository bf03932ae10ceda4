//! Payments out of a purpose: who, what for, on which document, how much, when.

use super::*;

/// One payment out of a fresh purpose of 80,000,000.
fn check(payment: Payment, signers: &[Who], expected: Result<(), &str>) {
    let mut scene = Scene::opened(80_000_000);
    let builder = scene.spend(&payment);
    let result = scene.world.submit(builder, signers).map(|_| ()).map_err(|rejection| rejection.code);
    assert_eq!(result, expected.map_err(str::to_owned));
}

#[test]
fn payees_codes_and_documents_are_those_of_the_terms() {
    let plain = pay(Supplier, 100, "INV-1", 1);
    check(plain.clone(), &[BORROWER], Ok(()));
    check(Payment { payee: Carrier, ..plain.clone() }, &[BORROWER], Ok(()));
    check(Payment { payee: Trader, ..plain.clone() }, &[BORROWER], Err("PURPOSE_PAYEE"));
    check(Payment { payee: LENDER, ..plain.clone() }, &[BORROWER], Err("PURPOSE_PAYEE"));
    check(Payment { code: "vehicle", ..plain.clone() }, &[BORROWER], Err("PURPOSE_CODE"));
    check(Payment { code: "", ..plain.clone() }, &[BORROWER], Err("PURPOSE_CODE"));
    check(Payment { file: 0, ..plain.clone() }, &[BORROWER], Err("PURPOSE_DOCUMENT_MISSING"));
    check(Payment { invoice: "", ..plain.clone() }, &[BORROWER], Err("PURPOSE_DOCUMENT_MISSING"));
    check(plain.clone(), &[Supplier], Err("AUTHORITY_SIGNATURES_MISSING"));
    check(Payment { amount: 0, ..plain.clone() }, &[BORROWER], Err("PURPOSE_ZERO"));
    check(Payment { amount: 80_000_001, payee: Operator, ..plain }, &[BORROWER], Err("PURPOSE_CAP"));
}

#[test]
fn caps_of_payee_role_and_purpose_hold_unless_the_lender_consents() {
    let at = |payee, amount, consents| Payment { consents, ..pay(payee, amount, "INV-1", 1) };
    check(at(Supplier, 30_000_000, false), &[BORROWER], Ok(()));
    check(at(Supplier, 30_000_001, false), &[BORROWER], Err("PURPOSE_CAP"));
    check(at(Carrier, 8_000_000, false), &[BORROWER], Ok(()));
    check(at(Carrier, 8_000_001, false), &[BORROWER], Err("PURPOSE_CAP"));
    check(at(Carrier, 8_000_001, true), &[BORROWER, LENDER], Ok(()));
    check(at(Carrier, 8_000_001, true), &[BORROWER], Err("AUTHORITY_SIGNATURES_MISSING"));
    check(at(Operator, 80_000_000, false), &[BORROWER], Ok(()));
    check(at(Operator, 80_000_001, true), &[BORROWER, LENDER], Err("PURPOSE_VALUE_DIFFERS"));
    let mut scene = Scene::opened(80_000_000);
    scene.paid(&at(Supplier, 20_000_000, false));
    let more = scene.spend(&pay(Supplier, 10_000_001, "INV-2", 2));
    scene.refuses(more, &[BORROWER], "PURPOSE_CAP");
    scene.paid(&pay(Supplier, 10_000_000, "INV-2", 2));
    let mut scene = Scene::new(80_000_000);
    let builder = scene.open(80_000_000, |terms| terms.cap = minor(50));
    scene.world.accept(builder, &[LENDER, BORROWER]);
    let more = scene.spend(&pay(Operator, 51, "INV-1", 1));
    scene.refuses(more, &[BORROWER], "PURPOSE_CAP");
    scene.paid(&pay(Operator, 50, "INV-1", 1));
}

#[test]
fn a_payee_of_the_borrowers_controller_needs_the_lender() {
    let to_relation = pay(Relation, 100, "INV-1", 1);
    check(to_relation.clone(), &[BORROWER, LENDER], Err("PURPOSE_RELATED_PARTY"));
    let with_consent = Payment { consents: true, ..to_relation };
    check(with_consent.clone(), &[BORROWER], Err("AUTHORITY_SIGNATURES_MISSING"));
    check(with_consent, &[BORROWER, LENDER], Ok(()));
}

#[test]
fn documents_are_used_once() {
    let mut scene = Scene::opened(80_000_000);
    scene.paid(&pay(Supplier, 100, "INV-1", 1));
    let same_file = scene.spend(&pay(Operator, 100, "INV-9", 1));
    scene.refuses(same_file, &[BORROWER], "CLAIM_HELD");
    let same_number = scene.spend(&pay(Supplier, 100, "inv 1", 2));
    scene.refuses(same_number, &[BORROWER], "CLAIM_HELD");
    scene.paid(&pay(Operator, 100, "INV-1", 2));
}

#[test]
fn a_document_much_like_a_used_one_is_warned_of() {
    let mut scene = Scene::opened(80_000_000);
    scene.paid(&pay(Supplier, 100, "INV-1", 1));
    assert_eq!(scene.world.warnings, []);
    scene.paid(&pay(Operator, 100, "INV/1", 2));
    assert_eq!(scene.world.warnings, []);
    scene.paid(&pay(Supplier, 100, "INV/01", 3));
    let codes: Vec<_> = scene.world.warnings.iter().map(crate::Coded::code).collect();
    assert_eq!(codes, ["CLAIM_NEAR"]);
}

#[test]
fn money_without_required_documents_needs_none() {
    let mut scene = Scene::new(1_000);
    let builder = scene.open(1_000, |terms| terms.documents_required = false);
    scene.world.accept(builder, &[LENDER, BORROWER]);
    scene.paid(&pay(Supplier, 100, "", 0));
    scene.paid(&pay(Supplier, 100, "", 0));
    // A record that could not be read again would bind the payee's refund for ever.
    let number: &'static str = "1".repeat(129).leak();
    let too_long = scene.spend(&pay(Supplier, 100, number, 0));
    scene.refuses(too_long, &[BORROWER], "ENCODING_TOO_LONG");
    scene.paid(&pay(Supplier, 100, &number[1..], 0));
    let unprintable = scene.spend(&pay(Supplier, 100, "a\nb", 0));
    scene.refuses(unprintable, &[BORROWER], "ENCODING_OUT_OF_RANGE");
}

#[test]
fn the_window_lies_within_the_validity() {
    let mut scene = Scene::new(1_000);
    let from = scene.world.now_ms + DAY_MS;
    let builder = scene.open(1_000, |terms| terms.valid_from_ms = from);
    scene.world.accept(builder, &[LENDER, BORROWER]);
    let early = scene.spend(&pay(Supplier, 100, "INV-1", 1));
    scene.refuses(early, &[BORROWER], "PURPOSE_NOT_YET");
    scene.world.now_ms = from;
    scene.paid(&pay(Supplier, 100, "INV-1", 1));
    // The fixture's windows are an hour long.
    let to = START_MS + 180 * DAY_MS;
    scene.world.now_ms = to - 3_600_000;
    scene.paid(&pay(Supplier, 100, "INV-2", 2));
    scene.world.now_ms = to - 3_599_999;
    let late = scene.spend(&pay(Supplier, 100, "INV-3", 3));
    scene.refuses(late, &[BORROWER], "PURPOSE_EXPIRED");
}

#[test]
fn a_payment_changes_nothing_but_what_it_says() {
    let payment = pay(Supplier, 100, "INV-1", 1);
    let mut scene = Scene::opened(1_000);
    let builder = scene.spend(&payment);
    let change = |change: &dyn Fn(&mut crate::Transaction), scene: &mut Scene, code: &str| {
        let mut transaction = builder.clone().build();
        change(&mut transaction);
        transaction = scene.world.rules().fill_claims(transaction, &scene.world.ledger).unwrap();
        let signed = World::sign(transaction, &[BORROWER]);
        let rejection = scene.world.submit_bytes(&signed.encode()).unwrap_err();
        assert_eq!(rejection.code, code, "{rejection}");
    };
    let (purpose, asset) = (scene.purpose, scene.world.asset());
    let to_other = token::holding_state(asset, unlisted(), minor(100));
    change(&|t| t.outputs[0] = to_other.clone(), &mut scene, "PURPOSE_VALUE_DIFFERS");
    let freed = token::holding_state(asset, BORROWER.address(), minor(900));
    change(&|t| t.outputs[1] = freed.clone(), &mut scene, "PURPOSE_VALUE_DIFFERS");
    let bound = token::held_state(Supplier.address(), Holding { asset, purpose: Some(purpose), amount: minor(100) });
    change(&|t| t.outputs[0] = bound.clone(), &mut scene, "PURPOSE_VALUE_DIFFERS");
    let untouched = purpose_state(&scene.purpose());
    change(&|t| t.outputs[2] = untouched.clone(), &mut scene, "PURPOSE_DIFFERS");
    let of_lender = |t: &mut crate::Transaction| t.outputs[3].owner = LENDER.address();
    change(&of_lender, &mut scene, "PURPOSE_DIFFERS");
    change(&|t| drop(t.outputs.remove(3)), &mut scene, "PURPOSE_DIFFERS");
    change(&|t| t.commands[1].name = "burn".to_owned(), &mut scene, "PURPOSE_COMMAND_UNKNOWN");
}
