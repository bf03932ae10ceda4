//! Claims: an identity is used by one live state, or once for ever, under whatever spelling.

mod book;

pub use book::{ClaimBook, ClaimBookError};

use std::collections::BTreeMap;

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
                    let has_near = !identity.near.is_empty();
                    let place = asked.entry((identity.output, identity.kind, has_near)).or_default();
                    place.insert(identity.fingerprint(), identity.class);
                }
                let mut take = |claim: &Claim| {
                    let (_, class) = asked.get_mut(&(claim.output, claim.kind, claim.near.is_some()))?.pop_first()?;
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

    /// The same of its coarser form, where it has one.
    fn near_fingerprint(&self) -> Option<NearKey> {
        ClaimSecret::from_bytes([0; 32]).near_key(self)
    }
}

/// One spelling for all: full-width forms become ASCII, letters upper case, white space and hyphens go.
///
/// The tables are this function's own and never change: a key must be the same for ever, whatever a compiler's idea of Unicode.
/// Letters without an upper case of one letter in Latin, Greek or Cyrillic stay as they are.
pub fn normalise(text: &str) -> String {
    text.chars().map(narrow).filter(|letter| !is_white(*letter) && !is_hyphen(*letter)).map(upper_case).collect()
}

/// ASCII for its full-width form.
fn narrow(letter: char) -> char {
    match u32::from(letter) {
        code @ 0xff01..=0xff5e => char::from_u32(code.saturating_sub(0xfee0)).unwrap_or(letter),
        _ => letter,
    }
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// `White_Space` of Unicode 16.
fn is_white(letter: char) -> bool {
    matches!(
        letter,
        '\u{9}'..='\u{d}'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// Capitals of ASCII, Latin-1, Greek without accents, and Cyrillic of U+0400 to U+045F.
fn upper_case(letter: char) -> char {
    let lower_by = match letter {
        'a'..='z' | 'à'..='ö' | 'ø'..='þ' | 'α'..='ρ' | 'σ'..='ω' | 'а'..='я' => 0x20,
        // The sigma at the end of a word.
        'ς' => 0x1f,
        'ѐ'..='џ' => 0x50,
        _ => 0,
    };
    char::from_u32(u32::from(letter).saturating_sub(lower_by)).unwrap_or(letter)
}

impl Wire for Claim {
    type Message = wire::Claim;

    fn to_wire(&self) -> wire::Claim {
        wire::Claim {
            key: self.key.to_vec(),
            output: self.output,
            kind: self.kind.to_wire().into(),
            near: self.near.map(|near| near.to_vec()).unwrap_or_default(),
        }
    }

    fn from_wire(message: wire::Claim) -> Result<Self, EncodingError> {
        let kind = ClaimKind::from_wire(message.kind)?;
        let near = match message.near.as_slice() {
            [] => None,
            bytes => Some(bytes.try_into()?),
        };
        Ok(Self { output: message.output, key: message.key.as_slice().try_into()?, kind, near })
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
mod tests;
