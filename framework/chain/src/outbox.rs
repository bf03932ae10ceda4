//! Events of committed blocks, in order, for subscribers that may lose their connection and come back.

use futures_util::stream::{self, BoxStream};
use ledger_core::id::{Address, ChainId};
use tokio::sync::watch;

use crate::error::ChainError;
use crate::meter::Position;
use crate::node::Shared;
use crate::storage::entity::outbox_event;
use crate::storage::{StorageError, outbox_store, unsigned};
use std::sync::Arc;

/// Events read per statement when a subscriber catches up.
const EVENTS_PER_PAGE: u64 = 256;

/// What happened in a committed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEvent {
    /// Dense over all chains, from 1; give it as `after` to go on from here.
    pub sequence: i64,
    /// The chain it happened on.
    pub chain: ChainId,
    /// Height of its block.
    pub height: u64,
    /// What happened, e.g. `receipt.pledged`.
    pub kind: String,
    /// The parties that may see it; supervisors may too.
    pub parties: Vec<Address>,
    /// JSON.
    pub payload: String,
}

/// An event that a projection emitted and that has no sequence yet.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) chain_number: i64,
    pub(crate) height: u64,
    pub(crate) kind: String,
    pub(crate) parties: Vec<Address>,
    pub(crate) payload: String,
}

impl NewEvent {
    pub(crate) fn into_row(self, sequence: i64) -> Result<outbox_event::Model, StorageError> {
        Ok(outbox_event::Model {
            sequence,
            chain_id: self.chain_number,
            height: crate::storage::signed("outbox_event", "height", self.height)?,
            kind: self.kind,
            parties: self.parties.iter().flat_map(|party| *party.as_bytes()).collect(),
            payload: self.payload,
        })
    }
}

/// Reads the outbox from the database, waking up when a commit has written to it.
struct Subscription {
    shared: Arc<Shared>,
    after: i64,
    page: std::vec::IntoIter<OutboxEvent>,
    position: Position,
    written: watch::Receiver<i64>,
}

/// A stream of events above `after`, or of those committed from now on.
pub(crate) fn subscribe(
    shared: Arc<Shared>,
    after: Option<i64>,
) -> BoxStream<'static, Result<OutboxEvent, ChainError>> {
    let written = shared.events_written.clone();
    let after = after.unwrap_or_else(|| *written.borrow());
    let (position, page) = (shared.meter.reader(after), Vec::new().into_iter());
    let subscription = Subscription { shared, after, page, position, written };
    Box::pin(stream::try_unfold(subscription, |mut subscription| async move {
        Ok(subscription.next().await?.map(|event| (event, subscription)))
    }))
}

impl Subscription {
    /// The next event; none once the node has shut down.
    async fn next(&mut self) -> Result<Option<OutboxEvent>, ChainError> {
        loop {
            if let Some(event) = self.page.next() {
                self.after = event.sequence;
                self.position.is_at(event.sequence);
                return Ok(Some(event));
            }
            if *self.written.borrow_and_update() <= self.after && self.written.changed().await.is_err() {
                return Ok(None);
            }
            let rows = outbox_store::events_after(self.shared.database.read(), self.after, EVENTS_PER_PAGE).await?;
            let events: Result<Vec<_>, _> = rows.into_iter().map(|row| self.event(row)).collect();
            self.page = events?.into_iter();
        }
    }

    fn event(&self, row: outbox_event::Model) -> Result<OutboxEvent, ChainError> {
        let (parties, rest) = row.parties.as_chunks::<32>();
        let malformed =
            |column, reason: &str| StorageError::Malformed { table: "outbox_event", column, reason: reason.to_owned() };
        let chain = self.shared.chain_numbered(row.chain_id).ok_or_else(|| malformed("chain_id", "no such chain"))?;
        if !rest.is_empty() {
            return Err(malformed("parties", "the length is no multiple of 32").into());
        }
        Ok(OutboxEvent {
            sequence: row.sequence,
            chain,
            height: unsigned("outbox_event", "height", row.height)?,
            kind: row.kind,
            parties: parties.iter().map(|party| Address::from_bytes(*party)).collect(),
            payload: row.payload,
        })
    }
}
