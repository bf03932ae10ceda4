//! "Contract examples": swap, escrow and contract for difference of the specification, with the payments it proves.

use super::payload;

const ADA: &str = r#"{"currency_symbol":"","token_name":""}"#;
const DOLLAR: &str = r#"{"currency_symbol":"85bb65","token_name":"dollar"}"#;

fn role(name: &str) -> String {
    format!(r#"{{"role_token":"{name}"}}"#)
}

fn when(cases: &[String], timeout: u64, otherwise: &str) -> String {
    format!(r#"{{"when":[{}],"timeout":{timeout},"timeout_continuation":{otherwise}}}"#, cases.join(","))
}

fn case(action: &str, then: &str) -> String {
    format!(r#"{{"case":{action},"then":{then}}}"#)
}

fn deposit(account: &str, party: &str, token: &str, amount: u64) -> String {
    let (account, party) = (role(account), role(party));
    format!(r#"{{"into_account":{account},"party":{party},"of_token":{token},"deposits":{amount}}}"#)
}

fn choice(name: &str, owner: &str, from: u64, to: u64) -> String {
    let id = choice_id(name, owner);
    format!(r#"{{"for_choice":{id},"choose_between":[{{"from":{from},"to":{to}}}]}}"#)
}

fn choice_id(name: &str, owner: &str) -> String {
    format!(r#"{{"choice_name":"{name}","choice_owner":{}}}"#, role(owner))
}

fn pay(from: &str, to: (&str, &str), token: &str, amount: &str, then: &str) -> String {
    let (from, kind, to) = (role(from), to.0, role(to.1));
    format!(r#"{{"from_account":{from},"to":{{"{kind}":{to}}},"token":{token},"pay":{amount},"then":{then}}}"#)
}

fn deposited(interval: (u64, u64), account: &str, party: &str, token: &str, amount: u64) -> String {
    let (account, party) = (role(account), role(party));
    let input = format!(
        r#"{{"input_from_party":{party},"that_deposits":{amount},"of_token":{token},"into_account":{account}}}"#
    );
    transaction(interval, &input)
}

fn chosen(interval: (u64, u64), name: &str, owner: &str, number: u64) -> String {
    let id = choice_id(name, owner);
    transaction(interval, &format!(r#"{{"for_choice_id":{id},"input_that_chooses_num":{number}}}"#))
}

fn transaction((from, to): (u64, u64), inputs: &str) -> String {
    format!(r#"{{"tx_interval":{{"from":{from},"to":{to}}},"tx_inputs":[{inputs}]}}"#)
}

fn payment(from: &str, to: (&str, &str), token: &str, amount: u64) -> String {
    let (from, kind, to) = (role(from), to.0, role(to.1));
    format!(r#"{{"payment_from":{from},"to":{{"{kind}":{to}}},"token":{token},"amount":{amount}}}"#)
}

/// The contract closes without a warning, and these payments are made in this order.
fn plays(contract: &str, transactions: &[String], payments: &[String]) {
    let output = payload(&format!(
        r#"{{"request":"playtrace","transactionInputs":[{}],"coreContract":{contract},"initialTime":0}}"#,
        transactions.join(",")
    ));
    let begin = format!(r#"{{"warnings":[],"payments":[{}],"state":{{"accounts":[],"#, payments.join(","));
    assert!(output.starts_with(&begin) && output.ends_with(r#","contract":"close"}"#), "{output}");
}

const AT_12: (u64, u64) = (1_664_812_600_000, 1_664_812_700_000);
const AT_13: (u64, u64) = (1_664_812_900_000, 1_664_813_100_000);

fn swap() -> String {
    let (ada, dollar) = ("Ada Provider", "Dollar Provider");
    let back = pay(dollar, ("party", ada), DOLLAR, "20", r#""close""#);
    let there = pay(ada, ("party", dollar), ADA, "10", &back);
    let second = when(&[case(&deposit(dollar, dollar, DOLLAR, 20), &there)], 1_664_816_400_000, r#""close""#);
    when(&[case(&deposit(ada, ada, ADA, 10), &second)], 1_664_812_800_000, r#""close""#)
}

#[test]
fn swap_takes_place() {
    let (ada, dollar) = ("Ada Provider", "Dollar Provider");
    plays(
        &swap(),
        &[deposited(AT_12, ada, ada, ADA, 10), deposited(AT_13, dollar, dollar, DOLLAR, 20)],
        &[payment(ada, ("party", dollar), ADA, 10), payment(dollar, ("party", ada), DOLLAR, 20)],
    );
}

#[test]
fn swap_with_one_deposit_is_paid_back() {
    let ada = "Ada Provider";
    plays(
        &swap(),
        &[deposited(AT_12, ada, ada, ADA, 10), transaction((1_664_816_400_000, 1_664_816_600_000), "")],
        &[payment(ada, ("party", ada), ADA, 10)],
    );
}

fn escrow() -> String {
    let close = r#""close""#;
    let dismissed = pay("Buyer", ("account", "Seller"), ADA, "10", close);
    let mediation = when(
        &[
            case(&choice("Dismiss claim", "Mediator", 0, 0), &dismissed),
            case(&choice("Confirm claim", "Mediator", 1, 1), close),
        ],
        1_664_824_440_000,
        close,
    );
    let dispute = when(
        &[
            case(&choice("Confirm problem", "Seller", 1, 1), close),
            case(&choice("Dispute problem", "Seller", 0, 0), &mediation),
        ],
        1_664_820_420_000,
        close,
    );
    let report = when(
        &[
            case(&choice("Everything is alright", "Buyer", 0, 0), close),
            case(&choice("Report problem", "Buyer", 1, 1), &pay("Seller", ("account", "Buyer"), ADA, "10", &dispute)),
        ],
        1_664_816_400_000,
        close,
    );
    when(&[case(&deposit("Seller", "Buyer", ADA, 10), &report)], 1_664_812_800_000, close)
}

fn escrow_plays(choices: &[(&str, &str, u64)], payments: &[(&str, &str, &str)]) {
    let times = [AT_13, (1_664_817_400_000, 1_664_817_400_000), (1_664_821_400_000, 1_664_822_400_000)];
    let mut transactions = vec![deposited(AT_12, "Seller", "Buyer", ADA, 10)];
    transactions
        .extend(times.into_iter().zip(choices).map(|(at, (name, owner, number))| chosen(at, name, owner, *number)));
    let payments: Vec<_> = payments.iter().map(|(from, kind, to)| payment(from, (kind, to), ADA, 10)).collect();
    plays(&escrow(), &transactions, &payments);
}

#[test]
fn escrow_where_everything_is_alright() {
    escrow_plays(&[("Everything is alright", "Buyer", 0)], &[("Seller", "party", "Seller")]);
}

#[test]
fn escrow_with_a_confirmed_problem() {
    escrow_plays(
        &[("Report problem", "Buyer", 1), ("Confirm problem", "Seller", 1)],
        &[("Seller", "account", "Buyer"), ("Buyer", "party", "Buyer")],
    );
}

#[test]
fn escrow_with_a_dismissed_claim() {
    escrow_plays(
        &[("Report problem", "Buyer", 1), ("Dispute problem", "Seller", 0), ("Dismiss claim", "Mediator", 0)],
        &[("Seller", "account", "Buyer"), ("Buyer", "account", "Seller"), ("Seller", "party", "Seller")],
    );
}

#[test]
fn escrow_with_a_confirmed_claim() {
    escrow_plays(
        &[("Report problem", "Buyer", 1), ("Dispute problem", "Seller", 0), ("Confirm claim", "Mediator", 1)],
        &[("Seller", "account", "Buyer"), ("Buyer", "party", "Buyer")],
    );
}

#[test]
fn contract_for_difference() {
    let close = r#""close""#;
    let price = |name: &str| choice_id(name, "Oracle");
    let (first, second) = ("Price in first window", "Price in second window");
    let value = |name: &str| format!(r#"{{"value_of_choice":{}}}"#, price(name));
    let transfer = |from: &str, to: &str, name: &str| {
        let used = format!(r#"{{"use_value":"{name}"}}"#);
        let amount = format!(r#"{{"if":{{"value":{used},"lt":10}},"then":{used},"else":10}}"#);
        pay(from, ("account", to), ADA, &amount, close)
    };
    let record = |name: &str, more: &str, less: &str, then: &str| {
        let difference = format!(r#"{{"value":{},"minus":{}}}"#, value(more), value(less));
        format!(r#"{{"let":"{name}","be":{difference},"then":{then}}}"#)
    };
    let (decrease, increase) = ("Decrease in price", "Increase in price");
    let fallen = record(decrease, first, second, &transfer("CounterParty", "Party", decrease));
    let risen = record(increase, second, first, &transfer("Party", "CounterParty", increase));
    let compare = |sign: &str, then: &str, otherwise: &str| {
        let (one, other) = (value(first), value(second));
        format!(r#"{{"if":{{"value":{one},"{sign}":{other}}},"then":{then},"else":{otherwise}}}"#)
    };
    let outcome = compare("gt", &fallen, &compare("lt", &risen, close));
    let oracle = |name: &str, timeout: u64, then: &str| {
        when(&[case(&choice(name, "Oracle", 0, 1_000_000_000), then)], timeout, close)
    };
    let end = when(&[], 1_664_821_420_000, &oracle(second, 1_664_821_520_000, &outcome));
    let begin = when(&[], 1_664_820_420_000, &oracle(first, 1_664_820_520_000, &end));
    let counter = when(&[case(&deposit("CounterParty", "CounterParty", ADA, 10), &begin)], 1_664_816_400_000, close);
    let contract = when(&[case(&deposit("Party", "Party", ADA, 10), &counter)], 1_664_812_800_000, close);
    plays(
        &contract,
        &[
            deposited(AT_12, "Party", "Party", ADA, 10),
            deposited(AT_13, "CounterParty", "CounterParty", ADA, 10),
            chosen((1_664_820_420_001, 1_664_820_500_000), first, "Oracle", 2),
            chosen((1_664_821_420_001, 1_664_821_510_000), second, "Oracle", 4),
        ],
        &[
            payment("Party", ("account", "CounterParty"), ADA, 2),
            payment("CounterParty", ("party", "CounterParty"), ADA, 12),
            payment("Party", ("party", "Party"), ADA, 8),
        ],
    );
}
