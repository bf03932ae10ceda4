//! Plays steps from a file and tells what each comes to.

use std::sync::Arc;

use ledger_agreement::example::{Step, read_steps};
use ledger_agreement::explain::{self, Language};
use ledger_agreement::simulation::{SimulationError, simulate};
use ledger_agreement::{BigInt, Contract, Json, JsonForm, State, TransactionSuccess};

use super::SimulateArguments;
use super::explain::can_happen;
use super::subject::{Subject, read_text, refused_json};
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Runs `hive agreement simulate`.
pub(super) fn run(arguments: &SimulateArguments, output: Output) -> Result<(), CliError> {
    let language = arguments.language.language();
    let contract = Arc::new(Subject::read(&arguments.contract)?.contract(arguments.parameters.as_deref())?);
    let text = read_text(&arguments.steps, "list of steps")?;
    let steps = read_steps(&text).map_err(|error| refused_json(&arguments.steps, "list of steps", &error))?;
    let played = match simulate(&contract, &BigInt::ZERO, &steps) {
        Ok(played) => played,
        Err(error) => return Err(refusal(&contract, &steps, &error, language)?),
    };
    let now = steps.last().map_or(BigInt::ZERO, |step| step.at.clone());
    let next = match played.last() {
        Some(last) => can_happen(&last.contract, &last.state, &now, language)?,
        None => can_happen(&contract, &State::empty(BigInt::ZERO), &now, language)?,
    };
    if output == Output::Json {
        let steps = steps.iter().zip(&played).map(|(step, outcome)| as_json(step, outcome)).collect();
        let left = played.last().map_or(&contract, |last| &last.contract);
        let whole =
            Json::object([("steps", Json::Array(steps)), ("contract", left.to_json()), ("next", Json::text(next))]);
        output.raw(&whole);
        return Ok(());
    }
    let heads = match language {
        Language::English => ["time", "what happens", "payments", "accounts after", "warnings"],
        Language::Chinese => ["时间", "事件", "支付", "之后的账户", "警告"],
    };
    let rows: Vec<_> = steps.iter().zip(&played).map(|(step, outcome)| row(step, outcome, language)).collect();
    output.table(&heads, &rows, &serde_json::Value::Null);
    output.say(&next);
    Ok(())
}

/// The refusal, and what can happen instead.
fn refusal(
    contract: &Arc<Contract>,
    steps: &[Step],
    error: &SimulationError,
    language: Language,
) -> Result<CliError, CliError> {
    let refused = CliError::node(error.code(), error);
    let SimulationError::NoMatch { step } = error else { return Ok(refused) };
    let before = steps.get(..step.saturating_sub(1)).unwrap_or_default();
    let Some(at) = steps.get(before.len()).map(|step| &step.at) else { return Ok(refused) };
    let played = simulate(contract, &BigInt::ZERO, before).map_err(|error| CliError::node(error.code(), &error))?;
    let instead = match played.last() {
        Some(last) => can_happen(&last.contract, &last.state, at, language)?,
        None => can_happen(contract, &State::empty(BigInt::ZERO), at, language)?,
    };
    Ok(CliError::Node { code: error.code().to_owned(), message: format!("{error}\n{instead}") })
}

fn row(step: &Step, outcome: &TransactionSuccess, language: Language) -> Vec<String> {
    let payments = outcome.payments.iter().map(|payment| explain::payment(payment, language));
    let accounts = outcome.state.accounts.iter().map(|(key, amount)| explain::account(key, amount));
    let warnings = outcome.warnings.iter().map(|warning| explain::warning(warning, language));
    vec![
        explain::time(&step.at),
        explain::input(step.input.as_ref(), language),
        payments.collect::<Vec<_>>().join("\n"),
        accounts.collect::<Vec<_>>().join("\n"),
        warnings.collect::<Vec<_>>().join("\n"),
    ]
}

/// A step and what it came to, each in its published form.
fn as_json(step: &Step, outcome: &TransactionSuccess) -> Json {
    Json::object([
        ("at", Json::integer(&step.at)),
        ("input", step.input.as_ref().map_or(Json::Null, JsonForm::to_json)),
        ("payments", Json::array(&outcome.payments)),
        ("warnings", Json::array(&outcome.warnings)),
        ("state", outcome.state.to_json()),
    ])
}
