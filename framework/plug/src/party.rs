//! Parties as every schema shows them.

use std::collections::BTreeMap;

use async_graphql::{Context, Object};
use hive_platform::Organisation;
use ledger_core::Address;
use tokio::sync::Mutex;

use crate::context::RequestContext;
use crate::error::{ApiError, ApiResult};
use crate::locale::Locale;
use crate::scalar::PartyAddress;

/// A party of one or more chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party(pub Address);

impl From<Address> for Party {
    fn from(address: Address) -> Self {
        Self(address)
    }
}

/// Names that one request has looked up: a page of a hundred rows names few parties. Never shared between requests,
/// because who sees a name depends on who asks.
#[derive(Debug, Default)]
pub struct PartyNames(Mutex<BTreeMap<Address, Option<Organisation>>>);

impl Party {
    async fn organisation(&self, context: &Context<'_>) -> ApiResult<Option<Organisation>> {
        let Some(names) = context.data_opt::<PartyNames>() else { return self.look_up(context).await };
        // The lock is kept while looking up, so that the same name is looked up once.
        let mut known = names.0.lock().await;
        if let Some(organisation) = known.get(&self.0) {
            return Ok(organisation.clone());
        }
        let organisation = self.look_up(context).await?;
        known.insert(self.0, organisation.clone());
        Ok(organisation)
    }

    async fn look_up(&self, context: &Context<'_>) -> ApiResult<Option<Organisation>> {
        let found = context.platform()?.directory().find(context.principal()?, &self.0).await;
        found.map_err(ApiError::internal)
    }
}

/// A party of one or more chains.
#[Object(shareable)]
impl Party {
    /// Its address, stable for ever.
    async fn address(&self) -> PartyAddress {
        PartyAddress(self.0)
    }

    /// A short form of the address for people; not for programs.
    async fn short_address(&self) -> String {
        self.0.short()
    }

    /// Its name in the language of the request, for itself and for parties that share a chain with it.
    async fn name(&self, context: &Context<'_>) -> ApiResult<Option<String>> {
        let organisation = self.organisation(context).await?;
        Ok(organisation.map(|known| match context.locale() {
            Locale::En => known.name_en,
            Locale::ZhCn => known.name_zh,
        }))
    }

    /// What kind of organisation it is, e.g. `bank`; it gives no right.
    async fn kind(&self, context: &Context<'_>) -> ApiResult<Option<&'static str>> {
        Ok(self.organisation(context).await?.map(|known| known.kind.name()))
    }
}
