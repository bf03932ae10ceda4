//! What a chain learns of its directory: a party's record, proved to stand in a block that the directory's recorder sealed.

use crate::condition::Condition;
use crate::date::Date;
use crate::disclosure::{Disclosure, DisclosureError, Selection};
use crate::encoding::{EncodingError, Wire, required};
use crate::error::rule;
use crate::genesis::Directory;
use crate::hash::{Domain, hash};
use crate::id::{Address, BlockHash, ChainId, CommandId, ContractId, StateRef, TransactionId};
use crate::party::PartyRecord;
use crate::proof::InclusionProof;
use crate::state::State;
use crate::transaction::component::place_of_output;
use crate::transaction::{
    Anchor, Command, LedgerTransaction, TimeWindow, Transaction, TransactionBuilder, TransactionFrame,
};
use crate::wire;

use super::{LEARN, NAME, PartyError, RECORD, read, record_state};

/// Time windows of learn transactions begin at multiples of this and last twice as long, 15 days in milliseconds.
const WINDOW_STEP_MS: u64 = TimeWindow::LONGEST_MS / 2;

/// A party's record with the directory's proof: the arguments of [`LEARN`].
#[derive(Clone, Debug, PartialEq)]
pub struct Learn {
    /// The directory that proves it.
    pub directory: Directory,
    /// Shows the record as an output of a transaction of the directory; without the directory's genesis.
    pub proof: Disclosure,
}

/// A record as the directory proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedRecord {
    /// The record.
    pub record: PartyRecord,
    /// The directory's transaction that set it.
    pub transaction: TransactionId,
    /// Salt of the component that shows it.
    salt: [u8; 32],
}

impl Learn {
    /// Shows an output of a transaction that the directory includes, and nothing else of it.
    ///
    /// # Errors
    /// The inclusion proof does not hold, or there is no such output.
    pub fn of(proof: &InclusionProof, output: u32) -> Result<Self, DisclosureError> {
        let place = place_of_output(&proof.transaction.transaction, output);
        let selection = Selection { components: [place].into(), ..Selection::default() };
        let directory = Directory { chain: proof.genesis.chain_id(), recorder: proof.genesis.recorder };
        Ok(Self { directory, proof: Disclosure::of(proof, &selection)?.without_genesis() })
    }

    /// Checks the proof against the directory's chain and key, and reads the record.
    ///
    /// # Errors
    /// The proof does not hold, or shows something else.
    pub fn proved(&self) -> Result<ProvedRecord, PartyError> {
        rule(!self.proof.carries_genesis(), || PartyError::ProofCarriesGenesis)?;
        let disclosed = self.proof.verify_under(&self.directory.chain, &self.directory.recorder)?;
        let [shown] = disclosed.components.as_slice() else { return Err(PartyError::ProofShowsNoRecord) };
        let state = whole_output(shown)?;
        if !state.is(NAME, RECORD) {
            return Err(PartyError::ProofShowsNoRecord);
        }
        let salt = shown.salt.as_slice().try_into().map_err(|_| PartyError::ProofShowsNoRecord)?;
        Ok(ProvedRecord { record: read(&state)?, transaction: disclosed.included.transaction, salt })
    }

