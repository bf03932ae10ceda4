//! Parties and permissions as the ledger knows them: entries folded from party and permission states.

use std::collections::BTreeSet;

use crate::authority::Authority;
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text, required};
use crate::id::Address;
use crate::policy::Policy;
use crate::wire;

/// The content of a party's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyRecord {
    /// Follows from first policy and nonce; stable for ever.
    pub address: Address,
    /// The policy the address was made from.
    pub first_policy: Policy,
    /// Makes addresses of one policy differ; 16 bytes.
    pub nonce: Vec<u8>,
    /// Who signs for what, now.
    pub authority: Authority,
    /// X25519 key for documents and sealed fields; empty or 32 bytes.
    pub encryption_key: Vec<u8>,
    /// Whoever controls the party, as attested at registration; may be empty.
    pub controller: String,
    /// Codes of the roles in which it was registered; ascending, unique, at most 16.
    pub roles: Vec<String>,
    /// From 1, one more with each record; on every chain the version of the party's directory.
    pub version: u64,
    /// What the party becomes unless that is cancelled in time; none = no recovery is open.
    pub recovery: Option<Recovery>,
}

/// An open recovery: a new authority for a party whose keys are lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Who is to sign for what.
    pub authority: Authority,
    /// The encryption key to be; empty or 32 bytes.
    pub encryption_key: Vec<u8>,
    /// From when on it may be carried out, milliseconds UTC.
    pub ready_ms: u64,
}

impl PartyRecord {
    /// Bytes of a nonce.
    pub const NONCE_BYTES: usize = 16;
    /// Roles of one party.
    pub const ROLES_MAX: usize = 16;
    /// Bytes of a record; with its proof it fits into a command.
    pub const BYTES_MAX: usize = 32_768;
    /// The version at registration.
    pub const FIRST_VERSION: u64 = 1;

    /// A party whose one policy signs for everything.
    pub fn simple(policy: Policy, nonce: [u8; 16], controller: &str) -> Self {
        Self {
            address: policy.address(&nonce),
            authority: Authority::simple(policy.clone()),
            first_policy: policy,
            nonce: nonce.to_vec(),
            encryption_key: Vec::new(),
            controller: controller.to_owned(),
            roles: Vec::new(),
            version: Self::FIRST_VERSION,
            recovery: None,
        }
    }

    /// The record that follows this one, with what a change may change.
    pub fn changed(&self, authority: Authority, encryption_key: Vec<u8>) -> Self {
        let version = self.version.saturating_add(1);
        Self { authority, encryption_key, version, recovery: None, ..self.clone() }
    }

    /// The record that follows when a recovery opens, or ends without having been carried out.
    pub fn with_recovery(&self, recovery: Option<Recovery>) -> Self {
        Self { version: self.version.saturating_add(1), recovery, ..self.clone() }
    }
}

/// A party as an entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyEntry {
    /// The record's version; 0 for an administrator whom the chain knows from its genesis and not yet from its directory.
    pub version: u64,
    /// Its record.
    pub record: PartyRecord,
}

/// What a party may do on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Become a party of states: owner, participant, locker.
    Connect,
    /// Hold a copy of the chain: sees everything.
    Observe,
    /// Submit transactions.
    Transact,
    /// Define tokens, issue titles, open netting rounds.
    Issue,
    /// Sequence blocks; the genesis names who does, so it is not granted.
    Record,
    /// Register parties, grant permissions, freeze, configure.
    Administer,
    /// Read within scope, as a supervisor.
    Supervise,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 7] =
        [Self::Connect, Self::Observe, Self::Transact, Self::Issue, Self::Record, Self::Administer, Self::Supervise];

    /// Those that can be granted: who records is the genesis' to say.
    pub const GRANTED: [Self; 6] =
        [Self::Connect, Self::Observe, Self::Transact, Self::Issue, Self::Administer, Self::Supervise];

    /// True when a party with these permissions can administer: it may, and may submit what it decides.
    pub fn administers(held: &BTreeSet<Self>) -> bool {
        held.contains(&Self::Administer) && held.contains(&Self::Transact)
    }

    /// The name in code, schema and text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Observe => "observe",
            Self::Transact => "transact",
            Self::Issue => "issue",
            Self::Record => "record",
            Self::Administer => "administer",
            Self::Supervise => "supervise",
        }
    }

    fn wire(self) -> wire::Permission {
        match self {
            Self::Connect => wire::Permission::Connect,
            Self::Observe => wire::Permission::Observe,
            Self::Transact => wire::Permission::Transact,
            Self::Issue => wire::Permission::Issue,
            Self::Record => wire::Permission::Record,
            Self::Administer => wire::Permission::Administer,
            Self::Supervise => wire::Permission::Supervise,
        }
    }
}

