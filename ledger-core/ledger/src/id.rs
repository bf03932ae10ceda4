//! Typed ids: 32-byte digests that cannot be mixed up, references to states, names of contracts.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use bech32::{Bech32m, Hrp};

use crate::contract;
use crate::encoding::{EncodingError, Wire};
use crate::hash::{Domain, hash};
use crate::wire;

fn write_hex(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

fn read_hex(text: &str, field: &'static str) -> Result<[u8; 32], EncodingError> {
    let refused = EncodingError::OutOfRange { field };
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()) {
        return Err(refused);
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let start = place.saturating_mul(2);
        let digits = text.get(start..start.saturating_add(2)).ok_or(refused.clone())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| refused.clone())?;
    }
    Ok(bytes)
}

macro_rules! digest_id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The id of these bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The bytes as a new vector, as wire messages carry them.
            pub fn to_vec(&self) -> Vec<u8> {
                self.0.to_vec()
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = EncodingError;

            fn try_from(bytes: &[u8]) -> Result<Self, EncodingError> {
                let length = EncodingError::Length { field: $field, expected: 32, actual: bytes.len() };
                bytes.try_into().map(Self).map_err(|_| length)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }
    };
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        digest_id!($(#[$doc])* $name, $field);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, formatter)
            }
        }

        impl FromStr for $name {
            type Err = EncodingError;

            fn from_str(text: &str) -> Result<Self, EncodingError> {
                read_hex(text, $field).map(Self)
            }
        }
    };
}

hex_id!(/// A chain: the hash of its genesis.
    ChainId, "chain");
hex_id!(/// A transaction: the root over its salted components.
    TransactionId, "transaction");
hex_id!(/// A block: the hash of its header.
    BlockHash, "block");
hex_id!(/// An asset: chain, issuer and code.
    AssetId, "asset");
hex_id!(/// Title to goods: chain, custodian and document number.
    TitleId, "title");
hex_id!(/// A pledge.
    PledgeId, "pledge");
hex_id!(/// A price feed: chain, owner and code.
    FeedId, "feed");
hex_id!(/// An obligation.
    ObligationId, "obligation");
hex_id!(/// An agreement.
    AgreementId, "agreement");
hex_id!(/// A trade note.
    TradeNoteId, "trade_note");
hex_id!(/// A netting round.
    RoundId, "round");
hex_id!(/// A purpose that value is bound to.
    PurposeId, "purpose");
hex_id!(/// A payment out of a purpose.
    SpendId, "spend");
hex_id!(/// What a lock is for.
    ContextId, "context");
hex_id!(/// One intention of a submitter, accepted once for ever.
    CommandId, "command_id");
hex_id!(/// A claimed identity under the chain's claim secret.
    ClaimKey, "claim");
hex_id!(/// The coarser form of a claimed identity under the chain's claim secret.
    NearKey, "claim.near");
hex_id!(/// A salted hash of a document's manifest.
    EvidenceHash, "attachment");
hex_id!(/// Any other digest.
    Digest, "digest");
digest_id!(/// A party's address, written as bech32m `hc1…`; unique over all chains and stable for ever.
    Address, "address");

impl Address {
    /// Nobody: the submitter of what nobody need sign. No policy has this address.
    pub const NOBODY: Self = Self([0; 32]);

    const HUMAN_READABLE_PART: Hrp = Hrp::parse_unchecked("hc");

    /// A short form for people, e.g. `hc1qxy…9k2f`; not for programs.
    pub fn short(&self) -> String {
        let text = self.to_string();
        let (head, tail) = (text.get(..7).unwrap_or_default(), text.get(text.len().saturating_sub(4)..));
        format!("{head}…{}", tail.unwrap_or_default())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = bech32::encode::<Bech32m>(Self::HUMAN_READABLE_PART, &self.0).map_err(|_| fmt::Error)?;
        formatter.write_str(&text)
    }
}

impl FromStr for Address {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        let refused = EncodingError::OutOfRange { field: "address" };
        let checked =
            bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text).map_err(|_| refused.clone())?;
        if checked.hrp() != Self::HUMAN_READABLE_PART || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(refused);
        }
        Self::try_from(checked.byte_iter().collect::<Vec<u8>>().as_slice())
    }
}

impl CommandId {
    /// Bytes at the end of an id that are its submitter's.
    const TAG_BYTES: usize = 8;

    /// `H(chain, submitter, idempotency key)`, ending in the submitter's address: the same intention always has the same id,
    /// and nobody else can use it up.
    pub fn derive(chain: &ChainId, submitter: &Address, idempotency_key: &str) -> Self {
        let parts = [chain.as_bytes().as_slice(), submitter.as_bytes(), idempotency_key.as_bytes()];
        let hash = hash(Domain::Command, &parts);
        let own = hash.iter().take(hash.len().saturating_sub(Self::TAG_BYTES)).chain(Self::tag(submitter));
        let mut id = [0; 32];
        id.iter_mut().zip(own).for_each(|(byte, own)| *byte = *own);
        Self(id)
    }

    /// The same id as another submitter would have it.
    #[cfg(test)]
    pub(crate) fn as_of(mut self, submitter: &Address) -> Self {
        let start = self.0.len() - Self::TAG_BYTES;
        self.0[start..].copy_from_slice(Self::tag(submitter));
        self
    }

