//! How payments are taken up.

use super::*;

#[test]
fn a_bullet_is_repaid_as_it_falls_due_and_is_gone() {
    let mut scene = Scene::opened(bullet());
    assert_eq!(scene.repay(1), Err("LOAN_OVERPAID".to_owned()), "nothing is due on the first day");
    for day in ["2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"] {
        let after = scene.on(day).repay(1_500).unwrap().unwrap();
        assert_eq!((after.due, after.as_of), (Parts::default(), date(day)));
    }
    assert_eq!(scene.on("2026-09-01").repay(301_501), Err("LOAN_OVERPAID".to_owned()));
    assert_eq!(scene.repay(0), Err("DEBT_NOTHING_PAID".to_owned()));
    let after = scene.repay(300_000).unwrap().unwrap();
    assert_eq!((after.due, after.paid), (parts(0, 0, 1_500), parts(0, 9_000, 298_500)));
    assert_eq!(scene.repay(1_500), Ok(None));
    assert!(!scene.world.ledger.unspent_states().any(|(_, unspent)| unspent.state.is(NAME, LOAN)));
    assert!(scene.replays());
}

/// Fees first, then interest, then principal (Civil Code of the PRC, article 561); what is not paid stays due.
#[test]
fn a_payment_fills_fees_then_interest_then_principal() {
    let changes = [
        ("contractType", "LAM"),
        ("cycleOfPrincipalRedemption", "P1ML1"),
        ("nextPrincipalRedemptionPayment", "500"),
        ("feeRate", "10"),
        ("feeBasis", "A"),
        ("cycleOfFee", "P1ML1"),
    ];
    let mut scene = Scene::opened(with(bullet(), &changes));
    // Two months: fees 10.00 each, interest 15.00 and 12.50, principal 500.00 each.
    let after = scene.on("2026-05-15").repay(1_700).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(1_700, 0, 0), parts(300, 2_750, 100_000)));
    let after = scene.repay(1_000).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(2_000, 700, 0), parts(0, 2_050, 100_000)));
    let after = scene.repay(12_050).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(2_000, 2_750, 10_000), parts(0, 0, 90_000)));
    assert_eq!(after.carried_out, 7, "the exchange, and of two months fee, principal and interest");
}

