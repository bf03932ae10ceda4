//! Proposals: reading, signing, rejecting, following.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Subscription};
use futures_util::Stream;
use hive_platform::{Principal, ProposalError, ProposalQuery};
use hive_plug::connection::{Connection, Page};
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::proposal::{Proposal, proposal_id, refused};
use hive_plug::scalar::{Hex, PartyAddress};
use hive_plug::{RequestContext, UserError};
use ledger_core::{PartySignature, PublicKey, Rejection, Signature};
use tokio::sync::broadcast::error::RecvError;

/// Fields that read proposals.
#[derive(Default)]
pub struct ProposalRootQuery;

/// Fields that sign and reject.
#[derive(Default)]
pub struct ProposalMutation;

/// Fields that follow proposals.
#[derive(Default)]
pub struct ProposalSubscription;

/// A signature that a party gives.
#[derive(InputObject)]
pub struct SignatureInput {
    /// The party it is given for: the caller's own.
    party: PartyAddress,
    /// The public key, 32 bytes.
    key: Hex,
    /// The Ed25519 signature over `bytesToSign`, 64 bytes.
    signature: Hex,
}

/// Signatures for a proposal.
#[derive(InputObject)]
pub struct SignProposalInput {
    /// The proposal.
    id: ID,
    /// 1 to 64 signatures of the caller's party.
    signatures: Vec<SignatureInput>,
}

/// A refusal to sign.
#[derive(InputObject)]
pub struct RejectProposalInput {
    /// The proposal.
    id: ID,
    /// Why, 1 to 500 characters; those concerned read it.
    reason: String,
}

/// What became of a proposal.
#[derive(SimpleObject)]
pub struct ProposalPayload {
    /// The proposal as it stands now.
    proposal: Option<Proposal>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

#[Object]
impl ProposalRootQuery {
    /// Proposals that concern the caller's party, newest first. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn proposals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; all of the caller's if left out.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Only those that may still change.", default)] unfinished: bool,
        #[graphql(desc = "Rows of the page, 0 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
    ) -> ApiResult<Connection<Proposal>> {
        let page = Page::<i64>::new("proposals", first, after.as_deref(), None, None)?;
        let chains = context.chains(chains.as_deref())?;
        let query = ProposalQuery {
            chains: chains.clone(),
            unfinished,
            before: page.after().copied(),
            first: u64::try_from(page.rows()).unwrap_or_default(),
        };
        let principal = context.principal()?;
        let proposals = context.platform()?.proposals().clone();
        let found = proposals.page(principal, &query).await.map_err(fault)?;
        let rows = found.proposals.into_iter().map(|proposal| (proposal.number, proposal.into())).collect();
        let principal = principal.clone();
        let count = move || -> futures_util::future::BoxFuture<'static, ApiResult<u64>> {
            let (proposals, principal, chains) = (proposals.clone(), principal.clone(), chains.clone());
            Box::pin(async move { proposals.count(&principal, &chains).await.map_err(fault) })
        };
        Ok(Connection::of_page(&page, rows, found.has_more, count))
    }

    /// A proposal that concerns the caller's party; none for any other id. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The proposal's id.")] id: ID,
    ) -> ApiResult<Option<Proposal>> {
        let Some(id) = proposal_id(&id) else { return Ok(None) };
        let found = context.platform()?.proposals().find(context.principal()?, id).await.map_err(fault)?;
        Ok(found.map(Into::into))
    }
}

#[Object]
impl ProposalMutation {
    /// Adds signatures of the caller's own party, all of them or none. When every policy is met the transaction goes to the
    /// ledger, and the answer says what became of it. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn sign_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The proposal and the signatures.")] input: SignProposalInput,
    ) -> ApiResult<ProposalPayload> {
        let Some(id) = proposal_id(&input.id) else { return Err(ApiError::not_found("proposal")) };
        let mut signatures = Vec::new();
        for (place, given) in input.signatures.iter().enumerate() {
            match signature(given) {
                Ok(signature) => signatures.push(signature),
                Err(rejection) => {
                    let field = vec!["input".to_owned(), "signatures".to_owned(), place.to_string()];
                    let error = UserError { field: Some(field), ..UserError::of(rejection) };
                    return Ok(ProposalPayload { proposal: None, user_errors: vec![context.localised(error)] });
                }
            }
        }
        let outcome = context.platform()?.proposals().sign(context.principal()?, id, &signatures).await;
        payload(context, outcome)
    }

    /// Refuses to sign; the proposal ends. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn reject_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The proposal and the reason.")] input: RejectProposalInput,
    ) -> ApiResult<ProposalPayload> {
        let Some(id) = proposal_id(&input.id) else { return Err(ApiError::not_found("proposal")) };
        let outcome = context.platform()?.proposals().reject(context.principal()?, id, &input.reason).await;
        payload(context, outcome)
    }
}

#[Subscription]
impl ProposalSubscription {
    /// The proposals that concern the caller's party, each whenever something happened to it. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn proposal_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only this proposal.")] id: Option<ID>,
    ) -> Result<impl Stream<Item = ApiResult<Proposal>>, ApiError> {
        let principal = context.principal()?.clone();
        let proposals = context.platform()?.proposals().clone();
        let wanted =
            id.as_ref().map(|id| proposal_id(id).ok_or_else(|| ApiError::not_found("proposal"))).transpose()?;
        let changes = proposals.watch();
        Ok(futures_util::stream::unfold((changes, proposals, principal, false), move |state| async move {
            let (mut changes, proposals, principal, over) = state;
            if over {
                return None;
            }
            loop {
                let change = match changes.recv().await {
                    Ok(change) => change,
                    Err(RecvError::Closed) => return None,
                    Err(RecvError::Lagged(_)) => {
                        let slow =
                            ApiError::busy("too many changes at once; ask for the proposals and subscribe again");
                        return Some((Err(slow), (changes, proposals, principal, true)));
                    }
                };
                let is_wanted = wanted.is_none_or(|wanted| wanted == change.id);
                if !is_wanted || !change.parties.iter().any(|party| principal.may_act_for(party)) {
                    continue;
                }
                match find(&proposals, &principal, change.id).await.transpose() {
                    Some(found) => return Some((found, (changes, proposals, principal, false))),
                    None => continue,
                }
            }
        }))
    }
}

async fn find(
    proposals: &hive_platform::Proposals,
    principal: &Principal,
    id: hive_platform::ProposalId,
) -> ApiResult<Option<Proposal>> {
    Ok(proposals.find(principal, id).await.map_err(fault)?.map(Into::into))
}

fn signature(given: &SignatureInput) -> Result<PartySignature, Rejection> {
    Ok(PartySignature {
        party: given.party.0,
        key: PublicKey::from_bytes(&given.key.0)?,
        signature: Signature::from_bytes(&given.signature.0)?,
    })
}

fn payload(
    context: &Context<'_>,
    outcome: Result<hive_platform::Proposal, ProposalError>,
) -> ApiResult<ProposalPayload> {
    match outcome {
        Ok(proposal) => Ok(ProposalPayload { proposal: Some(proposal.into()), user_errors: Vec::new() }),
        Err(error) => Ok(ProposalPayload { proposal: None, user_errors: vec![context.localised(refused(error)?)] }),
    }
}

/// Where nothing can be refused by a rule, every error is one of the request or of the node.
fn fault(error: ProposalError) -> ApiError {
    match refused(error) {
        Ok(refusal) => ApiError::bad_input(refusal.message),
        Err(error) => error,
    }
}
