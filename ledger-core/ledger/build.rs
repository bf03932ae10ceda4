//! Compiles the published wire form into Rust messages; needs no protoc on the machine.
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=../../schema/ledger.proto");
    let descriptors = protox::compile(["ledger.proto"], ["../../schema"])?;
    prost_build::Config::new().btree_map(["."]).compile_fds(descriptors)?;
    Ok(())
}
