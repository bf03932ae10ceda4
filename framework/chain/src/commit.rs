//! Turns sequenced blocks into rows, projections and events inside one database transaction. The audit writes its shadow with
//! the very same code.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::sequence::SequencedBlock;
use ledger_core::claim::ClaimKind;
use ledger_core::encoding::encode;
use ledger_core::verify::VerifiedTransaction;
use ledger_core::{Block, ContractSet, LedgerTransaction};

use crate::error::ChainError;
use crate::fault::{self, Point};
use crate::holdings::{Holdings, HoldingsChange};
use crate::membership;
use crate::outbox::NewEvent;
use crate::projection::{CommittedBlock, Projection};
use crate::storage::block_store::prefix;
use crate::storage::entity::{block, chain_configuration, claim, committed_transaction, parked_projection, state};
use crate::storage::fold::{self, BlockRows};
use crate::storage::{StorageError, WriteTransaction, signed};
use crate::waiting::Waiting;

/// A block with everything that its commit writes.
pub(crate) struct Prepared {
    pub(crate) chain_number: i64,
    pub(crate) committed: CommittedBlock,
    rows: BlockRows,
}

/// What of a chain in memory a block's rows follow from.
#[derive(Clone, Copy)]
pub(crate) struct Before<'c> {
    pub(crate) holdings: &'c Holdings,
    pub(crate) waiting: &'c Waiting,
}

/// What a commit wrote besides the blocks themselves.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Sequence of the last event.
    pub(crate) last_event: i64,
    /// Projections that failed on a block and stand still from there.
    pub(crate) parked: Vec<parked_projection::Model>,
}

/// Works out the rows of a block, and what it changes of holdings; changes nothing.
pub(crate) fn prepare(
    chain_number: i64,
    sequence: i64,
    sequenced: &SequencedBlock,
    Before { holdings, waiting }: Before<'_>,
    contracts: &ContractSet,
) -> Result<(Prepared, HoldingsChange), ChainError> {
    let block = sequenced.block();
    let transactions: Vec<&LedgerTransaction> =
        sequenced.verified().transactions().iter().map(VerifiedTransaction::ledger).collect();
    let change = holdings.prepare(&transactions, contracts).map_err(|input| ChainError::BrokenHistory {
        chain: block.header.chain,
        height: block.header.height,
        reason: input.to_string(),
    })?;
    let height = signed("block", "height", block.header.height)?;
    let due = |due_ms: Option<u64>| due_ms.map(|due_ms| signed("chain_timer", "due_ms", due_ms)).transpose();
    let (due_before, due_after) = (waiting.deadline(), waiting.deadline_after(&transactions));
    let mut rows = BlockRows {
        parties: membership::rows(chain_number, sequenced.verified().changes()),
        configuration: sequenced.verified().changes().configuration.as_deref().map(|configuration| {
            chain_configuration::Model { chain_id: chain_number, configuration: encode(configuration) }
        }),
        timer: if due_before == due_after { None } else { Some(due(due_after)?) },
        block: block_row(chain_number, sequence, block)?,
        transactions: Vec::with_capacity(transactions.len()),
        states: Vec::with_capacity(change.created.len()),
        claims: Vec::new(),
        spent: change.spent.iter().map(|number| signed("state", "number", *number)).collect::<Result<_, _>>()?,
    };
    let mut created = change.created.iter();
    for (position, transaction) in (0i64..).zip(&transactions) {
        let command_id = &transaction.transaction.command_id;
        rows.transactions.push(committed_transaction::Model {
            chain_id: chain_number,
            height,
            position,
            id: transaction.id.to_vec(),
            id_prefix: prefix(transaction.id.as_bytes()),
            command_id: command_id.to_vec(),
            command_prefix: prefix(command_id.as_bytes()),
        });
        for (output, created) in transaction.transaction.outputs.iter().zip(created.by_ref()) {
            let number = signed("state", "number", created.number)?;
            let amount = created.held.map(|(_, amount)| signed("state", "amount", amount.minor())).transpose()?;
            rows.states.push(state::Model {
                chain_id: chain_number,
                number,
                height,
                position,
                output_index: i64::from(created.reference.index),
                contract: output.contract.to_string(),
                kind: output.kind.clone(),
                owner: output.owner.to_vec(),
                asset: created.held.map(|(asset, _)| asset.to_vec()),
                amount,
                lock_count: i64::try_from(output.locks.len()).unwrap_or(i64::MAX),
                spent_height: None,
            });
            rows.claims.extend(claim_rows(chain_number, number, created.reference.index, transaction));
        }
    }
    let committed = CommittedBlock::new(Arc::clone(sequenced.verified()));
    Ok((Prepared { chain_number, committed, rows }, change))
}

