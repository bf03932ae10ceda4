//! Contract `netting_round`: many obligations cleared together, each by what one committed result says of it.
//!
//! A round gathers obligations whose two sides consent to one round of this operator that ends by their time. Each stays in the
//! round until it takes its residual, is freed or is withdrawn; the next round is consented to anew, so that nobody is held in
//! one after another. After the cut-off the operator proposes a result, of which nothing is taken on trust: before it is
//! committed, every row is checked, and that what each party owes less is what it is owed less (see [`check`]). Committed or
//! voided is one step of one state, so the round happens as a whole or not at all; what follows of either is taken
//! obligation by obligation, by whoever goes on.
//!
//! That the result is a largest one is not checked here. The round names the algorithm, and with the rows, which every node
//! has, anybody computes it again ([`Book::clear`]).

pub mod book;
pub mod check;
mod error;
mod obligations;
mod round;
mod row;
mod rules;
mod step;
mod tree;
mod wire_form;

pub use book::Book;
pub use error::NettingRoundError;
pub use row::Row;
pub use step::Step;

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::condition::Condition;
use crate::contract::{Contract, Ground, Signer};
use crate::encoding::Wire;
use crate::error::ContractError;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ContractId, RoundId, StateRef};
use crate::party::Permission;
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

use check::Checking;

/// The contract's name.
pub const NAME: &str = "netting_round";
/// The kind of a round's state.
pub const ROUND: &str = "round";
/// Opens a round; the operator signs.
pub const OPEN: &str = "open";
/// Takes obligations in, until the cut-off; the operator signs.
pub const JOIN: &str = "join";
/// Takes one obligation out, until the cut-off; its debtor or its creditor signs.
pub const WITHDRAW: &str = "withdraw";
/// Names the result, after the cut-off; the operator signs.
pub const PROPOSE: &str = "propose";
/// Checks the next rows, and with the last of them commits the round; nobody need sign.
pub const CHECK: &str = "check";
/// Ends a round that is not committed; the operator signs, and once its time is over nobody need.
pub const VOID: &str = "void";
/// Leaves of obligations what a committed round does not clear; nobody need sign.
pub const APPLY: &str = "apply";
/// Frees obligations of a voided round; nobody need sign.
pub const RELEASE: &str = "release";
/// Every command.
pub const COMMANDS: &[&str] = &[OPEN, JOIN, WITHDRAW, PROPOSE, CHECK, VOID, APPLY, RELEASE];

/// The clearing that a round of this version of the contract promises.
const ALGORITHM: &str = "maximum-circulation/unit-cost-primal-dual/1";
/// The most rows of a round: as many obligations as can be cleared together.
pub const ROWS_MAX: u32 = 200_000;
/// Rows of one check; a power of two, so that they are a whole subtree and few hashes are shown beside them.
pub const CHECK_ROWS: u32 = 256;
/// The most obligations of one transaction: with the round they are its 256 inputs.
pub const OBLIGATIONS_MAX: usize = 255;
/// The longest time from the cut-off to the end, 1 day in milliseconds: so long nobody can withdraw from a round of which nothing
/// is known yet.
pub const BOUND_MAX_MS: u64 = 86_400_000;
/// The longest time from the begin of the window in which a round is opened to its end, 7 days in milliseconds. So long an
/// obligation can be neither paid nor assigned.
pub const SPAN_MAX_MS: u64 = 7 * 86_400_000;

/// Rules of netting rounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct NettingRoundContract;

/// A round. The state's owner is the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NettingRound {
    /// `H(chain, command id)`.
    pub round: RoundId,
    /// Who runs it.
    pub operator: Address,
    /// The asset of its obligations.
    pub asset: AssetId,
    /// The clearing that the operator promises.
    pub algorithm: String,
    /// Until when obligations join and withdraw, milliseconds UTC.
    pub cut_off_ms: u64,
    /// Until when it is committed, or anybody may void it, milliseconds UTC.
    pub void_after_ms: u64,
    /// 32 random bytes; salts of unsigned steps follow from them.
    pub salt: [u8; 32],
    /// Obligations joined so far, those withdrawn again included.
    pub rows: u32,
    /// What the obligations in it owe together, in the asset's smallest unit.
    pub gross: Amount,
    /// How far it is.
    pub phase: Phase,
}

