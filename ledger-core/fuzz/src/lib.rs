//! Fuzzing of the ledger core: what each target does with an input. `make fuzz` runs them all.

pub mod target;
