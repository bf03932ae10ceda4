//! Writes about tokens: each opens a proposal that its signers decide.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use hive_platform::wallet::{Definition, Issue, Payment, Redemption};
use hive_platform::{Opened, ProposalError};
use hive_plug::error::ApiResult;
use hive_plug::guard::SignedIn;
use hive_plug::proposal::{Proposal, refused};
use hive_plug::scalar::{Decimal, Hash, PartyAddress};
use hive_plug::{RequestContext, UserError};
use ledger_core::{Amount, AmountError, AssetId, ChainId, Scale};

use super::holding::fault;

/// Fields that define, issue, move and redeem tokens.
#[derive(Default)]
pub struct TokenMutation;

/// A new kind of token; the caller's party issues it.
#[derive(InputObject)]
pub struct DefineTokenInput {
    /// The chain.
    chain: ID,
    /// Names this intention: the same key with the same input gives the same answer again. 1 to 128 visible characters.
    idempotency_key: String,
    /// Short code, A to Z, 0 to 9 and -, at most 16 characters.
    code: String,
    /// What it is called.
    title: String,
    /// Decimal places, 0 to 9.
    scale: u32,
    /// The unit: an ISO 4217 currency or a UN/ECE Recommendation 20 code.
    unit: String,
    /// What stands behind it.
    backing: String,
    /// Who attests the backing: another party. It signs too.
    attestor: PartyAddress,
    /// The most there may be, in the unit.
    supply_max: Decimal,
    /// True if holders may ask for redemption.
    redeemable: bool,
}

/// New tokens for a party.
#[derive(InputObject)]
pub struct IssueTokensInput {
    /// The chain.
    chain: ID,
    /// Names this intention: the same key with the same input gives the same answer again. 1 to 128 visible characters.
    idempotency_key: String,
    /// The asset.
    asset: Hash,
    /// How much, in the asset's unit.
    amount: Decimal,
    /// Who gets them.
    to: PartyAddress,
    /// Reference of the deposit or loan behind them; good once for ever.
    reference: String,
}

/// A payment with the caller's tokens.
#[derive(InputObject)]
pub struct TransferTokensInput {
    /// The chain.
    chain: ID,
    /// Names this intention: the same key with the same input gives the same answer again. 1 to 128 visible characters.
    idempotency_key: String,
    /// The asset.
    asset: Hash,
    /// How much, in the asset's unit.
    amount: Decimal,
    /// Who is paid.
    to: PartyAddress,
    /// What it is for; it stands on the ledger in clear.
    reference: Option<String>,
}

/// Tokens of the caller's given back to their issuer.
#[derive(InputObject)]
pub struct RedeemTokensInput {
    /// The chain.
    chain: ID,
    /// Names this intention: the same key with the same input gives the same answer again. 1 to 128 visible characters.
    idempotency_key: String,
    /// The asset.
    asset: Hash,
    /// How much, in the asset's unit.
    amount: Decimal,
    /// The bank's payment reference.
    reference: String,
}

/// What became of a write about tokens.
#[derive(SimpleObject)]
pub struct TokenPayload {
    /// Id of the asset it is about.
    asset: Option<Hash>,
    /// The proposal that waits for its signatures.
    proposal: Option<Proposal>,
    /// True if the same write was made before and nothing new happened.
    replayed: bool,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

#[Object]
impl TokenMutation {
    /// Defines a kind of token; issuer and attestor sign. Needs a sign-in and the permission issue.
    #[graphql(guard = SignedIn)]
    async fn define_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the token is.")] input: DefineTokenInput,
    ) -> ApiResult<TokenPayload> {
        let chain = context.chain(&input.chain)?;
        let issuer = context.principal()?.party();
        let bounds = Scale::new(input.scale).and_then(|scale| Ok((scale, input.supply_max.to_amount(scale)?)));
        let (scale, supply_max) = match bounds {
            Ok(bounds) => bounds,
            Err(error @ AmountError::Scale { .. }) => {
                return Ok(refusal(context, None, UserError::at(&["input", "scale"], error)));
            }
            Err(error) => return Ok(refusal(context, None, UserError::at(&["input", "supplyMax"], error))),
        };
        let definition = Definition {
            chain,
            idempotency_key: input.idempotency_key,
            attestor: input.attestor.0,
            code: input.code,
            title: input.title,
            scale,
            unit: input.unit,
            backing: input.backing,
            supply_max,
            redeemable: input.redeemable,
        };
        let asset = AssetId::derive(&chain, &issuer, &definition.code);
        let opened = context.platform()?.wallets().define(context.principal()?, &definition).await;
        payload(context, asset, opened)
    }

