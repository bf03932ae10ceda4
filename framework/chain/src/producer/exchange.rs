//! Where a projection that was built anew takes the place of the live one: between two commits, so that no block is missed.

use crate::producer::Producer;
use crate::rebuild::{Exchanged, Rebuild, RebuildError};

impl Producer {
    /// Folds what was committed meanwhile, exchanges the tables, and lets the projection go on where it stood still.
    pub(super) async fn exchange(&mut self, rebuild: Rebuild) -> Result<Exchanged, RebuildError> {
        let exchanged = rebuild.exchange(self.last_event).await?;
        for parked in &exchanged.unparked {
            self.standing.remove(&(parked.chain_id, parked.name.clone()));
        }
        for (chain, name) in exchanged.unparked_chains() {
            self.shared.unpark(&chain, name);
        }
        if exchanged.last_event > self.last_event {
            self.last_event = exchanged.last_event;
            self.events_written.send_replace(self.last_event);
        }
        Ok(exchanged)
    }
}
