//! The node is killed again and again in the middle of everything: nothing that was accepted is lost, nothing is done twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cast::{DEPOSITOR, SUPPLIER};
use crate::client::Client;
use crate::command::Running;
use crate::node::Node;
use crate::seed::Dice;
use crate::trade::Purse;

/// How often the node is killed.
const KILLS: usize = 12;
/// The latest moment of a kill after the demonstration goes on, milliseconds.
const KILL_AFTER_MS_MAX: usize = 900;
/// Cents in the purse: more than can be paid meanwhile.
const PURSE: &str = "100000.00";

/// What the payer and the test tell each other.
#[derive(Default)]
struct Street {
    /// Where the node is; none while it is down.
    url: Mutex<Option<String>>,
    over: AtomicBool,
    /// Ids and heights of transactions that the node has called committed: the memory outside of the node.
    accepted: Mutex<Vec<(String, String)>>,
}

#[test]
fn what_was_accepted_survives_every_kill() {
    let mut dice = Dice::seeded();
    let mut node = Node::start();
    let purse = Purse::fill(&node, PURSE);
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    let street = Arc::new(Street::default());
    *street.url.lock().unwrap() = Some(node.url().to_owned());
    let payer = thread::spawn({
        let (street, to) = (Arc::clone(&street), supplier.address.to_string());
        let purse = Purse { chain: purse.chain.clone(), asset: purse.asset.clone() };
        move || pay(&street, depositor, &purse, &to)
    });

    let mut finished = 0;
    for kill in 1..=KILLS {
        let mut demo = Running::start(&mut node.client_command(&["--json", "demo"]));
        let moment = Duration::from_millis(dice.below(KILL_AFTER_MS_MAX) as u64);
        let deadline = Instant::now() + moment;
        while Instant::now() < deadline && !demo.has_ended() {
            thread::sleep(Duration::from_millis(5));
        }
        // Now and then the player is killed as well, or alone.
        let (player_dies, node_lives) = (dice.below(3) == 0, dice.below(6) == 0);
        if player_dies {
            demo.kill();
            if node_lives {
                continue;
            }
            demo = Running::start(&mut node.client_command(&["--json", "demo"]));
        }
        *street.url.lock().unwrap() = None;
        node.kill();
        let outcome = demo.finish();
        assert!(matches!(outcome.status, Some(0 | 1)), "kill {kill}: {:?} {}", outcome.status, outcome.stderr);
        finished += usize::from(outcome.status == Some(0));
        node.restart();
        *street.url.lock().unwrap() = Some(node.url().to_owned());
        all_are_there(&node, &purse, &street);
        println!("kill {kill} after {moment:?}: {} payments accepted so far", street.accepted.lock().unwrap().len());
    }
    // The demonstration goes on to its end, from wherever the last kill left it.
    crate::command::run(&mut node.client_command(&["--json", "demo"])).expect_status(0);
    street.over.store(true, Ordering::SeqCst);
    let paid = payer.join().expect("the payer pays to its end");
    println!("{paid} payments, {finished} runs ended before their kill");
    all_are_there(&node, &purse, &street);
    let accepted = street.accepted.lock().unwrap().len();
    assert!(accepted >= KILLS, "only {accepted} payments were made");
    assert_eq!(accepted, paid, "every payment was told accepted once");
    let cents = format!("{}.{:02}", paid / 100, paid % 100);
    assert_eq!(purse.balance(&node.party(SUPPLIER)), cents, "no payment was made twice");
    node.stop();
    let report = node.hive(&["audit", "--json"]).expect_status(0).json();
    assert_eq!(report["passed"], true, "{report}");
}

/// Pays a cent at a time until it is told to stop; a payment that got no answer is asked for again under the same key.
fn pay(street: &Street, mut depositor: Client, purse: &Purse, to: &str) -> usize {
    let mut paid = 0;
    while !street.over.load(Ordering::SeqCst) {
        let Some(url) = street.url.lock().unwrap().clone() else {
            thread::sleep(Duration::from_millis(5));
            continue;
        };
        // The session outlives the node's process; only the address is new.
        depositor.move_to(&url);
        let payment = purse.payment(to, "0.01", &format!("cent-{paid}"));
        if let Ok(proposal) = payment.try_settle(&[&depositor]) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let position = (text(&proposal["transactionId"]), text(&proposal["ledger"]["height"]));
            street.accepted.lock().unwrap().push(position);
            paid += 1;
        }
        // The demonstration shares the machine's two cores.
        thread::sleep(Duration::from_millis(10));
    }
    paid
}

/// Every accepted transaction stands on the ledger where the client was told.
fn all_are_there(node: &Node, purse: &Purse, street: &Street) {
    let accepted = street.accepted.lock().unwrap().clone();
    let depositor = node.party(DEPOSITOR);
    for group in accepted.chunks(40) {
        let fields: String = group
            .iter()
            .enumerate()
            .map(|(number, (id, _))| {
                format!("t{number}: transaction(chain: \"{}\", id: \"{id}\") {{ ledger {{ height }} }} ", purse.chain)
            })
            .collect();
        let found = depositor.data("platform", &format!("{{ {fields} }}"), json!({}));
        for (number, (id, height)) in group.iter().enumerate() {
            let place = &found[format!("t{number}")]["ledger"]["height"];
            assert_eq!(place.as_str(), Some(height.as_str()), "the accepted transaction {id} is lost or moved");
        }
    }
}

#[test]
fn a_first_start_that_is_cut_short_is_completed_by_the_next() {
    let mut dice = Dice::seeded();
    for _ in 0..2 {
        let mut node = Node::stopped(&[]);
        for _ in 0..3 {
            node.cut_start_short(Duration::from_millis(dice.below(250) as u64));
        }
        node.restart();
        let depositor = node.party(DEPOSITOR);
        let chains = depositor.data("platform", "{ chains { name } }", json!({}));
        assert_eq!(chains["chains"], json!([{ "name": "Demonstration" }]), "one chain, made once");
        crate::command::run(&mut node.client_command(&["--json", "demo"])).expect_status(0);
        node.stop();
        assert_eq!(node.hive(&["audit", "--json"]).expect_status(0).json()["passed"], true);
    }
}
