//! Who asks, and what they may do. Guards of the GraphQL layer ask these questions and no others.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{Address, ChainId, Permission, PublicKey};
use thiserror::Error;

use crate::id::SessionId;

/// Why a principal may not do something.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessError {
    /// The party takes no part in the chain, or the chain does not exist: one answer for both.
    #[error("there is no such chain, or the party takes no part in it")]
    NotParticipant {
        /// The chain asked for.
        chain: ChainId,
    },
    /// The party lacks a permission on the chain.
    #[error("this needs the permission {} on the chain; its administrator grants it", permission.name())]
    PermissionMissing {
        /// The chain.
        chain: ChainId,
        /// What is missing.
        permission: Permission,
    },
    /// The principal is another party.
    #[error("only the party itself may do this; sign in as that party")]
    ForeignParty {
        /// Whom it would have acted for.
        party: Address,
    },
}

ledger_core::codes!(AccessError {
    NotParticipant => "ACCESS_NOT_PARTICIPANT",
    PermissionMissing => "ACCESS_PERMISSION_MISSING",
    ForeignParty => "ACCESS_FOREIGN_PARTY",
});

/// An authenticated caller, as of the request: a party through one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    party: Address,
    key: PublicKey,
    session: SessionId,
    chains: BTreeMap<ChainId, BTreeSet<Permission>>,
}

impl Principal {
    pub(crate) fn new(
        party: Address,
        key: PublicKey,
        session: SessionId,
        chains: BTreeMap<ChainId, BTreeSet<Permission>>,
    ) -> Self {
        Self { party, key, session, chains }
    }

    /// The party.
    pub fn party(&self) -> Address {
        self.party
    }

    /// True if it may see everything of a chain: as its supervisor, or as holder of a copy.
    pub fn sees_all(&self, chain: &ChainId) -> bool {
        self.has(chain, Permission::Supervise) || self.has(chain, Permission::Observe)
    }

    /// The key that signed in.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The chains of this node on which the key stands in the party's authority, with the party's permissions there.
    pub fn chains(&self) -> &BTreeMap<ChainId, BTreeSet<Permission>> {
        &self.chains
    }

    /// True when the party takes part in the chain.
    pub fn participates(&self, chain: &ChainId) -> bool {
        self.chains.contains_key(chain)
    }

    /// True when the party has the permission on the chain.
    pub fn has(&self, chain: &ChainId, permission: Permission) -> bool {
        self.chains.get(chain).is_some_and(|permissions| permissions.contains(&permission))
    }

    /// True when the party has the permission on any chain of this node.
    pub fn has_anywhere(&self, permission: Permission) -> bool {
        self.chains.values().any(|permissions| permissions.contains(&permission))
    }

    /// The chains on which the party has the permission.
    pub fn chains_with(&self, permission: Permission) -> Vec<ChainId> {
        let held = self.chains.iter().filter(|(_, permissions)| permissions.contains(&permission));
        held.map(|(chain, _)| *chain).collect()
    }

    /// True when the principal may act for the party: today only for itself.
    pub fn may_act_for(&self, party: &Address) -> bool {
        self.party == *party
    }

    /// The party takes part in the chain.
    pub fn require_participation(&self, chain: &ChainId) -> Result<(), AccessError> {
        if self.participates(chain) { Ok(()) } else { Err(AccessError::NotParticipant { chain: *chain }) }
    }

    /// The party takes part in the chain and has the permission there.
    pub fn require(&self, chain: &ChainId, permission: Permission) -> Result<(), AccessError> {
        self.require_participation(chain)?;
        if self.has(chain, permission) {
            Ok(())
        } else {
            Err(AccessError::PermissionMissing { chain: *chain, permission })
        }
    }

    /// The principal may act for the party.
    pub fn require_acting_for(&self, party: &Address) -> Result<(), AccessError> {
        if self.may_act_for(party) { Ok(()) } else { Err(AccessError::ForeignParty { party: *party }) }
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::{Coded, SigningKey};

    use super::*;

    const CHAIN: ChainId = ChainId::from_bytes([1; 32]);
    const OTHER: ChainId = ChainId::from_bytes([2; 32]);
    const PARTY: Address = Address::from_bytes([3; 32]);

    fn principal() -> Principal {
        let key = SigningKey::from_seed(&[4; 32]).public();
        let permissions = BTreeSet::from([Permission::Transact]);
        Principal::new(PARTY, key, SessionId::from_bytes([5; 16]), BTreeMap::from([(CHAIN, permissions)]))
    }

    #[track_caller]
    fn check(result: Result<(), AccessError>, expected: Result<(), &str>) {
        assert_eq!(result.map_err(|error| error.code()), expected);
    }

    #[test]
    fn participation_and_permission_are_asked_per_chain() {
        check(principal().require_participation(&CHAIN), Ok(()));
        check(principal().require_participation(&OTHER), Err("ACCESS_NOT_PARTICIPANT"));
        check(principal().require(&CHAIN, Permission::Transact), Ok(()));
        check(principal().require(&CHAIN, Permission::Supervise), Err("ACCESS_PERMISSION_MISSING"));
        check(principal().require(&OTHER, Permission::Transact), Err("ACCESS_NOT_PARTICIPANT"));
        assert_eq!(principal().chains_with(Permission::Transact), [CHAIN]);
        assert!(principal().has_anywhere(Permission::Transact) && !principal().has_anywhere(Permission::Issue));
    }

    #[test]
    fn supervisors_and_observers_see_everything_of_their_chain_alone() {
        for permission in Permission::ALL {
            let chains = BTreeMap::from([(CHAIN, BTreeSet::from([permission]))]);
            let principal = Principal { chains, ..principal() };
            let sees_all = matches!(permission, Permission::Supervise | Permission::Observe);
            assert_eq!(principal.sees_all(&CHAIN), sees_all, "{permission:?}");
            assert!(!principal.sees_all(&OTHER));
        }
    }

    #[test]
    fn nobody_acts_for_another_party() {
        check(principal().require_acting_for(&PARTY), Ok(()));
        check(principal().require_acting_for(&Address::from_bytes([9; 32])), Err("ACCESS_FOREIGN_PARTY"));
    }
}
