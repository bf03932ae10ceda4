//! Contract `loan`: money lent on the terms of an ACTUS contract, disbursed when it is opened, repaid as its schedule says.
//!
//! The lender owns the state and the borrower takes part. What falls due is a function of terms, prepayments and observed rates
//! (`ledger_finance::actus`); the state tells how far it is carried out, what of it is paid and what is not. What is due and not
//! paid stays due: the terms that loans carry out know no penalty. A loan that is over is gone; its document's claim stays.

mod bound;
mod course;
mod error;
mod opening;
mod posting;
mod reset;
mod rules;
mod terms;
mod wire_form;

pub(crate) use bound::{BoundStep, opened_for, step};
pub use error::LoanError;
pub use posting::{Parts, Posting, postings};
pub use terms::Term;

use crate::amount::{Amount, Scale};
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::condition::Condition;
use crate::contract::debt::{self, Debt};
use crate::contract::{Contract, Due, Ground, Signer, pledge};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId, EvidenceHash, ObligationId, PurposeId, StateRef};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "loan";
/// The kind of a loan's state.
pub const LOAN: &str = "loan";
/// Opens and disburses a loan, with a token transfer in the same transaction; lender and borrower sign.
pub const OPEN: &str = "open";
/// Pays what is due, or principal before it is due, with a token transfer in the same transaction; the borrower signs.
pub const REPAY: &str = "repay";
/// Carries out a reset of the rate by the price of a feed; lender or borrower signs.
pub const OBSERVE: &str = "observe";
/// Hands the claim on; the lender and the new one sign.
pub const ASSIGN: &str = "assign";
/// Ends it, whatever is owed; lender and borrower sign.
pub const CANCEL: &str = "cancel";
/// Every command.
pub const COMMANDS: &[&str] = &[OPEN, REPAY, OBSERVE, ASSIGN, CANCEL];

/// Rules of loans.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoanContract;

/// A loan. The state's owner is the lender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// `H(chain, command id)`: [`ObligationId::of_loan`].
    pub loan: ObligationId,
    /// Who lends.
    pub lender: Address,
    /// Who owes.
    pub borrower: Address,
    /// In which asset.
    pub asset: AssetId,
    /// The asset's decimal places.
    pub scale: Scale,
    /// Terms under the standard's names; ascending, at most [`Loan::TERMS_MAX`].
    pub terms: Vec<Term>,
    /// Resets of the rate that are carried out; ascending by day, at most [`Loan::RATES_MAX`].
    pub rates: Vec<Rate>,
    /// What was paid before it was due; ascending by day, at most [`Loan::PREPAYMENTS_MAX`].
    pub prepayments: Vec<Prepayment>,
    /// The day up to which the schedule is carried out.
    pub as_of: Date,
    /// Events of the schedule up to that day.
    pub carried_out: u32,
    /// What has fallen due by then and is not paid.
    pub due: Parts,
    /// All that was paid.
    pub paid: Parts,
    /// The first lender, who numbers the document.
    pub originator: Address,
    /// Number of the document.
    pub number: String,
    /// The document.
    pub document: EvidenceHash,
    /// What the money lent is bound to; none = lent free.
    pub purpose: Option<PurposeId>,
}

/// What a feed said for a reset of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The day of the reset.
    pub on: Date,
    /// In per cent a year, in units of the scale beside it; none = the feed had no price that counted, and the rate stayed.
    pub value: Option<(Amount, Scale)>,
}

/// Principal paid before it was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prepayment {
    /// When.
    pub on: Date,
    /// How much, in the asset's smallest unit.
    pub amount: Amount,
}

impl Loan {
    /// The most terms of a loan.
    pub const TERMS_MAX: usize = 64;
    /// The most values of all its terms together.
    pub const VALUES_MAX: usize = 256;
    /// The most resets of its rate.
    pub const RATES_MAX: usize = 256;
    /// The most days on which something is paid before it is due.
    pub const PREPAYMENTS_MAX: usize = 128;
    /// The most events of its schedule, prepayments aside.
    pub const EVENTS_MAX: usize = 1_000;
    /// The most periods that the amounts of an annuity are computed over: twenty years of monthly payments with a new rate each
    /// month have 29,000.
    pub const PERIODS_MAX: usize = 32_000;
}

/// A loan's state; lender and borrower see it.
pub fn loan_state(loan: &Loan) -> State {
    State::new(ContractId::built_in(NAME), LOAN, loan.lender, [loan.borrower], &loan.to_wire())
}

