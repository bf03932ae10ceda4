//! Claims: an identity is used by one live state, or once for ever, under whatever spelling.

mod book;

pub use book::{ClaimBook, ClaimBookError};

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::encoding::{EncodingError, Wire};
use crate::id::ClaimKey;
use crate::wire;

/// How a claim ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimKind {
    /// With the last state that holds it.
    Exclusive,
    /// Never.
    Once,
}

/// A claim as a transaction carries it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// Place of the output that holds it.
    pub output: u32,
    /// The identity under the chain's claim secret.
    pub key: ClaimKey,
    /// How it ends.
    pub kind: ClaimKind,
}

/// What a contract claims for an output, in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimIdentity {
    /// What is identified, e.g. `title`.
    pub class: &'static str,
    /// Issuer and number, without amount.
    pub parts: Vec<String>,
    /// Place of the output that holds it.
    pub output: u32,
    /// How it ends.
    pub kind: ClaimKind,
}

/// The chain's claim secret; keys of claims tell nothing without it.
#[derive(Clone)]
pub struct ClaimSecret([u8; 32]);

impl std::fmt::Debug for ClaimSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ClaimSecret(…)")
    }
}

impl ClaimSecret {
    /// The secret of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 over the class and the normalised parts, each with its length.
    pub fn key(&self, identity: &ClaimIdentity) -> ClaimKey {
        // HMAC takes keys of any length, so the fallback is never reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return ClaimKey::default() };
        for part in std::iter::once(identity.class.to_owned()).chain(identity.parts.iter().map(|part| normalise(part)))
        {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        ClaimKey::from_bytes(mac.finalize().into_bytes().into())
    }

    /// The claim of an identity.
    pub fn claim(&self, identity: &ClaimIdentity) -> Claim {
        Claim { output: identity.output, key: self.key(identity), kind: identity.kind }
    }
}

/// How the claims of a transaction are checked against the identities that its contracts name.
#[derive(Clone, Copy, Debug)]
pub enum ClaimCheck<'s> {
    /// With the chain's claim secret: each claim has the very key of its identity.
    Secret(&'s ClaimSecret),
    /// Without the secret, as an outsider: there is one claim for each identity, on its output and of its kind. Which key
    /// stands for which identity is left to a [`ClaimBook`] over the whole chain.
    Shape,
}

impl ClaimCheck<'_> {
    /// The claims that identities ask for, each with its class; none where the transaction's own claims cannot be them.
    pub(crate) fn named(self, identities: &[ClaimIdentity], claims: &[Claim]) -> Option<BTreeMap<Claim, &'static str>> {
        match self {
            Self::Secret(secret) => {
                Some(identities.iter().map(|identity| (secret.claim(identity), identity.class)).collect())
            }
            Self::Shape => {
                let mut asked: BTreeMap<_, BTreeMap<ClaimKey, &'static str>> = BTreeMap::new();
                for identity in identities {
                    let place = asked.entry((identity.output, identity.kind)).or_default();
                    place.insert(identity.fingerprint(), identity.class);
                }
                let mut take = |claim: &Claim| {
                    let (_, class) = asked.get_mut(&(claim.output, claim.kind))?.pop_first()?;
                    Some((claim.clone(), class))
                };
                let named = claims.iter().map(&mut take).collect::<Option<_>>()?;
                asked.values().all(BTreeMap::is_empty).then_some(named)
            }
        }
    }
}

impl ClaimIdentity {
    /// The identity under no secret: equal for equal identities, whatever their spelling.
    fn fingerprint(&self) -> ClaimKey {
        ClaimSecret::from_bytes([0; 32]).key(self)
    }
}

/// One spelling for all: full-width forms become ASCII, letters upper case, white space and hyphens go.
pub fn normalise(text: &str) -> String {
    let narrow = |letter: char| match u32::from(letter) {
        code @ 0xff01..=0xff5e => char::from_u32(code.saturating_sub(0xfee0)).unwrap_or(letter),
        _ => letter,
    };
    let kept = |letter: &char| !letter.is_whitespace() && !matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.chars().map(narrow).filter(kept).flat_map(char::to_uppercase).collect()
}

impl Wire for Claim {
    type Message = wire::Claim;

    fn to_wire(&self) -> wire::Claim {
        wire::Claim { key: self.key.to_vec(), output: self.output, kind: self.kind.to_wire().into() }
    }

    fn from_wire(message: wire::Claim) -> Result<Self, EncodingError> {
        let kind = ClaimKind::from_wire(message.kind)?;
        Ok(Self { output: message.output, key: message.key.as_slice().try_into()?, kind })
    }
}

impl ClaimKind {
    pub(crate) fn to_wire(self) -> wire::ClaimKind {
        match self {
            Self::Exclusive => wire::ClaimKind::Exclusive,
            Self::Once => wire::ClaimKind::Once,
        }
    }

    pub(crate) fn from_wire(kind: i32) -> Result<Self, EncodingError> {
        match wire::ClaimKind::try_from(kind) {
            Ok(wire::ClaimKind::Exclusive) => Ok(Self::Exclusive),
            Ok(wire::ClaimKind::Once) => Ok(Self::Once),
            Ok(wire::ClaimKind::Unspecified) | Err(_) => Err(EncodingError::OutOfRange { field: "claim.kind" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: u8, class: &'static str, parts: &[&str]) -> ClaimKey {
        let parts = parts.iter().map(|&part| part.to_owned()).collect();
        ClaimSecret::from_bytes([secret; 32]).key(&ClaimIdentity { class, parts, output: 0, kind: ClaimKind::Once })
    }

    #[test]
    fn other_spellings_are_the_same_identity() {
        let plain = key(1, "title", &["depot", "WR-2026-000001"]);
        for spelling in ["wr-2026-000001", " WR 2026 000001", "ＷＲ－２０２６－０００００１", "WR\u{3000}2026–000001"]
        {
            assert_eq!(key(1, "title", &["depot", spelling]), plain, "{spelling}");
        }
    }

    #[test]
    fn another_secret_class_or_border_is_another_key() {
        let plain = key(1, "title", &["ab", "c"]);
        assert_ne!(key(2, "title", &["ab", "c"]), plain);
        assert_ne!(key(1, "invoice", &["ab", "c"]), plain);
        assert_ne!(key(1, "title", &["a", "bc"]), plain);
    }
}
