//! A party asks for what is another's: it gets the very answer that something unknown gets.

use serde_json::{Value, json};

use crate::cast::{BANK_B, DEPOSITOR, RECEIPTS, SUPPLIER};
use crate::client::{Client, PROPOSAL};
use crate::node::Node;
use crate::outsider;
use crate::trade::{Purse, Write, import_receipts};

/// The answer without what differs from request to request.
fn answer(client: &Client, endpoint: &str, query: &str, variables: Value) -> Value {
    let mut body = client.ask(endpoint, query, variables).json();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"]["requestId"] = Value::Null;
    }
    body
}

/// Asks for a foreign thing and for an unknown one, and wants the same answer; answers it.
#[track_caller]
fn alike(client: &Client, endpoint: &str, query: &str, foreign: Value, unknown: Value) -> Value {
    let (first, second) =
        (answer(client, endpoint, query, foreign.clone()), answer(client, endpoint, query, unknown.clone()));
    // What was asked for may be told back.
    let told_back = |body: &Value, asked: &Value| {
        let mut text = body.to_string();
        for value in asked.as_object().into_iter().flat_map(|members| members.values()).filter_map(Value::as_str) {
            text = text.replace(value, "…");
        }
        text
    };
    assert_eq!(told_back(&first, &foreign), told_back(&second, &unknown), "{query}");
    first
}

#[test]
fn what_is_anothers_answers_like_what_is_unknown() {
    let mut node = Node::start();
    let number = import_receipts(&node, 1).remove(0);
    let purse = Purse::fill(&node, "1000.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let paid = purse.payment(&supplier.address.to_string(), "10.00", "foreign").settle(&[&depositor]);
    let open = purse.payment(&supplier.address.to_string(), "11.00", "open").try_by(&depositor).expect("a proposal");
    let receipt = depositor.data(RECEIPTS, "{ receipts(first: 1) { nodes { id } } }", json!({}));
    let id = receipt["receipts"]["nodes"][0]["id"].as_str().expect("an id").to_owned();
    node.stop();
    let keys = outsider::register(&node.data());
    node.restart();

    let chain = purse.chain.as_str();
    let other_hash = "ab".repeat(32);
    for client in [node.party(BANK_B), Client::sign_in(node.url(), &keys.stranger)] {
        let by_id = "query($id: ID!) { receipt(id: $id) { number } }";
        let unknown = last_digit_changed(&id);
        assert_eq!(
            alike(&client, RECEIPTS, by_id, json!({ "id": id }), json!({ "id": unknown }))["data"]["receipt"],
            Value::Null
        );
        let by_number =
            "query($chain: ID!, $number: String!) { receiptByNumber(chain: $chain, number: $number) { id } }";
        let ask = |number: &str| json!({ "chain": chain, "number": number });
        assert_eq!(
            alike(&client, RECEIPTS, by_number, ask(&number), ask("WR-0000"))["data"]["receiptByNumber"],
            Value::Null
        );
        let proposal = format!("query($id: ID!) {{ proposal(id: $id) {{ {PROPOSAL} }} }}");
        for known in [&paid["id"], &open["proposal"]["id"]] {
            let unknown = last_digit_changed(known.as_str().expect("an id"));
            let seen = alike(&client, "platform", &proposal, json!({ "id": known }), json!({ "id": unknown }));
            assert_eq!(seen["data"]["proposal"], Value::Null);
        }
        let transaction = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) { bytes proof } }";
        let ask = |id: &Value| json!({ "chain": chain, "id": id });
        let seen = alike(&client, "platform", transaction, ask(&paid["transactionId"]), ask(&json!(other_hash)));
        assert_eq!(seen["data"]["transaction"], Value::Null);
        for list in ["receipts", "lots", "pledges", "proposals", "holdings"] {
            let query = format!("{{ {list} {{ nodes {{ __typename }} totalCount }} }}");
            let seen = client.data(RECEIPTS, &query, json!({}));
            assert_eq!(seen[list], json!({ "nodes": [], "totalCount": "0" }), "{list}");
        }
        writes_alike(&client, &supplier, &purse, &number, &open["proposal"]);
    }
    let elsewhere = Client::sign_in(node.url(), &keys.elsewhere);
    let block = "query($chain: ID!) { block(chain: $chain, height: \"1\") { hash } }";
    let seen = alike(&elsewhere, "platform", block, json!({ "chain": chain }), json!({ "chain": other_hash }));
    assert_eq!(seen["errors"][0]["extensions"]["code"], "NOT_FOUND", "{seen}");
    let supervised = answer(
        &node.party(BANK_B),
        "regulator",
        "{ warehouseReceipts(purpose: \"x\") { receipts { totalCount } } }",
        json!({}),
    );
    assert_eq!(supervised["errors"][0]["extensions"]["code"], "FORBIDDEN", "{supervised}");
    assert_eq!(
        depositor.at(&node).data(RECEIPTS, "{ receipts { totalCount } }", json!({}))["receipts"]["totalCount"],
        "1"
    );
    node.assert_up();
}

