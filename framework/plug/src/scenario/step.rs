//! Steps that most scenarios are made of: a write that everybody signs, and a write that must be refused.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::document::PROPOSAL_SELECTION;
use super::{ProposalDocument, ScenarioError, SignatureInput, Stage, StepReport};

/// How often and how long a step waits for its block.
const POLL: Duration = Duration::from_millis(100);
const POLLS_MAX: u64 = 300;

/// A write of the vertical or the platform that answers with a proposal.
#[derive(Clone, Debug)]
pub struct Write<'a> {
    /// What it does, in one line.
    pub title: &'a str,
    /// Who asks for it.
    pub role: &'a str,
    /// `platform`, or the vertical's name.
    pub endpoint: &'a str,
    /// The mutation: one field that takes `$input` and selects `proposal { id } userErrors { code message }`.
    pub mutation: &'a str,
    /// The input object.
    pub input: Value,
    /// Who signs, in this order. Parties that need not sign, or have signed, are passed over.
    pub signers: &'a [&'a str],
}

/// A write that stands on the ledger.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The payload of the mutation.
    pub payload: Value,
    /// The proposal, committed.
    pub proposal: ProposalDocument,
}

impl Stage {
    /// Writes, has everybody sign, waits for the block and tells the audience.
    ///
    /// # Errors
    /// [`ScenarioError::Rejected`] if a rule refuses it, [`ScenarioError::NotSettled`] if no block comes.
    pub fn settle(&mut self, write: &Write<'_>) -> Result<Settled, ScenarioError> {
        let payload = self.write(write)?;
        let rejected = |error: &Value| ScenarioError::Rejected {
            step: write.title.to_owned(),
            code: error["code"].as_str().unwrap_or_default().to_owned(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
        };
        if let Some(error) = payload["userErrors"].get(0) {
            return Err(rejected(error));
        }
        let id = payload["proposal"]["id"].as_str().ok_or_else(|| ScenarioError::unexpected("proposal"))?.to_owned();
        let mut proposal = self.proposal(write.role, &id)?;
        let done_before = proposal.is_committed();
        let mut signers = Vec::new();
        for role in write.signers {
            let seat = self.seat(role)?;
            if proposal.is_committed() || !proposal.awaits(&seat.address) {
                continue;
            }
            let signature = seat.sign(&self.proposal(role, &id)?)?;
            signers.push(seat.role.title.to_owned());
            let signed = self.sign_proposal(role, &id, &[signature])?;
            if let Some(error) = signed["userErrors"].get(0) {
                return Err(rejected(error));
            }
            proposal = ProposalDocument::read(&signed["proposal"])?;
        }
        let proposal = self.wait_for_block(write, &id)?;
        self.report(StepReport {
            number: 0,
            title: write.title.to_owned(),
            signers,
            height: proposal.height,
            transaction: Some(proposal.transaction_id.to_string()),
            refusal: None,
            done_before,
            note: None,
        });
        Ok(Settled { payload, proposal })
    }

    /// Writes what must be refused with this code at once, shows that `observe` sees no change, and tells the audience.
    ///
    /// # Errors
    /// [`ScenarioError::NotRefused`], [`ScenarioError::Changed`].
    pub fn refused<O>(&mut self, write: &Write<'_>, code: &str, observe: O) -> Result<(), ScenarioError>
    where
        O: Fn(&Self) -> Result<Value, ScenarioError>,
    {
        self.refusal(write.title, code, observe, |stage| stage.write(write))
    }

    /// The same for any act that answers a payload with `userErrors`, or fails with a top-level code.
    ///
    /// # Errors
    /// As for [`Self::refused`].
    pub fn refusal<O, A>(&mut self, title: &str, code: &str, observe: O, act: A) -> Result<(), ScenarioError>
    where
        O: Fn(&Self) -> Result<Value, ScenarioError>,
        A: FnOnce(&Self) -> Result<Value, ScenarioError>,
    {
        let before = observe(self)?;
        let (actual, message) = match act(self) {
            Ok(payload) => {
                let error = &payload["userErrors"][0];
                let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
                (text("code"), text("message"))
            }
            Err(ScenarioError::Refused { code, message, .. }) => (code, message),
            Err(other) => return Err(other),
        };
        if actual != code {
            let actual = if actual.is_empty() { "accepted".to_owned() } else { format!("{actual}: {message}") };
            return Err(ScenarioError::NotRefused { step: title.to_owned(), expected: code.to_owned(), actual });
        }
        let after = observe(self)?;
        if before != after {
            let (before, after) = (before.to_string(), after.to_string());
            return Err(ScenarioError::Changed { step: title.to_owned(), before, after });
        }
        self.report(StepReport {
            number: 0,
            title: title.to_owned(),
            signers: Vec::new(),
            height: None,
            transaction: None,
            refusal: Some((code.to_owned(), message)),
            done_before: false,
            note: Some("nothing changed".to_owned()),
        });
        Ok(())
    }

    /// The payload of a write.
    ///
    /// # Errors
    /// As for [`Stage::graphql`].
    pub fn write(&self, write: &Write<'_>) -> Result<Value, ScenarioError> {
        let data = self.graphql_at(write.endpoint, write.role, write.mutation, json!({ "input": write.input }))?;
        let payload = data.as_object().and_then(|fields| fields.values().next()).cloned();
        payload.ok_or_else(|| ScenarioError::unexpected("payload"))
    }

    /// The payload of `signProposal` with these signatures.
    ///
    /// # Errors
    /// As for [`Stage::graphql`].
    pub fn sign_proposal(&self, role: &str, id: &str, signatures: &[SignatureInput]) -> Result<Value, ScenarioError> {
        let mutation = format!(
            "mutation($input: SignProposalInput!) {{ signProposal(input: $input) {{ \
             proposal {{ {PROPOSAL_SELECTION} }} userErrors {{ code message }} }} }}"
        );
        let signatures: Vec<Value> = signatures.iter().map(SignatureInput::to_json).collect();
        let input = json!({ "input": { "id": id, "signatures": signatures } });
        Ok(self.graphql_at("platform", role, &mutation, input)?["signProposal"].clone())
    }

    fn wait_for_block(&self, write: &Write<'_>, id: &str) -> Result<ProposalDocument, ScenarioError> {
        for _ in 0..POLLS_MAX {
            let proposal = self.proposal(write.role, id)?;
            if proposal.is_committed() {
                return Ok(proposal);
            }
            if proposal.status != "OPEN" && proposal.status != "SUBMITTING" {
                let message = format!("the proposal is {}", proposal.status);
                return Err(ScenarioError::Rejected { step: write.title.to_owned(), code: proposal.status, message });
            }
            thread::sleep(POLL);
        }
        let seconds = POLLS_MAX / 10;
        Err(ScenarioError::NotSettled { step: write.title.to_owned(), seconds })
    }
}
