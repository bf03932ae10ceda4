//! `hive serve`: starts the node and says when it is ready.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use hive_plug::scenario::Role;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::error::CliError;
use super::folder::DataFolder;
use super::output::Output;
use super::{demonstration, open};
use crate::endpoint::regulator::of_regulator;
use crate::endpoint::vertical::{Registered, Verticals};
use crate::endpoint::{Services, of_platform};
use crate::server::schema::Endpoint;
use crate::server::{App, serve};

/// How often unfinished proposals and ended sessions are tended.
const TEND: Duration = Duration::from_secs(30);

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Where to listen
    #[arg(long, env = "HIVE_LISTEN", default_value = "127.0.0.1:4000")]
    listen: SocketAddr,
    /// Serve no page for trying queries
    #[arg(long, env = "HIVE_PRODUCTION")]
    production: bool,
    /// Create no demonstration chain
    #[arg(long)]
    no_demonstration: bool,
}

/// Every endpoint of a node by its name.
pub fn endpoints<L: Verticals>(services: Option<&Services>) -> BTreeMap<String, Endpoint> {
    let mut endpoints = BTreeMap::from([
        ("platform".to_owned(), of_platform(services)),
        ("regulator".to_owned(), of_regulator::<L>(services)),
    ]);
    for vertical in L::registered() {
        endpoints.insert(vertical.name.to_owned(), (vertical.endpoint)(services));
    }
    endpoints
}

/// Parties that the scenarios of these verticals need, each once.
pub fn cast(verticals: &[Registered]) -> Vec<Role> {
    let mut cast: Vec<Role> = Vec::new();
    for role in verticals.iter().flat_map(|vertical| &vertical.scenarios).flat_map(|scenario| scenario.cast) {
        if cast.iter().all(|known| known.name != role.name) {
            cast.push(*role);
        }
    }
    cast
}

/// Runs `hive serve` until it is told to stop.
///
/// # Errors
/// The folder, the keys, the history or the address cannot be used.
pub async fn run<L: Verticals>(arguments: &ServeArguments, folder: &DataFolder, output: Output) -> Result<(), CliError> {
    let verticals = L::registered();
    let listener = TcpListener::bind(arguments.listen).await.map_err(|source| in_use(arguments.listen, &source))?;
    let address = listener.local_addr().map_err(|source| in_use(arguments.listen, &source))?;
    let opened = open::node(folder, &verticals, true).await?;
    let services = open::services(&opened, &verticals).await?;
    let cast = if arguments.no_demonstration { Vec::new() } else { cast(&verticals) };
    if !cast.is_empty() {
        demonstration::ensure(&services.platform, folder, &cast).await?;
    }
    let tending = tokio::spawn(services.platform.clone().keep_tending(TEND));
    let app = App::new(services.clone(), endpoints::<L>(Some(&services)), !arguments.production);
    let (stopper, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(app, listener, async {
        let _ = stopped.await;
    }));
    announce(address, folder, &cast, output).await?;
    wait_for_end().await?;
    output.say("Stopping: finishing what is under way.");
    let _ = stopper.send(());
    let _ = server.await;
    tending.abort();
    services.node.shutdown().await;
    drop(opened.lock);
    Ok(())
}

fn in_use(address: SocketAddr, source: &std::io::Error) -> CliError {
    let message = format!("cannot listen on {address} ({source}); stop what uses it or choose another with --listen");
    CliError::Node { code: "ADDRESS_NOT_FREE".to_owned(), message }
}

/// Asks the node's own health endpoint, then tells where everything is.
async fn announce(address: SocketAddr, folder: &DataFolder, cast: &[Role], output: Output) -> Result<(), CliError> {
    let url = format!("http://{address}");
    wait_until_ready(&url).await?;
    let mut rows = vec![("platform", format!("{url}/graphql/platform")), ("regulator", format!("{url}/graphql/regulator"))];
    let paths = ["graphql", "schema", "keys"];
    rows.push(("health", format!("{url}/readyz  /livez  /version  /metrics")));
    rows.push(("data", folder.root().display().to_string()));
    rows.push((paths[2], folder.keys().display().to_string()));
    let ready = json!({ "ready": true, "url": url, "data": folder.root(), "keys": folder.keys(),
        "parties": cast.iter().map(|role| role.name).collect::<Vec<_>>() });
    output.facts(&rows, &ready);
    Ok(())
}

async fn wait_until_ready(url: &str) -> Result<(), CliError> {
    let url = format!("{url}/readyz");
    let asked = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10))).http_status_as_error(false).build().into();
        let mut answer = agent.get(&url).call()?;
        let status = answer.status().as_u16();
        Ok::<_, ureq::Error>((status, answer.body_mut().read_to_string()?))
    });
    let not_ready = |reason: String| CliError::Node { code: "NODE_NOT_READY".to_owned(), message: reason };
    match asked.await {
        Ok(Ok((200, _))) => Ok(()),
        Ok(Ok((_, reason))) => Err(not_ready(reason)),
        Ok(Err(error)) => Err(not_ready(error.to_string())),
        Err(error) => Err(not_ready(error.to_string())),
    }
}

async fn wait_for_end() -> Result<(), CliError> {
    let refused = |source| CliError::Node { code: "SIGNALS_NOT_HEARD".to_owned(), message: format!("{source}") };
    let mut terminate = signal(SignalKind::terminate()).map_err(|source: std::io::Error| refused(source))?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        outcome = tokio::signal::ctrl_c() => outcome.map_err(refused),
    }
}
