//! A node killed in the middle of its work: another process pays and reports, and is killed without warning.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use ledger_core::TransactionId;
use tempfile::TempDir;

use super::market::{Market, config};
use crate::{JournalRecord, Node};

const DIRECTORY: &str = "HIVE_TEST_CRASH_DIRECTORY";
const PAYMENTS: usize = 64;

/// Runs only when [`a_killed_node_keeps_every_answer_it_gave`] starts it in a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn victim() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let market = Arc::new(Market::open_in(directory.as_ref()).await);
    say(&format!("chain {}", market.chain));
    for round in 0.. {
        let holdings = market.issue(&format!("issue-{round}"), &[1; PAYMENTS]).await;
        let mut paying = Vec::new();
        for (number, holding) in holdings.into_iter().enumerate() {
            let market = Arc::clone(&market);
            paying.push(tokio::spawn(async move {
                let accepted = market.pay(&format!("pay-{round}-{number}"), holding, 1).await.unwrap();
                say(&format!("paid {}", accepted.transaction));
            }));
        }
        let record = JournalRecord {
            actor: market.payer.address,
            kind: "round".to_owned(),
            subject: round.to_string(),
            content: Vec::new(),
        };
        say(&format!("entry {}", market.node.journal(&market.chain, record).await.unwrap()));
        for payment in paying {
            payment.await.unwrap();
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n#{line}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_node_keeps_every_answer_it_gave() {
    for answers_before_death in [1, 70, 200] {
        let directory = TempDir::new().unwrap();
        let lines = run_and_kill(&directory, answers_before_death);
        let clock = super::market::clock();
        let node = Node::open(config(directory.path(), &clock)).await.unwrap();
        let chain = lines[0].strip_prefix("chain ").unwrap().parse().unwrap();
        let mut entries = 0;
        for line in &lines[1..] {
            match line.split_once(' ').unwrap() {
                ("paid", id) => {
                    let id: TransactionId = id.parse().unwrap();
                    assert!(node.transaction(&chain, &id).await.unwrap().is_some(), "{id} is lost");
                }
                ("entry", number) => entries = number.parse::<u64>().unwrap(),
                other => panic!("{other:?}"),
            }
        }
        let report = node.audit(|_| {}).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
        assert!(report.journal_entries >= entries);
    }
}

/// Starts the victim, waits for so many of its answers, kills it, and gives all that it said.
fn run_and_kill(directory: &TempDir, answers: usize) -> Vec<String> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::crash::victim", "--nocapture"])
        .env(DIRECTORY, directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut lines = Vec::new();
    for line in said.map_while(Result::ok) {
        // The last line may be cut by the kill; an answer counts once its line is whole.
        lines.extend(line.strip_prefix('#').map(str::to_owned));
        if lines.len() == answers + 1 {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    if lines.last().is_some_and(|line| line.starts_with("paid ") && line.len() < 69) {
        lines.pop();
    }
    assert!(lines.len() > answers, "{lines:?}");
    lines
}
