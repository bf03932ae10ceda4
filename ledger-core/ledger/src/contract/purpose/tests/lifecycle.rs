//! Opening, binding, freeing, refunding and returning.

use super::*;

fn check_open(change: impl Fn(&mut PurposeTerms), signers: &[Who], expected: Result<(), &str>) {
    let mut scene = Scene::new(1_000);
    let builder = scene.open(600, change);
    let result = scene.world.submit(builder, signers).map(|_| ()).map_err(|rejection| rejection.code);
    assert_eq!(result, expected.map_err(str::to_owned));
}

#[test]
fn purposes_are_opened_on_sound_terms_by_both() {
    let both = [LENDER, BORROWER];
    check_open(|_| {}, &both, Ok(()));
    check_open(|_| {}, &[LENDER], Err("AUTHORITY_SIGNATURES_MISSING"));
    check_open(|terms| terms.purpose = PurposeId::default(), &both, Err("PURPOSE_ID_DIFFERS"));
    check_open(|terms| terms.codes.clear(), &both, Err("PURPOSE_CODES_MISSING"));
    check_open(|terms| terms.codes.insert(0, String::new()), &both, Err("PURPOSE_CODES_MISSING"));
    check_open(
        |terms| {
            terms.payees.clear();
            terms.payee_role.clear();
            terms.payee_role_cap = None;
        },
        &both,
        Err("PURPOSE_PAYEES_MISSING"),
    );
    check_open(|terms| terms.payee_role.clear(), &both, Err("PURPOSE_ROLE_CAP_WITHOUT_ROLE"));
    check_open(|terms| terms.cap = Amount::ZERO, &both, Err("PURPOSE_CAP_ZERO"));
    check_open(|terms| terms.valid_from_ms = terms.valid_to_ms, &both, Err("PURPOSE_ENDS_BEFORE_BEGIN"));
    check_open(|terms| terms.onward_depth = 8, &both, Ok(()));
    check_open(|terms| terms.onward_depth = 9, &both, Err("PURPOSE_DEPTH_EXCEEDED"));
    check_open(|terms| terms.borrower_controller.clear(), &both, Err("PURPOSE_CONTROLLER_DIFFERS"));
    check_open(
        |terms| terms.payees.iter_mut().for_each(|payee| payee.controller.clear()),
        &both,
        Err("PURPOSE_CONTROLLER_DIFFERS"),
    );
    check_open(
        |terms| terms.payees = vec![Payee { party: terms.borrower, ..terms.payees[0].clone() }],
        &both,
        Err("PURPOSE_BORROWER_IS_PAYEE"),
    );
    check_open(|terms| terms.lender = terms.borrower, &both, Err("PURPOSE_LENDER_IS_BORROWER"));
    check_open(|terms| terms.valid_to_ms = START_MS + 1_000, &both, Err("PURPOSE_EXPIRED"));
    check_open(|terms| terms.payees.reverse(), &both, Err("ENCODING_UNORDERED"));
}

#[test]
fn controllers_are_read_from_the_registered_records() {
    let mut scene = Scene::new(1_000);
    let mut transaction = scene.open(600, |_| {}).build();
    transaction.references.pop();
    let rejection = scene.world.submit_bytes(&World::sign(transaction, &[LENDER, BORROWER]).encode()).unwrap_err();
    assert_eq!(rejection.code, "PURPOSE_RECORD_MISSING");
}

#[test]
fn freshly_issued_tokens_are_bound_at_once() {
    let mut scene = Scene::new(1_000);
    let opened = scene.open(500, |_| {}).build();
    let mut builder = scene.world.build(LENDER).current(scene.definition);
    let purpose = PurposeId::derive(&opened.chain, &builder.clone().build().command_id);
    for reference in opened.references {
        builder = builder.current(reference.state);
    }
    let command = scene.world.issue_command(500, "loan 1");
    let builder = builder
        .output(scene.holding(BORROWER, Some(purpose), 500))
        .output(purpose_state(&Purpose::opened(scene.terms(purpose), minor(500))))
        .command(ContractId::built_in(token::NAME), token::ISSUE, &command)
        .command(id(), OPEN, &wire::PurposeOpen { amount: 500 });
    let refused = scene.world.refuse(builder.clone(), &[BankA, LENDER, BORROWER]);
    assert_eq!(refused, "AUTHORITY_SIGNATURES_MISSING");
    scene.world.accept(builder, &[BankA, Attestor, LENDER, BORROWER]);
    assert_eq!(scene.balance(BORROWER, Some(purpose)), 500);
    assert_eq!(scene.balance(LENDER, None), 1_000);
}

