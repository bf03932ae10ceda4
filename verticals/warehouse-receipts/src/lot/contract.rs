//! Contract `warehouse-receipts/lot`: receipts speak for no more goods than lie in the lot.

use ledger_core::claim::{ClaimIdentity, ClaimKind, near_number};
use ledger_core::contract::Signer;
use ledger_core::{Command, Contract, ContractError, ContractId, EncodingError, LedgerTransaction, State, codes};
use thiserror::Error;

use crate::goods::model::{MassKilograms, bags_make_mass};
use crate::lot::model::{BOOK, LOT, Lot, NAME, STORE, contract_id, lot_state, read_lot};
use crate::receipt::model as receipt;
use crate::wire;

/// Rules of lots.
#[derive(Clone, Debug)]
pub struct LotContract {
    id: ContractId,
}

/// Why a lot's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LotError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error("the contract {NAME} has no command {name:?}; it has store and book")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The command does not allow these states.
    #[error("{command} {rule}")]
    States {
        /// The command.
        command: &'static str,
        /// What it allows.
        rule: &'static str,
    },
    /// A field that must be there.
    #[error("the lot {number:?} lacks {field}; every lot has it")]
    FieldMissing {
        /// The lot's number.
        number: String,
        /// The field.
        field: &'static str,
    },
    /// A code that has not the form of its list.
    #[error("the {field} {value:?} of the lot {number} has not the form of its code list")]
    CodeMalformed {
        /// The lot's number.
        number: String,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// No goods.
    #[error("the lot {number} has no mass; a lot holds at least one kilogram")]
    MassZero {
        /// The lot's number.
        number: String,
    },
    /// Bags and mass differ.
    #[error(
        "{bags} bags of {bag_kilograms} kg do not make the {kilograms} kg of the lot {number}; count bags or weigh again"
    )]
    BagArithmetic {
        /// The lot's number.
        number: String,
        /// Bags.
        bags: u32,
        /// Net mass of one.
        bag_kilograms: u32,
        /// The lot's net mass.
        kilograms: u64,
    },
    /// Less with packaging than without.
    #[error("the lot {number} weighs {gross_kilograms} kg gross and {kilograms} kg net; gross is at least net")]
    GrossBelowNet {
        /// The lot's number.
        number: String,
        /// Net.
        kilograms: u64,
        /// Gross.
        gross_kilograms: u64,
    },
    /// Moisture over the whole.
    #[error("the lot {number} has a moisture of {basis_points} basis points; the whole is 10000")]
    MoistureRange {
        /// The lot's number.
        number: String,
        /// The moisture.
        basis_points: u32,
    },
    /// The operator would be its own depositor.
    #[error("the operator of the lot {number} is its depositor; goods of others are kept, not one's own")]
    DepositorIsOperator {
        /// The lot's number.
        number: String,
    },
    /// The state's frame does not fit its content.
    #[error("the lot {number} belongs to its operator, its depositor takes part, and it has no locks")]
    FrameDiffers {
        /// The lot's number.
        number: String,
    },
    /// Something else than what has been receipted would change.
    #[error("booking changes only what has been receipted of the lot {number}")]
    Changed {
        /// The lot's number.
        number: String,
    },
    /// The transaction has no receipt of the lot.
    #[error("the transaction has no receipt of the lot {number}; a lot changes only for receipts")]
    NoReceipt {
        /// The lot's number.
        number: String,
    },
    /// Books and receipts differ.
    #[error(
        "receipts of the transaction make {kilograms} kg in {bags} bags; the lot {number} books {booked_kilograms} kg in {booked_bags}"
    )]
    BookedDiffers {
        /// The lot's number.
        number: String,
        /// Mass of the receipts.
        kilograms: u64,
        /// Bags of the receipts.
        bags: u32,
        /// Mass booked.
        booked_kilograms: u64,
        /// Bags booked.
        booked_bags: u32,
    },
    /// Receipts for more than there is.
    #[error(
        "the lot {number} holds {kilograms} kg, receipts stand for {receipted_kilograms} kg and {asked_kilograms} kg more are asked; ask for at most the rest"
    )]
    Overissued {
        /// The lot's number.
        number: String,
        /// What it holds.
        kilograms: u64,
        /// What receipts stand for before.
        receipted_kilograms: u64,
        /// What is asked.
        asked_kilograms: u64,
    },
}

