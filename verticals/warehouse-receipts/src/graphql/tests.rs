//! The schema on a real node: lists and their pages, refusals, the regulator's view, events.

use async_graphql::{EmptyMutation, EmptySubscription, Request, Schema, Variables};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::*;
use crate::fixture::warehouse::*;
use crate::receipt::graphql::WarehouseReceiptsSubscription;

type Own = Schema<WarehouseReceiptsQuery, WarehouseReceiptsMutation, WarehouseReceiptsSubscription>;

fn own(warehouse: &Warehouse) -> Own {
    let roots = (WarehouseReceiptsQuery::default(), WarehouseReceiptsMutation::default());
    Schema::build(roots.0, roots.1, WarehouseReceiptsSubscription)
        .data(warehouse.node.clone())
        .data(warehouse.platform.clone())
        .finish()
}

async fn request(warehouse: &Warehouse, who: Who, query: &str, variables: Value) -> Request {
    Request::new(query).variables(Variables::from_json(variables)).data(warehouse.principal(who).await)
}

/// What a party is answered; errors as their messages.
async fn ask(warehouse: &Warehouse, who: Who, query: &str, variables: Value) -> Result<Value, Vec<String>> {
    let answer = own(warehouse).execute(request(warehouse, who, query, variables).await).await;
    if !answer.errors.is_empty() {
        return Err(answer.errors.into_iter().map(|error| error.message).collect());
    }
    Ok(answer.data.into_json().unwrap())
}

/// Receipts of 10, 20, 20, 30, 40 bags.
async fn stocked() -> Warehouse {
    let warehouse = Warehouse::open().await;
    for (number, bags) in [("WR-1", 30), ("WR-2", 20), ("WR-3", 10), ("WR_4", 20), ("WR-5", 40)] {
        warehouse.issue_of_own_lot(number, bags).await;
    }
    warehouse
}

