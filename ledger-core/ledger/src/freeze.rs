//! Freezes: by legal order nothing of an address, an asset or a title moves while the order stands.

use crate::encoding::{EncodingError, Wire};
use crate::id::{Address, AssetId, TitleId};
use crate::wire;
use crate::wire::freeze_subject::Subject;

/// What a freeze names; never a single state, so that it cannot lose a race with the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FreezeSubject {
    /// Everything that a party owns.
    Address(Address),
    /// Every holding of an asset.
    Asset(AssetId),
    /// One title to goods.
    Title(TitleId),
}

impl FreezeSubject {
    /// Subjects of one order.
    pub const PER_COMMAND_MAX: usize = 64;

    /// What it names, for a message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Asset(_) => "asset",
            Self::Title(_) => "title",
        }
    }

    /// Kind and id, as the state map's key holds them.
    pub(crate) fn key_bytes(&self) -> Vec<u8> {
        let (kind, id) = match self {
            Self::Address(address) => (1u8, address.as_bytes()),
            Self::Asset(asset) => (2, asset.as_bytes()),
            Self::Title(title) => (3, title.as_bytes()),
        };
        std::iter::once(kind).chain(id.iter().copied()).collect()
    }
}

impl Wire for FreezeSubject {
    type Message = wire::FreezeSubject;

    fn to_wire(&self) -> wire::FreezeSubject {
        let subject = match self {
            Self::Address(address) => Subject::Address(address.to_vec()),
            Self::Asset(asset) => Subject::Asset(asset.to_vec()),
            Self::Title(title) => Subject::Title(title.to_vec()),
        };
        wire::FreezeSubject { subject: Some(subject) }
    }

    fn from_wire(message: wire::FreezeSubject) -> Result<Self, EncodingError> {
        Ok(match message.subject {
            Some(Subject::Address(address)) => Self::Address(address.as_slice().try_into()?),
            Some(Subject::Asset(asset)) => Self::Asset(asset.as_slice().try_into()?),
            Some(Subject::Title(title)) => Self::Title(title.as_slice().try_into()?),
            None => return Err(EncodingError::Missing { field: "freeze.subject" }),
        })
    }
}
