//! Contract `warehouse-receipts/receipt`: a receipt says what its lot says, and its title says what the receipt says.

use std::collections::BTreeMap;

use ledger_core::contract::Signer;
use ledger_core::contract::title::{self, Title, read_title};
use ledger_core::{Contract, ContractError, ContractId, Date, EncodingError, LedgerTransaction, State, TitleId, codes};
use thiserror::Error;

use crate::goods::model::{MassKilograms, bags_make_mass};
use crate::lot::model::{self as lot, Lot};
use crate::receipt::model::{ISSUE, NAME, RECEIPT, Receipt, TITLE_UNIT, contract_id, read_receipt, receipt_state};
use crate::wire;

/// Rules of receipts.
#[derive(Clone, Debug)]
pub struct ReceiptContract {
    id: ContractId,
}

/// Why a receipt's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A title that does not read.
    #[error(transparent)]
    Title(#[from] title::TitleError),
    /// Not a command of the contract.
    #[error("the contract {NAME} has no command {name:?}; it has issue")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The command does not allow these states.
    #[error("issue {rule}")]
    States {
        /// What it allows.
        rule: &'static str,
    },
    /// A field that must be there.
    #[error("the receipt {number:?} lacks {field}; article 909 of the Civil Code asks for it")]
    FieldMissing {
        /// The receipt's number.
        number: String,
        /// The field.
        field: &'static str,
    },
    /// The holder would be the operator.
    #[error("the receipt {number} would be held by its own operator; its depositor holds it first")]
    HolderIsOperator {
        /// The receipt's number.
        number: String,
    },
    /// No goods.
    #[error("the receipt {number} has no mass; a receipt stands for at least one kilogram")]
    MassZero {
        /// The receipt's number.
        number: String,
    },
    /// Bags and mass differ.
    #[error(
        "{bags} bags of {bag_kilograms} kg do not make the {kilograms} kg of the receipt {number}; count bags or weigh again"
    )]
    BagArithmetic {
        /// The receipt's number.
        number: String,
        /// Bags.
        bags: u32,
        /// Net mass of one.
        bag_kilograms: u32,
        /// The receipt's net mass.
        kilograms: u64,
    },
    /// The storage term ends before it begins.
    #[error("the storage term of the receipt {number} ends on {until}, before the goods came in on {inbound}")]
    TermOrder {
        /// The receipt's number.
        number: String,
        /// First day.
        inbound: Date,
        /// Last day.
        until: Date,
    },
    /// Issued outside the storage term.
    #[error("the receipt {number} is issued on {issued}, outside its storage term from {inbound} to {until}")]
    IssueDate {
        /// The receipt's number.
        number: String,
        /// Date of issue.
        issued: Date,
        /// First day.
        inbound: Date,
        /// Last day.
        until: Date,
    },
    /// The business date is another than the date of issue.
    #[error(
        "the receipt {number} is issued on {issued}, the transaction takes effect on {effective}; they are one day"
    )]
    EffectiveDate {
        /// The receipt's number.
        number: String,
        /// Date of issue.
        issued: Date,
        /// The transaction's business date.
        effective: Date,
    },
    /// The insurance ends before it begins.
    #[error("the insurance of the receipt {number} ends on {until}, before it begins on {from}")]
    InsuranceOrder {
        /// The receipt's number.
        number: String,
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
    },
    /// More loss than goods.
    #[error("the receipt {number} allows a loss of {basis_points} basis points; the whole is 10000")]
    LossStandardRange {
        /// The receipt's number.
        number: String,
        /// The loss standard.
        basis_points: u32,
    },
    /// The state's frame does not fit its content.
    #[error("the receipt {number} belongs to its operator, its depositor takes part, and it has no locks")]
    FrameDiffers {
        /// The receipt's number.
        number: String,
    },
    /// The lot is not in the transaction.
    #[error(
        "the transaction does not book the lot {lot_number} of the receipt {number}; a receipt is issued with its lot"
    )]
    LotMissing {
        /// The receipt's number.
        number: String,
        /// The lot's number.
        lot_number: String,
    },
    /// The receipt says something else than its lot.
    #[error("the receipt {number} differs from its lot in {field}")]
    LotDiffers {
        /// The receipt's number.
        number: String,
        /// What differs.
        field: &'static str,
    },
    /// There is no title for the receipt.
    #[error("the transaction issues no title for the receipt {number}")]
    TitleMissing {
        /// The receipt's number.
        number: String,
    },
    /// There is a title without a receipt.
    #[error("the transaction issues {titles} titles and {receipts} receipts; each receipt has one title")]
    TitleCount {
        /// Titles.
        titles: usize,
        /// Receipts.
        receipts: usize,
    },
    /// The title says something else than its receipt.
    #[error("the title of the receipt {number} differs from it in {field}")]
    TitleDiffers {
        /// The receipt's number.
        number: String,
        /// What differs.
        field: &'static str,
    },
}

