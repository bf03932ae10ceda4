//! Writing what is kept of a chain: part by part, each under a short look at memory and a few of them in a database transaction,
//! so that neither submissions nor other chains' commits wait for the whole.

use std::sync::Arc;

use ledger_core::ledger::present::{PART_BYTES, Packer, Part, Place};
use ledger_core::{BlockHash, CommandId, ContractId, Digest, Ledger};

use super::{APPENDED, Head, Kind, Mark, Run, hash_of};
use crate::error::ChainError;
use crate::holdings::{Holdings, Packing};
use crate::hosted::{Fold, HostedChain};
use crate::node::Shared;
use crate::replay;
use crate::storage::entity::chain_present;
use crate::storage::{Connection, WriteTransaction, block_store, part_store, signed, unsigned};

/// Bytes of parts that one database transaction writes, about: the next commit waits no longer than that takes.
const TRANSACTION_BYTES: usize = 1 << 20;

/// After so many bytes a word is said on how far the writing is.
const TOLD_EVERY_BYTES: usize = 64 << 20;

/// Commands read per statement, and written per part.
const COMMANDS_PER_PART: u64 = 4_096;

/// Bytes of a fold.
const FOLD_BYTES: usize = 16;

/// What holds of the whole at one moment. As long as it does, parts fit each other.
struct Moment {
    height: u64,
    block: BlockHash,
    state_root: Digest,
    states: u64,
    unspent: u64,
    commands: u64,
    /// Journal entries that blocks have folded.
    folded: u64,
    /// Folds since the mark.
    folds: Vec<Fold>,
    contracts: Vec<ContractId>,
    waiting: Vec<u8>,
}

impl Moment {
    fn of(hosted: &HostedChain, mark: &Mark) -> Self {
        hosted.whole(|ledger, holdings, waiting, folds| Self {
            height: ledger.height(),
            block: ledger.tip(),
            state_root: ledger.state_root(),
            states: holdings.states(),
            unspent: holdings.unspent(),
            commands: ledger.commands_count(),
            folded: folds.last().map_or(0, |fold| fold.until),
            folds: folds.iter().copied().filter(|fold| fold.height > mark.height).collect(),
            contracts: holdings.contracts().to_vec(),
            waiting: waiting.kept(),
        })
    }

    fn holds(&self, ledger: &Ledger, holdings: &Holdings) -> bool {
        (ledger.height(), holdings.states(), holdings.unspent()) == (self.height, self.states, self.unspent)
    }
}

/// A writing under way.
struct Writing<'w> {
    shared: &'w Shared,
    hosted: &'w HostedChain,
    moment: Moment,
    /// Where the last one ended, and where this one ends.
    before: &'w Mark,
    mark: Mark,
    changing: Run,
    /// The part of those that change which was put last.
    last: Option<(Kind, u32)>,
    rows: Vec<chain_present::Model>,
    bytes: usize,
    /// Written in all, and when a word was said on it last.
    bytes_written: usize,
    bytes_told: usize,
    is_begun: bool,
}

/// Writes what is kept of a chain; false where that is up to date, or where the chain moves on meanwhile. What was kept
/// before counts until the whole is written.
///
/// # Errors
/// The database failed, or has other transactions or journal entries than memory.
pub(crate) async fn write(shared: &Shared, hosted: &Arc<HostedChain>) -> Result<bool, ChainError> {
    let mut mark = hosted.present.lock().await;
    // Whoever closes it waits until this is done, or closes it before this begins.
    let Some(_hold) = hosted.hold() else { return Ok(false) };
    let moment = Moment::of(hosted, &mark);
    if moment.height <= mark.height {
        return Ok(false);
    }
    let Some(mut writing) = written(shared, hosted, moment, &mark).await? else { return Ok(false) };
    let done = writing.set_head().await?;
    if done {
        *mark = writing.mark;
    }
    Ok(done)
}

/// All parts but the head; none where the chain moves on meanwhile.
async fn written<'w>(
    shared: &'w Shared,
    hosted: &'w HostedChain,
    moment: Moment,
    before: &'w Mark,
) -> Result<Option<Writing<'w>>, ChainError> {
    let (height, states, commands) = (moment.height, moment.states, moment.commands);
    let mark = Mark { height, states, commands, ..before.clone() };
    let (changing, rows) = (Run::default(), Vec::new());
    let mut writing = Writing {
        shared,
        hosted,
        moment,
        before,
        mark,
        changing,
        last: None,
        rows,
        bytes: 0,
        bytes_written: 0,
        bytes_told: 0,
        is_begun: false,
    };
    let is_whole = writing.is_last_block(shared.database.read()).await?
        && writing.put_blocks().await?
        && writing.put_commands().await?
        && writing.put_folds().await?
        && writing.put_ledger().await?
        && writing.put_owners().await?
        && writing.put_states(Packing::Plain).await?
        && writing.put_states(Packing::Kept).await?;
    if !is_whole {
        return Ok(None);
    }
    let waiting = std::mem::take(&mut writing.moment.waiting);
    writing.put(Kind::Waiting, waiting).await?;
    writing.mark.journal = replay::journal_up_to(shared, hosted, before.journal.clone(), writing.moment.folded).await?;
    Ok(Some(writing))
}

