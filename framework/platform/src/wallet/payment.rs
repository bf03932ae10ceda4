//! Proposals over tokens: define, issue, pay, redeem. Each builds its transaction from the draft it is given.

use std::collections::BTreeSet;

use ledger_core::contract::token::{self, TokenContract, TokenDefinition, definition_state, holding_state};
use ledger_core::{
    Address, Amount, AssetId, ChainId, Contract, ContractId, Rejection, Scale, StateRef, TransactionBuilder, wire,
};
use serde_json::json;

use super::selection::{Selection, select};
use super::{WalletError, Wallets};
use crate::proposal::summary::{Direction, SummaryItem, SummaryLine};
use crate::proposal::{Draft, Drafted, OpenRequest, Opened, ProposalError};
use crate::session::principal::Principal;

/// Defines an asset; the principal's party is its issuer, and the attestor signs as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The chain.
    pub chain: ChainId,
    /// The principal's key for this intention.
    pub idempotency_key: String,
    /// Who attests the backing; another party.
    pub attestor: Address,
    /// Short code, `[A-Z0-9-]`, at most 16.
    pub code: String,
    /// Title for people.
    pub title: String,
    /// Decimal places.
    pub scale: Scale,
    /// ISO 4217 or UN/ECE Rec 20 code.
    pub unit: String,
    /// What stands behind it.
    pub backing: String,
    /// The most there may be, in smallest units.
    pub supply_max: Amount,
    /// Whether holders may ask for redemption.
    pub redeemable: bool,
}

/// Issues tokens against attested backing; issuer and attestor sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The chain.
    pub chain: ChainId,
    /// The principal's key for this intention.
    pub idempotency_key: String,
    /// The asset.
    pub asset: AssetId,
    /// How much, in the asset's smallest unit.
    pub amount: Amount,
    /// Who gets it.
    pub to: Address,
    /// Reference of the deposit or loan behind it; good once for ever.
    pub reference: String,
}

/// Pays from the principal's own tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The chain.
    pub chain: ChainId,
    /// The principal's key for this intention.
    pub idempotency_key: String,
    /// The asset.
    pub asset: AssetId,
    /// How much, in the asset's smallest unit.
    pub amount: Amount,
    /// Who is paid.
    pub to: Address,
    /// What it is for, on the ledger in clear; none = nothing.
    pub reference: Option<String>,
}

/// Gives the principal's own tokens back to their issuer against payment; the issuer signs as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The chain.
    pub chain: ChainId,
    /// The principal's key for this intention.
    pub idempotency_key: String,
    /// The asset.
    pub asset: AssetId,
    /// How much, in the asset's smallest unit.
    pub amount: Amount,
    /// The bank's payment reference.
    pub reference: String,
}

impl Wallets {
    /// Opens a proposal that defines an asset.
    pub async fn define(&self, principal: &Principal, definition: &Definition) -> Result<Opened, ProposalError> {
        let issuer = principal.party();
        let draft = async |draft: Draft| self.defined_by(issuer, definition, &draft).await.map_err(Rejection::from);
        self.proposals.open(principal, &definition.request(), draft).await
    }

    /// Opens a proposal that issues tokens to a party.
    pub async fn issue(&self, principal: &Principal, issue: &Issue) -> Result<Opened, ProposalError> {
        let creator = principal.party();
        let draft = async |draft: Draft| self.issued_by(creator, issue, &draft).await.map_err(Rejection::from);
        self.proposals.open(principal, &issue.request(), draft).await
    }

    /// Opens a proposal that pays a party. It reserves the tokens it takes until it ends.
    pub async fn pay(&self, principal: &Principal, payment: &Payment) -> Result<Opened, ProposalError> {
        let payer = principal.party();
        let draft = async |draft: Draft| self.paid_by(payer, payment, &draft).await.map_err(Rejection::from);
        self.proposals.open(principal, &payment.request(), draft).await
    }

    /// Opens a proposal that redeems tokens with their issuer.
    pub async fn redeem(&self, principal: &Principal, redemption: &Redemption) -> Result<Opened, ProposalError> {
        let holder = principal.party();
        let draft = async |draft: Draft| self.redeemed_by(holder, redemption, &draft).await.map_err(Rejection::from);
        self.proposals.open(principal, &redemption.request(), draft).await
    }

    async fn defined_by(
        &self,
        issuer: Address,
        definition: &Definition,
        draft: &Draft,
    ) -> Result<Drafted, WalletError> {
        let attestor = definition.attestor;
        self.is_registered(&definition.chain, &attestor).await?;
        let asset = AssetId::derive(&definition.chain, &issuer, &definition.code);
        let builder = draft.builder().output(definition_state(&definition.of(issuer, asset)));
        let transaction = builder.command(contract(), token::DEFINE, &wire::TokenDefine {}).build();
        let line = |party, counterparty| SummaryLine {
            direction: Direction::Stays,
            party,
            counterparty: Some(counterparty),
            item: SummaryItem::Definition { kind: "token".to_owned(), name: definition.code.clone() },
        };
        Ok(Drafted { transaction, summary: vec![line(issuer, attestor), line(attestor, issuer)] })
    }

