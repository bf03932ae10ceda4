//! Turns: what must not happen twice at once for one party or one proposal waits for its turn.

use tokio::sync::{Mutex, MutexGuard};

const LANES: usize = 64;

/// Locks by the first byte of an id. Two ids may share a lane and wait for each other, never longer than one operation.
#[derive(Debug)]
pub(super) struct Turns {
    lanes: Vec<Mutex<()>>,
    spare: Mutex<()>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { lanes: (0..LANES).map(|_| Mutex::default()).collect(), spare: Mutex::default() }
    }
}

impl Turns {
    /// Waits for the turn of this id; it ends when the guard is dropped.
    pub(super) async fn of(&self, id: &[u8]) -> MutexGuard<'_, ()> {
        let lane = id.first().map_or(0, |byte| usize::from(*byte) % LANES);
        self.lanes.get(lane).unwrap_or(&self.spare).lock().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_id_has_one_turn_at_a_time() {
        let turns = Turns::default();
        let held = turns.of(&[1, 2]).await;
        assert!(turns.lanes[1].try_lock().is_err());
        let _other = turns.of(&[2]).await;
        drop(held);
        let _again = turns.of(&[1]).await;
    }
}
