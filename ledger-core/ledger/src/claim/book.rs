//! Claims checked without their secret: over a whole chain equal identities have equal keys, different ones different keys.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{Claim, ClaimIdentity, ClaimKind};
use crate::codes;
use crate::id::ClaimKey;

/// Identities and keys of a chain so far, and which may stand for which.
///
/// What one transaction names together stands for its keys together: a class of identities with a class of as many keys.
/// Each further transaction splits the classes, so that a number used twice has to have one key, two numbers two keys. It
/// is weaker than the secret in one thing: within a class never told apart, keys may be exchanged.
#[derive(Clone, Debug, Default)]
pub struct ClaimBook {
    identities: BTreeMap<ClaimKey, u64>,
    keys: BTreeMap<ClaimKey, u64>,
    classes: u64,
}

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
        let mut places: BTreeMap<(u32, ClaimKind), (BTreeSet<ClaimKey>, BTreeSet<ClaimKey>)> = BTreeMap::new();
        for identity in identities {
            places.entry((identity.output, identity.kind)).or_default().0.insert(identity.fingerprint());
        }
        for claim in claims {
            places.entry((claim.output, claim.kind)).or_default().1.insert(claim.key);
        }
        places.into_iter().try_for_each(|((output, _), (identities, keys))| {
            self.stand_for(&identities, &keys).ok_or(ClaimBookError::Inconsistent { output })
        })
    }

    /// These identities have exactly these keys, in whatever order.
    fn stand_for(&mut self, identities: &BTreeSet<ClaimKey>, keys: &BTreeSet<ClaimKey>) -> Option<()> {
        let by_class = |known: &BTreeMap<ClaimKey, u64>, named: &BTreeSet<ClaimKey>| {
            let mut classes: BTreeMap<Option<u64>, Vec<ClaimKey>> = BTreeMap::new();
            for name in named {
                classes.entry(known.get(name).copied()).or_default().push(*name);
            }
            classes
        };
        let (identities, keys) = (by_class(&self.identities, identities), by_class(&self.keys, keys));
        let sizes = |classes: &BTreeMap<Option<u64>, Vec<ClaimKey>>| {
            classes.iter().map(|(class, names)| (*class, names.len())).collect::<Vec<_>>()
        };
        if sizes(&identities) != sizes(&keys) {
            return None;
        }

        for (identities, keys) in identities.into_values().zip(keys.into_values()) {
            self.classes = self.classes.saturating_add(1);
            self.identities.extend(identities.into_iter().map(|identity| (identity, self.classes)));
            self.keys.extend(keys.into_iter().map(|key| (key, self.classes)));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: ClaimKind = ClaimKind::Exclusive;

    fn identity(number: &str) -> ClaimIdentity {
        ClaimIdentity { class: "number", parts: vec![number.to_owned()], output: 0, kind: KIND }
    }

    fn claim(key: u8) -> Claim {
        Claim { output: 0, key: ClaimKey::from_bytes([key; 32]), kind: KIND }
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
}
