//! What a contract does, in words or as a diagram.

use std::sync::Arc;

use ledger_agreement::explain::{self, Language};
use ledger_agreement::{BigInt, Contract, Environment, State, TimeInterval, next};

use super::subject::Subject;
use super::{ExplainArguments, Format};
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Runs `hive agreement explain`.
pub(super) fn run(arguments: &ExplainArguments, output: Output) -> Result<(), CliError> {
    let language = arguments.language.language();
    let subject = Subject::read(&arguments.contract)?;
    let (mut parts, contract) = match (subject, &arguments.parameters) {
        (Subject::Template(template, Some(built_in)), None) => {
            let example = built_in.example().map_err(|error| CliError::node(error.code(), &error))?;
            let contract = template.instantiate(&example.parameters);
            let contract = contract.map_err(|error| CliError::node(error.code(), &error))?;
            let said = match language {
                Language::English => "With the parameters of its worked example:",
                Language::Chinese => "按示例参数：",
            };
            (vec![explain::template(&template, language), said.to_owned()], contract)
        }
        (Subject::Template(template, built_in), parameters) => {
            let told = explain::template(&template, language);
            (vec![told], Subject::Template(template, built_in).contract(parameters.as_deref())?)
        }
        (subject, parameters) => (Vec::new(), subject.contract(parameters.as_deref())?),
    };
    if arguments.format == Format::Mermaid {
        output.line(&explain::mermaid(&contract, language));
        return Ok(());
    }
    parts.push(explain::text(&contract, language));
    let now = BigInt::from(arguments.at);
    parts.push(can_happen(&Arc::new(contract), &State::empty(now.clone()), &now, language)?);
    output.line(&parts.join("\n\n"));
    Ok(())
}

/// What can happen next to a contract at an instant, in words.
pub(super) fn can_happen(
    contract: &Arc<Contract>,
    state: &State,
    now: &BigInt,
    language: Language,
) -> Result<String, CliError> {
    let environment = Environment { time_interval: TimeInterval { from: now.clone(), to: now.clone() } };
    let next = next(contract, state, &environment).map_err(|error| CliError::node(error.code(), &error))?;
    let Ok(next) = next else {
        // A deadline lies within an interval of more than one instant only.
        return Ok(String::new());
    };
    let head = match language {
        Language::English => format!("What can happen next, as of {}:", explain::time(now)),
        Language::Chinese => format!("截至{}，接下来可以发生：", explain::time(now)),
    };
    Ok(format!("{head}\n{}", explain::next(&next, language)))
}