#[test]
fn a_repayment_is_exactly_what_the_lender_receives() {
    let mut scene = Scene::opened(bullet());
    let sound = scene.on("2026-04-01").repayment(1_500);
    for (kept, given) in [(998_499, 1_501), (998_501, 1_499)] {
        let differs = sound.clone().changed(|transaction| {
            transaction.outputs[0] = scene.world.holding(BORROWER, kept);
            transaction.outputs[1] = scene.world.holding(LENDER, given);
        });
        assert_eq!(scene.world.refuse(differs, &[BORROWER]), "PAYMENT_DIFFERS");
    }
    let by_lender = sound.clone().changed(|transaction| transaction.submit_as(LENDER.address()));
    assert_eq!(scene.world.refuse(by_lender, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");
    let forgiven = changing(sound.clone(), |loan| loan.paid = parts(0, 1_500, 10));
    assert_eq!(scene.world.refuse(forgiven, &[BORROWER]), "DEBT_CHANGED");
    let ended = sound.clone().changed(|transaction| transaction.outputs.retain(|state| !state.is(NAME, LOAN)));
    assert_eq!(scene.world.refuse(ended, &[BORROWER]), "DEBT_GOES_ON_OR_ENDS");
    scene.world.accept(sound, &[BORROWER]);
}

/// Whoever pays early pays no interest on it any more, so no step is dated before it can stand in a block.
#[test]
fn no_step_is_dated_back() {
    let mut scene = Scene::opened(with(bullet(), &[("prepaymentEffect", "A")]));
    let dated = scene.on("2026-03-20").repayment(100_000).changed(|transaction| {
        transaction.effective_on = date("2026-03-10");
    });
    assert_eq!(scene.world.refuse(dated, &[BORROWER]), "LOAN_DATE_DIFFERS");
    let waiting = scene.repayment(100_000).changed(|transaction| {
        transaction.time_window.until_ms += 10 * 86_400_000;
    });
    assert_eq!(scene.world.refuse(waiting, &[BORROWER]), "LOAN_DATE_DIFFERS");
    // Its window ends ten days later, so it counts from then; nothing is dated before that.
    let ahead = scene.repayment(100_000).changed(|transaction| {
        transaction.time_window.until_ms += 10 * 86_400_000;
        transaction.effective_on = date("2026-03-30");
    });
    let after = scene.read().repaid(minor(100_000), date("2026-03-30")).unwrap().unwrap();
    let paid = scene.world.accept(changing(ahead, |loan| *loan = after.clone()), &[BORROWER]);
    (scene.purse, scene.loan) = ((StateRef { transaction: paid, index: 0 }, 900_000), last(&scene.world, paid));
    assert_eq!(scene.on("2026-03-25").repay(1), Err("LOAN_BACKDATED".to_owned()));
}

#[test]
fn principal_is_paid_early_where_the_terms_allow_it() {
    let mut scene = Scene::opened(bullet());
    assert_eq!(scene.on("2026-03-16").repay(100_000), Err("LOAN_OVERPAID".to_owned()));
    let mut scene = Scene::opened(with(bullet(), &[("prepaymentEffect", "N")]));
    assert_eq!(scene.on("2026-03-16").repay(100_000), Err("LOAN_OVERPAID".to_owned()));

    let mut scene = Scene::opened(with(bullet(), &[("prepaymentEffect", "A")]));
    let after = scene.on("2026-03-16").repay(100_000).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(0, 0, 100_000), Parts::default()));
    // 15 days on 3,000.00 and 15 on 2,000.00 at 6 %: 7.50 and 5.00.
    let after = scene.on("2026-04-01").repay(1_250).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(0, 1_250, 100_000), Parts::default()));
    // What is due goes first: 10.00 of interest, the rest is principal; twice on one day is one prepayment.
    scene.on("2026-05-01").repay(51_000).unwrap().unwrap();
    let after = scene.repay(50_000).unwrap().unwrap();
    assert_eq!((after.paid, after.prepayments.len()), (parts(0, 2_250, 200_000), 2));
    assert_eq!(scene.on("2026-05-02").repay(100_001), Err("LOAN_OVERPAID".to_owned()));
    // One day's interest on the last 1,000.00, 16.67 cents, falls due at the end of the month.
    let after = scene.repay(100_000).unwrap().unwrap();
    assert_eq!((after.due, after.paid), (Parts::default(), parts(0, 2_250, 300_000)));
    assert_eq!(scene.on("2026-06-01").repay(17), Ok(None));
    assert!(scene.replays());
}

#[test]
fn principal_is_paid_early_on_so_many_days_at_most() {
    let mut loan = Scene::opened(with(bullet(), &[("prepaymentEffect", "A")])).read();
    let day = |place: usize| Date::from_days(date("2026-03-02").days() + i32::try_from(place).unwrap()).unwrap();
    for place in 0..Loan::PREPAYMENTS_MAX {
        let due = loan.carried_out_to(day(place)).unwrap().due.total().unwrap();
        loan = loan.repaid(minor(due.minor() + 1), day(place)).unwrap().unwrap();
    }
    let due = loan.carried_out_to(day(Loan::PREPAYMENTS_MAX)).unwrap().due.total().unwrap().minor();
    let refused = loan.repaid(minor(due + 1), day(Loan::PREPAYMENTS_MAX)).unwrap_err();
    assert_eq!(crate::Coded::code(&refused), "LOAN_TOO_MANY_PREPAYMENTS");
}

/// Receiving is not moving: a frozen lender is paid.
#[test]
fn a_frozen_lender_is_paid() {
    let mut scene = Scene::opened(bullet());
    let subjects = vec![crate::FreezeSubject::Address(LENDER.address()).to_wire()];
    let message = wire::ChainFreeze { subjects, reference: "Court of Harbin, 2026/17".to_owned() };
    let chain = ContractId::built_in(crate::contract::chain::NAME);
    let builder = scene.world.build(Administrator).command(chain, crate::contract::chain::FREEZE, &message);
    scene.world.accept(builder, &[Administrator]);
    let builder = scene.assignment(BankA, |_| {});
    assert_eq!(scene.world.refuse(builder, &[LENDER, BankA]), "FREEZE_STANDS");
    assert!(scene.on("2026-04-01").repay(1_500).is_ok());
}
