//! How PostgreSQL is opened: what is acknowledged is on the server's disk, unless that is relaxed.

use sea_orm::ConnectOptions;

use crate::config::Durability;

/// Every connection says itself what durability it wants, whatever the server's default is.
pub(super) fn configure(options: &mut ConnectOptions, durability: Durability) {
    let synchronous = match durability {
        Durability::Durable => "on",
        Durability::Relaxed => "off",
    };
    let session = [("synchronous_commit", synchronous)];
    options
        .test_before_acquire(true)
        .map_sqlx_postgres_opts(move |postgres| postgres.application_name("hive").options(session));
}
