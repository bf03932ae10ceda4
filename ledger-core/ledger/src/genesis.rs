//! What a chain begins with; its hash is the chain's id.

use thiserror::Error;

use crate::encoding::{EncodingError, Wire, ascending, at_most, encode, plain_text, required};
use crate::hash::{Domain, hash};
use crate::id::{ChainId, ContractId, Digest};
use crate::party::PartyRecord;
use crate::policy::{Policy, PolicyError};
use crate::signature::{KeyError, PublicKey};
use crate::{codes, wire};

/// Bounds of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Transactions of one block, 1 to 100,000.
    pub block_transactions_max: u32,
    /// Bytes of the transactions of one block, 64 kB to 64 MB.
    pub block_bytes_max: u32,
    /// A block is made at least this often while transactions wait, milliseconds.
    pub block_interval_ms: u32,
    /// Blocks that only fold the journal are at least this far apart, milliseconds.
    pub journal_interval_ms: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            block_transactions_max: 4_096,
            block_bytes_max: 8 << 20,
            block_interval_ms: 1_000,
            journal_interval_ms: 5_000,
        }
    }
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
    /// A bound of blocks is out of range.
    #[error("the block bound {bound} is out of its range {range}")]
    Bound {
        /// Which bound.
        bound: &'static str,
        /// Its range.
        range: &'static str,
    },
}

codes!(GenesisError {
    Administrator => "GENESIS_ADMINISTRATOR",
    Recorder => "GENESIS_RECORDER",
    Bound => "GENESIS_BOUND",
} inner { Encoding });

impl Genesis {
    /// The only crypto suite so far.
    pub const SUITE: &'static str = "ed25519-sha256";

    /// The chain's id: `H(genesis)`.
    pub fn chain_id(&self) -> ChainId {
        ChainId::from_bytes(hash(Domain::Genesis, &[&encode(self)]))
    }

    /// The digest that every header carries.
    pub fn parameters_hash(&self) -> Digest {
        Digest::from_bytes(hash(Domain::Parameters, &[&encode(self)]))
    }

    /// The administrator as a party.
    pub fn administrator_record(&self) -> PartyRecord {
        PartyRecord::simple(self.administrator.clone(), self.administrator_nonce, "")
    }

    /// Checks keys, policy and bounds.
    pub fn validate(&self) -> Result<(), GenesisError> {
        self.administrator.validate().map_err(GenesisError::Administrator)?;
        self.recorder.validate().map_err(GenesisError::Recorder)?;
        let bounds = &self.bounds;
        let checks = [
            ("block_transactions_max", (1..=100_000).contains(&bounds.block_transactions_max), "1 to 100000"),
            ("block_bytes_max", (65_536..=64 << 20).contains(&bounds.block_bytes_max), "64 kB to 64 MB"),
            ("block_interval_ms", (1..=600_000).contains(&bounds.block_interval_ms), "1 ms to 10 minutes"),
            ("journal_interval_ms", (1..=86_400_000).contains(&bounds.journal_interval_ms), "1 ms to a day"),
        ];
        match checks.into_iter().find(|(_, holds, _)| !holds) {
            Some((bound, _, range)) => Err(GenesisError::Bound { bound, range }),
            None => Ok(()),
        }
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
            bounds: Some(wire::BlockBounds {
                block_transactions_max: self.bounds.block_transactions_max,
                block_bytes_max: self.bounds.block_bytes_max,
                block_interval_ms: self.bounds.block_interval_ms,
                journal_interval_ms: self.bounds.journal_interval_ms,
            }),
            recorder: self.recorder.as_bytes().to_vec(),
            contracts: self.contracts.iter().map(ContractId::to_string).collect(),
            nonce: self.nonce.to_vec(),
            created_ms: self.created_ms,
        }
    }

    fn from_wire(message: wire::Genesis) -> Result<Self, EncodingError> {
        plain_text(&message.name, 128, "genesis.name")?;
        at_most(&message.contracts, 1_024, "genesis.contracts")?;
        if message.suite != Self::SUITE {
            return Err(EncodingError::OutOfRange { field: "genesis.suite" });
        }
        let contracts = message.contracts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        ascending(&contracts, "genesis.contracts")?;
        let bounds = required(message.bounds, "genesis.bounds")?;
        let nonce_refused = EncodingError::OutOfRange { field: "genesis.administrator_nonce" };
        Ok(Self {
            name: message.name,
            administrator: Policy::from_wire(required(message.administrator, "genesis.administrator")?)?,
            administrator_nonce: message.administrator_nonce.as_slice().try_into().map_err(|_| nonce_refused)?,
            bounds: Bounds {
                block_transactions_max: bounds.block_transactions_max,
                block_bytes_max: bounds.block_bytes_max,
                block_interval_ms: bounds.block_interval_ms,
                journal_interval_ms: bounds.journal_interval_ms,
            },
            recorder: PublicKey::from_bytes(&message.recorder)?,
            contracts,
            nonce: *Digest::try_from(message.nonce.as_slice())?.as_bytes(),
            created_ms: message.created_ms,
        })
    }
}
