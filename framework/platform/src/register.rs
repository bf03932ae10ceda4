//! What the platform asks of the ledgers about a party: where it is registered, which keys may sign for it, what it may do.

use std::collections::BTreeSet;

use hive_chain::Node;
use ledger_core::{Address, Authority, ChainId, Permission, PublicKey};

/// A party on one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The chain.
    pub chain: ChainId,
    /// The keys in its authority, as the chain's directory has it, without rules that have ended and without recovery rules.
    pub keys: BTreeSet<PublicKey>,
    /// Its permissions there.
    pub permissions: BTreeSet<Permission>,
}

/// Tells where a party stands, as of the last committed block.
pub trait PartyRegister: Send + Sync + 'static {
    /// One entry per chain of this node on which the party is registered.
    fn standings(&self, party: &Address, now_ms: u64) -> Vec<Standing>;
}

impl PartyRegister for Node {
    fn standings(&self, party: &Address, now_ms: u64) -> Vec<Standing> {
        let chains = self.chains().into_iter().map(|chain| chain.id);
        chains
            .filter_map(|chain| {
                let keys = current_keys(&self.party(&chain, party)?.record.authority, now_ms);
                let permissions = self.read_ledger(&chain, |ledger| ledger.permissions(party))?;
                Some(Standing { chain, keys, permissions })
            })
            .collect()
    }
}

/// Keys of rules that still apply.
fn current_keys(authority: &Authority, now_ms: u64) -> BTreeSet<PublicKey> {
    let acts = authority.rules().iter().filter(|rule| rule.delay_ms.is_none());
    let applies = acts.filter(|rule| rule.not_after_ms.is_none_or(|end| now_ms <= end));
    applies.flat_map(|rule| rule.policy.keys()).collect()
}

#[cfg(test)]
mod tests {
    use ledger_core::{Policy, Rule};

    use super::*;
    use crate::fixture::key;

    fn rule(seed: u8, not_after_ms: Option<u64>) -> Rule {
        let policy = Policy::Key(key(seed).public());
        Rule { commands: vec!["*".to_owned()], asset: None, amount_up_to: None, not_after_ms, delay_ms: None, policy }
    }

    #[test]
    fn deputy_counts_until_the_end_date_only() {
        let authority = Authority::new(vec![rule(1, Some(1_000)), rule(2, None)]);
        assert_eq!(current_keys(&authority, 1_000).len(), 2);
        assert_eq!(current_keys(&authority, 1_001), BTreeSet::from([key(2).public()]));
    }

    #[test]
    fn who_may_recover_a_party_does_not_sign_in_for_it() {
        let guardian = Rule { delay_ms: Some(1), commands: vec!["party/recover".to_owned()], ..rule(1, None) };
        let authority = Authority::new(vec![guardian, rule(2, None)]);
        assert_eq!(current_keys(&authority, 1), BTreeSet::from([key(2).public()]));
    }
}
