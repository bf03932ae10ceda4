//! A chain whose ledger breaks an invariant is read, and commits nothing any more; the others of its node go on.

use ledger_core::claim::ClaimIdentity;
use ledger_core::condition::{Condition, Effect};
use ledger_core::contract::token::TokenContract;
use ledger_core::contract::{Contract, Holding, Signer};
use ledger_core::{ContractError, ContractId, ContractSet, Genesis, Ledger, LedgerTransaction, State};

use super::market::{Market, config, genesis, now, url};
use crate::hosted::HostedChain;
use crate::storage::damage::Vandal;
use crate::{ChainError, JournalRecord, Node, SubmitError};

/// The token's rules, but for the supply that nobody counts: what a fault of the ledger itself would look like.
struct ForgetfulToken(u32);

impl Contract for ForgetfulToken {
    fn id(&self) -> ContractId {
        ContractId::new(TokenContract.id().name(), self.0).unwrap()
    }

    fn kinds(&self) -> &'static [&'static str] {
        TokenContract.kinds()
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        TokenContract.verify(transaction)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        TokenContract.authorities(transaction)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        TokenContract.claims(transaction)
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        TokenContract.conditions(transaction)
    }

    fn effects(&self, _: &LedgerTransaction) -> Result<Vec<Effect>, ContractError> {
        Ok(Vec::new())
    }

    fn holding(&self, state: &State) -> Result<Option<Holding>, ContractError> {
        TokenContract.holding(state)
    }
}

/// Two chains on a node that does not count supply; money stands on the first.
async fn forgetful_market() -> (Market, Market) {
    let mut market = Market::open().await;
    let mut config = config(&market.directory, &market.clock);
    config.contracts = ContractSet::built_in().with(Box::new(ForgetfulToken(1)));
    market = market.reopen_with(config).await;
    let other = market.further("receipts").await;
    market.issue("money", &[5, 6]).await;
    (market, other)
}

