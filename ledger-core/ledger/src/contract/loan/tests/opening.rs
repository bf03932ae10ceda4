//! Which loans are opened, and how they are disbursed.

use super::*;

#[test]
fn a_loan_is_opened_and_disbursed_in_one_transaction() {
    for signers in [[LENDER, BankA], [BORROWER, BankA]] {
        let mut scene = Scene::with(1_000_000);
        let builder = scene.opening("L-1", bullet(), |_| {});
        assert_eq!(scene.world.refuse(builder, &signers), "AUTHORITY_SIGNATURES_MISSING");
    }
    let mut scene = Scene::with(1_000_000);
    let builder = scene.opening("L-1", bullet(), |_| {});
    let less = builder.clone().changed(|transaction| {
        transaction.outputs[0] = scene.world.holding(BORROWER, 299_999);
        transaction.outputs[1] = scene.world.holding(LENDER, 700_001);
    });
    assert_eq!(scene.world.refuse(less, &BOTH), "PAYMENT_DIFFERS");
    let unpaid = builder.clone().changed(|transaction| {
        transaction.inputs.clear();
        transaction.outputs.drain(..2);
        transaction.commands.retain(|command| command.contract == id());
    });
    assert_eq!(scene.world.refuse(unpaid, &BOTH), "PAYMENT_MISSING");
    let opened = scene.world.accept(builder, &BOTH);
    scene.loan = last(&scene.world, opened);
    let loan = scene.read();
    assert_eq!((loan.disbursed(), loan.carried_out, loan.due), (Ok(minor(300_000)), 1, Parts::default()));
    assert_eq!(scene.world.state(scene.loan).owner, LENDER.address());
    assert!(scene.world.state(scene.loan).is_seen_by(&BORROWER.address()));
    let is_its_own =
        loan.loan != ObligationId::derive(&scene.world.ledger.chain(), &scene.world.build(LENDER).build().command_id);
    assert!(is_its_own && scene.replays());
}

