//! The table of receipts.

use sea_orm_migration::prelude::*;

use crate::migration::{bytes, index, integer, optional, text, versions};
use crate::receipt::projection::TABLE;

/// `title` is the title's id, `status` one of held, offered, pledged; `document` is the canonical message of the
/// receipt's state. The version's output is the title's state.
pub(crate) fn table() -> TableCreateStatement {
    let columns = vec![
        bytes("title"),
        text("number"),
        text("lot_number"),
        text("commodity"),
        integer("mass_kilograms"),
        integer("issued_on"),
        text("status"),
        bytes("operator"),
        bytes("holder"),
        optional(bytes("pledgee")),
        optional(bytes("offered_to")),
        optional(integer("offered_until_ms")),
        bytes("document"),
    ];
    versions(TABLE, columns)
}

pub(crate) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(TABLE, "title", &["title", "row_number"]),
        index(TABLE, "number", &["number", "row_number"]),
        index(TABLE, "lot", &["lot_number", "row_number"]),
        index(TABLE, "commodity", &["commodity", "row_number"]),
        index(TABLE, "mass", &["mass_kilograms", "row_number"]),
        index(TABLE, "issued", &["issued_on", "row_number"]),
        index(TABLE, "status", &["status", "row_number"]),
        index(TABLE, "operator", &["operator", "row_number"]),
        index(TABLE, "holder", &["holder", "row_number"]),
        index(TABLE, "pledgee", &["pledgee", "row_number"]),
        index(TABLE, "offered_to", &["offered_to", "row_number"]),
    ]
}
