//! The chain that is measured: many accounts with keys of their own, and two tokens.
//!
//! The states of one lie with random accounts; of the other each account begins with a single state.

mod issue;
mod transfer;

use std::collections::BTreeSet;

use futures_util::StreamExt;
use hive_chain::{Clock, Node, SystemClock};
use ledger_core::contract::{chain, party, token};
use ledger_core::party::Permissions;
use ledger_core::{
    Address, Amount, Anchor, AssetId, Bounds, ChainId, CommandId, ContractId, Date, EncodingError, Genesis,
    PartyRecord, Permission, Policy, Scale, SignedTransaction, SigningKey, StateRef, TimeWindow, Transaction,
    TransactionBuilder, TransactionFrame, TransactionId, wire,
};

use crate::cores;
use crate::draw::{Random, Undrawn, Zipf};
use crate::error::BenchError;
use crate::load;

/// Accounts of one registration: each has a record and permissions among its outputs, and signs.
const REGISTERED_AT_ONCE: usize = 120;
const DAY_MS: u64 = 86_400_000;
const MINUTE_MS: u64 = 60_000;

/// A party with its key.
pub(crate) struct Account {
    key: SigningKey,
    address: Address,
}

impl Account {
    /// The account of a number; its key follows from it.
    fn new(number: u64) -> Self {
        let key = SigningKey::from_seed(&Random::new(number ^ 0x6b65_7973).bytes());
        let address = record(&key).address;
        Self { key, address }
    }
}

fn record(key: &SigningKey) -> PartyRecord {
    PartyRecord::simple(Policy::Key(key.public()), [7; 16], "")
}

/// What transactions of one moment share.
#[derive(Clone, Copy)]
struct Moment {
    anchor: Anchor,
    time_window: TimeWindow,
    effective_on: Date,
}

/// The chain, and what of it is left to be spent.
pub(crate) struct Market {
    pub(crate) node: Node,
    pub(crate) chain: ChainId,
    administrator: Account,
    issuer: Account,
    attestor: Account,
    accounts: Vec<Account>,
    even: Token,
    hot: Token,
    /// Issues of the even token, in order: state n is output n % 250 of issue n / 250.
    issues: Vec<TransactionId>,
    unspent: Undrawn,
    /// What each account has left of the hot token: the newest change.
    change: Vec<(StateRef, u64)>,
    zipf: Zipf,
    random: Random,
    /// Transactions built so far.
    built: u64,
}

/// A token with its definition.
#[derive(Clone, Copy)]
struct Token {
    asset: AssetId,
    definition: StateRef,
}

/// The key that seals the blocks of a measured node.
pub(crate) fn recorder() -> SigningKey {
    SigningKey::from_seed(&[251; 32])
}

impl Market {
    /// A chain with so many registered accounts, its tokens defined; nothing is issued yet.
    pub(crate) async fn found(node: Node, accounts: u64) -> Result<Self, BenchError> {
        let [administrator, issuer, attestor] = [1, 2, 3].map(|number| Account::new(u64::MAX - number));
        let genesis = Genesis {
            name: "bench".to_owned(),
            administrator: Policy::Key(administrator.key.public()),
            administrator_nonce: [7; 16],
            bounds: Bounds::default(),
            recorder: recorder().public(),
            contracts: node.contracts().ids(),
            nonce: [9; 32],
            created_ms: SystemClock.now_ms().saturating_sub(MINUTE_MS),
            directory: None,
        };
        let chain = node.create_chain(genesis).await?;
        let nothing = StateRef { transaction: TransactionId::default(), index: 0 };
        let token = |code: &str| Token { asset: AssetId::derive(&chain, &issuer.address, code), definition: nothing };
        let (even, hot) = (token("EVEN"), token("HOT"));
        let numbers: Vec<u64> = (0..accounts).collect();
        let mut market = Self {
            node,
            chain,
            administrator,
            issuer,
            attestor,
            zipf: Zipf::new(numbers.len()),
            accounts: cores::map(&numbers, |number| Account::new(*number)),
            even,
            hot,
            issues: Vec::new(),
            unspent: Undrawn::default(),
            change: Vec::new(),
            random: Random::new(1),
            built: 0,
        };
        market.register().await?;
        market.even.definition = market.define(market.even.asset, "EVEN").await?;
        market.hot.definition = market.define(market.hot.asset, "HOT").await?;
        Ok(market)
    }

    /// The same chain on a node that was opened again.
    pub(crate) fn on(self, node: Node) -> Self {
        Self { node, ..self }
    }

    /// Unspent states of the chain now.
    pub(crate) async fn unspent_states(&self) -> u64 {
        self.node.unspent_states(&self.chain).await.unwrap_or_default()
    }

