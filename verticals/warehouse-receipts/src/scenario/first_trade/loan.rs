//! What the bank lends, and what becomes of it.

use hive_plug::scenario::{ScenarioError, Stage, Table};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use super::cast::{ATTESTOR, BANK_A, DEPOSITOR, SUPPLIER};
use super::figure::grouped;
use super::{Trade, mutation, platform, refusal};
use crate::scenario::client::fault;

const PRICES: &str = include_str!("../../../../../examples/trade-node/data/coffee_prices_usd_per_kg.csv");
/// What the price may fall before the loan is uncovered, in basis points.
const HAIRCUT_BASIS_POINTS: i64 = 2_000;
/// What is lent of the value that is left, in basis points.
const ADVANCE_BASIS_POINTS: i64 = 8_000;
/// What of the loan goes to the supplier, in basis points.
const SUPPLY_BASIS_POINTS: i64 = 6_000;

/// The amounts of a loan on goods, exact; cents are cut off, so nobody lends more than the rule allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// Month of the price.
    month: String,
    /// US dollars per kilogram.
    price: Decimal,
    /// Mass × price.
    pub(super) value: Decimal,
    /// Value less haircut.
    adjusted: Decimal,
    /// Adjusted value × advance rate.
    pub(super) loan: Decimal,
    /// What the supplier gets of it.
    pub(super) supply: Decimal,
}

impl Terms {
    /// The terms for so many kilograms at the latest price of the file.
    pub(super) fn of(commodity: &str, kilograms: u64) -> Result<Self, ScenarioError> {
        let (month, price) = latest_price(PRICES, commodity)?;
        Self::at(month, price, kilograms)
    }

    fn at(month: String, price: Decimal, kilograms: u64) -> Result<Self, ScenarioError> {
        let overflow = || fault("the value is past what numbers hold");
        let part = |of: Decimal, basis_points: i64| of.checked_mul(Decimal::new(basis_points, 4)).ok_or_else(overflow);
        let cents = |of: Decimal| {
            let mut floor = of.round_dp_with_strategy(2, RoundingStrategy::ToZero);
            floor.rescale(2);
            floor
        };
        let exact = Decimal::from(kilograms).checked_mul(price).ok_or_else(overflow)?;
        let adjusted = part(exact, 10_000 - HAIRCUT_BASIS_POINTS)?;
        let loan = cents(part(adjusted, ADVANCE_BASIS_POINTS)?);
        let supply = cents(part(loan, SUPPLY_BASIS_POINTS)?);
        Ok(Self { month, price, value: cents(exact), adjusted: cents(adjusted), loan, supply })
    }

    /// The reckoning, for people.
    pub(super) fn table(&self, title: String, kilograms: u64) -> Table {
        let percent = |basis_points: i64| format!("{} %", Decimal::new(basis_points, 2).normalize());
        let dollars = |amount: Decimal| format!("{} USD", grouped(&amount.to_string()));
        let mass = grouped(&kilograms.to_string());
        let rows = [
            ("price", format!("of {}", self.month), format!("{} USD/kg", self.price)),
            ("value", format!("× {mass} kg"), dollars(self.value)),
            ("after haircut", format!("− {}", percent(HAIRCUT_BASIS_POINTS)), dollars(self.adjusted)),
            ("loan", format!("× {}", percent(ADVANCE_BASIS_POINTS)), dollars(self.loan)),
        ];
        Table {
            title,
            columns: ["", "reckoned", "amount"].map(str::to_owned).to_vec(),
            rows: rows.into_iter().map(|(name, how, amount)| vec![name.to_owned(), how, amount]).collect(),
            numbers: vec![2],
        }
    }
}

/// The last line of the price file that has a price of the commodity.
fn latest_price(file: &str, commodity: &str) -> Result<(String, Decimal), ScenarioError> {
    let mut lines = file.lines();
    let mut columns = lines.next().unwrap_or_default().split(',');
    let column = columns.position(|name| name == commodity);
    let column = column.ok_or_else(|| fault(format_args!("the price file has no column {commodity}")))?;
    let cells = |line: &str| {
        let date = line.split(',').next()?.to_owned();
        Some((date, line.split(',').nth(column)?.parse::<Decimal>().ok()?))
    };
    let latest = lines.filter_map(cells).next_back();
    latest.ok_or_else(|| fault(format_args!("the price file has no price of {commodity}")))
}

/// Bank A issues the loan as dollars of its own, against the attested deposit that it opens for the depositor.
pub(super) fn lend(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    refusal::amounts_are_refused(stage, trade)?;
    let issue = mutation("issueTokens", "IssueTokensInput", "");
    let title = format!("Bank A lends {} USD against {}", grouped(&trade.loan), trade.number);
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("lend"),
        "asset": trade.asset,
        "amount": trade.loan,
        "to": stage.address(DEPOSITOR)?,
        "reference": format!("loan against {} / {}", trade.number, stage.run()),
    });
    stage.settle(&platform(&title, BANK_A, &issue, input, &[BANK_A, ATTESTOR])).map(|_| ())
}

/// The depositor pays the supplier from the loan; signatures that are none are refused before its own is given.
pub(super) fn pay_supplier(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let transfer = mutation("transferTokens", "TransferTokensInput", "");
    let title = format!("The depositor pays the supplier {} USD", grouped(&trade.supply));
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("pay-supplier"),
        "asset": trade.asset,
        "amount": trade.supply,
        "to": stage.address(SUPPLIER)?,
        "reference": format!("coffee of {}", trade.number),
    });
    let write = platform(&title, DEPOSITOR, &transfer, input, &[DEPOSITOR]);
    refusal::signatures_are_refused(stage, trade, &write)?;
    let settled = stage.settle(&write)?;
    refusal::replay_is_refused(stage, trade, &settled)
}

/// The depositor repays the loan.
pub(super) fn repay(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let transfer = mutation("transferTokens", "TransferTokensInput", "");
    let title = format!("The depositor repays {} USD", grouped(&trade.loan));
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("repay"),
        "asset": trade.asset,
        "amount": trade.loan,
        "to": stage.address(BANK_A)?,
        "reference": format!("repayment of the loan against {}", trade.number),
    });
    stage.settle(&platform(&title, DEPOSITOR, &transfer, input, &[DEPOSITOR])).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn terms_are_exact_and_cut_to_cents() {
        let terms = Terms::at("2022-12-01".to_owned(), decimal("4.663333333"), 9_600).unwrap();
        assert_eq!(terms.value.to_string(), "44767.99");
        assert_eq!(terms.loan.to_string(), "28651.51");
        assert_eq!(terms.supply.to_string(), "17190.90");
    }

    #[test]
    fn the_latest_price_is_the_last_line_with_one() {
        let file = "date,a,b\n2022-11-01,1.5,2\n2022-12-01,,3\n";
        assert_eq!(latest_price(file, "a").unwrap(), ("2022-11-01".to_owned(), decimal("1.5")));
        assert_eq!(latest_price(file, "b").unwrap().1, decimal("3"));
        assert!(latest_price(file, "c").is_err());
        assert!(latest_price(PRICES, "coffee_robusta").is_ok());
    }
}
