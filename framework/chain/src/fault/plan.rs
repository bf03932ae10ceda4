//! For tests: lets the storage of the nodes of this thread fail at a point, and holds their producers at the gate.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use tokio::sync::Notify;

use super::Point;
use crate::storage::StorageError;

thread_local! {
    static PLANNED: Cell<Option<(Point, u32)>> = const { Cell::new(None) };
    static GATE: RefCell<Option<Arc<Notify>>> = const { RefCell::new(None) };
    static VERIFIED: Cell<usize> = const { Cell::new(0) };
    static NEWS: Arc<Notify> = Arc::default();
}

/// From now on the `times`-th passing of a point fails, once.
pub(crate) fn fail_at(point: Point, times: u32) {
    PLANNED.set(Some((point, times)));
}

/// Nothing fails any more; answers whether something still was to.
pub(crate) fn clear() -> bool {
    PLANNED.take().is_some()
}

pub(super) fn failing(point: Point) -> Result<(), StorageError> {
    let Some((planned, times)) = PLANNED.get().filter(|(planned, _)| *planned == point) else { return Ok(()) };
    if times > 1 {
        PLANNED.set(Some((planned, times - 1)));
        return Ok(());
    }
    PLANNED.set(None);
    Err(StorageError::Malformed { table: "fault", column: point.name(), reason: "a test lets it fail".to_owned() })
}

/// Holds producers until [`open_gate`].
pub(crate) fn close_gate() {
    VERIFIED.set(0);
    GATE.set(Some(Arc::default()));
}

/// Lets producers go on.
pub(crate) fn open_gate() {
    if let Some(gate) = GATE.take() {
        gate.notify_waiters();
    }
}

/// Waits until so many batches, of one chain each, were verified since the gate was closed.
pub(crate) async fn verified(batches: usize) {
    let news = NEWS.with(Arc::clone);
    while VERIFIED.get() < batches {
        news.notified().await;
    }
}

pub(super) fn passed(point: Point) {
    if point == Point::VerifyDone {
        VERIFIED.set(VERIFIED.get() + 1);
        NEWS.with(|news| news.notify_one());
    }
}

pub(super) async fn opened() {
    while let Some(gate) = GATE.with_borrow(Option::clone) {
        gate.notified().await;
    }
}