fn numbers(connection: &Value) -> Vec<&str> {
    connection["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_str().unwrap()).collect()
}

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $direction: OrderDirection!) { \
    receipts(first: $first, after: $after, last: $last, before: $before, \
    orderBy: { field: MASS, direction: $direction }) { \
    nodes { number } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

#[tokio::test(flavor = "multi_thread")]
async fn pages_join_without_gap_in_both_directions() {
    let warehouse = stocked().await;
    for (direction, expected) in
        [("ASC", ["WR-3", "WR-2", "WR_4", "WR-1", "WR-5"]), ("DESC", ["WR-5", "WR-1", "WR_4", "WR-2", "WR-3"])]
    {
        let (mut forward, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "first": 2, "after": after, "direction": direction });
            let data = ask(&warehouse, Operator, PAGE, variables).await.unwrap();
            forward.extend(numbers(&data["receipts"]).into_iter().map(str::to_owned));
            assert_eq!(data["receipts"]["totalCount"], "5");
            after = data["receipts"]["pageInfo"]["endCursor"].clone();
            if data["receipts"]["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(forward, expected, "{direction}");
        let (mut backward, mut before) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "last": 2, "before": before, "direction": direction });
            let data = ask(&warehouse, Operator, PAGE, variables).await.unwrap();
            let page: Vec<String> = numbers(&data["receipts"]).into_iter().map(str::to_owned).collect();
            backward = [page, backward].concat();
            before = data["receipts"]["pageInfo"]["startCursor"].clone();
            if data["receipts"]["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
        }
        assert_eq!(backward, expected, "{direction}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_join_and_wildcards_mean_themselves() {
    let warehouse = stocked().await;
    let query = "query($where: ReceiptWhere) { receipts(where: $where) { nodes { number } } }";
    let cases = [
        (json!({ "number": { "contains": "_" } }), vec!["WR_4"]),
        (json!({ "number": { "contains": "%" } }), vec![]),
        (json!({ "number": { "in": ["WR-1", "WR-9"] } }), vec!["WR-1"]),
        (json!({ "massKilograms": { "gt": "1200" } }), vec!["WR-1", "WR-5"]),
        (
            json!({ "or": [{ "number": { "eq": "WR-3" } }, { "massKilograms": { "gte": "2400" } }] }),
            vec!["WR-3", "WR-5"],
        ),
        (json!({ "not": { "massKilograms": { "eq": "1200" } } }), vec!["WR-1", "WR-3", "WR-5"]),
        (json!({ "status": ["PLEDGED", "OFFERED"] }), vec![]),
        (json!({ "issueDate": { "lt": "2026-03-05" } }), vec![]),
        (json!({ "holder": { "ne": Depositor.address().to_string() } }), vec![]),
    ];
    for (filter, expected) in cases {
        let data = ask(&warehouse, Depositor, query, json!({ "where": filter })).await.unwrap();
        assert_eq!(numbers(&data["receipts"]), expected, "{filter}");
    }
    let deep = (0..70).fold(json!({}), |inner, _| json!({ "not": inner }));
    assert!(ask(&warehouse, Depositor, query, json!({ "where": deep })).await.unwrap_err()[0].contains("64"));
    let below = json!({ "where": { "massKilograms": { "gt": "0.5" } } });
    assert!(ask(&warehouse, Depositor, query, below).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_order_is_refused() {
    let warehouse = stocked().await;
    let page = "query($after: String, $field: ReceiptOrderField!) { \
        receipts(first: 1, after: $after, orderBy: { field: $field }) { pageInfo { endCursor } } }";
    let data = ask(&warehouse, Operator, page, json!({ "field": "MASS" })).await.unwrap();
    let cursor = data["receipts"]["pageInfo"]["endCursor"].clone();
    let refused = ask(&warehouse, Operator, page, json!({ "field": "NUMBER", "after": cursor })).await.unwrap_err();
    assert!(refused[0].contains("cursor"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_finds_nothing_by_number_id_or_list() {
    let warehouse = stocked().await;
    let chain = warehouse.chain.to_string();
    let by_number = "query($chain: ID!) { receiptByNumber(chain: $chain, number: \"WR-1\") { id number } }";
    let data = ask(&warehouse, Operator, by_number, json!({ "chain": chain })).await.unwrap();
    let id = data["receiptByNumber"]["id"].clone();
    let all = "query($chain: ID!, $id: ID!) { receiptByNumber(chain: $chain, number: \"WR-1\") { id } receipt(id: $id) { id } \
        receipts { nodes { number } } lots { nodes { number } } pledges { nodes { receiptNumber } } }";
    for who in [Supplier, BankA, Regulator] {
        let data = ask(&warehouse, who, all, json!({ "chain": chain, "id": id })).await.unwrap();
        let nothing = json!({ "nodes": [] });
        let expected = json!({ "receiptByNumber": null, "receipt": null, "receipts": nothing, "lots": nothing, "pledges": nothing });
        assert_eq!(data, expected, "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_quantity_is_told_with_its_field() {
    let warehouse = stocked().await;
    let release = "mutation($input: ReleasePledgeInput!) { releasePledge(input: $input) { \
        proposal { id } userErrors { code field details { name value } } } }";
    for (value, unit, code) in
        [("-1", "KGM", "AMOUNT_NEGATIVE"), ("0.5", "KGM", "AMOUNT_BELOW_SCALE"), ("1", "TNE", "RECEIPT_UNIT")]
    {
        let input = json!({ "chain": warehouse.chain.to_string(), "idempotencyKey": "x", "receiptNumber": "WR-1",
            "quantity": { "value": value, "unit": unit } });
        let data = ask(&warehouse, Operator, release, json!({ "input": input })).await.unwrap();
        let error = &data["releasePledge"]["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(["input", "quantity"])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_regulator_sees_all_on_record_and_others_are_refused() {
    let warehouse = stocked().await;
    let schema = Schema::build(WarehouseReceiptsRegulator, EmptyMutation, EmptySubscription)
        .data(warehouse.node.clone())
        .data(warehouse.platform.clone())
        .finish();
    let query = "{ warehouseReceipts(purpose: \"monthly report\") { receipts { totalCount nodes { number } } \
        pledges { nodes { receiptNumber } } pledgeTotals(by: OBLIGOR) { pledges } } }";
    let answer = schema.execute(request(&warehouse, Operator, query, json!({})).await).await;
    assert!(answer.errors[0].message.contains("supervise"), "{:?}", answer.errors);
    let answer = schema.execute(request(&warehouse, Regulator, query, json!({})).await).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let data = answer.data.into_json().unwrap();
    assert_eq!(numbers(&data["warehouseReceipts"]["receipts"]).len(), 5);
    // One block folds the journal's entries; every field that was asked is one.
    warehouse.issue_of_own_lot("WR-6", 1).await;
    let height = warehouse.node.chain(&warehouse.chain).await.unwrap().height;
    let mut entries = 0;
    for height in 1..=height {
        entries += warehouse.node.block(&warehouse.chain, height).await.unwrap().unwrap().journal.len();
    }
    assert_eq!(entries, 3);
    let unsaid = "{ warehouseReceipts(purpose: \" \") { pledgeTotals(by: PLEDGEE) { pledges } } }";
    assert!(!schema.execute(request(&warehouse, Regulator, unsaid, json!({})).await).await.errors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_order_resume_and_concern_the_subscriber() {
    let warehouse = stocked().await;
    let follow = "subscription($after: BigInt) { receiptEvents(after: $after) { \
        sequence kind receiptNumber receipt { status } } }";
    let schema = own(&warehouse);
    let events = async |who, after: &str, count: usize| {
        let asked = request(&warehouse, who, follow, json!({ "after": after })).await;
        let stream = schema.execute_stream(asked);
        let taken: Vec<_> = stream.take(count).collect().await;
        taken.into_iter().map(|event| event.data.into_json().unwrap()["receiptEvents"].clone()).collect::<Vec<_>>()
    };
    let all = events(Depositor, "0", 5).await;
    let told: Vec<_> = all.iter().map(|event| event["receiptNumber"].as_str().unwrap()).collect();
    assert_eq!(told, ["WR-1", "WR-2", "WR-3", "WR_4", "WR-5"]);
    let third = all[2]["sequence"].as_str().unwrap();
    assert_eq!(events(Depositor, third, 2).await, all[3..]);
    assert_eq!(all[0]["kind"], "ISSUED");
    assert_eq!(all[0]["receipt"]["status"], "HELD");
    let nothing = tokio::time::timeout(std::time::Duration::from_millis(200), events(Supplier, "0", 1)).await;
    assert!(nothing.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_issued_as_it_was_asked_and_a_repeated_write_is_the_same() {
    let warehouse = Warehouse::open().await;
    let kilograms = |value: &str| json!({ "value": value, "unit": "KGM" });
    let goods = json!({ "commodity": "coffee_arabica", "hsCode": "090111", "originCountry": "BR",
        "originRegion": "Sul de Minas", "cropYear": "2025/26", "grade": "NY 2", "screen": "17/18",
        "processing": "natural", "packaging": "jute bag", "marks": "BR 1", "moisture": "1110", "bagKilograms": 60 });
    let lot = json!({ "goods": goods, "storage": { "warehouseCode": "TBW-03", "place": "bay D" },
        "mass": kilograms("9600"), "bags": 160, "grossMass": kilograms("9620"), "inboundDate": "2026-03-04" });
    let insurance = json!({ "insurer": "Blue Estuary", "amount": { "amount": "48900.00", "currency": "USD" },
        "fromDate": "2026-03-04", "untilDate": "2027-03-05" });
    let input = json!({ "chain": warehouse.chain.to_string(), "idempotencyKey": "issue-1",
        "operator": Operator.address().to_string(), "depositor": Depositor.address().to_string(),
        "depositorCommitment": "07".repeat(32), "number": "WR-1", "lotNumber": "LOT-1", "lot": lot,
        "mass": kilograms("6000"), "bags": 100, "lossStandard": "50", "storageUntil": "2027-03-05",
        "storageFee": { "amount": "3.45", "currency": "USD" }, "insurance": insurance,
        "issuerName": "Tidewater Bay", "issuePlace": "Yangpu", "issueDate": "2026-03-05" });
    let issue = "mutation($input: IssueReceiptInput!) { issueReceipt(input: $input) { \
        receipt { number mass { value } storageFee { amount } insurance { insurer amount { amount } } ledger { height } } \
        proposal { id status requiredSignatures { party role } } replayed userErrors { code field } } }";
    let first = ask(&warehouse, Operator, issue, json!({ "input": input })).await.unwrap()["issueReceipt"].clone();
    assert_eq!((&first["userErrors"], &first["replayed"]), (&json!([]), &json!(false)), "{first}");
    let id = hive_plug::proposal::proposal_id(&first["proposal"]["id"].as_str().unwrap().into()).unwrap();
    let proposals = warehouse.platform.proposals();
    for who in [Operator, Depositor] {
        let principal = warehouse.principal(who).await;
        let open = proposals.find(&principal, id).await.unwrap().unwrap();
        let given =
            ledger_core::PartySignature::give(&warehouse.chain, &open.transaction_id, who.address(), &who.key());
        proposals.sign(&principal, id, &[given]).await.unwrap();
    }
    let again = ask(&warehouse, Operator, issue, json!({ "input": input })).await.unwrap()["issueReceipt"].clone();
    assert_eq!((&again["replayed"], &again["proposal"]["status"]), (&json!(true), &json!("COMMITTED")));
    let receipt = &again["receipt"];
    assert_eq!((&receipt["mass"]["value"], &receipt["storageFee"]["amount"]), (&json!("6000"), &json!("3.45")));
    assert_eq!(receipt["insurance"]["amount"]["amount"], "48900.00");
    let mut other = input.clone();
    other["bags"] = json!(101);
    assert!(
        ask(&warehouse, Operator, issue, json!({ "input": other })).await.unwrap_err()[0].contains("another input")
    );
    let lots = "{ lots { nodes { number mass { value } receipted { value } bags goods { commodity } } } }";
    let seen = ask(&warehouse, Depositor, lots, json!({})).await.unwrap()["lots"]["nodes"][0].clone();
    assert_eq!((&seen["receipted"]["value"], &seen["mass"]["value"]), (&json!("6000"), &json!("9600")));
}
