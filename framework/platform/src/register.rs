//! What the platform asks of the ledgers about a party: where it is registered, which keys may sign for it, what it may do.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hive_chain::{Membership, Node};
use ledger_core::{Address, Authority, ChainId, Permission, PublicKey};

use crate::storage::StorageError;

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
#[async_trait]
pub trait PartyRegister: Send + Sync + 'static {
    /// One entry per chain of this node on which the party is registered. Where a chain's parties are registered on another
    /// one, that tells nothing of the chain, so there it takes its administrators' word.
    ///
    /// # Errors
    /// The database failed.
    async fn standings(&self, party: &Address, now_ms: u64) -> Result<Vec<Standing>, StorageError>;
}

#[async_trait]
impl PartyRegister for Node {
    async fn standings(&self, party: &Address, now_ms: u64) -> Result<Vec<Standing>, StorageError> {
        let standing = |membership: &Membership| Standing {
            chain: membership.chain,
            keys: current_keys(&membership.record.authority, now_ms),
            permissions: membership.permissions.clone(),
        };
        Ok(self.memberships(party).await?.iter().map(standing).collect())
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
    use hive_chain::Clock;
    use ledger_core::contract::party::Learn;
    use ledger_core::{Directory, Genesis, Policy, Rule};

    use super::*;
    use crate::fixture::key;
    use crate::fixture::market::{genesis, market};

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

    /// Anybody brings the record of any party from the directory to a chain; that admits nobody.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_party_of_the_directory_stands_where_it_is_admitted() {
        let market = market().await;
        let (node, alice) = (market.node(), market.alice.address);
        let directory = Directory { chain: market.chain, recorder: genesis("cocoa").recorder };
        let cocoa = node.create_chain(Genesis { directory: Some(directory), ..genesis("cocoa") }).await.unwrap();
        let administrator = genesis("cocoa").administrator_record().address;
        let registered = node.command(&market.chain, &market.registration()).await.unwrap().unwrap().id;
        let proof = node.proof(&market.chain, &registered).await.unwrap().unwrap();
        let place = proof.transaction.transaction.outputs.iter().position(|record| record.owner == alice).unwrap();
        let learn = Learn::of(&proof, u32::try_from(place).unwrap()).unwrap();
        let learn = learn.transaction(&cocoa, None, market.clock.now_ms()).unwrap();
        node.submit_unsigned(&cocoa, node.fill_claims(&cocoa, learn).await.unwrap()).await.unwrap();
        assert!(node.party(&cocoa, &alice).await.unwrap().is_some());

        let stands = async |party| {
            let standings = node.standings(party, market.clock.now_ms()).await.unwrap();
            standings.into_iter().find(|standing| standing.chain == cocoa).map(|standing| standing.permissions)
        };
        assert_eq!(stands(&alice).await, None);
        assert!(stands(&administrator).await.is_some_and(|permissions| permissions.contains(&Permission::Administer)));
        market.permit(&cocoa, &[market.alice]).await;
        assert!(stands(&alice).await.is_some_and(|permissions| permissions.contains(&Permission::Transact)));
        assert_eq!(stands(&market.bob.address).await, None);
    }
}
