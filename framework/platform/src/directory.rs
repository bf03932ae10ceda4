//! What parties are called. An address alone tells a person nothing, and a name shown to strangers tells them too much.
//!
//! Who sees a name: a signed-in party sees its own name and those of parties with which it shares a chain of this node,
//! because anyone on a chain may have to choose a counterparty there. Everybody else gets no answer, exactly as for an
//! address that is not enrolled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hive_chain::{Clock, Database};
use ledger_core::Address;
use thiserror::Error;

use crate::register::PartyRegister;
use crate::session::principal::Principal;
use crate::storage::{StorageError, organisation as rows};

/// Characters of a name.
pub const NAME_CHARACTERS_MAX: usize = 120;
/// Addresses of one question.
pub const ADDRESSES_MAX: usize = 500;

/// What kind of organisation a party is, for display; it gives no right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrganisationKind {
    /// A company that trades.
    Company,
    /// A bank or other lender.
    Bank,
    /// A company that keeps others' goods.
    Custodian,
    /// Attests facts or values to others.
    Attestor,
    /// A regulator or other supervisor.
    Supervisor,
    /// Runs a chain or a node.
    Operator,
    /// A natural person.
    Person,
    /// A machine.
    Device,
}

impl OrganisationKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Company,
        Self::Bank,
        Self::Custodian,
        Self::Attestor,
        Self::Supervisor,
        Self::Operator,
        Self::Person,
        Self::Device,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Bank => "bank",
            Self::Custodian => "custodian",
            Self::Attestor => "attestor",
            Self::Supervisor => "supervisor",
            Self::Operator => "operator",
            Self::Person => "person",
            Self::Device => "device",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A party under its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its address.
    pub address: Address,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// What kind of organisation it is.
    pub kind: OrganisationKind,
    /// When it was enrolled, milliseconds UTC.
    pub enrolled_at_ms: u64,
}

/// What an enrolment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The party, registered on a chain of this node.
    pub address: Address,
    /// Name in English, 1 to 120 characters.
    pub name_en: String,
    /// Name in Chinese, 1 to 120 characters.
    pub name_zh: String,
    /// What kind of organisation it is.
    pub kind: OrganisationKind,
}

/// Why an enrolment is refused.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// The party stands on no chain of this node.
    #[error("the party {address} is registered on no chain of this node; register it first")]
    NotRegistered {
        /// The party.
        address: Address,
    },
    /// A name is empty, too long, or would display as something it is not.
    #[error("the name is empty, longer than {NAME_CHARACTERS_MAX} characters, or has control or direction characters")]
    NameRefused,
    /// Too many addresses in one question.
    #[error("ask for at most {ADDRESSES_MAX} addresses at once")]
    TooMany,
    /// The platform's tables failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

ledger_core::codes!(DirectoryError {
    NotRegistered => "PARTY_NOT_REGISTERED",
    NameRefused => "PARTY_NAME_REFUSED",
    TooMany => "PARTY_TOO_MANY",
} inner { Storage });

/// The organisations of this node. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    database: Database,
    register: Arc<dyn PartyRegister>,
    clock: Arc<dyn Clock>,
}

impl Directory {
    pub(crate) fn new(database: Database, register: Arc<dyn PartyRegister>, clock: Arc<dyn Clock>) -> Self {
        Self { database, register, clock }
    }

    /// Enrols a registered party under its names, or renames it. An operator's act: the caller has authorised it.
    pub async fn enrol(&self, enrolment: &Enrolment) -> Result<Organisation, DirectoryError> {
        let now_ms = self.clock.now_ms();
        if !name_is_plain(&enrolment.name_en) || !name_is_plain(&enrolment.name_zh) {
            return Err(DirectoryError::NameRefused);
        }
        if self.register.standings(&enrolment.address, now_ms).await?.is_empty() {
            return Err(DirectoryError::NotRegistered { address: enrolment.address });
        }
        let enrolled_at_ms = match rows::find(&self.database, &[enrolment.address]).await?.pop() {
            Some(known) => known.enrolled_at_ms,
            None => now_ms,
        };

        let organisation = Organisation {
            address: enrolment.address,
            name_en: enrolment.name_en.trim().to_owned(),
            name_zh: enrolment.name_zh.trim().to_owned(),
            kind: enrolment.kind,
            enrolled_at_ms,
        };
        rows::keep(&self.database, &organisation).await?;
        Ok(organisation)
    }

    /// The organisation of one address, if the principal may see it.
    pub async fn find(&self, principal: &Principal, address: &Address) -> Result<Option<Organisation>, DirectoryError> {
        Ok(self.find_all(principal, &[*address]).await?.remove(address))
    }

    /// The organisations of these addresses that are enrolled and that the principal may see.
    pub async fn find_all(
        &self,
        principal: &Principal,
        addresses: &[Address],
    ) -> Result<BTreeMap<Address, Organisation>, DirectoryError> {
        if addresses.len() > ADDRESSES_MAX {
            return Err(DirectoryError::TooMany);
        }
        let now_ms = self.clock.now_ms();
        let asked: BTreeSet<Address> = addresses.iter().copied().collect();
        let mut visible = Vec::with_capacity(asked.len());
        for address in asked {
            if self.sees(principal, &address, now_ms).await? {
                visible.push(address);
            }
        }
        if visible.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = rows::find(&self.database, &visible).await?;
        Ok(found.into_iter().map(|organisation| (organisation.address, organisation)).collect())
    }

    async fn sees(&self, principal: &Principal, address: &Address, now_ms: u64) -> Result<bool, DirectoryError> {
        if principal.party() == *address {
            return Ok(true);
        }
        let standings = self.register.standings(address, now_ms).await?;
        Ok(standings.iter().any(|standing| principal.participates(&standing.chain)))
    }
}

/// Names are shown to people: no control characters, and none that turn the direction of text or cannot be seen.
fn name_is_plain(name: &str) -> bool {
    let misleads = |letter: char| {
        letter.is_control()
            || matches!(u32::from(letter), 0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff)
    };
    let count = name.chars().count();
    !name.trim().is_empty() && count <= NAME_CHARACTERS_MAX && !name.chars().any(misleads)
}

#[cfg(test)]
mod tests;