/// Binds from free tokens or another purpose, or frees.
fn rebind(scene: &mut Scene, name: &str, amount: u64, from: Option<PurposeId>) -> TransactionBuilder {
    let builder = scene.world.build(LENDER);
    let target = (BORROWER, Some(scene.purpose));
    let purpose = scene.purpose.to_vec();
    let before = scene.purpose();
    let builder = match (name, from) {
        (BIND, None) => scene.moving(builder, (LENDER, None), target, amount),
        (BIND, Some(other)) => scene.moving(builder, (BORROWER, Some(other)), target, amount),
        _ => scene.moving(builder, target, (BORROWER, None), amount),
    };
    let mut builder = builder.input(scene.purpose_ref(scene.purpose));
    let amount_bound = minor(amount);
    if name != BIND {
        let after = before.after_unbind(amount_bound).unwrap();
        let command = wire::PurposeUnbind { purpose, amount };
        return builder.output(purpose_state(&after)).command(id(), UNBIND, &command);
    }
    builder = builder.output(purpose_state(&before.after_bind(amount_bound).unwrap()));
    if let Some(other) = from {
        let reference = scene.purpose_ref(other);
        let other = read_purpose(&scene.world.state(reference)).unwrap();
        let after = other.clone().after_unbind(amount_bound).unwrap_or(other);
        builder = builder.input(reference).output(purpose_state(&after));
    }
    let from = from.map(|other| other.to_vec()).unwrap_or_default();
    builder.command(id(), BIND, &wire::PurposeBind { purpose, amount, from })
}

