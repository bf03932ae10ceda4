//! What strangers send: each gets a coded error with the fitting status, and the node stays up.

mod foreign;
mod request;
mod token;

use std::fs;

use crate::client::Answer;
use crate::node::Node;

/// An attack and the answer it must get.
#[track_caller]
fn refused(attack: &str, answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{attack}: {}", answer.text());
    let body = answer.json();
    let id = [&body["errors"][0]["extensions"]["requestId"], &body["error"]["requestId"]];
    let named = id.iter().any(|id| id.as_str().is_some_and(|id| !id.is_empty()));
    assert!(named, "{attack}: the error names its request: {}", answer.text());
}

/// The most memory that the node's process has ever had in use, bytes; none where the system does not tell.
fn memory_bytes_peak(node: &Node) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", node.process_id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
