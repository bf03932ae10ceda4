//! Transactions: salted components under one root, signatures of parties, the resolved form contracts see.

mod builder;
pub(crate) mod component;

pub use builder::{TransactionBuilder, TransactionFrame};
pub(crate) use component::Content;

use std::collections::BTreeSet;
use std::sync::Arc;

use prost::Message;

use crate::claim::Claim;
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, ascending, at_most, decode_message, encode, is_within_bound};
use crate::hash::{Domain, hash};
use crate::id::{Address, BlockHash, ChainId, ClaimKey, CommandId, ContractId, EvidenceHash, StateRef, TransactionId};
use crate::signature::{PublicKey, Signature, SigningKey};
use crate::state::State;
use crate::wire;

/// How a state is referred to without being consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// It must be unspent.
    Current,
    /// It must exist.
    Past,
}

/// A state that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The state.
    pub state: StateRef,
    /// How.
    pub kind: ReferenceKind,
}

/// What the transaction asks of one contract; at most one command per contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The contract.
    pub contract: ContractId,
    /// The command's name.
    pub name: String,
    /// The command's message in canonical form.
    pub arguments: Vec<u8>,
}

impl Command {
    /// The arguments as the command's message.
    pub fn message<M: Message + Default>(&self) -> Result<M, EncodingError> {
        decode_message(&self.arguments)
    }
}

/// When the transaction may stand in a block: `from_ms <= block time < until_ms`, at most 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWindow {
    /// First millisecond UTC.
    pub from_ms: u64,
    /// The millisecond after the last.
    pub until_ms: u64,
}

impl TimeWindow {
    /// The longest window, 30 days in milliseconds.
    pub const LONGEST_MS: u64 = 30 * 86_400_000;

    /// True when the time lies in the window.
    pub fn contains(&self, time_ms: u64) -> bool {
        (self.from_ms..self.until_ms).contains(&time_ms)
    }
}

/// What the signers have seen of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// A height.
    pub height: u64,
    /// The hash of the block there; at height 0 the chain's id.
    pub block: BlockHash,
}

/// An unsigned transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The chain it is for.
    pub chain: ChainId,
    /// 32 random bytes; every component's salt follows from them.
    pub salt: [u8; 32],
    /// Who submits it.
    pub submitter: Address,
    /// The submitter's intention, accepted once for ever.
    pub command_id: CommandId,
    /// When it may stand in a block.
    pub time_window: TimeWindow,
    /// The business date.
    pub effective_on: Date,
    /// What the signers have seen.
    pub anchor: Anchor,
    /// Consumed states, at most 256.
    pub inputs: Vec<StateRef>,
    /// Read states, at most 64.
    pub references: Vec<Reference>,
    /// Created states, at most 256.
    pub outputs: Vec<State>,
    /// What is asked of contracts, at most 16.
    pub commands: Vec<Command>,
    /// Salted hashes of documents, at most 64.
    pub attachments: Vec<EvidenceHash>,
    /// Identities that outputs hold, ascending, at most 512.
    pub claims: Vec<Claim>,
    /// Free text, keys ascending, at most 16 entries of 64 and 1,024 bytes.
    pub metadata: Vec<(String, String)>,
}

impl Transaction {
    /// Components of one transaction: six single ones, and every list at its bound.
    pub const COMPONENTS_MAX: usize = 6 + 256 + 64 + 256 + 16 + 64 + 512 + 16;

    /// The command for a contract of this name, any version.
    pub fn command(&self, contract: &str) -> Option<&Command> {
        self.commands.iter().find(|command| command.contract.name() == contract)
    }

    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads canonical bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        Ok(Self::decode_with_content(bytes)?.0)
    }

    fn decode_with_content(bytes: &[u8]) -> Result<(Self, Content), EncodingError> {
        is_within_bound::<Self>(bytes)?;
        component::decode_with_content(bytes)
    }

    /// The id: the root over the salted components, with their count.
    pub fn id(&self) -> Result<TransactionId, EncodingError> {
        Ok(Content::of(self)?.id)
    }

    /// The states it creates, as another transaction finds them under its id.
    pub fn created(&self, id: TransactionId) -> Vec<ResolvedState> {
        let created = |(index, state): (u32, &State)| ResolvedState {
            reference: StateRef { transaction: id, index },
            state: Arc::new(state.clone()),
            claims: self.claims_of(index),
        };
        (0u32..).zip(&self.outputs).map(created).collect()
    }

    /// The claim keys that one output holds.
    pub fn claims_of(&self, output: u32) -> Vec<ClaimKey> {
        self.claims.iter().filter(|claim| claim.output == output).map(|claim| claim.key).collect()
    }
}

/// What a party signs: `"hivechain/signature" ‖ 0x00 ‖ chain ‖ transaction id ‖ party`.
pub fn signing_bytes(chain: &ChainId, id: &TransactionId, party: &Address) -> Vec<u8> {
    [b"hivechain/signature\0".as_slice(), chain.as_bytes(), id.as_bytes(), party.as_bytes()].concat()
}

/// A signature, given for one party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartySignature {
    /// The party it is given for.
    pub party: Address,
    /// The key that signed.
    pub key: PublicKey,
    /// The signature.
    pub signature: Signature,
}

impl PartySignature {
    /// Signs a transaction for a party.
    pub fn give(chain: &ChainId, id: &TransactionId, party: Address, key: &SigningKey) -> Self {
        Self { party, key: key.public(), signature: key.sign(&signing_bytes(chain, id, &party)) }
    }
}

/// A transaction with its signatures, ascending by party and key, at most 256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// What was signed.
    pub transaction: Transaction,
    /// Who signed.
    pub signatures: Vec<PartySignature>,
}