/// The chain is stopped and says so, nothing is committed on it, and the other one goes on.
async fn only_it_stands_still(market: &Market, other: &Market) {
    let height = market.height();
    let stopped = market.summary().stopped.unwrap();
    assert!(stopped.contains("INVARIANT_SUPPLY") && stopped.contains(&market.chain.to_string()), "{stopped}");
    let holding = now(market.node.holdings(&market.chain, &market.payer.address, None)).unwrap()[0].reference;
    assert_eq!(market.pay("late", holding, 5).await.unwrap_err(), SubmitError::Stopped(stopped.clone()));
    let record = JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: "late".to_owned(),
        content: Vec::new(),
    };
    assert_eq!(market.node.journal(&market.chain, record).await, Err(SubmitError::Stopped(stopped)));
    assert_eq!((market.height(), market.free(&market.payer)), (height, 11), "it is read as before");
    assert!(market.node.ready().is_ok());
    assert_eq!(other.summary().stopped, None);
    let height = other.height();
    other.rotate(&mut super::market::Party::new(4), 44).await;
    assert_eq!(other.height(), height + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_breaks_an_invariant_is_opened_and_stands_still() {
    let (market, other) = forgetful_market().await;
    market.node.shutdown().await;
    let mut config = config(&market.directory, &market.clock);
    config.contracts = ContractSet::built_in().with(Box::new(ForgetfulToken(1)));
    let node = Node::open(config).await.unwrap();
    let (market, other) = (market.at(node.clone()), other.at(node));
    market.node.open_chain(&market.chain).await.unwrap();
    only_it_stands_still(&market, &other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_stops_the_chain_of_a_running_node() {
    let (market, other) = forgetful_market().await;
    assert_eq!(market.summary().stopped, None);
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(!report.is_clean());
    only_it_stands_still(&market, &other).await;
}

/// Block and chain damage, on either kind of database.
const BLOCK_MOVED: &str = "UPDATE block SET bytes = (SELECT bytes FROM block AS other WHERE other.chain_id = 1 AND \
                           other.height = 2) WHERE chain_id = 1 AND height = 3";
const GENESIS_LOST: &str = "UPDATE chain SET genesis = identity WHERE chain_id = 1";

async fn damaged(sql: &str) -> (Market, Market) {
    let market = Market::open().await;
    market.issue("money", &[5, 6]).await;
    let other = market.further("receipts").await;
    market.node.shutdown().await;
    Vandal::open(&url(&market.directory)).await.execute(sql).await;
    let node = Node::open(config(&market.directory, &market.clock)).await.unwrap();
    (market.at(node.clone()), other.at(node))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_whose_blocks_or_genesis_do_not_hold_stops_alone() {
    for (sql, reason) in [(BLOCK_MOVED, "another height's"), (GENESIS_LOST, "genesis")] {
        let (market, other) = damaged(sql).await;
        for _ in 0..2 {
            let unread = market.node.balances(&market.chain, &market.payer.address).await.unwrap_err();
            assert!(matches!(&unread, ChainError::BrokenHistory { chain, .. } if *chain == market.chain), "{unread}");
            let refused = market.node.submit(&market.chain, Vec::new()).await.unwrap_err();
            assert_eq!((refused.code(), refused.to_string().contains(reason)), ("CHAIN_HISTORY_BROKEN", true));
        }
        let stopped = market.summary().stopped.unwrap();
        assert!(stopped.contains(reason), "{stopped}");
        assert_eq!(market.node.chain_counts().stopped, 1);
        assert!(market.node.ready().is_ok());
        let height = other.height();
        other.rotate(&mut super::market::Party::new(4), 44).await;
        assert_eq!((other.height(), other.summary().stopped), (height + 1, None));
    }
}

/// A chain that learns from one that does not hold cannot know which keys are revoked.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_stops_with_its_directory() {
    let market = Market::open().await;
    let under = market.under("cocoa").await;
    market.node.shutdown().await;
    Vandal::open(&url(&market.directory)).await.execute(GENESIS_LOST).await;
    let node = Node::open(config(&market.directory, &market.clock)).await.unwrap();
    let under = under.at(node);
    let refused = under.node.open_chain(&under.chain).await.unwrap_err();
    assert!(matches!(&refused, ChainError::BrokenHistory { chain, .. } if *chain == under.chain), "{refused}");
    assert!(under.summary().stopped.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_at_once_that_a_chain_is_not_its_own_or_has_a_contract_it_lacks() {
    let market = Market::open().await;
    market.node.shutdown().await;
    let mut foreign = config(&market.directory, &market.clock);
    foreign.recorder = ledger_core::SigningKey::from_seed(&[1; 32]);
    let refused = Node::open(foreign).await.map(|_| ()).unwrap_err();
    assert!(matches!(&refused, ChainError::ForeignRecorder { chain } if *chain == market.chain), "{refused}");
    let mut more = config(&market.directory, &market.clock);
    more.contracts = ContractSet::built_in().with(Box::new(ForgetfulToken(2)));
    let contracts = more.contracts.ids();
    let node = Node::open(more).await.unwrap();
    node.create_chain(ledger_core::Genesis { contracts, ..super::market::genesis("more") }).await.unwrap();
    node.shutdown().await;
    let refused = Node::open(config(&market.directory, &market.clock)).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, ChainError::UnknownContract { .. }), "{refused}");
}

/// Memory is held against what the same blocks give anew.
#[test]
fn a_chain_whose_memory_is_not_what_its_blocks_give_stops() {
    let contracts = ContractSet::built_in();
    let chain = |genesis: Genesis| HostedChain::new(1, genesis, &contracts).unwrap();
    let hosted = chain(genesis("money"));
    hosted.stop_if_unlike(&Ledger::from_genesis(genesis("money")).unwrap());
    assert_eq!(hosted.stopped(), None);
    let another = Genesis { administrator_nonce: [9; 16], ..genesis("money") };
    hosted.stop_if_unlike(&Ledger::from_genesis(another).unwrap());
    assert!(hosted.stopped().is_some_and(|reason| reason.contains("at height 0")), "{:?}", hosted.stopped());
}
