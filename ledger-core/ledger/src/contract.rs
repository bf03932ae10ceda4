//! What a contract is: pure rules over a resolved transaction. The built-in ones stand below.

pub mod agreement;
pub mod chain;
mod debt;
pub mod loan;
pub mod netting_round;
pub mod obligation;
pub mod party;
pub mod pledge;
pub mod price;
pub mod purpose;
pub mod title;
pub mod token;
pub mod trade_note;

pub use debt::DebtError;

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::claim::ClaimIdentity;
use crate::condition::{Condition, Effect};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContextId, ContractId, PurposeId, StateRef};
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// The command by which states of older versions of a contract become states of a newer one. It is every contract's: the core
/// frames it, and of the contract only the newer version is asked.
pub const UPGRADE: &str = "upgrade";

/// The built-in contracts with their commands: everything that the chains of the replay corpus must exercise. Ascending.
pub const BUILT_IN: [(&str, &[&str]); 12] = [
    (agreement::NAME, agreement::COMMANDS),
    (chain::NAME, chain::COMMANDS),
    (loan::NAME, loan::COMMANDS),
    (netting_round::NAME, netting_round::COMMANDS),
    (obligation::NAME, obligation::COMMANDS),
    (party::NAME, party::COMMANDS),
    (pledge::NAME, pledge::COMMANDS),
    (price::NAME, price::COMMANDS),
    (purpose::NAME, purpose::COMMANDS),
    (title::NAME, title::COMMANDS),
    (token::NAME, token::COMMANDS),
    (trade_note::NAME, trade_note::COMMANDS),
];

/// A set of rules over states of one contract. Every method is a pure function of the transaction.
pub trait Contract: Send + Sync {
    /// Name and version.
    fn id(&self) -> ContractId;

    /// The kinds of states that it has; a state of another kind comes to no chain.
    fn kinds(&self) -> &'static [&'static str];

    /// Who answers for the contract over one transaction and is asked instead: what all its answers follow from is computed there
    /// once. None = the contract itself.
    fn over<'t>(&self, _transaction: &'t LedgerTransaction) -> Option<Box<dyn Contract + 't>> {
        None
    }

    /// Checks everything the contract says about the transaction.
    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError>;

    /// Who must sign by the contract's own rules, with the role each has; owners and lockers are added by the core.
    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError>;

    /// The name by which rules of an authority know a command; several commands can be one right.
    fn right<'c>(&self, command: &'c str) -> &'c str {
        command
    }

    /// The step that the transaction takes, where nobody need sign it: a text that says which step of what, so that it is
    /// taken once. None = somebody must sign. Its command id is `CommandId::derive(chain, NOBODY, step)`.
    fn unsigned_step(&self, _transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        Ok(None)
    }

    /// Inputs consumed on another ground than their owner's signature.
    fn grounds(&self, _transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(Vec::new())
    }

    /// The locks that the contract puts on states or takes off here; no other lock may come or go.
    fn lock_changes(&self, _transaction: &LedgerTransaction) -> Result<Vec<LockChange>, ContractError> {
        Ok(Vec::new())
    }

    /// Locks of later ranks that pass, with an enforcement, from what is enforced to its surplus; their lockers need not sign.
    ///
    /// The core sees to it that a lock of a better rank on the same state is resolved here, with its locker's authority.
    fn passed_locks(&self, _transaction: &LedgerTransaction) -> Result<Vec<PassedLock>, ContractError> {
        Ok(Vec::new())
    }

    /// Payments in tokens that the transaction must carry out, because the contract counts on them here.
    fn dues(&self, _transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        Ok(Vec::new())
    }

    /// Identities that outputs hold.
    fn claims(&self, _transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        Ok(Vec::new())
    }

    /// What must hold in the chain besides the core's own conditions.
    fn conditions(&self, _transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        Ok(Vec::new())
    }

    /// Entries that the transaction writes.
    fn effects(&self, _transaction: &LedgerTransaction) -> Result<Vec<Effect>, ContractError> {
        Ok(Vec::new())
    }

    /// The quantity a state stands for, where it stands for one.
    fn holding(&self, _state: &State) -> Result<Option<Holding>, ContractError> {
        Ok(None)
    }

    /// The whole state of a free quantity about which there is nothing else to say, where the contract has such states: they
    /// need not be kept, since they can be made again.
    fn plain_holding(&self, _owner: Address, _asset: AssetId, _amount: Amount) -> Option<State> {
        None
    }
}

/// A party that must sign, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The party.
    pub party: Address,
    /// Its part, e.g. `pledgee`.
    pub role: &'static str,
}

/// Why an input may be consumed without its owner's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The locker of the lock with this context resolves it, before the lock ends.
    Locker(ContextId),
    /// The signers that the state's own contract names stand in for its owner.
    Signers,
    /// It is an agreement's own, whose step moves it.
    Agreement,
    /// A legal order that froze it is carried out.
    LegalOrder {
        /// The order, e.g. court and number.
        reference: String,
    },
}

/// Locks that may come and go here: of one context, on states of one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockChange {
    /// Name of the contract of the states.
    pub contract: &'static str,
    /// The locks' context.
    pub context: ContextId,
}

/// A lock of a later rank whose better rank is enforced: it ends on this state, and goes on over the surplus if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedLock {
    /// The state consumed.
    pub state: StateRef,
    /// The lock's context.
    pub context: ContextId,
}

/// A payment that must stand in the transaction; what a party receives counts once, for all contracts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Who receives it.
    pub payee: Address,
    /// The asset.
    pub asset: AssetId,
    /// How much, in the asset's smallest unit.
    pub amount: Amount,
}

/// What a state stands for in value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The asset; a title is an asset of its own.
    pub asset: AssetId,
    /// What the quantity is bound to; none = free.
    pub purpose: Option<PurposeId>,
    /// How much.
    pub amount: Amount,
}

/// The contracts a node knows, by name and version.
#[derive(Default)]
pub struct ContractSet {
    contracts: BTreeMap<ContractId, Box<dyn Contract>>,
}

impl ContractSet {
    /// The built-in contracts.
    pub fn built_in() -> Self {
        Self::default()
            .with(Box::new(party::PartyContract))
            .with(Box::new(chain::ChainContract))
            .with(Box::new(token::TokenContract))
            .with(Box::new(purpose::PurposeContract))
            .with(Box::new(title::TitleContract))
            .with(Box::new(pledge::PledgeContract))
            .with(Box::new(price::PriceContract))
            .with(Box::new(obligation::ObligationContract))
            .with(Box::new(loan::LoanContract))
            .with(Box::new(trade_note::TradeNoteContract))
            .with(Box::new(agreement::AgreementContract))
            .with(Box::new(netting_round::NettingRoundContract))
    }

    /// The set with one more contract; a contract of the same id is replaced.
    pub fn with(mut self, contract: Box<dyn Contract>) -> Self {
        self.contracts.insert(contract.id(), contract);
        self
    }

    /// A contract by id.
    pub fn get(&self, id: &ContractId) -> Option<&dyn Contract> {
        self.contracts.get(id).map(Box::as_ref)
    }

    /// The quantity a state stands for; none of a contract that is not in the set.
    pub fn holding(&self, state: &State) -> Result<Option<Holding>, ContractError> {
        self.get(&state.contract).map_or(Ok(None), |contract| contract.holding(state))
    }

    /// All ids, ascending; what a genesis lists.
    pub fn ids(&self) -> Vec<ContractId> {
        self.contracts.keys().cloned().collect()
    }
}

impl std::fmt::Debug for ContractSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.contracts.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
