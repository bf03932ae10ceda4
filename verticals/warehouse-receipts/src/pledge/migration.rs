//! The table of pledges.

use sea_orm_migration::prelude::*;

use crate::migration::{bytes, index, integer, text, versions};
use crate::pledge::projection::TABLE;

/// `pledge` is the pledge's id, `status` one of active, released; amounts are in the smallest unit of `secured_asset`.
/// The version's transaction is the one that pledged or released.
pub(crate) fn table() -> TableCreateStatement {
    let columns = vec![
        bytes("pledge"),
        bytes("title"),
        text("number"),
        text("status"),
        bytes("pledgor"),
        bytes("pledgee"),
        bytes("custodian"),
        integer("quantity"),
        text("unit"),
        bytes("secured_asset"),
        integer("secured_maximum"),
        integer("rank"),
    ];
    versions(TABLE, columns)
}

pub(crate) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(TABLE, "pledge", &["pledge", "row_number"]),
        index(TABLE, "title", &["title", "row_number"]),
        index(TABLE, "number", &["number", "row_number"]),
        index(TABLE, "status", &["status", "row_number"]),
        index(TABLE, "pledgor", &["pledgor", "row_number"]),
        index(TABLE, "pledgee", &["pledgee", "row_number"]),
        index(TABLE, "custodian", &["custodian", "row_number"]),
        index(TABLE, "quantity", &["quantity", "row_number"]),
    ]
}
