//! How many rows a second the schedules of loans come to, terms read once.

// A bench may count on its set-up: the library itself is checked without it.
#![allow(missing_docs, clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ledger_finance::actus::{Bound, Observations, Terms, Value, schedule};

fn text(pairs: &[(&str, &str)]) -> Value {
    let pair = |(name, text): &(&str, &str)| ((*name).to_owned(), Value::Text((*text).to_owned()));
    Value::Record(pairs.iter().map(pair).collect())
}

/// Thirty years of monthly payments: 721 rows, and 360 divisions and multiplications for the amount.
fn annuity() -> Terms {
    let terms = [
        ("contractType", "ANN"),
        ("contractRole", "RPA"),
        ("statusDate", "2025-12-31"),
        ("initialExchangeDate", "2026-01-01"),
        ("maturityDate", "2056-01-01"),
        ("currency", "CNY"),
        ("notionalPrincipal", "1000000"),
        ("nominalInterestRate", "0.0345"),
        ("dayCountConvention", "A360"),
        ("cycleOfInterestPayment", "P1ML1"),
        ("cycleOfPrincipalRedemption", "P1ML1"),
    ];
    Terms::read(&text(&terms)).expect("the terms are sound")
}

/// As above, with a new rate each year, after which the amount is fixed anew.
fn resetting() -> (Terms, Observations) {
    let mut terms = annuity();
    let resets =
        text(&[("cycleOfRateReset", "P1YL1"), ("marketObjectCodeOfRateReset", "LPR"), ("rateSpread", "0.005")]);
    let resets = Terms::read(&resets).expect("the terms are sound");
    terms.cycle_of_rate_reset = resets.cycle_of_rate_reset;
    terms.market_object_code_of_rate_reset = resets.market_object_code_of_rate_reset;
    terms.rate_spread = resets.rate_spread;
    let point = text(&[("timestamp", "2026-01-01"), ("value", "0.0295")]);
    let series = Value::Record(vec![("data".to_owned(), Value::List(vec![point]))]);
    let data = Value::Record(vec![("LPR".to_owned(), series)]);
    (terms, Observations::read(Some(&data), None).expect("the observations are sound"))
}

fn benches(criterion: &mut Criterion) {
    let (fixed, nothing) = (annuity(), Observations::default());
    let (variable, market) = resetting();
    let mut group = criterion.benchmark_group("schedule rows per second");
    for (name, terms, observations) in
        [("30-year monthly annuity", &fixed, &nothing), ("30-year monthly annuity, yearly resets", &variable, &market)]
    {
        let rows = schedule(terms, observations, None, Bound::WIDE).expect("the schedule is sound").len();
        group.throughput(Throughput::Elements(u64::try_from(rows).expect("a count")));
        group.bench_function(name, |bench| bench.iter(|| schedule(black_box(terms), observations, None, Bound::WIDE)));
    }
    group.finish();
}

criterion_group!(schedules, benches);
criterion_main!(schedules);
