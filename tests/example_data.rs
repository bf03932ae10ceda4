//! The example data in the repository is exactly what its generator writes.

use std::path::Path;
use std::process::Command;

#[test]
fn receipts_are_what_the_generator_writes() {
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/trade-node/data/generate.py");
    let check = Command::new("python3").arg(generator).arg("--check").output().expect("python3 runs: install python3");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}
