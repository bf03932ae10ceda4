//! The chains of a node as lists and figures show them: closed ones from the database, without being opened.

use ledger_core::encoding::decode;
use ledger_core::{BlockHash, Bounds, ChainId, Configuration, Genesis};

use super::{ChainCounts, Known, Node, StoppedChain};
use crate::error::ChainError;
use crate::hosted::{ChainSummary, HostedChain};
use crate::storage::{block_store, present_store, unsigned};

impl Node {
    /// How many chains there are, of any kind.
    pub fn chain_counts(&self) -> ChainCounts {
        self.shared.counts()
    }

    /// Chains that commit nothing any more, as far as that has shown, with the reason; at most so many.
    pub fn stopped_chains(&self, most: usize) -> Vec<StoppedChain> {
        self.shared.stopped_chains(most)
    }

    /// The chains of the node, in the order of their numbers.
    pub fn chain_ids(&self) -> Vec<ChainId> {
        self.shared.all_known()
    }

    /// True for a chain of the node, in memory or not.
    pub fn has_chain(&self, chain: &ChainId) -> bool {
        self.shared.known(chain).is_some()
    }

    /// One chain at its tip.
    ///
    /// # Errors
    /// The node stores no such chain, or the database failed.
    pub async fn chain(&self, chain: &ChainId) -> Result<ChainSummary, ChainError> {
        match self.shared.hosted(chain) {
            Some(hosted) => hosted.read(HostedChain::summary).await,
            None => self.stored_summary(chain, self.shared.known(chain).ok_or(ChainError::UnknownChain(*chain))?).await,
        }
    }

    /// Those of some chains that the node stores, each at its tip, in the order of their numbers.
    ///
    /// # Errors
    /// The database failed.
    pub async fn chains(&self, which: &[ChainId]) -> Result<Vec<ChainSummary>, ChainError> {
        let mut chains = Vec::new();
        for chain in which.iter().filter(|chain| self.has_chain(chain)) {
            chains.push(self.chain(chain).await?);
        }
        chains.sort_by_key(|chain| chain.number);
        Ok(chains)
    }

    /// A chain's genesis.
    ///
    /// # Errors
    /// The node stores no such chain, or the database failed.
    pub async fn genesis(&self, chain: &ChainId) -> Result<Genesis, ChainError> {
        if let Some(hosted) = self.shared.hosted(chain) {
            return Ok(hosted.genesis.clone());
        }
        if let Some(broken) = self.shared.broken(chain) {
            return Err(broken);
        }
        let known = self.shared.known(chain).ok_or(ChainError::UnknownChain(*chain))?;
        Ok(decode(&self.genesis_bytes(known).await?)?)
    }

    async fn genesis_bytes(&self, known: Known) -> Result<Vec<u8>, ChainError> {
        let row = block_store::chain_numbered(self.shared.database.read(), known.number).await?;
        Ok(row.map(|row| row.genesis).unwrap_or_default())
    }

    async fn stored_summary(&self, chain: &ChainId, known: Known) -> Result<ChainSummary, ChainError> {
        let database = self.shared.database.read();
        let stopped = self.shared.broken(chain).map(|error| error.to_string());
        let genesis = decode::<Genesis>(&self.genesis_bytes(known).await?);
        let set = present_store::configuration(database, known.number).await?;
        let configuration = match (set.map(|bytes| decode(&bytes)).transpose(), &genesis) {
            (Ok(Some(set)), _) => set,
            (Ok(None), Ok(genesis)) => genesis.configuration(),
            // Of a chain that is stopped for it, nothing is known of what does not decode.
            _ if stopped.is_some() => {
                Configuration { version: 0, name: String::new(), bounds: Bounds::default(), contracts: Vec::new() }
            }
            (Err(error), _) => return Err(error.into()),
            (_, Err(error)) => return Err(error.clone().into()),
        };
        let (height, time_ms, tip) = match block_store::tip(database, known.number).await? {
            Some(tip) => {
                let hash = BlockHash::try_from(tip.hash.as_slice())?;
                (unsigned("block", "height", tip.height)?, unsigned("block", "time_ms", tip.time_ms)?, hash)
            }
            None => {
                let created_ms = genesis.map_or(0, |genesis| genesis.created_ms);
                (0, created_ms, BlockHash::from_bytes(*chain.as_bytes()))
            }
        };
        Ok(ChainSummary { id: *chain, number: known.number, configuration, height, time_ms, tip, stopped })
    }
}
