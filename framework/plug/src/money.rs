//! Money and quantities as people read them; the ledger holds them as amounts in smallest units.

use async_graphql::{InputObject, SimpleObject};
use ledger_core::{Amount, AmountError, Scale};

use crate::scalar::{CurrencyCode, Decimal, UnitCode};

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject, InputObject)]
#[graphql(input_name = "MoneyInput")]
pub struct Money {
    /// How much, in the currency's main unit: "12.50" USD is twelve dollars and fifty cents.
    pub amount: Decimal,
    /// The currency, ISO 4217.
    pub currency: CurrencyCode,
}

/// A quantity of goods.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject, InputObject)]
#[graphql(input_name = "QuantityInput")]
pub struct Quantity {
    /// How much, in `unit`.
    pub value: Decimal,
    /// The unit, UN/ECE Recommendation 20.
    pub unit: UnitCode,
}

impl Money {
    /// An amount of the ledger at its asset's scale.
    pub fn of(amount: Amount, scale: Scale, currency: CurrencyCode) -> Self {
        Self { amount: Decimal::of(amount, scale), currency }
    }

    /// The amount in smallest units.
    ///
    /// # Errors
    /// As for [`Decimal::to_amount`].
    pub fn to_amount(&self, scale: Scale) -> Result<Amount, AmountError> {
        self.amount.to_amount(scale)
    }
}

impl Quantity {
    /// An amount of the ledger at its scale.
    pub fn of(amount: Amount, scale: Scale, unit: UnitCode) -> Self {
        Self { value: Decimal::of(amount, scale), unit }
    }

    /// The amount in smallest units.
    ///
    /// # Errors
    /// As for [`Decimal::to_amount`].
    pub fn to_amount(&self, scale: Scale) -> Result<Amount, AmountError> {
        self.value.to_amount(scale)
    }
}
