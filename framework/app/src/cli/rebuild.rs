//! `hive rebuild`: projections' tables built anew from the stored blocks.

use clap::Args;
use hive_chain::{Node, RebuildProgress, RebuildReport, rebuild_closed};
use indicatif::{ProgressBar, ProgressStyle};
use ledger_core::ChainId;
use serde_json::{Value, json};

use super::error::CliError;
use super::folder::DataFolder;
use super::open;
use super::output::Output;
use crate::endpoint::vertical::Registered;

/// What to build anew.
#[derive(Debug, Args)]
pub struct RebuildArguments {
    /// The projection; without it all of them, one after another
    #[arg(long)]
    projection: Option<String>,
    /// Only this chain's rows, hexadecimal, as hive chain list shows it
    #[arg(long)]
    chain: Option<String>,
}

/// Runs `hive rebuild`. What a rebuild that was stopped had done is kept, and the next one goes on from there.
///
/// # Errors
/// A node runs on the folder, there is no such projection or chain, or the projection fails on a block.
pub async fn run(
    arguments: &RebuildArguments,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    let not_an_id = |text: &String| CliError::Node {
        code: "CHAIN_UNKNOWN".to_owned(),
        message: format!("{text:?} is no chain; give the 64 hexadecimal digits that hive chain list shows"),
    };
    let chain =
        arguments.chain.as_ref().map(|text| text.parse::<ChainId>().map_err(|_| not_an_id(text))).transpose()?;
    let names = match &arguments.projection {
        Some(name) => vec![name.clone()],
        None => names(verticals),
    };
    let lock = open::locked(folder)?;
    let mut reports = Vec::with_capacity(names.len());
    for name in names {
        let (config, _) = open::closed(folder, verticals)?;
        let rebuilt = rebuild_closed(config, &name, chain.as_ref(), progress(&name, output)).await;
        reports.push(rebuilt.map_err(|error| CliError::node(error.code(), &error))?);
    }
    drop(lock);
    tell(&reports, output);
    Ok(())
}

/// Rebuilds projections of a node that serves, which goes on serving; what becomes of it is in the log.
pub fn in_background(node: &Node, projections: &[String], output: Output) {
    let (node, projections) = (node.clone(), projections.to_vec());
    tokio::spawn(async move {
        for name in projections {
            match node.rebuild(&name, None, |_| {}).await {
                Ok(report) => output.say(&format!(
                    "Rebuilt {name}: {} rows from {} blocks in {} ms.",
                    report.rows, report.blocks, report.elapsed_ms
                )),
                Err(error) => tracing::error!(code = error.code(), %error, "a projection was not rebuilt"),
            }
        }
    });
}

fn names(verticals: &[Registered]) -> Vec<String> {
    let projections = verticals.iter().flat_map(|vertical| (vertical.projections)());
    projections.map(|projection| projection.name().to_owned()).collect()
}

fn progress(name: &str, output: Output) -> impl FnMut(RebuildProgress) + Send {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = "{msg} {wide_bar} {pos}/{len} blocks, {elapsed} (remaining {eta})";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let name = name.to_owned();
    move |progress| {
        bar.set_length(progress.blocks_total);
        bar.set_position(progress.blocks);
        let rate = progress.transactions.saturating_mul(1_000) / progress.elapsed_ms.max(1);
        bar.set_message(format!("building {name}, {rate} transactions/s"));
        if progress.blocks >= progress.blocks_total {
            bar.finish_and_clear();
        }
    }
}

fn tell(reports: &[RebuildReport], output: Output) {
    let row = |report: &RebuildReport| {
        let counts = [report.chains, report.blocks, report.resumed, report.transactions, report.rows];
        let goes_on = u64::try_from(report.unparked.len()).unwrap_or(u64::MAX);
        let counts = counts.into_iter().chain([goes_on, report.elapsed_ms]);
        std::iter::once(report.projection.clone()).chain(counts.map(|count| count.to_string())).collect::<Vec<_>>()
    };
    let value = |report: &RebuildReport| {
        json!({ "projection": report.projection, "chains": report.chains, "blocks": report.blocks,
            "resumedBlocks": report.resumed, "transactions": report.transactions, "rows": report.rows,
            "unparked": report.unparked.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "elapsedMs": report.elapsed_ms })
    };
    output.table(
        &["projection", "chains", "blocks", "of these kept", "transactions", "rows", "unparked", "milliseconds"],
        &reports.iter().map(row).collect::<Vec<_>>(),
        &Value::from(reports.iter().map(value).collect::<Vec<_>>()),
    );
}