codes!(LotError {
    CommandUnknown => "LOT_COMMAND_UNKNOWN",
    States => "LOT_STATES",
    FieldMissing => "LOT_FIELD_MISSING",
    CodeMalformed => "LOT_CODE_MALFORMED",
    MassZero => "LOT_MASS_ZERO",
    BagArithmetic => "LOT_BAG_ARITHMETIC",
    GrossBelowNet => "LOT_GROSS_BELOW_NET",
    MoistureRange => "LOT_MOISTURE_RANGE",
    DepositorIsOperator => "LOT_DEPOSITOR_IS_OPERATOR",
    FrameDiffers => "LOT_FRAME_DIFFERS",
    Changed => "LOT_CHANGED",
    NoReceipt => "LOT_NO_RECEIPT",
    BookedDiffers => "LOT_BOOKED_DIFFERS",
    Overissued => "RECEIPT_LOT_OVERISSUED",
} inner { Encoding });

impl LotContract {
    /// The contract.
    ///
    /// # Errors
    /// None while the contract's name is a plain one.
    pub fn new() -> Result<Self, EncodingError> {
        Ok(Self { id: contract_id()? })
    }
}

fn verify(transaction: &LedgerTransaction) -> Result<(), LotError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    let (before, after) = states_of(transaction, command)?;
    let lot = read_lot(after)?;
    is_sound(&lot)?;
    if *after != lot_state(&lot)? {
        return Err(LotError::FrameDiffers { number: lot.number });
    }
    let before = before.map(read_lot).transpose()?;
    if before.as_ref().is_some_and(|before| !is_same_but_receipted(before, &lot)) {
        return Err(LotError::Changed { number: lot.number });
    }
    books_its_receipts(transaction, before.as_ref(), &lot)
}

/// The lot before, if the command consumes one, and after.
fn states_of<'t>(
    transaction: &'t LedgerTransaction,
    command: &Command,
) -> Result<(Option<&'t State>, &'t State), LotError> {
    let before: Vec<_> = transaction.inputs_of(NAME, LOT).map(|input| input.state.as_ref()).collect();
    let after: Vec<_> = transaction.outputs_of(NAME, LOT).map(|(_, state)| state).collect();
    match (command.name.as_str(), before.as_slice(), after.as_slice()) {
        (STORE, [], [after]) => command.message::<wire::LotStore>().map(|_| (None, *after)).map_err(LotError::from),
        (BOOK, [before], [after]) => {
            command.message::<wire::LotBook>().map(|_| (Some(*before), *after)).map_err(LotError::from)
        }
        (STORE, ..) => Err(LotError::States { command: STORE, rule: "creates one lot and consumes none" }),
        (BOOK, ..) => Err(LotError::States { command: BOOK, rule: "consumes one lot and creates it anew" }),
        (name, ..) => Err(LotError::CommandUnknown { name: name.to_owned() }),
    }
}

fn is_sound(lot: &Lot) -> Result<(), LotError> {
    let number = || lot.number.clone();
    let needed = [
        ("a number", &lot.number),
        ("a commodity", &lot.goods.commodity),
        ("a grade", &lot.goods.grade),
        ("a kind of packaging", &lot.goods.packaging),
        ("a warehouse code", &lot.storage.warehouse_code),
        ("a storage place", &lot.storage.place),
    ];
    if let Some((field, _)) = needed.into_iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(LotError::FieldMissing { number: number(), field });
    }
    let malformed = |field, value: &str| LotError::CodeMalformed { number: number(), field, value: value.to_owned() };
    let (hs_code, country) = (&lot.goods.hs_code, &lot.goods.origin_country);
    if hs_code.len() != 6 || !hs_code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed("HS code", hs_code));
    }
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(malformed("country of origin", country));
    }
    let kilograms = lot.mass.kilograms();
    if lot.mass == MassKilograms::ZERO {
        return Err(LotError::MassZero { number: number() });
    }
    let (bags, bag_kilograms) = (lot.bags, lot.goods.bag_kilograms);
    if !bags_make_mass(bags, bag_kilograms, lot.mass) {
        return Err(LotError::BagArithmetic { number: number(), bags, bag_kilograms, kilograms });
    }
    if lot.gross_mass < lot.mass {
        let gross_kilograms = lot.gross_mass.kilograms();
        return Err(LotError::GrossBelowNet { number: number(), kilograms, gross_kilograms });
    }
    let basis_points = lot.goods.moisture.0;
    if basis_points > 10_000 {
        return Err(LotError::MoistureRange { number: number(), basis_points });
    }
    if lot.operator == lot.depositor {
        return Err(LotError::DepositorIsOperator { number: number() });
    }
    Ok(())
}

