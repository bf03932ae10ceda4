//! What of a chain an administrator may change: the genesis holds the first configuration, `chain/configure` sets the next.
//!
//! A block is made under the configuration in force after the block before it; its header carries that configuration's hash.
//! The recorder is no part of it: who seals blocks is fixed by the genesis.

use thiserror::Error;

use crate::encoding::{EncodingError, Wire, ascending, at_most, encode, plain_text, required};
use crate::hash::{Domain, hash};
use crate::id::{ContractId, Digest};
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

/// A chain's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// 1 from the genesis; each change adds one, so that of two made from the same present only one holds.
    pub version: u64,
    /// Name for people, at most 128 bytes.
    pub name: String,
    /// Bounds of a block.
    pub bounds: Bounds,
    /// Contracts that may be used, with versions; ascending, at most 1,024.
    pub contracts: Vec<ContractId>,
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigurationError {
    /// A bound of blocks is out of range.
    #[error("the block bound {bound} is out of its range {range}")]
    Bound {
        /// Which bound.
        bound: &'static str,
        /// Its range.
        range: &'static str,
    },
}

codes!(ConfigurationError { Bound => "CONFIGURATION_BOUND" });

impl Configuration {
    /// Version of the configuration that a genesis holds.
    pub const FIRST_VERSION: u64 = 1;

    /// The digest that the header of every block made under it carries.
    pub fn parameters_hash(&self) -> Digest {
        Digest::from_bytes(hash(Domain::Parameters, &[&encode(self)]))
    }

    /// True when the contract, in this version, may be used.
    pub fn enables(&self, contract: &ContractId) -> bool {
        self.contracts.binary_search(contract).is_ok()
    }

    /// Checks the bounds.
    ///
    /// # Errors
    /// The first bound that is out of its range.
    pub fn validate(&self) -> Result<(), ConfigurationError> {
        let bounds = &self.bounds;
        let checks = [
            ("block_transactions_max", (1..=100_000).contains(&bounds.block_transactions_max), "1 to 100000"),
            ("block_bytes_max", (65_536..=64 << 20).contains(&bounds.block_bytes_max), "64 kB to 64 MB"),
            ("block_interval_ms", (1..=600_000).contains(&bounds.block_interval_ms), "1 ms to 10 minutes"),
            ("journal_interval_ms", (1..=86_400_000).contains(&bounds.journal_interval_ms), "1 ms to a day"),
        ];
        match checks.into_iter().find(|(_, holds, _)| !holds) {
            Some((bound, _, range)) => Err(ConfigurationError::Bound { bound, range }),
            None => Ok(()),
        }
    }
}

impl Wire for Bounds {
    type Message = wire::BlockBounds;

    fn to_wire(&self) -> wire::BlockBounds {
        wire::BlockBounds {
            block_transactions_max: self.block_transactions_max,
            block_bytes_max: self.block_bytes_max,
            block_interval_ms: self.block_interval_ms,
            journal_interval_ms: self.journal_interval_ms,
        }
    }

    fn from_wire(message: wire::BlockBounds) -> Result<Self, EncodingError> {
        Ok(Self {
            block_transactions_max: message.block_transactions_max,
            block_bytes_max: message.block_bytes_max,
            block_interval_ms: message.block_interval_ms,
            journal_interval_ms: message.journal_interval_ms,
        })
    }
}

impl Wire for Configuration {
    type Message = wire::Configuration;

    fn to_wire(&self) -> wire::Configuration {
        wire::Configuration {
            version: self.version,
            name: self.name.clone(),
            bounds: Some(self.bounds.to_wire()),
            contracts: self.contracts.iter().map(ContractId::to_string).collect(),
        }
    }

    fn from_wire(message: wire::Configuration) -> Result<Self, EncodingError> {
        plain_text(&message.name, 128, "configuration.name")?;
        at_most(&message.contracts, 1_024, "configuration.contracts")?;
        let contracts = message.contracts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        ascending(&contracts, "configuration.contracts")?;
        Ok(Self {
            version: message.version,
            name: message.name,
            bounds: Bounds::from_wire(required(message.bounds, "configuration.bounds")?)?,
            contracts,
        })
    }
}

#[cfg(test)]
mod tests;
