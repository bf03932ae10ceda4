//! A chain with many holders of one token, and blocks of transfers between them, each transaction another one.

use std::collections::BTreeSet;

use ledger_core::contract::{chain, party, token};
use ledger_core::hash::{Domain, hash};
use ledger_core::party::Permissions;
use ledger_core::verify::{ProposedBlock, Rules, VerifiedBlock, contextual, structural};
use ledger_core::{
    Address, Amount, Anchor, AssetId, Authority, Block, Bounds, ClaimCheck, ClaimSecret, CommandId, ContractId,
    ContractSet, Date, Genesis, Ledger, PartyRecord, Permission, Policy, Scale, Signature, SignedTransaction,
    SigningKey, StateRef, TimeWindow, TransactionBuilder, TransactionFrame, wire,
};

/// Milliseconds at which the chain begins.
const START_MS: u64 = 1_772_323_200_000;
/// Holders; each owns many holdings.
const HOLDERS: u8 = 60;
/// Outputs of one issue.
const HOLDINGS_PER_ISSUE: usize = 250;

/// A party with its keys.
struct Member {
    keys: Vec<SigningKey>,
    record: PartyRecord,
}

impl Member {
    /// A party of one key.
    fn single(seed: u8) -> Self {
        let key = SigningKey::from_seed(&[seed; 32]);
        let record = PartyRecord::simple(Policy::Key(key.public()), [seed; 16], "");
        Self { keys: vec![key], record }
    }

    fn address(&self) -> Address {
        self.record.address
    }
}

/// The chain and what is needed to go on with it.
pub struct Market {
    pub ledger: Ledger,
    contracts: ContractSet,
    secret: ClaimSecret,
    recorder: SigningKey,
    administrator: Member,
    bank: Member,
    attestor: Member,
    holders: Vec<Member>,
    asset: AssetId,
    unspent: Vec<(StateRef, usize)>,
    count: u64,
}

impl Market {
    /// A chain on which so many holdings of 1,000 units stand.
    pub fn new(holdings: usize) -> Self {
        let contracts = ContractSet::built_in();
        let recorder = SigningKey::from_seed(&[251; 32]);
        let administrator = Member::single(250);
        let genesis = Genesis {
            name: "bench".to_owned(),
            administrator: Policy::Key(administrator.keys[0].public()),
            administrator_nonce: [250; 16],
            bounds: Bounds::default(),
            recorder: recorder.public(),
            contracts: contracts.ids(),
            nonce: [7; 32],
            created_ms: START_MS,
            directory: None,
        };
        let ledger = Ledger::from_genesis(genesis).unwrap();
        let asset = AssetId::from_bytes([0; 32]);
        let mut market = Self {
            ledger,
            contracts,
            secret: ClaimSecret::from_bytes([3; 32]),
            recorder,
            administrator,
            bank: Member::single(248),
            attestor: Member::single(249),
            holders: (1..=HOLDERS).map(Member::single).collect(),
            asset,
            unspent: Vec::new(),
            count: 0,
        };
        market.register();
        market.define();
        while market.unspent.len() < holdings {
            market.issue();
        }
        market
    }

