//! Reading what is kept of a chain: everything is held against the head and the head against the blocks, and nothing is
//! believed that does not fit.

use ledger_core::contract::netting_round;
use ledger_core::ledger::present::{Part, PresentError, Restore, Unpacker};
use ledger_core::verify::Workers;
use ledger_core::{ChainId, Ledger, SignedTransaction, Transaction, TransactionId};
use thiserror::Error;

use super::{APPENDED, Head, Kind, Mark, Run, hash_of};
use crate::error::ChainError;
use crate::executor::threads::Threads;
use crate::holdings::{Holdings, PackedHolding, Packing, RestoredHoldings};
use crate::hosted::{Fold, HostedChain, decode_block};
use crate::storage::entity::chain_present;
use crate::storage::{Connection, StorageError, block_store, part_store, signed};
use crate::waiting::{Kept, Waiting};

/// A chain of so few states and commands is read by one thread: to begin others takes longer.
const ALONE_MAX: u64 = 4_096;

/// Why what is kept of a chain is not used.
#[derive(Debug, Error)]
pub(crate) enum Ignored {
    #[error("the kept present is of form {format}, and this release reads form {form}; it is written anew", form = super::FORMAT)]
    Format { format: u32 },
    #[error("the kept present is not attested by the chain's recorder; it is written anew")]
    NotAttested,
    #[error("the kept present is of chain {chain}; it is written anew")]
    Foreign { chain: ChainId },
    #[error("the block of height {height} that the kept present names is not the stored one")]
    BlockDiffers { height: u64 },
    #[error("the block above the kept present carries another state root")]
    NextDiffers,
    #[error("parts of the kept present are missing, damaged or too many; it is written anew")]
    PartsDiffer,
    #[error("the {field} of the kept present is not what its head says")]
    HeadDiffers { field: &'static str },
    #[error("the {field} of the kept present is not what the blocks give")]
    Differs { field: &'static str },
    #[error(transparent)]
    Parts(#[from] PresentError),
    #[error(transparent)]
    Unreadable(#[from] ChainError),
}

ledger_core::codes!(Ignored {
    Format => "PRESENT_FORMAT_OTHER",
    NotAttested => "PRESENT_NOT_ATTESTED",
    Foreign => "PRESENT_FOREIGN",
    BlockDiffers => "PRESENT_BLOCK_DIFFERS",
    NextDiffers => "PRESENT_NEXT_DIFFERS",
    PartsDiffer => "PRESENT_PARTS_DIFFER",
    HeadDiffers => "PRESENT_HEAD_DIFFERS",
    Differs => "PRESENT_DIFFERS",
} inner { Parts, Unreadable });

impl From<StorageError> for Ignored {
    fn from(error: StorageError) -> Self {
        Self::Unreadable(error.into())
    }
}

/// A chain's memory as it was kept.
pub(crate) struct Restored {
    pub(crate) ledger: Ledger,
    pub(crate) holdings: Holdings,
    pub(crate) waiting: Waiting,
    pub(crate) folds: Vec<Fold>,
    pub(crate) mark: Mark,
    /// Of the transactions in all blocks.
    pub(crate) bytes: u64,
}

/// What is kept of a chain, of which `fresh` is the memory right after its genesis; none where nothing is.
pub(crate) async fn read(
    connection: &impl Connection,
    fresh: &HostedChain,
    threads: &Threads,
) -> Result<Option<Restored>, Ignored> {
    let Some(row) = part_store::head(connection, fresh.number).await? else { return Ok(None) };
    let head = Head::read(&row, fresh.id, &fresh.genesis.recorder)?;
    stands_on_its_block(connection, fresh.number, &head).await?;
    let is_small = head.unspent.saturating_add(head.commands) <= ALONE_MAX;
    let threads = if is_small { Threads::new(1) } else { threads.clone() };
    let generation = signed("chain_present", "generation", head.height)?;
    let place = (fresh.number, generation);
    let mut reading = Reading::new(fresh.ledger().clone(), head);
    let mut rows = part_store::parts_behind(connection, place, None).await?;
    // The next parts are read while the last ones are decoded.
    while let Some(last) = rows.last() {
        let last = chain_present::Model { bytes: Vec::new(), ..last.clone() };
        let workers = threads.clone();
        let taken = tokio::task::spawn_blocking(move || reading.taking(rows, &workers));
        let (taken, next) = tokio::join!(taken, part_store::parts_behind(connection, place, Some(&last)));
        reading = taken.map_err(cut_short)??;
        rows = next?;
    }
    let finished = tokio::task::spawn_blocking(move || reading.finish(&threads)).await;
    let (mut restored, kept) = finished.map_err(cut_short)??;
    let mut books = Vec::with_capacity(kept.rounds.len());
    for (_, made_of) in &kept.rounds {
        books.push(transactions(connection, fresh, made_of).await?);
    }
    let states = restored.ledger.unspent_states().map(|(place, unspent)| (place, unspent.state.as_ref()));
    restored.waiting = Waiting::restored(&states.collect::<Vec<_>>(), kept, &books)?;
    Ok(Some(restored))
}

fn cut_short(error: tokio::task::JoinError) -> Ignored {
    Ignored::Unreadable(ChainError::Stopped(format!("reading did not finish: {error}")))
}

/// The head's block is the stored one, and what stands above it was made after the same state.
async fn stands_on_its_block(connection: &impl Connection, number: i64, head: &Head) -> Result<(), Ignored> {
    let height = signed("block", "height", head.height)?;
    let differs = || Ignored::BlockDiffers { height: head.height };
    let row = block_store::block(connection, number, height).await?.ok_or_else(differs)?;
    if row.hash != head.block.as_bytes() || decode_block(&row.bytes)?.header.hash() != head.block {
        return Err(differs());
    }
    match block_store::block(connection, number, height.saturating_add(1)).await? {
        // One that cannot be read is the replay's to tell of.
        Some(next) => match decode_block(&next.bytes) {
            Ok(next) if next.header.state_root != head.state_root => Err(Ignored::NextDiffers),
            _ => Ok(()),
        },
        None => Ok(()),
    }
}

/// Transactions of a netting round, from their blocks.
async fn transactions(
    connection: &impl Connection,
    chain: &HostedChain,
    ids: &[TransactionId],
) -> Result<Vec<(TransactionId, Transaction)>, Ignored> {
    let unfit = || PresentError::Unfit { part: netting_round::NAME, field: "transaction" };
    let mut transactions = Vec::with_capacity(ids.len());
    for id in ids {
        let place = block_store::by_transaction_id(connection, chain.number, id.as_bytes()).await?;
        let place = place.ok_or_else(unfit)?;
        let row = block_store::block(connection, chain.number, place.height).await?.ok_or_else(unfit)?;
        let block = decode_block(&row.bytes)?;
        let bytes = usize::try_from(place.position).ok().and_then(|position| block.transactions.get(position));
        let signed = SignedTransaction::decode(bytes.ok_or_else(unfit)?).map_err(PresentError::from)?;
        if signed.transaction.id().map_err(PresentError::from)? != *id {
            return Err(unfit().into());
        }
        transactions.push((*id, signed.transaction));
    }
    Ok(transactions)
}

/// A reading under way.
struct Reading {
    head: Head,
    ledger: Restore,
    holdings: RestoredHoldings,
    folds: Vec<Fold>,
    kept: Option<Kept>,
    changing: Run,
    appended: [Run; APPENDED.len()],
}

/// A part with what can be worked out of it alone.
struct Worked {
    kind: Kind,
    row: chain_present::Model,
    hash: ledger_core::Digest,
    records: Result<Vec<PackedHolding>, PresentError>,
}

impl Worked {
    fn of((kind, row): (Kind, chain_present::Model)) -> Self {
        let hash = hash_of(&row.bytes);
        let records = packing(kind).map_or(Ok(Vec::new()), |packing| packing.read(&row.bytes));
        Self { kind, row, hash, records }
    }
}

fn packing(kind: Kind) -> Option<Packing> {
    match kind {
        Kind::Plain => Some(Packing::Plain),
        Kind::Holdings => Some(Packing::Kept),
        _ => None,
    }
}

impl Reading {
    fn new(genesis: Ledger, head: Head) -> Self {
        Self {
            ledger: Restore::new(genesis),
            holdings: RestoredHoldings::new(head.states, head.unspent, head.contracts.clone()),
            folds: Vec::new(),
            kept: None,
            changing: Run::default(),
            appended: [Run::default(); APPENDED.len()],
            head,
        }
    }

    fn taking(mut self, rows: Vec<chain_present::Model>, threads: &Threads) -> Result<Self, Ignored> {
        let mut parts = Vec::with_capacity(rows.len());
        for row in rows {
            let kind = Kind::of(row.kind).ok_or(Ignored::PartsDiffer)?;
            // What was appended behind the head was cut off, and counts for nothing.
            let run = APPENDED.iter().zip(&self.head.appended).find(|(appended, _)| **appended == kind);
            if run.is_none_or(|(_, run)| row.ordinal < i64::from(run.parts)) {
                parts.push((kind, row));
            }
        }
        let (mut sections, mut elsewhere) = (Vec::new(), Vec::new());
        for Worked { kind, row, hash, records } in threads.map(parts, Worked::of) {
            let ordinal = u32::try_from(row.ordinal).map_err(|_| Ignored::PartsDiffer)?;
            let place = APPENDED.iter().position(|appended| *appended == kind);
            let run = place.and_then(|place| self.appended.get_mut(place)).unwrap_or(&mut self.changing);
            *run = run.with(kind, ordinal, &hash);
            match kind {
                Kind::Ledger(section) => sections.push(Part { section, bytes: row.bytes }),
                Kind::Owners => self.holdings.take_owners(&row.bytes)?,
                Kind::Plain => {
                    let records = records?;
                    elsewhere.extend(records.iter().map(|record| (record.reference, record.digest)));
                    self.holdings.take(Packing::Plain, &records)?;
                }
                Kind::Holdings => self.holdings.take(Packing::Kept, &records?)?,
                Kind::Waiting => self.kept = Some(Kept::read(&row.bytes)?),
                Kind::Folds => self.folds.extend(folds(&row.bytes)?),
            }
        }
        self.ledger.take_elsewhere(&elsewhere, threads);
        self.ledger.take(sections, threads)?;
        Ok(self)
    }

    /// All but what the chain waits for, which asks the database once more.
    fn finish(self, threads: &Threads) -> Result<(Restored, Kept), Ignored> {
        let head = self.head;
        if self.changing != head.changing || self.appended != head.appended {
            return Err(Ignored::PartsDiffer);
        }
        let kept = self.kept.ok_or(Ignored::PartsDiffer)?;
        let (ledger, holdings) = (self.ledger.finish(threads)?, self.holdings.finish()?);
        let journal_ends = head.journal.last().0.0;
        let fields = [
            ("height", ledger.height() == head.height),
            ("block", ledger.tip() == head.block),
            ("state root", ledger.state_root() == head.state_root),
            ("number of commands", ledger.commands_count() == head.commands),
            ("number of states", holdings.unspent() == head.unspent),
            ("journal", self.folds.last().map_or(0, |fold| fold.until) == journal_ends),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, agrees)| !agrees) {
            return Err(Ignored::HeadDiffers { field });
        }
        let mark = Mark {
            height: head.height,
            states: head.states,
            commands: head.commands,
            appended: head.appended,
            journal: head.journal,
        };
        let (folds, bytes) = (self.folds, head.bytes);
        Ok((Restored { ledger, holdings, waiting: Waiting::default(), folds, mark, bytes }, kept))
    }
}

fn folds(bytes: &[u8]) -> Result<Vec<Fold>, PresentError> {
    let mut from = Unpacker::new(bytes, "folds");
    let mut folds = Vec::with_capacity(from.left(16));
    while !from.is_done() {
        folds.push(Fold { until: from.number()?, height: from.number()? });
    }
    Ok(folds)
}
