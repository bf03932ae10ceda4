//! Contract `obligation`: a debt under a document, paid in tokens, assigned or cancelled.
//!
//! The creditor owns the state and the debtor takes part. Paid in full or cancelled, it is gone; its document's claim stays
//! for ever, so that no invoice makes two debts.

mod rules;

use thiserror::Error;

use crate::amount::Amount;
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::codes;
use crate::contract::{Contract, Due, Ground, Signer};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, plain_text, required};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId, EvidenceHash, ObligationId, StateRef};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "obligation";
/// The kind of an obligation's state.
pub const OBLIGATION: &str = "obligation";
/// Creates a confirmed obligation; debtor and creditor sign.
pub const CREATE: &str = "create";
/// Pays a part or the whole, with a token transfer in the same transaction; the debtor signs.
pub const SETTLE: &str = "settle";
/// Hands the claim on; the creditor and the new one sign.
pub const ASSIGN: &str = "assign";
/// Gives or takes back one side's consent to netting; that side signs.
pub const CONSENT: &str = "consent";
/// Ends it unpaid; debtor and creditor sign.
pub const CANCEL: &str = "cancel";
/// Every command.
pub const COMMANDS: &[&str] = &[CREATE, SETTLE, ASSIGN, CONSENT, CANCEL];

/// Rules of obligations.
#[derive(Clone, Copy, Debug, Default)]
pub struct ObligationContract;

/// A debt. The state's owner is the creditor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// `H(chain, command id)`.
    pub obligation: ObligationId,
    /// Who owes.
    pub debtor: Address,
    /// To whom.
    pub creditor: Address,
    /// In which asset it is paid.
    pub asset: AssetId,
    /// The whole debt as it was created, in the asset's smallest unit.
    pub amount: Amount,
    /// What is still owed; over zero, at most `amount`.
    pub outstanding: Amount,
    /// When it is due.
    pub due_on: Date,
    /// Who issued the source document: the first creditor.
    pub issuer: Address,
    /// Number of the source document.
    pub number: String,
    /// The source document.
    pub document: EvidenceHash,
    /// Whether the debtor consents to netting.
    pub debtor_nets: bool,
    /// Whether the creditor consents to netting.
    pub creditor_nets: bool,
}

/// Why an obligation's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ObligationError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error("the contract obligation has no command {name:?}; it has create, settle, assign, consent and cancel")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// A lock on an obligation.
    #[error("obligations take no locks; leave the lock out")]
    Locked,
    /// The command does not allow these states.
    #[error("{command} {rule}")]
    States {
        /// The command.
        command: &'static str,
        /// What it allows.
        rule: &'static str,
    },
    /// An obligation that is not sound.
    #[error("the obligation under {number:?} is not sound: {field}")]
    NotSound {
        /// Number of its document.
        number: String,
        /// What is wrong.
        field: &'static str,
    },
    /// A payment of nothing.
    #[error("nothing is paid on {number}; pay an amount over zero")]
    NothingPaid {
        /// Number of its document.
        number: String,
    },
    /// More is paid than owed.
    #[error("{asked} are to be paid on {number}, {outstanding} are owed, in smallest units; pay at most that")]
    Overpaid {
        /// Number of its document.
        number: String,
        /// What is to be paid.
        asked: u64,
        /// What is owed.
        outstanding: u64,
    },
    /// A new creditor who cannot be one.
    #[error("{number} is assigned to its debtor or its present creditor; name another party")]
    AssigneeIsParty {
        /// Number of its document.
        number: String,
    },
    /// Consent of a stranger.
    #[error("consent to netting of {number} is its debtor's and its creditor's to give")]
    ConsentOfStranger {
        /// Number of its document.
        number: String,
    },
    /// The obligation created is not what the command makes.
    #[error("the obligation under {number} becomes something else than the command makes; only what it names changes")]
    Changed {
        /// Number of its document.
        number: String,
    },
}

codes!(ObligationError {
    CommandUnknown => "OBLIGATION_COMMAND_UNKNOWN",
    Locked => "OBLIGATION_LOCKED",
    States => "OBLIGATION_STATES",
    NotSound => "OBLIGATION_NOT_SOUND",
    NothingPaid => "OBLIGATION_NOTHING_PAID",
    Overpaid => "OBLIGATION_OVERPAID",
    AssigneeIsParty => "OBLIGATION_ASSIGNEE_IS_PARTY",
    ConsentOfStranger => "OBLIGATION_CONSENT_OF_STRANGER",
    Changed => "OBLIGATION_CHANGED",
} inner { Encoding });

/// An obligation's state; creditor and debtor see it.
pub fn obligation_state(obligation: &Obligation) -> State {
    let participants = [obligation.debtor];
    let creditor = obligation.creditor;
    State::new(ContractId::built_in(NAME), OBLIGATION, creditor, participants, &obligation.to_wire())
}

/// Reads an obligation.
pub fn read_obligation(state: &State) -> Result<Obligation, ObligationError> {
    Ok(Obligation::from_wire(state.message()?)?)
}

impl Obligation {
    /// The same with less outstanding; nothing once it is paid in full.
    pub fn paid(&self, amount: Amount) -> Result<Option<Self>, ObligationError> {
        let number = self.number.clone();
        if amount.is_zero() {
            return Err(ObligationError::NothingPaid { number });
        }
        let (asked, owed) = (amount.minor(), self.outstanding.minor());
        let rest = self.outstanding.checked_sub(amount);
        let outstanding = rest.map_err(|_| ObligationError::Overpaid { number, asked, outstanding: owed })?;
        Ok((!outstanding.is_zero()).then(|| Self { outstanding, ..self.clone() }))
    }

