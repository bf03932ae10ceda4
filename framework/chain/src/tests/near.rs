//! Claims much like others': warned of before anybody signs and with the answer, never refused.

use ledger_core::contract::title;
use ledger_core::{TitleId, TransactionBuilder, Warning, wire};

use super::market::{Market, amount, contract};

/// A title for the payer, kept by the issuer.
fn title_of(market: &Market, number: &str) -> TransactionBuilder {
    let custodian = market.issuer.address;
    let title = title::Title {
        title: TitleId::derive(&market.chain, &custodian, number),
        custodian,
        number: number.to_owned(),
        quantity: amount(6_000),
        unit: "KGM".to_owned(),
    };
    let state = title::title_state(&title, market.payer.address);
    let builder = market.builder(&market.issuer, number).output(state);
    builder.command(contract("title"), title::ISSUE, &wire::TitleIssue {})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_near_number_is_warned_of_and_accepted() {
    let market = Market::open().await;
    let signers = [&market.issuer, &market.payer];
    let first = market.submit(title_of(&market, "WR-2026-0007"), &signers).await.unwrap();
    assert_eq!(first.warnings, []);
    let near = title_of(&market, "WR/2026/7");
    let other = title_of(&market, "WR/2026/0007");
    let check = async |builder: TransactionBuilder| {
        let transaction = market.node.fill_claims(&market.chain, builder.build()).await.unwrap();
        market.node.check(&market.chain, transaction).await.unwrap().warnings
    };
    assert_eq!(check(near.clone()).await, []);
    let warned = [Warning::NearClaim { class: "document number", output: 0 }];
    assert_eq!(check(other.clone()).await, warned);
    assert_eq!(market.submit(near, &signers).await.unwrap().warnings, []);
    let bytes = market.signed(other, &signers).await;
    let accepted = market.node.submit(&market.chain, bytes.clone()).await.unwrap();
    assert_eq!((accepted.warnings.as_slice(), accepted.replayed), (warned.as_slice(), false));
    let again = market.node.submit(&market.chain, bytes).await.unwrap();
    assert_eq!((again.warnings.as_slice(), again.replayed, again.height), ([].as_slice(), true, accepted.height));
    let same = market.submit(title_of(&market, "wr 2026 0007"), &signers).await.unwrap_err();
    assert_eq!(same.code(), "CLAIM_HELD");
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    market.opens_as_replayed().await;
}
