//! Where a scenario plays: the seats, the way to the node, the audience, the memory.

use std::collections::BTreeMap;

use ledger_core::{Address, ChainId};
use serde_json::{Value, json};

use super::document::{PROPOSAL_SELECTION, ProposalDocument};
use super::seat::refusal;
use super::{Audience, Memory, Progress, ScenarioError, Seat, StepReport, Table, Transport};

/// What a stage is made of.
pub struct StageParts {
    /// The way to the node.
    pub transport: Box<dyn Transport>,
    /// Who watches.
    pub audience: Box<dyn Audience>,
    /// What survives a crash.
    pub memory: Box<dyn Memory>,
    /// The parties that can sign here.
    pub seats: Vec<Seat>,
    /// The chain that is played on.
    pub chain: ChainId,
    /// The vertical whose endpoint is asked.
    pub vertical: &'static str,
    /// Names the run: idempotency keys derive from it, so a run that is played again repeats nothing.
    pub run: String,
}

/// The place a scenario works on.
pub struct Stage {
    parts: StageParts,
    names: BTreeMap<Address, String>,
    pub(super) steps: u32,
}

impl Stage {
    /// A stage from its parts.
    pub fn new(parts: StageParts) -> Self {
        let names = parts.seats.iter().map(|seat| (seat.address, seat.role.title.to_owned())).collect();
        Self { parts, names, steps: 0 }
    }

    /// The chain, as arguments `chain` take it.
    pub fn chain(&self) -> ChainId {
        self.parts.chain
    }

    /// The run's name.
    pub fn run(&self) -> &str {
        &self.parts.run
    }

    /// The idempotency key of a write of this run.
    pub fn key(&self, write: &str) -> String {
        format!("{}/{write}", self.parts.run)
    }

    /// The way to the node, for what no other method asks.
    pub fn transport(&self) -> &dyn Transport {
        self.parts.transport.as_ref()
    }

    /// The seat of a role.
    ///
    /// # Errors
    /// [`ScenarioError::NoSuchSeat`].
    pub fn seat(&self, role: &str) -> Result<&Seat, ScenarioError> {
        let seat = self.parts.seats.iter().find(|seat| seat.role.name == role);
        seat.ok_or_else(|| ScenarioError::NoSuchSeat { role: role.to_owned() })
    }

    /// The address of a role, as text.
    ///
    /// # Errors
    /// As for [`Self::seat`].
    pub fn address(&self, role: &str) -> Result<String, ScenarioError> {
        Ok(self.seat(role)?.address.to_string())
    }

    /// Every seat.
    pub fn seats(&self) -> &[Seat] {
        &self.parts.seats
    }

    /// A party's name for people, with its address shortened.
    pub fn name_of(&self, address: &Address) -> String {
        let name = self.names.get(address).map_or("(unknown)", String::as_str);
        format!("{name} {}", address.short())
    }

    /// Asks the vertical's endpoint as a role; answers `data`.
    ///
    /// # Errors
    /// The first top-level error, or what the transport says.
    pub fn graphql(&self, role: &str, query: &str, variables: Value) -> Result<Value, ScenarioError> {
        self.graphql_at(self.parts.vertical, role, query, variables)
    }

    /// Asks any endpoint, e.g. `platform` or `regulator`, as a role; answers `data`.
    ///
    /// # Errors
    /// As for [`Self::graphql`].
    pub fn graphql_at(
        &self,
        endpoint: &str,
        role: &str,
        query: &str,
        variables: Value,
    ) -> Result<Value, ScenarioError> {
        let body = json!({ "query": query, "variables": variables });
        let seat = self.seat(role)?;
        let reply = seat.post(self.parts.transport.as_ref(), &format!("/graphql/{endpoint}"), &body)?;
        match reply.body["errors"].as_array().and_then(|errors| errors.first()) {
            Some(error) => Err(refusal(error, "code")),
            None => Ok(reply.body["data"].clone()),
        }
    }

    /// Reads a proposal as a role that takes part in it, and recomputes what can be recomputed.
    ///
    /// # Errors
    /// As for [`Self::graphql`] and [`ProposalDocument::read`].
    pub fn proposal(&self, role: &str, id: &str) -> Result<ProposalDocument, ScenarioError> {
        let query = format!("query($id: ID!) {{ proposal(id: $id) {{ {PROPOSAL_SELECTION} }} }}");
        let data = self.graphql_at("platform", role, &query, json!({ "id": id }))?;
        ProposalDocument::read(&data["proposal"])
    }

    /// What an earlier try of this run remembered.
    pub fn recall(&self, name: &str) -> Option<String> {
        self.parts.memory.recall(name)
    }

    /// Remembers across crashes.
    ///
    /// # Errors
    /// [`ScenarioError::Memory`].
    pub fn remember(&mut self, name: &str, value: &str) -> Result<(), ScenarioError> {
        self.parts.memory.remember(name, value)
    }

    /// Tells the audience that a new part begins.
    pub fn heading(&mut self, text: &str) {
        self.parts.audience.heading(text);
    }

    /// Shows the audience a table.
    pub fn table(&mut self, table: &Table) {
        self.parts.audience.table(table);
    }

    /// Shows the audience how far long work is.
    pub fn progress(&mut self, total: u64, what: &str) -> Box<dyn Progress> {
        self.parts.audience.progress(total, what)
    }

    /// Tells the audience what became of a step; gives it its number.
    pub fn report(&mut self, mut report: StepReport) {
        self.steps = self.steps.saturating_add(1);
        report.number = self.steps;
        self.parts.audience.step(&report);
    }
}
