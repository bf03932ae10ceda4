//! Mathematics on files, as anybody runs it: figures of the handbook, and what is refused.

mod schedule;

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::command;
use crate::node::{Node, repository};
use crate::seed::Dice;

const RING: &str = "debtor,creditor,amount,currency,due
A,B,1200000,CNY,2026-09-30
B,C,900000,CNY,2026-09-30
C,D,1100000,CNY,2026-09-30
D,A,700000.00,CNY,2026-09-30
B,A,200000,CNY,2026-09-30
D,B,300000,CNY,2026-09-30
";

#[test]
fn obligations_in_a_file_are_netted_whatever_the_order_of_its_rows() {
    let nowhere = Node::stopped(&[]);
    let file = nowhere.path("obligations.csv");
    let path = file.display().to_string();
    fs::write(&file, RING).expect("the file can be written");
    let netted = nowhere.hive(&["finance", "netting", &path, "--format", "json"]).expect_status(0).json();
    for (name, figure) in
        [("gross", "4400000.00"), ("bilateral", "4000000.00"), ("multilateral", "500000.00"), ("cleared", "3800000.00")]
    {
        assert_eq!(netted[name], figure, "{name}");
    }
    let left = |debtor, creditor, amount| json!({ "debtor": debtor, "creditor": creditor, "amount": amount });
    let residual = [left("A", "B", "300000.00"), left("C", "D", "200000.00"), left("D", "B", "100000.00")];
    assert_eq!(netted["residual"], json!(residual));

    let (heading, rows) = RING.split_once('\n').expect("a heading");
    let turned: Vec<&str> = std::iter::once(heading).chain(rows.lines().rev()).collect();
    fs::write(&file, turned.join("\n")).expect("the file can be written");
    assert_eq!(nowhere.hive(&["--json", "finance", "netting", &path]).expect_status(0).json(), netted);
    let table = nowhere.hive(&["finance", "netting", &path]).expect_status(0).stdout;
    assert!(table.contains("3800000.00") && table.contains("86.3"), "{table}");
}

#[test]
fn rows_that_are_no_obligations_are_refused_with_their_number() {
    let nowhere = Node::stopped(&[]);
    let file = nowhere.path("obligations.csv");
    let refused = |text: &str, arguments: &[&str]| {
        fs::write(&file, text).expect("the file can be written");
        let path = file.display().to_string();
        let all: Vec<&str> = ["finance", "netting", &path].into_iter().chain(arguments.iter().copied()).collect();
        nowhere.hive(&all).expect_status(1).stderr
    };
    let own = refused(&format!("{RING}A,A,5,CNY,2026-09-30\nA,B,0,CNY,2026-09-30\n"), &[]);
    assert!(
        own.contains("OBLIGATION_OWN_CREDITOR") && own.contains("row 7 (line 8)") && own.contains("row 8"),
        "{own}"
    );
    let several = refused(&format!("{RING}A,B,5,USD,2026-09-30\n"), &[]);
    assert!(several.contains("OBLIGATIONS_CURRENCIES") && several.contains("--currency"), "{several}");
    let none = refused(RING, &["--currency", "EUR"]);
    assert!(none.contains("OBLIGATIONS_NONE"), "{none}");
    let most = format!("A,B,{},CNY,2026-09-30\n", "92233720368547758.07");
    let too_much = refused(&format!("{RING}{most}{most}"), &[]);
    assert!(too_much.contains("NETTING_GROSS_OVERFLOW"), "{too_much}");
}

/// Of random sets the figures, and that no clearing is larger, by another implementation: networkx.
#[test]
fn no_clearing_is_larger_than_ours() {
    let folder = repository().join("tests/networkx");
    let interpreter = folder.join(".venv/bin/python");
    assert!(interpreter.exists(), "networkx is missing. Run: make tests/networkx/.venv/installed");
    let seed = Dice::seeded().below(1 << 31).to_string();
    let mut compare = Command::new(interpreter);
    compare.arg(folder.join("compare.py")).arg(command::binary()).args([&seed, "200"]);
    let outcome = command::run(&mut compare).expect_status(0);
    assert!(outcome.stdout.contains("200 sets agree"), "{}", outcome.stdout);
}
