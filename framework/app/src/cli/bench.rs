//! `hive bench`: what a node achieves on this machine, as ratios to what the machine does in the same run.

use std::collections::BTreeSet;

use clap::Args;
use hive_bench::{Figure, Plan};

use super::error::CliError;
use super::open;
use super::output::Output;
use crate::endpoint::vertical::Registered;

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// States that are issued before transfers are measured
    #[arg(long, value_parser = clap::value_parser!(u64).range(hive_bench::STATES_MIN..), default_value_t = 1_000_000)]
    states: u64,
    /// Ten million states
    #[arg(long, conflicts_with = "states")]
    large: bool,
}

/// Runs `hive bench`.
///
/// # Errors
/// A database cannot be opened, or the node does not take the workload.
pub async fn run(arguments: &BenchArguments, verticals: &[Registered], output: Output) -> Result<(), CliError> {
    let verticals = verticals.to_vec();
    let plan = Plan {
        states: if arguments.large { 10_000_000 } else { arguments.states },
        figures: BTreeSet::from([Figure::R1]),
        equip: Box::new(move |config| open::equipped(config, &verticals)),
    };
    let report = hive_bench::run(&plan, &mut |line| eprintln!("{line}")).await;
    let report = report.map_err(|error| CliError::node(error.code(), &error))?;
    let (head, rows) = report.table();
    output.table(&head, &rows, &report.json());
    Ok(())
}