    /// Issues tokens to a party; issuer and attestor sign. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn issue_tokens(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How much to whom.")] input: IssueTokensInput,
    ) -> ApiResult<TokenPayload> {
        let (chain, asset) = (context.chain(&input.chain)?, AssetId::from_bytes(input.asset.0));
        let amount = match amount(context, &chain, &asset, &input.amount).await? {
            Ok(amount) => amount,
            Err(error) => return Ok(refusal(context, Some(asset), error)),
        };
        let (idempotency_key, to, reference) = (input.idempotency_key, input.to.0, input.reference);
        let issue = Issue { chain, idempotency_key, asset, amount, to, reference };
        let opened = context.platform()?.wallets().issue(context.principal()?, &issue).await;
        payload(context, asset, opened)
    }

    /// Pays a party from the caller's tokens; the caller's party signs. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn transfer_tokens(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How much to whom.")] input: TransferTokensInput,
    ) -> ApiResult<TokenPayload> {
        let (chain, asset) = (context.chain(&input.chain)?, AssetId::from_bytes(input.asset.0));
        let amount = match amount(context, &chain, &asset, &input.amount).await? {
            Ok(amount) => amount,
            Err(error) => return Ok(refusal(context, Some(asset), error)),
        };
        let (idempotency_key, to, reference) = (input.idempotency_key, input.to.0, input.reference);
        let payment = Payment { chain, idempotency_key, asset, amount, to, reference };
        let opened = context.platform()?.wallets().pay(context.principal()?, &payment).await;
        payload(context, asset, opened)
    }

    /// Gives tokens of the caller back to their issuer against payment; holder and issuer sign. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn redeem_tokens(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How much.")] input: RedeemTokensInput,
    ) -> ApiResult<TokenPayload> {
        let (chain, asset) = (context.chain(&input.chain)?, AssetId::from_bytes(input.asset.0));
        let amount = match amount(context, &chain, &asset, &input.amount).await? {
            Ok(amount) => amount,
            Err(error) => return Ok(refusal(context, Some(asset), error)),
        };
        let (idempotency_key, reference) = (input.idempotency_key, input.reference);
        let redemption = Redemption { chain, idempotency_key, asset, amount, reference };
        let opened = context.platform()?.wallets().redeem(context.principal()?, &redemption).await;
        payload(context, asset, opened)
    }
}

/// The amount at the asset's scale, or why it is none.
async fn amount(
    context: &Context<'_>,
    chain: &ChainId,
    asset: &AssetId,
    decimal: &Decimal,
) -> ApiResult<Result<Amount, UserError>> {
    let asset = context.platform()?.wallets().asset(context.principal()?, chain, asset).await.map_err(fault)?;
    Ok(decimal.to_amount(asset.definition.scale).map_err(|error| UserError::at(&["input", "amount"], error)))
}

fn payload(context: &Context<'_>, asset: AssetId, opened: Result<Opened, ProposalError>) -> ApiResult<TokenPayload> {
    match opened {
        Ok(Opened { proposal, replayed }) => Ok(TokenPayload {
            asset: Some(Hash(*asset.as_bytes())),
            proposal: Some(proposal.into()),
            replayed,
            user_errors: Vec::new(),
        }),
        Err(error) => Ok(refusal(context, Some(asset), refused(error)?)),
    }
}

fn refusal(context: &Context<'_>, asset: Option<AssetId>, error: UserError) -> TokenPayload {
    TokenPayload {
        asset: asset.map(|asset| Hash(*asset.as_bytes())),
        proposal: None,
        replayed: false,
        user_errors: vec![context.localised(error)],
    }
}
