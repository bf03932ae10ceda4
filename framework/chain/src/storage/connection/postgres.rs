//! How PostgreSQL is opened: what is acknowledged is on the server's disk.

use sea_orm::ConnectOptions;

/// Every connection says itself what durability it wants, whatever the server's default is.
pub(super) fn configure(options: &mut ConnectOptions) {
    options
        .test_before_acquire(true)
        .map_sqlx_postgres_opts(|postgres| postgres.application_name("hive").options([("synchronous_commit", "on")]));
}
