//! One line of the table, column by column.

use csv::ByteRecord;
use ledger_core::{Amount, AmountError, Date, Digest, Scale};

use super::{Entry, LineError, Parties};
use crate::goods::model::{BasisPoints, Goods, MassKilograms, Price, Storage};
use crate::lot::model::Lot;
use crate::receipt::model::{Insurance, Receipt};

/// The columns, in order.
pub const COLUMNS: [&str; 31] = [
    "receipt_number",
    "lot_number",
    "depositor_name",
    "depositor_address",
    "commodity",
    "hs_code",
    "origin_country",
    "origin_region",
    "crop_year",
    "grade",
    "screen",
    "processing",
    "bags",
    "mass_kilograms",
    "gross_mass_kilograms",
    "moisture_basis_points",
    "packaging",
    "marks",
    "warehouse_code",
    "storage_place",
    "inbound_date",
    "storage_until_date",
    "loss_standard_basis_points",
    "storage_fee_usd_per_tonne_month",
    "insurer",
    "insured_amount_usd",
    "insured_from_date",
    "insured_until_date",
    "issuer_name",
    "issue_place",
    "issue_date",
];

/// Net mass of a bag: the columns are of goods in bags of 60 kg.
const BAG_KILOGRAMS: u32 = 60;
/// Decimal places of the dollars in the file.
const DOLLAR_PLACES: u32 = 2;

/// A line whose cells are all UTF-8.
pub(super) struct Row<'r> {
    cells: Vec<(&'static str, &'r str)>,
}

impl<'r> Row<'r> {
    pub(super) fn of(record: &'r ByteRecord) -> Result<Self, LineError> {
        if record.len() != COLUMNS.len() {
            return Err(LineError::ColumnCount { expected: COLUMNS.len(), actual: record.len() });
        }
        let cell = |(column, bytes): (&&'static str, &'r [u8])| {
            let text = std::str::from_utf8(bytes).map_err(|_| LineError::NotUtf8 { column })?;
            Ok((*column, text))
        };
        Ok(Self { cells: COLUMNS.iter().zip(record).map(cell).collect::<Result<_, _>>()? })
    }

    pub(super) fn entry(&self, Parties { operator, depositor }: Parties) -> Result<Entry, LineError> {
        let (mass, bags) = (self.mass("mass_kilograms")?, self.whole("bags")?);
        let lot = Lot {
            number: self.text("lot_number")?,
            operator,
            depositor,
            goods: self.goods()?,
            storage: Storage { warehouse_code: self.text("warehouse_code")?, place: self.text("storage_place")? },
            mass,
            bags,
            gross_mass: self.mass("gross_mass_kilograms")?,
            inbound_date: self.date("inbound_date")?,
            receipted: MassKilograms::ZERO,
            receipted_bags: 0,
        };
        let receipt = Receipt {
            number: self.text("receipt_number")?,
            lot_number: lot.number.clone(),
            operator,
            depositor,
            depositor_commitment: Digest::default(),
            goods: lot.goods.clone(),
            storage: lot.storage.clone(),
            mass,
            bags,
            loss_standard: BasisPoints(self.whole("loss_standard_basis_points")?),
            inbound_date: lot.inbound_date,
            storage_until: self.date("storage_until_date")?,
            storage_fee: self.dollars("storage_fee_usd_per_tonne_month")?,
            insurance: Some(Insurance {
                insurer: self.text("insurer")?,
                amount: self.dollars("insured_amount_usd")?,
                from_date: self.date("insured_from_date")?,
                until_date: self.date("insured_until_date")?,
            }),
            issuer_name: self.text("issuer_name")?,
            issue_place: self.text("issue_place")?,
            issue_date: self.date("issue_date")?,
        };
        let (depositor_name, depositor_address) = (self.text("depositor_name")?, self.text("depositor_address")?);
        Ok(Entry { lot, receipt, depositor_name, depositor_address })
    }

    fn goods(&self) -> Result<Goods, LineError> {
        Ok(Goods {
            commodity: self.text("commodity")?,
            hs_code: self.text("hs_code")?,
            origin_country: self.text("origin_country")?,
            origin_region: self.text("origin_region")?,
            crop_year: self.text("crop_year")?,
            grade: self.text("grade")?,
            screen: self.text("screen")?,
            processing: self.text("processing")?,
            packaging: self.text("packaging")?,
            marks: self.text("marks")?,
            moisture: BasisPoints(self.whole("moisture_basis_points")?),
            bag_kilograms: BAG_KILOGRAMS,
        })
    }

    /// A cell that must hold something.
    fn cell(&self, column: &'static str) -> Result<&'r str, LineError> {
        let found = self.cells.iter().find(|(name, _)| *name == column).map(|(_, text)| text.trim());
        found.filter(|text| !text.is_empty()).ok_or(LineError::Empty { column })
    }

    fn text(&self, column: &'static str) -> Result<String, LineError> {
        self.cell(column).map(str::to_owned)
    }

    fn amount(&self, column: &'static str, places: u32) -> Result<(Amount, Scale), LineError> {
        let value = self.cell(column)?;
        let shown = || value.chars().take(32).collect::<String>();
        let refused = |error: AmountError| match error {
            AmountError::Negative { .. } => LineError::Negative { column, value: shown() },
            AmountError::BelowScale { .. } => LineError::Fraction { column, value: shown() },
            _ => LineError::NotANumber { column, value: shown() },
        };
        let scale = Scale::new(places).map_err(refused)?;
        Amount::parse_decimal(value, scale).map(|amount| (amount, scale)).map_err(refused)
    }

    fn mass(&self, column: &'static str) -> Result<MassKilograms, LineError> {
        let (amount, _) = self.amount(column, 0)?;
        let out_of_bounds = || LineError::NotANumber { column, value: amount.minor().to_string() };
        MassKilograms::new(amount.minor()).ok_or_else(out_of_bounds)
    }

    fn whole(&self, column: &'static str) -> Result<u32, LineError> {
        let (amount, _) = self.amount(column, 0)?;
        u32::try_from(amount.minor()).map_err(|_| LineError::NotANumber { column, value: amount.minor().to_string() })
    }

    fn dollars(&self, column: &'static str) -> Result<Price, LineError> {
        let (amount, scale) = self.amount(column, DOLLAR_PLACES)?;
        Ok(Price { amount, scale, currency: "USD".to_owned() })
    }

    fn date(&self, column: &'static str) -> Result<Date, LineError> {
        let value = self.cell(column)?;
        let refused = |_| LineError::NotADate { column, value: value.chars().take(32).collect() };
        value.parse().map_err(refused)
    }
}
