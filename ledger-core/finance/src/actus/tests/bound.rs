//! Nothing is computed past what the caller allows, and what is refused is refused before it costs anything.

use serde_json::{Value, json};

use super::Case;
use crate::actus::Bound;

/// An annuity of four months with a new rate in each.
fn annuity(changes: &[(&str, &str)]) -> Value {
    let mut terms = json!({
        "contractType": "ANN", "contractRole": "RPA", "statusDate": "2025-12-31", "currency": "CNY",
        "initialExchangeDate": "2026-01-01", "maturityDate": "2026-05-01", "notionalPrincipal": "4000",
        "nominalInterestRate": "0.001", "dayCountConvention": "A365", "cycleOfInterestPayment": "P1ML1",
        "cycleOfPrincipalRedemption": "P1ML1", "cycleOfRateReset": "P1ML1", "marketObjectCodeOfRateReset": "LPR",
    });
    for (name, value) in changes {
        terms[name] = json!(value);
    }
    let point = json!({ "timestamp": "2025-12-31", "value": "0.001" });
    json!({ "terms": terms, "dataObserved": { "LPR": { "data": [point] } } })
}

fn within(contract: &Value, events: usize, periods: usize) -> Result<usize, &'static str> {
    let schedule = Case::read(contract).and_then(|case| case.schedule_within(Bound { events, periods }));
    schedule.map(|events| events.len()).map_err(|error| error.code())
}

/// Exchange and maturity, three payments of principal and four of interest, three resets, and the amount fixed at each of them
/// and a day before the first payment. At the exchange, on that day and at the first reset four payments are left, then three and two.
#[test]
fn events_and_periods_are_counted_before_they_are_evaluated() {
    assert_eq!(within(&annuity(&[]), 16, 17), Ok(16));
    assert_eq!(within(&annuity(&[]), 15, 17), Err("ACTUS_TOO_MANY_EVENTS"));
    assert_eq!(within(&annuity(&[]), 16, 16), Err("ACTUS_TOO_MANY_PERIODS"));
    let fixed = [("nextPrincipalRedemptionPayment", "1000"), ("cycleOfRateReset", ""), ("nominalInterestRate", "0")];
    assert_eq!(within(&annuity(&fixed), 9, 0), Ok(9), "an amount that is given is computed over nothing");
    let longer = [("amortizationDate", "2026-09-01")];
    assert_eq!(within(&annuity(&longer), 16, 16 + 5 * 4), Err("ACTUS_TOO_MANY_PERIODS"));
    assert_eq!(within(&annuity(&longer), 16, 17 + 5 * 4), Ok(16), "the four payments after maturity count each time");
}

/// Each array of a LAX is within the bound, and all together are not.
#[test]
fn arrays_are_counted_together() {
    let stepped = |events| {
        let mut contract = annuity(&[("contractType", "LAX"), ("cycleOfRateReset", "")]);
        for (name, value) in [
            ("arrayCycleAnchorDateOfPrincipalRedemption", json!(["2026-02-01"])),
            ("arrayNextPrincipalRedemptionPayment", json!(["10"])),
            ("arrayIncreaseDecrease", json!(["DEC"])),
            ("arrayCycleAnchorDateOfInterestPayment", json!(["2026-01-02", "2026-02-02", "2026-03-02"])),
            ("arrayCycleOfInterestPayment", json!("P1DL1")),
        ] {
            contract["terms"][name] = value;
        }
        within(&contract, events, 0)
    };
    // Interest on each day from the second of January to the first of May, one payment of principal, exchange and maturity.
    assert_eq!(stepped(123), Ok(123));
    assert_eq!(stepped(122), Err("ACTUS_TOO_MANY_EVENTS"));
    assert_eq!(stepped(70), Err("ACTUS_TOO_MANY_EVENTS"), "one array of at most 60 days is within it");
}

/// Over centuries, on one day in each year of the calendar and from its beginning: nothing of it is evaluated, else the rate that
/// nobody observed would be missed first.
#[test]
fn what_is_past_the_bound_is_refused_before_anything_is_evaluated() {
    let (many_events, many_periods) = ("ACTUS_TOO_MANY_EVENTS", "ACTUS_TOO_MANY_PERIODS");
    let (daily, yearly, last) = ("P1DL1", "P1YL1", "9999-12-31");
    let hostile: [(&[(&str, &str)], &str); 5] = [
        (&[("cycleOfRateReset", daily), ("maturityDate", "2426-01-01")], many_events),
        (&[("cycleOfInterestPayment", daily), ("maturityDate", last)], many_events),
        (&[("cycleAnchorDateOfInterestPayment", "1583-01-01"), ("cycleOfInterestPayment", daily)], many_events),
        (&[("amortizationDate", last)], many_events),
        (
            &[("cycleOfPrincipalRedemption", yearly), ("amortizationDate", "2990-01-01"), ("cycleOfRateReset", daily)],
            many_periods,
        ),
    ];
    for (changes, code) in hostile {
        let mut contract = annuity(changes);
        contract["dataObserved"] = json!({});
        assert_eq!(within(&contract, 1_000, 32_000), Err(code), "{changes:?}");
    }
    let mut sound = annuity(&[]);
    sound["dataObserved"] = json!({});
    assert_eq!(within(&sound, 1_000, 32_000), Err("ACTUS_OBSERVATION_MISSING"));
}
