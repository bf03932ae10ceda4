use proptest::prelude::*;

use super::*;
use crate::SigningKey;

fn key(seed: u8) -> PublicKey {
    SigningKey::from_seed(&[seed; 32]).public()
}

fn signed(seeds: &[u8]) -> BTreeSet<PublicKey> {
    seeds.iter().map(|seed| key(*seed)).collect()
}

fn member(weight: u32, group: u32, policy: Policy) -> Member {
    Member { weight, group, policy }
}

/// Two of a trader, an approver, and a treasurer or deputy of one duty; the director alone weighs two.
fn company() -> Policy {
    Policy::Threshold(Threshold {
        need: 2,
        of: vec![
            member(1, 0, Policy::Key(key(1))),
            member(1, 7, Policy::Key(key(2))),
            member(1, 7, Policy::Key(key(3))),
            member(2, 0, Policy::k_of_n(2, &[key(4), key(5), key(6)])),
        ],
    })
}

fn check(seeds: &[u8], satisfied: bool, missing: usize) {
    assert_eq!(company().is_satisfied(&signed(seeds)), satisfied, "{seeds:?}");
    assert_eq!(company().missing(&signed(seeds)).len(), missing, "{seeds:?}");
}

#[test]
fn weights_groups_and_nesting_decide() {
    check(&[], false, 2);
    check(&[1], false, 1);
    check(&[1, 2], true, 0);
    check(&[2, 3], false, 1);
    check(&[1, 2, 3], true, 0);
    check(&[4], false, 1);
    check(&[4, 6], true, 0);
    check(&[9], false, 2);
}

#[test]
fn bad_policies_are_refused_and_bounds_accepted() {
    let refused = |policy: &Policy| policy.validate().map_err(|error| crate::Coded::code(&error));
    assert_eq!(refused(&company()), Ok(()));
    assert_eq!(refused(&Policy::k_of_n(2, &[key(1)])), Err("POLICY_UNREACHABLE"));
    assert_eq!(refused(&Policy::k_of_n(0, &[key(1)])), Err("POLICY_UNREACHABLE"));
    assert_eq!(refused(&Policy::k_of_n(2, &[key(1), key(1)])), Err("POLICY_KEY_REPEATED"));
    let keys: Vec<_> = (1..=65).map(key).collect();
    assert_eq!(refused(&Policy::k_of_n(1, &keys[..64])), Ok(()));
    assert_eq!(refused(&Policy::k_of_n(1, &keys)), Err("POLICY_TOO_MANY_KEYS"));
    let one_duty = vec![member(1, 1, Policy::Key(key(1))), member(1, 1, Policy::Key(key(2)))];
    assert_eq!(refused(&Policy::Threshold(Threshold { need: 2, of: one_duty })), Err("POLICY_UNREACHABLE"));
    let weighing = |weight| Policy::Threshold(Threshold { need: 1, of: vec![member(weight, 0, Policy::Key(key(1)))] });
    assert_eq!(refused(&weighing(100)), Ok(()));
    assert_eq!(refused(&weighing(101)), Err("POLICY_WEIGHT"));
    assert_eq!(refused(&weighing(0)), Err("POLICY_WEIGHT"));
    let nest = |levels: usize| {
        (1..levels).fold(Policy::Key(key(1)), |inner, _| {
            Policy::Threshold(Threshold { need: 1, of: vec![member(1, 0, inner)] })
        })
    };
    assert_eq!(refused(&nest(4)), Ok(()));
    assert_eq!(refused(&nest(5)), Err("POLICY_TOO_DEEP"));
    let small_order = Policy::Key(PublicKey::from_bytes(&[0; 32]).unwrap());
    assert_eq!(refused(&small_order), Err("POLICY_KEY_REFUSED"));
}

/// The costliest policy that is allowed: 64 members of different weights, nearly all needed.
#[test]
fn missing_signers_of_the_largest_policy_are_found() {
    let of: Vec<_> = (1..=64).map(|seed| member(36 + u32::from(seed), 0, Policy::Key(key(seed)))).collect();
    let all = of.iter().map(|member| member.weight).sum::<u32>();
    let policy = Policy::Threshold(Threshold { need: all - 36, of });
    assert_eq!(policy.validate(), Ok(()));
    assert_eq!(policy.missing(&BTreeSet::new()).len(), 64);
}

