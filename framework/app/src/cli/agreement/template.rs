//! The templates: which there are, and what one asks for.

use std::path::Path;

use ledger_agreement::Json;
use ledger_agreement::explain::{self, Language};
use ledger_agreement::template::{BUILT_IN, Template};
use ledger_core::contract::agreement::template_version;
use serde_json::{Value, json};

use super::subject::Subject;
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// So many digits of a version tell templates apart in a table.
const SHORT: usize = 12;

/// Runs `hive agreement list`.
pub(super) fn list(language: Language, output: Output) -> Result<(), CliError> {
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for built_in in &BUILT_IN {
        let template = built_in.template().map_err(|error| CliError::node(error.code(), &error))?;
        let version = template_version(&template).to_string();
        values.push(json!({ "name": template.name, "version": version, "title": titles(&template) }));
        let short = version.chars().take(SHORT).collect();
        rows.push(vec![template.name.clone(), short, template.title.of(language).to_owned()]);
    }
    output.table(&["name", "version", "title"], &rows, &Value::from(values));
    Ok(())
}

/// Runs `hive agreement show`.
pub(super) fn show(name_or_file: &Path, language: Language, output: Output) -> Result<(), CliError> {
    let Subject::Template(template, built_in) = Subject::read(name_or_file)? else {
        return Err(CliError::Content {
            path: name_or_file.into(),
            expected: "template",
            reason: "it is a contract; see what it does with: hive agreement explain".to_owned(),
        });
    };
    let version = template_version(&template);
    if output == Output::Json {
        let read = |text: &str| Json::read(text).map_err(|error| CliError::node(error.code(), &error));
        let example = built_in.map_or(Ok(Json::Null), |built_in| read(built_in.example))?;
        let template = read(&template.text())?;
        output.raw(&Json::object([
            ("version", Json::text(version.to_string())),
            ("template", template),
            ("example", example),
        ]));
        return Ok(());
    }
    output.say(&explain::template(&template, language));
    let said = match language {
        Language::English => format!("Version: {version}"),
        Language::Chinese => format!("版本：{version}"),
    };
    output.say(&said);
    Ok(())
}

fn titles(template: &Template) -> Value {
    json!({ "en": template.title.english, "zh-CN": template.title.chinese })
}
