//! Scalars of every schema. All are strings on the wire: a number would pass through a float somewhere on its way.
//!
//! A number, or a numeric literal, where a string belongs is refused before anything is executed.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

mod code;
mod decimal;
mod digest;
mod integer;
mod time;

pub use code::{CurrencyCode, UnitCode};
pub use decimal::Decimal;
pub use digest::{Hash, Hex, PartyAddress};
pub use integer::{AmountMinor, BasisPoints, BigInt};
pub use time::{BusinessDate, DateTime};

/// Names of the scalars that are strings although people might write a number, with an example of each.
pub const STRING_SCALARS: &[(&str, &str)] =
    &[("Decimal", "1250.00"), ("Amount", "125000"), ("BigInt", "42"), ("BasisPoints", "250")];

/// A scalar that is read from and written as text.
trait Text: Sized {
    fn read(text: &str) -> Result<Self, String>;
    fn write(&self) -> String;
}

fn parse<T: Text + ScalarType + async_graphql::InputType>(value: &Value) -> InputValueResult<T> {
    let Value::String(text) = value else {
        return Err(refusal("it is written as a string; a number would lose digits on its way"));
    };
    T::read(text).map_err(refusal)
}

/// A scalar's refusal with its stable code.
fn refusal<T: async_graphql::InputType>(reason: impl std::fmt::Display) -> InputValueError<T> {
    InputValueError::custom(reason).with_extension("code", "BAD_USER_INPUT")
}

/// Makes a type with [`Text`] a GraphQL scalar that accepts strings only.
macro_rules! text_scalar {
    ($(#[$doc:meta])* $type:ty, $name:literal, $specification:literal) => {
        $(#[$doc])*
        #[Scalar(name = $name, specified_by_url = $specification)]
        impl ScalarType for $type {
            fn parse(value: Value) -> InputValueResult<Self> {
                parse(&value)
            }

            fn is_valid(value: &Value) -> bool {
                matches!(value, Value::String(_))
            }

            fn to_value(&self) -> Value {
                Value::String(Text::write(self))
            }
        }
    };
}

text_scalar!(
    /// An exact decimal number as text: digits with at most one point and an optional minus, such as "1250.00".
    Decimal, "Decimal", "https://en.wikipedia.org/wiki/Decimal_representation");
text_scalar!(
    /// An amount in the asset's smallest unit (CNY: fen) as text, 0 to 9223372036854775807. Stands only in raw ledger fields.
    AmountMinor, "Amount", "https://protobuf.dev/programming-guides/proto3/#scalar");
text_scalar!(
    /// A whole number of at most 64 bits without sign, as text: heights, counters, sequences.
    BigInt, "BigInt", "https://protobuf.dev/programming-guides/proto3/#scalar");
text_scalar!(
    /// A rate in hundredths of a percent, as text: "250" is 2.5 %.
    BasisPoints, "BasisPoints", "https://en.wikipedia.org/wiki/Basis_point");
text_scalar!(
    /// A moment in UTC with milliseconds, RFC 3339: "2026-11-23T06:00:00.000Z".
    DateTime, "DateTime", "https://www.rfc-editor.org/rfc/rfc3339");
text_scalar!(
    /// A calendar day, ISO 8601: "2026-11-23".
    BusinessDate, "Date", "https://www.iso.org/iso-8601-date-and-time-format.html");
text_scalar!(
    /// An ISO 4217 currency code: three capital letters, such as "CNY".
    CurrencyCode, "CurrencyCode", "https://www.iso.org/iso-4217-currency-codes.html");
text_scalar!(
    /// A UN/ECE Recommendation 20 unit code, such as "KGM" (kilogram), "TNE" (tonne), "C62" (piece).
    UnitCode, "UnitCode", "https://unece.org/trade/uncefact/cl-recommendations");
text_scalar!(
    /// Bytes as lower-case hexadecimal text.
    Hex, "Hex", "https://www.rfc-editor.org/rfc/rfc4648#section-8");
text_scalar!(
    /// A 32-byte hash or id as 64 lower-case hexadecimal digits.
    Hash, "Hash", "https://www.rfc-editor.org/rfc/rfc4648#section-8");
text_scalar!(
    /// A party's address: bech32m text that begins with "hc1".
    PartyAddress, "Address", "https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki");

#[cfg(test)]
mod tests;