    /// What verification needs.
    pub fn rules(&self) -> Rules<'_> {
        Rules { contracts: &self.contracts, claims: ClaimCheck::Secret(&self.secret) }
    }

    /// A block of so many transfers of one input and two outputs; they stay out of the ledger.
    pub fn block_of_transfers(&mut self, transfers: usize) -> (Block, Vec<Vec<u8>>) {
        let mut bytes = Vec::with_capacity(transfers);
        for _ in 0..transfers {
            let (input, from) = self.unspent.pop().expect("holdings are left");
            let to = (from + 1 + bytes.len() % 7) % self.holders.len();
            let paid = 1 + u64::try_from(bytes.len() % 900).unwrap();
            let (payer, payee) = (self.holders[from].address(), self.holders[to].address());
            let builder = self
                .build(payer)
                .input(input)
                .output(token::holding_state(self.asset, payee, amount(paid)))
                .output(token::holding_state(self.asset, payer, amount(1_000 - paid)))
                .command(contract(token::NAME), token::TRANSFER, &wire::TokenTransfer {});
            bytes.push(self.sign(builder, &[&self.holders[from]]).encode());
        }
        (self.seal(&self.verify(&bytes)), bytes)
    }

    /// Messages as parties sign them, with key and signature; no two alike, by so many keys in turn.
    pub fn signatures(count: u64, keys: u64) -> Vec<(SigningKey, Vec<u8>, Signature)> {
        let signature = |number: u64| {
            let key = SigningKey::from_seed(&hash(Domain::Salt, &[b"key", &(number % keys).to_be_bytes()]));
            let part = hash(Domain::Salt, &[&number.to_be_bytes()]);
            let message = [b"hivechain/signature\0".as_slice(), &part, &part, &part].concat();
            let signature = key.sign(&message);
            (key, message, signature)
        };
        (0..count).map(signature).collect()
    }

    /// An authority of a 3-of-5 policy, and every three of its keys that may have signed.
    pub fn three_of_five() -> (Authority, Vec<Vec<ledger_core::PublicKey>>) {
        let keys: Vec<_> = (100..105).map(|seed| SigningKey::from_seed(&[seed; 32]).public()).collect();
        let authority = Authority::simple(Policy::k_of_n(3, &keys));
        let without = |first: usize, second: usize| {
            let kept = keys.iter().enumerate().filter(move |(place, _)| *place != first && *place != second);
            kept.map(|(_, key)| *key).collect()
        };
        let pairs = (0..5).flat_map(|first| (first + 1..5).map(move |second| (first, second)));
        (authority, pairs.map(|(first, second)| without(first, second)).collect())
    }

    fn register(&mut self) {
        let mut builder = self.build(self.administrator.address());
        let members: Vec<&Member> = [&self.bank, &self.attestor].into_iter().chain(&self.holders).collect();
        for member in &members {
            builder = builder.output(party::record_state(&member.record));
        }
        for member in &members {
            let permissions = BTreeSet::from([Permission::Connect, Permission::Transact, Permission::Issue]);
            let granted = Permissions { party: member.address(), permissions };
            builder = builder.output(chain::permissions_state(self.administrator.address(), &granted));
        }
        let builder = builder.command(contract(party::NAME), party::REGISTER, &wire::PartyRegister {}).command(
            contract(chain::NAME),
            chain::GRANT,
            &wire::ChainGrant {},
        );
        let signers: Vec<&Member> = std::iter::once(&self.administrator).chain(members).collect();
        let bytes = self.sign(builder, &signers).encode();
        self.commit(&[bytes]);
    }

    fn define(&mut self) {
        let (chain, issuer, attestor) = (self.ledger.chain(), self.bank.address(), self.attestor.address());
        let asset = AssetId::derive(&chain, &issuer, "CNY");
        self.asset = asset;
        let definition = token::TokenDefinition {
            asset,
            issuer,
            attestor,
            code: "CNY".to_owned(),
            title: "Bank money".to_owned(),
            scale: Scale::new(2).unwrap(),
            unit: "CNY".to_owned(),
            backing: "bank-deposit:bench".to_owned(),
            supply_max: amount(Amount::MAX_MINOR),
            redeemable: true,
        };
        let builder = self.build(issuer).output(token::definition_state(&definition)).command(
            contract(token::NAME),
            token::DEFINE,
            &wire::TokenDefine {},
        );
        let bytes = self.sign(builder, &[&self.bank, &self.attestor]).encode();
        self.commit(&[bytes]);
    }

    fn issue(&mut self) {
        let is_definition = |state: &ledger_core::State| state.is(token::NAME, token::DEFINITION);
        let found = self.ledger.unspent_states().find(|(_, unspent)| is_definition(&unspent.state));
        let definition = *found.expect("the asset is defined").0;
        let mut builder = self.build(self.bank.address()).current(definition);
        let owners: Vec<usize> = (0..HOLDINGS_PER_ISSUE).map(|place| place % self.holders.len()).collect();
        for owner in &owners {
            builder = builder.output(token::holding_state(self.asset, self.holders[*owner].address(), amount(1_000)));
        }
        let issued = 1_000 * u64::try_from(HOLDINGS_PER_ISSUE).unwrap();
        let reference = format!("deposit {}", self.count);
        let arguments = wire::TokenIssue { asset: self.asset.to_vec(), amount: issued, reference };
        let builder = builder.command(contract(token::NAME), token::ISSUE, &arguments);
        let signed = self.sign(builder, &[&self.bank, &self.attestor]);
        let transaction = signed.transaction.id().unwrap();
        self.commit(&[signed.encode()]);
        let created = (0u32..).zip(owners).map(|(index, owner)| (StateRef { transaction, index }, owner));
        self.unspent.extend(created);
    }

    fn build(&mut self, submitter: Address) -> TransactionBuilder {
        self.count += 1;
        let key = format!("command {}", self.count);
        let chain = self.ledger.chain();
        let now_ms = START_MS + 1_000;
        TransactionBuilder::new(TransactionFrame {
            chain,
            salt: hash(Domain::Salt, &[key.as_bytes()]),
            submitter,
            command_id: CommandId::derive(&chain, &submitter, &key),
            time_window: TimeWindow { from_ms: now_ms, until_ms: now_ms + 3_600_000 },
            effective_on: Date::of_ms(now_ms).unwrap(),
            anchor: Anchor { height: self.ledger.height(), block: self.ledger.tip() },
        })
    }

    fn sign(&self, builder: TransactionBuilder, signers: &[&Member]) -> SignedTransaction {
        let filled = self.rules().fill_claims(builder.build(), &self.ledger).unwrap();
        let keys = signers.iter().flat_map(|member| member.keys.iter().map(|key| (member.address(), key)));
        SignedTransaction::sign(filled, keys).unwrap()
    }

    fn verify(&self, transactions: &[Vec<u8>]) -> VerifiedBlock {
        let verified = |bytes: &Vec<u8>| {
            let resolved = structural(bytes, &self.ledger.chain()).unwrap().resolve(&self.ledger).unwrap();
            self.rules().semantic(resolved, &self.ledger).unwrap()
        };
        let transactions = transactions.iter().map(verified).collect();
        let proposed = ProposedBlock {
            time_ms: START_MS + 2_000,
            transactions,
            journal: Vec::new(),
            directory: Default::default(),
        };
        let (block, refused) = contextual(proposed, &self.ledger);
        assert!(refused.is_empty(), "{:?}", refused.first().map(|(_, rejection)| rejection));
        block
    }

    fn commit(&mut self, transactions: &[Vec<u8>]) {
        let block = self.verify(transactions);
        self.ledger.apply(&block).unwrap();
    }

    fn seal(&self, block: &VerifiedBlock) -> Block {
        block.sealed(ledger_core::block::seal(&block.hash(), &self.recorder))
    }
}

fn amount(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

/// Version 1 of a built-in contract.
pub fn contract(name: &str) -> ContractId {
    ContractId::new(name, 1).unwrap()
}
