//! End-to-end tests against a running node, and the house rules (`tidy`), in one binary.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod attack;
mod bench;
mod cast;
mod client;
mod command;
mod command_line;
mod crash;
mod data_care;
mod durability;
mod example_data;
mod finance;
mod first_trade;
mod flipped_byte;
mod graphql_http;
mod import;
mod journal;
mod list;
mod node;
mod offline_proof;
mod on_server;
mod outsider;
mod python_client;
mod race;
mod readme;
mod schema;
mod sealed_field;
mod seed;
mod subscription;
mod tidy;
mod trade;
mod watch;
