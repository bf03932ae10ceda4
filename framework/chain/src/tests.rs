//! The node as a whole: real trades on a real database file.

mod agreement;
mod audit;
mod backup;
mod chained;
mod configuration;
mod crash;
mod directory;
mod fair;
mod import;
mod journal;
mod life;
mod load;
mod many;
pub(crate) mod market;
mod measure;
mod meter;
mod near;
mod netting_round;
mod projection;
mod prove;
mod rebuild;
mod recovery;
mod sealed_journal;
mod stop;
mod succession;
mod threads;
mod upgrade;
