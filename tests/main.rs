//! End-to-end tests against a running node, and the house rules (`tidy`), in one binary.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod example_data;
mod tidy;
