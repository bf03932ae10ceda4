//! For tests: the same ones run on SQLite files, or on a PostgreSQL server, which `with_server` starts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use sea_orm::ConnectionTrait;

/// Where databases of a PostgreSQL server are: `postgres://USER@HOST:PORT`.
const SERVER: &str = "HIVE_TEST_POSTGRES";

/// The server that tests run on; none where they run on files.
pub fn server() -> Option<String> {
    std::env::var(SERVER).ok()
}

/// The database of a test: a file in its folder, or one of its own on the server.
pub fn url(directory: &Path) -> String {
    match server() {
        Some(server) => on_server(&server, directory),
        None => format!("sqlite:{}", directory.join("node.db").display()),
    }
}

/// True where tests run on a server and this one has nothing to do there; it says why.
pub fn skips_on_server(why: &str) -> bool {
    if server().is_some() {
        eprintln!("skipped on PostgreSQL: {why}");
    }
    server().is_some()
}

/// True where tests run on a file and this one has nothing to do there; it says why.
pub fn skips_on_file(why: &str) -> bool {
    if server().is_none() {
        eprintln!("skipped on SQLite: {why}");
    }
    server().is_none()
}

/// Runs a statement on a database of the server, beside whatever runtime the caller is in.
///
/// # Errors
/// What the server says.
pub fn execute(url: &str, statement: &str) -> Result<(), String> {
    let (url, statement) = (url.to_owned(), statement.to_owned());
    let execute = async move {
        let connection = sea_orm::Database::connect(url).await.map_err(|error| error.to_string())?;
        let executed = connection.execute_unprepared(&statement).await.map_err(|error| error.to_string());
        connection.close().await.map_err(|error| error.to_string())?;
        executed.map(|_| ())
    };
    // Callers are within a runtime, which nothing here may hold up.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime.block_on(execute)).join().unwrap()
}

fn on_server(server: &str, directory: &Path) -> String {
    let name = directory.file_name().unwrap().to_string_lossy().replace('.', "");
    match execute(&format!("{server}/postgres"), &format!("CREATE DATABASE \"{name}\"")) {
        Err(error) if !error.contains("already exists") => panic!("{error}"),
        _ => format!("{server}/{name}"),
    }
}
