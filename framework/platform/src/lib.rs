//! Organisations, sign-in, wallets, co-signing.
