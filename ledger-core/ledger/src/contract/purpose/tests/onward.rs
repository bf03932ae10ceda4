//! Value that stays bound in a payee's hands: passed on, refunded, returned.

use super::*;

/// A purpose of 1,000 whose value is passed on so often.
fn opened(depth: u32) -> Scene {
    let mut scene = Scene::new(1_000);
    let builder = scene.open(1_000, |terms| terms.onward_depth = depth);
    scene.world.accept(builder, &[LENDER, BORROWER]);
    scene
}

fn record(scene: &Scene, reference: StateRef) -> Spend {
    read_spend(&scene.world.state(reference)).unwrap()
}

/// The payee's one record.
fn record_of(scene: &Scene, payee: Who) -> StateRef {
    scene.find(|state| state.is(NAME, SPENT) && state.owner == payee.address())
}

fn who(address: Address) -> Who {
    [Supplier, Operator, Carrier, Relation, BORROWER].into_iter().find(|who| who.address() == address).unwrap()
}

/// The payee pays another out of its record.
pub(super) fn pass_on(scene: &mut Scene, out_of: StateRef, payment: &Payment) -> TransactionBuilder {
    let Payment { payee, amount, code, invoice, file, consents } = payment.clone();
    let parent = record(scene, out_of);
    let payer = who(parent.payee);
    let builder = scene.world.build(payer);
    let frame = builder.clone().build();
    let before = scene.purpose();
    let child = Spend {
        spend: crate::SpendId::derive(&frame.chain, &frame.command_id),
        payee: payee.address(),
        amount: minor(amount),
        refunded: Amount::ZERO,
        code: code.to_owned(),
        document: invoice.to_owned(),
        hop: parent.hop + 1,
        origin: Some(Origin { spend: parent.spend, payer: parent.payee }),
        passed_on: Amount::ZERO,
        returned: Amount::ZERO,
        ..parent.clone()
    };
    let purpose = Some(scene.purpose);
    let from = parent.is_bound(&before.terms).then_some(purpose).flatten();
    let to = child.is_bound(&before.terms).then_some(purpose).flatten();
    let mut builder = scene.moving(builder, (payer, from), (payee, to), amount);
    if file > 0 {
        builder = builder.attachment(EvidenceHash::from_bytes([file; 32]));
    }
    let after = before.clone().after_pass(parent.payee, payee.address(), minor(amount)).unwrap_or(before);
    let parent_after = parent.clone().after_pass(minor(amount)).unwrap_or(parent.clone());
    let command = wire::PurposePassOn {
        spend: parent.spend.to_vec(),
        payee: payee.address().to_vec(),
        amount,
        code: code.to_owned(),
        document: invoice.to_owned(),
        lender_consents: consents,
    };
    builder
        .input(scene.purpose_ref(scene.purpose))
        .input(out_of)
        .current(scene.record_of(payee))
        .output(purpose_state(&after))
        .output(spend_state(&parent_after))
        .output(spend_state(&child))
        .command(id(), PASS_ON, &command)
}

/// Passed on value goes back to who passed it on.
pub(super) fn refund_of_passed(
    scene: &mut Scene,
    reference: StateRef,
    parent: StateRef,
    amount: u64,
) -> TransactionBuilder {
    let (child, before) = (record(scene, reference), record(scene, parent));
    let (payee, payer, purpose) = (who(child.payee), who(before.payee), scene.purpose());
    let held = child.is_bound(&purpose.terms).then_some(scene.purpose);
    let builder = scene.world.build(payee);
    let builder = scene.moving(builder, (payee, held), (payer, Some(scene.purpose)), amount);
    let after = purpose.clone().after_refund(child.payee, Some(before.payee), minor(amount)).unwrap_or(purpose);
    let command = wire::PurposeRefund { spend: child.spend.to_vec(), amount };
    let child_after = child.clone().after_refund(minor(amount)).unwrap_or(child);
    builder
        .input(scene.purpose_ref(scene.purpose))
        .input(reference)
        .input(parent)
        .output(purpose_state(&after))
        .output(spend_state(&child_after))
        .output(spend_state(&before.clone().after_refund_of_passed(minor(amount)).unwrap_or(before)))
        .command(id(), REFUND, &command)
}

