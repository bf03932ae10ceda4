//! A chain whose ledger breaks an invariant is read, and commits nothing any more; the others of its node go on.

use ledger_core::claim::ClaimIdentity;
use ledger_core::condition::{Condition, Effect};
use ledger_core::contract::token::TokenContract;
use ledger_core::contract::{Contract, Holding, Signer};
use ledger_core::{ContractError, ContractId, ContractSet, LedgerTransaction, State};

use super::market::{Market, config, now};
use crate::{JournalRecord, Node, SubmitError};

/// The token's rules, but for the supply that nobody counts: what a fault of the ledger itself would look like.
struct ForgetfulToken;

impl Contract for ForgetfulToken {
    fn id(&self) -> ContractId {
        TokenContract.id()
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
    config.contracts = ContractSet::built_in().with(Box::new(ForgetfulToken));
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
    config.contracts = ContractSet::built_in().with(Box::new(ForgetfulToken));
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
