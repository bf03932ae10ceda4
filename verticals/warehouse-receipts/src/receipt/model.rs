//! A receipt as the ledger holds it: the eight items of article 909 of the Chinese Civil Code.

use ledger_core::encoding::{EncodingError, Wire, plain_text, required};
use ledger_core::{Address, ContractId, Date, Digest, State};

use crate::goods::model::{
    BasisPoints, Goods, LONG_TEXT_BYTES_MAX, MassKilograms, Price, SHORT_TEXT_BYTES_MAX, Storage, mass,
};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "warehouse-receipts/receipt";
/// The kind of a receipt's state.
pub const RECEIPT: &str = "receipt";
/// Issues receipts of one lot, each with its title; operator and depositor sign.
pub const ISSUE: &str = "issue";
/// Unit of the titles of receipts: kilograms, UN/ECE Recommendation 20.
pub const TITLE_UNIT: &str = "KGM";

/// Insurance of the goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insurance {
    /// Who insures.
    pub insurer: String,
    /// The sum insured.
    pub amount: Price,
    /// The first day.
    pub from_date: Date,
    /// The last day.
    pub until_date: Date,
}

/// The document. The state's owner is the warehouse operator; who holds it says the title of the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The operator's serial.
    pub number: String,
    /// The lot it speaks for.
    pub lot_number: String,
    /// Who issues it and keeps the goods.
    pub operator: Address,
    /// Who brought the goods.
    pub depositor: Address,
    /// Commitment to the depositor's name and domicile, which the ledger does not hold.
    pub depositor_commitment: Digest,
    /// What the goods are.
    pub goods: Goods,
    /// Where they lie.
    pub storage: Storage,
    /// Net mass.
    pub mass: MassKilograms,
    /// Pieces; zero for bulk.
    pub bags: u32,
    /// Loss in storage that the depositor bears.
    pub loss_standard: BasisPoints,
    /// First day of the storage term.
    pub inbound_date: Date,
    /// Last day of the storage term.
    pub storage_until: Date,
    /// Per tonne and month.
    pub storage_fee: Price,
    /// None if the goods are not insured.
    pub insurance: Option<Insurance>,
    /// Name of the issuer.
    pub issuer_name: String,
    /// Where it was issued.
    pub issue_place: String,
    /// When it was issued.
    pub issue_date: Date,
}

/// The contract's id.
pub fn contract_id() -> Result<ContractId, EncodingError> {
    ContractId::new(NAME, 1)
}

/// A receipt's state; operator and depositor see it.
pub fn receipt_state(receipt: &Receipt) -> Result<State, EncodingError> {
    Ok(State::new(contract_id()?, RECEIPT, receipt.operator, [receipt.depositor], &receipt.to_wire()))
}

/// Reads a receipt.
pub fn read_receipt(state: &State) -> Result<Receipt, EncodingError> {
    Receipt::from_wire(state.message()?)
}

impl Wire for Insurance {
    type Message = wire::Insurance;

    fn to_wire(&self) -> wire::Insurance {
        wire::Insurance {
            insurer: self.insurer.clone(),
            amount: Some(self.amount.to_wire()),
            from_date: self.from_date.days(),
            until_date: self.until_date.days(),
        }
    }

    fn from_wire(message: wire::Insurance) -> Result<Self, EncodingError> {
        plain_text(&message.insurer, LONG_TEXT_BYTES_MAX, "insurance.insurer")?;
        Ok(Self {
            insurer: message.insurer,
            amount: Price::from_wire(required(message.amount, "insurance.amount")?)?,
            from_date: Date::from_days(message.from_date)?,
            until_date: Date::from_days(message.until_date)?,
        })
    }
}

impl Wire for Receipt {
    type Message = wire::Receipt;

    fn to_wire(&self) -> wire::Receipt {
        wire::Receipt {
            number: self.number.clone(),
            lot_number: self.lot_number.clone(),
            operator: self.operator.to_vec(),
            depositor: self.depositor.to_vec(),
            depositor_commitment: self.depositor_commitment.to_vec(),
            goods: Some(self.goods.to_wire()),
            storage: Some(self.storage.to_wire()),
            mass_kilograms: self.mass.kilograms(),
            bags: self.bags,
            loss_standard_basis_points: self.loss_standard.0,
            inbound_date: self.inbound_date.days(),
            storage_until_date: self.storage_until.days(),
            storage_fee: Some(self.storage_fee.to_wire()),
            insurance: self.insurance.as_ref().map(Insurance::to_wire),
            issuer_name: self.issuer_name.clone(),
            issue_place: self.issue_place.clone(),
            issue_date: self.issue_date.days(),
        }
    }

    fn from_wire(message: wire::Receipt) -> Result<Self, EncodingError> {
        plain_text(&message.number, SHORT_TEXT_BYTES_MAX, "receipt.number")?;
        plain_text(&message.lot_number, SHORT_TEXT_BYTES_MAX, "receipt.lot_number")?;
        plain_text(&message.issuer_name, LONG_TEXT_BYTES_MAX, "receipt.issuer_name")?;
        plain_text(&message.issue_place, LONG_TEXT_BYTES_MAX, "receipt.issue_place")?;
        Ok(Self {
            number: message.number,
            lot_number: message.lot_number,
            operator: message.operator.as_slice().try_into()?,
            depositor: message.depositor.as_slice().try_into()?,
            depositor_commitment: message.depositor_commitment.as_slice().try_into()?,
            goods: Goods::from_wire(required(message.goods, "receipt.goods")?)?,
            storage: Storage::from_wire(required(message.storage, "receipt.storage")?)?,
            mass: mass(message.mass_kilograms, "receipt.mass_kilograms")?,
            bags: message.bags,
            loss_standard: BasisPoints(message.loss_standard_basis_points),
            inbound_date: Date::from_days(message.inbound_date)?,
            storage_until: Date::from_days(message.storage_until_date)?,
            storage_fee: Price::from_wire(required(message.storage_fee, "receipt.storage_fee")?)?,
            insurance: message.insurance.map(Insurance::from_wire).transpose()?,
            issuer_name: message.issuer_name,
            issue_place: message.issue_place,
            issue_date: Date::from_days(message.issue_date)?,
        })
    }
}