    /// The unsigned transaction that sets the record on a chain, its claims not yet filled in; it may stand in a block of
    /// the time `now_ms`, milliseconds UTC, and for 15 days at least.
    ///
    /// # Errors
    /// The proof does not hold, or the time is out of range.
    pub fn transaction(
        &self,
        chain: &ChainId,
        replaced: Option<StateRef>,
        now_ms: u64,
    ) -> Result<Transaction, PartyError> {
        let ProvedRecord { record, transaction, salt } = self.proved()?;
        let from_ms = now_ms.saturating_sub(now_ms.checked_rem(WINDOW_STEP_MS).unwrap_or_default());
        let parts: [&[u8]; 4] =
            [chain.as_bytes(), self.directory.chain.as_bytes(), transaction.as_bytes(), salt.as_slice()];
        let builder = TransactionBuilder::new(TransactionFrame {
            chain: *chain,
            salt: hash(Domain::LearnSalt, &parts),
            submitter: Address::NOBODY,
            command_id: CommandId::derive(chain, &Address::NOBODY, &step(&record)),
            time_window: TimeWindow { from_ms, until_ms: from_ms.saturating_add(TimeWindow::LONGEST_MS) },
            effective_on: Date::of_ms(from_ms)?,
            anchor: Anchor { height: 0, block: BlockHash::from_bytes(*chain.as_bytes()) },
        });
        let builder = replaced.into_iter().fold(builder, TransactionBuilder::input);
        let builder = builder.output(record_state(&record));
        Ok(builder.command(ContractId::built_in(NAME), LEARN, &self.to_wire()).build())
    }
}

/// The intention from which the command id follows: one record of one version is learned once.
pub(super) fn step(record: &PartyRecord) -> String {
    format!("{NAME}/{LEARN} {} {}", record.address, record.version)
}

/// The directory is the chain's own, as far as the block has seen it, and what it says is news.
pub(super) fn conditions(command: &Command) -> Result<Vec<Condition>, PartyError> {
    let Learn { directory, proof } = Learn::from_wire(command.message()?)?;
    let header = proof.header()?;
    let record = proof.shown().first().map(whole_output).transpose()?.map(|state| read(&state)).transpose()?;
    let record = record.ok_or(PartyError::ProofShowsNoRecord)?;
    Ok(vec![
        Condition::DirectoryReaches { directory, height: header.height, block: header.hash() },
        Condition::PartyIsBehind(record.address, record.version),
    ])
}

/// Nothing of the transaction is anybody's choice: it is compared with the one that follows from its proof.
pub(super) fn follows_from_its_proof(transaction: &LedgerTransaction, command: &Command) -> Result<(), PartyError> {
    let learn = Learn::from_wire(command.message()?)?;
    let replaced: Vec<_> = transaction.inputs_of(NAME, RECORD).collect();
    let address = learn.proved()?.record.address;
    for input in &replaced {
        if read(&input.state)?.address != address {
            return Err(PartyError::IdentityChanged { address });
        }
    }
    let given = &transaction.transaction;
    let replaced = replaced.first().map(|input| input.reference);
    let expected = learn.transaction(&given.chain, replaced, given.time_window.from_ms)?;
    let expected = Transaction { claims: given.claims.clone(), ..expected };
    if *given == expected { Ok(()) } else { Err(PartyError::LearnDiffers) }
}

/// The output that a component shows with all its fields.
fn whole_output(shown: &wire::ShownComponent) -> Result<State, PartyError> {
    let Some(wire::shown_component::Content::State(part)) = &shown.content else {
        return Err(PartyError::ProofShowsNoRecord);
    };
    if u32::try_from(part.fields.len()) != Ok(part.field_count) {
        return Err(PartyError::ProofShowsNoRecord);
    }
    let frame: wire::State = crate::encoding::decode_message(&part.frame)?;
    let data = part.fields.iter().flat_map(|field| field.record.clone()).collect();
    Ok(State::from_wire(wire::State { data, ..frame })?)
}

impl Wire for Learn {
    type Message = wire::PartyLearn;

    fn to_wire(&self) -> wire::PartyLearn {
        wire::PartyLearn {
            directory: self.directory.chain.to_vec(),
            recorder: self.directory.recorder.as_bytes().to_vec(),
            proof: Some(self.proof.to_wire()),
        }
    }

    fn from_wire(message: wire::PartyLearn) -> Result<Self, EncodingError> {
        let directory = wire::Directory { chain: message.directory, recorder: message.recorder };
        let proof = Disclosure::from_wire(required(message.proof, "learn.proof")?)?;
        Ok(Self { directory: Directory::from_wire(directory)?, proof })
    }
}
