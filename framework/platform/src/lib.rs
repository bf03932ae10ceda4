//! Organisations, sign-in, wallets, co-signing: what people and programs do with chains, and what no chain keeps.
//!
//! [`Platform::open`] takes a running [`hive_chain::Node`] and gives four services, all cheap to clone:
//!
//! ```text
//! platform.sessions()    challenge(&party, source) -> Challenge                       // bytes to sign, 2 minutes, good once
//!                        sign_in(&SignIn, source).await -> Grant                      // access JWT 15 min, refresh token
//!                        refresh(&str, source).await -> Grant                         // rotates; reuse revokes the session
//!                        authenticate(&str).await -> Principal                        // at every request
//!                        still_live(&principal).await -> Principal                    // while a subscription runs
//!                        revoke(&principal, id), revoke_by_refresh_token(..), list(&principal)
//!                        tokens().jwks()                                              // /.well-known/jwks.json
//! Principal              party() key() session() chains() participates(&chain) has(&chain, permission)
//!                        require(&chain, permission) require_participation(&chain) require_acting_for(&party)
//! platform.directory()   enrol(&Enrolment).await, find(&principal, &address).await, find_all(&principal, &[address]).await
//! platform.proposals()   open(&principal, &OpenRequest, |draft| async { Ok(Drafted { transaction, summary }) }).await -> Opened
//!                        sign(&principal, id, &[PartySignature]).await -> Proposal    // submits when complete
//!                        reject(&principal, id, reason).await -> Proposal
//!                        find(&principal, id).await, page(&principal, &ProposalQuery).await, count(..), watch()
//! platform.openings()    put(&principal, &field, &state, &[SealedFor { recipient, sealed }]).await
//!                        fetch(&principal, &field).await -> Vec<SealedOpening>, destroy(&principal, &field).await
//! platform.wallets()     balances(&principal, &chain).await, asset(..), assets(..)
//!                        define, issue, pay, redeem (&principal, &Input).await -> Opened
//! ```
//!
//! Every refusal is a typed error with a stable code. Ids that a principal may not see answer exactly as unknown ones.
//! Time comes from the node's [`hive_chain::Clock`]; nothing here reads another.

pub mod directory;
#[cfg(test)]
mod fixture;
pub mod id;
pub mod opening;
mod platform;
pub mod proposal;
mod register;
pub mod secret;
pub mod session;
mod storage;
pub mod wallet;

pub use directory::{Directory, DirectoryError, Enrolment, Organisation, OrganisationKind};
pub use id::{NotAnId, ProposalId, SessionId};
pub use opening::{OpeningError, Openings, SealedField, SealedFor, SealedOpening};
pub use platform::{Platform, PlatformConfig, PlatformError};
pub use proposal::view::{Proposal, ProposalStatus, RequiredSignature};
pub use proposal::{
    Draft, Drafted, OpenRequest, Opened, ProposalChange, ProposalError, ProposalPage, ProposalQuery, Proposals,
};
pub use register::{PartyRegister, Standing};
pub use secret::Secret;
pub use session::principal::{AccessError, Principal};
pub use session::throttle::{Allowance, Source};
pub use session::token::RetiredTokenKey;
pub use session::{Challenge, Grant, SessionError, SessionSummary, Sessions, SignIn};
pub use storage::StorageError;
pub use wallet::{WalletBalance, WalletError, Wallets};
