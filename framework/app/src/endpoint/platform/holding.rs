//! What parties have: assets and holdings of tokens.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use hive_platform::wallet::asset::Asset as KnownAsset;
use hive_platform::{WalletBalance, WalletError};
use hive_plug::connection::{Connection, Page};
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::scalar::{Decimal, Hash};
use hive_plug::{Party, RequestContext};
use ledger_core::{Amount, ChainId, Scale};

/// Fields about tokens.
#[derive(Default)]
pub struct HoldingQuery;

/// A kind of token on a chain.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Asset {
    /// Its id: hash of chain, issuer and code.
    id: Hash,
    /// The chain.
    chain: ID,
    /// Its short code, unique per issuer and chain.
    code: String,
    /// What it is called.
    title: String,
    /// Decimal places, 0 to 9.
    scale: u8,
    /// The unit: an ISO 4217 currency or a UN/ECE Recommendation 20 code.
    unit: String,
    /// What stands behind it.
    backing: String,
    /// True if holders may ask the issuer for redemption.
    redeemable: bool,
    /// How much of it there is, in its unit.
    supply: Decimal,
    /// How much of it there may be, in its unit.
    supply_max: Decimal,
    #[graphql(skip)]
    parties: (ledger_core::Address, ledger_core::Address),
}

/// What the caller's party has of an asset.
#[derive(SimpleObject)]
pub struct Holding {
    /// The asset.
    asset: Asset,
    /// What can be spent now, in the asset's unit.
    free: Decimal,
    /// What lies under a lock of another party, in the asset's unit.
    locked: Decimal,
    /// What open proposals of the party will spend, in the asset's unit.
    reserved: Decimal,
    /// All of it, in the asset's unit.
    total: Decimal,
}

#[ComplexObject]
impl Asset {
    /// Who issues and redeems it.
    async fn issuer(&self) -> Party {
        Party(self.parties.0)
    }

    /// Who attests what stands behind it, and signs each issue.
    async fn attestor(&self) -> Party {
        Party(self.parties.1)
    }
}

impl Asset {
    /// An asset as the schema shows it.
    pub fn of(chain: ChainId, asset: &KnownAsset) -> Self {
        let definition = &asset.definition;
        Self {
            id: Hash(*definition.asset.as_bytes()),
            chain: ID(chain.to_string()),
            code: definition.code.clone(),
            title: definition.title.clone(),
            scale: definition.scale.places(),
            unit: definition.unit.clone(),
            backing: definition.backing.clone(),
            redeemable: definition.redeemable,
            supply: Decimal::of(asset.supply, definition.scale),
            supply_max: Decimal::of(definition.supply_max, definition.scale),
            parties: (definition.issuer, definition.attestor),
        }
    }
}

#[Object]
impl HoldingQuery {
    /// The assets of chains that the caller takes part in. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn assets(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; all of the caller's if left out.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Rows of the page from its start, 0 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows of the page from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Asset>> {
        let page = Page::<(String, String)>::new("assets", first, after.as_deref(), last, before.as_deref())?;
        let mut rows = Vec::new();
        for chain in context.chains(chains.as_deref())? {
            let known = context.platform()?.wallets().assets(context.principal()?, &chain).await.map_err(fault)?;
            rows.extend(known.iter().map(|asset| (key(&chain, asset), Asset::of(chain, asset))));
        }
        Ok(Connection::of_all(&page, rows))
    }

    /// What the caller's party has of each asset. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn holdings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; all of the caller's if left out.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Rows of the page from its start, 0 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows of the page from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Holding>> {
        let page = Page::<(String, String)>::new("holdings", first, after.as_deref(), last, before.as_deref())?;
        let mut rows = Vec::new();
        for chain in context.chains(chains.as_deref())? {
            let balances = context.platform()?.wallets().balances(context.principal()?, &chain).await.map_err(fault)?;
            for balance in balances {
                rows.push((key(&chain, &balance.asset), holding(&balance)?));
            }
        }
        Ok(Connection::of_all(&page, rows))
    }
}

fn key(chain: &ChainId, asset: &KnownAsset) -> (String, String) {
    (chain.to_string(), asset.definition.asset.to_string())
}

fn holding(balance: &WalletBalance) -> ApiResult<Holding> {
    let scale = balance.asset.definition.scale;
    let total = balance.free.saturating_add(balance.locked).saturating_add(balance.reserved);
    Ok(Holding {
        free: decimal(balance.free, scale)?,
        locked: decimal(balance.locked, scale)?,
        reserved: decimal(balance.reserved, scale)?,
        total: decimal(total, scale)?,
        asset: Asset::of(balance.chain, &balance.asset),
    })
}

fn decimal(minor: u64, scale: Scale) -> ApiResult<Decimal> {
    let amount = Amount::from_minor(minor).map_err(ApiError::internal)?;
    Ok(Decimal::of(amount, scale))
}

/// Reading one's own balances is refused for no reason but the request's or the node's.
pub(super) fn fault(error: WalletError) -> ApiError {
    match error {
        WalletError::Access(error) => error.into(),
        WalletError::AssetUnknown { .. } => ApiError::not_found("asset"),
        error => ApiError::internal(error),
    }
}
