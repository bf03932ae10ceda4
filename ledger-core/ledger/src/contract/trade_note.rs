//! Contract `trade_note` (交易单): payer and payee co-sign what is to be paid, when, under which papers.
//!
//! The payee owns the state and the payer takes part. Paid in full or void, it is gone, and its number is free again.

mod rules;

use thiserror::Error;

use crate::amount::Amount;
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::codes;
use crate::contract::{Contract, Due, Ground, Signer};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text, required};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId, EvidenceHash, StateRef, TradeNoteId};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Who disputes.
    pub by: Address,
    /// Why, at most 256 bytes.
    pub reason: String,
}

/// Why a trade note's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TradeNoteError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error("the contract trade_note has no command {name:?}; it has issue, dispute, resolve, pay and void")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// A lock on a note.
    #[error("trade notes take no locks; leave the lock out")]
    Locked,
    /// The command does not allow these states.
    #[error("{command} {rule}")]
    States {
        /// The command.
        command: &'static str,
        /// What it allows.
        rule: &'static str,
    },
    /// A note that is not sound.
    #[error("the note {number:?} is not sound: {field}")]
    NotSound {
        /// Its number.
        number: String,
        /// What is wrong.
        field: &'static str,
    },
    /// The note is disputed.
    #[error("the note {number} is disputed; payer and payee resolve that first")]
    Disputed {
        /// Its number.
        number: String,
    },
    /// Nobody disputes the note.
    #[error("nobody disputes the note {number}; there is nothing to resolve")]
    NotDisputed {
        /// Its number.
        number: String,
    },
    /// A dispute without a reason, or of a stranger.
    #[error("the note {number} is disputed by its payer or its payee, with a reason")]
    DisputeUnfounded {
        /// Its number.
        number: String,
    },
    /// A payment of nothing.
    #[error("nothing is paid on the note {number}; pay an amount over zero")]
    NothingPaid {
        /// Its number.
        number: String,
    },
    /// More is paid than is to be paid.
    #[error("{asked} are to be paid on the note {number}, {outstanding} are open, in smallest units; pay at most that")]
    Overpaid {
        /// Its number.
        number: String,
        /// What is to be paid.
        asked: u64,
        /// What is open.
        outstanding: u64,
    },
    /// The note created is not what the command makes.
    #[error("the note {number} becomes something else than the command makes; only what it names changes")]
    Changed {
        /// Its number.
        number: String,
    },
}

codes!(TradeNoteError {
    CommandUnknown => "TRADE_NOTE_COMMAND_UNKNOWN",
    Locked => "TRADE_NOTE_LOCKED",
    States => "TRADE_NOTE_STATES",
    NotSound => "TRADE_NOTE_NOT_SOUND",
    Disputed => "TRADE_NOTE_DISPUTED",
    NotDisputed => "TRADE_NOTE_NOT_DISPUTED",
    DisputeUnfounded => "TRADE_NOTE_DISPUTE_UNFOUNDED",
    NothingPaid => "TRADE_NOTE_NOTHING_PAID",
    Overpaid => "TRADE_NOTE_OVERPAID",
    Changed => "TRADE_NOTE_CHANGED",
} inner { Encoding });

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
        if amount.is_zero() {
            return Err(TradeNoteError::NothingPaid { number });
        }
        let (asked, open) = (amount.minor(), self.outstanding.minor());
        let rest = self.outstanding.checked_sub(amount);
        let outstanding = rest.map_err(|_| TradeNoteError::Overpaid { number, asked, outstanding: open })?;
        Ok((!outstanding.is_zero()).then(|| Self { outstanding, ..self.clone() }))
    }

    /// The same under a dispute.
    pub fn disputed(&self, dispute: Dispute) -> Result<Self, TradeNoteError> {
        let number = self.number.clone();
        if self.dispute.is_some() {
            return Err(TradeNoteError::Disputed { number });
        }
        if dispute.reason.is_empty() || (dispute.by != self.payer && dispute.by != self.payee) {
            return Err(TradeNoteError::DisputeUnfounded { number });
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
fn payment(command: &Command) -> Result<Amount, TradeNoteError> {
    let wire::TradeNotePay { amount, .. } = command.message()?;
    Ok(Amount::from_minor(amount).map_err(|_| EncodingError::OutOfRange { field: "amount" })?)
}

fn consumed(transaction: &LedgerTransaction) -> Result<Vec<TradeNote>, TradeNoteError> {
    transaction.inputs_of(NAME, NOTE).map(|input| read_note(&input.state)).collect()
}

fn created(transaction: &LedgerTransaction) -> Result<Vec<(u32, TradeNote)>, TradeNoteError> {
    let read = |(output, state): (u32, &State)| Ok((output, read_note(state)?));
    transaction.outputs_of(NAME, NOTE).map(read).collect()
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, TradeNoteError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let payer = |note: &TradeNote| Signer { party: note.payer, role: "payer" };
    let both = |note: &TradeNote| [payer(note), Signer { party: note.payee, role: "payee" }];
    let consumed = consumed(transaction)?;
    Ok(match command.name.as_str() {
        ISSUE => created(transaction)?.iter().flat_map(|(_, note)| both(note)).collect(),
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

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    /// The payer pays without the payee, who loses nothing by it; either side disputes for itself.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        let without_owner =
            transaction.command(NAME).is_some_and(|command| matches!(command.name.as_str(), PAY | DISPUTE));
        let inputs = transaction.inputs_of(NAME, NOTE).filter(|_| without_owner);
        Ok(inputs.map(|input| (input.reference, Ground::Signers)).collect())
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        let Some(command) = transaction.command(NAME).filter(|command| command.name == PAY) else {
            return Ok(Vec::new());
        };
        let amount = payment(command).map_err(ContractError::new)?;
        let due = |paid: TradeNote| Due { payee: paid.payee, asset: paid.asset, amount };
        Ok(consumed(transaction).map_err(ContractError::new)?.into_iter().map(due).collect())
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, note): (u32, TradeNote)| ClaimIdentity {
            class: "trade note number",
            near: near_number(&note.payee.to_string(), &note.number),
            parts: vec![note.payee.to_string(), note.number],
            output,
            kind: ClaimKind::Exclusive,
        };
        Ok(created(transaction).map_err(ContractError::new)?.into_iter().map(identity).collect())
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
        wire::TradeNoteDispute { by: self.by.to_vec(), reason: self.reason.clone() }
    }

    fn from_wire(message: wire::TradeNoteDispute) -> Result<Self, EncodingError> {
        plain_text(&message.reason, 256, "dispute.reason")?;
        Ok(Self { by: message.by.as_slice().try_into()?, reason: message.reason })
    }
}

#[cfg(test)]
mod tests;
