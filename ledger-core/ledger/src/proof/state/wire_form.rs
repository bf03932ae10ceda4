//! The wire form of state proofs.

use std::collections::BTreeSet;

use super::{StateProof, Subject};
use crate::amount::Amount;
use crate::block::Header;
use crate::claim::ClaimKind;
use crate::encoding::{EncodingError, Wire, ascending, at_most, decode, encode, plain_text, required};
use crate::freeze::FreezeSubject;
use crate::id::StateRef;
use crate::proof::InclusionProof;
use crate::signature::Signature;
use crate::state_map::MapPath;
use crate::wire::{self, state_proof::Subject as WireSubject};

impl Subject {
    fn to_wire(&self) -> WireSubject {
        match self {
            Self::Unspent(state, shown) => {
                WireSubject::Unspent(wire::ProvedUnspent { state: Some(state.to_wire()), shown: Some(shown.clone()) })
            }
            Self::Spent(created, output) => {
                WireSubject::Spent(wire::ProvedSpent { created: Some(created.to_wire()), output: *output })
            }
            Self::ClaimHeld(key, kind, holders) => WireSubject::ClaimHeld(wire::ProvedClaim {
                key: key.to_vec(),
                kind: kind.to_wire().into(),
                holders: holders.iter().map(StateRef::to_wire).collect(),
            }),
            Self::ClaimFree(key) => WireSubject::ClaimFree(key.to_vec()),
            Self::Supply(asset, supply) => {
                WireSubject::Supply(wire::ProvedSupply { asset: asset.to_vec(), amount: supply.map(Amount::minor) })
            }
            Self::Frozen(subject, orders) => WireSubject::Frozen(wire::ProvedFreeze {
                subject: Some(subject.to_wire()),
                orders: orders.iter().cloned().collect(),
            }),
            Self::NotFrozen(subject) => WireSubject::NotFrozen(subject.to_wire()),
        }
    }

    fn from_wire(subject: WireSubject) -> Result<Self, EncodingError> {
        Ok(match subject {
            WireSubject::Unspent(unspent) => Self::Unspent(
                StateRef::from_wire(required(unspent.state, "state_proof.state")?)?,
                required(unspent.shown, "state_proof.shown")?,
            ),
            WireSubject::Spent(spent) => {
                let created = InclusionProof::from_wire(required(spent.created, "state_proof.created")?)?;
                Self::Spent(Box::new(created), spent.output)
            }
            WireSubject::ClaimHeld(claim) => {
                let holders = claim.holders.into_iter().map(StateRef::from_wire).collect::<Result<Vec<_>, _>>()?;
                let kind = ClaimKind::from_wire(claim.kind)?;
                Self::ClaimHeld(claim.key.as_slice().try_into()?, kind, set(holders, "state_proof.holders")?)
            }
            WireSubject::ClaimFree(key) => Self::ClaimFree(key.as_slice().try_into()?),
            WireSubject::Supply(supply) => {
                let refused = |_| EncodingError::OutOfRange { field: "state_proof.amount" };
                let amount = supply.amount.map(Amount::from_minor).transpose().map_err(refused)?;
                Self::Supply(supply.asset.as_slice().try_into()?, amount)
            }
            WireSubject::Frozen(freeze) => {
                freeze.orders.iter().try_for_each(|order| plain_text(order, 1_024, "state_proof.orders"))?;
                let subject = FreezeSubject::from_wire(required(freeze.subject, "state_proof.subject")?)?;
                Self::Frozen(subject, set(freeze.orders, "state_proof.orders")?)
            }
            WireSubject::NotFrozen(subject) => Self::NotFrozen(FreezeSubject::from_wire(subject)?),
        })
    }
}

fn set<T: Ord>(list: Vec<T>, field: &'static str) -> Result<BTreeSet<T>, EncodingError> {
    at_most(&list, StateProof::NAMED_MAX, field)?;
    ascending(&list, field)?;
    Ok(list.into_iter().collect())
}

impl Wire for StateProof {
    type Message = wire::StateProof;

    const BYTES_MAX: usize = 8 << 20;

    fn to_wire(&self) -> wire::StateProof {
        wire::StateProof {
            genesis: encode(&self.genesis),
            header: Some(self.header.to_wire()),
            finality: self.finality.as_bytes().to_vec(),
            path: Some(self.path.to_wire()),
            subject: Some(self.subject.to_wire()),
        }
    }

    fn from_wire(message: wire::StateProof) -> Result<Self, EncodingError> {
        Ok(Self {
            genesis: decode(&message.genesis)?,
            header: Header::from_wire(required(message.header, "state_proof.header")?)?,
            finality: Signature::from_bytes(&message.finality)?,
            path: MapPath::from_wire(required(message.path, "state_proof.path")?)?,
            subject: Subject::from_wire(required(message.subject, "state_proof.subject")?)?,
        })
    }
}