/// A payee's bound value goes back to the lender.
pub(super) fn give_back(scene: &mut Scene, submitter: Who, reference: StateRef, amount: u64) -> TransactionBuilder {
    let held = record(scene, reference);
    let builder = scene.world.build(submitter);
    let builder = scene.moving(builder, (who(held.payee), Some(scene.purpose)), (LENDER, None), amount);
    let before = scene.purpose();
    let after = before.clone().after_return_by(held.payee, minor(amount)).unwrap_or(before);
    let command = wire::PurposeReturn { purpose: scene.purpose.to_vec(), amount, spend: held.spend.to_vec() };
    builder
        .input(scene.purpose_ref(scene.purpose))
        .input(reference)
        .output(purpose_state(&after))
        .output(spend_state(&held.clone().after_return(minor(amount)).unwrap_or(held)))
        .command(id(), RETURN, &command)
}

/// Supplier paid 400, of which it passes 300 on to the operator, who passes 200 on to the carrier.
fn chained(depth: u32) -> Scene {
    let mut scene = opened(depth);
    let first = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    let builder = pass_on(&mut scene, first, &pay(Operator, 300, "INV-2", 2));
    scene.world.accept(builder, &[Supplier]);
    let second = record_of(&scene, Operator);
    let builder = pass_on(&mut scene, second, &pay(Carrier, 200, "INV-3", 3));
    scene.world.accept(builder, &[Operator]);
    scene
}

