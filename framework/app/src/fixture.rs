//! For tests: a vertical with nothing of its own but parties and a trade in tokens, on a node of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_graphql::{EmptySubscription, Object};
use hive_chain::Projection;
use hive_platform::OrganisationKind;
use hive_plug::error::ApiResult;
use hive_plug::locale::{Locale, LocaleFile};
use hive_plug::scenario::{
    Audience, Importer, Memory, Progress, Role, Scenario, ScenarioError, Seat, Stage, StageParts, StepReport, Table,
};
use hive_plug::{FRAMEWORK_VERSION, Manifest, RequestContext, Vertical};
use ledger_core::{Contract, Permission};
use tokio::net::TcpListener;

use crate::cli::folder::DataFolder;
use crate::cli::{demonstration, open, serve};
use crate::endpoint::Services;
use crate::endpoint::vertical::{Registered, Verticals};
use crate::server;

mod trade;

/// The test vertical.
pub(crate) struct Barter;

pub(crate) type Wired = (Barter, ());

#[derive(Default)]
pub(crate) struct BarterQuery;

#[derive(Default)]
pub(crate) struct BarterMutation;

#[derive(Default)]
pub(crate) struct BarterRegulator;

#[derive(Default)]
pub(crate) struct BarterReports;

#[Object]
impl BarterQuery {
    /// True for parties of the chain.
    async fn barters(&self, context: &async_graphql::Context<'_>) -> ApiResult<bool> {
        Ok(!context.chains(None)?.is_empty())
    }
}

#[Object]
impl BarterMutation {
    /// Changes nothing.
    async fn haggle(&self, context: &async_graphql::Context<'_>) -> ApiResult<bool> {
        context.principal()?;
        Ok(true)
    }
}

#[Object]
impl BarterRegulator {
    /// The supervisor's part.
    async fn barter(&self) -> BarterReports {
        BarterReports
    }
}

/// What a supervisor reads.
#[Object]
impl BarterReports {
    /// How many chains are supervised.
    async fn chains(&self, context: &async_graphql::Context<'_>) -> ApiResult<usize> {
        Ok(context.supervised_chains()?.len())
    }
}

const fn role(name: &'static str, title: &'static str, permissions: &'static [Permission]) -> Role {
    Role { name, title, title_zh: title, kind: OrganisationKind::Company, permissions }
}

const CAST: &[Role] = &[
    role("issuer", "Issuer", &[Permission::Connect, Permission::Transact, Permission::Issue]),
    role("attestor", "Attestor", &[Permission::Connect, Permission::Transact]),
    role("alice", "Alice", &[Permission::Connect, Permission::Transact]),
    role("bob", "Bob", &[Permission::Connect, Permission::Transact]),
    role("supervisor", "Supervisor", &[Permission::Connect, Permission::Supervise]),
];

impl Vertical for Barter {
    const NAME: &'static str = "barter";
    type Query = BarterQuery;
    type Mutation = BarterMutation;
    type Subscription = EmptySubscription;
    type Regulator = BarterRegulator;
    type RegulatorSubscription = EmptySubscription;

    fn manifest() -> Manifest {
        Manifest {
            version: "0.1.0",
            framework_version: FRAMEWORK_VERSION,
            locales: &[
                LocaleFile { locale: Locale::En, text: "barter-title = Barter\n" },
                LocaleFile { locale: Locale::ZhCn, text: "barter-title = 易货\n" },
            ],
            events: &[],
        }
    }

    fn contracts() -> Vec<Box<dyn Contract>> {
        Vec::new()
    }

    fn projections() -> Vec<Box<dyn Projection>> {
        Vec::new()
    }

    fn scenarios() -> Vec<Scenario> {
        vec![Scenario { name: "barter", title: "A small trade", cast: CAST, play: trade::play }]
    }

    fn importers() -> Vec<Importer> {
        Vec::new()
    }
}

/// A running node.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) services: Services,
    pub(crate) folder: DataFolder,
    _directory: tempfile::TempDir,
    _lock: crate::cli::folder::FolderLock,
}

/// Starts a node with the test vertical and its demonstration chain.
pub(crate) async fn start() -> Running {
    let directory = tempfile::tempdir().unwrap();
    let folder = DataFolder::new(directory.path().join("data"));
    let verticals = Wired::registered();
    let opened = open::node(&folder, &verticals, true, |_| {}).await.unwrap();
    let services = open::services(&opened, &verticals).await.unwrap();
    demonstration::ensure(&services.platform, &folder, &serve::cast(&verticals)).await.unwrap();
    let app = server::App::new(services.clone(), serve::endpoints::<Wired>(Some(&services)), true);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(app, listener, std::future::pending()));
    Running { address, services, folder, _directory: directory, _lock: opened.lock }
}

impl Running {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A stage on this node; what its audience is told lands in the report.
    pub(crate) fn stage(&self, run: &str) -> (Stage, Report) {
        let report = Report::default();
        let seats = CAST.iter().map(|role| {
            let key = self.folder.key_or_new(role.name).unwrap();
            Seat::new(*role, key.party().unwrap(), key.signing_key().unwrap())
        });
        let stage = Stage::new(StageParts {
            transport: Box::new(crate::cli::client::HttpTransport::new(&self.url())),
            audience: Box::new(report.clone()),
            memory: Box::new(Recollection::default()),
            seats: seats.collect(),
            chain: self.services.node.chain_ids()[0],
            vertical: Barter::NAME,
            run: run.to_owned(),
        });
        (stage, report)
    }
}

pub(crate) fn registered() -> Vec<Registered> {
    Wired::registered()
}

/// What an audience was told.
#[derive(Clone, Default)]
pub(crate) struct Report(pub(crate) Arc<Mutex<Vec<StepReport>>>);

impl Audience for Report {
    fn heading(&mut self, _text: &str) {}

    fn step(&mut self, report: &StepReport) {
        self.0.lock().unwrap().push(report.clone());
    }

    fn table(&mut self, _table: &Table) {}

    fn progress(&mut self, _total: u64, _what: &str) -> Box<dyn Progress> {
        Box::new(Silent)
    }
}

struct Silent;

impl Progress for Silent {
    fn advance(&mut self, _units: u64) {}
}

#[derive(Default)]
struct Recollection(BTreeMap<String, String>);

impl Memory for Recollection {
    fn recall(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn remember(&mut self, name: &str, value: &str) -> Result<(), ScenarioError> {
        self.0.insert(name.to_owned(), value.to_owned());
        Ok(())
    }
}
