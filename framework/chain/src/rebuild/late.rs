//! What subscribers are told when a projection that stood still has caught up, and how an audit tells them the same again.
//!
//! Events of blocks that a projection missed come late: behind an event of kind `projection.caught_up`, which says from which
//! block to which. An audit holds those events back until its outbox is at that place.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::node::Shared;
use crate::outbox::NewEvent;
use crate::projection::{CommittedBlock, Projection, ProjectionError};
use crate::storage::entity::outbox_event;
use crate::storage::{Migrations, ProjectionWriter};

/// The kind of the event that says it.
pub(crate) const CAUGHT_UP: &str = "projection.caught_up";

/// A projection has caught up with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaughtUp {
    pub(crate) projection: String,
    pub(crate) chain_number: i64,
    /// The first block it had missed.
    pub(crate) from: u64,
    /// The last one.
    pub(crate) until: u64,
}

impl CaughtUp {
    /// The event, for supervisors.
    pub(crate) fn event(&self) -> NewEvent {
        NewEvent {
            chain_number: self.chain_number,
            height: self.until,
            kind: CAUGHT_UP.to_owned(),
            parties: Vec::new(),
            payload: json!({ "projection": self.projection, "from": self.from, "until": self.until }).to_string(),
        }
    }

    /// Reads the event back; none where it is no such event.
    pub(crate) fn read(row: &outbox_event::Model) -> Option<Self> {
        let payload: Value = serde_json::from_str(&row.payload).ok()?;
        let caught_up = Self {
            projection: payload.get("projection")?.as_str()?.to_owned(),
            chain_number: row.chain_id,
            from: payload.get("from")?.as_u64()?,
            until: payload.get("until")?.as_u64()?,
        };
        (row.kind == CAUGHT_UP).then_some(caught_up)
    }

    fn covers(&self, projection: &str, chain_number: i64, height: u64) -> bool {
        self.projection == projection && self.chain_number == chain_number && (self.from..=self.until).contains(&height)
    }
}

/// What is still to be told late: markers by their sequence, and the events held back for each.
#[derive(Default)]
struct Held {
    markers: BTreeMap<i64, CaughtUp>,
    events: BTreeMap<i64, Vec<NewEvent>>,
}

/// Events that an audit holds back.
#[derive(Clone, Default)]
pub(crate) struct Late(Arc<Mutex<Held>>);

/// A projection of the node whose late events are held back.
struct Holding {
    shared: Arc<Shared>,
    place: usize,
    inner: (&'static str, &'static [&'static str]),
    late: Late,
}

impl Late {
    /// Of the markers in an outbox, by their sequence.
    pub(crate) fn of(markers: BTreeMap<i64, CaughtUp>) -> Self {
        Self(Arc::new(Mutex::new(Held { markers, events: BTreeMap::new() })))
    }

    /// The node's projections, which hold their late events back.
    pub(crate) fn projections(&self, shared: &Arc<Shared>) -> Vec<Box<dyn Projection>> {
        let holding = |(place, projection): (usize, &dyn Projection)| {
            let inner = (projection.name(), projection.tables());
            let holding = Holding { shared: Arc::clone(shared), place, inner, late: self.clone() };
            Box::new(holding) as Box<dyn Projection>
        };
        shared.projections.iter().map(AsRef::as_ref).enumerate().map(holding).collect()
    }

    /// What is told at this place of the outbox: the marker and the events behind it; nothing where no marker stands.
    pub(crate) fn told_at(&self, sequence: i64) -> Vec<NewEvent> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(marker) = held.markers.remove(&sequence) else { return Vec::new() };
        let mut told = vec![marker.event()];
        told.extend(held.events.remove(&sequence).unwrap_or_default());
        told
    }

    fn hold(&self, projection: &str, writer: &mut ProjectionWriter<'_>, height: u64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = writer.chain_number();
        let covering = held.markers.iter().find(|(_, marker)| marker.covers(projection, number, height));
        if let Some(sequence) = covering.map(|(sequence, _)| *sequence) {
            held.events.entry(sequence).or_default().extend(writer.withhold_events());
        }
    }
}

#[async_trait]
impl Projection for Holding {
    fn name(&self) -> &'static str {
        self.inner.0
    }

    fn tables(&self) -> &'static [&'static str] {
        self.inner.1
    }

    fn migrations(&self) -> Migrations {
        self.shared.projections.get(self.place).map(|inner| inner.migrations()).unwrap_or_default()
    }

    async fn apply(&self, writer: &mut ProjectionWriter<'_>, block: &CommittedBlock) -> Result<(), ProjectionError> {
        let Some(inner) = self.shared.projections.get(self.place) else { return Ok(()) };
        inner.apply(writer, block).await?;
        self.late.hold(self.name(), writer, block.height());
        Ok(())
    }
}
