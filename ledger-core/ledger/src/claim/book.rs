//! Claims checked without their secret: over a whole chain equal identities have equal keys, different ones different keys.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{Claim, ClaimIdentity, ClaimKind};
use crate::codes;

/// Identities and keys of a chain so far, and which may stand for which.
///
/// What one transaction names together stands for its keys together: a class of identities with a class of as many keys.
/// Each further transaction splits the classes, so that a number used twice has to have one key, two numbers two keys. The
/// coarser forms and their near keys are compared in the same way. It is weaker than the secret in one thing: within a class
/// never told apart, keys may be exchanged.
#[derive(Clone, Debug, Default)]
pub struct ClaimBook {
    claims: Classes,
    near: Classes,
}

/// Names and keys by class; each class has as many of the ones as of the others.
#[derive(Clone, Debug, Default)]
struct Classes {
    names: BTreeMap<Hash, u64>,
    keys: BTreeMap<Hash, u64>,
    last: u64,
}

type Hash = [u8; 32];

/// What one output holds of one kind: names, and the keys that stand for them.
type Place = (BTreeSet<Hash>, BTreeSet<Hash>);

/// Why claims cannot be those of their identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClaimBookError {
    /// One identity would have two keys, or two identities one.
    #[error(
        "the claims of output {output} do not stand for what its contracts name: an identity has two keys, or two have one"
    )]
    Inconsistent {
        /// The output that holds the claims.
        output: u32,
    },
}

codes!(ClaimBookError { Inconsistent => "CLAIMS_INCONSISTENT" });

impl ClaimBook {
    /// Takes in what an accepted transaction claims.
    ///
    /// # Errors
    /// Some identity would have two keys, or two identities one.
    pub fn record(&mut self, identities: &[ClaimIdentity], claims: &[Claim]) -> Result<(), ClaimBookError> {
        let mut places: BTreeMap<(u32, ClaimKind), (Place, Place)> = BTreeMap::new();
        for identity in identities {
            let (own, near) = places.entry((identity.output, identity.kind)).or_default();
            own.0.insert(*identity.fingerprint().as_bytes());
            near.0.extend(identity.near_fingerprint().map(|near| *near.as_bytes()));
        }
        for claim in claims {
            let (own, near) = places.entry((claim.output, claim.kind)).or_default();
            own.1.insert(*claim.key.as_bytes());
            near.1.extend(claim.near.map(|near| *near.as_bytes()));
        }
        places.into_iter().try_for_each(|((output, _), (own, near))| {
            let stands = self.claims.stand_for(&own).and_then(|()| self.near.stand_for(&near));
            stands.ok_or(ClaimBookError::Inconsistent { output })
        })
    }
}

impl Classes {
    /// These names have exactly these keys, in whatever order.
    fn stand_for(&mut self, (names, keys): &Place) -> Option<()> {
        let by_class = |known: &BTreeMap<Hash, u64>, named: &BTreeSet<Hash>| {
            let mut classes: BTreeMap<Option<u64>, Vec<Hash>> = BTreeMap::new();
            for name in named {
                classes.entry(known.get(name).copied()).or_default().push(*name);
            }
            classes
        };
        let (names, keys) = (by_class(&self.names, names), by_class(&self.keys, keys));
        let sizes = |classes: &BTreeMap<Option<u64>, Vec<Hash>>| {
            classes.iter().map(|(class, members)| (*class, members.len())).collect::<Vec<_>>()
        };
        if sizes(&names) != sizes(&keys) {
            return None;
        }

        for (names, keys) in names.into_values().zip(keys.into_values()) {
            self.last = self.last.saturating_add(1);
            self.names.extend(names.into_iter().map(|name| (name, self.last)));
            self.keys.extend(keys.into_iter().map(|key| (key, self.last)));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ClaimKey, NearKey};

    const KIND: ClaimKind = ClaimKind::Exclusive;

    fn identity(number: &str) -> ClaimIdentity {
        ClaimIdentity { class: "number", parts: vec![number.to_owned()], output: 0, kind: KIND, near: Vec::new() }
    }

    fn claim(key: u8) -> Claim {
        Claim { output: 0, key: ClaimKey::from_bytes([key; 32]), kind: KIND, near: None }
    }

    /// Each transaction names the numbers and carries the keys; the last one decides.
    fn check(transactions: &[(&[&str], &[u8])], expected: Result<(), ClaimBookError>) {
        let mut book = ClaimBook::default();
        let outcome = transactions.iter().map(|(numbers, keys)| {
            let identities: Vec<_> = numbers.iter().map(|number| identity(number)).collect();
            book.record(&identities, &keys.iter().map(|key| claim(*key)).collect::<Vec<_>>())
        });
        let outcomes: Vec<_> = outcome.collect();
        let (last, before) = outcomes.split_last().unwrap();
        assert!(before.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(*last, expected);
    }

    #[test]
    fn equal_identities_have_equal_keys_in_any_spelling() {
        check(&[(&["a-1"], &[1]), (&["b"], &[2]), (&["Ａ1"], &[1])], Ok(()));
        check(&[(&["a", "b"], &[1, 2]), (&["b"], &[1]), (&["a"], &[2]), (&["c", "a"], &[2, 3])], Ok(()));
    }

    #[test]
    fn an_identity_with_two_keys_or_a_key_of_two_identities_is_refused() {
        let refused = Err(ClaimBookError::Inconsistent { output: 0 });
        check(&[(&["a"], &[1]), (&["a"], &[2])], refused);
        check(&[(&["a"], &[1]), (&["b"], &[1])], refused);
        check(&[(&["a", "b"], &[1, 2]), (&["c"], &[2])], refused);
        check(&[(&["a", "b"], &[1, 2]), (&["a"], &[1]), (&["b"], &[1])], refused);
        check(&[(&["a", "b"], &[1, 2]), (&["c", "d"], &[3, 4]), (&["a", "c"], &[1, 2])], refused);
        check(&[(&["a"], &[1, 2])], refused);
    }

    /// Near numbers share a near key, others do not, and a claim has one exactly where its identity has a coarser form.
    #[test]
    fn near_keys_are_those_of_the_coarser_forms() {
        let with = |number: &str, near: &str| ClaimIdentity { near: vec![near.to_owned()], ..identity(number) };
        let keyed = |key: u8, near: u8| Claim { near: Some(NearKey::from_bytes([near; 32])), ..claim(key) };
        let check = |second: ClaimIdentity, claim: Claim, is_fine: bool| {
            let mut book = ClaimBook::default();
            book.record(&[with("a-1", "1")], &[keyed(1, 7)]).unwrap();
            assert_eq!(book.record(&[second], &[claim]).is_ok(), is_fine);
        };
        check(with("b-1", "1"), keyed(2, 7), true);
        check(with("b-2", "2"), keyed(2, 8), true);
        check(identity("c"), claim(2), true);
        check(with("b-1", "1"), keyed(2, 8), false);
        check(with("b-2", "2"), keyed(2, 7), false);
        check(with("b-1", "1"), claim(2), false);
        check(identity("c"), keyed(2, 7), false);
    }
}
