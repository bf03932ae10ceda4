//! The one fuzz binary; `FUZZ_TARGET` names what it does with its inputs.
#![no_main]

use std::sync::LazyLock;

use ledger_fuzz::target::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    target.unwrap_or_else(|| panic!("FUZZ_TARGET={name:?} is none of {TARGETS:?}")).1
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    TARGET(input);
});
