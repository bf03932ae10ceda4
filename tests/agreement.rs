//! Contracts on the command line, as anybody runs them, and against another implementation of the language.

mod comparison;
mod depth;
mod file;
mod publish;
mod spec_client;
mod template;
