//! Finds what is committed: transactions, commands, blocks, proofs, holdings.

use ledger_core::block::transaction_leaf;
use ledger_core::transaction::signatures_hash;
use ledger_core::{
    Address, AssetId, Block, ChainId, CommandId, InclusionProof, SignedTransaction, TransactionId, merkle,
};

use super::{Node, Shared};
use crate::error::ChainError;
use crate::holdings::{Balance, HeldState};
use crate::hosted::{HostedChain, decode_block};
use crate::storage::entity::committed_transaction;
use crate::storage::{block_store, signed, unsigned};

/// A transaction where it stands in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedTransaction {
    /// The id.
    pub id: TransactionId,
    /// Height of its block.
    pub height: u64,
    /// Place in the block, from 0.
    pub position: u32,
    /// Time of its block, milliseconds UTC.
    pub recorded_at_ms: u64,
    /// The signed transaction in canonical bytes.
    pub bytes: Vec<u8>,
}

/// A transaction's block and its place in there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransactionPlace {
    pub(crate) height: u64,
    pub(crate) position: u32,
}

impl TransactionPlace {
    fn of(row: &committed_transaction::Model) -> Result<Self, ChainError> {
        let height = unsigned("committed_transaction", "height", row.height)?;
        Ok(Self { height, position: unsigned("committed_transaction", "position", row.position)? })
    }

    /// The transaction's bytes.
    pub(crate) fn within<'b>(&self, chain: &HostedChain, block: &'b Block) -> Result<&'b [u8], ChainError> {
        let bytes = usize::try_from(self.position).ok().and_then(|place| block.transactions.get(place));
        bytes.map(Vec::as_slice).ok_or_else(|| chain.broken(self.height, &"the block has no such position"))
    }
}

impl Shared {
    /// A block from the database.
    pub(crate) async fn stored_block(&self, chain: &HostedChain, height: u64) -> Result<Option<Block>, ChainError> {
        let height = signed("block", "height", height)?;
        let row = block_store::block(self.database.read(), chain.number, height).await?;
        row.map(|row| decode_block(&row.bytes)).transpose()
    }

    /// A block that something names, so that it must be there.
    pub(crate) async fn known_block(&self, chain: &HostedChain, height: u64) -> Result<Block, ChainError> {
        let block = self.stored_block(chain, height).await?;
        block.ok_or_else(|| chain.broken(height, &"the block is missing"))
    }

    /// Where a transaction stands.
    pub(crate) async fn place(
        &self,
        chain: &HostedChain,
        id: &TransactionId,
    ) -> Result<Option<TransactionPlace>, ChainError> {
        let row = block_store::by_transaction_id(self.database.read(), chain.number, id.as_bytes()).await?;
        row.as_ref().map(TransactionPlace::of).transpose()
    }

    async fn located(
        &self,
        chain: &HostedChain,
        row: Option<committed_transaction::Model>,
    ) -> Result<Option<(CommittedTransaction, Block)>, ChainError> {
        let Some(row) = row else { return Ok(None) };
        let place = TransactionPlace::of(&row)?;
        let block = self.known_block(chain, place.height).await?;
        let committed = CommittedTransaction {
            id: row.id.as_slice().try_into()?,
            height: place.height,
            position: place.position,
            recorded_at_ms: block.header.time_ms,
            bytes: place.within(chain, &block)?.to_vec(),
        };
        Ok(Some((committed, block)))
    }

    async fn by_id(
        &self,
        chain: &HostedChain,
        id: &TransactionId,
    ) -> Result<Option<(CommittedTransaction, Block)>, ChainError> {
        let row = block_store::by_transaction_id(self.database.read(), chain.number, id.as_bytes()).await?;
        self.located(chain, row).await
    }

    /// A transaction by its command id.
    pub(crate) async fn by_command(
        &self,
        chain: &HostedChain,
        command: &CommandId,
    ) -> Result<Option<CommittedTransaction>, ChainError> {
        let row = block_store::by_command_id(self.database.read(), chain.number, command.as_bytes()).await?;
        Ok(self.located(chain, row).await?.map(|(committed, _)| committed))
    }

    /// The proof that a transaction of a hosted chain stands in a final block.
    pub(crate) async fn inclusion(
        &self,
        hosted: &HostedChain,
        id: &TransactionId,
    ) -> Result<Option<InclusionProof>, ChainError> {
        let Some((committed, block)) = self.by_id(hosted, id).await? else { return Ok(None) };
        let mut leaves = Vec::with_capacity(block.transactions.len());
        for bytes in &block.transactions {
            let signed = SignedTransaction::decode(bytes)?;
            leaves.push(transaction_leaf(&signed.transaction.id()?, &signatures_hash(&signed.signatures)));
        }
        let place = usize::try_from(committed.position).unwrap_or(usize::MAX);
        let path = merkle::path(&leaves, place);
        Ok(Some(InclusionProof {
            genesis: hosted.genesis.clone(),
            header: block.header,
            finality: block.finality,
            transaction: SignedTransaction::decode(&committed.bytes)?,
            index: committed.position,
            path: path.ok_or_else(|| hosted.broken(committed.height, &"the block has no such position"))?,
        }))
    }
}

impl Node {
    /// A committed transaction by its id.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn transaction(
        &self,
        chain: &ChainId,
        id: &TransactionId,
    ) -> Result<Option<CommittedTransaction>, ChainError> {
        let hosted = self.opened(chain).await?;
        Ok(self.shared.by_id(&hosted, id).await?.map(|(committed, _)| committed))
    }

    /// The committed transaction that a command id was accepted with.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn command(
        &self,
        chain: &ChainId,
        command: &CommandId,
    ) -> Result<Option<CommittedTransaction>, ChainError> {
        let hosted = self.opened(chain).await?;
        self.shared.by_command(&hosted, command).await
    }

    /// The block at a height, from 1.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn block(&self, chain: &ChainId, height: u64) -> Result<Option<Block>, ChainError> {
        let hosted = self.opened(chain).await?;
        self.shared.stored_block(&hosted, height).await
    }

    /// The proof that a transaction stands in a final block, for anyone to check offline.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn proof(&self, chain: &ChainId, id: &TransactionId) -> Result<Option<InclusionProof>, ChainError> {
        let hosted = self.opened(chain).await?;
        self.shared.inclusion(&hosted, id).await
    }

    /// How many unspent states a chain has.
    ///
    /// # Errors
    /// The node stores no such chain, or what is stored of it cannot be read.
    pub async fn unspent_states(&self, chain: &ChainId) -> Result<u64, ChainError> {
        self.opened(chain).await?.read(|chain| chain.holdings().unspent()).await
    }

    /// What a party has, by asset.
    ///
    /// # Errors
    /// The node stores no such chain, or what is stored of it cannot be read.
    pub async fn balances(&self, chain: &ChainId, owner: &Address) -> Result<Vec<Balance>, ChainError> {
        self.opened(chain).await?.read(|chain| chain.holdings().balances(owner)).await
    }

    /// A party's unspent states with amounts, of one asset or of all, ascending by asset and reference.
    ///
    /// # Errors
    /// As for [`Self::balances`].
    pub async fn holdings(
        &self,
        chain: &ChainId,
        owner: &Address,
        asset: Option<&AssetId>,
    ) -> Result<Vec<HeldState>, ChainError> {
        self.opened(chain).await?.read(|chain| chain.holdings().held(owner, asset)).await
    }
}
