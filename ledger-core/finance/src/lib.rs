//! The mathematics of settlement, in integers and exact decimals: netting, gridlock, schedules of ACTUS contracts, day counts,
//! calendars, discounting, waterfalls, sharing out, rounding.
//!
//! Everything here is a function of its arguments: no clock, no randomness, no I/O, no float, no unordered iteration, so
//! that every node, auditor and replay computes the same. What an obligation is, who owes it and who agrees to net it is
//! `ledger-core`'s, above this crate; here parties are any ordered key and amounts are smallest units of one asset.

// Tests may count on: the library itself is still checked without the tests.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

pub mod actus;
pub mod calendar;
pub mod currency;
pub mod day_count;
pub mod discount;
pub mod gridlock;
pub mod netting;
pub mod ratio;
pub mod remainder;
pub mod waterfall;

/// The largest amount of an asset, in its smallest unit: `i64::MAX`, as in `ledger-core`.
pub const AMOUNT_MAX: u64 = i64::MAX.unsigned_abs();
