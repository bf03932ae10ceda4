//! What became of a consumed state is told as far as one state followed another.

use ledger_core::contract::token;
use ledger_core::{StateRef, wire};

use super::market::{Market, amount, contract};
use crate::SUCCESSIONS_MAX;

/// The payer passes a holding on to itself, in parts.
async fn passed_on(market: &Market, key: &str, holding: StateRef, parts: &[u64]) -> StateRef {
    let builder = market.builder(&market.payer, key).input(holding);
    let part = |minor: &u64| token::holding_state(market.asset, market.payer.address, amount(*minor));
    let builder = parts.iter().map(part).fold(builder, ledger_core::TransactionBuilder::output);
    let builder = builder.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {});
    let accepted = market.submit(builder, &[&market.payer]).await.unwrap();
    StateRef { transaction: accepted.transaction, index: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_followed_so_many_times_and_no_further() {
    let market = Market::open().await;
    let present = async |state: &StateRef| {
        let succession = market.node.succession(&market.chain, state).await.unwrap();
        succession.map(|succession| succession.present.map(|(place, _)| place))
    };
    let first = market.issue("issue", &[10]).await[0];
    assert_eq!(present(&first).await, None);
    let mut last = first;
    for hop in 0..SUCCESSIONS_MAX {
        last = passed_on(&market, &format!("hop {hop}"), last, &[10]).await;
        assert_eq!(present(&first).await, Some(Some(last)));
    }
    let beyond = passed_on(&market, "beyond", last, &[10]).await;
    assert_eq!((present(&first).await, present(&last).await), (Some(None), Some(Some(beyond))));
    passed_on(&market, "split", beyond, &[4, 6]).await;
    assert_eq!(present(&beyond).await, Some(None), "none of two parts is the one that follows");
    market.opens_as_replayed().await;
}
