//! The only place of this crate that names the ORM: connections, tables, bulk writes, reads.

pub(crate) mod block_store;
mod bulk;
mod connection;
#[cfg(test)]
pub(crate) mod damage;
pub(crate) mod dump;
pub(crate) mod entity;
mod error;
pub(crate) mod fold;
pub(crate) mod journal_store;
mod lock;
pub(crate) mod manifest_store;
pub(crate) mod migrate;
pub(crate) mod outbox_store;
pub(crate) mod part_store;
pub(crate) mod present_store;
#[cfg(test)]
pub(crate) mod sample;
mod server;
pub(crate) mod shadow;
mod size;
pub(crate) mod state_store;
pub(crate) mod timer_store;
mod view;
mod writer;

pub(crate) use connection::remove_file;
pub use connection::{Database, ReadTransaction, WriteTransaction};
pub use error::StorageError;
pub(crate) use error::{signed, unsigned};
pub(crate) use lock::{DatabaseLock, file_of};
pub use migrate::Migrations;
pub(crate) use migrate::migrate;
/// What statements are asked of: a connection or a transaction.
pub(crate) use sea_orm::ConnectionTrait as Connection;
pub use server::Place;
pub use view::ReadView;
pub use writer::ProjectionWriter;
