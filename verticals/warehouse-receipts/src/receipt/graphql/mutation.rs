//! Writes of receipts: each answers a proposal that those who must sign find waiting.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use hive_platform::{Opened, ProposalError};
use hive_plug::guard::SignedIn;
use hive_plug::proposal::{Proposal, refused};
use hive_plug::scalar::{BasisPoints, BusinessDate, DateTime, Hash, PartyAddress};
use hive_plug::{ApiResult, Money, Quantity, RequestContext, UserError};
use ledger_core::{Address, ChainId, Digest};

use super::Receipt;
use crate::desk::{Desk, ReceiptName};
use crate::filter::{TimePoint, Viewer};
use crate::goods::graphql::{Goods, GoodsInsurance, StoragePlace, insured, mass, price};
use crate::goods::model as goods;
use crate::graphql::date_days;
use crate::lot::model::Lot;
use crate::receipt::model;
use crate::receipt::query;
use crate::receipt::service::{self, IssueRequest, OfferRequest};

/// Goods that come in with the first receipt of their lot.
#[derive(Clone, Debug, InputObject)]
pub struct LotInput {
    /// What the goods are.
    pub goods: Goods,
    /// Where they lie.
    pub storage: StoragePlace,
    /// Net mass in whole kilograms, unit KGM.
    pub mass: Quantity,
    /// Pieces; 0 for goods in bulk.
    pub bags: u32,
    /// Mass with packaging, in whole kilograms, unit KGM.
    pub gross_mass: Quantity,
    /// The day the goods came in.
    pub inbound_date: BusinessDate,
}

/// A receipt to be issued.
#[derive(Clone, Debug, InputObject)]
pub struct IssueReceiptInput {
    /// The chain.
    pub chain: ID,
    /// Your key for this intention: the same key and input answer the same proposal again.
    pub idempotency_key: String,
    /// The warehouse operator, who issues it.
    pub operator: PartyAddress,
    /// The party that brought the goods; the first holder.
    pub depositor: PartyAddress,
    /// Commitment to the depositor's name and domicile.
    pub depositor_commitment: Hash,
    /// The operator's serial.
    pub number: String,
    /// Number of the lot.
    pub lot_number: String,
    /// The lot, with its first receipt; later it stands on the ledger.
    pub lot: Option<LotInput>,
    /// Net mass in whole kilograms, unit KGM.
    pub mass: Quantity,
    /// Pieces; 0 for goods in bulk.
    pub bags: u32,
    /// Loss in storage that the depositor bears.
    pub loss_standard: BasisPoints,
    /// The last day of the storage term.
    pub storage_until: BusinessDate,
    /// Storage fee per tonne and month.
    pub storage_fee: Money,
    /// Insurance of the goods, if there is one.
    pub insurance: Option<GoodsInsurance>,
    /// Name of the issuer.
    pub issuer_name: String,
    /// Where it is issued.
    pub issue_place: String,
    /// When it is issued; also the business date of the transaction.
    pub issue_date: BusinessDate,
}

/// An offer to be made.
#[derive(Clone, Debug, InputObject)]
pub struct OfferTransferInput {
    /// The chain.
    pub chain: ID,
    /// Your key for this intention: the same key and input answer the same proposal again.
    pub idempotency_key: String,
    /// Number of the receipt.
    pub receipt_number: String,
    /// Its operator; needed only where two have the same serial.
    pub operator: Option<PartyAddress>,
    /// To whom it is offered.
    pub to: PartyAddress,
    /// When the offer ends.
    pub until: DateTime,
}

/// An answer to an offer.
#[derive(Clone, Debug, InputObject)]
pub struct TransferAnswerInput {
    /// The chain.
    pub chain: ID,
    /// Your key for this intention: the same key and input answer the same proposal again.
    pub idempotency_key: String,
    /// Number of the receipt.
    pub receipt_number: String,
    /// Its operator; needed only where two have the same serial.
    pub operator: Option<PartyAddress>,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject)]
            pub struct $name {
                /// The receipt as it stands now, if it is on the ledger and you may see it.
                pub receipt: Option<Receipt>,
                /// The transaction that waits for signatures; none if a rule refused it.
                pub proposal: Option<Proposal>,
                /// True if the same write was made before and this is its answer again.
                pub replayed: bool,
                /// Why it was refused; empty if it was not.
                pub user_errors: Vec<UserError>,
            }

            impl From<Written> for $name {
                fn from(written: Written) -> Self {
                    let Written { receipt, proposal, replayed, user_errors } = written;
                    Self { receipt, proposal, replayed, user_errors }
                }
            }
        )+
    };
}

