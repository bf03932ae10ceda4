//! Contract `trade_note` (交易单): payer and payee co-sign what is to be paid, when, under which papers.
//!
//! The payee owns the state and the payer takes part. Paid in full or void, it is gone, and its number is free again.

mod rules;

use thiserror::Error;

use crate::amount::Amount;
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::codes;
use crate::contract::debt::{self, Debt, DebtError};
use crate::contract::{Contract, Due, Ground, Signer};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text, required};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId, EvidenceHash, StateRef, TradeNoteId};
use crate::sealed::Sealed;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "trade_note";
/// The kind of a note's state.
pub const NOTE: &str = "note";
/// Issues a note; payer and payee sign.
pub const ISSUE: &str = "issue";
/// Disputes a note; payer or payee signs. It is not paid until the dispute is resolved.
pub const DISPUTE: &str = "dispute";
/// Ends a dispute; payer and payee sign.
pub const RESOLVE: &str = "resolve";
/// Pays a part or the whole, with a token transfer in the same transaction; the payer signs.
pub const PAY: &str = "pay";
/// Label of the sealed field that holds why a note is disputed.
pub const DISPUTE_REASON: &str = "trade_note/dispute/reason";
/// Ends a note unpaid; payer and payee sign.
pub const VOID: &str = "void";
/// Every command.
pub const COMMANDS: &[&str] = &[ISSUE, DISPUTE, RESOLVE, PAY, VOID];

/// Rules of trade notes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TradeNoteContract;

/// A trade note. The state's owner is the payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeNote {
    /// `H(chain, command id)`.
    pub note: TradeNoteId,
    /// Who pays.
    pub payer: Address,
    /// Who is paid.
    pub payee: Address,
    /// In which asset.
    pub asset: AssetId,
    /// The whole amount, in the asset's smallest unit.
    pub amount: Amount,
    /// What is still to be paid; over zero, at most `amount`.
    pub outstanding: Amount,
    /// When it is due.
    pub due_on: Date,
    /// Reference number; of one payee it stands on one live note at a time.
    pub number: String,
    /// Its documents; ascending, at most 32.
    pub files: Vec<EvidenceHash>,
    /// Who disputes it, and why.
    pub dispute: Option<Dispute>,
}

/// A dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Who disputes.
    pub by: Address,
    /// Why, in UTF-8: a matter of payer and payee, opened under [`DISPUTE_REASON`].
    pub reason: Sealed,
}

/// Why a trade note's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TradeNoteError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// What becomes of it.
    #[error(transparent)]
    Debt(#[from] DebtError),
    /// Not a command of the contract.
    #[error("the contract trade_note has no command {name:?}; it has issue, dispute, resolve, pay and void")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not one new note.
    #[error("issue creates one note and consumes none")]
    IssueStates,
    /// An id that is another's.
    #[error("the id of the note {number:?} does not follow from chain and command")]
    IdDiffers {
        /// Number of its document.
        number: String,
    },
    /// One party on both sides.
    #[error("payer and payee of the note {number:?} are one party; name two")]
    PayerIsPayee {
        /// Number of its document.
        number: String,
    },
    /// Nothing is to be paid.
    #[error("the note {number:?} is of zero; name an amount over zero")]
    AmountZero {
        /// Number of its document.
        number: String,
    },
    /// A part is paid already.
    #[error("the whole amount of the new note {number:?} is outstanding")]
    OutstandingDiffers {
        /// Number of its document.
        number: String,
    },
    /// Due before it begins.
    #[error("the note {number:?} is due before its effective date")]
    DueBeforeEffective {
        /// Number of its document.
        number: String,
    },
    /// No number.
    #[error("the note has no number")]
    NumberMissing,
    /// A file is not at hand.
    #[error("a file of the note {number:?} is not among the attachments; attach it")]
    FileNotAttached {
        /// Number of its document.
        number: String,
    },
    /// Disputed from the start.
    #[error("the new note {number:?} is disputed; it is disputed after it is issued")]
    NewDisputed {
        /// Number of its document.
        number: String,
    },
    /// Owner or participants of its state.
    #[error("the note {number:?} is its payee's, seen by the payer")]
    FrameDiffers {
        /// Number of its document.
        number: String,
    },
    /// The note is disputed.
    #[error("the note {number} is disputed; payer and payee resolve that first")]
    Disputed {
        /// Number of its document.
        number: String,
    },
    /// Nobody disputes the note.
    #[error("nobody disputes the note {number}; there is nothing to resolve")]
    NotDisputed {
        /// Number of its document.
        number: String,
    },
    /// A dispute of a stranger.
    #[error("the note {number} is disputed by its payer or its payee")]
    DisputeOfStranger {
        /// Number of its document.
        number: String,
    },
}

