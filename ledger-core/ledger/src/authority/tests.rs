use proptest::prelude::*;

use super::*;
use crate::{Coded, SigningKey};

const GRAIN: AssetId = AssetId::from_bytes([1; 32]);

fn policy(seed: u8) -> Policy {
    Policy::Key(SigningKey::from_seed(&[seed; 32]).public())
}

fn rule(commands: &[&str], bound: Option<u64>, not_after_ms: Option<u64>, seed: u8) -> Rule {
    Rule {
        commands: commands.iter().map(|&command| command.to_owned()).collect(),
        asset: bound.map(|_| GRAIN),
        amount_up_to: bound.map(|bound| Amount::from_minor(bound).unwrap()),
        not_after_ms,
        delay_ms: None,
        policy: policy(seed),
    }
}

fn banded() -> Authority {
    Authority::new(vec![
        rule(&["token/transfer"], Some(100), None, 1),
        rule(&["token/*"], None, Some(5_000), 2),
        rule(&["acme/receipt/*"], None, None, 3),
    ])
}

fn check(command: &str, amount: Option<u64>, until_ms: u64, seed: Option<u8>) {
    let outflow = amount.map(|minor| (GRAIN, Amount::from_minor(minor).unwrap()));
    let demand = Demand { command: command.to_owned(), outflow };
    assert_eq!(banded().policy_for(&demand, until_ms).cloned(), seed.map(policy), "{demand:?}");
}

#[test]
fn the_first_rule_that_fits_decides() {
    check("token/transfer", Some(100), 1, Some(1));
    check("token/transfer", Some(101), 1, Some(2));
    check("token/transfer", None, 1, Some(2));
    check("token/issue", Some(1), 5_000, Some(2));
    check("token/issue", Some(1), 5_001, None);
    check("acme/receipt/issue", None, 9_999, Some(3));
    check("acme/lot/issue", None, 9_999, None);
    check("pledge/pledge", None, 1, None);
}

#[test]
fn authorities_that_nobody_could_use_are_refused() {
    let code = |authority: Authority| authority.validate().map_err(|error| error.code());
    assert_eq!(code(banded()), Ok(()));
    assert_eq!(code(Authority::new(Vec::new())), Err("AUTHORITY_EMPTY"));
    assert_eq!(code(Authority::new(vec![rule(&[], None, None, 1)])), Err("AUTHORITY_NO_COMMAND"));
    let unreachable = Authority::simple(Policy::k_of_n(2, &policy(1).keys()));
    assert_eq!(code(unreachable), Err("AUTHORITY_POLICY"));
    let boundless = Rule { asset: None, ..rule(&["*"], Some(5), None, 1) };
    assert_eq!(code(Authority::new(vec![boundless])), Err("AUTHORITY_BOUND_WITHOUT_ASSET"));
}

#[test]
fn a_recovery_rule_is_for_recovery_and_no_other_rule_is() {
    let recovery = |delay_ms| Rule { delay_ms: Some(delay_ms), ..rule(&["party/recover"], None, Some(9_000), 5) };
    let authority = Authority::new(vec![recovery(70), rule(&["*"], None, None, 1)]);
    assert_eq!(authority.validate(), Ok(()));
    let of = |command: &str, until_ms| {
        let demand = Demand { command: command.to_owned(), outflow: None };
        authority.policy_for(&demand, until_ms).cloned()
    };
    assert_eq!(of("party/recover", 9_000), Some(policy(5)));
    assert_eq!(of("party/recover", 9_001), None);
    assert_eq!(of("party/change", 1), Some(policy(1)));
    assert_eq!((authority.recovery_delay_ms(9_000), authority.recovery_delay_ms(9_001)), (Some(70), None));

    let code = |rules: Vec<Rule>| Authority::new(rules).validate().map_err(|error| error.code());
    let everything = || rule(&["*"], None, None, 1);
    assert_eq!(code(vec![recovery(Rule::DELAY_MS_MAX), everything()]), Ok(()));
    assert_eq!(code(vec![recovery(Rule::DELAY_MS_MAX + 1), everything()]), Err("AUTHORITY_DELAY"));
    assert_eq!(code(vec![recovery(0), everything()]), Err("AUTHORITY_DELAY"));
    assert_eq!(code(vec![recovery(70)]), Err("AUTHORITY_RECOVERY_ALONE"));
    let at_once = rule(&["party/recover"], None, None, 1);
    assert_eq!(code(vec![at_once, everything()]), Err("AUTHORITY_NOT_OF_RECOVERY"));
    let for_all = Rule { delay_ms: Some(70), ..everything() };
    assert_eq!(code(vec![for_all, everything()]), Err("AUTHORITY_NOT_OF_RECOVERY"));
    let of_an_asset = Rule { asset: Some(GRAIN), ..recovery(70) };
    assert_eq!(code(vec![of_an_asset, everything()]), Err("AUTHORITY_NOT_OF_RECOVERY"));
}

