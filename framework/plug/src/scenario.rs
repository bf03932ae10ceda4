//! Worked trades that real clients play against a running node, and imports of files the same way.
//!
//! A scenario is code of a vertical. It works on a [`Stage`]: seats of signed-in parties with their own keys, a way to the
//! node, an audience that is told what happens, and a memory that survives a crash. It sees nothing that a client could
//! not see: everything goes over HTTP, and a seat signs only what it has decoded and recomputed itself.

mod audience;
mod document;
mod error;
mod seat;
mod stage;
mod step;
mod transport;

use std::path::Path;

pub use audience::{Audience, BadLine, Memory, Progress, StepReport, Table};
pub use document::{PROPOSAL_SELECTION, ProposalDocument, Signatory};
pub use error::ScenarioError;
use hive_platform::OrganisationKind;
use ledger_core::Permission;
pub use seat::{Seat, SignatureInput};
pub use stage::{Stage, StageParts};
pub use step::{Settled, Write};
pub use transport::{Reply, Transport};

/// A worked trade.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Lower-case words with `-`; `hive demo NAME` plays it.
    pub name: &'static str,
    /// One line for people, English.
    pub title: &'static str,
    /// Who plays in it. The first start of a node registers the casts of all scenarios on the demonstration chain.
    pub cast: &'static [Role],
    /// Plays it. It may be called again after it was killed anywhere: what is done already is found done.
    pub play: fn(&mut Stage) -> Result<(), ScenarioError>,
}

/// A party of the demonstration chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// Lower-case words with `-`; its key lies in `keys/<name>.json`.
    pub name: &'static str,
    /// Its name for people, English.
    pub title: &'static str,
    /// Its name for people, Chinese.
    pub title_zh: &'static str,
    /// What kind of organisation it is, for display.
    pub kind: OrganisationKind,
    /// What it may do on the chain.
    pub permissions: &'static [Permission],
}

/// A reader of files for `hive import <vertical> FILE`.
#[derive(Clone, Copy, Debug)]
pub struct Importer {
    /// Lower-case words with `-`.
    pub name: &'static str,
    /// One line for people: which file with which columns.
    pub about: &'static str,
    /// Imports the file. It may be called again with the same file: lines already imported are found imported.
    pub run: fn(&mut Stage, &Path) -> Result<ImportReport, ScenarioError>,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Lines that are on the ledger now and were not before.
    pub imported: usize,
    /// Lines that were on the ledger already.
    pub already_there: usize,
    /// Lines that were refused, with the reason.
    pub refused: Vec<BadLine>,
}
