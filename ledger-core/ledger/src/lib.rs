//! The pure ledger: states, transactions, authorities, built-in contracts, blocks and proofs.
