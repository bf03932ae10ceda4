//! Published prices are taken by the node.

use ledger_core::contract::price::{self, PriceFeed, Quotation, feed_state, price_state};
use ledger_core::{FeedId, Scale, wire};

use super::*;
use crate::Clock;
use crate::tests::market::{amount, contract};

/// The payer's 60 go to the payee when the price falls to 900 or below within three days.
fn margin() -> String {
    let last = START_MS + 3 * DAY_MS;
    let (payer, token) = (r#"{"role_token":"payer"}"#, r#"{"currency_symbol":"","token_name":"USD"}"#);
    let pays = format!(
        r#"{{"pay":60,"token":{token},"to":{{"party":{{"role_token":"payee"}}}},"from_account":{payer},"then":"close"}}"#
    );
    let choice = r#"{"for_choice":{"choice_name":"price","choice_owner":{"role_token":"market"}},"choose_between":[{"from":1,"to":900}]}"#;
    let waits =
        format!(r#"{{"when":[{{"case":{choice},"then":{pays}}}],"timeout":{last},"timeout_continuation":"close"}}"#);
    let deposit = format!(r#"{{"party":{payer},"deposits":60,"of_token":{token},"into_account":{payer}}}"#);
    let first = START_MS + 2 * DAY_MS;
    format!(r#"{{"when":[{{"case":{deposit},"then":{waits}}}],"timeout":{first},"timeout_continuation":"close"}}"#)
}

fn feed(market: &Market) -> PriceFeed {
    let mut publishers = vec![market.issuer.address, market.attestor.address, market.payee.address];
    publishers.sort();
    PriceFeed {
        feed: FeedId::derive(&market.chain, &market.issuer.address, "AL-A00"),
        owner: market.issuer.address,
        code: "AL-A00".to_owned(),
        quotation: Quotation { currency: "USD".to_owned(), unit: "TNE".to_owned(), scale: Scale::new(2).unwrap() },
        publishers,
        quorum: 3,
        max_age_ms: DAY_MS,
        jump_basis_points: 1_000,
        last: None,
    }
}

async fn publish(market: &Market, before: &PriceFeed, from: StateRef, value: u64) -> (PriceFeed, StateRef) {
    let time_ms = market.clock.now_ms();
    let (after, point) = before.published(time_ms, &[amount(value); 3]).unwrap();
    let quote = |publisher: &ledger_core::Address| wire::PriceQuote { publisher: publisher.to_vec(), value };
    let quotes = before.publishers.iter().map(quote).collect();
    let command = wire::PricePublish { feed: before.feed.to_vec(), time_ms, quotes, override_breaker: true };
    let builder = market.builder(&market.issuer, &format!("price {value}")).input(from);
    let builder = builder.output(feed_state(&after)).output(price_state(before, &point));
    let builder = builder.command(contract(price::NAME), price::PUBLISH, &command);
    let accepted = market.submit(builder, &[&market.issuer, &market.attestor, &market.payee]).await.unwrap();
    (after, StateRef { transaction: accepted.transaction, index: 0 })
}

/// A market with an agreement that waits for a price; its feed, and the state of that.
async fn watching() -> (Market, PriceFeed, StateRef) {
    let market = Market::open().await;
    let money = market.issue("issue", &[100]).await;
    let feed = feed(&market);
    let define = market.builder(&market.issuer, "feed").output(feed_state(&feed));
    let define = define.command(contract(price::NAME), price::DEFINE, &wire::PriceDefine {});
    let defined = market.submit(define, &[&market.issuer, &market.attestor, &market.payee]).await.unwrap();
    let opened = open(&market, &margin(), Some(("market".to_owned(), Actor::Feed(feed.feed)))).await;
    step(&market, "deposit", opened, &money, DEPOSIT).await;
    market.clock.advance(60_000);
    market.opens_as_replayed().await;
    (market, feed, StateRef { transaction: defined.transaction, index: 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_an_agreement_waits_for_is_taken() {
    let (market, feed, from) = watching().await;
    publish(&market, &feed, from, 850).await;
    eventually("the payee is paid", async || market.free(&market.payee) == 60).await;
    market.opens_as_replayed().await;
}

/// The first price since the deposit was 950: the contract does not take it, nor any later one in its place.
#[tokio::test(flavor = "multi_thread")]
async fn another_price_is_passed_over() {
    let (market, feed, from) = watching().await;
    let (after, from) = publish(&market, &feed, from, 950).await;
    market.clock.advance(60_000);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (40, 0));
    market.opens_as_replayed().await;
    publish(&market, &after, from, 850).await;
    market.clock.advance(3 * DAY_MS);
    eventually("the payer has its money back", async || market.free(&market.payer) == 100).await;
}
