//! The reference node with the fault switch of `hive-chain`, for tests alone.

use std::process::ExitCode;

#[path = "main.rs"]
mod node;

fn main() -> ExitCode {
    node::main()
}