fn block_row(chain_number: i64, sequence: i64, block: &Block) -> Result<block::Model, StorageError> {
    Ok(block::Model {
        chain_id: chain_number,
        height: signed("block", "height", block.header.height)?,
        sequence,
        hash: block.header.hash().to_vec(),
        time_ms: signed("block", "time_ms", block.header.time_ms)?,
        transaction_count: i64::from(block.header.transaction_count),
        journal_count: i64::from(block.header.journal_count),
        bytes: encode(block),
    })
}

fn claim_rows(
    chain_number: i64,
    state_number: i64,
    output: u32,
    transaction: &LedgerTransaction,
) -> impl Iterator<Item = claim::Model> {
    let held = transaction.transaction.claims.iter().filter(move |claim| claim.output == output);
    (0i64..).zip(held).map(move |(ordinal, held)| claim::Model {
        chain_id: chain_number,
        state_number,
        ordinal,
        claim_key: held.key.to_vec(),
        kind: match held.kind {
            ClaimKind::Exclusive => 1,
            ClaimKind::Once => 2,
        },
    })
}

/// Writes blocks of any chains, folds projections, and numbers their events behind `last_event`.
pub(crate) async fn write(
    transaction: &WriteTransaction,
    blocks: Vec<Prepared>,
    projections: &[Box<dyn Projection>],
    standing: &BTreeSet<(i64, String)>,
    last_event: i64,
) -> Result<Written, StorageError> {
    let mut written = Written { last_event, parked: Vec::new() };
    let mut standing = standing.clone();
    let mut events = Vec::new();
    for prepared in &blocks {
        for projection in projections {
            let key = (prepared.chain_number, projection.name().to_owned());
            if standing.contains(&key) {
                continue;
            }
            match project(transaction, projection.as_ref(), prepared).await? {
                Ok(emitted) => events.extend(emitted),
                Err(parked) => {
                    standing.insert(key);
                    written.parked.push(parked);
                }
            }
        }
    }
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        written.last_event = written.last_event.saturating_add(1);
        rows.push(event.into_row(written.last_event)?);
    }
    let block_rows = blocks.into_iter().map(|prepared| prepared.rows).collect();
    fault::point(Point::CommitAfterProjections)?;
    fold::write_blocks(transaction, block_rows).await?;
    fold::write_events(transaction, rows).await?;
    fault::point(Point::CommitAfterEvents)?;
    fold::write_parked(transaction, written.parked.clone()).await?;
    Ok(written)
}

/// Folds one block into one projection, inside a savepoint: a failure leaves no half-written rows.
async fn project(
    transaction: &WriteTransaction,
    projection: &dyn Projection,
    prepared: &Prepared,
) -> Result<Result<Vec<NewEvent>, parked_projection::Model>, StorageError> {
    let savepoint = transaction.savepoint().await?;
    let mut writer =
        savepoint.projection_writer(prepared.chain_number, prepared.committed.height(), projection.tables());
    match projection.apply(&mut writer, &prepared.committed).await {
        Ok(()) => {
            let events = writer.into_events();
            savepoint.keep().await?;
            Ok(Ok(events))
        }
        Err(error) => {
            drop(writer);
            savepoint.undo().await?;
            let height = prepared.committed.height();
            tracing::error!(projection = projection.name(), height, %error, "a projection failed and is parked");
            Ok(Err(parked_projection::Model {
                chain_id: prepared.chain_number,
                name: projection.name().to_owned(),
                height: signed("parked_projection", "height", height)?,
                reason: error.to_string(),
            }))
        }
    }
}
