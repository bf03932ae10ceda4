//! The published JSON form of each type (`MarloweCoreJson.lhs` of the specification).
//!
//! Stricter than the specification's decoder in three things: a field that a form does not have is refused, a field stands
//! once, and lengths are bounded. Core's JSON has no merkleised continuations, and neither has its semantics.

mod contract;
mod output;
mod party;
mod state;
mod transaction;
mod value;
