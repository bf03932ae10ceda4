//! Verification in three stages, each a type: structural, semantic, contextual.
//!
//! The first two look at the transaction and what it names alone and may run anywhere, at any time, in parallel. They
//! hand the third exactly the conditions that depend on the transaction's place in the chain.

mod authority;
mod contextual;
mod frame;
mod freeze;
mod lock;
mod near;
mod payment;
mod permission;
mod replay;
mod semantic;
mod structural;
mod upgrade;

pub use authority::{AuthorityError, MissingSigner};
pub use contextual::{ConditionError, ProposedBlock, VerifiedBlock, contextual};
pub use frame::FrameError;
pub use payment::PaymentError;
pub use replay::{Depth, replay};
pub use semantic::{Examined, Rules, SemanticError, VerifiedTransaction};
pub use structural::{ResolvedTransaction, StructuralError, StructuralTransaction, structural};
pub use upgrade::UpgradeError;

#[cfg(test)]
mod tests;
