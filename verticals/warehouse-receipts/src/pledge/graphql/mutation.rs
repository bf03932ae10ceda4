//! Writes of pledges: each answers a proposal that those who must sign find waiting.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use hive_plug::guard::SignedIn;
use hive_plug::proposal::Proposal;
use hive_plug::scalar::{Decimal, Hash, PartyAddress};
use hive_plug::{ApiResult, Quantity, UserError};
use ledger_core::{AssetId, Scale};

use crate::goods::graphql::amount_in_kilograms;
use crate::pledge::service::{self, PledgeRequest, ReleaseRequest};
use crate::receipt::graphql::{Receipt, Written, chain_of, named};

/// A receipt to be pledged.
#[derive(Clone, Debug, InputObject)]
pub struct PledgeReceiptInput {
    /// The chain.
    pub chain: ID,
    /// Your key for this intention: the same key and input answer the same proposal again.
    pub idempotency_key: String,
    /// Number of the receipt.
    pub receipt_number: String,
    /// Its operator; needed only where two have the same serial.
    pub operator: Option<PartyAddress>,
    /// For whom it is pledged.
    pub pledgee: PartyAddress,
    /// Asset of the secured debt.
    pub secured_asset: Hash,
    /// The most that is secured, in the asset's main unit.
    pub secured_maximum: Decimal,
}

/// A pledge to be released.
#[derive(Clone, Debug, InputObject)]
pub struct ReleasePledgeInput {
    /// The chain.
    pub chain: ID,
    /// Your key for this intention: the same key and input answer the same proposal again.
    pub idempotency_key: String,
    /// Number of the receipt.
    pub receipt_number: String,
    /// Its operator; needed only where two have the same serial.
    pub operator: Option<PartyAddress>,
    /// What is released: the whole pledged mass in kilograms, unit KGM.
    pub quantity: Quantity,
}

/// What became of `pledgeReceipt`.
#[derive(SimpleObject)]
pub struct PledgeReceiptPayload {
    /// The receipt as it stands now, if you may see it.
    pub receipt: Option<Receipt>,
    /// The transaction that waits for signatures; none if a rule refused it.
    pub proposal: Option<Proposal>,
    /// True if the same write was made before and this is its answer again.
    pub replayed: bool,
    /// Why it was refused; empty if it was not. `PLEDGE_EXISTS` names the receipt, and neither rival nor terms.
    pub user_errors: Vec<UserError>,
}

/// What became of `releasePledge`.
#[derive(SimpleObject)]
pub struct ReleasePledgePayload {
    /// The receipt as it stands now, if you may see it.
    pub receipt: Option<Receipt>,
    /// The transaction that waits for signatures; none if a rule refused it.
    pub proposal: Option<Proposal>,
    /// True if the same write was made before and this is its answer again.
    pub replayed: bool,
    /// Why it was refused; empty if it was not.
    pub user_errors: Vec<UserError>,
}

impl From<Written> for PledgeReceiptPayload {
    fn from(written: Written) -> Self {
        let Written { receipt, proposal, replayed, user_errors } = written;
        Self { receipt, proposal, replayed, user_errors }
    }
}

impl From<Written> for ReleasePledgePayload {
    fn from(written: Written) -> Self {
        let Written { receipt, proposal, replayed, user_errors } = written;
        Self { receipt, proposal, replayed, user_errors }
    }
}

/// Mutations of pledges.
#[derive(Clone, Copy, Debug, Default)]
pub struct PledgeMutations;

#[Object]
impl PledgeMutations {
    /// Proposes to pledge a receipt for a debt. Pledgor, pledgee and operator sign; a receipt is pledged once.
    #[graphql(guard = "SignedIn")]
    async fn pledge_receipt(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is pledged, for whom, for what.")] input: PledgeReceiptInput,
    ) -> ApiResult<PledgeReceiptPayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let secured_asset = AssetId::from_bytes(input.secured_asset.0);
        let asset = desk.platform.wallets().asset(desk.principal, &chain, &secured_asset).await;
        let scale = match asset {
            Ok(asset) => asset.definition.scale,
            Err(error) => {
                let error = UserError::at(&["input", "securedAsset"], error);
                return Ok(Written::refused(context, error).into());
            }
        };
        let secured_maximum = match secured(&input.secured_maximum, scale) {
            Ok(amount) => amount,
            Err(error) => return Ok(Written::refused(context, error).into()),
        };
        let request = PledgeRequest {
            receipt: named(chain, input.receipt_number, input.operator),
            idempotency_key: input.idempotency_key,
            pledgee: input.pledgee.0,
            secured_asset,
            secured_maximum,
        };
        let opened = service::pledge(desk, &request).await;
        Ok(Written::of(context, &request.receipt, opened).await?.into())
    }

    /// Proposes to release the pledge of a receipt. The pledgee signs.
    #[graphql(guard = "SignedIn")]
    async fn release_pledge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is released.")] input: ReleasePledgeInput,
    ) -> ApiResult<ReleasePledgePayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let quantity = match amount_in_kilograms(&input.quantity, &["input", "quantity"]) {
            Ok(quantity) => quantity,
            Err(error) => return Ok(Written::refused(context, error).into()),
        };
        let receipt = named(chain, input.receipt_number, input.operator);
        let request = ReleaseRequest { receipt, idempotency_key: input.idempotency_key, quantity };
        let opened = service::release(desk, &request).await;
        Ok(Written::of(context, &request.receipt, opened).await?.into())
    }
}

fn secured(maximum: &Decimal, scale: Scale) -> Result<ledger_core::Amount, UserError> {
    maximum.to_amount(scale).map_err(|error| UserError::at(&["input", "securedMaximum"], error))
}
