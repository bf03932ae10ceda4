//! Who must sign, as data: keys and weighted thresholds, nested, with separation of duties.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::encoding::{EncodingError, Wire, at_most, encode, required};
use crate::hash::{Domain, hash};
use crate::id::Address;
use crate::signature::{KeyError, PublicKey};
use crate::{codes, wire};

/// A policy: one key, or a weighted threshold of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// This key signs.
    Key(PublicKey),
    /// Members of enough weight sign.
    Threshold(Threshold),
}

/// Satisfied when the weights of satisfied members reach `need`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Weight needed, from 1.
    pub need: u32,
    /// The members, 1 to 64.
    pub of: Vec<Member>,
}

/// One member of a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its weight, from 1.
    pub weight: u32,
    /// A duty that several members stand for: only the heaviest satisfied one counts. 0 = none.
    pub group: u32,
    /// What satisfies the member.
    pub policy: Policy,
}

/// Why a policy is refused at registration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Nested too deep.
    #[error("the policy is nested deeper than {} levels", Policy::DEPTH_MAX)]
    TooDeep,
    /// Too many keys.
    #[error("the policy has {actual} keys, more than {}", Policy::KEYS_MAX)]
    TooManyKeys {
        /// Keys it has.
        actual: usize,
    },
    /// A key stands twice.
    #[error("the key {key} stands twice in the policy")]
    KeyRepeated {
        /// The key.
        key: PublicKey,
    },
    /// The members' weights cannot reach the need, or the need is zero.
    #[error("the threshold needs {need}, its members can reach {reachable}; choose a need between 1 and that")]
    Unreachable {
        /// Weight needed.
        need: u32,
        /// Weight that all members together reach.
        reachable: u64,
    },
    /// A key that no honest key pair has.
    #[error("the key {key} is refused: {reason}")]
    Key {
        /// The key.
        key: PublicKey,
        /// Why.
        reason: KeyError,
    },
    /// A member without weight, or with more than may be counted.
    #[error("a member has weight {weight}; weights are 1 to {}", Policy::WEIGHT_MAX)]
    Weight {
        /// The weight.
        weight: u32,
    },
}

codes!(PolicyError {
    TooDeep => "POLICY_TOO_DEEP",
    TooManyKeys => "POLICY_TOO_MANY_KEYS",
    KeyRepeated => "POLICY_KEY_REPEATED",
    Unreachable => "POLICY_UNREACHABLE",
    Key => "POLICY_KEY_REFUSED",
    Weight => "POLICY_WEIGHT",
});

impl Policy {
    /// Levels of nesting, a key alone being the first.
    pub const DEPTH_MAX: usize = 4;
    /// Keys of one policy.
    pub const KEYS_MAX: usize = 64;
    /// Weight of one member; it bounds the work of finding a smallest set of missing signers.
    pub const WEIGHT_MAX: u32 = 100;

    /// A plain k-of-n: each key has weight 1.
    pub fn k_of_n(need: u32, keys: &[PublicKey]) -> Self {
        let member = |key: &PublicKey| Member { weight: 1, group: 0, policy: Self::Key(*key) };
        Self::Threshold(Threshold { need, of: keys.iter().map(member).collect() })
    }

    /// The address of the party whose first policy this is.
    pub fn address(&self, nonce: &[u8]) -> Address {
        Address::from_bytes(hash(Domain::Address, &[&encode(self), nonce]))
    }

    /// All keys, in the order in which they stand.
    pub fn keys(&self) -> Vec<PublicKey> {
        match self {
            Self::Key(key) => vec![*key],
            Self::Threshold(threshold) => threshold.of.iter().flat_map(|member| member.policy.keys()).collect(),
        }
    }

    /// True when the key stands in the policy.
    pub fn has_key(&self, key: &PublicKey) -> bool {
        match self {
            Self::Key(own) => own == key,
            Self::Threshold(threshold) => threshold.of.iter().any(|member| member.policy.has_key(key)),
        }
    }

    /// Checks depth, keys, weights and that every need can be reached.
    pub fn validate(&self) -> Result<(), PolicyError> {
        self.check_shape(1)?;
        let keys = self.keys();
        if keys.len() > Self::KEYS_MAX {
            return Err(PolicyError::TooManyKeys { actual: keys.len() });
        }
        let mut seen = BTreeSet::new();
        keys.into_iter().try_for_each(|key| {
            key.validate().map_err(|reason| PolicyError::Key { key, reason })?;
            if seen.insert(key) { Ok(()) } else { Err(PolicyError::KeyRepeated { key }) }
        })
    }

