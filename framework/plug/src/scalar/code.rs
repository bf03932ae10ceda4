//! Codes of currencies and units.

use super::Text;

/// An ISO 4217 code. Invariant: three capital letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CurrencyCode(String);

/// A UN/ECE Recommendation 20 code. Invariant: two or three capital letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitCode(String);

impl CurrencyCode {
    /// The code, if it has the form of one.
    pub fn new(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UnitCode {
    /// The code, if it has the form of one.
    pub fn new(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for CurrencyCode {
    fn read(text: &str) -> Result<Self, String> {
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(Self(text.to_owned()));
        }
        Err("a currency is three capital letters of ISO 4217, such as \"CNY\"".to_owned())
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

impl Text for UnitCode {
    fn read(text: &str) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if (2..=3).contains(&text.len()) && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err("a unit is a code of UN/ECE Recommendation 20, such as \"KGM\"".to_owned())
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}
