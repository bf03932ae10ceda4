//! The life of pledges on a real node.

use super::*;
use crate::filter::{Filter, TimePoint, Viewer};
use crate::fixture::warehouse::*;
use crate::pledge::query::{PledgeFields, PledgeOrder, PledgeQuery, TotalsBy, totals};

fn amount(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

fn pledge_to(warehouse: &Warehouse, asset: AssetId, who: Who, key: &str) -> PledgeRequest {
    PledgeRequest {
        receipt: warehouse.name("WR-1"),
        idempotency_key: key.to_owned(),
        pledgee: who.address(),
        secured_asset: asset,
        secured_maximum: amount(2_844_353),
    }
}

async fn pledged() -> (Warehouse, AssetId) {
    let warehouse = Warehouse::open().await;
    let asset = warehouse.dollar().await;
    warehouse.issue_of_own_lot("WR-1", 160).await;
    let depositor = warehouse.principal(Depositor).await;
    let opened = pledge(warehouse.desk(&depositor), &pledge_to(&warehouse, asset, BankA, "pledge")).await;
    warehouse.settle(opened, &[Depositor, BankA, Operator]).await.unwrap();
    (warehouse, asset)
}

async fn pledges_seen(warehouse: &Warehouse, viewer: Viewer) -> Vec<String> {
    let query = PledgeQuery {
        viewer,
        time: TimePoint::default(),
        filter: Filter::<PledgeFields>::default(),
        order: PledgeOrder::default(),
        descending: false,
    };
    let page = hive_plug::Page::new("pledges", None, None, None, None).unwrap();
    let rows = query.page(&warehouse.view(), &page).await.unwrap();
    assert_eq!(query.count(&warehouse.view()).await.unwrap(), u64::try_from(rows.len()).unwrap());
    rows.into_iter().map(|(_, row)| format!("{} {}", row.number, row.status)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_pledge_is_refused_and_tells_nothing_of_the_first() {
    let (warehouse, asset) = pledged().await;
    let depositor = warehouse.principal(Depositor).await;
    let second = pledge(warehouse.desk(&depositor), &pledge_to(&warehouse, asset, BankB, "second")).await.unwrap_err();
    assert_eq!(second.code(), "PLEDGE_EXISTS");
    let told = second.to_string();
    assert!(told.contains("WR-1"), "{told}");
    assert!(!told.contains(&BankA.address().to_string()) && !told.contains("2844353"), "{told}");
    // Bank B has no part in the receipt, so for bank B it does not exist.
    let bank_b = warehouse.principal(BankB).await;
    let own = pledge(warehouse.desk(&bank_b), &pledge_to(&warehouse, asset, BankB, "own")).await.unwrap_err();
    assert_eq!(own.code(), "RECEIPT_UNKNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn pledges_are_seen_by_their_parties_and_summed_for_supervisors() {
    let (warehouse, asset) = pledged().await;
    for (who, sees) in [(BankA, true), (Depositor, true), (Operator, true), (BankB, false), (Supplier, false)] {
        let seen = pledges_seen(&warehouse, Viewer::Party(who.address())).await;
        assert_eq!(seen, if sees { vec!["WR-1 active"] } else { vec![] }, "{who:?}");
    }
    let lines = totals(&warehouse.view(), TotalsBy::Pledgee, &TimePoint::default()).await.unwrap();
    let line = &lines[0];
    assert_eq!((line.party.clone(), line.secured_asset.clone()), (BankA.address().to_vec(), asset.to_vec()));
    assert_eq!((line.pledges, line.mass_kilograms, line.secured_maximum), (1, 9_600, 2_844_353));
    let lines = totals(&warehouse.view(), TotalsBy::Obligor, &TimePoint::default()).await.unwrap();
    assert_eq!(lines[0].party, Depositor.address().to_vec());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pledgee_releases_the_whole_and_the_receipt_is_free() {
    let (warehouse, asset) = pledged().await;
    let bank = warehouse.principal(BankA).await;
    let release_of = |kilograms, key: &str| ReleaseRequest {
        receipt: warehouse.name("WR-1"),
        idempotency_key: key.to_owned(),
        quantity: amount(kilograms),
    };
    for (kilograms, code) in [(9_601, "PLEDGE_OVER_RELEASE"), (9_599, "PLEDGE_PARTIAL_RELEASE")] {
        let refused = release(warehouse.desk(&bank), &release_of(kilograms, code)).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    let opened = release(warehouse.desk(&bank), &release_of(9_600, "release")).await;
    warehouse.settle(opened, &[BankA]).await.unwrap();
    assert_eq!(pledges_seen(&warehouse, Viewer::Supervisor).await, ["WR-1 released"]);
    assert!(totals(&warehouse.view(), TotalsBy::Pledgee, &TimePoint::default()).await.unwrap().is_empty());
    let depositor = warehouse.principal(Depositor).await;
    let again = pledge(warehouse.desk(&depositor), &pledge_to(&warehouse, asset, BankB, "again")).await;
    warehouse.settle(again, &[Depositor, BankB, Operator]).await.unwrap();
    let audit = warehouse.node.audit(|_| ()).await.unwrap();
    assert!(audit.findings.is_empty(), "{:?}", audit.findings);
}

/// A third of the goods is released by splitting the title, past this vertical's own writes: its rows follow all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_partial_release_past_the_vertical_keeps_its_rows_true() {
    use ledger_core::contract::pledge::{Cover, PLEDGE, PledgedTitle, RELEASE, cover_state, read_cover};
    use ledger_core::contract::{pledge, title};
    use ledger_core::{ContractId, State, StateRef, TitleId, TransactionBuilder, wire};
    let (warehouse, _) = pledged().await;
    let find = async |contract: &'static str, kind: &'static str| -> (StateRef, State) {
        let found = warehouse.node.read_ledger(&warehouse.chain, |ledger| {
            let mut states = ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(contract, kind));
            states.next().map(|(reference, unspent)| (*reference, unspent.state.as_ref().clone()))
        });
        found.await.unwrap().unwrap()
    };
    let (title_ref, titled) = find(title::NAME, title::TITLE).await;
    let (pledge_ref, pledged) = find(pledge::NAME, PLEDGE).await;
    let parent = title::read_title(&titled).unwrap();
    let part = |number: &str, kilograms| title::Title {
        title: TitleId::derive(&warehouse.chain, &Operator.address(), number),
        number: number.to_owned(),
        quantity: amount(kilograms),
        ..parent.clone()
    };
    let (freed, kept) = (part("WR-1A", 3_200), part("WR-1B", 6_400));
    let before = read_cover(&pledged).unwrap();
    let still = PledgedTitle { title: kept.title, number: kept.number.clone(), quantity: kept.quantity };
    let cover = Cover { released: amount(3_200), ..before.over(vec![still]).unwrap() };
    let transaction = TransactionBuilder::new(warehouse.frame(Depositor))
        .input(title_ref)
        .input(pledge_ref)
        .output(title::title_state(&freed, Depositor.address()))
        .output(title::title_state(&kept, Depositor.address()).with_locks(titled.locks.clone()))
        .output(cover_state(&cover))
        .command(
            ContractId::new(title::NAME, 1).unwrap(),
            title::SPLIT,
            &wire::TitleSplit { title: parent.title.to_vec() },
        )
        .command(
            ContractId::new(pledge::NAME, 1).unwrap(),
            RELEASE,
            &wire::PledgeRelease { pledge: cover.pledge.pledge.to_vec(), quantity: 3_200 },
        )
        .build();
    warehouse.submit(transaction, &[Depositor, BankA, Operator]).await.unwrap();
    assert!(warehouse.node.parked().is_empty());
    assert_eq!(pledges_seen(&warehouse, Viewer::Supervisor).await, ["WR-1B active"]);
    let lines = totals(&warehouse.view(), TotalsBy::Pledgee, &TimePoint::default()).await.unwrap();
    assert_eq!((lines[0].pledges, lines[0].mass_kilograms), (1, 6_400));
    let (view, everybody) = (warehouse.view(), Viewer::Supervisor);
    let receipt =
        crate::receipt::query::by_number(&view, everybody, &warehouse.chain, "WR-1", None, TimePoint::default());
    assert_eq!(receipt.await.unwrap().pop().unwrap().status, crate::receipt::projection::REPLACED);
    let audit = warehouse.node.audit(|_| ()).await.unwrap();
    assert!(audit.findings.is_empty(), "{:?}", audit.findings);
}
