//! Contract `obligation`: a debt under a document, paid in tokens, assigned, cancelled or netted in a round.
//!
//! The creditor owns the state and the debtor takes part. Paid in full or cancelled, it is gone; its document's claim stays
//! for ever, so that no invoice makes two debts.

mod rules;

use thiserror::Error;

use crate::amount::Amount;
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::codes;
use crate::contract::debt::{self, Debt, DebtError};
use crate::contract::{Contract, Due, Ground, Signer, pledge};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, plain_text, required};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId, EvidenceHash, ObligationId, RoundId, StateRef};
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
/// Gives one side's consent to netting, or takes it back; that side signs.
pub const CONSENT: &str = "consent";
/// Ends it unpaid; debtor and creditor sign.
pub const CANCEL: &str = "cancel";
/// Does what the netting round's command of the same transaction says; who signs is that command's to say.
pub const NET: &str = "net";
/// Every command.
pub const COMMANDS: &[&str] = &[CREATE, SETTLE, ASSIGN, CONSENT, CANCEL, NET];

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
    /// The debtor's consent to netting.
    pub debtor_nets: Option<NettingConsent>,
    /// The creditor's consent to netting.
    pub creditor_nets: Option<NettingConsent>,
    /// The netting round that holds it; while one does, [`NET`] alone changes it.
    pub round: Option<RoundId>,
}

/// One side's consent that an obligation is netted, in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NettingConsent {
    /// Who runs the round.
    pub operator: Address,
    /// When the round ends at the latest, milliseconds UTC.
    pub until_ms: u64,
}

/// Why an obligation's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ObligationError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// What becomes of it.
    #[error(transparent)]
    Debt(#[from] DebtError),
    /// Not a command of the contract.
    #[error("the contract obligation has no command {name:?}; it has create, settle, assign, consent, cancel and net")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not one new obligation.
    #[error("create creates one obligation and consumes none")]
    CreateStates,
    /// An id that is another's.
    #[error("the id of the obligation under {number:?} does not follow from chain and command")]
    IdDiffers {
        /// Number of its document.
        number: String,
    },
    /// One party on both sides.
    #[error("debtor and creditor of {number:?} are one party; name two")]
    DebtorIsCreditor {
        /// Number of its document.
        number: String,
    },
    /// Nothing is owed.
    #[error("the obligation under {number:?} is of zero; name an amount over zero")]
    AmountZero {
        /// Number of its document.
        number: String,
    },
    /// A part is paid already.
    #[error("the whole amount of the new obligation under {number:?} is outstanding")]
    OutstandingDiffers {
        /// Number of its document.
        number: String,
    },
    /// Due before it begins.
    #[error("the obligation under {number:?} is due before its effective date")]
    DueBeforeEffective {
        /// Number of its document.
        number: String,
    },
    /// A document of another.
    #[error("the document {number:?} is the first creditor's own; its issuer is another")]
    IssuerDiffers {
        /// Number of its document.
        number: String,
    },
    /// No number.
    #[error("the obligation's document has no number")]
    NumberMissing,
    /// The document is not at hand.
    #[error("the document {number:?} is not among the attachments; attach it")]
    DocumentNotAttached {
        /// Number of its document.
        number: String,
    },
    /// Owner or participants of its state.
    #[error("the obligation under {number:?} is its creditor's, seen by the debtor")]
    FrameDiffers {
        /// Number of its document.
        number: String,
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
    /// A new one that is in a round already.
    #[error("the new obligation under {number:?} names a netting round; leave it out and join the round later")]
    NewInRound {
        /// Number of its document.
        number: String,
    },
    /// A round holds it.
    #[error(
        "{number} is in the netting round {round}; withdraw it before the cut-off, or wait until the round is applied or voided"
    )]
    InRound {
        /// Number of its document.
        number: String,
        /// The round.
        round: RoundId,
    },
    /// No round says what is netted.
    #[error(
        "net goes with join, withdraw, apply or release of a netting_round in the same transaction; add that command"
    )]
    NetWithoutRound,
}

