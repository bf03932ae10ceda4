//! What supervisors read: every view on record, nothing written.

pub mod graphql;
