//! Who calls, and on which chains.

use async_graphql::{Context, ID, Object, SimpleObject};
use hive_chain::ChainSummary;
use hive_plug::error::ApiResult;
use hive_plug::guard::SignedIn;
use hive_plug::scalar::{BigInt, DateTime, Hash, Hex, PartyAddress};
use hive_plug::{Party, RequestContext};
use ledger_core::{ChainId, Configuration};

/// Fields about the caller.
#[derive(Default)]
pub struct AccountQuery;

/// The caller.
#[derive(SimpleObject)]
pub struct Me {
    /// The party.
    party: Party,
    /// The public key that signed in.
    key: Hex,
    /// The session's id.
    session: ID,
    /// The chains it takes part in.
    chains: Vec<Chain>,
}

/// A dedicated ledger of which the caller is a participant.
#[derive(SimpleObject)]
pub struct Chain {
    /// Its id: the hash of its genesis.
    id: ID,
    /// Its name.
    name: String,
    /// What its administrators may change of it, as it is in force for the next block.
    configuration: ChainConfiguration,
    /// Height of its last block; 0 before the first.
    height: BigInt,
    /// Hash of its last block.
    tip: Hash,
    /// When its last block was recorded.
    recorded_at: DateTime,
    /// Why it commits nothing any more; null = it goes on.
    stopped: Option<String>,
    /// What the caller may do on it: connect, observe, transact, issue, record, administer, supervise.
    permissions: Vec<&'static str>,
}

/// What of a chain its administrators may change, by `chain/configure`.
#[derive(SimpleObject)]
pub struct ChainConfiguration {
    /// From 1; each change adds one and names the version it makes.
    version: BigInt,
    /// Transactions of one block at most.
    block_transactions_max: u32,
    /// Bytes of the transactions of one block at most.
    block_bytes_max: u32,
    /// A block is made at least this often while transactions wait, milliseconds.
    block_interval_ms: u32,
    /// Blocks that only fold the journal are at least this far apart, milliseconds.
    journal_interval_ms: u32,
    /// Contracts that may be used, as `name@version`.
    contracts: Vec<String>,
}

impl From<&Configuration> for ChainConfiguration {
    fn from(configuration: &Configuration) -> Self {
        let Configuration { version, bounds, contracts, .. } = configuration;
        Self {
            version: BigInt(*version),
            block_transactions_max: bounds.block_transactions_max,
            block_bytes_max: bounds.block_bytes_max,
            block_interval_ms: bounds.block_interval_ms,
            journal_interval_ms: bounds.journal_interval_ms,
            contracts: contracts.iter().map(ToString::to_string).collect(),
        }
    }
}

#[Object]
impl AccountQuery {
    /// The caller. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn me(&self, context: &Context<'_>) -> ApiResult<Me> {
        let principal = context.principal()?;
        Ok(Me {
            party: principal.party().into(),
            key: Hex(principal.key().as_bytes().to_vec()),
            session: ID(principal.session().to_string()),
            chains: own_chains(context).await?,
        })
    }

    /// The chains that the caller takes part in. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn chains(&self, context: &Context<'_>) -> ApiResult<Vec<Chain>> {
        own_chains(context).await
    }

    /// A party that the caller may see: itself, and parties that share a chain with it. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn party(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The party's address.")] address: PartyAddress,
    ) -> ApiResult<Option<Party>> {
        let principal = context.principal()?;
        let node = context.node()?;
        let is_visible = principal.party() == address.0
            || node.memberships(&address.0).await?.iter().any(|membership| principal.participates(&membership.chain));
        Ok(is_visible.then_some(Party(address.0)))
    }
}

async fn own_chains(context: &Context<'_>) -> ApiResult<Vec<Chain>> {
    let (principal, node) = (context.principal()?, context.node()?);
    let chain = |summary: ChainSummary| {
        let permissions = principal.chains().get(&summary.id)?;
        Some(Chain {
            id: ID(summary.id.to_string()),
            configuration: (&summary.configuration).into(),
            name: summary.configuration.name,
            height: BigInt(summary.height),
            tip: Hash(*summary.tip.as_bytes()),
            recorded_at: DateTime(summary.time_ms),
            stopped: summary.stopped,
            permissions: permissions.iter().map(|permission| permission.name()).collect(),
        })
    };
    let own: Vec<ChainId> = principal.chains().keys().copied().collect();
    Ok(node.chains(&own).await?.into_iter().filter_map(chain).collect())
}
