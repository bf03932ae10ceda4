//! The command line: what people and scripts say to a node.

pub mod audit;
pub mod demonstration;
pub mod error;
pub mod folder;
pub mod key;
pub mod key_file;
pub mod output;
pub mod verify;
