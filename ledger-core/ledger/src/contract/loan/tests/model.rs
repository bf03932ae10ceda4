//! Random loans, paid at random: what fell due, what is paid and what is left always come to the exact sum.

use ledger_finance::actus::{Event, EventType};
use proptest::prelude::*;

use super::*;

/// Terms of four types, at the fixture's first day, of up to 9,999.99.
fn any_terms() -> impl Strategy<Value = Vec<Term>> {
    let kind = prop_oneof![Just("PAM"), Just("LAM"), Just("NAM"), Just("ANN")];
    let days = prop_oneof![Just("AA"), Just("A360"), Just("A365"), Just("30E360")];
    let shift = prop_oneof![Just("NOS"), Just("SCF"), Just("CSMF")];
    let fees = prop_oneof![Just(("", "")), Just(("A", "3.335")), Just(("N", "0.0123"))];
    let numbers = (1_u64..1_000_000, 0_u32..30_000, 1_u32..4, 2_u32..24, 1_u32..29);
    (kind, days, shift, fees, numbers, any::<bool>()).prop_map(
        |(kind, days, shift, (basis, fee), (lent, rate, months, length, day), early)| {
            let (cycle, lent_text) = (format!("P{months}ML1"), minor(lent).to_decimal(Scale::new(2).unwrap()));
            let end = format!("{}-{:02}-{day:02}", 2026 + (length + 3) / 12, (length + 3) % 12 + 1);
            let payment = minor(lent / 4 + 1).to_decimal(Scale::new(2).unwrap());
            let rate = format!("{rate}e-5");
            let mut pairs = vec![
                ("contractType", kind),
                ("notionalPrincipal", &lent_text),
                ("nominalInterestRate", &rate),
                ("maturityDate", &end),
                ("dayCountConvention", days),
                ("businessDayConvention", shift),
                ("calendar", "MF"),
                ("cycleOfInterestPayment", &cycle),
                ("prepaymentEffect", if early { "A" } else { "N" }),
                ("feeBasis", basis),
                ("feeRate", fee),
                ("cycleOfFee", if fee.is_empty() { "" } else { &cycle }),
            ];
            if kind != "PAM" {
                pairs.push(("cycleOfPrincipalRedemption", &cycle));
            }
            if kind == "NAM" {
                pairs.push(("nextPrincipalRedemptionPayment", &payment));
            }
            with(bullet(), &pairs)
        },
    )
}

/// Days between steps, and how much is paid, in thousandths of what is due or of the principal.
fn any_payments() -> impl Strategy<Value = Vec<(i32, u64, bool)>> {
    prop::collection::vec((0_i32..120, 0_u64..1_100, any::<bool>()), 1..10)
}

fn total(parts: &Parts) -> u64 {
    parts.total().unwrap().minor()
}

/// What was lent, and the exact sum of what flows back beyond it, rounded half to even by decimal arithmetic.
fn flows_back(events: &[Event], lent: u64) -> u64 {
    let later = events.iter().filter(|event| event.kind != EventType::InitialExchange);
    let sum = later.map(|event| event.payoff).reduce(|sum, payoff| sum + payoff).unwrap();
    let exchange = events[0].payoff;
    // It rounds half to even.
    let beyond = (sum + exchange).round_dp(2).to_string();
    lent + Amount::parse_decimal(&beyond, Scale::new(2).unwrap()).unwrap().minor()
}

/// Checks a loan against its events alone.
fn adds_up(loan: &Loan, lent: u64) {
    let events = loan.schedule().unwrap();
    let all = postings(&events, loan.scale).unwrap();
    let (past, later): (Vec<_>, Vec<_>) = all.iter().partition(|posting| posting.on <= loan.as_of);
    let sum = |postings: &[&Posting]| postings.iter().map(|posting| total(&posting.due)).sum::<u64>();
    assert_eq!(total(&loan.paid) + total(&loan.due), sum(&past), "paid and due are what fell due");
    assert_eq!(
        total(&loan.paid) + total(&loan.due) + sum(&later),
        flows_back(&events, lent),
        "nothing is lost by rounding"
    );
    let principal: u64 = all.iter().map(|posting| posting.due.principal.minor()).sum();
    assert_eq!(principal, lent, "principal comes back to the fen");
    assert_eq!(
        loan.carried_out,
        events.iter().filter(|event| event.time.date().to_epoch_days() <= loan.as_of.days()).count() as u32
    );
}

