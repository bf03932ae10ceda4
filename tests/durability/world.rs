//! What the node is killed over: chains on which customers pay each other, made before the first start.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use hive_app::cli::folder::DataFolder;
use hive_app::cli::key_file::KeyFile;
use hive_app::cli::open;
use hive_app::endpoint::vertical::Registered;
use hive_chain::{Node, NodeConfig};
use ledger_core::contract::{chain, party, token};
use ledger_core::party::Permissions;
use ledger_core::{
    Address, Amount, Anchor, AssetId, BlockHash, Bounds, ChainId, CommandId, ContractId, Date, Genesis, Permission,
    Policy, Scale, SignedTransaction, SigningKey, StateRef, TimeWindow, Transaction, TransactionBuilder,
    TransactionFrame, wire,
};
use serde_json::Value;
use tempfile::TempDir;

use super::customer::Customer;
use super::victim::Home;
use crate::command::{self, hive};

const CHAINS: usize = 3;
const CUSTOMERS: usize = 6;
/// What each customer has on each chain at first, in the smallest unit.
pub(super) const ENDOWMENT: u64 = 1_000_000_000;
/// Issues that each customer may send on each chain while the node is killed; they write claims.
const ISSUES: u64 = 12;
/// The amount of each.
pub(super) const ISSUE: u64 = 1_000;

/// A chain with its one asset.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    pub(super) id: ChainId,
    /// The value of `chain_id` in its rows.
    pub(super) number: i64,
    pub(super) asset: AssetId,
    /// Height at which the customers begin.
    pub(super) height: u64,
}

/// A party with its key.
pub(super) struct Party {
    pub(super) file: KeyFile,
    pub(super) key: SigningKey,
    pub(super) address: Address,
}

impl Party {
    fn new(name: &str) -> Self {
        let file = KeyFile::generate(name).expect("a key is made");
        let (key, address) = (file.signing_key().expect("a sound key"), file.party().expect("a sound key"));
        Self { file, key, address }
    }
}

/// A data folder with its database, the chains and those who pay.
pub(super) struct World {
    pub(super) home: Home,
    pub(super) chains: Vec<Chain>,
    pub(super) customers: Vec<Customer>,
    _folder: TempDir,
}

impl World {
    /// Makes the chains on a database file in the folder, or on a server's database.
    pub(super) fn make(on_server: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("room for a folder");
        let data = folder.path().join("data");
        DataFolder::new(&data).create().expect("a data folder is made");
        let database = on_server.unwrap_or_else(|| format!("sqlite:{}", data.join("hive.sqlite").display()));
        let home = Home { data, database, demonstration: false };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
        let books = folder.path();
        let (chains, customers) = runtime.block_on(begin(&home, books));
        Self { home, chains, customers, _folder: folder }
    }

    /// Verifies everything from genesis and compares every table; the node must not run.
    pub(super) fn audit(&self) {
        let mut audit = hive(&self.home.data);
        self.home.name_database(&mut audit);
        let report = command::run(audit.args(["audit", "--json"])).expect_status(0).json();
        assert_eq!(report["passed"], Value::Bool(true), "{report}");
    }
}

fn config(home: &Home, create: bool) -> NodeConfig {
    let verticals = [Registered::of::<warehouse_receipts::WarehouseReceipts>()];
    let secrets = DataFolder::new(&home.data).node_secrets(create).expect("the node's secrets");
    let (recorder, claims, journal) = (secrets.recorder(), secrets.claim_secret(), secrets.journal_key());
    let mut config =
        NodeConfig::new(&home.database, recorder.expect("sound"), claims.expect("sound"), journal.expect("sound"));
    config.contracts = open::contracts(&verticals);
    config.projections.extend(verticals.iter().flat_map(|vertical| (vertical.projections)()));
    config
}

async fn begin(home: &Home, books: &Path) -> (Vec<Chain>, Vec<Customer>) {
    let config = config(home, true);
    let recorder = config.recorder.public();
    let node = Node::open(config).await.expect("the node opens");
    let (administrator, issuer, attestor) = (Party::new("administrator"), Party::new("issuer"), Party::new("attestor"));
    let mut customers: Vec<Customer> = (0..CUSTOMERS)
        .map(|number| {
            let party = Party::new(&format!("customer-{number}"));
            Customer::new(party, &books.join(format!("customer-{number}.jsonl")))
        })
        .collect();
    let mut chains = Vec::new();
    for number in 0..CHAINS {
        let genesis = Genesis {
            name: format!("Chain {number}"),
            administrator: Policy::Key(administrator.key.public()),
            administrator_nonce: administrator.file.nonce().expect("a sound key"),
            bounds: Bounds { block_transactions_max: 64, ..Bounds::default() },
            recorder,
            contracts: node.contracts().ids(),
            nonce: [u8::try_from(number).expect("few chains"); 32],
            created_ms: now_ms(),
            directory: None,
        };
        let id = node.create_chain(genesis).await.expect("a chain is made");
        let maker =
            Maker { node: &node, chain: id, administrator: &administrator, issuer: &issuer, attestor: &attestor };
        chains.push(maker.fill(&mut customers).await);
    }
    let parties: Vec<Address> = customers.iter().map(|customer| customer.party.address).collect();
    customers.iter_mut().for_each(|customer| customer.others.clone_from(&parties));
    node.shutdown().await;
    (chains, customers)
}