    async fn issued_by(&self, creator: Address, issue: &Issue, draft: &Draft) -> Result<Drafted, WalletError> {
        let asset = self.defined(&issue.chain, &issue.asset).await?;
        let issuer = asset.definition.issuer;
        if ![issuer, asset.definition.attestor].contains(&creator) {
            return Err(WalletError::NotIssuer);
        }
        self.is_registered(&issue.chain, &issue.to).await?;
        let arguments = wire::TokenIssue {
            asset: issue.asset.to_vec(),
            amount: issue.amount.minor(),
            reference: issue.reference.clone(),
        };
        let issued = holding_state(issue.asset, issue.to, issue.amount);
        let builder = draft.builder().current(asset.reference).output(issued);
        let transaction = builder.command(contract(), token::ISSUE, &arguments).build();
        Ok(Drafted { transaction, summary: moved(issuer, issue.to, issue.asset, issue.amount) })
    }

    async fn paid_by(&self, payer: Address, payment: &Payment, draft: &Draft) -> Result<Drafted, WalletError> {
        if payment.to == payer {
            return Err(WalletError::PayeeIsPayer);
        }
        self.defined(&payment.chain, &payment.asset).await?;
        self.is_registered(&payment.chain, &payment.to).await?;
        let selection = self.chosen(&payment.chain, &payer, &payment.asset, payment.amount, draft.reserved()).await?;
        let paid = holding_state(payment.asset, payment.to, payment.amount);
        let builder = spending(draft.builder().output(paid), &selection, payment.asset, payer);
        let builder = match &payment.reference {
            Some(reference) => builder.metadata("reference", reference),
            None => builder,
        };
        let transaction = builder.command(contract(), token::TRANSFER, &wire::TokenTransfer {}).build();
        Ok(Drafted { transaction, summary: moved(payer, payment.to, payment.asset, payment.amount) })
    }

    async fn redeemed_by(
        &self,
        holder: Address,
        redemption: &Redemption,
        draft: &Draft,
    ) -> Result<Drafted, WalletError> {
        let Redemption { chain, asset: asset_id, amount, reference, .. } = redemption;
        let asset = self.defined(chain, asset_id).await?;
        let selection = self.chosen(chain, &holder, asset_id, *amount, draft.reserved()).await?;
        let arguments =
            wire::TokenRedeem { asset: asset_id.to_vec(), amount: amount.minor(), reference: reference.clone() };
        let builder = spending(draft.builder().current(asset.reference), &selection, *asset_id, holder);
        let transaction = builder.command(contract(), token::REDEEM, &arguments).build();
        Ok(Drafted { transaction, summary: moved(holder, asset.definition.issuer, *asset_id, *amount) })
    }

    async fn chosen(
        &self,
        chain: &ChainId,
        party: &Address,
        asset: &AssetId,
        amount: Amount,
        reserved: &BTreeSet<StateRef>,
    ) -> Result<Selection, WalletError> {
        Ok(select(&self.free(chain, party, asset, reserved).await?, amount)?)
    }
}

impl Definition {
    fn request(&self) -> OpenRequest {
        let (scale, supply_max) = (self.scale.places(), self.supply_max.minor().to_string());
        let (attestor, redeemable) = (self.attestor.to_string(), self.redeemable);
        let input = json!([
            "token/define",
            attestor,
            self.code,
            self.title,
            scale,
            self.unit,
            self.backing,
            supply_max,
            redeemable
        ]);
        request(self.chain, &self.idempotency_key, &input)
    }

    fn of(&self, issuer: Address, asset: AssetId) -> TokenDefinition {
        TokenDefinition {
            asset,
            issuer,
            attestor: self.attestor,
            code: self.code.clone(),
            title: self.title.clone(),
            scale: self.scale,
            unit: self.unit.clone(),
            backing: self.backing.clone(),
            supply_max: self.supply_max,
            redeemable: self.redeemable,
        }
    }
}

impl Issue {
    fn request(&self) -> OpenRequest {
        let (asset, amount, to) = (self.asset.to_string(), self.amount.minor().to_string(), self.to.to_string());
        let input = json!(["token/issue", asset, amount, to, self.reference]);
        request(self.chain, &self.idempotency_key, &input)
    }
}

impl Payment {
    fn request(&self) -> OpenRequest {
        let (asset, amount, to) = (self.asset.to_string(), self.amount.minor().to_string(), self.to.to_string());
        let input = json!(["token/transfer", asset, amount, to, self.reference]);
        request(self.chain, &self.idempotency_key, &input)
    }
}

impl Redemption {
    fn request(&self) -> OpenRequest {
        let (asset, amount) = (self.asset.to_string(), self.amount.minor().to_string());
        let input = json!(["token/redeem", asset, amount, self.reference]);
        request(self.chain, &self.idempotency_key, &input)
    }
}

fn contract() -> ContractId {
    TokenContract.id()
}

/// A JSON array has one spelling here, so equal inputs have equal bytes.
fn request(chain: ChainId, idempotency_key: &str, input: &serde_json::Value) -> OpenRequest {
    OpenRequest::new(chain, idempotency_key, input.to_string())
}

/// Consumes the selection and gives the change back.
fn spending(builder: TransactionBuilder, selection: &Selection, asset: AssetId, payer: Address) -> TransactionBuilder {
    let builder = selection.inputs.iter().fold(builder, |builder, input| builder.input(*input));
    match selection.change.is_zero() {
        true => builder,
        false => builder.output(holding_state(asset, payer, selection.change)),
    }
}

fn moved(from: Address, to: Address, asset: AssetId, amount: Amount) -> Vec<SummaryLine> {
    match from == to {
        true => Vec::new(),
        false => SummaryLine::movement(from, to, SummaryItem::Token { asset, amount }).into(),
    }
}
