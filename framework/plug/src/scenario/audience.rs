//! Who watches a scenario: a terminal, a program that reads JSON, a test.

use super::ScenarioError;

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// From 1.
    pub number: u32,
    /// What was done, in one line.
    pub title: String,
    /// Titles of the parties that signed.
    pub signers: Vec<String>,
    /// Height of the block that holds it, once it is on the ledger.
    pub height: Option<u64>,
    /// Id of its transaction.
    pub transaction: Option<String>,
    /// The code with which it was refused, and the rule's sentence.
    pub refusal: Option<(String, String)>,
    /// True if an earlier run had done it already.
    pub done_before: bool,
    /// What else is worth saying.
    pub note: Option<String>,
}

/// A table for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Rows, each as long as the columns.
    pub rows: Vec<Vec<String>>,
    /// Which columns are numbers, and stand to the right.
    pub numbers: Vec<usize>,
}

/// A line of a file that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// From 1, the heading included.
    pub line: u64,
    /// The stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// Is told what happens.
pub trait Audience {
    /// A new part begins.
    fn heading(&mut self, text: &str);
    /// A step is over.
    fn step(&mut self, report: &StepReport);
    /// A table is worth a look.
    fn table(&mut self, table: &Table);
    /// Long work of so many units begins.
    fn progress(&mut self, total: u64, what: &str) -> Box<dyn Progress>;
}

/// Shows how far long work is; it ends when dropped.
pub trait Progress {
    /// So many more units are done.
    fn advance(&mut self, units: u64);
}

/// What a run remembers across crashes.
pub trait Memory {
    /// What was remembered under this name.
    fn recall(&self, name: &str) -> Option<String>;
    /// Remembers durably: after it returns, a crash forgets nothing.
    ///
    /// # Errors
    /// [`ScenarioError::Memory`].
    fn remember(&mut self, name: &str, value: &str) -> Result<(), ScenarioError>;
}
