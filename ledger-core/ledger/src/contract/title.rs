//! Contract `title`: title to goods under one document, transferred by offer and acceptance.
//!
//! An offer is a hold whose locker is the transferee: until it ends the holder cannot move the title, and the transferee
//! accepts it, with the custodian's seal, or refuses it. An offer that is a leg of a settlement is accepted with its other legs.

mod error;
mod rules;
mod split;

pub use error::TitleError;

use crate::amount::Amount;
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::condition::Condition;
use crate::contract::{Contract, Ground, Holding, LockChange, Signer, agreement};
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::error::ContractError;
use crate::hash::{Domain, hash};
use crate::id::{Address, AssetId, ChainId, CommandId, ContextId, ContractId, StateRef, TitleId};
use crate::lock::{Lock, LockKind};
use crate::party::Permission;
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// The contract's name.
pub const NAME: &str = "title";
/// The kind of a title's state.
pub const TITLE: &str = "title";
/// Issues titles; custodian and holder sign.
pub const ISSUE: &str = "issue";
/// Offers a title to a transferee until a time; the holder signs.
pub const OFFER: &str = "offer";
/// Takes over an offered title; the transferee signs, the custodian seals.
pub const ACCEPT: &str = "accept";
/// Refuses an offered title; the transferee signs.
pub const REFUSE: &str = "refuse";
/// Takes an ended offer back; the holder signs.
pub const WITHDRAW: &str = "withdraw";
/// Makes several titles of one; holder and custodian sign.
pub const SPLIT: &str = "split";
/// Makes one title of several; holder and custodian sign.
pub const MERGE: &str = "merge";
/// Takes a title over from an enforced pledge; the taker signs, the custodian seals.
pub const TAKE: &str = "take";
/// Takes titles into an agreement or out of it, as its step says; the custodian seals those that go in.
pub const CARRY: &str = "carry";
/// Every command.
pub const COMMANDS: &[&str] = &[ISSUE, OFFER, ACCEPT, REFUSE, WITHDRAW, SPLIT, MERGE, TAKE, CARRY];

/// Rules of titles.
#[derive(Clone, Copy, Debug, Default)]
pub struct TitleContract;

/// Title to goods. The state's owner is the holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// `H(chain, custodian, number)`.
    pub title: TitleId,
    /// Who keeps the goods.
    pub custodian: Address,
    /// Number of the document.
    pub number: String,
    /// Quantity of the goods, in `unit`.
    pub quantity: Amount,
    /// UN/ECE Rec 20 code: KGM, C62.
    pub unit: String,
}

/// A title's state; holder and custodian see it.
pub fn title_state(title: &Title, holder: Address) -> State {
    State::new(ContractId::built_in(NAME), TITLE, holder, [title.custodian], &title.to_wire())
}

/// Reads a title.
pub fn read_title(state: &State) -> Result<Title, TitleError> {
    Ok(Title::from_wire(state.message()?)?)
}

/// The lock that an offer is.
pub fn offer_lock(chain: &ChainId, command: &CommandId, to: Address, until_ms: u64) -> Lock {
    let context = ContextId::from_bytes(hash(Domain::Offer, &[chain.as_bytes(), command.as_bytes()]));
    Lock { kind: LockKind::Hold, locker: to, context, rank: 1, amount: None, until_ms: Some(until_ms) }
}

/// The offer on a title's state, if there is one: a hold by itself, an escrow as a leg of a settlement.
pub fn offer_on(state: &State) -> Option<&Lock> {
    state.locks.iter().find(|lock| matches!(lock.kind, LockKind::Hold | LockKind::Escrow))
}

/// The title's state in other hands or under other locks: same content, participants as they must be.
pub fn moved(state: &State, holder: Address, locks: Vec<Lock>) -> Result<State, TitleError> {
    Ok(title_state(&read_title(state)?, holder).with_locks(locks))
}

