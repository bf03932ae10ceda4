//! Compiles the published wire form into Rust messages; needs no protoc on the machine.
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=../../schema/warehouse_receipts.proto");
    let descriptors = protox::compile(["warehouse_receipts.proto"], ["../../schema"])?;
    prost_build::Config::new().compile_fds(descriptors)?;
    Ok(())
}
