//! Where a version stands on the ledger, out of a row's columns.

use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{BigInt, DateTime, Hash};
use hive_plug::{ApiError, ApiResult};
use ledger_core::TransactionId;

/// The position that a version's columns hold.
pub(crate) fn ledger_position(
    from_height: i64,
    position: i64,
    recorded_at_ms: i64,
    transaction: &[u8],
) -> ApiResult<LedgerPosition> {
    let number = |value: i64| u64::try_from(value).map_err(ApiError::internal);
    let transaction = TransactionId::try_from(transaction).map_err(ApiError::internal)?;
    Ok(LedgerPosition {
        height: BigInt(number(from_height)?),
        position: u32::try_from(position).map_err(ApiError::internal)?,
        transaction_id: Hash(*transaction.as_bytes()),
        recorded_at: DateTime(number(recorded_at_ms)?),
    })
}
