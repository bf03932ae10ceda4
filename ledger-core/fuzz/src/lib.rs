//! Fuzzing of the ledger core and its mathematics: what each target does with an input. `make fuzz` runs them all.

pub mod target;