/// What is tried to be paid: a part of what is due, or of all that was lent.
fn asked(loan: &Loan, on: Date, lent: u64, thousandths: u64, of_lent: bool) -> u64 {
    let due = total(&loan.carried_out_to(on).unwrap().due);
    (if of_lent { lent } else { due }) * thousandths / 1_000
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_paid_and_what_is_left_come_to_the_exact_sum(terms in any_terms(), payments in any_payments()) {
        let base = sample();
        let mut loan = Loan { terms, ..base };
        let lent = loan.disbursed().unwrap().minor();
        loan = loan.carried_out_to(loan.as_of).unwrap();
        let may_prepay = loan.terms.contains(&Term::new("prepaymentEffect", "A"));
        adds_up(&loan, lent);
        for (days, thousandths, of_lent) in payments {
            let on = Date::from_days(loan.as_of.days() + days).unwrap();
            let (amount, due) = (asked(&loan, on, lent, thousandths, of_lent), total(&loan.carried_out_to(on).unwrap().due));
            match loan.repaid(minor(amount), on) {
                Ok(after) => {
                    prop_assert!(amount > 0 && (amount <= due || may_prepay));
                    let Some(after) = after else {
                        prop_assert_eq!(total(&loan.paid) + amount, flows_back(&loan_at_end(&loan, amount, due, on), lent));
                        break;
                    };
                    prop_assert_eq!(total(&after.paid), total(&loan.paid) + amount);
                    let before = [loan.paid.fees, loan.paid.interest, loan.paid.principal];
                    prop_assert!(before.iter().zip(after.paid.in_order()).all(|(before, after)| *before <= after));
                    // A later kind is paid only once nothing of an earlier one is due.
                    let gained = after.paid.checked_sub(&loan.paid).unwrap();
                    prop_assert!(gained.interest.is_zero() || after.due.fees.is_zero());
                    prop_assert!(gained.principal.is_zero() || (after.due.fees.is_zero() && after.due.interest.is_zero()));
                    adds_up(&after, lent);
                    loan = after;
                }
                Err(error) => {
                    let code = crate::Coded::code(&error);
                    prop_assert_eq!(code, if amount == 0 { "DEBT_NOTHING_PAID" } else { "LOAN_OVERPAID" });
                    prop_assert!(amount == 0 || amount > due);
                }
            }
        }
    }
}

/// The events of the loan with what its last payment paid early.
fn loan_at_end(loan: &Loan, amount: u64, due: u64, on: Date) -> Vec<Event> {
    let early = amount.saturating_sub(due);
    let mut prepayments = loan.prepayments.clone();
    match prepayments.last_mut().filter(|last| last.on == on) {
        Some(last) => last.amount = minor(last.amount.minor() + early),
        None if early > 0 => prepayments.push(Prepayment { on, amount: minor(early) }),
        None => {}
    }
    Loan { prepayments, ..loan.clone() }.schedule().unwrap()
}

/// A loan of the fixture's parties without terms.
fn sample() -> Loan {
    Loan {
        loan: ObligationId::default(),
        lender: LENDER.address(),
        borrower: BORROWER.address(),
        asset: AssetId::default(),
        scale: Scale::new(2).unwrap(),
        terms: Vec::new(),
        rates: Vec::new(),
        prepayments: Vec::new(),
        as_of: date("2026-03-01"),
        carried_out: 0,
        due: Parts::default(),
        paid: Parts::default(),
        originator: LENDER.address(),
        number: "L-1".to_owned(),
        document: DOCUMENT,
        purpose: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// The same on a chain, where the invariants are checked with every block.
    #[test]
    fn a_chain_carries_out_what_its_loans_say(terms in any_terms(), payments in any_payments()) {
        let mut scene = Scene::with(10_000_000);
        scene.open(terms);
        let lent = scene.read().disbursed().unwrap().minor();
        let mut paid = 0;
        for (days, thousandths, of_lent) in payments {
            let loan = scene.read();
            // What was refused has taken its time too.
            let today = Date::of_ms(scene.world.now_ms).unwrap();
            let on = Date::from_days(loan.as_of.days() + days).unwrap().max(today);
            let amount = asked(&loan, on, lent, thousandths, of_lent);
            let result = scene.on(&on.to_string()).repay(amount);
            prop_assert_eq!(result.is_ok(), loan.repaid(minor(amount), on).is_ok());
            paid += if result.is_ok() { amount } else { 0 };
            if result == Ok(None) {
                break;
            }
        }
        let received = scene.world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.owner == LENDER.address());
        let received = received.filter_map(|(_, unspent)| token::read_holding(&unspent.state).ok());
        prop_assert_eq!(received.map(|holding| holding.amount.minor()).sum::<u64>(), 10_000_000 - lent + paid);
        prop_assert!(scene.replays());
    }
}
