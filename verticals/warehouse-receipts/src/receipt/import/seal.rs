//! Commitments to the depositor's name and domicile, made where the file is; the ledger gets nothing else of them.

use ledger_core::ChainId;
use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"hivechain/warehouse-receipts/depositor\0";
const SALT_DOMAIN: &[u8] = b"hivechain/warehouse-receipts/depositor-salt\0";

/// `SHA-256(domain ‖ salt ‖ for name and address: length as 8 bytes big endian ‖ UTF-8)`.
pub fn depositor_commitment(salt: &[u8; 32], name: &str, address: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(salt);
    for part in [name, address] {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// What the depositor's key signs so that the SHA-256 of the signature is the receipt's salt: the depositor finds it again
/// with its key alone, nobody else ever. One who wants to destroy single salts takes random ones and keeps them.
pub fn salt_bytes(chain: &ChainId, receipt_number: &str) -> Vec<u8> {
    [SALT_DOMAIN, chain.as_bytes(), receipt_number.as_bytes()].concat()
}

/// The salt behind a signature over [`salt_bytes`].
pub(crate) fn salt_of(signature: &[u8]) -> [u8; 32] {
    Sha256::digest(signature).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_hides_and_binds() {
        let open = |salt, name, address| depositor_commitment(&[salt; 32], name, address);
        assert_eq!(open(1, "Morning Ridge", "Yangpu"), open(1, "Morning Ridge", "Yangpu"));
        for other in
            [open(2, "Morning Ridge", "Yangpu"), open(1, "Morning Ridg", "eYangpu"), open(1, "Morning Ridge", "")]
        {
            assert_ne!(open(1, "Morning Ridge", "Yangpu"), other);
        }
    }
}
