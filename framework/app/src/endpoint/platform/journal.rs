//! The journal of a chain, for its owner and its supervisors, and openings of sealed fields, for their recipients.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use futures_util::future::BoxFuture;
use hive_chain::SealedEntry;
use hive_platform::{OpeningError, SealedField, SealedFor};
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::scalar::{BigInt, DateTime, Hash, Hex, PartyAddress};
use hive_plug::{Connection, Page, RequestContext, UserError};
use ledger_core::encoding::encode;
use ledger_core::{ChainId, Digest, StateRef, TransactionId};

/// Fields that read journals.
#[derive(Default)]
pub struct JournalQuery;

/// Fields that read openings of sealed fields.
#[derive(Default)]
pub struct OpeningQuery;

/// Fields that keep and destroy openings of sealed fields.
#[derive(Default)]
pub struct OpeningMutation;

/// What a chain's node attests of something that leaves no state.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct JournalEntry {
    /// Its number on the chain, from 1 without gaps.
    number: BigInt,
    /// When it was written.
    recorded_at: DateTime,
    /// Who acted.
    actor: PartyAddress,
    /// What happened, e.g. `proposal_opened`.
    kind: String,
    /// What it is about, e.g. a proposal's id.
    subject: String,
    /// Its hash, a leaf of its block's journal root.
    hash: Hash,
    /// The entry in canonical form, with the commitment of its content.
    bytes: Hex,
    /// Counts the changes of the journal's readers.
    epoch: BigInt,
    /// The content under the epoch's key.
    sealed: Hex,
    /// The epoch's key, sealed to the caller's encryption key; none if the caller was no reader then or had no key.
    sealed_key: Option<Hex>,
    #[graphql(skip)]
    chain: ChainId,
}

/// What opens a sealed field, sealed to the caller.
#[derive(SimpleObject)]
pub struct SealedOpening {
    /// Who put it there.
    put_by: PartyAddress,
    /// When.
    put_at: DateTime,
    /// A canonical opening, sealed to the caller's encryption key.
    sealed: Hex,
}

/// What opens a sealed field, sealed to one party.
#[derive(InputObject)]
pub struct SealedForInput {
    /// Who opens it.
    recipient: PartyAddress,
    /// A canonical opening, sealed to the recipient's encryption key.
    sealed: Hex,
}

/// Openings of a sealed field.
#[derive(InputObject)]
pub struct SealedOpeningInput {
    /// The chain.
    chain: ID,
    /// The field's commitment.
    commitment: Hash,
    /// Transaction that created a state which holds the field; the caller is a party of the state.
    transaction: Hash,
    /// The state's place among that transaction's outputs.
    output: u32,
    /// One for each recipient, 1 to 16.
    openings: Vec<SealedForInput>,
}

/// What became of openings that were to be kept.
#[derive(SimpleObject)]
pub struct PutSealedOpeningPayload {
    /// True if they are kept.
    kept: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What became of openings that were to be destroyed.
#[derive(SimpleObject)]
pub struct DestroySealedOpeningPayload {
    /// How many there were.
    destroyed: BigInt,
}

#[ComplexObject]
impl JournalEntry {
    /// A proof that it stands in a final block, to which its reader may add the opened content: `hive verify` checks it
    /// offline. None while no block has folded it.
    async fn proof(&self, context: &Context<'_>) -> ApiResult<Option<Hex>> {
        let reader = context.principal()?.party();
        let proof = context.node()?.journal_proof(&self.chain, &reader, self.number.0).await?;
        Ok(proof.map(|proof| Hex(encode(&proof))))
    }
}

#[Object]
impl JournalQuery {
    /// The journal of a chain that the caller owns or supervises, oldest entry first; nothing for anybody else. Needs a
    /// sign-in.
    #[graphql(guard = SignedIn)]
    async fn journal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "Rows of the page, 0 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
    ) -> ApiResult<Connection<JournalEntry>> {
        let page = Page::<u64>::new("journal", first, after.as_deref(), None, None)?;
        let (chain, reader) = (context.chain(&chain)?, context.principal()?.party());
        let node = context.node()?.clone();
        let rows = u64::try_from(page.rows_to_read()).unwrap_or(u64::MAX);
        let after = page.after().copied().unwrap_or_default();
        let entries = node.journal_entries(&chain, &reader, after, rows).await?;
        let rows = entries.into_iter().map(|entry| (entry.entry.number, entry.into())).collect();
        let count = move || -> BoxFuture<'static, ApiResult<u64>> {
            let node = node.clone();
            Box::pin(async move { Ok(node.journal_count(&chain, &reader).await?) })
        };
        Ok(Connection::of(&page, rows, count))
    }
}

