//! Opening: the creator's intention becomes a transaction that passes every rule but its signatures.

use std::collections::BTreeSet;
use std::future::Future;

use hive_chain::CheckedTransaction;
use ledger_core::transaction::TransactionFrame;
use ledger_core::verify::Examined;
use ledger_core::{
    Address, Anchor, ChainId, CommandId, Date, LedgerTransaction, Rejection, Required, StateRef, TimeWindow,
    Transaction, TransactionBuilder,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::record::{concerned, journal_record, required_text, warnings_text};
use super::summary::{SUMMARY_LINES_MAX, SummaryLine};
use super::view::Proposal;
use super::{ProposalError, Proposals};
use crate::id::ProposalId;
use crate::secret::{equal_in_constant_time, random_bytes};
use crate::session::principal::Principal;
use crate::storage::proposal::{self as rows, StoredProposal};
use crate::storage::reservation::{self, Reservation};

/// A proposal stays open this long unless its creator says otherwise, milliseconds.
pub const VALID_FOR_MS: u64 = 86_400_000;
/// Unfinished proposals of one creator.
pub const OPEN_PER_CREATOR_MAX: u64 = 10_000;
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 128;
const VALID_FOR_MS_MIN: u64 = 1_000;

/// What a write asks for, before anything is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRequest {
    /// The chain it is for.
    pub chain: ChainId,
    /// The creator's key for this intention: 1 to 128 visible ASCII characters.
    pub idempotency_key: String,
    /// The write's name and input in one canonical form; the same bytes mean the same intention.
    pub input: Vec<u8>,
    /// How long it may stay open, milliseconds; at most 30 days.
    pub valid_for_ms: u64,
    /// The business date; none = the day it is opened, UTC.
    pub effective_on: Option<Date>,
}

impl OpenRequest {
    /// A request that stays open for a day, effective today.
    pub fn new(chain: ChainId, idempotency_key: &str, input: impl Into<Vec<u8>>) -> Self {
        Self {
            chain,
            idempotency_key: idempotency_key.to_owned(),
            input: input.into(),
            valid_for_ms: VALID_FOR_MS,
            effective_on: None,
        }
    }

    fn is_plausible(&self) -> Result<(), ProposalError> {
        let key = self.idempotency_key.as_bytes();
        let visible = key.iter().all(|byte| (0x21..=0x7e).contains(byte));
        if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX || !visible {
            return Err(ProposalError::IdempotencyKeyRefused);
        }
        if !(VALID_FOR_MS_MIN..=TimeWindow::LONGEST_MS).contains(&self.valid_for_ms) {
            return Err(ProposalError::ValidityRefused);
        }
        Ok(())
    }

    fn input_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.chain.as_bytes());
        hasher.update(&self.input);
        hasher.finalize().into()
    }
}

/// What the builder of a transaction is given: its frame, and what it must not spend.
#[derive(Clone, Debug)]
pub struct Draft {
    frame: TransactionFrame,
    reserved: BTreeSet<StateRef>,
}

impl Draft {
    /// An empty transaction in this frame.
    pub fn builder(&self) -> TransactionBuilder {
        TransactionBuilder::new(self.frame.clone())
    }

    /// The frame: chain, submitter, command id, window, business date, anchor.
    pub fn frame(&self) -> &TransactionFrame {
        &self.frame
    }

    /// The creator's own tokens that its other open proposals will spend.
    pub fn reserved(&self) -> &BTreeSet<StateRef> {
        &self.reserved
    }

    /// When the proposal is opened, milliseconds UTC.
    pub fn now_ms(&self) -> u64 {
        self.frame.time_window.from_ms
    }
}

/// What a builder gives back. Claims are filled in by the platform.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// The unsigned transaction.
    pub transaction: Transaction,
    /// What it does, for the people who sign.
    pub summary: Vec<SummaryLine>,
}

/// The answer to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The proposal, as it stands now.
    pub proposal: Proposal,
    /// True when the same write was made before and nothing new happened.
    pub replayed: bool,
}

impl Proposals {
    /// Opens a proposal, or finds the one that the same write opened before.
    ///
    /// `draft` builds the transaction; it is called at most once, and not at all for a repeated write. What it refuses with
    /// comes back as [`ProposalError::Rejected`]. While it runs no other proposal of the same creator is opened, so tokens
    /// it selects outside [`Draft::reserved`] are free.
    pub async fn open<F, B>(
        &self,
        principal: &Principal,
        request: &OpenRequest,
        draft: F,
    ) -> Result<Opened, ProposalError>
    where
        F: FnOnce(Draft) -> B + Send,
        B: Future<Output = Result<Drafted, Rejection>> + Send,
    {
        principal.require_participation(&request.chain)?;
        request.is_plausible()?;
        let creator = principal.party();
        let shared = &self.shared;
        let _turn = shared.creators.of(creator.as_bytes()).await;
        if let Some(stored) = rows::find_by_key(&shared.database, &creator, &request.idempotency_key).await? {
            if !equal_in_constant_time(&stored.input_hash, &request.input_hash()) {
                return Err(ProposalError::IdempotencyKeyReused);
            }
            return Ok(Opened { proposal: self.view(stored).await?, replayed: true });
        }
        let now_ms = shared.clock.now_ms();
        let open = rows::count_unfinished(&shared.database, &creator, now_ms).await?;
        if open >= OPEN_PER_CREATOR_MAX {
            return Err(ProposalError::TooManyOpen { open });
        }

        let reserved = reservation::of_party(&shared.database, &request.chain, &creator, now_ms).await?;
        let frame = self.frame(creator, request, now_ms).await?;
        let draft = draft(Draft { frame: frame.clone(), reserved: reserved.clone() });
        let drafted = draft.await.map_err(ProposalError::Rejected)?;
        let stored = self.admit(creator, request, &frame, &reserved, drafted).await?;
        Ok(Opened { proposal: self.view(stored).await?, replayed: false })
    }

