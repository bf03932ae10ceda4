//! The regulator's fields: receipts, pledges and their totals on supervised chains.

use async_graphql::{Context, Enum, ID, Object};
use hive_chain::{JournalRecord, ReadView};
use hive_plug::party::Party;
use hive_plug::scalar::{AmountMinor, BigInt, BusinessDate, DateTime, Hash};
use hive_plug::{ApiError, ApiResult, Connection, Money, Quantity, RequestContext};
use ledger_core::{AssetId, ChainId};
use serde_json::{Value, json};

use crate::filter::Viewer;
use crate::goods::graphql::kilograms;
use crate::graphql::time_point;
use crate::pledge::graphql::{self as pledges, Pledge, PledgeListArguments, PledgeOrderBy, PledgeWhere};
use crate::pledge::query::{PledgeTotal, TotalsBy, totals};
use crate::receipt::graphql::{self as receipts, Receipt, ReceiptListArguments, ReceiptOrderBy, ReceiptWhere};

/// A supervisor's eye, with its purpose.
pub struct Supervision {
    purpose: String,
    case_number: Option<String>,
}

impl Supervision {
    /// An eye for a purpose.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for no purpose, or texts that are too long.
    pub(crate) fn for_purpose(purpose: String, case_number: Option<String>) -> ApiResult<Self> {
        if purpose.trim().is_empty() || purpose.chars().count() > 200 {
            return Err(ApiError::bad_input("say the purpose of the view in 1 to 200 characters"));
        }
        if case_number.as_ref().is_some_and(|number| number.chars().count() > 64) {
            return Err(ApiError::bad_input("a case number has at most 64 characters"));
        }
        Ok(Self { purpose, case_number })
    }

    /// The supervised chains, once the view is on record in their journals.
    async fn on_record(&self, context: &Context<'_>, field: &str, arguments: Value) -> ApiResult<ReadView> {
        let (node, actor) = (context.node()?, context.principal()?.party());
        let chains = context.supervised_chains()?;
        for chain in &chains {
            let content = json!({
                "field": field,
                "purpose": self.purpose,
                "caseNumber": self.case_number,
                "arguments": arguments,
            });
            let record = JournalRecord {
                actor,
                kind: "supervisor_view".to_owned(),
                subject: format!("{}/{field}", crate::NAME),
                content: content.to_string().into_bytes(),
            };
            node.journal(chain, record).await.map_err(|error| ApiError::busy(error.to_string()))?;
        }
        Ok(node.read_view(&chains))
    }
}

/// By whom totals of pledges are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "TotalsBy")]
pub enum PledgeTotalsBy {
    /// Who has pledged.
    Obligor,
    /// For whom it is pledged.
    Pledgee,
}

/// A line of totals.
pub struct PledgeTotals {
    chain: ChainId,
    total: PledgeTotal,
}

/// What is pledged by or for one party on one chain, secured in one asset.
#[Object]
impl PledgeTotals {
    /// The chain.
    async fn chain(&self) -> ID {
        ID(self.chain.to_string())
    }

    /// The obligor or pledgee.
    async fn party(&self) -> ApiResult<Party> {
        pledges::party(&self.total.party)
    }

    /// How many pledges.
    async fn pledges(&self) -> ApiResult<BigInt> {
        u64::try_from(self.total.pledges).map(BigInt).map_err(ApiError::internal)
    }

    /// Pledged mass in kilograms.
    async fn mass(&self) -> ApiResult<Quantity> {
        kilograms(pledges::amount(self.total.mass_kilograms)?)
    }

    /// Asset of the secured debts.
    async fn secured_asset(&self) -> ApiResult<Hash> {
        let asset = AssetId::try_from(self.total.secured_asset.as_slice()).map_err(ApiError::internal)?;
        Ok(Hash(*asset.as_bytes()))
    }

    /// Sum of what is secured at most, in the asset's smallest unit.
    async fn secured_maximum_minor(&self) -> ApiResult<AmountMinor> {
        pledges::amount(self.total.secured_maximum).map(AmountMinor)
    }

    /// Sum of what is secured at most, where the asset is one of a currency.
    async fn secured_maximum(&self, context: &Context<'_>) -> ApiResult<Option<Money>> {
        pledges::secured(context, &self.chain, &self.total.secured_asset, self.total.secured_maximum).await
    }
}

/// Warehouse receipts and their pledges on the chains you supervise; every field you ask is put on record.
#[Object]
impl Supervision {
    /// All receipts.
    #[allow(clippy::too_many_arguments)]
    async fn receipts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which receipts.", name = "where")] filter: Option<ReceiptWhere>,
        #[graphql(desc = "In which order; default: by number.")] order_by: Option<ReceiptOrderBy>,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
        #[graphql(desc = "So many rows from the start, 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many rows from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Receipt>> {
        let time = time_point(as_of, known_at)?;
        let asked = json!([format!("{filter:?}"), format!("{time:?}"), first, after, last, before]);
        let view = self.on_record(context, "receipts", asked).await?;
        let arguments = ReceiptListArguments { filter, order_by, time, first, after, last, before };
        receipts::listed(view, Viewer::Supervisor, arguments).await
    }

    /// All pledges.
    #[allow(clippy::too_many_arguments)]
    async fn pledges(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which pledges; by obligor with `pledgor`.", name = "where")] filter: Option<PledgeWhere>,
        #[graphql(desc = "In which order; default: by number of the receipt.")] order_by: Option<PledgeOrderBy>,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
        #[graphql(desc = "So many rows from the start, 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many rows from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Pledge>> {
        let time = time_point(as_of, known_at)?;
        let asked = json!([format!("{filter:?}"), format!("{time:?}"), first, after, last, before]);
        let view = self.on_record(context, "pledges", asked).await?;
        let arguments = PledgeListArguments { filter, order_by, time, first, after, last, before };
        pledges::listed(view, Viewer::Supervisor, arguments).await
    }

    /// What is pledged in all, by obligor or by pledgee; at most 1,000 lines, ordered by chain, party and asset.
    async fn pledge_totals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "By whom.")] by: PledgeTotalsBy,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
    ) -> ApiResult<Vec<PledgeTotals>> {
        let time = time_point(as_of, known_at)?;
        let view = self.on_record(context, "pledgeTotals", json!([format!("{by:?}"), format!("{time:?}")])).await?;
        let lines = totals(&view, by.into(), &time).await?;
        let line = |total: PledgeTotal| {
            let chain = view.chain(total.chain_id).ok_or_else(|| ApiError::internal("a row lies outside the view"));
            chain.map(|chain| PledgeTotals { chain, total })
        };
        lines.into_iter().map(line).collect()
    }
}
