//! Names of the demonstration's parties, as their key files have them.

pub(crate) const OPERATOR: &str = "warehouse-operator";
pub(crate) const DEPOSITOR: &str = "depositor";
pub(crate) const SUPPLIER: &str = "supplier";
pub(crate) const BANK_A: &str = "bank-a";
pub(crate) const BANK_B: &str = "bank-b";
pub(crate) const ATTESTOR: &str = "deposit-attestor";
pub(crate) const REGULATOR: &str = "regulator";

/// Endpoints of the node.
pub(crate) const ENDPOINTS: [&str; 3] = ["platform", "warehouse-receipts", "regulator"];
/// The vertical of the demonstration.
pub(crate) const RECEIPTS: &str = "warehouse-receipts";
