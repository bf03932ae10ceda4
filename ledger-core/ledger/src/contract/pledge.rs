//! Contract `pledge`: a title secures a debt. The title is locked for the pledgee, whoever else would sign.

mod rules;

use thiserror::Error;

use crate::amount::{Amount, AmountError};
use crate::codes;
use crate::contract::{Contract, Ground, Signer};
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContextId, ContractId, PledgeId, StateRef, TitleId};
use crate::lock::{Lock, LockKind};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// The contract's name.
pub const NAME: &str = "pledge";
/// The kind of a pledge's state.
pub const PLEDGE: &str = "pledge";
/// Pledges a title; pledgor, pledgee and custodian sign.
pub const CREATE: &str = "pledge";
/// Ends a pledge; the pledgee signs.
pub const RELEASE: &str = "release";

/// Rules of pledges.
#[derive(Clone, Copy, Debug, Default)]
pub struct PledgeContract;

/// A pledge of a title. The state's owner is the pledgee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pledge {
    /// `H(chain, command id)`; also the context of the title's lock.
    pub pledge: PledgeId,
    /// The title.
    pub title: TitleId,
    /// The title's document number.
    pub number: String,
    /// Whose title it is.
    pub pledgor: Address,
    /// For whom it is locked.
    pub pledgee: Address,
    /// Who keeps the goods.
    pub custodian: Address,
    /// Pledged quantity, in `unit`.
    pub quantity: Amount,
    /// The title's unit.
    pub unit: String,
    /// The asset of the secured debt.
    pub secured_asset: AssetId,
    /// The most that it secures, in the asset's smallest unit.
    pub secured_maximum: Amount,
    /// 1 is the senior rank.
    pub rank: u32,
}

/// Why a pledge transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PledgeError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A quantity out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The title is not readable.
    #[error(transparent)]
    Title(#[from] crate::contract::title::TitleError),
    /// Not a command of the contract.
    #[error("the contract pledge has no command {name:?}; it has pledge and release")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The title is pledged already.
    #[error("the document {number} is pledged already; it can be pledged again when that pledge is released")]
    Exists {
        /// The title's document number.
        number: String,
    },
    /// The title is offered for transfer.
    #[error("the document {number} is offered for transfer; it can be pledged when the offer is refused or has ended")]
    Offered {
        /// The title's document number.
        number: String,
    },
    /// The command does not allow these states.
    #[error("{command} {rule}")]
    States {
        /// The command.
        command: &'static str,
        /// What it allows.
        rule: &'static str,
    },
    /// The pledge differs from its title or command.
    #[error("the pledge of {number} differs from its title and command: {field}")]
    Differs {
        /// The title's document number.
        number: String,
        /// Which field.
        field: &'static str,
    },
    /// More is released than is pledged.
    #[error("{asked} {unit} of {number} are to be released, {pledged} are pledged; release at most that")]
    OverRelease {
        /// The title's document number.
        number: String,
        /// Quantity asked.
        asked: u64,
        /// Quantity pledged.
        pledged: u64,
        /// Unit of both.
        unit: String,
    },
    /// Less is released than the whole.
    #[error(
        "{asked} {unit} of {number} are to be released; the pledge covers {pledged} under one document and is released as a whole"
    )]
    PartialRelease {
        /// The title's document number.
        number: String,
        /// Quantity asked.
        asked: u64,
        /// Quantity pledged.
        pledged: u64,
        /// Unit of both.
        unit: String,
    },
}

codes!(PledgeError {
    CommandUnknown => "PLEDGE_COMMAND_UNKNOWN",
    Exists => "PLEDGE_EXISTS",
    Offered => "PLEDGE_TITLE_OFFERED",
    States => "PLEDGE_STATES",
    Differs => "PLEDGE_DIFFERS",
    OverRelease => "PLEDGE_OVER_RELEASE",
    PartialRelease => "PLEDGE_PARTIAL_RELEASE",
} inner { Encoding, Amount, Title });

/// A pledge's state; pledgor and custodian see it too.
pub fn pledge_state(pledge: &Pledge) -> State {
    let participants = [pledge.pledgor, pledge.custodian];
    State::new(ContractId::built_in(NAME), PLEDGE, pledge.pledgee, participants, &pledge.to_wire())
}

