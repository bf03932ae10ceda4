//! A market that says nothing leaves a rate as it is.

use serde_json::json;

use super::{Bound, Case, Event, schedule};
use crate::actus::{ActusError, Detail, EventType, Observations, event_times, parse_time};

/// A loan at 12 % for four months with resets in March and April, and bounds of its life.
fn loan(floor: &str, cap: &str) -> Case {
    let point = |time: &str, value: &str| json!({ "timestamp": time, "value": value });
    Case::read(&json!({
        "terms": {
            "contractType": "PAM", "contractRole": "RPA", "statusDate": "2025-12-31", "currency": "CNY",
            "initialExchangeDate": "2026-01-01", "maturityDate": "2026-05-01", "notionalPrincipal": "1200",
            "nominalInterestRate": "0.12", "dayCountConvention": "30E360", "cycleOfInterestPayment": "P1ML1",
            "cycleAnchorDateOfRateReset": "2026-03-01", "cycleOfRateReset": "P1ML1",
            "marketObjectCodeOfRateReset": "LPR", "lifeFloor": floor, "lifeCap": cap,
        },
        "dataObserved": { "LPR": { "data": [point("2026-02-01", "0.03"), point("2026-04-01", "0.06")] } },
    }))
    .unwrap()
}

/// The rates after each reset.
fn rates(case: &Case, observations: &Observations) -> Result<Vec<String>, ActusError> {
    let rate = |event: &Event| match event.detail {
        Detail::Interest { nominal_interest_rate, .. } => nominal_interest_rate.normalize().to_string(),
        Detail::Exercise { .. } => String::new(),
    };
    let events = schedule(&case.terms, observations, None, Bound::WIDE)?;
    Ok(events.iter().filter(|event| event.kind == EventType::RateResetVariable).map(rate).collect())
}

#[test]
fn a_reset_without_a_value_leaves_the_rate_within_its_bounds() {
    let march = parse_time("2026-03-01", "").unwrap();
    for (floor, cap, heard, silent) in [
        ("0", "0.2", ["0.03", "0.06"], ["0.12", "0.06"]),
        ("0", "0.1", ["0.03", "0.06"], ["0.1", "0.06"]),
        ("0.15", "0.2", ["0.15", "0.15"], ["0.15", "0.15"]),
    ] {
        let case = loan(floor, cap);
        assert_eq!(rates(&case, &case.observations).unwrap(), heard);
        assert_eq!(rates(&case, &case.observations.clone().with_silence("LPR", march)).unwrap(), silent);
        assert_eq!(rates(&case, &case.observations.clone().with_silence("SHIBOR", march)).unwrap(), heard);
    }
}

#[test]
fn times_are_told_without_a_market() {
    let (case, nothing) = (loan("0", "0.2"), Observations::default());
    assert_eq!(rates(&case, &nothing).unwrap_err().code(), "ACTUS_OBSERVATION_MISSING");
    let times = |kind| event_times(&case.terms, &nothing, kind, Bound::WIDE).unwrap();
    let on = |days: [&str; 2]| days.map(|day| parse_time(day, "").unwrap()).to_vec();
    assert_eq!(times(EventType::RateResetVariable), on(["2026-03-01", "2026-04-01"]));
    assert_eq!(times(EventType::PrincipalRedemption), []);
    let narrow = Bound { events: 3, periods: 0 };
    let refused = event_times(&case.terms, &nothing, EventType::RateResetVariable, narrow).unwrap_err();
    assert_eq!(refused, ActusError::TooManyEvents { limit: 3 });
}