    async fn frame(
        &self,
        creator: Address,
        request: &OpenRequest,
        now_ms: u64,
    ) -> Result<TransactionFrame, ProposalError> {
        let chain = request.chain;
        let tip = |ledger: &ledger_core::Ledger| Anchor { height: ledger.height(), block: ledger.tip() };
        let anchor = self.shared.node.read_ledger(&chain, tip).await.map_err(ProposalError::of_chain)?;
        Ok(TransactionFrame {
            chain,
            salt: random_bytes()?,
            submitter: creator,
            command_id: CommandId::derive(&chain, &creator, &request.idempotency_key),
            time_window: TimeWindow { from_ms: now_ms, until_ms: now_ms.saturating_add(request.valid_for_ms) },
            effective_on: match request.effective_on {
                Some(date) => date,
                None => Date::of_ms(now_ms).map_err(|error| ProposalError::Rejected(error.into()))?,
            },
            anchor,
        })
    }

    /// Checks what was drafted, puts it on record, keeps it.
    async fn admit(
        &self,
        creator: Address,
        request: &OpenRequest,
        frame: &TransactionFrame,
        reserved: &BTreeSet<StateRef>,
        drafted: Drafted,
    ) -> Result<StoredProposal, ProposalError> {
        let Drafted { transaction, summary } = drafted;
        if !stands_in(&transaction, frame) {
            return Err(ProposalError::FrameChanged);
        }
        if summary.len() > SUMMARY_LINES_MAX {
            return Err(ProposalError::SummaryTooLong { lines: summary.len() });
        }
        let node = &self.shared.node;
        let transaction = node.fill_claims(&request.chain, transaction).await?;
        let CheckedTransaction { examined, warnings } = node.check(&request.chain, transaction).await?;
        let own = own_tokens(&creator, &examined);
        let Examined { ledger, required, .. } = examined;
        if let Some(state) = own.iter().find(|state| reserved.contains(state)) {
            return Err(ProposalError::InputReserved { state: *state });
        }

        let mut stored = stored(creator, request, &ledger, &required, &summary)?;
        stored.warnings = warnings_text(&warnings)?;
        let details = json!({ "required": required_text(&required)?, "until_ms": stored.until_ms.to_string() });
        let record = journal_record("proposal_opened", creator, &stored, details);
        stored.journal_number = node.journal(&request.chain, record).await?;
        let reservation = |state: &StateRef| Reservation {
            chain: request.chain,
            state: *state,
            party: creator,
            until_ms: stored.until_ms,
            now_ms: stored.opened_at_ms,
        };
        let reservations: Vec<_> = own.iter().map(reservation).collect();
        let parties = concerned(creator, &required);
        stored.number = rows::open(&self.shared.database, &stored, &parties, &reservations).await?;
        self.tell(stored.id, stored.chain, parties);
        Ok(stored)
    }
}

/// The inputs that are tokens of the creator's own; nobody else's funds are ever reserved.
fn own_tokens(creator: &Address, examined: &Examined) -> Vec<StateRef> {
    let inputs = examined.ledger.inputs.iter();
    let own = inputs.filter(|input| input.state.owner == *creator && input.state.is("token", "holding"));
    own.map(|input| input.reference).collect()
}

fn stands_in(transaction: &Transaction, frame: &TransactionFrame) -> bool {
    transaction.chain == frame.chain
        && transaction.submitter == frame.submitter
        && transaction.command_id == frame.command_id
        && transaction.time_window == frame.time_window
        && transaction.salt == frame.salt
}

fn stored(
    creator: Address,
    request: &OpenRequest,
    ledger: &LedgerTransaction,
    required: &[Required],
    summary: &[SummaryLine],
) -> Result<StoredProposal, ProposalError> {
    let transaction = &ledger.transaction;
    Ok(StoredProposal {
        number: 0,
        id: ProposalId::random()?,
        chain: request.chain,
        creator,
        idempotency_key: request.idempotency_key.clone(),
        input_hash: request.input_hash(),
        body: transaction.encode(),
        transaction_id: ledger.id,
        command_id: transaction.command_id,
        required: required_text(required)?,
        summary: serde_json::to_string(summary).map_err(|_| ProposalError::StoredMalformed)?,
        until_ms: transaction.time_window.until_ms,
        opened_at_ms: transaction.time_window.from_ms,
        warnings: String::new(),
        journal_number: 0,
        ended: None,
    })
}
