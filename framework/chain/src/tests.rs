//! The node as a whole: real trades on a real database file.

mod audit;
mod configuration;
mod crash;
mod journal;
mod life;
mod load;
mod market;
mod measure;
mod near;
mod projection;