    /// The same in other hands; the new creditor's consent to netting is his own to give.
    pub fn assigned(&self, creditor: Address) -> Self {
        Self { creditor, creditor_nets: false, ..self.clone() }
    }

    /// The same with one side's consent to netting set.
    pub fn consented(&self, party: Address, nets: bool) -> Result<Self, ObligationError> {
        if party == self.debtor {
            Ok(Self { debtor_nets: nets, ..self.clone() })
        } else if party == self.creditor {
            Ok(Self { creditor_nets: nets, ..self.clone() })
        } else {
            Err(ObligationError::ConsentOfStranger { number: self.number.clone() })
        }
    }

    /// True when both sides consent to netting.
    pub fn nets(&self) -> bool {
        self.debtor_nets && self.creditor_nets
    }
}

/// What a settlement pays.
fn settled(command: &Command) -> Result<Amount, ObligationError> {
    let wire::ObligationSettle { amount, .. } = command.message()?;
    Ok(Amount::from_minor(amount).map_err(|_| EncodingError::OutOfRange { field: "amount" })?)
}

fn consumed(transaction: &LedgerTransaction) -> Result<Vec<Obligation>, ObligationError> {
    transaction.inputs_of(NAME, OBLIGATION).map(|input| read_obligation(&input.state)).collect()
}

fn created(transaction: &LedgerTransaction) -> Result<Vec<(u32, Obligation)>, ObligationError> {
    let read = |(output, state): (u32, &State)| Ok((output, read_obligation(state)?));
    transaction.outputs_of(NAME, OBLIGATION).map(read).collect()
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, ObligationError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let debtor = |obligation: &Obligation| Signer { party: obligation.debtor, role: "debtor" };
    let creditor = |obligation: &Obligation| Signer { party: obligation.creditor, role: "creditor" };
    let consumed = consumed(transaction)?;
    Ok(match command.name.as_str() {
        CREATE => created(transaction)?.iter().flat_map(|(_, created)| [debtor(created), creditor(created)]).collect(),
        SETTLE => consumed.iter().map(debtor).collect(),
        CANCEL => consumed.iter().flat_map(|ended| [debtor(ended), creditor(ended)]).collect(),
        ASSIGN => {
            let wire::ObligationAssign { to, .. } = command.message()?;
            let assignee = Signer { party: to.as_slice().try_into()?, role: "assignee" };
            consumed.iter().map(creditor).chain([assignee]).collect()
        }
        CONSENT => {
            let wire::ObligationConsent { party, .. } = command.message()?;
            vec![Signer { party: party.as_slice().try_into()?, role: "consenting party" }]
        }
        _ => Vec::new(),
    })
}

impl Contract for ObligationContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    /// The debtor pays without the creditor, who loses nothing by it; either side consents for itself.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        let without_owner =
            transaction.command(NAME).is_some_and(|command| matches!(command.name.as_str(), SETTLE | CONSENT));
        let inputs = transaction.inputs_of(NAME, OBLIGATION).filter(|_| without_owner);
        Ok(inputs.map(|input| (input.reference, Ground::Signers)).collect())
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        let Some(command) = transaction.command(NAME).filter(|command| command.name == SETTLE) else {
            return Ok(Vec::new());
        };
        let amount = settled(command).map_err(ContractError::new)?;
        let due = |paid: Obligation| Due { payee: paid.creditor, asset: paid.asset, amount };
        Ok(consumed(transaction).map_err(ContractError::new)?.into_iter().map(due).collect())
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, obligation): (u32, Obligation)| ClaimIdentity {
            class: "source document of an obligation",
            near: near_number(&obligation.issuer.to_string(), &obligation.number),
            parts: vec![obligation.issuer.to_string(), obligation.number],
            output,
            kind: ClaimKind::Once,
        };
        Ok(created(transaction).map_err(ContractError::new)?.into_iter().map(identity).collect())
    }
}

impl Wire for Obligation {
    type Message = wire::Obligation;

    fn to_wire(&self) -> wire::Obligation {
        wire::Obligation {
            obligation: self.obligation.to_vec(),
            debtor: self.debtor.to_vec(),
            creditor: self.creditor.to_vec(),
            asset: self.asset.to_vec(),
            amount: self.amount.minor(),
            outstanding: self.outstanding.minor(),
            due_on: Some(self.due_on.to_wire()),
            issuer: self.issuer.to_vec(),
            number: self.number.clone(),
            document: self.document.to_vec(),
            debtor_nets: self.debtor_nets,
            creditor_nets: self.creditor_nets,
        }
    }

    fn from_wire(message: wire::Obligation) -> Result<Self, EncodingError> {
        plain_text(&message.number, 64, "obligation.number")?;
        let amount = |minor, field| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field });
        Ok(Self {
            obligation: message.obligation.as_slice().try_into()?,
            debtor: message.debtor.as_slice().try_into()?,
            creditor: message.creditor.as_slice().try_into()?,
            asset: message.asset.as_slice().try_into()?,
            amount: amount(message.amount, "obligation.amount")?,
            outstanding: amount(message.outstanding, "obligation.outstanding")?,
            due_on: Date::from_wire(required(message.due_on, "obligation.due_on")?)?,
            issuer: message.issuer.as_slice().try_into()?,
            number: message.number,
            document: message.document.as_slice().try_into()?,
            debtor_nets: message.debtor_nets,
            creditor_nets: message.creditor_nets,
        })
    }
}

#[cfg(test)]
mod tests;
