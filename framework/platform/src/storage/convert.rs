//! Between columns and domain types; a value out of range is a malformed row, never a default.

use super::StorageError;

pub(super) fn fixed<const N: usize>(column: &'static str, bytes: &[u8]) -> Result<[u8; N], StorageError> {
    bytes.try_into().map_err(|_| StorageError::Malformed { column })
}

pub(super) fn unsigned<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, StorageError> {
    T::try_from(value).map_err(|_| StorageError::Malformed { column })
}

pub(super) fn signed(column: &'static str, value: u64) -> Result<i64, StorageError> {
    i64::try_from(value).map_err(|_| StorageError::Malformed { column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_malformed() {
        assert!(fixed::<4>("t.c", &[1, 2, 3, 4]).is_ok());
        assert!(fixed::<4>("t.c", &[1, 2, 3]).is_err());
        assert!(unsigned::<u64>("t.c", -1).is_err());
        assert!(unsigned::<u32>("t.c", 1 << 40).is_err());
        assert!(signed("t.c", u64::MAX).is_err());
        assert_eq!(signed("t.c", 7).unwrap(), 7);
    }
}