fn is_same_but_receipted(before: &Lot, after: &Lot) -> bool {
    let (receipted, receipted_bags) = (after.receipted, after.receipted_bags);
    Lot { receipted, receipted_bags, ..before.clone() } == *after
}

/// The lot's books grow by exactly the receipts of the transaction, and never over its mass.
fn books_its_receipts(transaction: &LedgerTransaction, before: Option<&Lot>, lot: &Lot) -> Result<(), LotError> {
    let (mut mass, mut bags, mut count) = (MassKilograms::ZERO, 0u32, 0u32);
    let overflow = || EncodingError::OutOfRange { field: "lot.receipted" };
    for (_, state) in transaction.outputs_of(receipt::NAME, receipt::RECEIPT) {
        let receipt = receipt::read_receipt(state)?;
        if receipt.lot_number == lot.number && receipt.operator == lot.operator {
            mass = mass.checked_add(receipt.mass).ok_or_else(overflow)?;
            bags = bags.checked_add(receipt.bags).ok_or_else(overflow)?;
            count = count.saturating_add(1);
        }
    }
    if count == 0 {
        return Err(LotError::NoReceipt { number: lot.number.clone() });
    }
    let empty = Lot { receipted: MassKilograms::ZERO, receipted_bags: 0, ..lot.clone() };
    let before = before.unwrap_or(&empty);
    let expected = before.with_receipted(mass, bags).ok_or_else(overflow)?;
    if expected.receipted > lot.mass {
        return Err(LotError::Overissued {
            number: lot.number.clone(),
            kilograms: lot.mass.kilograms(),
            receipted_kilograms: before.receipted.kilograms(),
            asked_kilograms: mass.kilograms(),
        });
    }
    if (expected.receipted, expected.receipted_bags) != (lot.receipted, lot.receipted_bags) {
        return Err(LotError::BookedDiffers {
            number: lot.number.clone(),
            kilograms: expected.receipted.kilograms(),
            bags: expected.receipted_bags,
            booked_kilograms: lot.receipted.kilograms(),
            booked_bags: lot.receipted_bags,
        });
    }
    Ok(())
}

fn lots_after(transaction: &LedgerTransaction) -> Result<Vec<(u32, Lot)>, ContractError> {
    let read = |(output, state): (u32, &State)| read_lot(state).map(|lot| (output, lot)).map_err(ContractError::new);
    transaction.outputs_of(NAME, LOT).map(read).collect()
}

impl Contract for LotContract {
    fn id(&self) -> ContractId {
        self.id.clone()
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[LOT]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let signers = |(_, lot): (u32, Lot)| {
            [Signer { party: lot.operator, role: "operator" }, Signer { party: lot.depositor, role: "depositor" }]
        };
        Ok(lots_after(transaction)?.into_iter().flat_map(signers).collect())
    }

    /// One live lot for each number of an operator.
    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let identity = |(output, lot): (u32, Lot)| ClaimIdentity {
            class: "lot number",
            near: near_number(&lot.operator.to_string(), &lot.number),
            parts: vec![lot.operator.to_string(), lot.number],
            output,
            kind: ClaimKind::Exclusive,
        };
        Ok(lots_after(transaction)?.into_iter().map(identity).collect())
    }
}

#[cfg(test)]
mod tests;