codes!(ObligationError {
    CommandUnknown => "OBLIGATION_COMMAND_UNKNOWN",
    CreateStates => "OBLIGATION_CREATE_STATES",
    IdDiffers => "OBLIGATION_ID_DIFFERS",
    DebtorIsCreditor => "OBLIGATION_DEBTOR_IS_CREDITOR",
    AmountZero => "OBLIGATION_AMOUNT_ZERO",
    OutstandingDiffers => "OBLIGATION_OUTSTANDING_DIFFERS",
    DueBeforeEffective => "OBLIGATION_DUE_BEFORE_EFFECTIVE",
    IssuerDiffers => "OBLIGATION_ISSUER_DIFFERS",
    NumberMissing => "OBLIGATION_NUMBER_MISSING",
    DocumentNotAttached => "OBLIGATION_DOCUMENT_NOT_ATTACHED",
    FrameDiffers => "OBLIGATION_FRAME_DIFFERS",
    AssigneeIsParty => "OBLIGATION_ASSIGNEE_IS_PARTY",
    ConsentOfStranger => "OBLIGATION_CONSENT_OF_STRANGER",
    NewInRound => "OBLIGATION_NEW_IN_ROUND",
    InRound => "OBLIGATION_IN_ROUND",
    NetWithoutRound => "OBLIGATION_NET_WITHOUT_ROUND",
} inner { Encoding, Debt });

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
    pub fn paid(&self, amount: Amount) -> Result<Option<Self>, DebtError> {
        let rest = debt::outstanding_after(self, amount)?;
        Ok(rest.map(|outstanding| Self { outstanding, ..self.clone() }))
    }

    /// The same in other hands; the new creditor's consent to netting is his own to give.
    pub fn assigned(&self, creditor: Address) -> Self {
        Self { creditor, creditor_nets: None, ..self.clone() }
    }

    /// The same with one side's consent to netting, or without it.
    pub fn consented(&self, party: Address, nets: Option<NettingConsent>) -> Result<Self, ObligationError> {
        if party == self.debtor {
            Ok(Self { debtor_nets: nets, ..self.clone() })
        } else if party == self.creditor {
            Ok(Self { creditor_nets: nets, ..self.clone() })
        } else {
            Err(ObligationError::ConsentOfStranger { number: self.number.clone() })
        }
    }

    /// The same, held by a netting round.
    pub fn joined(&self, round: RoundId) -> Self {
        Self { round: Some(round), ..self.clone() }
    }

    /// The same, held by no netting round; what it joins next, both sides consent to anew.
    pub fn freed(&self) -> Self {
        Self { round: None, debtor_nets: None, creditor_nets: None, ..self.clone() }
    }

    /// What a committed netting round leaves of it, held by none; nothing once all is cleared, or more than is owed.
    pub fn netted(&self, cleared: Amount) -> Option<Self> {
        let outstanding = self.outstanding.checked_sub(cleared).ok().filter(|rest| !rest.is_zero())?;
        Some(Self { outstanding, ..self.freed() })
    }
}

/// What a settlement pays.
fn settled(command: &Command) -> Result<Amount, EncodingError> {
    let wire::ObligationSettle { amount, .. } = command.message()?;
    Amount::from_minor(amount).map_err(|_| EncodingError::OutOfRange { field: "amount" })
}

impl Debt for Obligation {
    const CONTRACT: &'static str = NAME;

    fn read(state: &State) -> Result<Self, EncodingError> {
        Self::from_wire(state.message()?)
    }

    fn state(&self) -> State {
        obligation_state(self)
    }

    fn id(&self) -> &[u8; 32] {
        self.obligation.as_bytes()
    }

    fn number(&self) -> &str {
        &self.number
    }

    fn creditor(&self) -> (Address, AssetId) {
        (self.creditor, self.asset)
    }

    fn outstanding(&self) -> Amount {
        self.outstanding
    }

    fn paid_by(command: &Command) -> Result<Option<Amount>, EncodingError> {
        if command.name == SETTLE { settled(command).map(Some) } else { Ok(None) }
    }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, ObligationError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let debtor = |obligation: &Obligation| Signer { party: obligation.debtor, role: "debtor" };
    let creditor = |obligation: &Obligation| Signer { party: obligation.creditor, role: "creditor" };
    let consumed = debt::consumed::<Obligation>(transaction)?;
    Ok(match command.name.as_str() {
        CREATE => {
            debt::created(transaction)?.iter().flat_map(|(_, created)| [debtor(created), creditor(created)]).collect()
        }
        SETTLE => {
            let mut signers = Vec::new();
            for settled in &consumed {
                let is_enforced = pledge::pays(transaction, settled.id())?;
                signers.push(if is_enforced { creditor(settled) } else { debtor(settled) });
            }
            signers
        }
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

    fn kinds(&self) -> &'static [&'static str] {
        &[OBLIGATION]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    /// The debtor pays without the creditor, who loses nothing by it; either side consents for itself; who has consented is
    /// not asked again.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(debt::grounds::<Obligation>(transaction, &[SETTLE, CONSENT, NET]))
    }

    /// Which step it is, the round says; the obligations only follow.
    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        let nets = transaction.command(NAME).is_some_and(|command| command.name == NET);
        Ok(nets.then(|| format!("{NAME}/{NET}")))
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        debt::dues::<Obligation>(transaction).map_err(ContractError::new)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, obligation): (u32, Obligation)| ClaimIdentity {
            class: "source document of an obligation",
            near: near_number(&obligation.issuer.to_string(), &obligation.number),
            parts: vec![obligation.issuer.to_string(), obligation.number],
            output,
            kind: ClaimKind::Once,
        };
        Ok(debt::created(transaction).map_err(ContractError::new)?.into_iter().map(identity).collect())
    }
}

impl Wire for NettingConsent {
    type Message = wire::NettingConsent;

    fn to_wire(&self) -> wire::NettingConsent {
        wire::NettingConsent { operator: self.operator.to_vec(), until_ms: self.until_ms }
    }

    fn from_wire(message: wire::NettingConsent) -> Result<Self, EncodingError> {
        Ok(Self { operator: message.operator.as_slice().try_into()?, until_ms: message.until_ms })
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
            debtor_nets: self.debtor_nets.map(|consent| consent.to_wire()),
            creditor_nets: self.creditor_nets.map(|consent| consent.to_wire()),
            round: self.round.as_ref().map(RoundId::to_vec).unwrap_or_default(),
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
            debtor_nets: message.debtor_nets.map(NettingConsent::from_wire).transpose()?,
            creditor_nets: message.creditor_nets.map(NettingConsent::from_wire).transpose()?,
            round: (!message.round.is_empty()).then(|| message.round.as_slice().try_into()).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests;
