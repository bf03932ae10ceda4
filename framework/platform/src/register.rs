//! What the platform asks of the ledgers about a party: where it is registered, which keys may sign for it, what it may do.

use std::collections::BTreeSet;

use hive_chain::Node;
use ledger_core::view::View;
use ledger_core::{Address, Authority, ChainId, Ledger, Permission, PublicKey};

/// A party on one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The chain.
    pub chain: ChainId,
    /// The keys in its authority there, without rules that have ended.
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
            .filter_map(|chain| self.read_ledger(&chain, |ledger| standing(ledger, party, now_ms)).flatten())
            .collect()
    }
}

fn standing(ledger: &Ledger, party: &Address, now_ms: u64) -> Option<Standing> {
    let entry = ledger.party(party)?;
    let keys = current_keys(&entry.record.authority, now_ms);
    Some(Standing { chain: ledger.chain(), keys, permissions: ledger.permissions(party) })
}

/// Keys of rules that still apply.
fn current_keys(authority: &Authority, now_ms: u64) -> BTreeSet<PublicKey> {
    let applies = authority.rules().iter().filter(|rule| rule.not_after_ms.is_none_or(|end| now_ms <= end));
    applies.flat_map(|rule| rule.policy.keys()).collect()
}

#[cfg(test)]
mod tests {
    use ledger_core::{Policy, Rule};

    use super::*;
    use crate::fixture::key;

    fn rule(seed: u8, not_after_ms: Option<u64>) -> Rule {
        let policy = Policy::Key(key(seed).public());
        Rule { commands: vec!["*".to_owned()], asset: None, amount_up_to: None, not_after_ms, policy }
    }

    #[test]
    fn deputy_counts_until_the_end_date_only() {
        let authority = Authority::new(vec![rule(1, Some(1_000)), rule(2, None)]);
        assert_eq!(current_keys(&authority, 1_000).len(), 2);
        assert_eq!(current_keys(&authority, 1_001), BTreeSet::from([key(2).public()]));
    }
}
