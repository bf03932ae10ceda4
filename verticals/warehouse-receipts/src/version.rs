//! Versions of objects, as every object shows where it stands on the ledger.

pub(crate) mod graphql;