#[Object]
impl OpeningQuery {
    /// What opens a sealed field, as far as it is sealed to the caller. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn sealed_openings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The field's commitment.")] commitment: Hash,
    ) -> ApiResult<Vec<SealedOpening>> {
        let field = field(context.chain(&chain)?, commitment);
        let openings = context.platform()?.openings().fetch(context.principal()?, &field).await.map_err(fault)?;
        let opening = |opening: hive_platform::SealedOpening| SealedOpening {
            put_by: opening.put_by.into(),
            put_at: DateTime(opening.put_at_ms),
            sealed: Hex(opening.sealed),
        };
        Ok(openings.into_iter().map(opening).collect())
    }
}

#[Object]
impl OpeningMutation {
    /// Keeps what opens a sealed field for the parties it is sealed to; the node cannot read it. What the caller had put
    /// for the same field and recipient gives way. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn put_sealed_opening(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The openings.")] input: SealedOpeningInput,
    ) -> ApiResult<PutSealedOpeningPayload> {
        let field = field(context.chain(&input.chain)?, input.commitment);
        let state = StateRef { transaction: TransactionId::from_bytes(input.transaction.0), index: input.output };
        let sealed_for =
            |opening: SealedForInput| SealedFor { recipient: opening.recipient.0, sealed: opening.sealed.0 };
        let openings: Vec<SealedFor> = input.openings.into_iter().map(sealed_for).collect();
        match context.platform()?.openings().put(context.principal()?, &field, &state, &openings).await {
            Ok(()) => Ok(PutSealedOpeningPayload { kept: true, user_errors: Vec::new() }),
            Err(
                error @ (OpeningError::Access(_)
                | OpeningError::Storage(_)
                | OpeningError::Chain(_)
                | OpeningError::Journal(_)),
            ) => Err(fault(error)),
            Err(refusal) => {
                let refusal = context.localised(UserError::of(refusal));
                Ok(PutSealedOpeningPayload { kept: false, user_errors: vec![refusal] })
            }
        }
    }

    /// Destroys every opening that the caller has put for a field. The commitment stays on the ledger; without its salt
    /// nobody can open it. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn destroy_sealed_opening(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The field's commitment.")] commitment: Hash,
    ) -> ApiResult<DestroySealedOpeningPayload> {
        let field = field(context.chain(&chain)?, commitment);
        let destroyed = context.platform()?.openings().destroy(context.principal()?, &field).await.map_err(fault)?;
        Ok(DestroySealedOpeningPayload { destroyed: BigInt(destroyed) })
    }
}

impl From<SealedEntry> for JournalEntry {
    fn from(sealed: SealedEntry) -> Self {
        let SealedEntry { entry, epoch, sealed, sealed_key } = sealed;
        Self {
            number: BigInt(entry.number),
            recorded_at: DateTime(entry.time_ms),
            actor: entry.actor.into(),
            hash: Hash(*entry.hash().as_bytes()),
            bytes: Hex(encode(&entry)),
            epoch: BigInt(epoch),
            sealed: Hex(sealed),
            sealed_key: sealed_key.map(Hex),
            chain: entry.chain,
            kind: entry.kind,
            subject: entry.subject,
        }
    }
}

fn field(chain: ChainId, commitment: Hash) -> SealedField {
    SealedField { chain, commitment: Digest::from_bytes(commitment.0) }
}

/// A failure that is nobody's input.
fn fault(error: OpeningError) -> ApiError {
    match error {
        OpeningError::Access(_) => ApiError::not_found("chain"),
        OpeningError::Journal(error) => ApiError::busy(error.to_string()),
        error => ApiError::internal(error),
    }
}