/// How far a round is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Obligations join and withdraw.
    Gathering {
        /// Roots of the full subtrees over the joined rows, the largest first, at most 32.
        peaks: Vec<[u8; 32]>,
    },
    /// The result is named and being checked.
    Checking(Checking),
    /// The result holds.
    Committed {
        /// Root over the result's rows.
        result: [u8; 32],
        /// What it clears, in the asset's smallest unit.
        cleared: Amount,
    },
    /// Nothing is cleared.
    Voided,
}

impl Phase {
    /// Its name in a sentence.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gathering { .. } => "gathering",
            Self::Checking(_) => "being checked",
            Self::Committed { .. } => "committed",
            Self::Voided => "voided",
        }
    }
}

/// A round's state; the operator sees it.
pub fn round_state(round: &NettingRound) -> State {
    State::new(ContractId::built_in(NAME), ROUND, round.operator, [], &round.to_wire())
}

/// Reads a round.
pub fn read_round(state: &State) -> Result<NettingRound, NettingRoundError> {
    Ok(NettingRound::from_wire(state.message()?)?)
}

/// From when a state's round may be voided by anybody, milliseconds UTC; none of another state, or once nothing is to be voided.
pub fn voidable_at(state: &State) -> Option<u64> {
    let round = state.is(NAME, ROUND).then(|| read_round(state).ok()).flatten()?;
    match round.phase {
        Phase::Gathering { .. } | Phase::Checking(_) => Some(round.void_after_ms),
        Phase::Committed { .. } | Phase::Voided => None,
    }
}

/// True when a command here says what becomes of obligations, which `obligation/net` then does.
pub(super) fn nets(transaction: &LedgerTransaction) -> bool {
    let command = transaction.command(NAME);
    command.is_some_and(|command| [JOIN, WITHDRAW, APPLY, RELEASE].contains(&command.name.as_str()))
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, NettingRoundError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let operator = |state: &State| Ok(Signer { party: read_round(state)?.operator, role: "operator" });
    match command.name.as_str() {
        OPEN => transaction.outputs_of(NAME, ROUND).map(|(_, state)| operator(state)).collect(),
        WITHDRAW => {
            let wire::NettingRoundWithdraw { party, .. } = command.message()?;
            Ok(vec![Signer { party: party.as_slice().try_into()?, role: "withdrawing party" }])
        }
        VOID if !rules::time_is_over(transaction)? => {
            transaction.inputs_of(NAME, ROUND).map(|input| operator(&input.state)).collect()
        }
        _ => Ok(Vec::new()),
    }
}

/// Who opens rounds may issue; and of a frozen creditor or asset nothing joins and nothing is cleared.
///
/// What the debts of a party are cleared by is what its claims are, so creditors are asked for debtors too.
fn conditions(transaction: &LedgerTransaction) -> Result<Vec<Condition>, NettingRoundError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let creditors: Vec<Address> = match command.name.as_str() {
        OPEN => {
            let opened = transaction.outputs_of(NAME, ROUND);
            return Ok(opened.map(|(_, state)| Condition::PartyMay(state.owner, Permission::Issue)).collect());
        }
        JOIN => obligations::consumed(transaction)?.into_iter().map(|joined| joined.creditor).collect(),
        CHECK => {
            let shown = check::shown(command)?;
            shown.iter().filter(|(_, cleared)| !cleared.is_zero()).map(|(row, _)| row.creditor).collect()
        }
        _ => return Ok(Vec::new()),
    };
    let mut subjects: BTreeSet<FreezeSubject> = creditors.into_iter().map(FreezeSubject::Address).collect();
    for input in transaction.inputs_of(NAME, ROUND) {
        subjects.insert(FreezeSubject::Asset(read_round(&input.state)?.asset));
    }
    Ok(subjects.into_iter().map(Condition::IsNotFrozen).collect())
}

impl Contract for NettingRoundContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[ROUND]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    /// A member withdraws without the operator, a proof or the time alone decides the rest.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        let command = transaction.command(NAME);
        let is_open = command.is_some_and(|command| [WITHDRAW, CHECK, VOID].contains(&command.name.as_str()));
        let rounds = transaction.inputs_of(NAME, ROUND).filter(|_| is_open);
        Ok(rounds.map(|input| (input.reference, Ground::Signers)).collect())
    }

    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        let step = Step::of(transaction).map_err(ContractError::new)?;
        Ok(step.map(|step| step.text()))
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        conditions(transaction).map_err(ContractError::new)
    }
}

#[cfg(test)]
mod tests;
