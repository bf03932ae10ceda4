//! The head of what is kept: to which block it belongs, what the other parts hash to, the recorder's attestation.

use ledger_core::ledger::present::{Packer, PresentError, Unpacker, is_attested};
use ledger_core::{Address, BlockHash, ChainId, ContractId, Digest, PublicKey, Signature};

use super::{APPENDED, Attestor, FORMAT, Ignored, Run, hash_of};
use crate::journal::{JournalTip, Readers};

const PART: &str = "head";

/// The head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) chain: ChainId,
    /// Of the block after which everything stands as it is kept.
    pub(crate) height: u64,
    pub(crate) block: BlockHash,
    /// Of the state map after that block.
    pub(crate) state_root: Digest,
    /// The parts that change.
    pub(crate) changing: Run,
    /// The kinds that are appended, in their order.
    pub(crate) appended: [Run; APPENDED.len()],
    /// States there had ever been, and those unspent.
    pub(crate) states: u64,
    pub(crate) unspent: u64,
    /// Commands accepted.
    pub(crate) commands: u64,
    /// Bytes of the transactions in all blocks.
    pub(crate) bytes: u64,
    /// Contracts with plain holdings, by the place that records name.
    pub(crate) contracts: Vec<ContractId>,
    /// Behind the last entry that the blocks fold.
    pub(crate) journal: JournalTip,
}

impl Head {
    /// The row's bytes.
    pub(crate) fn attested(&self, attestor: &Attestor) -> Vec<u8> {
        let mut packer = Packer::default();
        packer.short(FORMAT);
        packer.fixed(self.chain.as_bytes());
        packer.number(self.height);
        packer.fixed(self.block.as_bytes());
        packer.fixed(self.state_root.as_bytes());
        for run in std::iter::once(&self.changing).chain(&self.appended) {
            packer.short(run.parts);
            packer.fixed(run.digest.as_bytes());
        }
        [self.states, self.unspent, self.commands, self.bytes].into_iter().for_each(|number| packer.number(number));
        packer.count(self.contracts.len());
        self.contracts.iter().for_each(|contract| packer.long(contract.to_string().as_bytes()));
        let ((number, hash), epoch, Readers(readers)) = self.journal.last();
        packer.number(number);
        packer.fixed(hash.as_bytes());
        packer.number(epoch);
        packer.count(readers.len());
        for (reader, key) in readers {
            packer.fixed(reader.as_bytes());
            packer.fixed(key);
        }
        let mut bytes = packer.into_bytes();
        let attestation = attestor.attest(&hash_of(&bytes));
        bytes.extend_from_slice(attestation.as_bytes());
        bytes
    }

    /// The head of a chain, attested by its recorder.
    pub(crate) fn read(row: &[u8], chain: ChainId, recorder: &PublicKey) -> Result<Self, Ignored> {
        let (bytes, signature) = row.split_last_chunk::<64>().ok_or(PresentError::CutOff { part: PART })?;
        let mut from = Unpacker::new(bytes, PART);
        let format = from.short()?;
        if format != FORMAT {
            return Err(Ignored::Format { format });
        }
        let attestation = Signature::from_bytes(signature).map_err(|_| Ignored::NotAttested)?;
        if !is_attested(&hash_of(bytes), recorder, &attestation) {
            return Err(Ignored::NotAttested);
        }
        let head = Self::fields(&mut from)?;
        if head.chain != chain {
            return Err(Ignored::Foreign { chain: head.chain });
        }
        Ok(head)
    }

    fn fields(from: &mut Unpacker<'_>) -> Result<Self, PresentError> {
        let chain = ChainId::from_bytes(from.fixed()?);
        let (height, block) = (from.number()?, BlockHash::from_bytes(from.fixed()?));
        let state_root = Digest::from_bytes(from.fixed()?);
        let (changing, mut appended) = (run(from)?, [Run::default(); APPENDED.len()]);
        for place in &mut appended {
            *place = run(from)?;
        }
        let (states, unspent, commands, bytes) = (from.number()?, from.number()?, from.number()?, from.number()?);
        let contracts = (0..from.count(4)?).map(|_| contract(from)).collect::<Result<_, _>>()?;
        let ends_with = (from.number()?, Digest::from_bytes(from.fixed()?));
        let epoch = from.number()?;
        let readers = (0..from.count(64)?).map(|_| Ok((Address::from_bytes(from.fixed()?), from.fixed()?)));
        let readers = Readers(readers.collect::<Result<_, PresentError>>()?);
        from.end()?;
        let journal = JournalTip::behind(chain, ends_with, epoch, readers);
        Ok(Self {
            chain,
            height,
            block,
            state_root,
            changing,
            appended,
            states,
            unspent,
            commands,
            bytes,
            contracts,
            journal,
        })
    }
}

fn run(from: &mut Unpacker<'_>) -> Result<Run, PresentError> {
    Ok(Run { parts: from.short()?, digest: Digest::from_bytes(from.fixed()?) })
}

fn contract(from: &mut Unpacker<'_>) -> Result<ContractId, PresentError> {
    let unfit = PresentError::Unfit { part: PART, field: "contract" };
    let name = std::str::from_utf8(from.long()?).map_err(|_| unfit.clone())?;
    name.parse().map_err(|_| unfit)
}
