//! The three stages as one: every refusal with its accepting neighbour, replay, order.

mod block;
mod conditions;
mod grounds;
mod order;
mod revocation;
mod signatures;
mod structure;
mod unsigned;
