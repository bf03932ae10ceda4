//! The pure ledger: states, transactions, authorities, built-in contracts, blocks and proofs.
//!
//! Everything here is a function of its arguments: no clock, no randomness, no I/O, no unordered iteration.
//! Chains' life on disk and over time is `hive-chain`'s; sign-in and co-signing are `hive-platform`'s.

// Tests may count on: the library itself is still checked without the tests.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

// The fuzz targets, which tests replay, name the crate as others do.
#[cfg(test)]
extern crate self as ledger_core;

pub mod amount;
pub mod archive;
pub mod authority;
pub mod block;
pub mod claim;
pub mod condition;
pub mod configuration;
pub mod contract;
#[cfg(test)]
mod corpus;
pub mod date;
pub mod disclosure;
pub mod encoding;
pub mod error;
#[cfg(test)]
mod fixture;
pub mod fork;
pub mod freeze;
pub mod genesis;
pub mod hash;
pub mod id;
pub mod invariant;
pub mod journal;
pub mod ledger;
pub mod lock;
pub mod merkle;
#[cfg(test)]
mod outside;
pub mod party;
pub mod policy;
pub mod proof;
pub mod sealed;
pub mod settlement;
pub mod signature;
pub mod state;
pub mod state_map;
pub mod transaction;
pub mod verify;
pub mod view;
pub mod warning;

/// Messages of `schema/ledger.proto`, as generated from it.
#[allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]
pub mod wire {
    include!(concat!(env!("OUT_DIR"), "/hivechain.ledger.v1.rs"));
}

pub use amount::{Amount, AmountError, Scale};
pub use authority::{Authority, Demand, Required, Rule};
pub use block::{Block, DirectoryTip, Header};
pub use claim::{Claim, ClaimCheck, ClaimKind, ClaimSecret};
pub use condition::{Condition, Effect};
pub use configuration::{Bounds, Configuration};
pub use contract::{Contract, ContractSet, Due, Ground, Holding};
pub use date::Date;
pub use encoding::{EncodingError, Wire};
pub use error::{Coded, ContractError, Rejection};
pub use freeze::FreezeSubject;
pub use genesis::{Directory, Genesis};
pub use id::{
    Address, AgreementId, AssetId, BlockHash, ChainId, ClaimKey, CommandId, ContextId, ContractId, Digest,
    EvidenceHash, FeedId, NearKey, ObligationId, PledgeId, PurposeId, RoundId, SpendId, StateRef, TitleId, TradeNoteId,
    TransactionId,
};
pub use ledger::Ledger;
pub use lock::{Lock, LockKind};
pub use party::{PartyEntry, PartyRecord, Permission};
pub use policy::{Member, Policy, Threshold};
pub use proof::{InclusionProof, state::StateProof};
pub use sealed::{Opening, Sealed};
pub use settlement::{Leg, Settlement};
pub use signature::{PublicKey, Signature, SigningKey};
pub use state::State;
pub use transaction::{
    Anchor, Command, LedgerTransaction, PartySignature, Reference, ReferenceKind, ResolvedState, SignedTransaction,
    TimeWindow, Transaction, TransactionBuilder, TransactionFrame,
};
pub use warning::Warning;
