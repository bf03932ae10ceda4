//! What a command is about: a template of the house by its name, or a file with a template or a contract.

use std::path::Path;

use ledger_agreement::json::{Node, TEXT_BYTES_MAX};
use ledger_agreement::template::{BuiltIn, Template, TemplateError, built_in};
use ledger_agreement::{Contract, Json, JsonError, JsonForm};

use crate::cli::error::CliError;

/// A template or a contract.
pub(super) enum Subject {
    /// A template, and where it is one of the house, which.
    Template(Box<Template>, Option<&'static BuiltIn>),
    /// A contract without places.
    Contract(Contract),
}

impl Subject {
    /// Reads the template of a name, else the file.
    pub(super) fn read(name_or_file: &Path) -> Result<Self, CliError> {
        if let Some(built_in) = name_or_file.to_str().and_then(built_in) {
            let template = built_in.template().map_err(|error| CliError::node(error.code(), &error))?;
            return Ok(Self::Template(Box::new(template), Some(built_in)));
        }
        let text = read_text(name_or_file, "contract or template").map_err(|error| unknown(name_or_file, error))?;
        let refused = |error: TemplateError| content(name_or_file, "template", error.code(), &error);
        let json = Json::read(&text).map_err(|error| refused_json(name_or_file, "contract or template", &error))?;
        // A contract has no field of this name, and every template has it.
        if Node::root(&json).has("contract") {
            return Template::read(&text).map(|template| Self::Template(Box::new(template), None)).map_err(refused);
        }
        let contract = Contract::from_text(&text).map_err(|error| refused_json(name_or_file, "contract", &error))?;
        Ok(Self::Contract(contract))
    }

    /// The contract: of a template, with the parameters in a file.
    pub(super) fn contract(self, parameters: Option<&Path>) -> Result<Contract, CliError> {
        match (self, parameters) {
            (Self::Contract(contract), None) => Ok(contract),
            (Self::Contract(_), Some(path)) => Err(CliError::Content {
                path: path.into(),
                expected: "file that is needed",
                reason: "a contract has no parameters; leave out --parameters".to_owned(),
            }),
            (Self::Template(template, _), Some(path)) => instantiate(&template, path),
            (Self::Template(template, _), None) => Err(CliError::Node {
                code: "AGREEMENT_PARAMETERS_MISSING".to_owned(),
                message: format!(
                    "the template {} needs parameters; write them to a file and name it with --parameters (hive agreement show {} says which)",
                    template.name, template.name
                ),
            }),
        }
    }
}

fn instantiate(template: &Template, path: &Path) -> Result<Contract, CliError> {
    const EXPECTED: &str = "set of parameters";
    let given = Json::read(&read_text(path, EXPECTED)?).map_err(|error| refused_json(path, EXPECTED, &error))?;
    template.instantiate(&given).map_err(|error| content(path, EXPECTED, error.code(), &error))
}

/// The text of a file that is short enough to be read.
pub(super) fn read_text(path: &Path, expected: &'static str) -> Result<String, CliError> {
    let failed = |source| CliError::File { path: path.into(), action: "cannot be read", source };
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if usize::try_from(bytes).map_or(true, |bytes| bytes > TEXT_BYTES_MAX) {
        let reason = format!("it has {bytes} bytes, at most {TEXT_BYTES_MAX} are read");
        return Err(CliError::Content { path: path.into(), expected, reason });
    }
    std::fs::read_to_string(path).map_err(failed)
}

/// The refusal of what a file holds.
pub(super) fn content(path: &Path, expected: &'static str, code: &str, error: &impl std::fmt::Display) -> CliError {
    CliError::Content { path: path.into(), expected, reason: format!("{code}: {error}") }
}

pub(super) fn refused_json(path: &Path, expected: &'static str, error: &JsonError) -> CliError {
    content(path, expected, error.code(), error)
}

/// A name that is neither a template nor a file was likely meant as a template's.
fn unknown(name: &Path, error: CliError) -> CliError {
    match error {
        CliError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => CliError::Node {
            code: "AGREEMENT_TEMPLATE_UNKNOWN".to_owned(),
            message: format!("{} is no template's name and no file; see: hive agreement list", name.display()),
        },
        error => error,
    }
}
