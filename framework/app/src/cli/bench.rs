//! `hive bench`: what a node achieves on this machine, as ratios to what the machine does in the same run.

use std::io::Write;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use hive_bench::{Figure, Plan, PostgresAt, STATES_MIN, Table};

use super::error::CliError;
use super::open;
use super::output::{self, Output};
use crate::endpoint::vertical::Registered;

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// States that are issued before transfers are measured
    #[arg(long, value_parser = clap::value_parser!(u64).range(STATES_MIN..=20_000_000), default_value_t = 1_000_000)]
    states: u64,
    /// Ten million states
    #[arg(long, conflicts_with = "states")]
    large: bool,
    /// A PostgreSQL server, postgres://USER@HOST:PORT, or none; without it one is started where Debian's is installed
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Only these figures, as r1,r3
    #[arg(long, value_delimiter = ',', value_parser = figures())]
    only: Vec<Figure>,
}

fn figures() -> impl TypedValueParser<Value = Figure> {
    let names = PossibleValuesParser::new(Figure::ALL.map(Figure::name));
    names.try_map(|name| Figure::named(&name).ok_or("there is no such figure"))
}

/// Runs `hive bench`. Progress goes to the error stream; so do the tables, where programs read the figures.
///
/// # Errors
/// A database cannot be opened, or the node does not take the workload.
pub async fn run(arguments: &BenchArguments, verticals: &[Registered], output: Output) -> Result<(), CliError> {
    let verticals = verticals.to_vec();
    let chosen: &[Figure] = if arguments.only.is_empty() { &Figure::ALL } else { &arguments.only };
    let plan = Plan {
        states: if arguments.large { 10_000_000 } else { arguments.states },
        figures: chosen.iter().copied().collect(),
        postgres: match arguments.postgres.as_deref() {
            None => PostgresAt::Own,
            Some("none") => PostgresAt::Nowhere,
            Some(url) => PostgresAt::Url(url.to_owned()),
        },
        equip: Box::new(move |config| open::equipped(config, &verticals)),
    };
    let report = hive_bench::run(&plan, &mut |line| to_stderr(line)).await;
    let report = report.map_err(|error| CliError::node(error.code(), &error))?;
    let say = if output == Output::Json { to_stderr } else { output::print_line };
    say(&report.title());
    for Table { head, rows } in [report.figures(), report.stages()] {
        say(&output::text_table(&head, &rows));
    }
    report.remarks().iter().for_each(|remark| say(remark));
    output.raw(&report.json());
    Ok(())
}

fn to_stderr(line: &str) {
    // Nobody reads the error stream: then nobody is told.
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}
