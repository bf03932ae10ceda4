//! The node as a whole: real trades on a real database file.

mod audit;
mod chained;
mod crash;
mod journal;
mod life;
mod load;
mod market;
mod measure;
mod projection;
mod threads;
