//! Server, GraphQL endpoints, command line. Which verticals a node runs, its `main` says; nothing here names one.

pub mod cli;
pub mod endpoint;
#[cfg(test)]
mod fixture;
pub mod server;

pub use cli::run;
pub use endpoint::vertical::Verticals;

/// A transfer makes and drops hundreds of small objects, many on another thread than they were made on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
