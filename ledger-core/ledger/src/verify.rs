//! Verification in three stages, each a type: structural, semantic, contextual.
//!
//! The first two look at the transaction and what it names alone and may run anywhere, at any time, in parallel. They
//! hand the third exactly the conditions that depend on the transaction's place in the chain.

mod authority;
mod batch;
mod cluster;
mod contextual;
mod directory;
mod frame;
mod freeze;
mod holdings;
mod lock;
mod near;
mod payment;
mod permission;
mod replay;
mod semantic;
mod structural;
mod unsigned;
mod upgrade;
mod workers;

pub use authority::{AuthorityError, MissingSigner};
pub use batch::Batch;
pub use cluster::{Entry, Footprint, clusters};
pub use contextual::{ConditionError, ProposedBlock, VerifiedBlock, contextual};
pub use directory::DirectoryError;
pub use frame::FrameError;
pub use payment::PaymentError;
pub use replay::{Depth, replay, replay_by};
pub use semantic::{Examined, Rules, SemanticError, VerifiedTransaction};
pub use structural::{ResolvedTransaction, StructuralError, StructuralTransaction, structural};
pub use unsigned::UnsignedError;
pub use upgrade::UpgradeError;
pub use workers::{InTurn, Workers};

#[cfg(test)]
mod tests;