    fn check_shape(&self, depth: usize) -> Result<(), PolicyError> {
        if depth > Self::DEPTH_MAX {
            return Err(PolicyError::TooDeep);
        }
        let Self::Threshold(threshold) = self else { return Ok(()) };
        if let Some(member) = threshold.of.iter().find(|member| !(1..=Self::WEIGHT_MAX).contains(&member.weight)) {
            return Err(PolicyError::Weight { weight: member.weight });
        }
        let reachable = threshold.weight_where(|_| true);
        if threshold.need == 0 || u64::from(threshold.need) > reachable {
            return Err(PolicyError::Unreachable { need: threshold.need, reachable });
        }
        threshold.of.iter().try_for_each(|member| member.policy.check_shape(depth.saturating_add(1)))
    }

    /// True when signatures by these keys are enough.
    pub fn is_satisfied(&self, signed: &BTreeSet<PublicKey>) -> bool {
        match self {
            Self::Key(key) => signed.contains(key),
            Self::Threshold(threshold) => threshold.is_satisfied(signed),
        }
    }

    /// A smallest set of keys still needed; empty when satisfied. Ties fall to the members that stand first.
    pub fn missing(&self, signed: &BTreeSet<PublicKey>) -> Vec<PublicKey> {
        match self {
            Self::Key(key) if signed.contains(key) => Vec::new(),
            Self::Key(key) => vec![*key],
            Self::Threshold(threshold) => threshold.missing(signed),
        }
    }
}

impl Threshold {
    fn is_satisfied(&self, signed: &BTreeSet<PublicKey>) -> bool {
        self.weight_where(|member| member.policy.is_satisfied(signed)) >= u64::from(self.need)
    }

    /// Weight of the members that count, the heaviest of each group.
    fn weight_where(&self, counts: impl Fn(&Member) -> bool) -> u64 {
        let mut heaviest = BTreeMap::new();
        let mut alone = 0u64;
        for member in self.of.iter().filter(|member| counts(member)) {
            let weight = u64::from(member.weight);
            if member.group == 0 {
                alone = alone.saturating_add(weight);
            } else {
                let entry = heaviest.entry(member.group).or_insert(0u64);
                *entry = weight.max(*entry);
            }
        }
        heaviest.into_values().fold(alone, u64::saturating_add)
    }

    /// Fewest further keys: for each reachable weight the cheapest choice, duty by duty.
    fn missing(&self, signed: &BTreeSet<PublicKey>) -> Vec<PublicKey> {
        let mut duties: Vec<Vec<(u32, Vec<PublicKey>)>> = Vec::new();
        let mut duty_of_group = BTreeMap::new();
        for member in &self.of {
            let choice = (member.weight, member.policy.missing(signed));
            match duty_of_group.get(&member.group).and_then(|place: &usize| duties.get_mut(*place)) {
                Some(duty) if member.group != 0 => duty.push(choice),
                _ => {
                    duty_of_group.insert(member.group, duties.len());
                    duties.push(vec![choice]);
                }
            }
        }
        let mut cheapest: BTreeMap<u32, Vec<PublicKey>> = BTreeMap::from([(0, Vec::new())]);
        for duty in duties {
            let mut next = cheapest.clone();
            for (reached, keys) in &cheapest {
                for (weight, more) in &duty {
                    let weight = reached.saturating_add(*weight).min(self.need);
                    let fewer =
                        next.get(&weight).is_none_or(|known| keys.len().saturating_add(more.len()) < known.len());
                    if fewer {
                        next.insert(weight, [keys.as_slice(), more.as_slice()].concat());
                    }
                }
            }
            cheapest = next;
        }
        cheapest.remove(&self.need).unwrap_or_default()
    }
}

impl Wire for Policy {
    type Message = wire::Policy;

    fn to_wire(&self) -> wire::Policy {
        let kind = match self {
            Self::Key(key) => wire::policy::Kind::Key(key.as_bytes().to_vec()),
            Self::Threshold(threshold) => wire::policy::Kind::Threshold(wire::Threshold {
                need: threshold.need,
                of: threshold.of.iter().map(member_to_wire).collect(),
            }),
        };
        wire::Policy { kind: Some(kind) }
    }

    fn from_wire(message: wire::Policy) -> Result<Self, EncodingError> {
        match required(message.kind, "policy")? {
            wire::policy::Kind::Key(bytes) => PublicKey::from_bytes(&bytes).map(Self::Key).map_err(EncodingError::from),
            wire::policy::Kind::Threshold(threshold) => {
                at_most(&threshold.of, Self::KEYS_MAX, "policy.threshold.of")?;
                let of = threshold.of.into_iter().map(member_from_wire).collect::<Result<_, _>>()?;
                Ok(Self::Threshold(Threshold { need: threshold.need, of }))
            }
        }
    }
}

fn member_to_wire(member: &Member) -> wire::Member {
    wire::Member { weight: member.weight, group: member.group, policy: Some(member.policy.to_wire()) }
}

fn member_from_wire(message: wire::Member) -> Result<Member, EncodingError> {
    let policy = Policy::from_wire(required(message.policy, "member.policy")?)?;
    Ok(Member { weight: message.weight, group: message.group, policy })
}

#[cfg(test)]
mod tests;
