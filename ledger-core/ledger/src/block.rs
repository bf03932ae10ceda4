//! Blocks: headers that anyone can verify, transactions, journal hashes, the recorder's signature.

use thiserror::Error;

use crate::encoding::{EncodingError, Wire, at_most, encode, required};
use crate::hash::{Domain, hash, leaf};
use crate::id::{BlockHash, ChainId, Digest, TransactionId};
use crate::signature::{PublicKey, Signature, SigningKey};
use crate::{codes, merkle, wire};

/// A block's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The chain.
    pub chain: ChainId,
    /// From 1; height 0 is the genesis.
    pub height: u64,
    /// Hash of the block before; of the first, the chain's id.
    pub previous: BlockHash,
    /// Milliseconds UTC, strictly increasing.
    pub time_ms: u64,
    /// Root over the transactions' leaves.
    pub transaction_root: Digest,
    /// Number of transactions.
    pub transaction_count: u32,
    /// Root over the journal hashes.
    pub journal_root: Digest,
    /// Number of journal entries.
    pub journal_count: u32,
    /// Root of the state map after the block before.
    pub state_root: Digest,
    /// Digest of the chain's parameters.
    pub parameters: Digest,
    /// The tip of the chain's directory, as the recorder had seen it.
    pub directory: DirectoryTip,
}

/// How far a directory had been seen; height 0 and zero bytes where there is none, or before it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirectoryTip {
    /// Height of its last block seen.
    pub height: u64,
    /// Hash of that block.
    pub hash: BlockHash,
}

impl Header {
    /// The block's hash.
    pub fn hash(&self) -> BlockHash {
        BlockHash::from_bytes(hash(Domain::Header, &[&encode(self)]))
    }
}

/// What the recorder signs: `"hivechain/finality" ‖ 0x00 ‖ block hash`.
pub fn finality_bytes(block: &BlockHash) -> Vec<u8> {
    [b"hivechain/finality\0".as_slice(), block.as_bytes()].concat()
}

/// The finality proof of a solo chain: the recorder's signature.
pub fn seal(block: &BlockHash, recorder: &SigningKey) -> Signature {
    recorder.sign(&finality_bytes(block))
}

/// True when the recorder sealed the block.
pub fn is_sealed(block: &BlockHash, recorder: &PublicKey, finality: &Signature) -> bool {
    recorder.verifies(&finality_bytes(block), finality)
}

/// The leaf of a transaction in its block.
pub fn transaction_leaf(id: &TransactionId, signatures_hash: &[u8; 32]) -> [u8; 32] {
    leaf(Domain::TransactionLeaf, &[id.as_bytes(), signatures_hash])
}

/// The root over journal hashes.
pub fn journal_root(journal: &[Digest]) -> Digest {
    let leaves: Vec<_> = journal.iter().map(|entry| merkle::leaf(entry.as_bytes())).collect();
    Digest::from_bytes(merkle::root(&leaves))
}

/// A block as it is stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// Signed transactions in canonical bytes.
    pub transactions: Vec<Vec<u8>>,
    /// Hashes of the journal entries folded in.
    pub journal: Vec<Digest>,
    /// The recorder's signature over the block's hash.
    pub finality: Signature,
}

impl Block {
    /// Transactions of one block, whatever its chain's own bound.
    pub const TRANSACTIONS_MAX: usize = 100_000;
}

/// Why a block does not follow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BlockError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Another header than the content and the chain give.
    #[error("block {height}: the header's {field} differs from what the chain and the content give")]
    HeaderDiffers {
        /// The height.
        height: u64,
        /// The first field that differs.
        field: &'static str,
    },
    /// More transactions than the chain's configuration allows.
    #[error("block {height} has {actual} transactions; the chain's configuration allows {maximum}")]
    TooManyTransactions {
        /// The height.
        height: u64,
        /// What is allowed.
        maximum: u32,
        /// What it has.
        actual: usize,
    },
    /// More bytes than the chain's configuration allows.
    #[error("the transactions of block {height} have {actual} bytes; the chain's configuration allows {maximum}")]
    TooManyBytes {
        /// The height.
        height: u64,
        /// What is allowed.
        maximum: u32,
        /// What it has.
        actual: usize,
    },
    /// The finality proof does not verify.
    #[error("block {height}: the recorder's signature does not verify")]
    NotSealed {
        /// The height.
        height: u64,
    },
    /// A transaction is refused where it stands.
    #[error("block {height}, transaction {position}: {code}: {message}")]
    Transaction {
        /// The height.
        height: u64,
        /// Place in the block, from 0.
        position: usize,
        /// The rule's code.
        code: String,
        /// What is wrong.
        message: String,
    },
}

codes!(BlockError {
    HeaderDiffers => "BLOCK_HEADER_DIFFERS",
    TooManyTransactions => "BLOCK_TRANSACTIONS_EXCEEDED",
    TooManyBytes => "BLOCK_BYTES_EXCEEDED",
    NotSealed => "BLOCK_NOT_SEALED",
    Transaction => "BLOCK_TRANSACTION_REFUSED",
} inner { Encoding });

impl Wire for Header {
    type Message = wire::Header;

    const BYTES_MAX: usize = 512;

    fn to_wire(&self) -> wire::Header {
        wire::Header {
            chain: self.chain.to_vec(),
            height: self.height,
            previous: self.previous.to_vec(),
            time_ms: self.time_ms,
            transaction_root: self.transaction_root.to_vec(),
            transaction_count: self.transaction_count,
            journal_root: self.journal_root.to_vec(),
            journal_count: self.journal_count,
            state_root: self.state_root.to_vec(),
            parameters: self.parameters.to_vec(),
            directory_height: self.directory.height,
            directory_hash: self.directory.hash.to_vec(),
        }
    }

    fn from_wire(message: wire::Header) -> Result<Self, EncodingError> {
        Ok(Self {
            chain: message.chain.as_slice().try_into()?,
            height: message.height,
            previous: message.previous.as_slice().try_into()?,
            time_ms: message.time_ms,
            transaction_root: message.transaction_root.as_slice().try_into()?,
            transaction_count: message.transaction_count,
            journal_root: message.journal_root.as_slice().try_into()?,
            journal_count: message.journal_count,
            state_root: message.state_root.as_slice().try_into()?,
            parameters: message.parameters.as_slice().try_into()?,
            directory: DirectoryTip {
                height: message.directory_height,
                hash: message.directory_hash.as_slice().try_into()?,
            },
        })
    }
}

impl Wire for Block {
    type Message = wire::Block;

    /// 64 MB of transactions, and as much for header, journal and seal.
    const BYTES_MAX: usize = 128 << 20;

    fn to_wire(&self) -> wire::Block {
        wire::Block {
            header: Some(self.header.to_wire()),
            transactions: self.transactions.clone(),
            journal: self.journal.iter().map(Digest::to_vec).collect(),
            finality: self.finality.as_bytes().to_vec(),
        }
    }

    fn from_wire(message: wire::Block) -> Result<Self, EncodingError> {
        at_most(&message.transactions, Self::TRANSACTIONS_MAX, "block.transactions")?;
        let journal = message.journal.iter().map(|bytes| bytes.as_slice().try_into());
        Ok(Self {
            header: Header::from_wire(required(message.header, "block.header")?)?,
            transactions: message.transactions,
            journal: journal.collect::<Result<_, _>>()?,
            finality: Signature::from_bytes(&message.finality)?,
        })
    }
}
