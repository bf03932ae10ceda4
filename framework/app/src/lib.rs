//! Server, GraphQL endpoints, command line. Which verticals a node runs, its `main` says; nothing here names one.

pub mod cli;
pub mod endpoint;
#[cfg(test)]
mod fixture;
pub mod server;

pub use cli::run;
pub use endpoint::vertical::Verticals;
