//! Access tokens: short JWTs under this node's own Ed25519 key, and the key set that lets others check them.
//! Knows nothing of sessions in storage; whether a session is still live is asked elsewhere, at every request.
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::Secret;

/// An access token is valid this long, seconds.
pub const ACCESS_TOKEN_SECONDS: u64 = 15 * 60;
/// Clocks of two processes of one node may differ this much, seconds.
pub const LEEWAY_SECONDS: u64 = 5;
/// Longer tokens are refused before they are decoded, bytes.
pub const ACCESS_TOKEN_BYTES_MAX: usize = 2048;

const TOKEN_TYPE: &str = "at+jwt";
/// RFC 8410's frame of an Ed25519 seed (PKCS #8, version 1).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Why an access token is not accepted. The text tells a holder what to do and an attacker nothing about keys.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessTokenError {
    /// Not three base64url parts with a JSON header and the claims of this node.
    #[error("the access token cannot be read; sign in again")]
    Malformed,
    /// The header names another algorithm than EdDSA.
    #[error("the access token names an algorithm that this node does not use; sign in again")]
    AlgorithmRefused,
    /// The header's type is not `at+jwt`, or it carries critical extensions.
    #[error("the token is no access token; sign in again")]
    TypeRefused,
    /// The key id is none of this node's.
    #[error("the access token is signed by a key that is not this node's; sign in again")]
    KeyUnknown,
    /// The signature does not fit header and claims.
    #[error("the signature of the access token does not fit; sign in again")]
    SignatureInvalid,
    /// Made for another node.
    #[error("the access token is meant for another node; sign in here")]
    AudienceWrong,
    /// Made by another issuer.
    #[error("the access token comes from another issuer; sign in here")]
    IssuerWrong,
    /// Its time is over.
    #[error("the access token has expired; refresh it")]
    Expired,
    /// Its time has not begun.
    #[error("the access token is not valid yet; check the clock")]
    NotYetValid,
    /// The node could not sign.
    #[error("the node could not sign an access token; try again")]
    Signing,
}

ledger_core::codes!(AccessTokenError {
    Malformed => "ACCESS_TOKEN_MALFORMED",
    AlgorithmRefused => "ACCESS_TOKEN_ALGORITHM_REFUSED",
    TypeRefused => "ACCESS_TOKEN_TYPE_REFUSED",
    KeyUnknown => "ACCESS_TOKEN_KEY_UNKNOWN",
    SignatureInvalid => "ACCESS_TOKEN_SIGNATURE_INVALID",
    AudienceWrong => "ACCESS_TOKEN_AUDIENCE_WRONG",
    IssuerWrong => "ACCESS_TOKEN_ISSUER_WRONG",
    Expired => "ACCESS_TOKEN_EXPIRED",
    NotYetValid => "ACCESS_TOKEN_NOT_YET_VALID",
    Signing => "ACCESS_TOKEN_SIGNING_FAILED",
});

/// The text of an access token. Shown to nobody but its holder.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// The token itself, for its holder only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Drop for AccessToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessToken(redacted)")
    }
}

/// What an access token says. Times are seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    /// The issuer: this node's name.
    pub iss: String,
    /// The audience: this node's id.
    pub aud: String,
    /// The party's address.
    pub sub: String,
    /// The session, hexadecimal.
    pub sid: String,
    /// Issued at.
    pub iat: u64,
    /// Not before.
    pub nbf: u64,
    /// Expires at.
    pub exp: u64,
}

/// A key that no longer signs but whose tokens may still be in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetiredTokenKey {
    /// Ed25519 public key.
    pub public: [u8; 32],
    /// From then on its tokens are refused, milliseconds since 1970-01-01T00:00:00Z.
    pub until_ms: u64,
}

struct CheckingKey {
    decoding: DecodingKey,
    until_ms: Option<u64>,
}

/// The node's token keys: one that signs, some that only check until their overlap ends.
pub struct TokenKeyring {
    audience: String,
    issuer: String,
    kid: String,
    encoding: EncodingKey,
    checking: BTreeMap<String, CheckingKey>,
    published: JwkSet,
}