/// Makes one chain's parties and token.
struct Maker<'a> {
    node: &'a Node,
    chain: ChainId,
    administrator: &'a Party,
    issuer: &'a Party,
    attestor: &'a Party,
}

impl Maker<'_> {
    async fn fill(&self, customers: &mut [Customer]) -> Chain {
        let members: Vec<&Party> =
            [self.issuer, self.attestor].into_iter().chain(customers.iter().map(|customer| &customer.party)).collect();
        self.register(&members).await;
        let asset = AssetId::derive(&self.chain, &self.issuer.address, "USD-T");
        let definition = self.define(asset).await;
        for customer in customers {
            let endowment = self.issue(asset, definition, customer.party.address, "endowment", ENDOWMENT).await;
            let accepted = self.node.submit(&self.chain, endowment.encode()).await.expect("an endowment");
            let coin = StateRef { transaction: accepted.transaction, index: 0 };
            let mut issues = Vec::new();
            for number in 0..ISSUES {
                let name = format!("issue {number}");
                issues.push(self.issue(asset, definition, customer.party.address, &name, ISSUE).await);
            }
            customer.join(self.chain, asset, coin, issues);
        }
        let summary = self.node.chain(&self.chain).await.expect("the chain is hosted");
        Chain { id: self.chain, number: summary.number, asset, height: summary.height }
    }

    async fn register(&self, members: &[&Party]) {
        let mut builder = TransactionBuilder::new(frame(self.chain, self.administrator.address, "register"));
        for member in members {
            let permissions = [Permission::Connect, Permission::Transact, Permission::Issue].into_iter().collect();
            let granted = Permissions { party: member.address, permissions };
            builder = builder
                .output(party::record_state(&member.file.record().expect("a sound key")))
                .output(chain::permissions_state(self.administrator.address, &granted));
        }
        let builder = builder.command(contract(party::NAME), party::REGISTER, &wire::PartyRegister {}).command(
            contract(chain::NAME),
            chain::GRANT,
            &wire::ChainGrant {},
        );
        let signers: Vec<&Party> = members.iter().copied().chain([self.administrator]).collect();
        let signed = self.signed(builder, &signers).await;
        self.node.submit(&self.chain, signed.encode()).await.expect("the parties are registered");
    }

    async fn define(&self, asset: AssetId) -> StateRef {
        let definition = token::TokenDefinition {
            asset,
            issuer: self.issuer.address,
            attestor: self.attestor.address,
            code: "USD-T".to_owned(),
            title: "US dollar, deposited".to_owned(),
            scale: Scale::new(2).expect("a scale"),
            unit: "USD".to_owned(),
            backing: "bank-deposit".to_owned(),
            supply_max: Amount::from_minor(1_000_000_000_000).expect("an amount"),
            redeemable: true,
        };
        let builder = TransactionBuilder::new(frame(self.chain, self.issuer.address, "define"))
            .output(token::definition_state(&definition))
            .command(contract(token::NAME), token::DEFINE, &wire::TokenDefine {});
        let signed = self.signed(builder, &[self.issuer, self.attestor]).await;
        let accepted = self.node.submit(&self.chain, signed.encode()).await.expect("a token is defined");
        StateRef { transaction: accepted.transaction, index: 0 }
    }

    async fn issue(
        &self,
        asset: AssetId,
        definition: StateRef,
        to: Address,
        name: &str,
        minor: u64,
    ) -> SignedTransaction {
        let reference = format!("{name} of {to}");
        let arguments = wire::TokenIssue { asset: asset.to_vec(), amount: minor, reference: reference.clone() };
        let builder = TransactionBuilder::new(frame(self.chain, self.issuer.address, &reference))
            .current(definition)
            .output(token::holding_state(asset, to, Amount::from_minor(minor).expect("an amount")))
            .command(contract(token::NAME), token::ISSUE, &arguments);
        self.signed(builder, &[self.issuer, self.attestor]).await
    }

    async fn signed(&self, builder: TransactionBuilder, signers: &[&Party]) -> SignedTransaction {
        let filled = self.node.fill_claims(&self.chain, builder.build()).await.expect("claims are filled in");
        sign(filled, signers)
    }
}

pub(super) fn sign(transaction: Transaction, signers: &[&Party]) -> SignedTransaction {
    let keys = signers.iter().map(|signer| (signer.address, &signer.key));
    SignedTransaction::sign(transaction, keys).expect("signatures")
}

/// A frame that stands on the genesis and holds for an hour.
pub(super) fn frame(chain: ChainId, submitter: Address, key: &str) -> TransactionFrame {
    let (now_ms, mut salt) = (now_ms(), [0; 32]);
    getrandom::fill(&mut salt).expect("the system gives randomness");
    TransactionFrame {
        chain,
        salt,
        submitter,
        command_id: CommandId::derive(&chain, &submitter, key),
        time_window: TimeWindow { from_ms: now_ms - 60_000, until_ms: now_ms + 3_600_000 },
        effective_on: Date::of_ms(now_ms).expect("a date"),
        anchor: Anchor { height: 0, block: BlockHash::from_bytes(*chain.as_bytes()) },
    }
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    u64::try_from(now.as_millis()).expect("a time")
}

pub(super) fn contract(name: &str) -> ContractId {
    ContractId::new(name, 1).expect("a contract's name")
}
