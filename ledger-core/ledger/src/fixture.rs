//! A small chain for tests: parties with keys, one call to build, sign, verify and commit.

mod debt;
mod exploration;
mod feed;
mod governance;
mod outsider;
mod version;

pub(crate) use debt::Debt;
pub(crate) use exploration::{Counts, Model, explore, explore_the_same};
pub(crate) use feed::{Feed, publishers};
pub(crate) use outsider::{archive_of, bytes_of, verify_archive};
pub(crate) use version::{SecondTitle, SecondToken};

use crate::claim::ClaimCheck;
use crate::contract::{chain, party, pledge, title, token};
use crate::verify::{Depth, ProposedBlock, Rules, VerifiedBlock, VerifiedTransaction, contextual, replay, structural};
use crate::*;
use std::collections::BTreeSet;

/// Milliseconds at which fixture chains begin.
pub(crate) const START_MS: u64 = 1_772_323_200_000;

/// A party of the fixture, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Administrator = 1,
    Operator,
    Depositor,
    Supplier,
    BankA,
    BankB,
    Attestor,
    Stranger,
    Carrier,
    Trader,
    Relation,
}

pub(crate) use Who::*;

impl Who {
    const REGISTERED: [Self; 6] = [Operator, Depositor, Supplier, BankA, BankB, Attestor];

    pub(crate) fn key(self) -> SigningKey {
        SigningKey::from_seed(&[self as u8; 32])
    }

    pub(crate) fn record(self) -> PartyRecord {
        let controller = if matches!(self, Depositor | Relation) { "Director Li" } else { "" };
        let roles = if self == Carrier { vec!["freight".to_owned()] } else { Vec::new() };
        PartyRecord { roles, ..PartyRecord::simple(Policy::Key(self.key().public()), [self as u8; 16], controller) }
    }

    pub(crate) fn address(self) -> Address {
        self.record().address
    }
}

/// A chain with its blocks.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) blocks: Vec<Block>,
    pub(crate) contracts: ContractSet,
    pub(crate) secret: ClaimSecret,
    pub(crate) now_ms: u64,
    /// What the last block had to say of its transactions.
    pub(crate) warnings: Vec<Warning>,
    /// The directory's tip that the next block names.
    pub(crate) directory: DirectoryTip,
    count: u64,
}

impl World {
    /// The claim secret of fixture chains.
    pub(crate) const SECRET: [u8; 32] = [3; 32];

    /// Only the administrator is registered.
    pub(crate) fn empty() -> Self {
        Self::named("fixture", None)
    }

    /// As [`World::empty`], under a name, with a directory or without.
    pub(crate) fn named(name: &str, directory: Option<Directory>) -> Self {
        let contracts = ContractSet::built_in();
        let genesis = Genesis {
            name: name.to_owned(),
            administrator: Policy::Key(Administrator.key().public()),
            administrator_nonce: [1; 16],
            bounds: Bounds::default(),
            recorder: Self::recorder().public(),
            contracts: contracts.ids(),
            nonce: [9; 32],
            created_ms: START_MS,
            directory,
        };
        let ledger = Ledger::from_genesis(genesis).unwrap();
        let secret = ClaimSecret::from_bytes(Self::SECRET);
        let (now_ms, directory) = (START_MS + 1_000, DirectoryTip::default());
        Self { ledger, blocks: Vec::new(), contracts, secret, now_ms, warnings: Vec::new(), directory, count: 0 }
    }

    /// All parties but the stranger are registered; they may transact, operator and bank A may issue.
    pub(crate) fn new() -> Self {
        let mut world = Self::empty();
        let builder = world.register(&Who::REGISTERED);
        let signers = std::iter::once(Administrator).chain(Who::REGISTERED).collect::<Vec<_>>();
        world.accept(builder, &signers);
        world
    }

    /// Registers parties and grants them permissions, in one transaction.
    pub(crate) fn register(&mut self, parties: &[Who]) -> TransactionBuilder {
        let mut builder = self.build(Administrator);
        for who in parties {
            builder = builder.output(party::record_state(&who.record()));
        }
        for who in parties {
            let mut permissions = BTreeSet::from([Permission::Connect, Permission::Transact]);
            if matches!(who, Operator | BankA) {
                permissions.insert(Permission::Issue);
            }
            let granted = crate::party::Permissions { party: who.address(), permissions };
            builder = builder.output(chain::permissions_state(Administrator.address(), &granted));
        }
        builder.command(ContractId::built_in(party::NAME), party::REGISTER, &wire::PartyRegister {}).command(
            ContractId::built_in(chain::NAME),
            chain::GRANT,
            &wire::ChainGrant {},
        )
    }

    pub(crate) fn recorder() -> SigningKey {
        SigningKey::from_seed(&[200; 32])
    }

