//! Proofs for outsiders: a transaction stands in a final block of a chain; what its state map holds at a height.

pub mod state;

use thiserror::Error;

use crate::block::{Header, is_sealed, transaction_leaf};
use crate::encoding::{EncodingError, Wire, at_most, decode, encode, required};
use crate::genesis::Genesis;
use crate::id::{Digest, TransactionId};
use crate::signature::Signature;
use crate::transaction::{SignedTransaction, signatures_hash};
use crate::{codes, merkle, wire};

/// Everything needed to check, offline, that a transaction stands in a final block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The chain's genesis.
    pub genesis: Genesis,
    /// The block's header.
    pub header: Header,
    /// The recorder's signature.
    pub finality: Signature,
    /// The transaction with its signatures.
    pub transaction: SignedTransaction,
    /// Its place in the block, from 0.
    pub index: u32,
    /// Hashes from its leaf to the root.
    pub path: Vec<[u8; 32]>,
}

/// What a checked proof says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included {
    /// The transaction.
    pub transaction: TransactionId,
    /// The block's height.
    pub height: u64,
    /// The block's time, milliseconds UTC.
    pub time_ms: u64,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The header or the transaction is of another chain than the genesis.
    #[error("the header or the transaction belongs to another chain than the genesis")]
    OtherChain,
    /// The finality proof does not verify.
    #[error("the recorder's signature over the block does not verify")]
    NotSealed,
    /// The path does not lead to the root.
    #[error("the transaction and its path do not lead to the block's root")]
    NotIncluded,
    /// A signature on the transaction does not verify.
    #[error("the signature given for {party} does not verify")]
    SignatureInvalid {
        /// The party it is given for.
        party: crate::Address,
    },
}

codes!(ProofError {
    OtherChain => "PROOF_OTHER_CHAIN",
    NotSealed => "PROOF_NOT_SEALED",
    NotIncluded => "PROOF_NOT_INCLUDED",
    SignatureInvalid => "PROOF_SIGNATURE_INVALID",
} inner { Encoding });

impl InclusionProof {
    /// Checks chain, seal, path and the parties' signatures.
    pub fn verify(&self) -> Result<Included, ProofError> {
        header_is_final(&self.genesis, &self.header, &self.finality)?;
        let chain = self.header.chain;
        if self.transaction.transaction.chain != chain {
            return Err(ProofError::OtherChain);
        }
        let id = self.transaction.transaction.id()?;
        let leaf = transaction_leaf(&id, &signatures_hash(&self.transaction.signatures));
        let index = usize::try_from(self.index).map_err(|_| ProofError::NotIncluded)?;
        let count = usize::try_from(self.header.transaction_count).map_err(|_| ProofError::NotIncluded)?;
        if merkle::root_of_path(leaf, index, count, &self.path) != Some(*self.header.transaction_root.as_bytes()) {
            return Err(ProofError::NotIncluded);
        }
        for given in &self.transaction.signatures {
            let message = crate::transaction::signing_bytes(&chain, &id, &given.party);
            if !given.key.verifies(&message, &given.signature) {
                return Err(ProofError::SignatureInvalid { party: given.party });
            }
        }
        Ok(Included { transaction: id, height: self.header.height, time_ms: self.header.time_ms })
    }
}

/// The header is of the genesis' chain and sealed by its recorder.
pub(crate) fn header_is_final(genesis: &Genesis, header: &Header, finality: &Signature) -> Result<(), ProofError> {
    if header.chain != genesis.chain_id() {
        return Err(ProofError::OtherChain);
    }
    if is_sealed(&header.hash(), &genesis.recorder, finality) { Ok(()) } else { Err(ProofError::NotSealed) }
}

impl Wire for InclusionProof {
    type Message = wire::InclusionProof;

    /// Genesis and transaction, and 4 kB for header, seal and path.
    const BYTES_MAX: usize = Genesis::BYTES_MAX.saturating_add(SignedTransaction::BYTES_MAX).saturating_add(4_096);

    fn to_wire(&self) -> wire::InclusionProof {
        wire::InclusionProof {
            genesis: encode(&self.genesis),
            header: Some(self.header.to_wire()),
            finality: self.finality.as_bytes().to_vec(),
            transaction: self.transaction.encode(),
            index: self.index,
            path: self.path.iter().map(|hash| hash.to_vec()).collect(),
        }
    }

    fn from_wire(message: wire::InclusionProof) -> Result<Self, EncodingError> {
        at_most(&message.path, merkle::PATH_MAX, "proof.path")?;
        let path = message.path.iter().map(|hash| Ok(*Digest::try_from(hash.as_slice())?.as_bytes()));
        Ok(Self {
            genesis: decode(&message.genesis)?,
            header: Header::from_wire(required(message.header, "proof.header")?)?,
            finality: Signature::from_bytes(&message.finality)?,
            transaction: SignedTransaction::decode(&message.transaction)?,
            index: message.index,
            path: path.collect::<Result<_, EncodingError>>()?,
        })
    }
}

#[cfg(test)]
mod tests;