fn issued(transaction: &LedgerTransaction) -> Result<Vec<(u32, Title, Address)>, TitleError> {
    let read = |(output, state): (u32, &State)| Ok((output, read_title(state)?, state.owner));
    transaction.outputs_of(NAME, TITLE).map(read).collect()
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, TitleError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let inputs = || transaction.inputs_of(NAME, TITLE);
    let mut signers = Vec::new();
    match command.name.as_str() {
        ISSUE => {
            for (_, title, holder) in issued(transaction)? {
                signers.push(Signer { party: title.custodian, role: "custodian" });
                signers.push(Signer { party: holder, role: "holder" });
            }
        }
        ACCEPT | REFUSE => {
            for input in inputs() {
                signers.extend(offer_on(&input.state).map(|lock| Signer { party: lock.locker, role: "transferee" }));
                if command.name == ACCEPT {
                    signers.push(Signer { party: read_title(&input.state)?.custodian, role: "custodian" });
                }
            }
        }
        TAKE => {
            let wire::TitleTake { to, .. } = command.message()?;
            signers.push(Signer { party: to.as_slice().try_into()?, role: "taker" });
            for input in inputs() {
                signers.push(Signer { party: read_title(&input.state)?.custodian, role: "custodian" });
            }
        }
        // Who pays it in signs as its owner; the agreement asks for the custodian's seal.
        CARRY => {}
        SPLIT | MERGE => {
            for input in inputs() {
                signers.push(Signer { party: input.state.owner, role: "holder" });
                signers.push(Signer { party: read_title(&input.state)?.custodian, role: "custodian" });
            }
        }
        _ => signers.extend(inputs().map(|input| Signer { party: input.state.owner, role: "holder" })),
    }
    Ok(signers)
}

fn grounds(transaction: &LedgerTransaction) -> Vec<(StateRef, Ground)> {
    let by_transferee =
        transaction.command(NAME).is_some_and(|command| matches!(command.name.as_str(), ACCEPT | REFUSE));
    let offered = transaction.inputs_of(NAME, TITLE).filter(|_| by_transferee);
    offered
        .filter_map(|input| offer_on(&input.state).map(|lock| (input.reference, Ground::Locker(lock.context))))
        .collect()
}

impl Contract for TitleContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[TITLE]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(grounds(transaction))
    }

    /// A step of an agreement moves the agreement's own without anybody.
    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        let command = transaction.command(NAME).filter(|command| command.name == CARRY);
        Ok(command.filter(|_| agreement::stepping(transaction).is_some()).map(|_| format!("{NAME}/{CARRY}")))
    }

    fn lock_changes(&self, transaction: &LedgerTransaction) -> Result<Vec<LockChange>, ContractError> {
        let change = |lock: &Lock| LockChange { contract: NAME, context: lock.context };
        let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
        let offered = transaction.outputs_of(NAME, TITLE).map(|(_, state)| state);
        let ended = transaction.inputs_of(NAME, TITLE).map(|input| input.state.as_ref());
        Ok(match command.name.as_str() {
            OFFER => offered.filter_map(offer_on).map(change).collect(),
            ACCEPT | REFUSE => ended.filter_map(offer_on).map(change).collect(),
            _ => Vec::new(),
        })
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let issued = issued(transaction).map_err(ContractError::new)?;
        let identity = |(output, title, _): (u32, Title, Address)| ClaimIdentity {
            class: "document number",
            near: near_number(&title.custodian.to_string(), &title.number),
            parts: vec![title.custodian.to_string(), title.number],
            output,
            kind: ClaimKind::Exclusive,
        };
        Ok(issued.into_iter().map(identity).collect())
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        if transaction.command(NAME).is_none_or(|command| command.name != ISSUE) {
            return Ok(Vec::new());
        }
        let mut custodians: Vec<_> =
            issued(transaction).map_err(ContractError::new)?.into_iter().map(|(_, title, _)| title.custodian).collect();
        custodians.sort();
        custodians.dedup();
        Ok(custodians.into_iter().map(|party| Condition::PartyMay(party, Permission::Issue)).collect())
    }

    fn holding(&self, state: &State) -> Result<Option<Holding>, ContractError> {
        let title = read_title(state).map_err(ContractError::new)?;
        let asset = AssetId::from_bytes(*title.title.as_bytes());
        Ok(Some(Holding { asset, purpose: None, amount: title.quantity }))
    }
}

impl Wire for Title {
    type Message = wire::Title;

    fn to_wire(&self) -> wire::Title {
        wire::Title {
            title: self.title.to_vec(),
            custodian: self.custodian.to_vec(),
            number: self.number.clone(),
            quantity: self.quantity.minor(),
            unit: self.unit.clone(),
        }
    }

    fn from_wire(message: wire::Title) -> Result<Self, EncodingError> {
        plain_text(&message.number, 64, "title.number")?;
        plain_text(&message.unit, 16, "title.unit")?;
        let quantity = Amount::from_minor(message.quantity);
        Ok(Self {
            title: message.title.as_slice().try_into()?,
            custodian: message.custodian.as_slice().try_into()?,
            number: message.number,
            quantity: quantity.map_err(|_| EncodingError::OutOfRange { field: "title.quantity" })?,
            unit: message.unit,
        })
    }
}

#[cfg(test)]
mod tests;
