//! Transfers through a node at full load: how many a second, and where the time went.

use std::time::{Duration, Instant};

use hive_chain::{Node, Stage, StageTime};
use ledger_core::ChainId;

use crate::error::BenchError;
use crate::load;
use crate::process::{self, DatabaseWork};

/// What transfers took, over one or several runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Throughput {
    pub(crate) transfers: u64,
    wall: Duration,
    /// Of this process without its database, the client that submits included.
    cpu: Duration,
    /// Of the database, where it works on threads or in processes of its own.
    database_cpu: Duration,
    stages: [StageTime; Stage::ALL.len()],
}

/// A share of the processor time of a transfer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) name: &'static str,
    /// Microseconds of processors for each transfer.
    pub(crate) cpu_us: f64,
    /// Microseconds by the wall for each transfer; none where nothing begins and ends.
    pub(crate) wall_us: Option<f64>,
}

impl Throughput {
    /// Puts these transfers to the node, all of which it must accept, and adds what they took.
    pub(crate) async fn add(
        &mut self,
        node: &Node,
        chain: &ChainId,
        transfers: Vec<Vec<u8>>,
        database: &DatabaseWork,
    ) -> Result<(), BenchError> {
        let count = transfers.len() as u64;
        let (stages, cpu, database_cpu) = (node.stages(), process::cpu(), database.cpu().await);
        let begun = Instant::now();
        load::accepted(node, chain, transfers).await?;
        self.wall += begun.elapsed();
        let process_cpu = process::cpu().saturating_sub(cpu);
        let database_cpu = database.cpu().await.saturating_sub(database_cpu);
        let inside = if database.is_inside() { database_cpu } else { Duration::ZERO };
        self.cpu += process_cpu.saturating_sub(inside);
        self.database_cpu += database_cpu;
        self.transfers += count;
        for (total, ((_, before), (_, after))) in self.stages.iter_mut().zip(stages.into_iter().zip(node.stages())) {
            total.wall += after.wall.saturating_sub(before.wall);
            total.cpu += after.cpu.saturating_sub(before.cpu);
        }
        Ok(())
    }

    /// Transfers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.transfers as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// Microseconds of processors for each transfer, the database's included.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.each(self.cpu + self.database_cpu)
    }

    /// The stages in order, then what the database works by itself, then everything else.
    pub(crate) fn shares(&self) -> Vec<Share> {
        let stages = Stage::ALL.into_iter().zip(&self.stages).map(|(stage, time)| Share {
            name: name(stage),
            cpu_us: self.each(time.cpu),
            wall_us: Some(self.each(time.wall)),
        });
        let rest = self.cpu.saturating_sub(self.stages.iter().map(|time| time.cpu).sum());
        let unclocked = |name, cpu| Share { name, cpu_us: self.each(cpu), wall_us: None };
        stages
            .chain([unclocked("database", self.database_cpu), unclocked("requests, answers, runtime", rest)])
            .collect()
    }

    /// What takes most of the processors.
    pub(crate) fn largest(&self) -> Option<Share> {
        self.shares().into_iter().max_by(|one, other| one.cpu_us.total_cmp(&other.cpu_us))
    }

    fn each(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.transfers.max(1) as f64
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Verify => "verify",
        Stage::Contextual => "contextual",
        Stage::Prepare => "prepare",
        Stage::Store => "store",
        Stage::Apply => "apply, answer",
    }
}
