//! The table of lots.

use sea_orm_migration::prelude::*;

use crate::lot::projection::TABLE;
use crate::migration::{bytes, index, integer, text, versions};

/// `document` is the canonical message of the lot's state.
pub(crate) fn table() -> TableCreateStatement {
    let columns = vec![
        text("number"),
        bytes("operator"),
        bytes("depositor"),
        text("commodity"),
        integer("mass_kilograms"),
        integer("receipted_kilograms"),
        integer("inbound_on"),
        bytes("document"),
    ];
    versions(TABLE, columns)
}

pub(crate) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(TABLE, "number", &["number", "row_number"]),
        index(TABLE, "operator", &["operator", "row_number"]),
        index(TABLE, "depositor", &["depositor", "row_number"]),
        index(TABLE, "commodity", &["commodity", "row_number"]),
        index(TABLE, "mass", &["mass_kilograms", "row_number"]),
        index(TABLE, "inbound", &["inbound_on", "row_number"]),
    ]
}
