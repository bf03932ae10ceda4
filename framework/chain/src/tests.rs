//! The node as a whole: real trades on a real database file.

mod agreement;
mod audit;
mod chained;
mod configuration;
mod crash;
mod directory;
mod journal;
mod life;
mod load;
mod market;
mod measure;
mod near;
mod netting_round;
mod projection;
mod prove;
mod sealed_journal;
mod simulation;
mod stop;
mod succession;
mod threads;
