//! For tests: the same ones run on SQLite files, or on a server.

use std::path::Path;

use sea_orm::ConnectionTrait;

/// Where databases of a PostgreSQL server are: `postgres://USER@HOST:PORT`.
const SERVER: &str = "HIVE_TEST_POSTGRES";

/// The database of a test: a file in its folder, or one of its own on the server.
pub(crate) fn url(directory: &Path) -> String {
    match std::env::var(SERVER) {
        Ok(server) => on_server(&server, directory),
        Err(_) => format!("sqlite:{}", directory.join("node.db").display()),
    }
}

/// True where tests run on a server and this one has nothing to do there; it says why.
pub(crate) fn skips_on_server(why: &str) -> bool {
    let is_on_server = std::env::var(SERVER).is_ok();
    if is_on_server {
        eprintln!("skipped on PostgreSQL: {why}");
    }
    is_on_server
}

/// True where tests run on a file and this one has nothing to do there; it says why.
pub(crate) fn skips_on_file(why: &str) -> bool {
    let is_on_file = std::env::var(SERVER).is_err();
    if is_on_file {
        eprintln!("skipped on SQLite: {why}");
    }
    is_on_file
}

fn on_server(server: &str, directory: &Path) -> String {
    let name = directory.file_name().unwrap().to_string_lossy().replace('.', "");
    let (postgres, create) = (format!("{server}/postgres"), format!("CREATE DATABASE \"{name}\""));
    let create = async move {
        let connection = sea_orm::Database::connect(postgres).await.unwrap();
        match connection.execute_unprepared(&create).await {
            Err(error) if !error.to_string().contains("already exists") => panic!("{error}"),
            _ => connection.close().await.unwrap(),
        }
    };
    // Callers are within a runtime, which nothing here may hold up.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime.block_on(create)).join().unwrap();
    format!("{server}/{name}")
}
