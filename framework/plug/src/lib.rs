//! What a vertical needs: trait [`Vertical`], scalars, guards, connections, errors, texts, scenarios, test kit.
//!
//! A vertical depends on this crate and never on the server that runs it.

pub mod connection;
pub mod error;
pub mod locale;
pub mod money;
pub mod node_id;
pub mod scalar;
pub mod user_error;