    /// True when the id ends as those of the submitter do.
    pub fn is_of(&self, submitter: &Address) -> bool {
        self.0.ends_with(Self::tag(submitter))
    }

    fn tag(submitter: &Address) -> &[u8] {
        let bytes = submitter.as_bytes();
        bytes.get(bytes.len().saturating_sub(Self::TAG_BYTES)..).unwrap_or_default()
    }
}

impl AssetId {
    /// `H(chain, issuer, code)`.
    pub fn derive(chain: &ChainId, issuer: &Address, code: &str) -> Self {
        Self(hash(Domain::Asset, &[chain.as_bytes(), issuer.as_bytes(), code.as_bytes()]))
    }
}

impl TitleId {
    /// `H(chain, custodian, document number)`.
    pub fn derive(chain: &ChainId, custodian: &Address, number: &str) -> Self {
        Self(hash(Domain::Title, &[chain.as_bytes(), custodian.as_bytes(), number.as_bytes()]))
    }
}

impl PledgeId {
    /// `H(chain, command id)` of the transaction that creates it.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::Pledge, &[chain.as_bytes(), command.as_bytes()]))
    }

    /// The pledge as the context of its lock.
    pub fn context(&self) -> ContextId {
        ContextId(self.0)
    }
}

impl FeedId {
    /// `H(chain, owner, code)`.
    pub fn derive(chain: &ChainId, owner: &Address, code: &str) -> Self {
        Self(hash(Domain::Feed, &[chain.as_bytes(), owner.as_bytes(), code.as_bytes()]))
    }
}

impl ObligationId {
    /// `H(chain, command id)` of the transaction that creates it.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::Obligation, &[chain.as_bytes(), command.as_bytes()]))
    }
}

impl AgreementId {
    /// `H(chain, command id)` of the transaction that opens it.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::Agreement, &[chain.as_bytes(), command.as_bytes()]))
    }

    /// The agreement's own address, which owns what is paid in; it has no policy, so nobody signs for it.
    pub const fn address(&self) -> Address {
        Address::from_bytes(self.0)
    }
}

impl TradeNoteId {
    /// `H(chain, command id)` of the transaction that issues it.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::TradeNote, &[chain.as_bytes(), command.as_bytes()]))
    }
}

impl RoundId {
    /// `H(chain, command id)` of the transaction that opens it.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::Round, &[chain.as_bytes(), command.as_bytes()]))
    }
}

impl PurposeId {
    /// `H(chain, command id)` of the transaction that opens it.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::Purpose, &[chain.as_bytes(), command.as_bytes()]))
    }
}

impl SpendId {
    /// `H(chain, command id)` of the transaction that pays.
    pub fn derive(chain: &ChainId, command: &CommandId) -> Self {
        Self(hash(Domain::Spend, &[chain.as_bytes(), command.as_bytes()]))
    }
}

/// A state: the transaction that created it and its place among the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateRef {
    /// The creating transaction.
    pub transaction: TransactionId,
    /// Place among its outputs.
    pub index: u32,
}

impl fmt::Display for StateRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.transaction, self.index)
    }
}

impl FromStr for StateRef {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        let refused = EncodingError::OutOfRange { field: "state" };
        let (transaction, index) = text.split_once(':').ok_or(refused.clone())?;
        let index = index.parse::<u32>().ok().filter(|parsed| parsed.to_string() == index).ok_or(refused)?;
        Ok(Self { transaction: transaction.parse()?, index })
    }
}

impl Wire for StateRef {
    type Message = wire::StateRef;

    fn to_wire(&self) -> wire::StateRef {
        wire::StateRef { transaction: self.transaction.to_vec(), index: self.index }
    }

    fn from_wire(message: wire::StateRef) -> Result<Self, EncodingError> {
        Ok(Self { transaction: message.transaction.as_slice().try_into()?, index: message.index })
    }
}

/// A contract and its version, written `name@version`. Names: `[a-z0-9_-]`, with `/` between a vertical and its noun.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContractId {
    /// Borrowed for the built-in contracts, whose ids are made for every transaction.
    name: Cow<'static, str>,
    version: u32,
}

impl ContractId {
    /// A contract by name (at most 64 characters) and version (from 1).
    pub fn new(name: &str, version: u32) -> Result<Self, EncodingError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-/".contains(&byte);
        if name.is_empty() || name.len() > 64 || version == 0 || !name.bytes().all(plain) {
            return Err(EncodingError::OutOfRange { field: "contract" });
        }
        let built_in = contract::BUILT_IN.iter().find(|(known, _)| *known == name);
        let name = built_in.map_or_else(|| Cow::Owned(name.to_owned()), |(known, _)| Cow::Borrowed(*known));
        Ok(Self { name, version })
    }

    /// The first version of a contract whose name is known to be plain.
    pub(crate) fn built_in(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), version: 1 }
    }

    /// The name without the version.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.name, self.version)
    }
}

impl FromStr for ContractId {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        let refused = EncodingError::OutOfRange { field: "contract" };
        let (name, version) = text.split_once('@').ok_or(refused.clone())?;
        let is_plain = !version.starts_with('0') && version.bytes().all(|byte| byte.is_ascii_digit());
        let number = version.parse::<u32>().ok().filter(|_| is_plain).ok_or(refused)?;
        Self::new(name, number)
    }
}

#[cfg(test)]
mod tests;
