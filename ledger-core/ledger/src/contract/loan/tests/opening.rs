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
        (|loan| loan.rates = vec![Rate { on: loan.as_of, value: minor(1), scale: loan.scale }], "LOAN_NEW_DIFFERS"),
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

/// Terms changed, and the code that refuses them.
type Case<'c> = (&'c [(&'c str, &'c str)], Option<&'c str>);

#[test]
fn terms_that_a_ledger_does_not_carry_out_are_refused() {
    const FEED: &str = "00000000000000000000000000000000000000000000000000000000000000ff";
    let resets = [("cycleOfRateReset", "P1ML1"), ("marketObjectCodeOfRateReset", FEED), ("lifeFloor", "0")];
    let cases: [Case; 23] = [
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
        (&[("maturityDate", "2036-03-01"), ("cycleOfInterestPayment", "P3DL1")], Some("LOAN_SCHEDULE_TOO_LONG")),
        (&[("maturityDate", "2026-09-01T12:00")], Some("LOAN_TIME_OF_DAY")),
        (&[("nominalInterestRate", "-0.01")], Some("LOAN_PAYS_OUT_LATER")),
        (&[resets[0], resets[1], resets[2]], None),
        (&[resets[0], ("marketObjectCodeOfRateReset", "LPR"), resets[2]], Some("LOAN_FEED_NOT_NAMED")),
        (&[resets[0], resets[1]], Some("LOAN_FLOOR_MISSING")),
        (&[resets[0], resets[1], ("lifeFloor", "-0.01")], Some("LOAN_FLOOR_MISSING")),
        (&[resets[0], resets[1], resets[2], ("businessDayConvention", "SCF")], Some("LOAN_RESET_MOVED")),
        (
            &[("maturityDate", "2027-03-01"), ("cycleOfRateReset", "P1DL1"), resets[1], resets[2]],
            Some("LOAN_TOO_MANY_RESETS"),
        ),
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
    scene.open(stepped("DEC"));
    let due = scene.read().carried_out_to(date("2026-07-01")).unwrap().due;
    assert_eq!(due, parts(0, 1_500 + 1_250 + 1_000 + 650, 240_000));
    // What is left is repaid by the last step, a month before maturity.
    assert_eq!(scene.on("2026-08-01").repay(304_700), Ok(None));
}
