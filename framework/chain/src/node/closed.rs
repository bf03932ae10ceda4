//! Chains that are not in memory: closed when nobody needs them, opened again when somebody or a deadline does.

use std::sync::Arc;

use ledger_core::{ChainId, Genesis};
use tokio::sync::oneshot;

use super::{Node, open};
use crate::error::{ChainError, SubmitError};
use crate::hosted::HostedChain;
use crate::mempool::Request;
use crate::storage::block_store::{self, StoredChain};

/// How often a chain is read again when its directory is closed meanwhile.
const ATTEMPTS: usize = 4;

impl Node {
    /// Reads a closed chain into memory again; one that is open already stays as it is.
    ///
    /// # Errors
    /// The node stores no such chain, its history does not hold, or the node has stopped.
    pub async fn open_chain(&self, chain: &ChainId) -> Result<(), ChainError> {
        self.opened(chain).await.map(|_| ())
    }

    /// Lets go of a chain's memory; what is stored stays, and its deadlines are carried out all the same.
    ///
    /// # Errors
    /// Something of the chain is under way, another open chain learns from it, or it is not open.
    pub async fn close_chain(&self, chain: &ChainId) -> Result<(), ChainError> {
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::CloseChain(*chain, answer));
        answered.await.map_err(|_| shutting_down())?
    }

    /// The chain, opened where it was closed.
    pub(crate) async fn opened(&self, chain: &ChainId) -> Result<Arc<HostedChain>, ChainError> {
        let hosted = match self.shared.hosted(chain) {
            Some(hosted) => hosted,
            None => {
                let _alone = self.shared.opening.lock().await;
                let row = block_store::chain_of(self.shared.database.read(), chain.as_bytes()).await?;
                self.read_in(row.ok_or(ChainError::UnknownChain(*chain))?).await?
            }
        };
        hosted.want();
        Ok(hosted)
    }

    /// As [`Node::opened`], for who submits.
    pub(crate) async fn opened_to_submit(&self, chain: &ChainId) -> Result<Arc<HostedChain>, SubmitError> {
        self.opened(chain).await.map_err(|error| match error {
            ChainError::UnknownChain(chain) => SubmitError::UnknownChain(chain),
            other => SubmitError::Stopped(other.to_string()),
        })
    }

    /// The chain of a number, opened for its deadline; none where the node stores no such chain.
    pub(crate) async fn opened_by_number(&self, number: i64) -> Result<Option<Arc<HostedChain>>, ChainError> {
        let _alone = self.shared.opening.lock().await;
        match block_store::chain_numbered(self.shared.database.read(), number).await? {
            Some(row) => self.read_in(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reads a chain in, its directory before it.
    async fn read_in(&self, row: StoredChain) -> Result<Arc<HostedChain>, ChainError> {
        let genesis: Genesis = ledger_core::encoding::decode(&row.genesis)?;
        for _ in 0..ATTEMPTS {
            if let Some(directory) = &genesis.directory
                && self.shared.hosted(&directory.chain).is_none()
            {
                let stored = block_store::chain_of(self.shared.database.read(), directory.chain.as_bytes()).await?;
                let stored = stored.ok_or(ChainError::UnknownDirectory { directory: directory.chain })?;
                // A directory has no directory itself.
                self.hosted_of(stored).await?;
            }
            if let Some(hosted) = self.hosted_of(row.clone()).await? {
                return Ok(hosted);
            }
        }
        Err(ChainError::InUse(genesis.chain_id()))
    }

    async fn hosted_of(&self, row: StoredChain) -> Result<Option<Arc<HostedChain>>, ChainError> {
        let queue = open::read_in(&self.shared, row).await?;
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::OpenChain(Box::new(queue), answer));
        answered.await.map_err(|_| shutting_down())
    }
}

fn shutting_down() -> ChainError {
    ChainError::Stopped("the node is shutting down".to_owned())
}