#[test]
fn the_lender_binds_more_and_frees() {
    let mut scene = Scene::new(1_000);
    let builder = scene.open(600, |_| {});
    scene.world.accept(builder, &[LENDER, BORROWER]);
    let more = rebind(&mut scene, BIND, 300, None);
    assert_eq!(scene.world.refuse(more.clone(), &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");
    assert_eq!(scene.world.refuse(more.clone(), &[BORROWER]), "AUTHORITY_SIGNATURES_MISSING");
    scene.world.accept(more, &[LENDER, BORROWER]);
    assert_eq!(scene.balance(BORROWER, Some(scene.purpose)), 900);
    let less = rebind(&mut scene, UNBIND, 200, None);
    assert_eq!(scene.world.refuse(less.clone(), &[BORROWER]), "AUTHORITY_SIGNATURES_MISSING");
    scene.world.accept(less, &[LENDER, BORROWER]);
    assert_eq!((scene.balance(BORROWER, Some(scene.purpose)), scene.balance(BORROWER, None)), (700, 200));
    assert_eq!(scene.purpose().disbursed.minor(), 700);
    let nothing = rebind(&mut scene, BIND, 0, None);
    assert_eq!(scene.world.refuse(nothing, &[LENDER, BORROWER]), "PURPOSE_ZERO");
    scene.world.now_ms = START_MS + 180 * DAY_MS;
    for name in [BIND, UNBIND] {
        let late = rebind(&mut scene, name, 50, None);
        assert_eq!(scene.world.refuse(late, &[LENDER, BORROWER]), "PURPOSE_EXPIRED");
    }
}

#[test]
fn value_moves_between_purposes_of_the_same_parties() {
    let mut scene = Scene::new(1_000);
    let builder = scene.open(600, |_| {});
    scene.world.accept(builder, &[LENDER, BORROWER]);
    let first = scene.purpose;
    let builder = scene.open(400, |terms| terms.codes = vec!["vehicle".to_owned()]);
    scene.world.accept(builder, &[LENDER, BORROWER]);
    let moved = rebind(&mut scene, BIND, 100, Some(first));
    assert_eq!(scene.world.refuse(moved.clone(), &[BORROWER]), "AUTHORITY_SIGNATURES_MISSING");
    scene.world.accept(moved, &[LENDER, BORROWER]);
    let second = scene.purpose;
    assert_eq!([first, second].map(|purpose| scene.balance(BORROWER, Some(purpose))), [500, 500]);
    let too_much = rebind(&mut scene, BIND, 501, Some(first));
    assert_eq!(scene.world.refuse(too_much, &[LENDER, BORROWER]), "PURPOSE_VALUE_DIFFERS");
    let mut without_source = rebind(&mut scene, BIND, 100, Some(first)).build();
    without_source.inputs.pop();
    let signed = World::sign(without_source, &[LENDER, BORROWER]);
    assert_eq!(scene.world.submit_bytes(&signed.encode()).unwrap_err().code, "PURPOSE_BIND_STATES");
}

#[test]
fn refunds_restore_the_same_purpose_up_to_what_was_paid() {
    let mut scene = Scene::opened(1_000);
    let record = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    let refund = scene.refund(record, 150);
    assert_eq!(scene.world.refuse(refund.clone(), &[BORROWER]), "AUTHORITY_SIGNATURES_MISSING");
    let id = scene.world.accept(refund, &[Supplier]);
    assert_eq!((scene.balance(BORROWER, Some(scene.purpose)), scene.balance(Supplier, None)), (750, 250));
    let record = StateRef { transaction: id, index: 3 };
    assert_eq!(read_spend(&scene.world.state(record)).unwrap().refunded.minor(), 150);
    scene.world.issue(scene.definition, Supplier, 500);
    let too_much = scene.refund(record, 251);
    assert_eq!(scene.world.refuse(too_much, &[Supplier]), "AMOUNT_INSUFFICIENT");
    // Refunds are possible after the end; then they return to the lender.
    scene.world.now_ms = START_MS + 181 * DAY_MS;
    let rest = scene.refund(record, 250);
    scene.world.accept(rest, &[Supplier]);
    assert!(scene.purpose().spent.is_empty());
}

#[test]
fn a_refund_is_bound_again_and_goes_to_the_borrower() {
    let mut scene = Scene::opened(1_000);
    let record = scene.paid(&pay(Supplier, 400, "INV-1", 1));
    let elsewhere = |scene: &mut Scene, owner, purpose| {
        let mut transaction = scene.refund(record, 100).build();
        transaction.outputs[0] = scene.holding(owner, purpose, 100);
        scene.world.submit_bytes(&World::sign(transaction, &[Supplier]).encode()).map_err(|rejection| rejection.code)
    };
    let (purpose, differs) = (scene.purpose, "PURPOSE_VALUE_DIFFERS".to_owned());
    assert_eq!(elsewhere(&mut scene, BORROWER, None), Err(differs.clone()));
    assert_eq!(elsewhere(&mut scene, Operator, Some(purpose)), Err(differs.clone()));
    assert_eq!(elsewhere(&mut scene, BORROWER, Some(PurposeId::default())), Err(differs));
    assert!(elsewhere(&mut scene, BORROWER, Some(purpose)).is_ok());
}

#[test]
fn unspent_value_returns_to_the_lender() {
    let mut scene = Scene::opened(1_000);
    let by_borrower = scene.give_back(BORROWER, 100);
    scene.world.accept(by_borrower, &[BORROWER]);
    let by_lender = scene.give_back(LENDER, 100);
    assert_eq!(scene.world.refuse(by_lender, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");
    let too_much = scene.give_back(BORROWER, 901);
    assert_eq!(scene.world.refuse(too_much, &[BORROWER]), "PURPOSE_VALUE_DIFFERS");
    scene.world.now_ms = START_MS + 180 * DAY_MS - 1;
    let early = scene.give_back(LENDER, 100);
    assert_eq!(scene.world.refuse(early, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");
    scene.world.now_ms = START_MS + 180 * DAY_MS;
    let stranger = scene.give_back(Supplier, 100);
    assert_eq!(scene.world.refuse(stranger, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let ended = scene.give_back(LENDER, 100);
    scene.world.accept(ended, &[LENDER]);
    let rest = scene.give_back(BORROWER, 800);
    scene.world.accept(rest, &[BORROWER]);
    assert_eq!((scene.balance(LENDER, None), scene.purpose().returned.minor()), (1_000, 1_000));
}

#[test]
fn a_lender_takes_back_what_is_bound_and_nothing_else() {
    let mut scene = Scene::opened(1_000);
    scene.world.issue(scene.definition, BORROWER, 500);
    scene.world.now_ms = START_MS + 180 * DAY_MS;
    let free = scene.held(BORROWER, None)[0].0;
    let mut transaction = scene.give_back(LENDER, 1_000).build();
    transaction.inputs.push(free);
    transaction.outputs.push(scene.holding(LENDER, None, 500));
    let rejection = scene.world.submit_bytes(&World::sign(transaction, &[LENDER]).encode()).unwrap_err();
    assert_eq!(rejection.code, "AUTHORITY_SIGNATURES_MISSING");
    let mut transaction = scene.give_back(LENDER, 1_000).build();
    transaction.outputs[0] = scene.holding(Trader, None, 1_000);
    let rejection = scene.world.submit_bytes(&World::sign(transaction, &[LENDER]).encode()).unwrap_err();
    assert_eq!(rejection.code, "PURPOSE_VALUE_DIFFERS");
}

#[test]
fn bound_value_moves_by_its_purpose_alone() {
    let mut scene = Scene::opened(1_000);
    let (reference, amount) = scene.held(BORROWER, Some(scene.purpose))[0];
    let transfer = |scene: &mut Scene, outputs: &[State]| {
        let builder = scene.world.build(BORROWER).input(reference);
        let builder = outputs.iter().cloned().fold(builder, TransactionBuilder::output);
        builder.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
    };
    let freed = scene.holding(BORROWER, None, amount);
    let builder = transfer(&mut scene, &[freed]);
    scene.refuses(builder, &[BORROWER], "TOKEN_PURPOSE_BOUND");
    let of_other = scene.holding(Supplier, Some(scene.purpose), amount);
    let builder = transfer(&mut scene, &[of_other]);
    scene.refuses(builder, &[BORROWER], "TOKEN_PURPOSE_BOUND");
    let elsewhere = scene.holding(BORROWER, Some(PurposeId::default()), amount);
    let builder = transfer(&mut scene, &[elsewhere]);
    scene.refuses(builder, &[BORROWER], "TOKEN_PURPOSE_BOUND");
    let redeem = wire::TokenRedeem { asset: scene.world.asset().to_vec(), amount, reference: "payout".to_owned() };
    let builder = scene.world.build(BORROWER).current(scene.definition).input(reference);
    let builder = builder.command(ContractId::built_in(token::NAME), token::REDEEM, &redeem);
    scene.refuses(builder, &[BORROWER, BankA], "TOKEN_PURPOSE_BOUND");
    let parts = [300, 700].map(|part| scene.holding(BORROWER, Some(scene.purpose), part));
    let builder = transfer(&mut scene, &parts);
    scene.world.accept(builder, &[BORROWER]);
    assert_eq!(scene.held(BORROWER, Some(scene.purpose)).len(), 2);
}

#[test]
fn commands_are_for_the_states_that_they_name() {
    let mut scene = Scene::opened(1_000);
    let both = [LENDER, BORROWER, Supplier];
    let strip = |scene: &mut Scene, builder: TransactionBuilder, wanted: &dyn Fn(&State) -> bool| {
        let mut transaction = builder.build();
        transaction.inputs.retain(|input| !wanted(&scene.world.state(*input)));
        let transaction =
            scene.world.rules().fill_claims(transaction.clone(), &scene.world.ledger).unwrap_or(transaction);
        scene.world.submit_bytes(&World::sign(transaction, &both).encode()).unwrap_err().code
    };
    let is_purpose = |state: &State| state.is(NAME, PURPOSE);
    let spend = scene.spend(&pay(Supplier, 100, "INV-1", 1));
    assert_eq!(strip(&mut scene, spend, &is_purpose), "PURPOSE_NOT_CONSUMED");
    let back = scene.give_back(BORROWER, 100);
    assert_eq!(strip(&mut scene, back, &is_purpose), "PURPOSE_NOT_CONSUMED");
    let before = scene.purpose_ref(scene.purpose);
    let opening = scene.world.build(LENDER).input(before).output(purpose_state(&scene.purpose()));
    let opening = opening.command(id(), OPEN, &wire::PurposeOpen { amount: 1 });
    scene.refuses(opening, &both, "PURPOSE_OPEN_STATES");
}

#[test]
fn value_does_not_move_between_purposes_of_others() {
    let mut scene = Scene::opened(500);
    let first = scene.purpose;
    scene.world.issue(scene.definition, LENDER, 500);
    let builder = scene.open(400, |terms| terms.borrower_controller.clear());
    let mut transaction = builder.build();
    // The second purpose is the supplier's, whose record has no controller.
    let place = transaction.outputs.iter().position(|state| state.is(NAME, PURPOSE)).unwrap();
    let mut terms = read_purpose(&transaction.outputs[place]).unwrap().terms;
    terms.borrower = Supplier.address();
    terms.payees.retain(|payee| payee.party != Supplier.address());
    transaction.outputs[place] = purpose_state(&Purpose::opened(terms, minor(400)));
    transaction.outputs[0] = scene.holding(Supplier, Some(scene.purpose), 400);
    let signed = World::sign(transaction, &[LENDER, Supplier]);
    scene.world.submit_bytes(&signed.encode()).unwrap();
    let builder = rebind(&mut scene, BIND, 100, Some(first));
    scene.refuses(builder, &[LENDER, BORROWER, Supplier], "PURPOSE_BIND_PARTIES");
}

/// A borrower does not pay what it owes its lender with the lender's own money on its way back.
#[test]
fn what_returns_to_a_lender_pays_no_debt() {
    let mut scene = Scene::opened(1_000);
    let debt = scene.world.owe(BORROWER, LENDER, 100);
    let builder = debt.settled_beside(scene.give_back(BORROWER, 100));
    scene.refuses(builder, &[BORROWER], "PAYMENT_DIFFERS");
    let builder = scene.give_back(BORROWER, 100);
    scene.world.accept(builder, &[BORROWER]);
}