const ASSETS: [AssetId; 2] = [GRAIN, AssetId::from_bytes([2; 32])];
const COMMANDS: [&str; 5] = ["*", "token/*", "token/transfer", "party/recover", "title/offer"];

fn any_rule() -> impl Strategy<Value = Rule> {
    let commands = prop::collection::vec(prop::sample::select(&COMMANDS[..]), 1..3);
    let asset = prop::option::of((0usize..2, prop::option::of(1u64..6)));
    let policy = (1u8..6, 1u32..3).prop_map(|(first, need)| {
        let keys: Vec<_> = (first..first + 3).map(|seed| SigningKey::from_seed(&[seed; 32]).public()).collect();
        Policy::k_of_n(need, &keys)
    });
    let times = (prop::option::of(1u64..6), prop::option::weighted(0.2, 1u64..9));
    (commands, asset, times, policy).prop_map(|(commands, asset, (not_after_ms, delay_ms), policy)| Rule {
        commands: commands.into_iter().map(str::to_owned).collect(),
        asset: asset.map(|(place, _)| ASSETS[place]),
        amount_up_to: asset.and_then(|(_, bound)| bound).map(|bound| Amount::from_minor(bound).unwrap()),
        not_after_ms,
        delay_ms,
        policy,
    })
}

/// The rules of the guide, word by word.
fn fits(rule: &Rule, command: &str, outflow: Option<(usize, u64)>, until_ms: u64) -> bool {
    let names = rule.commands.iter().any(|pattern| match pattern.as_str() {
        "*" => true,
        "token/*" => command.starts_with("token/"),
        exact => exact == command,
    });
    let in_band = match (rule.asset, outflow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(asset), Some((place, minor))) => {
            asset == ASSETS[place] && rule.amount_up_to.is_none_or(|bound| minor <= bound.minor())
        }
    };
    let is_in_time = rule.not_after_ms.is_none_or(|end| until_ms <= end);
    let recovers = (command == "party/recover") == rule.delay_ms.is_some();
    names && in_band && is_in_time && recovers
}

proptest! {
    /// Of a whole authority the first rule that fits decides, and what is missing then is a smallest set of its policy's keys:
    /// compared with reading every rule and trying every subset of all keys.
    #[test]
    fn a_whole_authority_decides_as_its_rules_read(
        rules in prop::collection::vec(any_rule(), 1..6),
        command in prop::sample::select(vec!["token/transfer", "token/issue", "party/recover", "title/offer"]),
        outflow in prop::option::of((0usize..2, 1u64..8)),
        until_ms in 1u64..8,
        have in prop::collection::btree_set(1u8..8, 0..3),
    ) {
        // Recovery rules name their command, as validation asks.
        let sound = |rule: Rule| match rule.delay_ms {
            Some(_) => Rule { commands: vec!["party/recover".to_owned()], asset: None, amount_up_to: None, ..rule },
            None => rule,
        };
        let authority = Authority::new(rules.into_iter().map(sound).collect());
        let value = outflow.map(|(place, minor)| (ASSETS[place], Amount::from_minor(minor).unwrap()));
        let demand = Demand { command: command.to_owned(), outflow: value };
        let decided = authority.policy_for(&demand, until_ms);
        let expected = authority.rules().iter().find(|rule| fits(rule, command, outflow, until_ms));
        prop_assert_eq!(decided, expected.map(|rule| &rule.policy));
        let Some(policy) = decided else { return Ok(()) };

        let key = |seed: u8| SigningKey::from_seed(&[seed; 32]).public();
        let have: std::collections::BTreeSet<_> = have.into_iter().map(key).collect();
        let all: Vec<_> = (1u8..9).map(key).collect();
        let fewest = (0u32..1 << all.len()).filter(|subset| {
            let chosen = all.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1).map(|(_, key)| *key);
            policy.is_satisfied(&have.iter().copied().chain(chosen).collect())
        }).map(u32::count_ones).min();
        prop_assert_eq!(u32::try_from(policy.missing(&have).len()).ok(), fewest);
    }
}
