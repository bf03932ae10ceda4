//! Proofs of what a chain's state map holds: at the present, for which a quiet chain seals one block that carries its root,
//! and at past heights, for which the chain is replayed.

use std::sync::Arc;

use ledger_core::proof::state::{Answer, Question, StateProofError};
use ledger_core::{Block, ChainId, Coded, InclusionProof, Ledger, StateProof};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::error::{ChainError, SubmitError};
use crate::hosted::HostedChain;
use crate::mempool::{PendingCover, Request};
use crate::node::Node;
use crate::rebuilt::Rebuilt;
use crate::storage::{block_store, signed};

/// Transactions and blocks that a proof at a past height replays at most, together.
const REPLAYED_MAX: u64 = 200_000;

/// Why there is no state proof.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The chain is not hosted, or its blocks cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain cannot say it so.
    #[error(transparent)]
    Proof(#[from] StateProofError),
    /// Another proof at a past height is being made, or too much is under way.
    #[error("the node is making another proof of the past; try again in a moment")]
    Busy,
    /// No block carries the root of that height yet.
    #[error("block {height} is not below the tip {tip} of the chain; ask without a height for a proof of the present")]
    HeightNotSealed {
        /// The height asked for.
        height: u64,
        /// Height of the last block.
        tip: u64,
    },
    /// The height is too far from genesis to be replayed for one proof.
    #[error(
        "a proof at height {height} replays more than {maximum} blocks and transactions; export the chain and read the past from its archive"
    )]
    HeightTooFar {
        /// The height asked for.
        height: u64,
        /// Blocks and transactions at most.
        maximum: u64,
    },
}

impl ProveError {
    /// Every code this enum itself gives.
    pub const CODES: &'static [&'static str] = &["STATE_PROOF_HEIGHT_NOT_SEALED", "STATE_PROOF_HEIGHT_TOO_FAR"];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Busy => "BUSY",
            Self::HeightNotSealed { .. } => "STATE_PROOF_HEIGHT_NOT_SEALED",
            Self::HeightTooFar { .. } => "STATE_PROOF_HEIGHT_TOO_FAR",
        }
    }
}

impl Node {
    /// The proof of what the chain's state map holds after block `height`, for anyone to check offline; none when nothing
    /// on the chain created the state.
    ///
    /// Without a height it is of the present: the producer seals an empty block that carries the root, unless the last
    /// block carries it already. At a past height whose map is not the present one, blocks from genesis on are replayed,
    /// one proof at a time: some tens of microseconds a transaction, and the memory of a second ledger while it runs.
    ///
    /// # Errors
    /// The chain is not hosted, the height has no sealed successor or is too far, or the node is busy or has stopped.
    pub async fn state_proof(
        &self,
        chain: &ChainId,
        question: &Question,
        height: Option<u64>,
    ) -> Result<Option<StateProof>, ProveError> {
        let hosted = self.held(chain).await?;
        let created = match question.state() {
            Some(state) => match self.proof(chain, &state.transaction).await? {
                Some(proof) => Some(proof),
                None => return Ok(None),
            },
            None => None,
        };
        let (answer, sealing) = match height {
            None => self.present(&hosted, question, created.as_ref()).await?,
            Some(height) => self.at(&hosted, question, created.as_ref(), height).await?,
        };
        Ok(Some(answer.sealed(hosted.genesis.clone(), sealing.header, sealing.finality)?))
    }

    async fn present(
        &self,
        hosted: &Arc<HostedChain>,
        question: &Question,
        created: Option<&InclusionProof>,
    ) -> Result<(Answer, Block), ProveError> {
        let read = |ledger: &Ledger| {
            Ok::<_, StateProofError>((Answer::of(ledger, question, created)?, ledger.height(), ledger.state_root()))
        };
        let (answer, tip, root) = hosted.read(|chain| read(&chain.ledger())).await??;
        let covers = |block: &Block| block.header.transaction_count == 0 && block.header.state_root == root;
        let last = if tip == 0 { None } else { self.shared.stored_block(hosted, tip).await? };
        if let Some(block) = last.filter(covers) {
            return Ok((answer, block));
        }
        if let Some(next) = self.shared.stored_block(hosted, tip.saturating_add(1)).await? {
            return Ok((answer, next));
        }
        self.cover(hosted, tip).await?;
        let next = self.shared.stored_block(hosted, tip.saturating_add(1)).await?;
        Ok((answer, next.ok_or_else(|| hosted.broken(tip.saturating_add(1), &"the block is missing"))?))
    }

    /// Waits until a block stands on the tip.
    async fn cover(&self, hosted: &Arc<HostedChain>, tip: u64) -> Result<(), ProveError> {
        let told = |error: SubmitError| match error {
            SubmitError::Busy => ProveError::Busy,
            other => ProveError::Chain(ChainError::Stopped(other.to_string())),
        };
        self.is_accepting().map_err(told)?;
        let slot = self.mempool.slot(hosted).map_err(told)?;
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::Cover(PendingCover { number: hosted.number, tip, answer, slot }));
        let stopping = || Err(SubmitError::Stopped("the node is shutting down".to_owned()));
        answered.await.unwrap_or_else(|_| stopping()).map_err(told)
    }

    async fn at(
        &self,
        hosted: &Arc<HostedChain>,
        question: &Question,
        created: Option<&InclusionProof>,
        height: u64,
    ) -> Result<(Answer, Block), ProveError> {
        let tip = hosted.read(|chain| chain.ledger().height()).await?;
        let sealing = match height.checked_add(1).filter(|sealing| *sealing <= tip) {
            Some(sealing) => self.shared.stored_block(hosted, sealing).await?,
            None => return Err(ProveError::HeightNotSealed { height, tip }),
        };
        let sealing = sealing.ok_or_else(|| hosted.broken(height, &"the block after it is missing"))?;
        // What carries this root is the map after a durable block, whatever memory has beyond.
        {
            let ledger = hosted.ledger();
            if ledger.state_root() == sealing.header.state_root {
                return Ok((Answer::of(&ledger, question, created)?, sealing));
            }
        }
        let turn = self.mempool.prover().ok_or(ProveError::Busy)?;
        self.is_near(hosted, height).await?;
        let rebuilt = Rebuilt::new(&self.shared, hosted.number, hosted.genesis.clone(), height)?;
        let mut rebuilt = rebuilt.in_turn(turn);
        while rebuilt.read(Ledger::height) < height {
            if rebuilt.next_page().await?.is_empty() {
                return Err(hosted.broken(height, &"a block before it is missing").into());
            }
        }
        Ok((rebuilt.read(|ledger| Answer::of(ledger, question, created))?, sealing))
    }

    /// Refuses what would be replayed for too long, before anything is.
    async fn is_near(&self, hosted: &HostedChain, height: u64) -> Result<(), ProveError> {
        let top = signed("block", "height", height).map_err(ChainError::from)?;
        let transactions = block_store::transactions_up_to(self.shared.database.read(), hosted.number, top).await;
        if transactions.map_err(ChainError::from)?.saturating_add(height) > REPLAYED_MAX {
            return Err(ProveError::HeightTooFar { height, maximum: REPLAYED_MAX });
        }
        Ok(())
    }
}