payloads! {
    /// What became of `issueReceipt`.
    IssueReceiptPayload,
    /// What became of `offerTransfer`.
    OfferTransferPayload,
    /// What became of `acceptTransfer`.
    AcceptTransferPayload,
    /// What became of `refuseTransfer`.
    RefuseTransferPayload,
    /// What became of `withdrawTransfer`.
    WithdrawTransferPayload,
}

/// What every write answers.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) receipt: Option<Receipt>,
    pub(crate) proposal: Option<Proposal>,
    pub(crate) replayed: bool,
    pub(crate) user_errors: Vec<UserError>,
}

impl Written {
    /// A refusal of the input itself.
    pub(crate) fn refused(context: &Context<'_>, error: UserError) -> Self {
        Self { user_errors: vec![context.localised(error)], ..Self::default() }
    }

    /// The answer of the platform, with the receipt as it stands now.
    pub(crate) async fn of(
        context: &Context<'_>,
        name: &ReceiptName,
        opened: Result<Opened, ProposalError>,
    ) -> ApiResult<Self> {
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let error = refused(error)?.with("receiptNumber", &name.number);
                return Ok(Self::refused(context, error));
            }
        };
        let view = context.node()?.read_view(&[name.chain]);
        let (viewer, time) = (Viewer::Party(context.principal()?.party()), TimePoint::default());
        let rows = query::by_number(&view, viewer, &name.chain, &name.number, name.operator.as_ref(), time).await?;
        let receipt = rows.into_iter().next().map(|row| Receipt::of(Some(name.chain), row)).transpose()?;
        Ok(Self { receipt, proposal: Some(opened.proposal.into()), replayed: opened.replayed, user_errors: Vec::new() })
    }
}

/// Who asks.
fn desk<'c>(context: &'c Context<'_>) -> ApiResult<Desk<'c>> {
    Ok(Desk { node: context.node()?, platform: context.platform()?, principal: context.principal()? })
}

/// The desk of a write on a chain in which the caller takes part.
pub(crate) fn chain_of<'c>(context: &'c Context<'_>, chain: &ID) -> ApiResult<(Desk<'c>, ChainId)> {
    Ok((desk(context)?, context.chain(chain)?))
}

/// The receipt that an input names.
pub(crate) fn named(chain: ChainId, number: String, operator: Option<PartyAddress>) -> ReceiptName {
    ReceiptName { chain, number, operator: operator.map(|operator| operator.0) }
}

impl TransferAnswerInput {
    fn request(self, chain: ChainId) -> OfferRequest {
        let receipt = named(chain, self.receipt_number, self.operator);
        OfferRequest { receipt, idempotency_key: self.idempotency_key }
    }
}

impl LotInput {
    fn lot(self, number: &str, operator: Address, depositor: Address) -> ApiResult<Result<Lot, UserError>> {
        let masses = mass(&self.mass, &["input", "lot", "mass"])
            .and_then(|net| mass(&self.gross_mass, &["input", "lot", "grossMass"]).map(|gross| (net, gross)));
        let inbound_date = date_days(self.inbound_date)?;
        Ok(masses.map(|(net, gross_mass)| Lot {
            number: number.to_owned(),
            operator,
            depositor,
            goods: self.goods.into(),
            storage: self.storage.into(),
            mass: net,
            bags: self.bags,
            gross_mass,
            inbound_date,
            receipted: goods::MassKilograms::ZERO,
            receipted_bags: 0,
        }))
    }
}

