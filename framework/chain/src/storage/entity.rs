//! One module per table of this crate.

pub(crate) mod block;
pub(crate) mod chain;
pub(crate) mod chain_configuration;
pub(crate) mod chain_journal;
pub(crate) mod chain_party;
pub(crate) mod chain_present;
pub(crate) mod chain_timer;
pub(crate) mod claim;
pub(crate) mod committed_transaction;
pub(crate) mod journal_entry;
pub(crate) mod journal_reader;
pub(crate) mod outbox_event;
pub(crate) mod parked_projection;
pub(crate) mod state;
