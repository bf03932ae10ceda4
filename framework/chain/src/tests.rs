//! The node as a whole: real trades on a real database file.

mod agreement;
mod audit;
mod chained;
mod configuration;
mod crash;
mod directory;
mod fair;
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
mod recovery;
mod sealed_journal;
mod stop;
mod succession;
mod threads;
