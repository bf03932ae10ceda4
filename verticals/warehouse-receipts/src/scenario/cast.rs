//! Who plays.

use hive_platform::OrganisationKind;
use hive_plug::scenario::Role;
use ledger_core::Permission::{self, Connect, Issue, Supervise, Transact};

/// Keeps the goods and issues receipts.
pub(super) const OPERATOR: &str = "warehouse-operator";
/// Brings the goods, pledges and sells them.
pub(super) const DEPOSITOR: &str = "depositor";
/// Is paid from the loan, and buys the receipt in the end.
pub(super) const SUPPLIER: &str = "supplier";
/// Lends on the receipt; issues the dollars.
pub(super) const BANK_A: &str = "bank-a";
/// Would lend on the same receipt.
pub(super) const BANK_B: &str = "bank-b";
/// Attests the deposits behind the dollars.
pub(super) const ATTESTOR: &str = "deposit-attestor";
/// Supervises.
pub(super) const REGULATOR: &str = "regulator";

const TRADES: &[Permission] = &[Connect, Transact];
const ISSUES: &[Permission] = &[Connect, Transact, Issue];
const SUPERVISES: &[Permission] = &[Connect, Supervise];

/// Everybody.
pub(super) const CAST: &[Role] = &[
    role(OPERATOR, "Warehouse operator", "仓储保管人", OrganisationKind::Custodian, ISSUES),
    role(DEPOSITOR, "Depositor", "存货人", OrganisationKind::Company, TRADES),
    role(SUPPLIER, "Supplier", "供应商", OrganisationKind::Company, TRADES),
    role(BANK_A, "Bank A", "甲银行", OrganisationKind::Bank, ISSUES),
    role(BANK_B, "Bank B", "乙银行", OrganisationKind::Bank, ISSUES),
    role(ATTESTOR, "Deposit attestor", "存款见证人", OrganisationKind::Attestor, TRADES),
    role(REGULATOR, "Regulator", "监管机构", OrganisationKind::Supervisor, SUPERVISES),
];

const fn role(
    name: &'static str,
    title: &'static str,
    title_zh: &'static str,
    kind: OrganisationKind,
    permissions: &'static [Permission],
) -> Role {
    Role { name, title, title_zh, kind, permissions }
}