/// Of one command, an obligation and a loan have different ids, as a pledge names either.
#[test]
fn a_loan_has_no_obligations_id() {
    let transaction = World::new().build(LENDER).build();
    let ids = [ObligationId::of_loan, ObligationId::derive].map(|id| id(&transaction.chain, &transaction.command_id));
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn loans_that_are_not_sound_are_refused() {
    type Change = fn(&mut Loan);
    let changes: [(Change, &str); 14] = [
        (|loan| loan.loan = ObligationId::default(), "LOAN_ID_DIFFERS"),
        (|loan| loan.borrower = LENDER.address(), "LOAN_LENDER_IS_BORROWER"),
        (|loan| loan.originator = BankA.address(), "LOAN_ORIGINATOR_DIFFERS"),
        (|loan| loan.number = String::new(), "LOAN_NUMBER_MISSING"),
        (|loan| loan.document = EvidenceHash::default(), "LOAN_DOCUMENT_NOT_ATTACHED"),
        (|loan| loan.asset = AssetId::default(), "LOAN_DEFINITION_NOT_READ"),
        (|loan| loan.scale = Scale::new(3).unwrap(), "LOAN_SCALE_DIFFERS"),
        (|loan| loan.as_of = date("2026-03-02"), "LOAN_NEW_DIFFERS"),
        (|loan| loan.carried_out = 0, "LOAN_NEW_DIFFERS"),
        (|loan| loan.due = parts(0, 0, 1), "LOAN_NEW_DIFFERS"),
        (|loan| loan.paid = parts(0, 0, 1), "LOAN_NEW_DIFFERS"),
        (|loan| loan.prepayments = vec![Prepayment { on: loan.as_of, amount: minor(1) }], "LOAN_NEW_DIFFERS"),
        (|loan| loan.rates = vec![Rate { on: loan.as_of, value: Some((minor(1), loan.scale)) }], "LOAN_NEW_DIFFERS"),
        (|loan| loan.terms = terms(&[]), "LOAN_CURRENCY_DIFFERS"),
    ];
    for (change, code) in changes {
        let mut scene = Scene::with(1_000_000);
        let builder = scene.opening("L-1", bullet(), change);
        assert_eq!(scene.world.refuse(builder, &BOTH), code);
    }
    let mut scene = Scene::with(1_000_000);
    let sound = scene.opening("L-1", bullet(), |_| {});
    let twice = sound.clone().changed(|transaction| transaction.outputs.push(transaction.outputs[2].clone()));
    assert_eq!(scene.world.refuse(twice, &BOTH), "LOAN_OPEN_STATES");
    let hidden = sound.clone().changed(|transaction| transaction.outputs[2].participants.clear());
    assert_eq!(scene.world.refuse(hidden, &BOTH), "LOAN_FRAME_DIFFERS");
    let locked = sound.changed(|transaction| {
        let lock = crate::contract::title::offer_lock(&transaction.chain, &Default::default(), BankA.address(), 1);
        transaction.outputs[2].locks = vec![lock];
    });
    assert_eq!(scene.world.refuse(locked, &BOTH), "DEBT_LOCKED");
}

/// The code that refuses a loan of the bullet's terms, changed; none where it is opened.
fn refused(changes: &[(&str, &str)]) -> Option<String> {
    let mut scene = Scene::with(1_000_000);
    let builder = scene.opening("L-1", with(bullet(), changes), |_| {});
    scene.world.submit(builder, &BOTH).err().map(|rejection| rejection.code)
}

#[test]
fn terms_that_a_ledger_does_not_carry_out_are_refused() {
    let cases: [Case; 20] = [
        (&[], None),
        (&[("penaltyType", "A")], Some("LOAN_TERM_NOT_CARRIED_OUT")),
        (&[("gracePeriod", "P3D")], Some("LOAN_TERM_NOT_CARRIED_OUT")),
        (&[("contractType", "UMP")], Some("LOAN_TYPE_NOT_CARRIED_OUT")),
        (&[("contractType", "CLM")], Some("LOAN_TYPE_NOT_CARRIED_OUT")),
        (&[("contractType", "LAM"), ("cycleOfPrincipalRedemption", "P1ML1")], None),
        (&[("contractRole", "RPL")], Some("LOAN_ROLE_DIFFERS")),
        (&[("currency", "CNY")], Some("LOAN_CURRENCY_DIFFERS")),
        (&[("initialExchangeDate", "2026-03-02")], Some("LOAN_EXCHANGE_ON_OTHER_DAY")),
        (&[("notionalPrincipal", "0")], Some("LOAN_NOTHING_LENT")),
        // Something is paid out as a premium, and nothing is ever owed for it.
        (&[("notionalPrincipal", "0"), ("premiumDiscountAtIED", "3000")], Some("LOAN_NOTHING_OWED")),
        (&[("notionalPrincipal", "3000.001")], Some("LOAN_AMOUNT_NOT_EXACT")),
        (&[("premiumDiscountAtIED", "-25.5")], None),
        (&[("statusDate", "2026-03-01")], Some("LOAN_BEFORE_EXCHANGE")),
        (&[("maturityDate", "2036-03-01"), ("cycleOfInterestPayment", "P3DL1")], Some("ACTUS_TOO_MANY_EVENTS")),
        (&[("maturityDate", "2026-09-01T12:00")], Some("LOAN_TIME_OF_DAY")),
        (&[("nominalInterestRate", "-0.01")], Some("LOAN_TERM_NEGATIVE")),
        (&[("accruedInterest", "-1")], Some("LOAN_TERM_NEGATIVE")),
        (&[("feeRate", "-1"), ("feeBasis", "A")], Some("LOAN_TERM_NEGATIVE")),
        (&[("feeAccrued", "-0.5")], Some("LOAN_TERM_NEGATIVE")),
    ];
    for (changes, code) in cases {
        assert_eq!(refused(changes).as_deref(), code, "{changes:?}");
    }
    assert_eq!(refused(&[("maturityDate", "2026-01-01")]).as_deref(), Some("ACTUS_ORDER"));
    assert_eq!(refused(&[("dayCountConvention", "")]).as_deref(), Some("ACTUS_MISSING"));
}

#[test]
fn a_loan_counts_from_the_last_day_of_its_window() {
    let mut scene = Scene::with(1_000_000);
    let tomorrow = scene.opening("L-1", bullet(), |_| {}).changed(|transaction| {
        transaction.time_window.until_ms += 86_400_000;
    });
    assert_eq!(scene.world.refuse(tomorrow, &BOTH), "LOAN_DATE_DIFFERS");
    let until_midnight = scene.opening("L-1", bullet(), |_| {}).changed(|transaction| {
        transaction.time_window.until_ms = START_MS + 86_400_000;
    });
    scene.world.accept(until_midnight, &BOTH);
}

/// Principal in two steps, 500.00 and then 700.00 a month, by arrays.
#[test]
fn arrays_are_terms_of_several_values() {
    let array =
        |name: &str, values: [&str; 2]| Term { name: name.to_owned(), values: values.map(str::to_owned).to_vec() };
    let stepped = |direction| {
        let mut terms = with(bullet(), &[("contractType", "LAX")]);
        terms.push(array("arrayCycleAnchorDateOfPrincipalRedemption", ["2026-04-01", "2026-06-01"]));
        terms.push(array("arrayCycleOfPrincipalRedemption", ["P1ML1", "P1ML1"]));
        terms.push(array("arrayIncreaseDecrease", [direction, "DEC"]));
        terms.push(array("arrayNextPrincipalRedemptionPayment", ["500", "700"]));
        terms.sort_by(|one, other| one.name.cmp(&other.name));
        terms
    };
    let mut scene = Scene::with(1_000_000);
    let drawing = scene.opening("L-1", stepped("INC"), |_| {});
    assert_eq!(scene.world.refuse(drawing, &BOTH), "LOAN_PAYS_OUT_LATER");
    let rate = |value| {
        let of_one =
            [("arrayCycleAnchorDateOfRateReset", "2026-05-01"), ("arrayRate", value), ("arrayFixedVariable", "F")];
        with(stepped("DEC"), &of_one)
    };
    let below_zero = scene.opening("L-1", rate("-0.01"), |_| {});
    assert_eq!(scene.world.refuse(below_zero, &BOTH), "LOAN_TERM_NEGATIVE");
    // What goes out is less than the interest of that day, until less is owed.
    let netted = stepped("INC").into_iter().map(|term| match term.name.as_str() {
        "arrayNextPrincipalRedemptionPayment" => Term { values: vec!["1".to_owned(), "700".to_owned()], ..term },
        _ => term,
    });
    let netted = scene.opening("L-1", netted.collect(), |_| {});
    assert_eq!(scene.world.refuse(netted, &BOTH), "LOAN_PAYS_OUT_LATER");
    scene.open(stepped("DEC"));
    let due = scene.read().carried_out_to(date("2026-07-01")).unwrap().due;
    assert_eq!(due, parts(0, 1_500 + 1_250 + 1_000 + 650, 240_000));
    // What is left is repaid by the last step, a month before maturity.
    assert_eq!(scene.on("2026-08-01").repay(304_700), Ok(None));
}

/// Where the payment is less than the interest, a NAM adds the rest to what is owed; while all interest is added, the borrower
/// would get what it pays too little.
#[test]
fn interest_may_be_added_to_principal_and_never_paid_out() {
    let capitalised = [
        ("contractType", "NAM"),
        ("cycleOfPrincipalRedemption", "P1ML1"),
        ("nextPrincipalRedemptionPayment", "10"),
        ("prepaymentEffect", "A"),
    ];
    let mut scene = Scene::opened(with(bullet(), &capitalised));
    // 15.00 of interest, 10.00 paid; then 15.02(5) on 3,005.00, and so on.
    let due = |scene: &Scene, on| scene.read().carried_out_to(date(on)).unwrap().due;
    assert_eq!(due(&scene, "2026-04-01").total(), Ok(minor(1_000)));
    assert_eq!(due(&scene, "2026-05-01").total(), Ok(minor(2_000)));
    // With most of it paid early, the payments repay.
    let left = scene.on("2026-04-01").repay(1_000 + 250_000).unwrap().unwrap();
    let next = left.carried_out_to(date("2026-05-01")).unwrap().due;
    assert_eq!(next.total(), Ok(minor(1_000)));
    assert!(!next.principal.is_zero() && scene.replays());
    let [kind, cycle, payment, early] = capitalised;
    let added = [kind, cycle, payment, early, ("capitalizationEndDate", "2026-06-01")];
    assert_eq!(refused(&added).as_deref(), Some("LOAN_PAYS_OUT_LATER"));
    let enough = added.map(|(name, value)| (name, if name == "nextPrincipalRedemptionPayment" { "20" } else { value }));
    assert_eq!(refused(&enough), None);
}
