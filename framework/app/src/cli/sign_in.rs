//! `hive sign-in`: an access token of a party whose key file lies here, and variables to paste beside a query.

use std::path::PathBuf;

use clap::Args;
use hive_platform::OrganisationKind;
use hive_plug::scenario::{Role, Seat};
use serde_json::{Map, Value, json};

use super::client::HttpTransport;
use super::demonstration::{ADMINISTRATOR, chain_of};
use super::error::CliError;
use super::folder::DataFolder;
use super::key_file::KeyFile;
use super::output::Output;
use super::play::stopped;

/// Who signs in, and where.
#[derive(Debug, Args)]
pub struct SignInArguments {
    /// A party of the demonstration, e.g. depositor, or the path of a key file
    party: String,
    /// URL of the running node
    #[arg(long, env = "HIVE_NODE", default_value = "http://127.0.0.1:4000")]
    node: String,
}

/// Runs `hive sign-in`: with `--json` token and variables as one object, else the token and the variables, each on its line.
///
/// # Errors
/// The key file cannot be used, the node does not answer, or it refuses.
pub fn run(arguments: &SignInArguments, folder: &DataFolder, cast: &[Role], output: Output) -> Result<(), CliError> {
    let seat = seat(folder, &arguments.party)?;
    let transport = HttpTransport::new(&arguments.node);
    let token = seat.access_token(&transport).map_err(stopped)?;
    let mut variables = Map::new();
    // A party of another chain has no demonstration to paste for.
    if let Ok(chain) = chain_of(&transport, &seat) {
        variables.insert("chain".to_owned(), json!(chain.to_string()));
    }
    for name in cast.iter().map(|role| role.name).filter(|name| *name != ADMINISTRATOR) {
        if let Ok(other) = KeyFile::read(&folder.key_of(name)) {
            variables.insert(camel(name), json!(other.address));
        }
    }
    match output {
        Output::Json => output.facts(&[], &json!({ "accessToken": token, "variables": variables })),
        Output::Text => {
            output.line(&token);
            output.line(&Value::Object(variables).to_string());
        }
    }
    Ok(())
}

/// The key file of a party of the demonstration, or of a path.
///
/// # Errors
/// It cannot be used.
pub(super) fn key(folder: &DataFolder, party: &str) -> Result<KeyFile, CliError> {
    let named = folder.key_of(party);
    KeyFile::read(&if named.exists() { named } else { PathBuf::from(party) })
}

/// The party with its key, not signed in yet.
///
/// # Errors
/// As for [`key`].
pub(super) fn seat(folder: &DataFolder, party: &str) -> Result<Seat, CliError> {
    let key = key(folder, party)?;
    let kind = OrganisationKind::Company;
    let role = Role { name: "caller", title: "Caller", title_zh: "调用方", kind, permissions: &[] };
    Ok(Seat::new(role, key.party()?, key.signing_key()?))
}

/// `bank-a` as `bankA`: names of variables have no hyphen.
fn camel(name: &str) -> String {
    let mut letters = String::with_capacity(name.len());
    let mut is_head = false;
    for letter in name.chars() {
        match letter {
            '-' => is_head = true,
            _ if is_head => {
                letters.extend(letter.to_uppercase());
                is_head = false;
            }
            _ => letters.push(letter),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::camel;

    #[test]
    fn names_become_variables() {
        assert_eq!(camel("bank-a"), "bankA");
        assert_eq!(camel("deposit-attestor"), "depositAttestor");
        assert_eq!(camel("regulator"), "regulator");
    }
}
