//! Live sessions in memory, so that a request costs no database read. A revocation is seen by the very next request.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::id::SessionId;
use crate::storage::session::StoredSession;

const SESSIONS_MAX: usize = 50_000;

/// How many revocations had happened when a session was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Revocations(u64);

#[derive(Default)]
pub(super) struct LiveSessions {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sessions: BTreeMap<SessionId, StoredSession>,
    revocations: u64,
}

impl LiveSessions {
    pub(super) fn get(&self, id: SessionId) -> Option<StoredSession> {
        self.locked().sessions.get(&id).cloned()
    }

    /// To be read before the database is, and given to [`LiveSessions::remember`].
    pub(super) fn revocations(&self) -> Revocations {
        Revocations(self.locked().revocations)
    }

    /// Keeps a session found live, unless something was revoked since: then what was read may be stale.
    pub(super) fn remember(&self, stored: StoredSession, seen: Revocations) {
        let mut inner = self.locked();
        if inner.revocations != seen.0 {
            return;
        }
        if inner.sessions.len() >= SESSIONS_MAX {
            inner.sessions.clear();
        }
        inner.sessions.insert(stored.id, stored);
    }

    /// To be called after the revocation is in the database.
    pub(super) fn forget(&self, id: SessionId) {
        let mut inner = self.locked();
        inner.revocations = inner.revocations.wrapping_add(1);
        inner.sessions.remove(&id);
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::{Address, SigningKey};

    use super::*;

    fn stored() -> StoredSession {
        StoredSession {
            id: SessionId::from_bytes([1; 16]),
            party: Address::from_bytes([2; 32]),
            key: SigningKey::from_seed(&[3; 32]).public(),
            opened_at_ms: 0,
            expires_at_ms: 10,
            revoked_at_ms: None,
        }
    }

    #[test]
    fn revocation_between_read_and_remember_is_not_lost() {
        let live = LiveSessions::default();
        let seen = live.revocations();
        live.forget(stored().id);
        live.remember(stored(), seen);
        assert_eq!(live.get(stored().id), None);
    }

    #[test]
    fn remembered_session_is_found_until_forgotten() {
        let live = LiveSessions::default();
        live.remember(stored(), live.revocations());
        assert_eq!(live.get(stored().id), Some(stored()));
        live.forget(stored().id);
        assert_eq!(live.get(stored().id), None);
    }
}
