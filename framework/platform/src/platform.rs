//! The services of one node, put together and kept going.

use std::sync::Arc;
use std::time::Duration;

use hive_chain::Node;
use thiserror::Error;

use crate::directory::Directory;
use crate::opening::Openings;
use crate::proposal::{ProposalError, Proposals};
use crate::secret::Secret;
use crate::session::throttle::Allowance;
use crate::session::token::{AccessTokenError, RetiredTokenKey, TokenKeyring};
use crate::session::{SIGN_IN_ALLOWANCE, SessionError, Sessions};
use crate::wallet::Wallets;

/// What the platform of a node needs.
#[derive(Clone)]
pub struct PlatformConfig {
    /// The running node; its database holds the platform's tables, its clock tells the time.
    pub node: Node,
    /// The node's id: audience of its tokens, part of every sign-in. Stable for the life of the node.
    pub node_id: String,
    /// Issuer of its tokens.
    pub issuer: String,
    /// Seed of the Ed25519 key that signs tokens; no key of any ledger.
    pub token_key: Secret,
    /// Former token keys, as long as their tokens are to be accepted.
    pub retired_keys: Vec<RetiredTokenKey>,
    /// How often one source may try to sign in.
    pub sign_in_allowance: Allowance,
}

impl PlatformConfig {
    /// A platform with the usual bounds; the issuer is the node itself.
    pub fn new(node: Node, node_id: &str, token_key: Secret) -> Self {
        Self {
            node,
            node_id: node_id.to_owned(),
            issuer: node_id.to_owned(),
            token_key,
            retired_keys: Vec::new(),
            sign_in_allowance: SIGN_IN_ALLOWANCE,
        }
    }
}

/// Why the platform cannot open or keep going.
#[derive(Debug, Error)]
pub enum PlatformError {
    /// The token key is unusable.
    #[error("the token key cannot be used: {0}")]
    TokenKey(#[from] AccessTokenError),
    /// Unfinished proposals could not be taken up.
    #[error("unfinished proposals could not be taken up: {0}")]
    Proposals(#[from] ProposalError),
    /// Sessions that are over could not be removed.
    #[error("sessions that are over could not be removed: {0}")]
    Sessions(#[from] SessionError),
}

/// The services of one node. Cheap to clone.
#[derive(Clone)]
pub struct Platform {
    node: Node,
    sessions: Sessions,
    directory: Directory,
    proposals: Proposals,
    wallets: Wallets,
    openings: Openings,
}

impl Platform {
    /// Opens the platform and finishes what an earlier run left: complete proposals are submitted, overdue ones end.
    pub async fn open(config: PlatformConfig) -> Result<Self, PlatformError> {
        let PlatformConfig { node, node_id, issuer, token_key, retired_keys, sign_in_allowance } = config;
        let tokens = TokenKeyring::new(&node_id, &issuer, &token_key, &retired_keys)?;
        let (database, clock) = (node.database().clone(), node.clock());
        let register = Arc::new(node.clone());
        let proposals = Proposals::new(node.clone(), database.clone(), clock.clone());
        let platform = Self {
            sessions: Sessions::new(database.clone(), register.clone(), clock.clone(), tokens, sign_in_allowance),
            directory: Directory::new(database.clone(), register, clock.clone()),
            openings: Openings::new(node.clone(), database.clone(), clock.clone()),
            wallets: Wallets::new(node.clone(), database, clock, proposals.clone()),
            proposals,
            node,
        };
        platform.tend().await?;
        Ok(platform)
    }

    /// The node below.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Sign-in and sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// What parties are called.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Proposals and their signatures.
    pub fn proposals(&self) -> &Proposals {
        &self.proposals
    }

    /// Openings of sealed fields.
    pub fn openings(&self) -> &Openings {
        &self.openings
    }

    /// Tokens.
    pub fn wallets(&self) -> &Wallets {
        &self.wallets
    }

    /// One round of upkeep: takes up unfinished proposals, ends overdue ones, forgets sessions that are over.
    pub async fn tend(&self) -> Result<(), PlatformError> {
        self.proposals.resume().await?;
        self.sessions.forget_over().await?;
        Ok(())
    }

    /// Tends for ever, pausing between rounds; the caller spawns it and drops it to stop. A failed round is logged and
    /// the next one tries again.
    pub async fn keep_tending(self, pause: Duration) {
        loop {
            tokio::time::sleep(pause).await;
            if let Err(error) = self.tend().await {
                tracing::warn!(%error, "a round of upkeep failed; the next one tries again");
            }
        }
    }
}

#[cfg(test)]
mod tests;
