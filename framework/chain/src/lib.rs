//! The life of chains: verify, sequence, commit, store, prove, replay.
