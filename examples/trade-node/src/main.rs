//! The reference node.
fn main() {}