codes!(TradeNoteError {
    CommandUnknown => "TRADE_NOTE_COMMAND_UNKNOWN",
    IssueStates => "TRADE_NOTE_ISSUE_STATES",
    IdDiffers => "TRADE_NOTE_ID_DIFFERS",
    PayerIsPayee => "TRADE_NOTE_PAYER_IS_PAYEE",
    AmountZero => "TRADE_NOTE_AMOUNT_ZERO",
    OutstandingDiffers => "TRADE_NOTE_OUTSTANDING_DIFFERS",
    DueBeforeEffective => "TRADE_NOTE_DUE_BEFORE_EFFECTIVE",
    NumberMissing => "TRADE_NOTE_NUMBER_MISSING",
    FileNotAttached => "TRADE_NOTE_FILE_NOT_ATTACHED",
    NewDisputed => "TRADE_NOTE_NEW_DISPUTED",
    FrameDiffers => "TRADE_NOTE_FRAME_DIFFERS",
    Disputed => "TRADE_NOTE_DISPUTED",
    NotDisputed => "TRADE_NOTE_NOT_DISPUTED",
    DisputeOfStranger => "TRADE_NOTE_DISPUTE_OF_STRANGER",
} inner { Encoding, Debt });

/// A note's state; payee and payer see it.
pub fn note_state(note: &TradeNote) -> State {
    State::new(ContractId::built_in(NAME), NOTE, note.payee, [note.payer], &note.to_wire())
}

/// Reads a note.
pub fn read_note(state: &State) -> Result<TradeNote, TradeNoteError> {
    Ok(TradeNote::from_wire(state.message()?)?)
}

impl TradeNote {
    /// The most files of a note.
    pub const FILES_MAX: usize = 32;

    /// The same with less to pay; nothing once it is paid in full.
    pub fn paid(&self, amount: Amount) -> Result<Option<Self>, TradeNoteError> {
        let number = self.number.clone();
        if self.dispute.is_some() {
            return Err(TradeNoteError::Disputed { number });
        }
        let rest = debt::outstanding_after(self, amount)?;
        Ok(rest.map(|outstanding| Self { outstanding, ..self.clone() }))
    }

    /// The same under a dispute.
    pub fn disputed(&self, dispute: Dispute) -> Result<Self, TradeNoteError> {
        let number = self.number.clone();
        if self.dispute.is_some() {
            return Err(TradeNoteError::Disputed { number });
        }
        if dispute.by != self.payer && dispute.by != self.payee {
            return Err(TradeNoteError::DisputeOfStranger { number });
        }
        Ok(Self { dispute: Some(dispute), ..self.clone() })
    }

    /// The same without its dispute.
    pub fn resolved(&self) -> Result<Self, TradeNoteError> {
        if self.dispute.is_none() {
            return Err(TradeNoteError::NotDisputed { number: self.number.clone() });
        }
        Ok(Self { dispute: None, ..self.clone() })
    }
}

/// What a payment pays.
fn payment(command: &Command) -> Result<Amount, EncodingError> {
    let wire::TradeNotePay { amount, .. } = command.message()?;
    Amount::from_minor(amount).map_err(|_| EncodingError::OutOfRange { field: "amount" })
}

impl Debt for TradeNote {
    const CONTRACT: &'static str = NAME;

    fn read(state: &State) -> Result<Self, EncodingError> {
        Self::from_wire(state.message()?)
    }

    fn state(&self) -> State {
        note_state(self)
    }

    fn id(&self) -> &[u8; 32] {
        self.note.as_bytes()
    }

