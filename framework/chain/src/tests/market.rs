//! A small market on a temporary database: administrator, issuer, attestor, and two traders who sign with their own keys.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(super) use hive_test_database::{skips_on_file, skips_on_server, url};
use ledger_core::contract::{chain, party, token};
use ledger_core::party::{PartyRecord, Permissions};
use ledger_core::transaction::TransactionFrame;
use ledger_core::{
    Address, Amount, Anchor, AssetId, Authority, Bounds, ChainId, ClaimSecret, CommandId, ContractId, ContractSet,
    Date, Directory, Genesis, Permission, Policy, Scale, SignedTransaction, SigningKey, StateRef, TimeWindow,
    Transaction, TransactionBuilder, wire,
};
use tempfile::TempDir;

use crate::seal::EncryptionKey;
use crate::storage::sample::Sample;
use crate::storage::timer_store;
use crate::{Accepted, ChainSummary, Clock, JournalKey, Node, NodeConfig, SubmitError};

pub(super) const START_MS: u64 = 1_795_000_000_000;
pub(super) const DAY_MS: u64 = 86_400_000;

/// A clock that stands until it is moved.
pub(crate) struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl TestClock {
    pub(super) fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

pub(crate) struct Party {
    pub(super) key: SigningKey,
    pub(super) address: Address,
    record: PartyRecord,
}

impl Party {
    pub(super) fn new(seed: u8) -> Self {
        let key = SigningKey::from_seed(&[seed; 32]);
        let record = PartyRecord::simple(Policy::Key(key.public()), [seed; 16], "");
        Self { key, address: record.address, record }
    }
}

pub(crate) struct Market {
    pub(super) directory: Arc<Path>,
    cleanup: Option<Arc<TempDir>>,
    pub(crate) node: Node,
    pub(super) clock: Arc<TestClock>,
    pub(crate) chain: ChainId,
    pub(super) administrator: Party,
    pub(super) issuer: Party,
    pub(super) attestor: Party,
    pub(super) payer: Party,
    pub(super) payee: Party,
    pub(super) asset: AssetId,
    /// The asset's definition.
    pub(super) definition: StateRef,
    salt: AtomicU64,
}

pub(super) fn clock() -> Arc<TestClock> {
    Arc::new(TestClock(AtomicU64::new(START_MS + 1_000)))
}

pub(super) fn encryption_key(seed: u8) -> EncryptionKey {
    EncryptionKey::from_bytes(&[seed; 32]).unwrap()
}

pub(super) fn recorder() -> SigningKey {
    SigningKey::from_seed(&[200; 32])
}

pub(super) fn config(directory: &Path, clock: &Arc<TestClock>) -> NodeConfig {
    let mut config =
        NodeConfig::new(url(directory), recorder(), ClaimSecret::from_bytes([7; 32]), JournalKey::from_bytes([8; 32]));
    config.clock = Arc::clone(clock) as Arc<dyn Clock>;
    config.projections = vec![Box::new(Sample)];
    // A node that has failed stays so until a test lets it go on.
    config.recovery_pause = Duration::from_secs(3_600);
    config
}

pub(crate) fn genesis(name: &str) -> Genesis {
    Genesis {
        name: name.to_owned(),
        administrator: Policy::Key(Party::new(1).key.public()),
        administrator_nonce: [1; 16],
        bounds: Bounds { block_transactions_max: if name == "measured" { 4_096 } else { 64 }, ..Bounds::default() },
        recorder: recorder().public(),
        contracts: ContractSet::built_in().ids(),
        nonce: [9; 32],
        created_ms: START_MS,
        directory: None,
    }
}

pub(super) fn contract(name: &str) -> ContractId {
    ContractId::new(name, 1).unwrap()
}

pub(super) fn amount(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

impl Market {
    /// A node with one chain, its parties registered and permitted, one asset defined.
    pub(crate) async fn open() -> Self {
        let directory = TempDir::new().unwrap();
        let market = Self::open_in(directory.path()).await;
        Self { cleanup: Some(Arc::new(directory)), ..market }
    }

    /// As [`Self::open`], in a directory that somebody else removes.
    pub(super) async fn open_in(path: &Path) -> Self {
        let clock = clock();
        let node = Node::open(config(path, &clock)).await.unwrap();
        let genesis = genesis("coffee");
        Self::on(node, Arc::from(path), None, clock, genesis).await
    }

    /// A further chain on this market's node.
    pub(super) async fn further(&self, name: &str) -> Self {
        let (directory, cleanup) = (self.directory.clone(), self.cleanup.clone());
        Self::on(self.node.clone(), directory, cleanup, self.clock.clone(), genesis(name)).await
    }

    /// A further chain, whose parties are registered on this one.
    pub(super) async fn under(&self, name: &str) -> Self {
        let named = Directory { chain: self.chain, recorder: recorder().public() };
        let (directory, cleanup) = (self.directory.clone(), self.cleanup.clone());
        let genesis = Genesis { directory: Some(named), ..genesis(name) };
        Self::on(self.node.clone(), directory, cleanup, self.clock.clone(), genesis).await
    }

    async fn on(
        node: Node,
        directory: Arc<Path>,
        cleanup: Option<Arc<TempDir>>,
        clock: Arc<TestClock>,
        genesis: Genesis,
    ) -> Self {
        let (is_directory, administers) = (genesis.directory.is_none(), genesis.administrator_record().address);
        let chain = node.create_chain(genesis).await.unwrap();
        let (administrator, issuer, attestor) = (Party::new(1), Party::new(2), Party::new(3));
        let (payer, payee) = (Party::new(4), Party::new(5));
        assert_eq!(administrator.address, administers);
        let asset = AssetId::derive(&chain, &issuer.address, "USD-T");
        let definition = StateRef { transaction: Default::default(), index: 0 };
        let salt = AtomicU64::new(1);
        let mut market = Self {
            directory,
            cleanup,
            node,
            clock,
            chain,
            administrator,
            issuer,
            attestor,
            payer,
            payee,
            asset,
            definition,
            salt,
        };
        if is_directory {
            market.register("register", &[&market.issuer, &market.attestor, &market.payer, &market.payee]).await;
        }
        market.permit("grant", &[&market.issuer, &market.attestor, &market.payer, &market.payee]).await;
        market.define().await;
        market
    }

    /// Opens the node again from the same file; the old one is dropped without a word.
    pub(super) async fn reopen(self) -> Self {
        let config = config(&self.directory, &self.clock);
        self.reopen_with(config).await
    }

    /// As [`Self::reopen`], with another configuration.
    pub(super) async fn reopen_with(self, config: NodeConfig) -> Self {
        drop(self.node);
        let node = Node::open(config).await.unwrap();
        Self { node, ..self }
    }

    /// The same chain on a node that somebody else has opened.
    pub(super) fn at(self, node: Node) -> Self {
        Self { node, ..self }
    }

    pub(super) fn builder(&self, submitter: &Party, key: &str) -> TransactionBuilder {
        let anchor = self.ledger(|ledger| Anchor { height: ledger.height(), block: ledger.tip() });
        let number = self.salt.fetch_add(1, Ordering::SeqCst);
        let mut salt = [0; 32];
        salt[..8].copy_from_slice(&number.to_be_bytes());
        TransactionBuilder::new(TransactionFrame {
            chain: self.chain,
            salt,
            submitter: submitter.address,
            command_id: CommandId::derive(&self.chain, &submitter.address, key),
            time_window: TimeWindow { from_ms: START_MS, until_ms: START_MS + 86_400_000 },
            effective_on: Date::of_ms(START_MS).unwrap(),
            anchor,
        })
    }

    /// Fills in claims, signs, and gives the bytes.
    pub(super) async fn signed(&self, builder: TransactionBuilder, signers: &[&Party]) -> Vec<u8> {
        let transaction = self.node.fill_claims(&self.chain, builder.build()).await.unwrap();
        sign(transaction, signers)
    }

    pub(super) async fn submit(
        &self,
        builder: TransactionBuilder,
        signers: &[&Party],
    ) -> Result<Accepted, SubmitError> {
        let bytes = self.signed(builder, signers).await;
        self.node.submit(&self.chain, bytes).await
    }

    pub(super) async fn register(&self, key: &str, parties: &[&Party]) {
        let mut builder = self.builder(&self.administrator, key);
        for registered in parties {
            builder = builder.output(party::record_state(&registered.record));
        }
        let builder = builder.command(contract("party"), party::REGISTER, &wire::PartyRegister {});
        let signers: Vec<_> = parties.iter().copied().chain([&self.administrator]).collect();
        self.submit(builder, &signers).await.unwrap();
    }

    /// A party puts an encryption key into its record, or another; the genesis' administrator has no record before its first.
    pub(super) async fn give_encryption_key(&self, party: &Party, key: &EncryptionKey) {
        let mut builder = self.builder(party, &format!("key {}", hex::encode(key.public())));
        let mut before = party.record.clone();
        if let Some(reference) = self.record_of(party) {
            let read = |ledger: &ledger_core::Ledger| ledger.unspent(&reference).unwrap().state.clone();
            before = party::read(&self.ledger(read)).unwrap();
            builder = builder.input(reference);
        }
        let record = before.changed(before.authority.clone(), key.public().to_vec());
        let builder = builder.output(party::record_state(&record));
        let builder = builder.command(contract("party"), party::CHANGE, &wire::PartyChange {});
        self.submit(builder, &[party]).await.unwrap();
    }

    fn record_of(&self, party: &Party) -> Option<StateRef> {
        let find = |ledger: &ledger_core::Ledger| {
            let mut states = ledger.unspent_states();
            let is_it =
                |state: &ledger_core::State| state.is(party::NAME, party::RECORD) && state.owner == party.address;
            states.find(|(_, unspent)| is_it(&unspent.state)).map(|(reference, _)| *reference)
        };
        self.ledger(find)
    }

    /// The administrator makes a party a supervisor, or ends that.
    pub(super) async fn supervise(&self, party: &Party, key: &str, may: bool) {
        let others = [Permission::Connect, Permission::Transact];
        let permissions = others.into_iter().chain(may.then_some(Permission::Supervise)).collect();
        let permissions = Permissions { party: party.address, permissions };
        let find = |ledger: &ledger_core::Ledger| {
            let mut states = ledger.unspent_states();
            let is_it = |state: &ledger_core::State| {
                state.is(chain::NAME, chain::PERMISSIONS) && state.participants == [party.address]
            };
            states.find(|(_, unspent)| is_it(&unspent.state)).map(|(reference, _)| *reference)
        };
        let before = self.ledger(find).unwrap();
        let builder = self.builder(&self.administrator, key).input(before);
        let builder = builder.output(chain::permissions_state(self.administrator.address, &permissions));
        let builder = builder.command(contract("chain"), chain::GRANT, &wire::ChainGrant {});
        self.submit(builder, &[&self.administrator]).await.unwrap();
    }

    pub(super) async fn permit(&self, key: &str, parties: &[&Party]) {
        let mut builder = self.builder(&self.administrator, key);
        for permitted in parties {
            let permissions = [Permission::Connect, Permission::Transact, Permission::Issue].into_iter().collect();
            let permissions = Permissions { party: permitted.address, permissions };
            builder = builder.output(chain::permissions_state(self.administrator.address, &permissions));
        }
        let builder = builder.command(contract("chain"), chain::GRANT, &wire::ChainGrant {});
        self.submit(builder, &[&self.administrator]).await.unwrap();
    }

    async fn define(&mut self) {
        let definition = token::TokenDefinition {
            asset: self.asset,
            issuer: self.issuer.address,
            attestor: self.attestor.address,
            code: "USD-T".to_owned(),
            title: "US dollar, deposited".to_owned(),
            scale: Scale::new(2).unwrap(),
            unit: "USD".to_owned(),
            backing: "bank-deposit".to_owned(),
            supply_max: amount(1_000_000_000),
            redeemable: true,
        };
        let builder = self.builder(&self.issuer, "define").output(token::definition_state(&definition));
        let builder = builder.command(contract("token"), token::DEFINE, &wire::TokenDefine {});
        let accepted = self.submit(builder, &[&self.issuer, &self.attestor]).await.unwrap();
        self.definition = StateRef { transaction: accepted.transaction, index: 0 };
    }

    /// Issues holdings of these amounts to the payer.
    pub(super) async fn issue(&self, key: &str, amounts: &[u64]) -> Vec<StateRef> {
        let issue = wire::TokenIssue {
            asset: self.asset.to_vec(),
            amount: amounts.iter().sum(),
            reference: format!("deposit {key}"),
        };
        let mut builder = self.builder(&self.issuer, key).current(self.definition);
        for minor in amounts {
            builder = builder.output(token::holding_state(self.asset, self.payer.address, amount(*minor)));
        }
        let builder = builder.command(contract("token"), token::ISSUE, &issue);
        let accepted = self.submit(builder, &[&self.issuer, &self.attestor]).await.unwrap();
        let reference = |index| StateRef { transaction: accepted.transaction, index };
        (0..u32::try_from(amounts.len()).unwrap()).map(reference).collect()
    }

    /// A payment of a whole holding from payer to payee.
    pub(super) fn payment(&self, key: &str, holding: StateRef, minor: u64) -> TransactionBuilder {
        self.builder(&self.payer, key)
            .input(holding)
            .output(token::holding_state(self.asset, self.payee.address, amount(minor)))
            .command(contract("token"), token::TRANSFER, &wire::TokenTransfer {})
    }

    /// Gives a party another key on this chain, signed by its present one.
    pub(super) async fn rotate(&self, party: &mut Party, seed: u8) -> Accepted {
        let live = |ledger: &ledger_core::Ledger| {
            let mut states = ledger.unspent_states();
            let own = |state: &ledger_core::State| state.is(party::NAME, party::RECORD) && state.owner == party.address;
            states.find(|(_, unspent)| own(&unspent.state)).map(|(reference, _)| *reference)
        };
        let from = self.ledger(live).unwrap();
        let key = SigningKey::from_seed(&[seed; 32]);
        let next = party.record.changed(Authority::simple(Policy::Key(key.public())), Vec::new());
        let builder = self.builder(party, &format!("rotate to {seed}")).input(from).output(party::record_state(&next));
        let builder = builder.command(contract("party"), party::CHANGE, &wire::PartyChange {});
        let accepted = self.submit(builder, &[party]).await.unwrap();
        *party = Party { key, address: party.address, record: next };
        accepted
    }

    pub(super) async fn pay(&self, key: &str, holding: StateRef, minor: u64) -> Result<Accepted, SubmitError> {
        self.submit(self.payment(key, holding, minor), &[&self.payer]).await
    }

    /// Reads the ledger, opening its chain.
    pub(super) fn ledger<R: Send>(&self, read: impl FnOnce(&ledger_core::Ledger) -> R + Send) -> R {
        now(self.node.read_ledger(&self.chain, read)).unwrap()
    }

    /// The chain at its tip, as it is.
    pub(super) fn summary(&self) -> ChainSummary {
        now(self.node.chain(&self.chain)).unwrap()
    }

    pub(super) fn is_open(&self) -> bool {
        self.node.shared.hosted(&self.chain).is_some()
    }

    pub(super) fn height(&self) -> u64 {
        self.summary().height
    }

    pub(super) fn free(&self, party: &Party) -> u64 {
        let balances = now(self.node.balances(&self.chain, &party.address)).unwrap();
        balances.iter().map(|balance| balance.free).sum()
    }
}

pub(super) fn sign(transaction: Transaction, signers: &[&Party]) -> Vec<u8> {
    let keys = signers.iter().map(|signer| (signer.address, &signer.key));
    SignedTransaction::sign(transaction, keys).unwrap().encode()
}

/// What an answer is, waited for on a thread of its own: waiting twice on one thread, what wakes the first wait ends the second.
pub(super) fn now<F: Future<Output: Send> + Send>(answer: F) -> F::Output {
    let runtime = tokio::runtime::Handle::current();
    let waited = || std::thread::scope(|scope| scope.spawn(|| runtime.block_on(answer)).join());
    tokio::task::block_in_place(waited).unwrap()
}

/// The next deadline that the database keeps, of all chains.
pub(super) async fn timer(node: &Node) -> Option<u64> {
    let first = timer_store::after(node.database().read(), None, 1).await.unwrap();
    first.first().map(|row| u64::try_from(row.due_ms).unwrap())
}

/// Waits for what the node does by itself.
pub(super) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not within ten seconds: {what}");
}