impl IssueReceiptInput {
    fn request(self, chain: ChainId) -> ApiResult<Result<IssueRequest, UserError>> {
        let (operator, depositor) = (self.operator.0, self.depositor.0);
        let lot = self.lot.map(|lot| lot.lot(&self.lot_number, operator, depositor)).transpose()?.transpose();
        let insurance =
            self.insurance.map(|given| insured(given, &["input", "insurance", "amount"])).transpose()?.transpose();
        let (storage_until, issue_date) = (date_days(self.storage_until)?, date_days(self.issue_date)?);
        let parts = || {
            let (lot, insurance) = (lot?, insurance?);
            let receipt = model::Receipt {
                number: self.number,
                lot_number: self.lot_number,
                operator,
                depositor,
                depositor_commitment: Digest::from_bytes(self.depositor_commitment.0),
                goods: lot.as_ref().map(|lot| lot.goods.clone()).unwrap_or_default(),
                storage: lot.as_ref().map(|lot| lot.storage.clone()).unwrap_or_default(),
                mass: mass(&self.mass, &["input", "mass"])?,
                bags: self.bags,
                loss_standard: goods::BasisPoints(self.loss_standard.0),
                inbound_date: lot.as_ref().map_or(issue_date, |lot| lot.inbound_date),
                storage_until,
                storage_fee: price(&self.storage_fee, &["input", "storageFee", "amount"])?,
                insurance,
                issuer_name: self.issuer_name,
                issue_place: self.issue_place,
                issue_date,
            };
            Ok(IssueRequest { chain, idempotency_key: self.idempotency_key, lot, receipt })
        };
        Ok(parts())
    }
}

/// Mutations of receipts.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiptMutations;

#[Object]
impl ReceiptMutations {
    /// Proposes to issue a receipt with its title, and to book it against its lot. Operator and depositor sign; the
    /// operator needs the permission issue.
    #[graphql(guard = "SignedIn")]
    async fn issue_receipt(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is issued.")] input: IssueReceiptInput,
    ) -> ApiResult<IssueReceiptPayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let name = named(chain, input.number.clone(), Some(input.operator));
        let written = match input.request(chain)? {
            Ok(request) => Written::of(context, &name, service::issue(desk, &request).await).await?,
            Err(error) => Written::refused(context, error),
        };
        Ok(written.into())
    }

    /// Proposes to offer a receipt to a party until a time. The holder signs; until the offer ends only its transferee
    /// can move the receipt.
    #[graphql(guard = "SignedIn")]
    async fn offer_transfer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is offered, to whom, until when.")] input: OfferTransferInput,
    ) -> ApiResult<OfferTransferPayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let receipt = named(chain, input.receipt_number, input.operator);
        let request = OfferRequest { receipt, idempotency_key: input.idempotency_key };
        let opened = service::offer(desk, &request, input.to.0, input.until.0).await;
        Ok(Written::of(context, &request.receipt, opened).await?.into())
    }

    /// Proposes to take over a receipt that is offered. The transferee signs and the operator seals, as article 910 of
    /// the Chinese Civil Code asks.
    #[graphql(guard = "SignedIn")]
    async fn accept_transfer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is accepted.")] input: TransferAnswerInput,
    ) -> ApiResult<AcceptTransferPayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let request = input.request(chain);
        let opened = service::accept(desk, &request).await;
        Ok(Written::of(context, &request.receipt, opened).await?.into())
    }

    /// Proposes to refuse a receipt that is offered. The transferee signs; the holder keeps it.
    #[graphql(guard = "SignedIn")]
    async fn refuse_transfer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is refused.")] input: TransferAnswerInput,
    ) -> ApiResult<RefuseTransferPayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let request = input.request(chain);
        let opened = service::refuse(desk, &request).await;
        Ok(Written::of(context, &request.receipt, opened).await?.into())
    }

    /// Proposes to take back an offer that has ended. The holder signs.
    #[graphql(guard = "SignedIn")]
    async fn withdraw_transfer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is withdrawn.")] input: TransferAnswerInput,
    ) -> ApiResult<WithdrawTransferPayload> {
        let (desk, chain) = chain_of(context, &input.chain)?;
        let request = input.request(chain);
        let opened = service::withdraw(desk, &request).await;
        Ok(Written::of(context, &request.receipt, opened).await?.into())
    }
}