    async fn register(&mut self) -> Result<(), BenchError> {
        let numbers: Vec<usize> = (0..self.accounts.len()).collect();
        let first = [&self.issuer, &self.attestor].map(|account| (account, Permission::Issue));
        let moment = self.moment().await;
        let mut groups = vec![first.to_vec()];
        groups.extend(numbers.chunks(REGISTERED_AT_ONCE).map(|group| {
            group.iter().map(|number| (&self.accounts[*number], Permission::Connect)).collect::<Vec<_>>()
        }));
        let built = (self.built + 1..).zip(groups);
        let signed = built.map(|(number, group)| self.registration(&moment, number, group));
        let signed: Vec<_> = futures_util::stream::iter(signed).buffered(cores::count() * 2).collect().await;
        self.built += signed.len() as u64;
        load::accepted(&self.node, &self.chain, signed.into_iter().collect::<Result<_, _>>()?).await
    }

    async fn registration(
        &self,
        moment: &Moment,
        number: u64,
        group: Vec<(&Account, Permission)>,
    ) -> Result<Vec<u8>, BenchError> {
        let administrator = self.administrator.address;
        let mut builder = self.builder(moment, administrator, number);
        for (account, _) in &group {
            builder = builder.output(party::record_state(&record(&account.key)));
        }
        for (account, further) in &group {
            let permissions = BTreeSet::from([Permission::Connect, Permission::Transact, *further]);
            let granted = Permissions { party: account.address, permissions };
            builder = builder.output(chain::permissions_state(administrator, &granted));
        }
        let builder = builder.command(contract(party::NAME)?, party::REGISTER, &wire::PartyRegister {}).command(
            contract(chain::NAME)?,
            chain::GRANT,
            &wire::ChainGrant {},
        );
        let filled = self.node.fill_claims(&self.chain, builder.build()).await?;
        let signers: Vec<_> = std::iter::once(&self.administrator).chain(group.iter().map(|(one, _)| *one)).collect();
        self.sign(filled, &signers)
    }

    async fn define(&mut self, asset: AssetId, code: &str) -> Result<StateRef, BenchError> {
        let definition = token::TokenDefinition {
            asset,
            issuer: self.issuer.address,
            attestor: self.attestor.address,
            code: code.to_owned(),
            title: "Bank money".to_owned(),
            scale: Scale::new(2).unwrap_or_default(),
            unit: "CNY".to_owned(),
            backing: "bank-deposit:bench".to_owned(),
            supply_max: amount(Amount::MAX_MINOR),
            redeemable: true,
        };
        self.built += 1;
        let builder = self.builder(&self.moment().await, self.issuer.address, self.built);
        let builder = builder.output(token::definition_state(&definition)).command(
            contract(token::NAME)?,
            token::DEFINE,
            &wire::TokenDefine {},
        );
        let filled = self.node.fill_claims(&self.chain, builder.build()).await?;
        let signed = self.sign(filled, &[&self.issuer, &self.attestor])?;
        let accepted = self.node.submit(&self.chain, signed).await?;
        Ok(StateRef { transaction: accepted.transaction, index: 0 })
    }

    async fn moment(&self) -> Moment {
        let now_ms = SystemClock.now_ms();
        let tip = |ledger: &ledger_core::Ledger| Anchor { height: ledger.height(), block: ledger.tip() };
        let anchor = self.node.read_ledger(&self.chain, tip).await;
        Moment {
            anchor: anchor.unwrap_or(Anchor { height: 0, block: Default::default() }),
            time_window: TimeWindow { from_ms: now_ms - MINUTE_MS, until_ms: now_ms + DAY_MS },
            effective_on: Date::of_ms(now_ms).unwrap_or_default(),
        }
    }

    fn builder(&self, moment: &Moment, submitter: Address, number: u64) -> TransactionBuilder {
        TransactionBuilder::new(TransactionFrame {
            chain: self.chain,
            salt: Random::new(number ^ 0x7361_6c74).bytes(),
            submitter,
            command_id: CommandId::derive(&self.chain, &submitter, &format!("command {number}")),
            time_window: moment.time_window,
            effective_on: moment.effective_on,
            anchor: moment.anchor,
        })
    }

    fn sign(&self, transaction: Transaction, signers: &[&Account]) -> Result<Vec<u8>, BenchError> {
        let keys = signers.iter().map(|signer| (signer.address, &signer.key));
        Ok(SignedTransaction::sign(transaction, keys)?.encode())
    }
}

fn amount(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap_or_default()
}

/// Version 1 of a built-in contract.
fn contract(name: &str) -> Result<ContractId, EncodingError> {
    ContractId::new(name, 1)
}
