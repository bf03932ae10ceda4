//! The three stages as one: every refusal with its accepting neighbour, replay, order, batches.

mod batch;
mod block;
mod chained;
mod cluster;
mod conditions;
mod grounds;
mod locks;
mod market;
mod order;
mod revocation;
mod rotation;
mod signatures;
mod structure;
mod unsigned;
