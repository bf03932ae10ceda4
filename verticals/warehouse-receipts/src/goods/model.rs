//! Goods, where they lie, and prices beside the ledger's assets.

use ledger_core::encoding::{EncodingError, Wire, plain_text};
use ledger_core::{Amount, Scale};

use crate::wire;

/// Bytes of a short text: a number, a code, a name of a place.
pub const SHORT_TEXT_BYTES_MAX: usize = 64;
/// Bytes of a long text: marks, names of companies.
pub const LONG_TEXT_BYTES_MAX: usize = 256;

/// Mass in whole kilograms. Invariant: at most `i64::MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MassKilograms(Amount);

/// A rate in hundredths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BasisPoints(pub u32);

/// What the goods are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// The trade's own code, e.g. `coffee_arabica`.
    pub commodity: String,
    /// Harmonized System, six digits.
    pub hs_code: String,
    /// ISO 3166-1 alpha-2.
    pub origin_country: String,
    /// Growing region.
    pub origin_region: String,
    /// Harvest, e.g. `2025/26`.
    pub crop_year: String,
    /// The origin's own grade.
    pub grade: String,
    /// Size; may be empty.
    pub screen: String,
    /// How the crop was processed.
    pub processing: String,
    /// Kind of packaging.
    pub packaging: String,
    /// What is stencilled on the pieces.
    pub marks: String,
    /// Moisture on arrival.
    pub moisture: BasisPoints,
    /// Net mass of one bag; zero for bulk.
    pub bag_kilograms: u32,
}

/// Where goods lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// The operator's warehouse.
    pub warehouse_code: String,
    /// Bay and stack in it.
    pub place: String,
}

/// Money in a currency that needs no asset on the chain, e.g. a tariff or a sum insured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// In the currency's smallest unit.
    pub amount: Amount,
    /// Decimal places of the currency.
    pub scale: Scale,
    /// ISO 4217.
    pub currency: String,
}

impl MassKilograms {
    /// Nothing.
    pub const ZERO: Self = Self(Amount::ZERO);

    /// So many kilograms; none past the ledger's bound.
    pub fn new(kilograms: u64) -> Option<Self> {
        Amount::from_minor(kilograms).ok().map(Self)
    }

    /// Kilograms.
    pub fn kilograms(self) -> u64 {
        self.0.minor()
    }

    /// The mass as the quantity of a title in KGM.
    pub fn quantity(self) -> Amount {
        self.0
    }

    /// The sum; none past the ledger's bound.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).ok().map(Self)
    }

    fn from_wire(kilograms: u64, field: &'static str) -> Result<Self, EncodingError> {
        Self::new(kilograms).ok_or(EncodingError::OutOfRange { field })
    }
}

/// A mass field of a message.
pub(crate) fn mass(kilograms: u64, field: &'static str) -> Result<MassKilograms, EncodingError> {
    MassKilograms::from_wire(kilograms, field)
}

/// True when bags and mass say the same, or the goods lie in bulk and no bags are counted.
pub fn bags_make_mass(bags: u32, bag_kilograms: u32, mass: MassKilograms) -> bool {
    match bag_kilograms {
        0 => bags == 0,
        _ => u64::from(bags).checked_mul(u64::from(bag_kilograms)) == Some(mass.kilograms()),
    }
}

impl Wire for Goods {
    type Message = wire::Goods;

    fn to_wire(&self) -> wire::Goods {
        wire::Goods {
            commodity: self.commodity.clone(),
            hs_code: self.hs_code.clone(),
            origin_country: self.origin_country.clone(),
            origin_region: self.origin_region.clone(),
            crop_year: self.crop_year.clone(),
            grade: self.grade.clone(),
            screen: self.screen.clone(),
            processing: self.processing.clone(),
            packaging: self.packaging.clone(),
            marks: self.marks.clone(),
            moisture_basis_points: self.moisture.0,
            bag_kilograms: self.bag_kilograms,
        }
    }

    fn from_wire(message: wire::Goods) -> Result<Self, EncodingError> {
        let short = [
            (&message.commodity, "goods.commodity"),
            (&message.hs_code, "goods.hs_code"),
            (&message.origin_country, "goods.origin_country"),
            (&message.origin_region, "goods.origin_region"),
            (&message.crop_year, "goods.crop_year"),
            (&message.grade, "goods.grade"),
            (&message.screen, "goods.screen"),
            (&message.processing, "goods.processing"),
            (&message.packaging, "goods.packaging"),
        ];
        short.into_iter().try_for_each(|(text, field)| plain_text(text, SHORT_TEXT_BYTES_MAX, field))?;
        plain_text(&message.marks, LONG_TEXT_BYTES_MAX, "goods.marks")?;
        Ok(Self {
            commodity: message.commodity,
            hs_code: message.hs_code,
            origin_country: message.origin_country,
            origin_region: message.origin_region,
            crop_year: message.crop_year,
            grade: message.grade,
            screen: message.screen,
            processing: message.processing,
            packaging: message.packaging,
            marks: message.marks,
            moisture: BasisPoints(message.moisture_basis_points),
            bag_kilograms: message.bag_kilograms,
        })
    }
}

impl Wire for Storage {
    type Message = wire::Storage;

    fn to_wire(&self) -> wire::Storage {
        wire::Storage { warehouse_code: self.warehouse_code.clone(), place: self.place.clone() }
    }

    fn from_wire(message: wire::Storage) -> Result<Self, EncodingError> {
        plain_text(&message.warehouse_code, SHORT_TEXT_BYTES_MAX, "storage.warehouse_code")?;
        plain_text(&message.place, LONG_TEXT_BYTES_MAX, "storage.place")?;
        Ok(Self { warehouse_code: message.warehouse_code, place: message.place })
    }
}

impl Wire for Price {
    type Message = wire::Price;

    fn to_wire(&self) -> wire::Price {
        let scale = u32::from(self.scale.places());
        wire::Price { minor: self.amount.minor(), scale, currency: self.currency.clone() }
    }

    fn from_wire(message: wire::Price) -> Result<Self, EncodingError> {
        let refused = |field| EncodingError::OutOfRange { field };
        let is_code = message.currency.len() == 3 && message.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code {
            return Err(refused("price.currency"));
        }
        Ok(Self {
            amount: Amount::from_minor(message.minor).map_err(|_| refused("price.minor"))?,
            scale: Scale::new(message.scale).map_err(|_| refused("price.scale"))?,
            currency: message.currency,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bags_and_mass_say_the_same() {
        let mass = |kilograms| MassKilograms::new(kilograms).unwrap();
        for (bags, bag_kilograms, kilograms, expected) in [
            (160, 60, 9_600, true),
            (160, 60, 9_601, false),
            (0, 0, 25_000, true),
            (3, 0, 25_000, false),
            (u32::MAX, u32::MAX, 1, false),
        ] {
            assert_eq!(bags_make_mass(bags, bag_kilograms, mass(kilograms)), expected, "{bags} × {bag_kilograms}");
        }
        assert_eq!(MassKilograms::new(u64::MAX), None);
    }

    #[test]
    fn a_price_needs_a_currency_code() {
        let message = |currency: &str| wire::Price { minor: 345, scale: 2, currency: currency.to_owned() };
        assert!(Price::from_wire(message("USD")).is_ok());
        for currency in ["", "usd", "US", "USDX"] {
            assert!(Price::from_wire(message(currency)).is_err(), "{currency}");
        }
    }
}
