//! What holds of every schedule.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::Case;
use crate::actus::{Bound, Event, EventType};

/// Random loans of four types, with and without business days.
fn loan() -> impl Strategy<Value = Case> {
    let kind = prop_oneof![Just("PAM"), Just("LAM"), Just("NAM"), Just("ANN")];
    let convention = prop_oneof![Just("NOS"), Just("SCF"), Just("SCMP"), Just("CSMF"), Just("CSP")];
    let days = prop_oneof![Just("AA"), Just("A360"), Just("30E360"), Just("30E360ISDA"), Just("28E336")];
    let stub = prop_oneof![Just("L0"), Just("L1")];
    let amounts = (1_u64..100_000_000, 0_u32..30_000, 0_u32..60);
    (kind, convention, days, stub, amounts, 1_u32..29, 3_u32..40).prop_map(
        |(kind, convention, days, stub, (fen, rate, status), day, months)| {
            let (year, month) = (2026 + months / 12, months % 12 + 1);
            let cycle = format!("P{}M{stub}", 1 + months % 4);
            let mut terms = json!({
                "contractType": kind, "contractRole": if fen % 2 == 0 { "RPA" } else { "RPL" },
                "statusDate": format!("{}-12-{:02}", if status < 30 { 2025 } else { 2024 }, 1 + status % 30),
                "initialExchangeDate": format!("2026-01-{day:02}"), "maturityDate": format!("{year}-{month:02}-{day:02}"),
                "notionalPrincipal": Decimal::new(i64::try_from(fen).unwrap(), 2).to_string(),
                "nominalInterestRate": Decimal::new(i64::from(rate), 5).to_string(), "dayCountConvention": days,
                "businessDayConvention": convention, "calendar": "MF", "currency": "CNY",
                "cycleOfInterestPayment": cycle, "cycleOfPrincipalRedemption": cycle,
            });
            if kind == "NAM" {
                terms["nextPrincipalRedemptionPayment"] = json!(Decimal::new(i64::try_from(fen / 4 + 1).unwrap(), 2).to_string());
            }
            Case::read(&json!({ "terms": terms })).unwrap()
        },
    )
}

fn sum(events: &[Event], is_counted: impl Fn(EventType) -> bool) -> Decimal {
    events.iter().filter(|event| is_counted(event.kind)).map(|event| event.payoff).sum()
}

proptest! {
    #[test]
    fn principal_comes_back_to_the_last_fen(case in loan()) {
        let events = case.schedule().unwrap();
        let is_principal = |kind| {
            matches!(kind, EventType::InitialExchange | EventType::PrincipalRedemption | EventType::Maturity)
        };
        prop_assert_eq!(sum(&events, is_principal).round_dp(9), Decimal::ZERO);
        prop_assert_eq!(events.last().map(|event| event.notional_principal), Some(Decimal::ZERO));
    }

    #[test]
    fn events_are_after_the_status_date_and_in_order(case in loan()) {
        let (events, status) = (case.schedule().unwrap(), case.terms.status_date.unwrap());
        prop_assert!(events.iter().all(|event| event.time > status));
        prop_assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
        prop_assert_eq!(events.last().map(|event| event.kind), Some(EventType::Maturity));
    }

    #[test]
    fn what_is_asked_for_only_hides_what_is_later(case in loan(), days in 0_u64..1_200) {
        let all = case.schedule().unwrap();
        let to = case.terms.status_date.unwrap().checked_add_days(chrono::Days::new(days));
        let some = Case { to, ..case }.schedule().unwrap();
        let expected: Vec<_> = all.into_iter().filter(|event| Some(event.time) <= to).collect();
        prop_assert_eq!(some, expected);
    }

    #[test]
    fn the_other_side_sees_the_same_with_the_other_sign(case in loan()) {
        use crate::actus::ContractRole::{RealPositionAsset, RealPositionLiability};
        let mut other = case.terms.clone();
        other.contract_role = match case.terms.contract_role {
            Some(RealPositionAsset) => Some(RealPositionLiability),
            _ => Some(RealPositionAsset),
        };
        let (ours, theirs) = (case.schedule().unwrap(), super::schedule(&other, &case.observations, case.to, Bound::WIDE).unwrap());
        prop_assert!(ours.iter().zip(&theirs).all(|(one, two)| one.payoff + two.payoff == Decimal::ZERO));
        prop_assert_eq!(case.schedule().unwrap(), ours, "the same again");
    }

    #[test]
    fn an_annuity_pays_the_same_each_time(fen in 100_000_u32..100_000_000, rate in 0_u32..20_000, count in 2_u32..60) {
        let (year, month) = (2026 + count / 12, count % 12 + 1);
        let terms = json!({
            "contractType": "ANN", "contractRole": "RPA", "statusDate": "2025-12-31", "currency": "CNY",
            "initialExchangeDate": "2026-01-01", "maturityDate": format!("{year}-{month:02}-01"),
            "notionalPrincipal": Decimal::new(i64::from(fen), 2).to_string(), "dayCountConvention": "30E360",
            "nominalInterestRate": Decimal::new(i64::from(rate), 5).to_string(),
            "cycleOfInterestPayment": "P1ML1", "cycleOfPrincipalRedemption": "P1ML1",
        });
        let events = Case::read(&json!({ "terms": terms })).unwrap().schedule().unwrap();
        let mut paid = std::collections::BTreeMap::<_, Decimal>::new();
        for event in events.iter().filter(|event| event.kind != EventType::InitialExchange) {
            *paid.entry(event.time).or_default() += event.payoff;
        }
        paid.retain(|_, paid| !paid.is_zero());
        let (least, most) = (paid.values().min().unwrap(), paid.values().max().unwrap());
        prop_assert!(most - least < Decimal::new(1, 6), "{least} to {most}");
    }
}