#[test]
fn value_travels_as_often_as_the_terms_say_and_is_free_then() {
    let scene = chained(2);
    let purpose = Some(scene.purpose);
    let bound = [BORROWER, Supplier, Operator, Carrier].map(|who| scene.balance(who, purpose));
    assert_eq!(bound, [600, 100, 100, 0]);
    assert_eq!(scene.balance(Carrier, None), 200);
    let spent = scene.purpose();
    assert_eq!([Supplier, Operator, Carrier].map(|who| spent.spent_at(&who.address()).minor()), [400, 300, 200]);
    assert_eq!(spent.spent_in_all().unwrap().minor(), 400);
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn free_value_is_not_passed_on_or_returned() {
    let mut scene = opened(0);
    let first = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    let builder = pass_on(&mut scene, first, &pay(Operator, 300, "INV-2", 2));
    scene.refuses(builder, &[Supplier], "PURPOSE_NOT_BOUND");
    let builder = give_back(&mut scene, Supplier, first, 100);
    scene.refuses(builder, &[Supplier], "PURPOSE_NOT_BOUND");
    let mut scene = chained(2);
    let last = record_of(&scene, Carrier);
    let builder = pass_on(&mut scene, last, &pay(Supplier, 10, "INV-4", 4));
    scene.refuses(builder, &[Carrier], "PURPOSE_NOT_BOUND");
}

#[test]
fn what_is_passed_on_keeps_to_the_same_rules() {
    let mut scene = opened(1);
    let first = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    let check = |scene: &mut Scene, payment: Payment, signers: &[Who], code: &str| {
        let builder = pass_on(scene, first, &payment);
        scene.refuses(builder, signers, code);
    };
    let plain = pay(Operator, 300, "INV-2", 2);
    check(&mut scene, plain.clone(), &[BORROWER], "AUTHORITY_SIGNATURES_MISSING");
    check(&mut scene, Payment { payee: Trader, ..plain.clone() }, &[Supplier], "PURPOSE_PAYEE");
    check(&mut scene, Payment { payee: BORROWER, ..plain.clone() }, &[Supplier], "PURPOSE_PAYEE");
    check(&mut scene, Payment { payee: Supplier, ..plain.clone() }, &[Supplier], "PURPOSE_PAYS_ITSELF");
    check(&mut scene, Payment { code: "vehicle", ..plain.clone() }, &[Supplier], "PURPOSE_CODE");
    check(&mut scene, Payment { file: 0, ..plain.clone() }, &[Supplier], "PURPOSE_DOCUMENT_MISSING");
    check(&mut scene, Payment { file: 1, ..plain.clone() }, &[Supplier], "PURPOSE_DOCUMENT_USED");
    check(&mut scene, Payment { amount: 0, ..plain.clone() }, &[Supplier], "PURPOSE_ZERO");
    check(&mut scene, Payment { amount: 401, ..plain.clone() }, &[Supplier], "PURPOSE_VALUE_DIFFERS");
    let to_relation = Payment { payee: Relation, ..plain.clone() };
    check(&mut scene, to_relation.clone(), &[Supplier], "PURPOSE_RELATED_PARTY");
    let with_consent = Payment { consents: true, ..to_relation };
    check(&mut scene, with_consent.clone(), &[Supplier], "AUTHORITY_SIGNATURES_MISSING");
    let builder = pass_on(&mut scene, first, &with_consent);
    scene.world.accept(builder, &[Supplier, LENDER]);
    let end_ms = START_MS + 180 * DAY_MS;
    scene.world.now_ms = end_ms - 1_000;
    let first = record_of(&scene, Supplier);
    let builder = pass_on(&mut scene, first, &Payment { invoice: "INV-5", file: 5, amount: 10, ..plain });
    scene.refuses(builder, &[Supplier], "PURPOSE_EXPIRED");
}

#[test]
fn a_payees_cap_counts_whatever_hop_it_is_paid_by() {
    let mut scene = Scene::new(1_000);
    let builder = scene.open(1_000, |terms| {
        terms.onward_depth = 1;
        terms.payee_role_cap = Some(minor(150));
        terms.cap = minor(500);
    });
    scene.world.accept(builder, &[LENDER, BORROWER]);
    scene.paid(&pay(Carrier, 100, "INV-1", 1));
    scene.paid(&pay(Supplier, 400, "INV-2", 2));
    let first = record_of(&scene, Supplier);
    let builder = pass_on(&mut scene, first, &pay(Carrier, 51, "INV-3", 3));
    scene.refuses(builder, &[Supplier], "PURPOSE_PAYEE_CAP");
    // The purpose's own cap is reached by the borrower's payments; passing on spends nothing more.
    let more = scene.spend(&pay(Operator, 1, "INV-4", 4));
    scene.refuses(more, &[BORROWER], "PURPOSE_CAP");
    let builder = pass_on(&mut scene, first, &pay(Carrier, 50, "INV-3", 3));
    scene.world.accept(builder, &[Supplier]);
}

#[test]
fn refunds_go_back_hop_by_hop() {
    let mut scene = chained(2);
    let [first, second, third] = [Supplier, Operator, Carrier].map(|who| record_of(&scene, who));
    let builder = refund_of_passed(&mut scene, third, second, 201);
    assert_eq!(scene.world.refuse(builder, &[Carrier]), "PURPOSE_VALUE_DIFFERS");
    let wrong_parent = refund_of_passed(&mut scene, third, first, 50);
    scene.refuses(wrong_parent, &[Carrier, Supplier], "PURPOSE_PARENT_NOT_CONSUMED");
    let mut without_parent = refund_of_passed(&mut scene, third, second, 50).build();
    without_parent.inputs.retain(|input| *input != second);
    let signed = World::sign(without_parent, &[Carrier]);
    assert_eq!(scene.world.submit_bytes(&signed.encode()).unwrap_err().code, "PURPOSE_PARENT_NOT_CONSUMED");
    let builder = refund_of_passed(&mut scene, third, second, 200);
    assert_eq!(scene.world.refuse(builder.clone(), &[Operator]), "AUTHORITY_SIGNATURES_MISSING");
    scene.world.accept(builder, &[Carrier]);
    let second = record_of(&scene, Operator);
    let builder = refund_of_passed(&mut scene, second, first, 300);
    scene.world.accept(builder, &[Operator]);
    let first = record_of(&scene, Supplier);
    let builder = scene.refund(first, 400);
    scene.world.accept(builder, &[Supplier]);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 1_000);
    assert!(scene.purpose().spent.is_empty());
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn what_was_passed_on_is_not_refunded_twice() {
    let mut scene = chained(2);
    let first = record_of(&scene, Supplier);
    let builder = scene.refund(first, 101);
    scene.refuses(builder, &[Supplier], "PURPOSE_VALUE_DIFFERS");
    // Even where the payee has as much bound from elsewhere, the record keeps count.
    let more = scene.paid(&pay(Supplier, 300, "INV-9", 9));
    let builder = scene.refund(first, 101);
    scene.refuses(builder, &[Supplier], "AMOUNT_INSUFFICIENT");
    let builder = scene.refund(more, 300);
    scene.world.accept(builder, &[Supplier]);
}

#[test]
fn after_the_end_bound_value_returns_from_every_holder() {
    let mut scene = chained(3);
    let holders = [Supplier, Operator, Carrier];
    let records = holders.map(|who| record_of(&scene, who));
    let by_payee = give_back(&mut scene, Supplier, records[0], 40);
    scene.refuses(by_payee.clone(), &[BORROWER], "AUTHORITY_SIGNATURES_MISSING");
    scene.world.accept(by_payee, &[Supplier]);
    let by_lender = give_back(&mut scene, LENDER, records[1], 100);
    scene.refuses(by_lender, &[LENDER], "AUTHORITY_SIGNATURES_MISSING");
    scene.world.now_ms = START_MS + 180 * DAY_MS;
    for (payee, amount) in [(Supplier, 60), (Operator, 100), (Carrier, 200)] {
        let reference = record_of(&scene, payee);
        let builder = give_back(&mut scene, LENDER, reference, amount + 1);
        scene.refuses(builder, &[LENDER], "PURPOSE_VALUE_DIFFERS");
        let builder = give_back(&mut scene, LENDER, reference, amount);
        scene.world.accept(builder, &[LENDER]);
    }
    let rest = scene.give_back(LENDER, 600);
    scene.world.accept(rest, &[LENDER]);
    assert_eq!(scene.balance(LENDER, None), 1_000);
    let purpose = scene.purpose();
    assert_eq!((purpose.returned, purpose.balance().unwrap()), (minor(1_000), Amount::ZERO));
    assert_eq!(purpose.spent_in_all().unwrap(), Amount::ZERO);
}

#[test]
fn records_are_consumed_with_their_own_purpose() {
    let mut scene = chained(2);
    let first = record_of(&scene, Supplier);
    let strip = |scene: &mut Scene, builder: TransactionBuilder, signers: &[Who], code: &str| {
        let mut transaction = builder.build();
        transaction.inputs.retain(|input| *input != first);
        let signed = World::sign(transaction, signers);
        assert_eq!(scene.world.submit_bytes(&signed.encode()).unwrap_err().code, code);
    };
    let builder = pass_on(&mut scene, first, &pay(Operator, 10, "INV-7", 7));
    strip(&mut scene, builder, &[Supplier, BORROWER], "PURPOSE_RECORD_NOT_CONSUMED");
    let builder = give_back(&mut scene, Supplier, first, 10);
    strip(&mut scene, builder, &[Supplier, BORROWER], "PURPOSE_RECORD_NOT_CONSUMED");
    let builder = scene.refund(first, 10);
    strip(&mut scene, builder, &[Supplier, BORROWER], "PURPOSE_RECORD_NOT_CONSUMED");
    let second = record_of(&scene, Operator);
    let two = pass_on(&mut scene, first, &pay(Operator, 10, "INV-7", 7)).input(second);
    scene.refuses(two, &[Supplier, Operator], "PURPOSE_RECORD_NOT_CONSUMED");
    let mut other = give_back(&mut scene, Supplier, first, 10).build();
    let command = wire::PurposeReturn { purpose: vec![9; 32], amount: 10, spend: record(&scene, first).spend.to_vec() };
    let place = other.commands.iter().position(|command| command.name == RETURN).unwrap();
    other.commands[place].arguments = prost::Message::encode_to_vec(&command);
    let signed = World::sign(other, &[Supplier]);
    assert_eq!(scene.world.submit_bytes(&signed.encode()).unwrap_err().code, "PURPOSE_NOT_CONSUMED");
}