    /// A builder with a fresh command, an hour's window and the tip as anchor.
    pub(crate) fn build(&mut self, submitter: Who) -> TransactionBuilder {
        self.count += 1;
        let key = format!("command {}", self.count);
        let (chain, submitter) = (self.ledger.chain(), submitter.address());
        TransactionBuilder::new(TransactionFrame {
            chain,
            salt: hash::hash(hash::Domain::Salt, &[key.as_bytes()]),
            submitter,
            command_id: CommandId::derive(&chain, &submitter, &key),
            time_window: TimeWindow { from_ms: self.now_ms, until_ms: self.now_ms + 3_600_000 },
            effective_on: Date::of_ms(self.now_ms).unwrap(),
            anchor: Anchor { height: self.ledger.height(), block: self.ledger.tip() },
        })
    }

    /// The transaction with its claims filled in; one that does not resolve stays as it is.
    pub(crate) fn fill(&self, builder: TransactionBuilder) -> Transaction {
        let transaction = builder.build();
        self.rules().fill_claims(transaction.clone(), &self.ledger).unwrap_or(transaction)
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { contracts: &self.contracts, claims: ClaimCheck::Secret(&self.secret) }
    }

    pub(crate) fn sign(transaction: Transaction, signers: &[Who]) -> SignedTransaction {
        let keys: Vec<_> = signers.iter().map(|who| (who.address(), who.key())).collect();
        SignedTransaction::sign(transaction, keys.iter().map(|(party, key)| (*party, key))).unwrap()
    }

    /// Builds, signs, verifies and commits as a block of its own.
    pub(crate) fn submit(&mut self, builder: TransactionBuilder, signers: &[Who]) -> Result<TransactionId, Rejection> {
        let signed = Self::sign(self.fill(builder), signers);
        self.submit_bytes(&signed.encode())
    }

    pub(crate) fn submit_bytes(&mut self, bytes: &[u8]) -> Result<TransactionId, Rejection> {
        let resolved = structural(bytes, &self.ledger.chain())?.resolve(&self.ledger)?;
        let verified = self.rules().semantic(resolved, &self.ledger)?;
        let id = verified.id();
        let (block, refused) = contextual(self.proposed(vec![verified]), &self.ledger);
        if let Some((_, rejection)) = refused.into_iter().next() {
            return Err(rejection);
        }
        self.commit(&block);
        Ok(id)
    }

    /// A block of these transactions, now.
    pub(crate) fn proposed(&self, transactions: Vec<VerifiedTransaction>) -> ProposedBlock {
        let (time_ms, directory) = (self.now_ms, self.directory);
        ProposedBlock { time_ms, transactions, journal: Vec::new(), directory }
    }

    pub(crate) fn commit(&mut self, block: &VerifiedBlock) {
        self.blocks.push(block.sealed(block::seal(&block.hash(), &Self::recorder())));
        corpus::record(self);
        self.warnings = block.warnings().concat();
        self.ledger.apply(block).unwrap();
        self.now_ms = self.now_ms.max(block.header().time_ms) + 1_000;
        assert_eq!(invariant::broken(&self.ledger), []);
    }

    #[track_caller]
    pub(crate) fn accept(&mut self, builder: TransactionBuilder, signers: &[Who]) -> TransactionId {
        self.submit(builder, signers).unwrap_or_else(|rejection| panic!("{rejection}"))
    }

    /// The rejection's code; and nothing changed.
    #[track_caller]
    pub(crate) fn refuse(&mut self, builder: TransactionBuilder, signers: &[Who]) -> String {
        let before = (self.ledger.height(), self.ledger.state_root());
        let rejection = self.submit(builder, signers).expect_err("must be refused");
        assert_eq!((self.ledger.height(), self.ledger.state_root()), before);
        rejection.code
    }

    /// Replays all blocks from genesis, everything verified.
    pub(crate) fn replayed(&self) -> Result<Ledger, block::BlockError> {
        let mut ledger = Ledger::from_genesis(self.ledger.genesis().clone()).unwrap();
        for block in &self.blocks {
            let verified = replay(block, &ledger, &ledger, self.rules(), Depth::Everything)?;
            ledger.apply(&verified).unwrap();
        }
        Ok(ledger)
    }

    pub(crate) fn asset(&self) -> AssetId {
        AssetId::derive(&self.ledger.chain(), &BankA.address(), "USD")
    }

    pub(crate) fn definition(&self) -> token::TokenDefinition {
        token::TokenDefinition {
            asset: self.asset(),
            issuer: BankA.address(),
            attestor: Attestor.address(),
            code: "USD".to_owned(),
            title: "US dollar at bank A".to_owned(),
            scale: Scale::new(2).unwrap(),
            unit: "USD".to_owned(),
            backing: "bank-deposit".to_owned(),
            supply_max: Amount::from_minor(1_000_000).unwrap(),
            redeemable: true,
        }
    }

    /// Defines the dollar token.
    pub(crate) fn define(&mut self) -> StateRef {
        let state = token::definition_state(&self.definition());
        let builder = self.build(BankA).output(state).command(
            ContractId::built_in(token::NAME),
            token::DEFINE,
            &wire::TokenDefine {},
        );
        StateRef { transaction: self.accept(builder, &[BankA, Attestor]), index: 0 }
    }

