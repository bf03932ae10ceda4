//! Rebuilds a chain's present from its stored blocks: hash chain, seals and conditions are checked again on the way.

mod rows;

use std::sync::Arc;

use ledger_core::Block;
use ledger_core::verify::{self, Depth, VerifiedBlock};
use tokio::runtime::Handle;

use crate::error::ChainError;
use crate::fault::{self, Point};
use crate::hosted::{HostedChain, decode_block};
use crate::journal::JournalTip;
use crate::node::Shared;
use crate::past::Past;
use crate::storage::{block_store, journal_store, signed, unsigned};

/// Journal entries read per statement.
const ENTRIES_PER_PAGE: u64 = 1_000;

/// Replays a chain from where it is in memory to its tip in the database.
pub(crate) async fn chain(shared: &Arc<Shared>, hosted: &Arc<HostedChain>) -> Result<(), ChainError> {
    let mut height = signed("block", "height", hosted.ledger().height())?;
    let mut given = rows::Given::by(hosted)?;
    loop {
        let rows = block_store::blocks_after(shared.database.read(), hosted.number, height).await?;
        fault::point(Point::ReplayPage)?;
        let Some(last) = rows.last() else {
            if given.is_stored(shared, hosted).await? {
                return Ok(());
            }
            continue;
        };
        height = last.height;
        let mut blocks = Vec::with_capacity(rows.len());
        for row in &rows {
            let stored_height = unsigned("block", "height", row.height)?;
            let block = decode_block(&row.bytes).map_err(|error| hosted.broken(stored_height, &error))?;
            if block.header.height != stored_height {
                return Err(hosted.broken(stored_height, &"the block is another height's"));
            }
            given.add(&block);
            blocks.push(block);
        }
        let (shared, hosted, runtime) = (Arc::clone(shared), Arc::clone(hosted), Handle::current());
        let page = tokio::task::spawn_blocking(move || page(&shared, &hosted, &blocks, &runtime));
        page.await.map_err(|error| ChainError::Stopped(format!("replay did not finish: {error}")))??;
    }
}

/// Makes a chain in memory what the database has of it, which may be less or more; answers with its journal's tip.
pub(crate) async fn again(shared: &Arc<Shared>, hosted: &Arc<HostedChain>) -> Result<JournalTip, ChainError> {
    let (height, tip) = {
        let ledger = hosted.ledger();
        (ledger.height(), ledger.tip())
    };
    let stored = block_store::block(shared.database.read(), hosted.number, signed("block", "height", height)?).await?;
    if height == 0 || stored.is_some_and(|row| row.hash == tip.as_bytes()) {
        chain(shared, hosted).await?;
        hosted.let_go_of_plain();
        hosted.is_certain();
    } else {
        let anew = HostedChain::new(hosted.number, hosted.genesis.clone(), &shared.contracts)?;
        let anew = Arc::new(anew.with_directory(hosted.directory.clone()));
        chain(shared, &anew).await?;
        anew.let_go_of_plain();
        let anew =
            Arc::into_inner(anew).ok_or_else(|| hosted.broken(height, &"its memory is read by somebody else"))?;
        hosted.take_from(anew);
    }
    journal(shared, hosted).await
}

fn page(shared: &Shared, hosted: &HostedChain, blocks: &[Block], runtime: &Handle) -> Result<(), ChainError> {
    for block in blocks {
        let verified = one(shared, hosted, block, runtime, Depth::Sealed)?;
        let transactions: Vec<_> = verified.transactions().iter().map(|transaction| transaction.ledger()).collect();
        let change = hosted.holdings().prepare(&transactions, &shared.contracts);
        let change = change.map_err(|input| hosted.broken(block.header.height, &input))?;
        hosted.apply_whole(&verified, change)?;
        shared.meter.read_in(hosted.number, &verified);
    }
    Ok(())
}

/// Verifies one stored block against the chain before it. Runs on a blocking thread.
pub(crate) fn one(
    shared: &Shared,
    hosted: &HostedChain,
    block: &Block,
    runtime: &Handle,
    depth: Depth,
) -> Result<VerifiedBlock, ChainError> {
    let past = Past::new(shared, hosted, runtime.clone()).uncounted();
    let replayed = verify::replay_by(block, &hosted.ledger(), &past, shared.rules(), depth, &shared.threads);
    replayed.map_err(|error| hosted.broken(block.header.height, &error))
}

/// Reads the chain's journal, checking hashes and seals, up to the entries that no block has folded.
pub(crate) async fn journal(shared: &Shared, hosted: &HostedChain) -> Result<JournalTip, ChainError> {
    journal_behind(shared, hosted, JournalTip::new(hosted.id)).await
}

/// As [`journal`], behind entries that blocks have folded and that were checked before.
pub(crate) async fn journal_behind(
    shared: &Shared,
    hosted: &HostedChain,
    tip: JournalTip,
) -> Result<JournalTip, ChainError> {
    let folded = hosted.entries_folded().saturating_sub(tip.last().0.0);
    let mut tip = entries(shared, hosted, tip, u64::MAX).await?;
    tip.fold(usize::try_from(folded).unwrap_or(usize::MAX));
    Ok(tip)
}

/// Reads a journal that blocks have folded so far on, behind entries that were checked before.
pub(crate) async fn journal_up_to(
    shared: &Shared,
    hosted: &HostedChain,
    tip: JournalTip,
    folded: u64,
) -> Result<JournalTip, ChainError> {
    let mut tip = entries(shared, hosted, tip, folded).await?;
    tip.fold(usize::MAX);
    let ((number, _), ..) = tip.last();
    if number != folded {
        return Err(hosted.broken(hosted.ledger().height(), &format!("journal entry {folded} is missing")));
    }
    Ok(tip)
}

async fn entries(
    shared: &Shared,
    hosted: &HostedChain,
    mut tip: JournalTip,
    until: u64,
) -> Result<JournalTip, ChainError> {
    let mut number = signed("journal_entry", "number", tip.last().0.0)?;
    let until = i64::try_from(until).unwrap_or(i64::MAX);
    loop {
        let rows =
            journal_store::entries_after(shared.database.read(), hosted.number, number, ENTRIES_PER_PAGE).await?;
        let Some(last) = rows.last() else { return Ok(tip) };
        number = last.number;
        for row in &rows {
            if row.number > until {
                return Ok(tip);
            }
            tip.append_row(row, &shared.journal_key)
                .map_err(|error| hosted.broken(hosted.ledger().height(), &error))?;
        }
    }
}