/// Reads a pledge.
pub fn read_pledge(state: &State) -> Result<Pledge, PledgeError> {
    Ok(Pledge::from_wire(state.message()?)?)
}

/// The lock that a pledge puts on its title.
pub fn pledge_lock(pledge: &Pledge) -> Lock {
    let context = pledge.pledge.context();
    Lock { kind: LockKind::Pledge, locker: pledge.pledgee, context, rank: pledge.rank, amount: None, until_ms: None }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, PledgeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let mut signers = Vec::new();
    if command.name == CREATE {
        for (_, state) in transaction.outputs_of(NAME, PLEDGE) {
            let Pledge { pledgor, pledgee, custodian, .. } = read_pledge(state)?;
            signers.push(Signer { party: pledgor, role: "pledgor" });
            signers.push(Signer { party: pledgee, role: "pledgee" });
            signers.push(Signer { party: custodian, role: "custodian" });
        }
    } else {
        let inputs = transaction.inputs_of(NAME, PLEDGE);
        signers.extend(inputs.map(|input| Signer { party: input.state.owner, role: "pledgee" }));
    }
    Ok(signers)
}

/// A released title is consumed on its pledge; its holder need not sign.
fn grounds(transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, PledgeError> {
    if transaction.command(NAME).is_none_or(|command| command.name != RELEASE) {
        return Ok(Vec::new());
    }
    let mut grounds = Vec::new();
    for input in transaction.inputs_of(NAME, PLEDGE) {
        let context = read_pledge(&input.state)?.pledge.context();
        let titles =
            transaction.inputs.iter().filter(|title| title.state.locks.iter().any(|lock| lock.context == context));
        grounds.extend(titles.map(|title| (title.reference, Ground::Locker(context))));
    }
    Ok(grounds)
}

/// The pledges that begin or end here.
fn lock_contexts(transaction: &LedgerTransaction) -> Result<Vec<ContextId>, PledgeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let created = transaction.outputs_of(NAME, PLEDGE).map(|(_, state)| state).filter(|_| command.name == CREATE);
    let ended =
        transaction.inputs_of(NAME, PLEDGE).map(|input| input.state.as_ref()).filter(|_| command.name == RELEASE);
    created.chain(ended).map(|state| Ok(read_pledge(state)?.pledge.context())).collect()
}

impl Contract for PledgeContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        grounds(transaction).map_err(ContractError::new)
    }

    fn lock_contexts(&self, transaction: &LedgerTransaction) -> Result<Vec<ContextId>, ContractError> {
        lock_contexts(transaction).map_err(ContractError::new)
    }
}

impl Wire for Pledge {
    type Message = wire::Pledge;

    fn to_wire(&self) -> wire::Pledge {
        wire::Pledge {
            pledge: self.pledge.to_vec(),
            title: self.title.to_vec(),
            number: self.number.clone(),
            pledgor: self.pledgor.to_vec(),
            pledgee: self.pledgee.to_vec(),
            custodian: self.custodian.to_vec(),
            quantity: self.quantity.minor(),
            unit: self.unit.clone(),
            secured_asset: self.secured_asset.to_vec(),
            secured_maximum: self.secured_maximum.minor(),
            rank: self.rank,
        }
    }

    fn from_wire(message: wire::Pledge) -> Result<Self, EncodingError> {
        plain_text(&message.number, 64, "pledge.number")?;
        plain_text(&message.unit, 16, "pledge.unit")?;
        let amount = |minor, field| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field });
        Ok(Self {
            pledge: message.pledge.as_slice().try_into()?,
            title: message.title.as_slice().try_into()?,
            number: message.number,
            pledgor: message.pledgor.as_slice().try_into()?,
            pledgee: message.pledgee.as_slice().try_into()?,
            custodian: message.custodian.as_slice().try_into()?,
            quantity: amount(message.quantity, "pledge.quantity")?,
            unit: message.unit,
            secured_asset: message.secured_asset.as_slice().try_into()?,
            secured_maximum: amount(message.secured_maximum, "pledge.secured_maximum")?,
            rank: message.rank,
        })
    }
}

#[cfg(test)]
mod tests;