/// The content of a permission state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Who may.
    pub party: Address,
    /// What.
    pub permissions: BTreeSet<Permission>,
}

impl Wire for PartyRecord {
    type Message = wire::Party;

    fn to_wire(&self) -> wire::Party {
        wire::Party {
            address: self.address.to_vec(),
            first_policy: Some(self.first_policy.to_wire()),
            nonce: self.nonce.clone(),
            authority: Some(self.authority.to_wire()),
            encryption_key: self.encryption_key.clone(),
            controller: self.controller.clone(),
            roles: self.roles.clone(),
            version: self.version,
            recovery: self.recovery.as_ref().map(Recovery::to_wire),
        }
    }

    fn from_wire(message: wire::Party) -> Result<Self, EncodingError> {
        plain_text(&message.controller, 128, "party.controller")?;
        at_most(&message.roles, Self::ROLES_MAX, "party.roles")?;
        ascending(&message.roles, "party.roles")?;
        message.roles.iter().try_for_each(|role| plain_text(role, 32, "party.roles"))?;
        let (expected, actual) = (Self::NONCE_BYTES, message.nonce.len());
        if actual != expected {
            return Err(EncodingError::Length { field: "party.nonce", expected, actual });
        }
        is_encryption_key(&message.encryption_key)?;
        Ok(Self {
            address: message.address.as_slice().try_into()?,
            first_policy: Policy::from_wire(required(message.first_policy, "party.first_policy")?)?,
            nonce: message.nonce,
            authority: Authority::from_wire(required(message.authority, "party.authority")?)?,
            encryption_key: message.encryption_key,
            controller: message.controller,
            roles: message.roles,
            version: message.version,
            recovery: message.recovery.map(Recovery::from_wire).transpose()?,
        })
    }
}

impl Wire for Recovery {
    type Message = wire::PartyRecovery;

    fn to_wire(&self) -> wire::PartyRecovery {
        wire::PartyRecovery {
            authority: Some(self.authority.to_wire()),
            encryption_key: self.encryption_key.clone(),
            ready_ms: self.ready_ms,
        }
    }

    fn from_wire(message: wire::PartyRecovery) -> Result<Self, EncodingError> {
        is_encryption_key(&message.encryption_key)?;
        Ok(Self {
            authority: Authority::from_wire(required(message.authority, "recovery.authority")?)?,
            encryption_key: message.encryption_key,
            ready_ms: message.ready_ms,
        })
    }
}

fn is_encryption_key(key: &[u8]) -> Result<(), EncodingError> {
    match key.len() {
        0 | 32 => Ok(()),
        actual => Err(EncodingError::Length { field: "party.encryption_key", expected: 32, actual }),
    }
}

impl Wire for Permissions {
    type Message = wire::Permissions;

    fn to_wire(&self) -> wire::Permissions {
        let permissions = self.permissions.iter().map(|permission| permission.wire().into()).collect();
        wire::Permissions { party: self.party.to_vec(), permissions }
    }

    fn from_wire(message: wire::Permissions) -> Result<Self, EncodingError> {
        let refused = EncodingError::OutOfRange { field: "permissions" };
        let known = |number: &i32| Permission::ALL.into_iter().find(|known| i32::from(known.wire()) == *number);
        let listed: Option<Vec<_>> = message.permissions.iter().map(known).collect();
        let listed = listed.ok_or(refused)?;
        ascending(&listed, "permissions")?;
        Ok(Self { party: message.party.as_slice().try_into()?, permissions: listed.into_iter().collect() })
    }
}