    fn number(&self) -> &str {
        &self.number
    }

    fn creditor(&self) -> (Address, AssetId) {
        (self.payee, self.asset)
    }

    fn outstanding(&self) -> Amount {
        self.outstanding
    }

    fn paid_by(command: &Command) -> Result<Option<Amount>, EncodingError> {
        if command.name == PAY { payment(command).map(Some) } else { Ok(None) }
    }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, TradeNoteError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let payer = |note: &TradeNote| Signer { party: note.payer, role: "payer" };
    let both = |note: &TradeNote| [payer(note), Signer { party: note.payee, role: "payee" }];
    let consumed = debt::consumed::<TradeNote>(transaction)?;
    Ok(match command.name.as_str() {
        ISSUE => debt::created(transaction)?.iter().flat_map(|(_, note)| both(note)).collect(),
        RESOLVE | VOID => consumed.iter().flat_map(both).collect(),
        PAY => consumed.iter().map(payer).collect(),
        DISPUTE => {
            let wire::TradeNoteRaise { by, .. } = command.message()?;
            vec![Signer { party: by.as_slice().try_into()?, role: "disputing party" }]
        }
        _ => Vec::new(),
    })
}

impl Contract for TradeNoteContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[NOTE]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    /// The payer pays without the payee, who loses nothing by it; either side disputes for itself.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(debt::grounds::<TradeNote>(transaction, &[PAY, DISPUTE]))
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        debt::dues::<TradeNote>(transaction).map_err(ContractError::new)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, note): (u32, TradeNote)| ClaimIdentity {
            class: "trade note number",
            near: near_number(&note.payee.to_string(), &note.number),
            parts: vec![note.payee.to_string(), note.number],
            output,
            kind: ClaimKind::Exclusive,
        };
        Ok(debt::created(transaction).map_err(ContractError::new)?.into_iter().map(identity).collect())
    }
}

impl Wire for TradeNote {
    type Message = wire::TradeNote;

    fn to_wire(&self) -> wire::TradeNote {
        wire::TradeNote {
            note: self.note.to_vec(),
            payer: self.payer.to_vec(),
            payee: self.payee.to_vec(),
            asset: self.asset.to_vec(),
            amount: self.amount.minor(),
            outstanding: self.outstanding.minor(),
            due_on: Some(self.due_on.to_wire()),
            number: self.number.clone(),
            files: self.files.iter().map(EvidenceHash::to_vec).collect(),
            dispute: self.dispute.as_ref().map(Wire::to_wire),
        }
    }

    fn from_wire(message: wire::TradeNote) -> Result<Self, EncodingError> {
        plain_text(&message.number, 64, "trade_note.number")?;
        at_most(&message.files, Self::FILES_MAX, "trade_note.files")?;
        let files = message.files.iter().map(|bytes| bytes.as_slice().try_into());
        let files = files.collect::<Result<Vec<EvidenceHash>, _>>()?;
        ascending(&files, "trade_note.files")?;
        let amount = |minor, field| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field });
        Ok(Self {
            note: message.note.as_slice().try_into()?,
            payer: message.payer.as_slice().try_into()?,
            payee: message.payee.as_slice().try_into()?,
            asset: message.asset.as_slice().try_into()?,
            amount: amount(message.amount, "trade_note.amount")?,
            outstanding: amount(message.outstanding, "trade_note.outstanding")?,
            due_on: Date::from_wire(required(message.due_on, "trade_note.due_on")?)?,
            number: message.number,
            files,
            dispute: message.dispute.map(Dispute::from_wire).transpose()?,
        })
    }
}

impl Wire for Dispute {
    type Message = wire::TradeNoteDispute;

    fn to_wire(&self) -> wire::TradeNoteDispute {
        wire::TradeNoteDispute { by: self.by.to_vec(), reason: Some(self.reason.to_wire()) }
    }

    fn from_wire(message: wire::TradeNoteDispute) -> Result<Self, EncodingError> {
        let reason = Sealed::from_wire(required(message.reason, "dispute.reason")?)?;
        Ok(Self { by: message.by.as_slice().try_into()?, reason })
    }
}

#[cfg(test)]
mod tests;