    pub(crate) fn issue_command(&self, amount: u64, reference: &str) -> wire::TokenIssue {
        wire::TokenIssue { asset: self.asset().to_vec(), amount, reference: reference.to_owned() }
    }

    /// Issues dollars to a party.
    pub(crate) fn issue(&mut self, definition: StateRef, to: Who, amount: u64) -> StateRef {
        let command = self.issue_command(amount, &format!("deposit {}", self.count));
        let builder = self.build(BankA).current(definition).output(self.holding(to, amount)).command(
            ContractId::built_in(token::NAME),
            token::ISSUE,
            &command,
        );
        StateRef { transaction: self.accept(builder, &[BankA, Attestor]), index: 0 }
    }

    pub(crate) fn holding(&self, owner: Who, amount: u64) -> State {
        token::holding_state(self.asset(), owner.address(), Amount::from_minor(amount).unwrap())
    }

    /// Moves dollars: consumes the states, creates holdings.
    pub(crate) fn transfer(
        &mut self,
        submitter: Who,
        inputs: &[StateRef],
        outputs: &[(Who, u64)],
    ) -> TransactionBuilder {
        let mut builder = self.build(submitter);
        for input in inputs {
            builder = builder.input(*input);
        }
        for (owner, amount) in outputs {
            builder = builder.output(self.holding(*owner, *amount));
        }
        builder.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
    }

    pub(crate) fn title(&self, number: &str) -> title::Title {
        let custodian = Operator.address();
        title::Title {
            title: TitleId::derive(&self.ledger.chain(), &custodian, number),
            custodian,
            number: number.to_owned(),
            quantity: Amount::from_minor(6_000).unwrap(),
            unit: "KGM".to_owned(),
        }
    }

    /// Issues a title to the depositor.
    pub(crate) fn issue_title(&mut self, number: &str) -> StateRef {
        let state = title::title_state(&self.title(number), Depositor.address());
        let builder = self.build(Operator).output(state).command(
            ContractId::built_in(title::NAME),
            title::ISSUE,
            &wire::TitleIssue {},
        );
        StateRef { transaction: self.accept(builder, &[Operator, Depositor]), index: 0 }
    }

    pub(crate) fn state(&self, reference: StateRef) -> State {
        self.ledger.unspent(&reference).unwrap().state.as_ref().clone()
    }

    /// The depositor offers a title; the lock lasts so many milliseconds from now.
    pub(crate) fn offer(&mut self, title_ref: StateRef, to: Who, for_ms: u64) -> TransactionBuilder {
        let state = self.state(title_ref);
        let until_ms = self.now_ms + for_ms;
        let builder = self.build(Depositor);
        let command_id = builder.clone().build().command_id;
        let lock = title::offer_lock(&self.ledger.chain(), &command_id, to.address(), until_ms);
        let title = title::read_title(&state).unwrap().title.to_vec();
        builder.input(title_ref).output(title::moved(&state, state.owner, vec![lock]).unwrap()).command(
            ContractId::built_in(title::NAME),
            title::OFFER,
            &wire::TitleOffer { title, to: to.address().to_vec(), until_ms, settlement: None },
        )
    }

    /// The depositor pledges a title to a bank.
    pub(crate) fn pledge(&mut self, title_ref: StateRef, submitter: Who, pledgee: Who) -> TransactionBuilder {
        self.pledge_ranked(title_ref, submitter, pledgee, 1)
    }

    /// A pledge of a rank, beside those that stand on the title; rank 1 stands alone.
    pub(crate) fn pledge_ranked(
        &mut self,
        title_ref: StateRef,
        submitter: Who,
        pledgee: Who,
        rank: u32,
    ) -> TransactionBuilder {
        let state = self.state(title_ref);
        let title = title::read_title(&state).unwrap();
        let builder = self.build(submitter);
        let command_id = builder.clone().build().command_id;
        let pledge = pledge::Pledge {
            pledge: PledgeId::derive(&self.ledger.chain(), &command_id),
            title: title.title,
            number: title.number.clone(),
            pledgor: state.owner,
            pledgee: pledgee.address(),
            custodian: title.custodian,
            quantity: title.quantity,
            unit: title.unit.clone(),
            secured_asset: self.asset(),
            secured_maximum: Amount::from_minor(500_000).unwrap(),
            rank,
            obligation: None,
            publicity: None,
        };
        let mut locks = if rank == 1 { Vec::new() } else { state.locks.clone() };
        locks.push(pledge::pledge_lock(&pledge));
        builder
            .input(title_ref)
            .output(title::moved(&state, state.owner, locks).unwrap())
            .output(pledge::pledge_state(&pledge))
            .command(
                ContractId::built_in(pledge::NAME),
                pledge::CREATE,
                &wire::PledgeCreate { title: title.title.to_vec() },
            )
    }
}
