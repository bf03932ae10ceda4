//! Sealing to parties: what one X25519 encryption key opens and nothing else does.
//!
//! HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. A sealed message is the
//! encapsulated key (32 bytes), then the ciphertext with its tag (16 bytes). What it is for is bound by HPKE's `info`.

use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal};
use ledger_core::{ChainId, Digest};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use thiserror::Error;
use zeroize::Zeroizing;

type Suite = X25519HkdfSha256;

/// Bytes of the encapsulated key before the ciphertext.
const ENCAPSULATED_BYTES: usize = 32;

/// Bytes that sealing adds to a message: encapsulated key and tag.
pub const SEAL_BYTES: usize = ENCAPSULATED_BYTES + 16;

/// Why something cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// No X25519 key that anybody can hold the private half of.
    #[error("the recipient's encryption key is no usable X25519 key; register another")]
    KeyUnusable,
    /// Sealed to another key, for another purpose, or damaged.
    #[error("the sealed bytes do not open: they are for another key or purpose, or damaged")]
    NotOpened,
    /// The system gives no randomness.
    #[error("the system gives no randomness; nothing was sealed")]
    Randomness,
}

ledger_core::codes!(SealError {
    KeyUnusable => "SEAL_KEY_UNUSABLE",
    NotOpened => "SEAL_NOT_OPENED",
    Randomness => "SEAL_RANDOMNESS",
});

/// What a sealed message is for; it opens for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealPurpose<'p> {
    /// The opening of a sealed field: a canonical `Opening` message.
    Opening {
        /// The chain that holds the field.
        chain: &'p ChainId,
        /// The field's commitment.
        commitment: &'p Digest,
    },
    /// The key of a chain's journal between two changes of its readers: 32 bytes.
    JournalKey {
        /// The chain.
        chain: &'p ChainId,
        /// Counts the changes.
        epoch: u64,
    },
}

impl SealPurpose<'_> {
    /// HPKE's `info`.
    pub fn info(&self) -> Vec<u8> {
        match self {
            Self::Opening { chain, commitment } => {
                [b"hivechain/opening\0".as_slice(), chain.as_bytes(), commitment.as_bytes()].concat()
            }
            Self::JournalKey { chain, epoch } => {
                [b"hivechain/journal-key\0".as_slice(), chain.as_bytes(), &epoch.to_be_bytes()].concat()
            }
        }
    }
}

/// The private half of a party's encryption key.
pub struct EncryptionKey(<Suite as Kem>::PrivateKey);

impl EncryptionKey {
    /// The key of 32 secret bytes (RFC 7748).
    ///
    /// # Errors
    /// Never for 32 bytes that the curve takes; the library's own refusal otherwise.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SealError> {
        <Suite as Kem>::PrivateKey::from_bytes(bytes).map(Self).map_err(|_| SealError::KeyUnusable)
    }

    /// The public half, as the party's record on a chain holds it.
    pub fn public(&self) -> [u8; 32] {
        <Suite as Kem>::sk_to_pk(&self.0).to_bytes().into()
    }

    /// What was sealed to this key for this purpose.
    ///
    /// # Errors
    /// It was sealed to another key, for another purpose, or is damaged.
    pub fn open(&self, purpose: &SealPurpose<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (encapsulated, ciphertext) = sealed.split_at_checked(ENCAPSULATED_BYTES).ok_or(SealError::NotOpened)?;
        let encapsulated = <Suite as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealError::NotOpened)?;
        let info = purpose.info();
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            &info,
            ciphertext,
            &[],
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError::NotOpened)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EncryptionKey(…)")
    }
}

/// Seals a message to a public encryption key.
///
/// # Errors
/// The key is of small order or no key, or the system gives no randomness.
pub fn seal_to(recipient: &[u8], purpose: &SealPurpose<'_>, message: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| SealError::Randomness)?;
    seal_with(recipient, purpose, message, &seed)
}

/// As [`seal_to`], from a seed that is used for this message to this recipient alone.
pub(crate) fn seal_with(
    recipient: &[u8],
    purpose: &SealPurpose<'_>,
    message: &[u8],
    seed: &[u8; 32],
) -> Result<Vec<u8>, SealError> {
    let recipient = <Suite as Kem>::PublicKey::from_bytes(recipient).map_err(|_| SealError::KeyUnusable)?;
    let mut generator = ChaCha20Rng::from_seed(*seed);
    let info = purpose.info();
    // A key of small order shows as a shared secret of zeros, which the library refuses.
    let (encapsulated, ciphertext) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite, _>(
        &OpModeS::Base,
        &recipient,
        &info,
        message,
        &[],
        &mut generator,
    )
    .map_err(|_| SealError::KeyUnusable)?;
    let encapsulated: [u8; ENCAPSULATED_BYTES] = encapsulated.to_bytes().into();
    Ok([encapsulated.as_slice(), &ciphertext].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> EncryptionKey {
        EncryptionKey::from_bytes(&[seed; 32]).unwrap()
    }

    const CHAIN: ChainId = ChainId::from_bytes([1; 32]);
    const FIELD: SealPurpose<'static> =
        SealPurpose::Opening { chain: &CHAIN, commitment: &Digest::from_bytes([2; 32]) };

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_purpose_alone() {
        let sealed = seal_to(&key(7).public(), &FIELD, b"12 t short").unwrap();
        assert_eq!(sealed.len(), b"12 t short".len() + SEAL_BYTES);
        assert_eq!(*key(7).open(&FIELD, &sealed).unwrap(), b"12 t short");
        assert_eq!(key(8).open(&FIELD, &sealed), Err(SealError::NotOpened));
        let other_field = SealPurpose::Opening { chain: &CHAIN, commitment: &Digest::from_bytes([3; 32]) };
        let other_chain =
            SealPurpose::Opening { chain: &ChainId::from_bytes([3; 32]), commitment: &Digest::from_bytes([2; 32]) };
        for other in [other_field, other_chain, SealPurpose::JournalKey { chain: &CHAIN, epoch: 1 }] {
            assert_eq!(key(7).open(&other, &sealed), Err(SealError::NotOpened), "{other:?}");
        }
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(key(7).open(&FIELD, &damaged).is_err(), "byte {place}");
        }
        assert_eq!(key(7).open(&FIELD, &sealed[..31]), Err(SealError::NotOpened));
    }

    #[test]
    fn one_message_sealed_twice_looks_different() {
        let seal = || seal_to(&key(7).public(), &FIELD, b"yes").unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn keys_that_nobody_holds_are_refused() {
        for unusable in [[0; 32].as_slice(), &[1], &[7; 31], &[7; 33]] {
            assert_eq!(seal_to(unusable, &FIELD, b"yes"), Err(SealError::KeyUnusable), "{unusable:?}");
        }
        let mut one = [0; 32];
        one[0] = 1;
        assert_eq!(seal_to(&one, &FIELD, b"yes"), Err(SealError::KeyUnusable));
    }

    /// RFC 9180, A.2 (base mode): the suite of this file, so that other libraries open what it seals.
    #[test]
    fn the_published_vector_opens() {
        let hex = |text: &str| hex::decode(text).unwrap();
        let private = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let encapsulated = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        let sealed = hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28");
        let key = <Suite as Kem>::PrivateKey::from_bytes(&private).unwrap();
        let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &key,
            &<Suite as Kem>::EncappedKey::from_bytes(&encapsulated).unwrap(),
            &hex("4f6465206f6e2061204772656369616e2055726e"),
            &sealed,
            &hex("436f756e742d30"),
        );
        assert_eq!(opened.unwrap(), hex("4265617574792069732074727574682c20747275746820626561757479"));
    }
}
