//! The table at the end: medians of this run, and their ratios to one strict signature check.

use std::path::Path;

use serde_json::Value;

pub const STRICT: &str = "signature, strict";
pub const STRICT_FROM_BYTES: &str = "signature, strict, key from bytes";
pub const BATCH: &str = "signature in a batch of 256 keys";
pub const BATCH_OF_FEW: &str = "the same, by 64 keys";
pub const AUTHORITY: &str = "authority of 3 of 5";
pub const STRUCTURAL: &str = "decode, canonical check, id";
pub const TRANSFER: &str = "transfer without its signature";
pub const MAP_1M: &str = "state map, 1 million entries";
pub const MAP_10M: &str = "state map, 10 million entries";

/// What is measured, and the most it may cost: a ratio in thousandths of a strict check, or nanoseconds.
const ROWS: [(&str, Ask); 9] = [
    (STRICT, Ask::None),
    (STRICT_FROM_BYTES, Ask::None),
    (BATCH, Ask::Ratio(450)),
    (BATCH_OF_FEW, Ask::Ratio(450)),
    (AUTHORITY, Ask::Ratio(100)),
    (STRUCTURAL, Ask::Ratio(250)),
    (TRANSFER, Ask::Ratio(500)),
    (MAP_1M, Ask::Nanoseconds(8_000)),
    (MAP_10M, Ask::Nanoseconds(14_000)),
];

enum Ask {
    None,
    Ratio(u64),
    Nanoseconds(u64),
}

/// Prints the table of what this run measured.
pub fn print(output: &Path) {
    let Some(strict) = median(output, STRICT) else { return };
    println!("\n{:<34} {:>12} {:>20} {:>8}", "each", "median", "ratio to strict", "asked");
    for (name, ask) in ROWS {
        let Some(nanoseconds) = median(output, name) else { continue };
        let ratio = nanoseconds * 1_000 / strict.max(1);
        let (asked, holds) = match ask {
            Ask::None => (String::new(), true),
            Ask::Ratio(most) => (thousandths(most), ratio <= most),
            Ask::Nanoseconds(most) => (format!("{} µs", thousandths(most)), nanoseconds <= most),
        };
        let verdict = if holds { "" } else { "  missed" };
        let median = format!("{} µs", thousandths(nanoseconds));
        println!("{name:<34} {median:>12} {:>20} {asked:>8}{verdict}", thousandths(ratio));
    }
}

fn thousandths(value: u64) -> String {
    format!("{}.{:03}", value / 1_000, value % 1_000)
}

/// The median of a bench in whole nanoseconds, as criterion wrote it in this run.
fn median(output: &Path, name: &str) -> Option<u64> {
    let file = output.join(name).join("new/estimates.json");
    let estimates: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let written = estimates["median"]["point_estimate"].to_string();
    written.split('.').next()?.parse().ok()
}