/// As [`write`], but for the head: what a crash before the last transaction leaves.
#[cfg(test)]
pub(crate) async fn write_parts_alone(shared: &Shared, hosted: &Arc<HostedChain>) -> Result<bool, ChainError> {
    let mark = hosted.present.lock().await;
    let moment = Moment::of(hosted, &mark);
    let Some(mut writing) = written(shared, hosted, moment, &mark).await? else { return Ok(false) };
    let transaction = shared.database.begin_write().await?;
    writing.flush(&transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

impl Writing<'_> {
    /// Looks at memory for a part, while it is what it was; none where it is not.
    fn look<R>(&self, look: impl FnOnce(&Ledger, &Holdings) -> R) -> Option<R> {
        // In the order in which a block is taken over.
        let holdings = self.hosted.holdings();
        let ledger = self.hosted.ledger();
        self.moment.holds(&ledger, &holdings).then(|| look(&ledger, &holdings))
    }

    async fn put_blocks(&mut self) -> Result<bool, ChainError> {
        let mut above = self.before.height;
        loop {
            let Some(next) = self.look(|ledger, _| ledger.blocks_part(above)) else { return Ok(false) };
            let Some((part, until)) = next else { return Ok(true) };
            self.put_section(part).await?;
            above = until;
        }
    }

    /// In the order of their acceptance, which the table has and memory does not; each is held against memory.
    async fn put_commands(&mut self) -> Result<bool, ChainError> {
        let until = signed("block", "height", self.moment.height)?;
        let mut behind = (signed("block", "height", self.before.height)?, i64::MAX);
        let mut count = self.before.commands;
        loop {
            let read = self.shared.database.read();
            let limit = (until, COMMANDS_PER_PART);
            let rows = block_store::commands_behind(read, self.hosted.number, behind, limit).await?;
            let Some((height, position, _)) = rows.last() else { break };
            behind = (*height, *position);
            let commands = rows.iter().map(|(.., command)| CommandId::try_from(command.as_slice()));
            let commands = commands.collect::<Result<Vec<_>, _>>()?;
            count = count.saturating_add(u64::try_from(commands.len()).unwrap_or(u64::MAX));
            let Some(part) = self.look(|ledger, _| ledger.commands_part(&commands)) else { return Ok(false) };
            self.put_section(part.ok_or_else(|| self.other_commands())?).await?;
        }
        if count == self.moment.commands { Ok(true) } else { Err(self.other_commands()) }
    }

    fn other_commands(&self) -> ChainError {
        self.hosted
            .broken(self.moment.height, &"the table of transactions has other commands than memory; run hive audit")
    }

    async fn put_folds(&mut self) -> Result<bool, ChainError> {
        for folds in std::mem::take(&mut self.moment.folds).chunks(PART_BYTES / FOLD_BYTES) {
            let mut packer = Packer::default();
            for fold in folds {
                packer.number(fold.until);
                packer.number(fold.height);
            }
            self.put(Kind::Folds, packer.into_bytes()).await?;
        }
        Ok(true)
    }

    async fn put_ledger(&mut self) -> Result<bool, ChainError> {
        let mut place = Place::default();
        loop {
            let next = self.look(|ledger, holdings| ledger.part(&mut place, |state| holdings.is_plain(state)));
            let Some(next) = next else { return Ok(false) };
            let Some(part) = next else { return Ok(true) };
            self.put_section(part).await?;
        }
    }

    async fn put_owners(&mut self) -> Result<bool, ChainError> {
        let mut place = 0;
        loop {
            let Some(next) = self.look(|_, holdings| holdings.owners_part(place)) else { return Ok(false) };
            let Some((bytes, behind)) = next else { return Ok(true) };
            self.put(Kind::Owners, bytes).await?;
            place = behind;
        }
    }

    async fn put_states(&mut self, packing: Packing) -> Result<bool, ChainError> {
        let kind = if packing == Packing::Plain { Kind::Plain } else { Kind::Holdings };
        let mut place = 0;
        loop {
            let part = |ledger: &Ledger, holdings: &Holdings| {
                holdings.states_part(packing, place, |state| ledger.digest(state))
            };
            let Some(next) = self.look(part) else { return Ok(false) };
            let missing = |state| self.hosted.broken(self.moment.height, &format!("{state} is not in the state map"));
            let Some((bytes, behind)) = next.map_err(missing)? else { return Ok(true) };
            if !bytes.is_empty() {
                self.put(kind, bytes).await?;
            }
            place = behind;
        }
    }

    async fn put_section(&mut self, part: Part) -> Result<(), ChainError> {
        self.put(Kind::Ledger(part.section), part.bytes).await
    }

    /// Takes a part up, and writes what has gathered once that is enough for a transaction.
    async fn put(&mut self, kind: Kind, bytes: Vec<u8>) -> Result<(), ChainError> {
        let hash = hash_of(&bytes);
        let place = APPENDED.iter().position(|appended| *appended == kind);
        let (generation, ordinal) = match place.and_then(|place| self.mark.appended.get_mut(place)) {
            Some(run) => {
                let ordinal = run.parts;
                *run = run.with(kind, ordinal, &hash);
                (0, ordinal)
            }
            None => {
                let of_kind = self.last.filter(|(last, _)| *last == kind);
                let ordinal = of_kind.map_or(0, |(_, ordinal)| ordinal.saturating_add(1));
                self.last = Some((kind, ordinal));
                self.changing = self.changing.with(kind, ordinal, &hash);
                (self.generation()?, ordinal)
            }
        };
        self.bytes = self.bytes.saturating_add(bytes.len());
        let (chain_id, kind, ordinal) = (self.hosted.number, kind.number(), i64::from(ordinal));
        self.rows.push(chain_present::Model { chain_id, generation, kind, ordinal, bytes });
        if self.bytes >= TRANSACTION_BYTES {
            let transaction = self.shared.database.begin_write().await?;
            self.flush(&transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    fn generation(&self) -> Result<i64, ChainError> {
        Ok(signed("chain_present", "generation", self.moment.height)?)
    }

    async fn flush(&mut self, transaction: &WriteTransaction) -> Result<(), ChainError> {
        if !self.is_begun && self.before.height == 0 {
            part_store::forget(transaction, self.hosted.number).await?;
        } else if !self.is_begun {
            let of_kind = |(kind, run): (&Kind, &Run)| (kind.number(), i64::from(run.parts));
            let appended: Vec<_> = APPENDED.iter().zip(&self.before.appended).map(of_kind).collect();
            let place = (self.hosted.number, self.generation()?);
            part_store::forget_unfinished(transaction, place, &appended).await?;
        }
        self.is_begun = true;
        self.bytes_written = self.bytes_written.saturating_add(std::mem::take(&mut self.bytes));
        if self.bytes_written.saturating_sub(self.bytes_told) >= TOLD_EVERY_BYTES {
            self.bytes_told = self.bytes_written;
            let (chain, bytes, states) = (self.hosted.id, self.bytes_written, self.moment.unspent);
            tracing::info!(%chain, bytes, states, "keeping the present of a chain");
        }
        Ok(part_store::write(transaction, std::mem::take(&mut self.rows)).await?)
    }

    /// Writes the rest and the head in one transaction, which sees whether the block is still the last one.
    async fn set_head(&mut self) -> Result<bool, ChainError> {
        let (hosted, moment, mark) = (self.hosted, &self.moment, &self.mark);
        let head = Head {
            chain: hosted.id,
            height: moment.height,
            block: moment.block,
            state_root: moment.state_root,
            changing: self.changing,
            appended: mark.appended,
            states: moment.states,
            unspent: moment.unspent,
            commands: moment.commands,
            bytes: self.shared.meter.bytes_of(hosted.number),
            contracts: moment.contracts.clone(),
            journal: mark.journal.clone(),
        };
        let bytes = head.attested(&self.shared.attestor);
        let transaction = self.shared.database.begin_write().await?;
        self.flush(&transaction).await?;
        let is_now = Moment::of(hosted, self.before);
        let is_same = (is_now.height, is_now.states, is_now.unspent, is_now.state_root)
            == (head.height, head.states, head.unspent, head.state_root);
        if !is_same || !self.is_last_block(transaction.orm()).await? {
            return Ok(false);
        }
        part_store::set_head(&transaction, (hosted.number, self.generation()?), bytes).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The database has the block that memory stands behind, and none above: nothing is under way.
    async fn is_last_block(&self, connection: &impl Connection) -> Result<bool, ChainError> {
        let Some(tip) = block_store::tip(connection, self.hosted.number).await? else { return Ok(false) };
        let height: u64 = unsigned("block", "height", tip.height)?;
        Ok(height == self.moment.height && tip.hash == self.moment.block.as_bytes())
    }
}
