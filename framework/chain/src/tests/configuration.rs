//! A chain's configuration, changed by transaction and in force from the next block on.

use ledger_core::contract::chain;
use ledger_core::{Bounds, Configuration, ContractId, Wire, wire};

use super::market::{Market, contract};
use crate::{Accepted, SubmitError};

pub(super) async fn configure(market: &Market, configuration: &Configuration) -> Result<Accepted, SubmitError> {
    let arguments = wire::ChainConfigure { configuration: Some(configuration.to_wire()) };
    let key = format!("configure {} {}", configuration.version, configuration.name);
    let builder = market.builder(&market.administrator, &key);
    let builder = builder.command(contract("chain"), chain::CONFIGURE, &arguments);
    market.submit(builder, &[&market.administrator]).await
}

pub(super) fn next(market: &Market) -> Configuration {
    let present = market.summary().configuration;
    Configuration { version: present.version + 1, ..present }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_cut_by_the_configuration_in_force() {
    let market = Market::open().await;
    let bounds = Bounds { block_transactions_max: 1, ..Bounds::default() };
    let configuration = Configuration { name: "tea".to_owned(), bounds, ..next(&market) };
    configure(&market, &configuration).await.unwrap();
    let holdings = market.issue("issue", &[1, 2, 3, 4, 5, 6]).await;
    let payments = holdings.iter().zip(1u64..).map(|(holding, minor)| {
        let market = &market;
        async move { market.pay(&format!("pay {minor}"), *holding, minor).await.unwrap() }
    });
    let accepted = futures_util::future::join_all(payments).await;
    assert!(accepted.iter().all(|accepted| accepted.position == 0), "{accepted:?}");
    let market = market.reopen().await;
    assert_eq!(market.summary().configuration, configuration);
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_the_node_lacks_is_not_enabled() {
    let market = Market::open().await;
    let mut configuration = next(&market);
    configuration.contracts.push(ContractId::new("unheard-of", 1).unwrap());
    configuration.contracts.sort();
    let refused = configure(&market, &configuration).await.unwrap_err();
    assert_eq!(refused.code(), "CONTRACT_NOT_INSTALLED");
    assert_eq!(market.summary().configuration.version, 1);
    configuration.contracts.retain(|contract| contract.name() != "unheard-of");
    configure(&market, &configuration).await.unwrap();
    assert_eq!(
        configure(&market, &Configuration { name: "late".to_owned(), ..configuration }).await.unwrap_err().code(),
        "CONFIGURATION_MOVED"
    );
    market.opens_as_replayed().await;
}