codes!(ReceiptError {
    CommandUnknown => "RECEIPT_COMMAND_UNKNOWN",
    States => "RECEIPT_STATES",
    FieldMissing => "RECEIPT_FIELD_MISSING",
    HolderIsOperator => "RECEIPT_HOLDER_IS_OPERATOR",
    MassZero => "RECEIPT_MASS_ZERO",
    BagArithmetic => "RECEIPT_BAG_ARITHMETIC",
    TermOrder => "RECEIPT_TERM_ORDER",
    IssueDate => "RECEIPT_ISSUE_DATE",
    EffectiveDate => "RECEIPT_EFFECTIVE_DATE",
    InsuranceOrder => "RECEIPT_INSURANCE_ORDER",
    LossStandardRange => "RECEIPT_LOSS_STANDARD_RANGE",
    FrameDiffers => "RECEIPT_FRAME_DIFFERS",
    LotMissing => "RECEIPT_LOT_MISSING",
    LotDiffers => "RECEIPT_LOT_DIFFERS",
    TitleMissing => "RECEIPT_TITLE_MISSING",
    TitleCount => "RECEIPT_TITLE_COUNT",
    TitleDiffers => "RECEIPT_TITLE_DIFFERS",
} inner { Encoding, Title });

impl ReceiptContract {
    /// The contract.
    ///
    /// # Errors
    /// None while the contract's name is a plain one.
    pub fn new() -> Result<Self, EncodingError> {
        Ok(Self { id: contract_id()? })
    }
}

fn verify(transaction: &LedgerTransaction) -> Result<(), ReceiptError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    if command.name != ISSUE {
        return Err(ReceiptError::CommandUnknown { name: command.name.clone() });
    }
    command.message::<wire::ReceiptIssue>()?;
    if transaction.inputs_of(NAME, RECEIPT).next().is_some() {
        return Err(ReceiptError::States { rule: "creates receipts and consumes none" });
    }
    let lots = lots_by_number(transaction)?;
    let titles = titles_by_id(transaction)?;
    let mut receipts: usize = 0;
    for (_, state) in transaction.outputs_of(NAME, RECEIPT) {
        let receipt = read_receipt(state)?;
        is_sound(&receipt, transaction.transaction.effective_on)?;
        if *state != receipt_state(&receipt)? {
            return Err(ReceiptError::FrameDiffers { number: receipt.number });
        }
        says_what_its_lot_says(&receipt, &lots)?;
        title_says_the_same(&receipt, &titles, transaction)?;
        receipts = receipts.saturating_add(1);
    }
    if receipts == 0 {
        return Err(ReceiptError::States { rule: "creates at least one receipt" });
    }
    if titles.len() != receipts {
        return Err(ReceiptError::TitleCount { titles: titles.len(), receipts });
    }
    Ok(())
}

/// The lots that the transaction books; without a command for them, none is booked.
fn lots_by_number(transaction: &LedgerTransaction) -> Result<BTreeMap<String, Lot>, ReceiptError> {
    if transaction.command(lot::NAME).is_none() {
        return Ok(BTreeMap::new());
    }
    let lots = transaction.outputs_of(lot::NAME, lot::LOT).map(|(_, state)| lot::read_lot(state));
    lots.map(|lot| lot.map(|lot| (lot.number.clone(), lot)).map_err(ReceiptError::from)).collect()
}

fn titles_by_id(transaction: &LedgerTransaction) -> Result<BTreeMap<TitleId, (Title, &State)>, ReceiptError> {
    let read = |(_, state)| read_title(state).map(|title| (title.title, (title, state))).map_err(ReceiptError::from);
    transaction.outputs_of(title::NAME, title::TITLE).map(read).collect()
}

