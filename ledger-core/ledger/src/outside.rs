//! Tests that look at the core from outside: its sources, its committed fuzz inputs, another process.

mod inputs;
mod process;
mod seeds;
mod sources;
#[path = "../../fuzz/src/target.rs"]
mod target;

/// The folder of the fuzz targets, with their inputs.
const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz");