/// Reads a loan.
pub fn read_loan(state: &State) -> Result<Loan, LoanError> {
    Ok(Loan::from_wire(state.message()?)?)
}

/// What a repayment pays.
fn repayment(command: &Command) -> Result<Amount, EncodingError> {
    let wire::LoanRepay { amount, .. } = command.message()?;
    Amount::from_minor(amount).map_err(|_| EncodingError::OutOfRange { field: "amount" })
}

impl Debt for Loan {
    const CONTRACT: &'static str = NAME;

    fn read(state: &State) -> Result<Self, EncodingError> {
        Self::from_wire(state.message()?)
    }

    fn state(&self) -> State {
        loan_state(self)
    }

    fn id(&self) -> &[u8; 32] {
        self.loan.as_bytes()
    }

    fn number(&self) -> &str {
        &self.number
    }

    fn creditor(&self) -> (Address, AssetId) {
        (self.lender, self.asset)
    }

    fn paid_by(command: &Command) -> Result<Option<Amount>, EncodingError> {
        if command.name == REPAY { repayment(command).map(Some) } else { Ok(None) }
    }

    /// What is due as of the last step; a sum past the bound is refused where the loan is read.
    fn outstanding(&self) -> Amount {
        self.due.total().unwrap_or_default()
    }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, LoanError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let borrower = |loan: &Loan| Signer { party: loan.borrower, role: "borrower" };
    let lender = |loan: &Loan| Signer { party: loan.lender, role: "lender" };
    let both = |loan: &Loan| [lender(loan), borrower(loan)];
    let consumed = debt::consumed::<Loan>(transaction)?;
    Ok(match command.name.as_str() {
        OPEN => debt::created(transaction)?.iter().flat_map(|(_, opened)| both(opened)).collect(),
        REPAY => {
            let mut signers = Vec::new();
            for loan in &consumed {
                if pledge::pays(transaction, loan.id())? {
                    signers.push(lender(loan));
                } else if bound::returned(transaction, loan)?.is_none() {
                    signers.push(borrower(loan));
                }
                // Who gives value back out of its purpose, the purpose says.
            }
            signers
        }
        CANCEL => consumed.iter().flat_map(both).collect(),
        ASSIGN => {
            let wire::LoanAssign { to, .. } = command.message()?;
            let assignee = Signer { party: to.as_slice().try_into()?, role: "assignee" };
            consumed.iter().map(lender).chain([assignee]).collect()
        }
        OBSERVE => {
            let wire::LoanObserve { party, .. } = command.message()?;
            vec![Signer { party: party.as_slice().try_into()?, role: "observer" }]
        }
        _ => Vec::new(),
    })
}

/// What is disbursed and repaid. What goes into a purpose or comes out of it, the purpose's own command moves, and what the
/// enforcement of a pledge brings, the pledge's.
fn dues(transaction: &LedgerTransaction) -> Result<Vec<Due>, LoanError> {
    let mut dues = Vec::new();
    let Some(command) = transaction.command(NAME) else { return Ok(dues) };
    match command.name.as_str() {
        OPEN => {
            for (_, loan) in debt::created::<Loan>(transaction)?.into_iter().filter(|(_, loan)| loan.purpose.is_none())
            {
                dues.push(Due { payee: loan.borrower, asset: loan.asset, amount: loan.disbursed()? });
            }
        }
        REPAY => {
            for loan in debt::consumed::<Loan>(transaction)? {
                if bound::returned(transaction, &loan)?.is_none() {
                    dues.extend(debt::dues::<Loan>(transaction)?);
                }
            }
        }
        _ => {}
    }
    Ok(dues)
}

impl Contract for LoanContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[LOAN]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    /// The borrower pays without the lender, who loses nothing by it; a rate is what its feed says, whoever observes it.
    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(debt::grounds::<Loan>(transaction, &[REPAY, OBSERVE]))
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        dues(transaction).map_err(ContractError::new)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, loan): (u32, Loan)| ClaimIdentity {
            class: "document of a loan",
            near: near_number(&loan.originator.to_string(), &loan.number),
            parts: vec![loan.originator.to_string(), loan.number],
            output,
            kind: ClaimKind::Once,
        };
        Ok(debt::created(transaction).map_err(ContractError::new)?.into_iter().map(identity).collect())
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        reset::conditions(transaction).map_err(ContractError::new)
    }
}

#[cfg(test)]
pub(crate) mod tests;
