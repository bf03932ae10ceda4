//! Commodity warehouse receipts: issue, transfer, pledge, release.
