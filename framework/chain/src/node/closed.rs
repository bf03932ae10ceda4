//! Chains that are not in memory: closed when nobody needs them, opened again when somebody or a deadline does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::ChainId;
use tokio::sync::{OwnedMutexGuard, Semaphore, oneshot};

use super::{Broken, Known, Node, open};
use crate::error::{ChainError, SubmitError};
use crate::hosted::{Hold, HostedChain};
use crate::mempool::Request;
use crate::storage::{StorageError, block_store};

/// How often a chain is read again when its directory is closed meanwhile.
const ATTEMPTS: usize = 4;

/// Chains that are being read in: each by one reader, since two would make two of it, and some at a time, since reading takes
/// memory.
pub(super) struct Openings {
    by_number: Mutex<BTreeMap<i64, Arc<tokio::sync::Mutex<()>>>>,
    readers: Semaphore,
}

/// The turn to read one chain in.
pub(crate) struct Turn<'o> {
    openings: &'o Openings,
    number: i64,
    lock: Option<OwnedMutexGuard<()>>,
}

impl Openings {
    pub(super) fn new(readers: usize) -> Self {
        Self { by_number: Mutex::default(), readers: Semaphore::new(readers.clamp(1, Semaphore::MAX_PERMITS)) }
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<i64, Arc<tokio::sync::Mutex<()>>>> {
        self.by_number.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn turn(&self, number: i64) -> Turn<'_> {
        let lock = Arc::clone(self.locked().entry(number).or_default());
        // Whoever gives up waiting takes its part away too.
        let mut turn = Turn { openings: self, number, lock: None };
        turn.lock = Some(lock.lock_owned().await);
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut by_number = self.openings.locked();
        self.lock = None;
        // Whoever waits for it has it too; the last one takes it away.
        if by_number.get(&self.number).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            by_number.remove(&self.number);
        }
    }
}

impl Node {
    /// Reads a closed chain into memory again; one that is open already stays as it is.
    ///
    /// # Errors
    /// The node stores no such chain, its history does not hold, or the node has stopped.
    pub async fn open_chain(&self, chain: &ChainId) -> Result<(), ChainError> {
        self.opened(chain).await.map(|_| ())
    }

    /// Lets go of a chain's memory; what is stored stays, and its deadlines are carried out all the same.
    ///
    /// # Errors
    /// Something of the chain is under way, another open chain learns from it, or it is not open.
    pub async fn close_chain(&self, chain: &ChainId) -> Result<(), ChainError> {
        if let Some(hosted) = self.shared.hosted(chain) {
            self.shared.keep_before_closing(&hosted).await;
        }
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::CloseChain(*chain, answer));
        answered.await.map_err(|_| shutting_down())?
    }

    /// The chain, opened where it was closed: the one way in which whoever asks for a chain gets it. It may be closed again
    /// while it is read, and is then what it was.
    pub(crate) async fn opened(&self, chain: &ChainId) -> Result<Arc<HostedChain>, ChainError> {
        let hosted = self.in_memory(chain).await?;
        hosted.want();
        self.shared.touch(&hosted);
        Ok(hosted)
    }

    /// As [`Node::opened`], kept open for what is begun on it.
    pub(crate) async fn held(&self, chain: &ChainId) -> Result<Hold, ChainError> {
        loop {
            if let Some(hold) = self.opened(chain).await?.hold() {
                return Ok(hold);
            }
            // It is on its way out of memory; that takes no longer than the producer's present turn.
            tokio::task::yield_now().await;
        }
    }

    /// As [`Node::held`], for who submits.
    pub(crate) async fn held_to_submit(&self, chain: &ChainId) -> Result<Hold, SubmitError> {
        self.held(chain).await.map_err(SubmitError::unreadable)
    }

    /// The chain of a number, opened for what the node itself does on it; none where the node stores no such chain.
    pub(crate) async fn opened_by_number(&self, number: i64) -> Result<Option<Arc<HostedChain>>, ChainError> {
        match self.shared.chain_numbered(number) {
            Some(chain) => self.in_memory(&chain).await.map(Some),
            None => Ok(None),
        }
    }

    /// Nobody reads the chain of a number in while the answer lives: its opening hangs.
    #[cfg(test)]
    pub(crate) async fn hang_opening_of(&self, number: i64) -> Turn<'_> {
        self.shared.openings.turn(number).await
    }

    async fn in_memory(&self, chain: &ChainId) -> Result<Arc<HostedChain>, ChainError> {
        if let Some(hosted) = self.shared.hosted(chain) {
            return Ok(hosted);
        }
        let known = self.shared.known(chain).ok_or(ChainError::UnknownChain(*chain))?;
        let _turn = self.shared.openings.turn(known.number).await;
        for _ in 0..ATTEMPTS {
            if let Some(directory) = known.directory {
                self.directory_in_memory(directory).await.map_err(|error| self.noted(*chain, error))?;
            }
            if let Some(hosted) = self.read_in(chain, known).await? {
                return Ok(hosted);
            }
        }
        Err(ChainError::InUse(*chain))
    }

    /// Opens the directory of a chain. It has no directory itself, so nobody waits for whoever waits for him.
    async fn directory_in_memory(&self, directory: ChainId) -> Result<(), ChainError> {
        if self.shared.hosted(&directory).is_some() {
            return Ok(());
        }
        let known = self.shared.known(&directory).ok_or(ChainError::UnknownDirectory { directory })?;
        if known.directory.is_some() {
            return Err(ChainError::IndirectDirectory { directory });
        }
        let _turn = self.shared.openings.turn(known.number).await;
        self.read_in(&directory, known).await.map(|_| ())
    }

    /// Reads a chain in, unless somebody has meanwhile or it is known not to hold; none where it is to be read again.
    async fn read_in(&self, chain: &ChainId, known: Known) -> Result<Option<Arc<HostedChain>>, ChainError> {
        if let Some(hosted) = self.shared.hosted(chain) {
            return Ok(Some(hosted));
        }
        if let Some(broken) = self.shared.broken(chain) {
            return Err(broken);
        }
        let queue = {
            let _place = self.shared.openings.readers.acquire().await.map_err(|_| shutting_down())?;
            let row = block_store::chain_numbered(self.shared.database.read(), known.number).await?;
            open::read_in(&self.shared, row.ok_or(ChainError::UnknownChain(*chain))?).await
        };
        let queue = queue.map_err(|error| self.noted(*chain, error))?;
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::OpenChain(Box::new(queue), answer));
        answered.await.map_err(|_| shutting_down())
    }

    /// Remembers that a chain does not hold, so that it is not read again and again; a fault of the moment is none of it.
    fn noted(&self, chain: ChainId, error: ChainError) -> ChainError {
        let broken = match error {
            ChainError::BrokenHistory { chain: of, height, reason } if of == chain => Broken { height, reason },
            ChainError::Storage(StorageError::NumberOutOfRange { .. } | StorageError::Malformed { .. })
            | ChainError::Genesis(_)
            | ChainError::Encoding(_)
            | ChainError::UnknownContract { .. }
            | ChainError::UnknownDirectory { .. }
            | ChainError::IndirectDirectory { .. }
            | ChainError::BrokenHistory { .. } => Broken { height: 0, reason: error.to_string() },
            other => return other,
        };
        let (height, reason) = (broken.height, broken.reason.clone());
        self.shared.note_broken(chain, broken);
        ChainError::BrokenHistory { chain, height, reason }
    }
}

fn shutting_down() -> ChainError {
    ChainError::Stopped("the node is shutting down".to_owned())
}