fn is_sound(receipt: &Receipt, effective: Date) -> Result<(), ReceiptError> {
    let number = || receipt.number.clone();
    let needed = [
        ("a number", &receipt.number),
        ("the number of its lot", &receipt.lot_number),
        ("the issuer's name", &receipt.issuer_name),
        ("the place of issue", &receipt.issue_place),
    ];
    let insurer = receipt.insurance.as_ref().map(|insurance| ("the insurer's name", &insurance.insurer));
    if let Some((field, _)) = needed.into_iter().chain(insurer).find(|(_, text)| text.trim().is_empty()) {
        return Err(ReceiptError::FieldMissing { number: number(), field });
    }
    if receipt.mass == MassKilograms::ZERO {
        return Err(ReceiptError::MassZero { number: number() });
    }
    let (bags, bag_kilograms, kilograms) = (receipt.bags, receipt.goods.bag_kilograms, receipt.mass.kilograms());
    if !bags_make_mass(bags, bag_kilograms, receipt.mass) {
        return Err(ReceiptError::BagArithmetic { number: number(), bags, bag_kilograms, kilograms });
    }
    dates_are_in_order(receipt, effective)?;
    let basis_points = receipt.loss_standard.0;
    if basis_points > 10_000 {
        return Err(ReceiptError::LossStandardRange { number: number(), basis_points });
    }
    Ok(())
}

fn dates_are_in_order(receipt: &Receipt, effective: Date) -> Result<(), ReceiptError> {
    let number = receipt.number.clone();
    let (inbound, until, issued) = (receipt.inbound_date, receipt.storage_until, receipt.issue_date);
    if until < inbound {
        return Err(ReceiptError::TermOrder { number, inbound, until });
    }
    if issued < inbound || issued > until {
        return Err(ReceiptError::IssueDate { number, issued, inbound, until });
    }
    if issued != effective {
        return Err(ReceiptError::EffectiveDate { number, issued, effective });
    }
    match &receipt.insurance {
        Some(insurance) if insurance.until_date < insurance.from_date => {
            Err(ReceiptError::InsuranceOrder { number, from: insurance.from_date, until: insurance.until_date })
        }
        _ => Ok(()),
    }
}

fn says_what_its_lot_says(receipt: &Receipt, lots: &BTreeMap<String, Lot>) -> Result<(), ReceiptError> {
    let number = receipt.number.clone();
    let Some(lot) = lots.get(&receipt.lot_number) else {
        return Err(ReceiptError::LotMissing { number, lot_number: receipt.lot_number.clone() });
    };
    let checks = [
        ("operator", receipt.operator == lot.operator),
        ("depositor", receipt.depositor == lot.depositor),
        ("goods", receipt.goods == lot.goods),
        ("storage place", receipt.storage == lot.storage),
        ("inbound date", receipt.inbound_date == lot.inbound_date),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(ReceiptError::LotDiffers { number, field }),
        None => Ok(()),
    }
}

fn title_says_the_same(
    receipt: &Receipt,
    titles: &BTreeMap<TitleId, (Title, &State)>,
    transaction: &LedgerTransaction,
) -> Result<(), ReceiptError> {
    let number = receipt.number.clone();
    let id = TitleId::derive(&transaction.transaction.chain, &receipt.operator, &receipt.number);
    let issues = transaction.command(title::NAME).is_some_and(|command| command.name == title::ISSUE);
    let Some((title, state)) = titles.get(&id).filter(|_| issues) else {
        return Err(ReceiptError::TitleMissing { number });
    };
    if state.owner == receipt.operator {
        return Err(ReceiptError::HolderIsOperator { number });
    }
    let checks = [
        ("custodian", title.custodian == receipt.operator),
        ("number", title.number == receipt.number),
        ("quantity", title.quantity == receipt.mass.quantity()),
        ("unit", title.unit == TITLE_UNIT),
        ("holder", state.owner == receipt.depositor),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(ReceiptError::TitleDiffers { number, field }),
        None => Ok(()),
    }
}

impl Contract for ReceiptContract {
    fn id(&self) -> ContractId {
        self.id.clone()
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[RECEIPT]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let mut signers = Vec::new();
        for (_, state) in transaction.outputs_of(NAME, RECEIPT) {
            let receipt = read_receipt(state).map_err(ContractError::new)?;
            signers.push(Signer { party: receipt.operator, role: "operator" });
            signers.push(Signer { party: receipt.depositor, role: "depositor" });
        }
        Ok(signers)
    }
}

#[cfg(test)]
mod tests;
