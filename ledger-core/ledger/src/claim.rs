//! Claims: an identity is used by one live state, or once for ever, under whatever spelling.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::encoding::{EncodingError, Wire};
use crate::id::{ClaimKey, NearKey};
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
    /// The identity's coarser form under the same secret, where it has one.
    pub near: Option<NearKey>,
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
    /// Coarser parts: other identities that share them are near and warned of; empty = none are. How they are made is part of
    /// the contract's version.
    pub near: Vec<String>,
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
        ClaimKey::from_bytes(self.authenticate(identity.class.to_owned(), &identity.parts))
    }

    /// The same over the coarser parts; the class is marked, so that no near key is any identity's own key.
    pub fn near_key(&self, identity: &ClaimIdentity) -> Option<NearKey> {
        let marked = format!("near/{}", identity.class);
        (!identity.near.is_empty()).then(|| NearKey::from_bytes(self.authenticate(marked, &identity.near)))
    }

    /// The claim of an identity: the one place where keys come from.
    pub fn claim(&self, identity: &ClaimIdentity) -> Claim {
        let (key, near) = (self.key(identity), self.near_key(identity));
        Claim { output: identity.output, key, kind: identity.kind, near }
    }

    fn authenticate(&self, class: String, parts: &[String]) -> [u8; 32] {
        // HMAC takes keys of any length, so the fallback is never reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        for part in std::iter::once(class).chain(parts.iter().map(|part| normalise(part))) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// What near numbers of one issuer share: the issuer and the number's digits without leading zeros; none without digits.
pub fn near_number(issuer: &str, number: &str) -> Vec<String> {
    let digits: String = normalise(number).chars().filter(char::is_ascii_digit).collect();
    match digits.trim_start_matches('0') {
        "" => Vec::new(),
        digits => vec![issuer.to_owned(), digits.to_owned()],
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
        let kind = match self.kind {
            ClaimKind::Exclusive => wire::ClaimKind::Exclusive,
            ClaimKind::Once => wire::ClaimKind::Once,
        };
        wire::Claim {
            key: self.key.to_vec(),
            output: self.output,
            kind: kind.into(),
            near: self.near.map(|near| near.to_vec()).unwrap_or_default(),
        }
    }

    fn from_wire(message: wire::Claim) -> Result<Self, EncodingError> {
        let kind = match wire::ClaimKind::try_from(message.kind) {
            Ok(wire::ClaimKind::Exclusive) => ClaimKind::Exclusive,
            Ok(wire::ClaimKind::Once) => ClaimKind::Once,
            Ok(wire::ClaimKind::Unspecified) | Err(_) => return Err(EncodingError::OutOfRange { field: "claim.kind" }),
        };
        let near = match message.near.as_slice() {
            [] => None,
            bytes => Some(bytes.try_into()?),
        };
        Ok(Self { output: message.output, key: message.key.as_slice().try_into()?, kind, near })
    }
}

#[cfg(test)]
mod tests;