#[test]
fn the_address_binds_policy_and_nonce() {
    assert_eq!(company().address(&[1; 16]), company().address(&[1; 16]));
    assert_ne!(company().address(&[1; 16]), company().address(&[2; 16]));
    assert_ne!(company().address(&[1; 16]), Policy::Key(key(1)).address(&[1; 16]));
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let leaf = (1u8..12).prop_map(|seed| Policy::Key(key(seed)));
    leaf.prop_recursive(3, 12, 4, |inner| {
        (1u32..5, prop::collection::vec((1u32..4, 0u32..3, inner), 1..5)).prop_map(|(need, members)| {
            let of = members.into_iter().map(|(weight, group, policy)| Member { weight, group, policy }).collect();
            Policy::Threshold(Threshold { need, of })
        })
    })
}

proptest! {
    #[test]
    fn the_wire_form_reads_back(policy in any_policy()) {
        prop_assert_eq!(crate::encoding::decode::<Policy>(&encode(&policy)), Ok(policy));
    }

    /// Compared with trying every subset of the keys, smallest first.
    #[test]
    fn missing_is_a_smallest_set(policy in any_policy(), seeds in prop::collection::vec(1u8..12, 0..4)) {
        prop_assume!(policy.validate().is_ok());
        let have = signed(&seeds);
        let missing = policy.missing(&have);
        let mut all = have.clone();
        all.extend(missing.iter().copied());
        prop_assert!(policy.is_satisfied(&all));
        let keys = policy.keys();
        let fewest = (0u32..1 << keys.len()).filter(|subset| {
            let chosen = keys.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1).map(|(_, key)| *key);
            policy.is_satisfied(&have.iter().copied().chain(chosen).collect())
        }).map(u32::count_ones).min();
        prop_assert_eq!(fewest, u32::try_from(missing.len()).ok());
    }
}

/// Slow and obvious: some choice of members, of each duty at most one, whose policies all hold, weighs enough.
fn obviously_satisfied(policy: &Policy, signed: &BTreeSet<PublicKey>) -> bool {
    let Policy::Threshold(Threshold { need, of }) = policy else {
        return policy.keys().iter().all(|key| signed.contains(key));
    };
    (0u32..1 << of.len()).any(|choice| {
        let chosen: Vec<_> =
            of.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1).map(|(_, m)| m).collect();
        let duties: Vec<_> = chosen.iter().map(|member| member.group).filter(|group| *group != 0).collect();
        let is_one_of_each = duties.iter().collect::<BTreeSet<_>>().len() == duties.len();
        let weight: u64 = chosen.iter().map(|member| u64::from(member.weight)).sum();
        is_one_of_each
            && weight >= u64::from(*need)
            && chosen.iter().all(|member| obviously_satisfied(&member.policy, signed))
    })
}

proptest! {
    /// Every set of signatures is judged as the slow model judges it, and `missing` is what the model needs too.
    #[test]
    fn every_set_of_signatures_is_judged_as_the_slow_model_does(policy in any_policy()) {
        prop_assume!(policy.validate().is_ok() && policy.keys().len() <= 8);
        let keys = policy.keys();
        let set = |subset: u32| -> BTreeSet<PublicKey> {
            keys.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1).map(|(_, key)| *key).collect()
        };
        let sets: Vec<_> = (0..1 << keys.len()).map(set).collect();
        let satisfying: Vec<_> = sets.iter().filter(|signed| obviously_satisfied(&policy, signed)).collect();
        for signed in &sets {
            prop_assert_eq!(policy.is_satisfied(signed), satisfying.contains(&signed), "{:?}", signed);
            let fewest = satisfying.iter().map(|enough| enough.difference(signed).count()).min();
            prop_assert_eq!(Some(policy.missing(signed).len()), fewest, "{:?}", signed);
        }
    }
}
