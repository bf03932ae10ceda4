//! What a chain begins with; its hash is the chain's id. What of it may change later is its [`Configuration`].

use thiserror::Error;

use crate::configuration::{Bounds, Configuration, ConfigurationError};
use crate::encoding::{EncodingError, Wire, encode, required};
use crate::hash::{Domain, hash};
use crate::id::{ChainId, ContractId, Digest};
use crate::party::PartyRecord;
use crate::policy::{Policy, PolicyError};
use crate::signature::{KeyError, PublicKey};
use crate::{codes, wire};

/// The chain on which parties are registered for other chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The chain.
    pub chain: ChainId,
    /// Key of its recorder.
    pub recorder: PublicKey,
}

/// A chain's genesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// Name for people, at most 128 bytes.
    pub name: String,
    /// Policy of the party that administers the chain.
    pub administrator: Policy,
    /// That party's address nonce.
    pub administrator_nonce: [u8; 16],
    /// Bounds of a block.
    pub bounds: Bounds,
    /// Key of the node that records blocks.
    pub recorder: PublicKey,
    /// Contracts with versions, ascending.
    pub contracts: Vec<ContractId>,
    /// Random, so that two chains of one name differ.
    pub nonce: [u8; 32],
    /// Time of creation, milliseconds UTC.
    pub created_ms: u64,
    /// Where parties are registered; none = on this chain itself.
    pub directory: Option<Directory>,
}

/// Why a genesis is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GenesisError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The administrator's policy is refused.
    #[error("the administrator's policy: {0}")]
    Administrator(PolicyError),
    /// The recorder's key is refused.
    #[error("the recorder's key: {0}")]
    Recorder(KeyError),
    /// The first configuration is refused.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The directory's recorder's key is refused.
    #[error("the key of the directory's recorder: {0}")]
    Directory(KeyError),
}

codes!(GenesisError {
    Administrator => "GENESIS_ADMINISTRATOR",
    Recorder => "GENESIS_RECORDER",
    Directory => "GENESIS_DIRECTORY",
} inner { Encoding, Configuration });

impl Genesis {
    /// The only crypto suite so far.
    pub const SUITE: &'static str = "ed25519-sha256";

    /// The chain's id: `H(genesis)`.
    pub fn chain_id(&self) -> ChainId {
        ChainId::from_bytes(hash(Domain::Genesis, &[&encode(self)]))
    }

    /// The configuration that the chain begins with.
    pub fn configuration(&self) -> Configuration {
        Configuration {
            version: Configuration::FIRST_VERSION,
            name: self.name.clone(),
            bounds: self.bounds,
            contracts: self.contracts.clone(),
        }
    }

    /// The administrator as a party: of version 1, or 0 where the directory is yet to say who it is.
    pub fn administrator_record(&self) -> PartyRecord {
        let version = if self.directory.is_some() { 0 } else { PartyRecord::FIRST_VERSION };
        PartyRecord { version, ..PartyRecord::simple(self.administrator.clone(), self.administrator_nonce, "") }
    }

    /// Checks keys, policy and configuration.
    pub fn validate(&self) -> Result<(), GenesisError> {
        self.administrator.validate().map_err(GenesisError::Administrator)?;
        self.recorder.validate().map_err(GenesisError::Recorder)?;
        self.directory.map_or(Ok(()), |directory| directory.recorder.validate()).map_err(GenesisError::Directory)?;
        Ok(self.configuration().validate()?)
    }
}

impl Wire for Genesis {
    type Message = wire::Genesis;

    const BYTES_MAX: usize = 1 << 18;

    fn to_wire(&self) -> wire::Genesis {
        wire::Genesis {
            name: self.name.clone(),
            administrator: Some(self.administrator.to_wire()),
            administrator_nonce: self.administrator_nonce.to_vec(),
            suite: Self::SUITE.to_owned(),
            bounds: Some(self.bounds.to_wire()),
            recorder: self.recorder.as_bytes().to_vec(),
            contracts: self.contracts.iter().map(ContractId::to_string).collect(),
            nonce: self.nonce.to_vec(),
            created_ms: self.created_ms,
            directory: self.directory.as_ref().map(Directory::to_wire),
        }
    }

    fn from_wire(message: wire::Genesis) -> Result<Self, EncodingError> {
        if message.suite != Self::SUITE {
            return Err(EncodingError::OutOfRange { field: "genesis.suite" });
        }
        let configuration = Configuration::from_wire(wire::Configuration {
            version: Configuration::FIRST_VERSION,
            name: message.name,
            bounds: message.bounds,
            contracts: message.contracts,
        })?;
        let nonce_refused = EncodingError::OutOfRange { field: "genesis.administrator_nonce" };
        Ok(Self {
            name: configuration.name,
            administrator: Policy::from_wire(required(message.administrator, "genesis.administrator")?)?,
            administrator_nonce: message.administrator_nonce.as_slice().try_into().map_err(|_| nonce_refused)?,
            bounds: configuration.bounds,
            recorder: PublicKey::from_bytes(&message.recorder)?,
            contracts: configuration.contracts,
            nonce: *Digest::try_from(message.nonce.as_slice())?.as_bytes(),
            created_ms: message.created_ms,
            directory: message.directory.map(Directory::from_wire).transpose()?,
        })
    }
}

impl Wire for Directory {
    type Message = wire::Directory;

    fn to_wire(&self) -> wire::Directory {
        wire::Directory { chain: self.chain.to_vec(), recorder: self.recorder.as_bytes().to_vec() }
    }

    fn from_wire(message: wire::Directory) -> Result<Self, EncodingError> {
        Ok(Self { chain: message.chain.as_slice().try_into()?, recorder: PublicKey::from_bytes(&message.recorder)? })
    }
}

#[cfg(test)]
mod tests;