/// Writes about another's receipt, and signatures and refusals of another's proposal.
fn writes_alike(client: &Client, supplier: &Client, purse: &Purse, number: &str, open: &Value) {
    let chain = purse.chain.as_str();
    let offer = "mutation($chain: ID!, $number: String!, $to: Address!) { offerTransfer(input: { chain: $chain, \
        idempotencyKey: \"theft\", receiptNumber: $number, to: $to, until: \"2999-01-01T00:00:00.000Z\" }) { \
        receipt { id } proposal { id } userErrors { code message } } }";
    let to = supplier.address.to_string();
    // An idempotency key is used up by what it was used for, so each try has its own.
    let ask = |number: &str| json!({ "chain": chain, "number": number, "to": to });
    let first = answer(client, RECEIPTS, offer, ask(number));
    let second = answer(client, RECEIPTS, &offer.replace("theft", "theft-of-nothing"), ask("WR-0000"));
    let code = |body: &Value| body["data"]["offerTransfer"]["userErrors"][0]["code"].clone();
    assert_eq!(code(&first), "RECEIPT_UNKNOWN", "{first}");
    assert_eq!(code(&first), code(&second), "{second}");
    assert_eq!(first.to_string().replace(number, "…"), second.to_string().replace("WR-0000", "…"));

    let id = open["id"].as_str().expect("an id");
    let reject = "mutation($id: ID!) { rejectProposal(input: { id: $id, reason: \"mine\" }) { \
        proposal { id } userErrors { code message } } }";
    alike(client, "platform", reject, json!({ "id": id }), json!({ "id": last_digit_changed(id) }));
    // The stranger has seen the whole proposal somewhere and signs it for its own party, and for the real one.
    let sign = "mutation($id: ID!, $party: Address!) { signProposal(input: { id: $id, signatures: [{ party: $party, \
        key: \"KEY\", signature: \"SIGNATURE\" }] }) { proposal { id } userErrors { code message } } }";
    let sign = sign.replace("KEY", &"11".repeat(32)).replace("SIGNATURE", &"22".repeat(64));
    let mine = client.address.to_string();
    let ask = |id: &str| json!({ "id": id, "party": mine });
    let seen = alike(client, "platform", &sign, ask(id), ask(&last_digit_changed(id)));
    assert!(seen["data"]["signProposal"]["proposal"].is_null(), "{seen}");
}

/// Another id of the same form.
fn last_digit_changed(id: &str) -> String {
    let (rest, last) = id.split_at(id.len() - 1);
    // The last digit of an id stands for the low half of a letter; these two are both letters of ids.
    format!("{rest}{}", if last == "1" { "2" } else { "1" })
}

#[test]
fn purse_of_another_cannot_be_spent() {
    let node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let rival = node.party(BANK_B);
    let payment = purse.payment(&rival.address.to_string(), "1.00", "theft");
    let payload = payment.try_by(&rival).expect("an answer");
    assert!(payload["proposal"].is_null() && payload["userErrors"][0]["code"].is_string(), "{payload}");
    for (amount, code) in
        [("-1.00", "AMOUNT"), ("0.001", "AMOUNT"), ("1e3", "AMOUNT"), ("99999999999999999999", "AMOUNT")]
    {
        let Write { input, .. } = purse.payment(&rival.address.to_string(), amount, "odd-amount");
        let mutation = "mutation($input: TransferTokensInput!) { transferTokens(input: $input) { proposal { id } userErrors { code } } }";
        let body = answer(&node.party(DEPOSITOR), "platform", mutation, json!({ "input": input }));
        let rule = body["data"]["transferTokens"]["userErrors"][0]["code"].as_str().unwrap_or_default().to_owned();
        let top = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        assert!(rule.contains(code) || top == "BAD_USER_INPUT", "{amount}: {body}");
    }
    assert_eq!(purse.balance(&node.party(DEPOSITOR)), "100.00");
}
