//! How often the node was killed where, as a table.

use std::collections::BTreeMap;
use std::time::Instant;

/// What is counted over a run.
pub(super) struct Tally {
    started: Instant,
    kills: BTreeMap<String, u32>,
    pub(super) accepted: usize,
    /// Transactions of requests that the kill left without an answer.
    pub(super) unanswered: usize,
    /// Of these, how many the ledger held all the same.
    pub(super) there_all_the_same: usize,
    pub(super) blocks: u64,
    pub(super) audits: u32,
}

impl Tally {
    pub(super) fn begin() -> Self {
        let (kills, started) = (BTreeMap::new(), Instant::now());
        Self { started, kills, accepted: 0, unanswered: 0, there_all_the_same: 0, blocks: 0, audits: 0 }
    }

    pub(super) fn kill(&mut self, how: String) {
        println!("kill {}: {how}", self.kills() + 1);
        *self.kills.entry(how).or_default() += 1;
    }

    pub(super) fn kills(&self) -> u32 {
        self.kills.values().sum()
    }

    pub(super) fn show(&self, database: &str) {
        println!("\n{database}\n{:>6}  killed at", "kills");
        for (how, count) in &self.kills {
            println!("{count:>6}  {how}");
        }
        println!(
            "{:>6}  in all, over {} blocks with {} accepted transactions, {} audits, {} s\n\
             {:>6}  transactions without an answer at a kill: {} stood on the ledger whole, {} not at all",
            self.kills(),
            self.blocks,
            self.accepted,
            self.audits,
            self.started.elapsed().as_secs(),
            self.unanswered,
            self.there_all_the_same,
            self.unanswered - self.there_all_the_same,
        );
    }
}

/// What a node was at when it was killed at a random moment, by the point that it had passed last.
pub(super) fn stage(last_point: &str) -> String {
    let stage = match last_point {
        "commit.answered" | "commit.durable" => "idle, or answering",
        "verify.begun" => "verifying",
        "verify.done" => "between verification and commit",
        point if point.starts_with("commit.") => "committing",
        point if point.starts_with("replay.") || point.starts_with("open.") => "idle since the start",
        _ => "unknown",
    };
    format!("SIGKILL at a random moment: {stage}")
}