impl fmt::Debug for TokenKeyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenKeyring").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl TokenKeyring {
    /// A keyring for one node. `audience` is the node's id, `seed` the signing key's 32 bytes.
    pub fn new(
        audience: &str,
        issuer: &str,
        seed: &Secret,
        retired: &[RetiredTokenKey],
    ) -> Result<Self, AccessTokenError> {
        let pkcs8 = Zeroizing::new([PKCS8_PREFIX.as_slice(), seed.expose()].concat());
        let encoding = EncodingKey::from_ed_der(&pkcs8);
        let current =
            named(Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).map_err(|_| AccessTokenError::Signing)?)?;
        let kid = current.common.key_id.clone().unwrap_or_default();

        let mut checking = BTreeMap::new();
        let mut published = JwkSet { keys: vec![current.clone()] };
        checking.insert(kid.clone(), CheckingKey { decoding: decoding(&current)?, until_ms: None });
        for key in retired {
            let jwk = DecodingKey::from_ed_der(&key.public);
            let jwk =
                named(Jwk::from_decoding_key(&jwk, Some(Algorithm::EdDSA)).map_err(|_| AccessTokenError::Signing)?)?;
            let name = jwk.common.key_id.clone().unwrap_or_default();
            if let Entry::Vacant(place) = checking.entry(name) {
                place.insert(CheckingKey { decoding: decoding(&jwk)?, until_ms: Some(key.until_ms) });
                published.keys.push(jwk);
            }
        }
        Ok(Self { audience: audience.to_owned(), issuer: issuer.to_owned(), kid, encoding, checking, published })
    }

    /// The id of this node: the audience of its tokens and of its sign-in challenges.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The public keys as a JSON Web Key Set (RFC 7517), for `/.well-known/jwks.json`.
    pub fn jwks(&self) -> &JwkSet {
        &self.published
    }

    /// A token for a session of the party `sub`.
    pub fn issue(&self, sub: &str, sid: &str, now_ms: u64) -> Result<(AccessToken, AccessClaims), AccessTokenError> {
        let now = now_ms / 1000;
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: sub.to_owned(),
            sid: sid.to_owned(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(ACCESS_TOKEN_SECONDS),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let text = jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(|_| AccessTokenError::Signing)?;
        Ok((AccessToken(text), claims))
    }

    /// Checks a token in this order: form, algorithm, type, key, signature, audience, issuer, time.
    pub fn check(&self, token: &str, now_ms: u64) -> Result<AccessClaims, AccessTokenError> {
        if token.len() > ACCESS_TOKEN_BYTES_MAX {
            return Err(AccessTokenError::Malformed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| header_error(token, &error))?;
        if header.alg != Algorithm::EdDSA {
            return Err(AccessTokenError::AlgorithmRefused);
        }
        if header.typ.as_deref() != Some(TOKEN_TYPE) || header.crit.is_some() {
            return Err(AccessTokenError::TypeRefused);
        }
        let key = header.kid.as_deref().and_then(|kid| self.checking.get(kid)).ok_or(AccessTokenError::KeyUnknown)?;
        if key.until_ms.is_some_and(|until_ms| now_ms >= until_ms) {
            return Err(AccessTokenError::KeyUnknown);
        }

        let claims =
            jsonwebtoken::decode::<AccessClaims>(token, &key.decoding, &signature_only()).map_err(claims_error)?;
        self.claims_hold(claims.claims, now_ms / 1000)
    }

    fn claims_hold(&self, claims: AccessClaims, now: u64) -> Result<AccessClaims, AccessTokenError> {
        if claims.aud != self.audience {
            return Err(AccessTokenError::AudienceWrong);
        }
        if claims.iss != self.issuer {
            return Err(AccessTokenError::IssuerWrong);
        }
        if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
            return Err(AccessTokenError::Expired);
        }
        if claims.nbf > now.saturating_add(LEEWAY_SECONDS) {
            return Err(AccessTokenError::NotYetValid);
        }
        Ok(claims)
    }
}

/// The library checks the signature alone: it would read the system's clock for times, and ours is given.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

fn decoding(jwk: &Jwk) -> Result<DecodingKey, AccessTokenError> {
    DecodingKey::from_jwk(jwk).map_err(|_| AccessTokenError::Signing)
}

/// Gives a key its RFC 7638 thumbprint as name.
fn named(mut jwk: Jwk) -> Result<Jwk, AccessTokenError> {
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| AccessTokenError::Signing)?;
    jwk.common.key_id = Some(thumbprint);
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(jwk)
}

/// The library cannot name `none` or an unknown algorithm; a readable header with one is an algorithm refused.
fn header_error(token: &str, error: &jsonwebtoken::errors::Error) -> AccessTokenError {
    match error.kind() {
        jsonwebtoken::errors::ErrorKind::Json(_) if token.split('.').count() == 3 => AccessTokenError::AlgorithmRefused,
        _ => AccessTokenError::Malformed,
    }
}

fn claims_error(error: jsonwebtoken::errors::Error) -> AccessTokenError {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => AccessTokenError::SignatureInvalid,
        ErrorKind::InvalidAlgorithm | ErrorKind::MissingAlgorithm => AccessTokenError::AlgorithmRefused,
        _ => AccessTokenError::Malformed,
    }
}

#[cfg(test)]
mod tests;
