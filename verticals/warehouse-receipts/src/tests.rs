use hive_plug::Messages;
use ledger_core::ContractSet;

use super::*;
use crate::desk::DeskError;
use crate::lot::contract::LotError;
use crate::receipt::contract::ReceiptError;

#[test]
fn both_contracts_have_plain_names() {
    let set = WarehouseReceipts::contracts().into_iter().fold(ContractSet::built_in(), ContractSet::with);
    let names: Vec<String> = set.ids().iter().map(ToString::to_string).collect();
    for name in ["warehouse-receipts/lot@1", "warehouse-receipts/receipt@1"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
}

#[test]
fn every_rule_has_a_text_in_both_languages() {
    let messages = Messages::load(WarehouseReceipts::manifest().locales.iter().copied()).unwrap();
    let imports = crate::receipt::import::LineError::CODES;
    let codes = [LotError::CODES, ReceiptError::CODES, DeskError::CODES, imports];
    for code in codes.into_iter().flatten() {
        for locale in [Locale::En, Locale::ZhCn] {
            assert!(messages.text(locale, code, &[]).is_some(), "{locale} {code}");
        }
    }
    for locale in [Locale::En, Locale::ZhCn] {
        assert!(messages.text(locale, "warehouse-receipts-title", &[]).is_some());
    }
}
