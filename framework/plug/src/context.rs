//! What a resolver asks its request: who calls, which node, which chains, which language.

use async_graphql::{Context, ID};
use hive_chain::{ChainError, Node, ReadView, StorageError};
use hive_platform::{Platform, Principal};
use ledger_core::{ChainId, Permission};
use std::sync::Arc;

use crate::error::{ApiError, ApiResult};
use crate::locale::{Locale, Messages};
use crate::user_error::{UserError, Warning};

/// The id under which the log tells about a request; errors carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// What a resolver may ask of its request.
pub trait RequestContext {
    /// Who calls, if somebody is signed in.
    fn caller(&self) -> Option<&Principal>;

    /// Who calls.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if nobody is signed in.
    fn principal(&self) -> ApiResult<&Principal> {
        self.caller().ok_or_else(ApiError::unauthenticated)
    }

    /// The node that answers.
    ///
    /// # Errors
    /// `INTERNAL` in a schema that serves no node, as when SDL is printed.
    fn node(&self) -> ApiResult<&Node>;

    /// Sign-in, directory, proposals and wallets of the node.
    ///
    /// # Errors
    /// As for [`Self::node`].
    fn platform(&self) -> ApiResult<&Platform>;

    /// The language of the request.
    fn locale(&self) -> Locale;

    /// The refusal in the language of the request.
    fn localised(&self, error: UserError) -> UserError;

    /// The warnings in the language of the request.
    fn localised_warnings(&self, warnings: Vec<Warning>) -> Vec<Warning>;

    /// The text of a message in the language of the request, else in English.
    fn text(&self, id: &str) -> Option<String>;

    /// The chain that an argument `chain` names, if the caller takes part in it.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown chain and for one of others alike.
    fn chain(&self, id: &ID) -> ApiResult<ChainId> {
        let chain = id.parse::<ChainId>().map_err(|_| ApiError::not_found("chain"))?;
        if self.principal()?.participates(&chain) { Ok(chain) } else { Err(ApiError::not_found("chain")) }
    }

    /// The chains that an argument `chains` names; without it, all in which the caller takes part.
    ///
    /// # Errors
    /// As for [`Self::chain`].
    fn chains(&self, ids: Option<&[ID]>) -> ApiResult<Vec<ChainId>> {
        match ids {
            Some(ids) => ids.iter().map(|id| self.chain(id)).collect(),
            None => Ok(self.principal()?.chains().keys().copied().collect()),
        }
    }

    /// The eye with which queries read the rows of those chains. It does not know parties: queries restrict rows to those
    /// of the caller's states, unless [`Self::sees_all`] says otherwise.
    ///
    /// # Errors
    /// As for [`Self::chains`].
    fn read_view(&self, chains: Option<&[ID]>) -> ApiResult<ReadView> {
        Ok(self.node()?.read_view(&self.chains(chains)?))
    }

    /// True if the caller may see every row of the chain: as its supervisor or as holder of a copy.
    fn sees_all(&self, chain: &ChainId) -> bool {
        self.caller().is_some_and(|caller| caller.sees_all(chain))
    }

    /// The chains the caller supervises, for the regulator's fields.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`; `FORBIDDEN` if there is none.
    fn supervised_chains(&self) -> ApiResult<Vec<ChainId>> {
        let chains = self.principal()?.chains_with(Permission::Supervise);
        if chains.is_empty() { Err(ApiError::forbidden("the permission supervise")) } else { Ok(chains) }
    }
}

impl RequestContext for Context<'_> {
    fn caller(&self) -> Option<&Principal> {
        self.data_opt::<Principal>()
    }

    fn node(&self) -> ApiResult<&Node> {
        self.data_opt::<Node>().ok_or_else(|| ApiError::internal("the schema serves no node"))
    }

    fn platform(&self) -> ApiResult<&Platform> {
        self.data_opt::<Platform>().ok_or_else(|| ApiError::internal("the schema serves no platform"))
    }

    fn locale(&self) -> Locale {
        self.data_opt::<Locale>().copied().unwrap_or_default()
    }

    fn localised(&self, error: UserError) -> UserError {
        match self.data_opt::<Arc<Messages>>() {
            Some(messages) => error.in_locale(messages, self.locale()),
            None => error,
        }
    }

    fn localised_warnings(&self, warnings: Vec<Warning>) -> Vec<Warning> {
        match self.data_opt::<Arc<Messages>>() {
            Some(messages) => warnings.into_iter().map(|warning| warning.in_locale(messages, self.locale())).collect(),
            None => warnings,
        }
    }

    fn text(&self, id: &str) -> Option<String> {
        let messages = self.data_opt::<Arc<Messages>>()?;
        messages.text(self.locale(), id, &[]).or_else(|| messages.text(Locale::En, id, &[]))
    }
}

impl From<ChainError> for ApiError {
    fn from(error: ChainError) -> Self {
        Self::internal(error)
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::internal(error)
    }
}
