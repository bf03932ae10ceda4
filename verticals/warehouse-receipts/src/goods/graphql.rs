//! Goods, storage, insurance and tariffs as schemas show and take them.

use async_graphql::{InputObject, SimpleObject};
use hive_plug::scalar::{BasisPoints, BusinessDate, CurrencyCode, Decimal, UnitCode};
use hive_plug::{ApiError, ApiResult, Money, Quantity, UserError};
use ledger_core::{Amount, AmountError, Scale};

use super::model;
use crate::graphql::date_days;
use crate::receipt::model as receipt;

/// What goods are.
#[derive(Clone, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "GoodsInput")]
pub struct Goods {
    /// The trade's own code, e.g. `coffee_arabica`; names a price series.
    pub commodity: String,
    /// Harmonized System code, six digits.
    pub hs_code: String,
    /// Country of origin, ISO 3166-1 alpha-2.
    pub origin_country: String,
    /// Growing region.
    pub origin_region: String,
    /// Harvest, e.g. `2025/26`.
    pub crop_year: String,
    /// The origin's own grade.
    pub grade: String,
    /// Size, e.g. of coffee beans in 1/64 inch; empty where the trade has none.
    pub screen: String,
    /// How the crop was processed.
    pub processing: String,
    /// Kind of packaging.
    pub packaging: String,
    /// What is stencilled on the pieces.
    pub marks: String,
    /// Moisture on arrival.
    pub moisture: BasisPoints,
    /// Net mass of one bag in kilograms; 0 for goods in bulk.
    pub bag_kilograms: u32,
}

/// Where goods lie.
#[derive(Clone, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "StoragePlaceInput")]
pub struct StoragePlace {
    /// The operator's code of the warehouse.
    pub warehouse_code: String,
    /// Bay and stack in it.
    pub place: String,
}

/// Insurance of goods.
#[derive(Clone, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "GoodsInsuranceInput")]
pub struct GoodsInsurance {
    /// Who insures.
    pub insurer: String,
    /// The sum insured.
    pub amount: Money,
    /// The first day.
    pub from_date: BusinessDate,
    /// The last day.
    pub until_date: BusinessDate,
}

impl From<model::Goods> for Goods {
    fn from(goods: model::Goods) -> Self {
        Self {
            commodity: goods.commodity,
            hs_code: goods.hs_code,
            origin_country: goods.origin_country,
            origin_region: goods.origin_region,
            crop_year: goods.crop_year,
            grade: goods.grade,
            screen: goods.screen,
            processing: goods.processing,
            packaging: goods.packaging,
            marks: goods.marks,
            moisture: BasisPoints(goods.moisture.0),
            bag_kilograms: goods.bag_kilograms,
        }
    }
}

impl From<Goods> for model::Goods {
    fn from(goods: Goods) -> Self {
        Self {
            commodity: goods.commodity,
            hs_code: goods.hs_code,
            origin_country: goods.origin_country,
            origin_region: goods.origin_region,
            crop_year: goods.crop_year,
            grade: goods.grade,
            screen: goods.screen,
            processing: goods.processing,
            packaging: goods.packaging,
            marks: goods.marks,
            moisture: model::BasisPoints(goods.moisture.0),
            bag_kilograms: goods.bag_kilograms,
        }
    }
}

impl From<model::Storage> for StoragePlace {
    fn from(storage: model::Storage) -> Self {
        Self { warehouse_code: storage.warehouse_code, place: storage.place }
    }
}

impl From<StoragePlace> for model::Storage {
    fn from(storage: StoragePlace) -> Self {
        Self { warehouse_code: storage.warehouse_code, place: storage.place }
    }
}

/// A mass as people read it.
pub(crate) fn kilograms(amount: Amount) -> ApiResult<Quantity> {
    let unit = UnitCode::new(receipt::TITLE_UNIT).ok_or_else(|| ApiError::internal("KGM is no unit"))?;
    Ok(Quantity::of(amount, Scale::default(), unit))
}

/// A mass that a caller gives, in whole kilograms.
pub(crate) fn mass(quantity: &Quantity, field: &[&str]) -> Result<model::MassKilograms, UserError> {
    let amount = amount_in_kilograms(quantity, field)?;
    model::MassKilograms::new(amount.minor()).ok_or_else(|| UserError::at(field, AmountError::Overflow))
}

/// A quantity that a caller gives, in whole kilograms.
pub(crate) fn amount_in_kilograms(quantity: &Quantity, field: &[&str]) -> Result<Amount, UserError> {
    if quantity.unit.as_str() != receipt::TITLE_UNIT {
        return Err(UserError {
            code: "RECEIPT_UNIT".to_owned(),
            field: Some(field.iter().map(|part| (*part).to_owned()).collect()),
            message: format!("receipts are in kilograms; give the unit {}", receipt::TITLE_UNIT),
            details: Vec::new(),
        });
    }
    quantity.to_amount(Scale::default()).map_err(|error| UserError::at(field, error))
}

/// A price as people read it.
pub(crate) fn money(price: &model::Price) -> ApiResult<Money> {
    let currency = CurrencyCode::new(&price.currency).ok_or_else(|| ApiError::internal("a price has no currency"))?;
    Ok(Money::of(price.amount, price.scale, currency))
}

/// A price that a caller gives; it has as many decimal places as are written.
pub(crate) fn price(money: &Money, field: &[&str]) -> Result<model::Price, UserError> {
    let places = |amount: &Decimal| amount.as_str().split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let scale = Scale::new(u32::try_from(places(&money.amount)).unwrap_or(u32::MAX));
    let scale = scale.map_err(|error| UserError::at(field, error))?;
    let amount = money.to_amount(scale).map_err(|error| UserError::at(field, error))?;
    Ok(model::Price { amount, scale, currency: money.currency.as_str().to_owned() })
}

/// An insurance as people read it.
pub(crate) fn insurance(insurance: receipt::Insurance) -> ApiResult<GoodsInsurance> {
    Ok(GoodsInsurance {
        amount: money(&insurance.amount)?,
        from_date: business_date(insurance.from_date)?,
        until_date: business_date(insurance.until_date)?,
        insurer: insurance.insurer,
    })
}

/// An insurance that a caller gives.
pub(crate) fn insured(given: GoodsInsurance, field: &[&str]) -> ApiResult<Result<receipt::Insurance, UserError>> {
    let (from_date, until_date) = (date_days(given.from_date)?, date_days(given.until_date)?);
    let amount = price(&given.amount, field);
    Ok(amount.map(|amount| receipt::Insurance { insurer: given.insurer, amount, from_date, until_date }))
}

/// A day of the ledger as people read it.
pub(crate) fn business_date(date: ledger_core::Date) -> ApiResult<BusinessDate> {
    BusinessDate::from_days(date.days()).ok_or_else(|| ApiError::internal("a date is past the calendar"))
}
