//! What a proposal does, line by line, for the people who sign it: what leaves, what comes, for whom.
//!
//! A summary explains; it binds nobody. What binds are the bytes to sign, and a careful client decodes those itself.

use std::fmt;
use std::str::FromStr;

use ledger_core::{Address, Amount, AssetId, TitleId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Lines of one summary.
pub const SUMMARY_LINES_MAX: usize = 64;

/// Which way something goes, seen from the line's party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It leaves the party.
    Leaves,
    /// It comes to the party.
    Comes,
    /// It stays with the party, under new rights or duties.
    Stays,
}

/// What the line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "item")]
pub enum SummaryItem {
    /// A quantity of a token.
    Token {
        /// The asset.
        #[serde(with = "as_text")]
        asset: AssetId,
        /// How much, in the asset's smallest unit.
        #[serde(with = "minor_units")]
        amount: Amount,
    },
    /// Title to goods.
    Title {
        /// The title.
        #[serde(with = "as_text")]
        title: TitleId,
        /// Number of its document.
        number: String,
        /// Quantity of goods.
        #[serde(with = "minor_units")]
        quantity: Amount,
        /// UN/ECE Rec 20 code.
        unit: String,
    },
    /// A right or duty over something else, such as a pledge or an offer.
    Right {
        /// What kind, a stable word such as `pledge`.
        kind: String,
        /// Business number of what it lies on.
        number: String,
    },
    /// The definition or registration of something, by its name.
    Definition {
        /// What kind, a stable word such as `token`.
        kind: String,
        /// Its name or code.
        name: String,
    },
}

/// One line of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryLine {
    /// Which way it goes.
    pub direction: Direction,
    /// For whom it leaves, comes or stays.
    #[serde(with = "as_text")]
    pub party: Address,
    /// The other side, where there is one.
    #[serde(default, with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<Address>,
    /// What it is about.
    #[serde(flatten)]
    pub item: SummaryItem,
}

impl SummaryLine {
    /// Two lines: the item leaves one party and comes to the other.
    pub fn movement(from: Address, to: Address, item: SummaryItem) -> [Self; 2] {
        let leaves = Self { direction: Direction::Leaves, party: from, counterparty: Some(to), item: item.clone() };
        let comes = Self { direction: Direction::Comes, party: to, counterparty: Some(from), item };
        [leaves, comes]
    }
}

pub(super) mod as_text {
    //! Ids as their one text form.
    use super::*;

    pub(in crate::proposal) fn serialize<T: fmt::Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(in crate::proposal) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

pub(super) mod maybe_text {
    //! Ids that may be missing.
    use super::*;

    pub(in crate::proposal) fn serialize<T: fmt::Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::proposal) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

pub(super) mod minor_units {
    //! Amounts as decimal text, so that no reader of the JSON passes them through a float.
    use super::*;

    pub(in crate::proposal) fn serialize<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&amount.minor())
    }

    pub(in crate::proposal) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        let minor = String::deserialize(deserializer)?.parse().map_err(D::Error::custom)?;
        Amount::from_minor(minor).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(minor: u64) -> Amount {
        Amount::from_minor(minor).unwrap()
    }

    #[test]
    fn every_item_reads_back_as_it_was_written() {
        let (one, two) = (Address::from_bytes([1; 32]), Address::from_bytes([2; 32]));
        let items = [
            SummaryItem::Token { asset: AssetId::from_bytes([3; 32]), amount: amount(Amount::MAX_MINOR) },
            SummaryItem::Title {
                title: TitleId::from_bytes([4; 32]),
                number: "WR-1".to_owned(),
                quantity: amount(25_000),
                unit: "KGM".to_owned(),
            },
            SummaryItem::Right { kind: "pledge".to_owned(), number: "WR-1".to_owned() },
            SummaryItem::Definition { kind: "token".to_owned(), name: "USD".to_owned() },
        ];
        let mut lines: Vec<_> = items.into_iter().flat_map(|item| SummaryLine::movement(one, two, item)).collect();
        lines.iter_mut().step_by(3).for_each(|line| line.counterparty = None);
        let text = serde_json::to_string(&lines).unwrap();
        assert_eq!(serde_json::from_str::<Vec<SummaryLine>>(&text).unwrap(), lines);
        assert!(text.contains("\"9223372036854775807\""), "{text}");
    }

    #[test]
    fn amount_past_its_bound_is_not_read() {
        let text =
            r#"{"direction":"leaves","party":"hc1x","item":"token","asset":"00","amount":"9223372036854775808"}"#;
        assert!(serde_json::from_str::<SummaryLine>(text).is_err());
    }
}
