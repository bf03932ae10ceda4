//! Values that must not be seen: erased when dropped, redacted in Debug, compared in constant time.
use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gave no random bytes; try again")]
pub struct RandomnessMissing;

/// `N` bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], RandomnessMissing> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|_| RandomnessMissing)?;
    Ok(bytes)
}

/// 32 secret bytes: a seed or the content of an opaque token.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh secret.
    pub fn random() -> Result<Self, RandomnessMissing> {
        random_bytes().map(Self)
    }

    /// Takes over bytes that are already secret.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, as [`Secret::reveal`] writes them.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0u8; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The bytes themselves; the caller keeps them out of logs and errors.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The secret as 64 hexadecimal digits, for its owner only; erased when dropped.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    /// SHA-256 of the secret: what may be stored.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}

/// Compares two byte strings in a time that does not depend on where they differ.
pub fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let secret = Secret::from_bytes([0xab; 32]);
        assert_eq!(format!("{secret:?}"), "Secret(redacted)");
    }

    #[test]
    fn text_form_round_trips_and_rejects_other_lengths() {
        let secret = Secret::random().unwrap();
        let back = Secret::parse(&secret.reveal()).unwrap();
        assert!(equal_in_constant_time(secret.expose(), back.expose()));
        assert!(Secret::parse("ab").is_none());
        assert!(Secret::parse(&"zz".repeat(32)).is_none());
        assert!(Secret::parse(&"ab".repeat(33)).is_none());
    }

    #[test]
    fn two_secrets_differ() {
        assert_ne!(Secret::random().unwrap().fingerprint(), Secret::random().unwrap().fingerprint());
    }
}