impl SignedTransaction {
    /// Signatures of one transaction.
    pub const SIGNATURES_MAX: usize = 256;

    /// Signs with each key for its party.
    pub fn sign<'k>(
        transaction: Transaction,
        keys: impl IntoIterator<Item = (Address, &'k SigningKey)>,
    ) -> Result<Self, EncodingError> {
        let (chain, id) = (transaction.chain, transaction.id()?);
        let signatures = keys.into_iter().map(|(party, key)| PartySignature::give(&chain, &id, party, key)).collect();
        Ok(Self::new(transaction, signatures))
    }

    /// A transaction with these signatures, put in order.
    pub fn new(transaction: Transaction, signatures: Vec<PartySignature>) -> Self {
        let signatures: BTreeSet<_> = signatures.into_iter().collect();
        Self { transaction, signatures: signatures.into_iter().collect() }
    }

    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads canonical bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        Ok(Self::decode_with_content(bytes)?.0)
    }

    /// Reads canonical bytes, and what the transaction's components come to.
    pub(crate) fn decode_with_content(bytes: &[u8]) -> Result<(Self, Content), EncodingError> {
        is_within_bound::<Self>(bytes)?;
        Self::of_message(decode_message(bytes)?)
    }

    fn of_message(message: wire::SignedTransaction) -> Result<(Self, Content), EncodingError> {
        at_most(&message.signatures, Self::SIGNATURES_MAX, "signatures")?;
        let signature = |given: wire::PartySignature| {
            Ok(PartySignature {
                party: given.party.as_slice().try_into()?,
                key: PublicKey::from_bytes(&given.key)?,
                signature: Signature::from_bytes(&given.signature)?,
            })
        };
        let signatures = message.signatures.into_iter().map(signature).collect::<Result<Vec<_>, EncodingError>>()?;
        ascending(&signatures.iter().map(|given| (given.party, given.key)).collect::<Vec<_>>(), "signatures")?;
        let (transaction, content) = Transaction::decode_with_content(&message.transaction)?;
        Ok((Self { transaction, signatures }, content))
    }
}

/// The digest over a signature list, part of the transaction's leaf in its block.
pub fn signatures_hash(signatures: &[PartySignature]) -> [u8; 32] {
    let list = wire::SignedTransaction { transaction: Vec::new(), signatures: signatures_to_wire(signatures) };
    hash(Domain::Signatures, &[&list.encode_to_vec()])
}

fn signatures_to_wire(signatures: &[PartySignature]) -> Vec<wire::PartySignature> {
    let to_wire = |given: &PartySignature| wire::PartySignature {
        party: given.party.to_vec(),
        key: given.key.as_bytes().to_vec(),
        signature: given.signature.as_bytes().to_vec(),
    };
    signatures.iter().map(to_wire).collect()
}

impl Wire for SignedTransaction {
    type Message = wire::SignedTransaction;

    /// The transaction, and 64 kB for signatures.
    const BYTES_MAX: usize = Transaction::BYTES_MAX.saturating_add(65_536);

    fn to_wire(&self) -> wire::SignedTransaction {
        wire::SignedTransaction {
            transaction: self.transaction.encode(),
            signatures: signatures_to_wire(&self.signatures),
        }
    }

    fn from_wire(message: wire::SignedTransaction) -> Result<Self, EncodingError> {
        Ok(Self::of_message(message)?.0)
    }
}

/// A state with what the ledger knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedState {
    /// Where it was created.
    pub reference: StateRef,
    /// Its content.
    pub state: Arc<State>,
    /// The claims it holds.
    pub claims: Vec<ClaimKey>,
}

/// A transaction whose inputs and references are at hand: all that contracts see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerTransaction {
    /// The id.
    pub id: TransactionId,
    /// The transaction.
    pub transaction: Transaction,
    /// Consumed states, in the order of `transaction.inputs`.
    pub inputs: Vec<ResolvedState>,
    /// Read states, in the order of `transaction.references`.
    pub references: Vec<ResolvedState>,
}

#[cfg(test)]
impl Transaction {
    /// The same by another submitter: for tests of what is refused.
    pub(crate) fn submit_as(&mut self, submitter: Address) {
        self.submitter = submitter;
        self.command_id = self.command_id.as_of(&submitter);
    }
}

impl LedgerTransaction {
    /// The command for a contract of this name, any version.
    pub fn command(&self, contract: &str) -> Option<&Command> {
        self.transaction.command(contract)
    }

    /// Consumed states of a contract and kind.
    pub fn inputs_of<'s>(&'s self, contract: &'s str, kind: &'s str) -> impl Iterator<Item = &'s ResolvedState> {
        self.inputs.iter().filter(move |input| input.state.is(contract, kind))
    }

    /// Created states of a contract and kind, with their place.
    pub fn outputs_of<'s>(&'s self, contract: &'s str, kind: &'s str) -> impl Iterator<Item = (u32, &'s State)> {
        (0u32..).zip(&self.transaction.outputs).filter(move |(_, state)| state.is(contract, kind))
    }

    /// Unspent states that are read, of a contract and kind.
    pub fn current_references_of<'s>(
        &'s self,
        contract: &'s str,
        kind: &'s str,
    ) -> impl Iterator<Item = &'s ResolvedState> {
        let current = |reference: &Reference| reference.kind == ReferenceKind::Current;
        self.references
            .iter()
            .zip(&self.transaction.references)
            .filter(move |(resolved, reference)| current(reference) && resolved.state.is(contract, kind))
            .map(|(resolved, _)| resolved)
    }
}
