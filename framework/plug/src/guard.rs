//! Guards of fields: signed in, holding a permission, taking part.
//!
//! A guard refuses a whole field. Which rows a caller sees is decided per row: [`sees`].

use async_graphql::{Context, Guard};
use hive_platform::Principal;
use ledger_core::{Address, ChainId, Permission};

use crate::context::RequestContext;
use crate::error::ApiError;

/// Somebody is signed in.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn;

/// The caller holds the permission on at least one chain of the node.
#[derive(Clone, Copy, Debug)]
pub struct Holding(pub Permission);

impl Guard for SignedIn {
    async fn check(&self, context: &Context<'_>) -> async_graphql::Result<()> {
        context.principal()?;
        Ok(())
    }
}

impl Guard for Holding {
    async fn check(&self, context: &Context<'_>) -> async_graphql::Result<()> {
        if context.principal()?.has_anywhere(self.0) {
            return Ok(());
        }
        Err(ApiError::forbidden(format_args!("the permission {}", self.0.name())).into())
    }
}

/// True if the caller may see a row of these parties: as one of them, as supervisor, or as holder of a copy of the chain.
pub fn sees(principal: &Principal, chain: &ChainId, parties: &[Address]) -> bool {
    let is_party = parties.iter().any(|party| principal.may_act_for(party));
    principal.participates(chain) && (is_party || principal.sees_all(chain))
}
