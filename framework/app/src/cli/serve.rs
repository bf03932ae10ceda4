//! `hive serve`: starts the node and says when it is ready.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hive_plug::scenario::Role;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::error::CliError;
use super::folder::DataFolder;
use super::key_file::KeyFile;
use super::output::Output;
use super::{demonstration, open, rebuild};
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
    /// Let go of a chain's memory after so many seconds without use; whoever asks for the chain opens it again
    #[arg(long, env = "HIVE_CHAIN_IDLE", value_name = "SECONDS", default_value_t = 600)]
    chain_idle: u64,
    /// Keep at most so many chains in memory; those used least recently go first
    #[arg(long, env = "HIVE_CHAINS_OPEN_MAX", value_name = "COUNT", default_value_t = 1_024,
          value_parser = clap::value_parser!(u32).range(1..))]
    chains_open_max: u32,
    /// What an answer to a submission waits for; answers say which it was
    #[arg(long, env = "HIVE_DURABILITY", value_enum, default_value_t = Durability::Durable)]
    durability: Durability,
    /// Create no demonstration chain
    #[arg(long)]
    no_demonstration: bool,
    /// Build this projection anew while the node serves; may be given several times
    #[arg(long, value_name = "PROJECTION")]
    rebuild: Vec<String>,
}

/// What an answer promises.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Durability {
    /// The block is on the disk
    Durable,
    /// The database has the block and brings it to the disk a little later; the last answers are lost if the machine fails
    Relaxed,
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
pub async fn run<L: Verticals>(
    arguments: &ServeArguments,
    folder: &DataFolder,
    output: Output,
) -> Result<(), CliError> {
    let verticals = L::registered();
    let listener = TcpListener::bind(arguments.listen).await.map_err(|source| in_use(arguments.listen, &source))?;
    let address = listener.local_addr().map_err(|source| in_use(arguments.listen, &source))?;
    let opened = open::node(folder, &verticals, true, |config| {
        config.durability = match arguments.durability {
            Durability::Durable => hive_chain::Durability::Durable,
            Durability::Relaxed => hive_chain::Durability::Relaxed,
        };
        config.chain_idle = Duration::from_secs(arguments.chain_idle);
        config.chains_open_max = usize::try_from(arguments.chains_open_max).unwrap_or(usize::MAX);
    })
    .await?;
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
    let end = Stopping::heard()?;
    announce::<L>(address, folder, &services, &cast, output).await?;
    rebuild::in_background(&services.node, &arguments.rebuild, output);
    end.wait().await;
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

/// Asks the node's own health endpoint, then tells where everything is and what to try next.
async fn announce<L: Verticals>(
    address: SocketAddr,
    folder: &DataFolder,
    services: &Services,
    cast: &[Role],
    output: Output,
) -> Result<(), CliError> {
    let url = format!("http://{address}");
    wait_until_ready(&url).await?;
    let names: Vec<String> = endpoints::<L>(None).into_keys().collect();
    let parties = parties(folder, cast)?;
    if output == Output::Json {
        let ready = json!({ "ready": true, "node": services.about.id, "url": url, "data": folder.root(), "endpoints": names,
            "parties": parties.iter().map(|row| json!({ "name": row[0], "address": row[1], "key": row[2] })).collect::<Vec<_>>() });
        output.facts(&[], &ready);
        return Ok(());
    }
    let rows: Vec<Vec<String>> = names
        .iter()
        .map(|name| vec![name.clone(), format!("{url}/graphql/{name}"), format!("{url}/schema/{name}.graphql")])
        .collect();
    output.table(&["endpoint", "GraphQL; a browser gets a page to try queries", "schema"], &rows, &json!(null));
    if !parties.is_empty() {
        output.say("\nParties of the demonstration chain; each signs with its own key:");
        output.table(&["party", "address", "key file"], &parties, &json!(null));
    }
    // As this program was called, so that the lines can be pasted.
    let hive = std::env::args().next().unwrap_or_else(|| "hive".to_owned());
    output.say("\nTry next, in another terminal:");
    if let Some(role) = cast.first() {
        output.say(&format!("  {hive} demo\n      plays a whole trade against this node"));
        output.say(&format!("  {hive} sign-in {}\n      an access token for the pages above", role.name));
    }
    for vertical in L::registered() {
        for importer in &vertical.importers {
            output.say(&format!("  {hive} import {} FILE\n      {}", vertical.name, importer.about));
        }
    }
    output.say(&format!("  curl {url}/readyz\n      and /livez /version /metrics"));
    output.say(&format!("\nReady: node {} accepts transactions. Ctrl-C stops it.", services.about.id));
    Ok(())
}

/// Name, address and key file of each party.
fn parties(folder: &DataFolder, cast: &[Role]) -> Result<Vec<Vec<String>>, CliError> {
    let row = |role: &Role| {
        let path = folder.key_of(role.name);
        Ok(vec![role.title.to_owned(), KeyFile::read(&path)?.address, path.display().to_string()])
    };
    cast.iter().map(row).collect()
}

async fn wait_until_ready(url: &str) -> Result<(), CliError> {
    let url = format!("{url}/readyz");
    let asked = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(10)))
            .http_status_as_error(false)
            .build()
            .into();
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

/// The signals that end a node, heard from when this was made: whoever reads that it is ready can stop it.
pub(super) struct Stopping {
    terminate: Signal,
    interrupt: Signal,
}

impl Stopping {
    pub(super) fn heard() -> Result<Self, CliError> {
        let refused = |source: std::io::Error| CliError::Node {
            code: "SIGNALS_NOT_HEARD".to_owned(),
            message: format!("{source}"),
        };
        let heard = |kind| signal(kind).map_err(refused);
        Ok(Self { terminate: heard(SignalKind::terminate())?, interrupt: heard(SignalKind::interrupt())? })
    }

    pub(super) async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
