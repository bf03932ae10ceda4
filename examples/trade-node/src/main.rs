//! The reference node: which verticals it runs, said here and nowhere else.

use std::process::ExitCode;

use warehouse_receipts::WarehouseReceipts;

pub(crate) fn main() -> ExitCode {
    hive_app::run::<(WarehouseReceipts, ())>()
}
