//! A lot as the ledger holds it.

use ledger_core::encoding::{EncodingError, Wire, plain_text, required};
use ledger_core::{Address, ContractId, Date, State};

use crate::goods::model::{Goods, MassKilograms, SHORT_TEXT_BYTES_MAX, Storage, mass};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "warehouse-receipts/lot";
/// The kind of a lot's state.
pub const LOT: &str = "lot";
/// Creates a lot and books receipts against it; operator and depositor sign.
pub const STORE: &str = "store";
/// Books more receipts against a lot; operator and depositor sign.
pub const BOOK: &str = "book";

/// Goods that came in together. The state's owner is the warehouse operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The operator's number of the lot.
    pub number: String,
    /// Who keeps the goods.
    pub operator: Address,
    /// Who brought them.
    pub depositor: Address,
    /// What they are.
    pub goods: Goods,
    /// Where they lie.
    pub storage: Storage,
    /// Net mass.
    pub mass: MassKilograms,
    /// Pieces; zero for bulk.
    pub bags: u32,
    /// Mass with packaging.
    pub gross_mass: MassKilograms,
    /// The day they came in.
    pub inbound_date: Date,
    /// Net mass for which receipts have been issued. Invariant: at most `mass`.
    pub receipted: MassKilograms,
    /// Pieces for which receipts have been issued.
    pub receipted_bags: u32,
}

/// The contract's id.
pub fn contract_id() -> Result<ContractId, EncodingError> {
    ContractId::new(NAME, 1)
}

/// A lot's state; operator and depositor see it.
pub fn lot_state(lot: &Lot) -> Result<State, EncodingError> {
    Ok(State::new(contract_id()?, LOT, lot.operator, [lot.depositor], &lot.to_wire()))
}

/// Reads a lot.
pub fn read_lot(state: &State) -> Result<Lot, EncodingError> {
    Lot::from_wire(state.message()?)
}

impl Lot {
    /// The same lot with receipts for so much more; none past the ledger's bounds.
    pub fn with_receipted(&self, mass: MassKilograms, bags: u32) -> Option<Self> {
        let receipted = self.receipted.checked_add(mass)?;
        let receipted_bags = self.receipted_bags.checked_add(bags)?;
        Some(Self { receipted, receipted_bags, ..self.clone() })
    }
}

impl Wire for Lot {
    type Message = wire::Lot;

    fn to_wire(&self) -> wire::Lot {
        wire::Lot {
            number: self.number.clone(),
            operator: self.operator.to_vec(),
            depositor: self.depositor.to_vec(),
            goods: Some(self.goods.to_wire()),
            storage: Some(self.storage.to_wire()),
            mass_kilograms: self.mass.kilograms(),
            bags: self.bags,
            gross_mass_kilograms: self.gross_mass.kilograms(),
            inbound_date: self.inbound_date.days(),
            receipted_kilograms: self.receipted.kilograms(),
            receipted_bags: self.receipted_bags,
        }
    }

    fn from_wire(message: wire::Lot) -> Result<Self, EncodingError> {
        plain_text(&message.number, SHORT_TEXT_BYTES_MAX, "lot.number")?;
        Ok(Self {
            number: message.number,
            operator: message.operator.as_slice().try_into()?,
            depositor: message.depositor.as_slice().try_into()?,
            goods: Goods::from_wire(required(message.goods, "lot.goods")?)?,
            storage: Storage::from_wire(required(message.storage, "lot.storage")?)?,
            mass: mass(message.mass_kilograms, "lot.mass_kilograms")?,
            bags: message.bags,
            gross_mass: mass(message.gross_mass_kilograms, "lot.gross_mass_kilograms")?,
            inbound_date: Date::from_days(message.inbound_date)?,
            receipted: mass(message.receipted_kilograms, "lot.receipted_kilograms")?,
            receipted_bags: message.receipted_bags,
        })
    }
}
