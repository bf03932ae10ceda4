//! What a chain learns of its directory.

use super::*;
use crate::contract::chain;
use crate::party::Permissions;
use crate::verify::{contextual, structural};
use crate::{Coded, Directory, DirectoryTip, SignedTransaction, Transaction, TransactionId, Wire, block};

/// A directory with its parties, and a chain that names it.
struct Scene {
    directory: World,
    market: World,
}

impl Scene {
    fn new() -> Self {
        let directory = World::new();
        let named = Directory { chain: directory.ledger.chain(), recorder: World::recorder().public() };
        let mut scene = Self { market: World::named("market", Some(named)), directory };
        scene.see();
        scene
    }

    /// The market's next blocks name the directory's tip.
    fn see(&mut self) {
        let ledger = &self.directory.ledger;
        self.market.directory = DirectoryTip { height: ledger.height(), hash: ledger.tip() };
    }

    /// The directory's proof of a party's live record.
    fn learn(&self, who: Who) -> Learn {
        let state = live(&self.directory, who).unwrap();
        Learn::of(&self.directory.inclusion(state.transaction), state.index).unwrap()
    }

    fn transaction(&self, learn: &Learn, who: Who) -> Transaction {
        let market = &self.market;
        let transaction = learn.transaction(&market.ledger.chain(), live(market, who), market.now_ms).unwrap();
        market.rules().fill_claims(transaction, &market.ledger).unwrap()
    }

    fn submit(&mut self, transaction: Transaction) -> Result<TransactionId, String> {
        let bytes = SignedTransaction::new(transaction, Vec::new()).encode();
        self.market.submit_bytes(&bytes).map_err(|rejection| rejection.code)
    }

    fn learned(&mut self, who: Who) -> Result<TransactionId, String> {
        let transaction = self.transaction(&self.learn(who), who);
        self.submit(transaction)
    }

    /// Bank A and attestor are known on the market and may issue.
    fn with_issuer() -> Self {
        let mut scene = Self::new();
        scene.learned(BankA).unwrap();
        scene.learned(Attestor).unwrap();
        let mut grant = scene.market.build(Administrator);
        for who in [BankA, Attestor] {
            let permissions = [Permission::Connect, Permission::Transact, Permission::Issue].into();
            let permissions = Permissions { party: who.address(), permissions };
            grant = grant.output(chain::permissions_state(Administrator.address(), &permissions));
        }
        let grant = grant.command(ContractId::built_in(chain::NAME), chain::GRANT, &wire::ChainGrant {});
        scene.market.accept(grant, &[Administrator]);
        scene
    }

    /// Bank A's keys become the stranger's, on the directory.
    fn rotate(&mut self) {
        let from = live(&self.directory, BankA).unwrap();
        let rotated = BankA.record().changed(Authority::simple(Policy::Key(Stranger.key().public())), Vec::new());
        let builder = self.directory.build(BankA).input(from).output(record_state(&rotated));
        self.directory.accept(builder.command(id(), CHANGE, &wire::PartyChange {}), &[BankA]);
    }

    fn definition(&mut self) -> crate::TransactionBuilder {
        let state = crate::contract::token::definition_state(&self.market.definition());
        let token = ContractId::built_in(crate::contract::token::NAME);
        let builder = self.market.build(BankA).output(state);
        builder.command(token, crate::contract::token::DEFINE, &wire::TokenDefine {})
    }
}

fn live(world: &World, who: Who) -> Option<StateRef> {
    let key = world.secret.key(&record_identity(&who.address()));
    world.ledger.claim(&key).and_then(|claim| claim.holders.first().copied())
}

fn version(world: &World, who: Who) -> Option<u64> {
    crate::view::View::party(&world.ledger, &who.address()).map(|entry| entry.version)
}

#[test]
fn a_party_acts_on_a_chain_that_has_learned_its_record() {
    let mut scene = Scene::new();
    let unknown = scene.definition();
    assert_eq!(scene.market.refuse(unknown, &[BankA, Attestor]), "PARTY_UNKNOWN");
    let mut scene = Scene::with_issuer();
    assert_eq!(version(&scene.market, BankA), Some(1));
    scene.market.define();
    assert_eq!(scene.market.state(live(&scene.market, BankA).unwrap()), record_state(&BankA.record()));
    let replayed = scene.market.replayed().unwrap();
    assert_eq!(replayed.state_root(), scene.market.ledger.state_root());
    assert_eq!(replayed.directory(), scene.market.directory);
}

#[test]
fn keys_rotated_on_the_directory_are_dead_once_that_is_learned_also_for_what_was_verified_before() {
    let mut scene = Scene::with_issuer();
    let builder = scene.definition();
    let old = World::sign(scene.market.fill(builder), &[BankA, Attestor]).encode();
    let resolved = structural(&old, &scene.market.ledger.chain()).unwrap().resolve(&scene.market.ledger).unwrap();
    let verified = scene.market.rules().semantic(resolved, &scene.market.ledger).unwrap();
    scene.rotate();
    scene.see();
    let learn = SignedTransaction::new(scene.transaction(&scene.learn(BankA), BankA), Vec::new()).encode();
    let resolved = structural(&learn, &scene.market.ledger.chain()).unwrap().resolve(&scene.market.ledger).unwrap();
    let learn = scene.market.rules().semantic(resolved, &scene.market.ledger).unwrap();
    let (block, refused) = contextual(scene.market.proposed(vec![learn, verified]), &scene.market.ledger);
    assert_eq!(
        refused.iter().map(|(_, rejection)| rejection.code.as_str()).collect::<Vec<_>>(),
        ["SIGNATURE_KEY_NOT_OF_PARTY"]
    );
    scene.market.commit(&block);
    assert_eq!(version(&scene.market, BankA), Some(2));
    let builder = scene.definition();
    assert_eq!(scene.market.refuse(builder, &[BankA, Attestor]), "SIGNATURE_KEY_NOT_OF_PARTY");
    let builder = scene.definition();
    let (bank, attestor) = ((BankA.address(), Stranger.key()), (Attestor.address(), Attestor.key()));
    let keys = [(bank.0, &bank.1), (attestor.0, &attestor.1)];
    let signed = SignedTransaction::sign(scene.market.fill(builder), keys).unwrap();
    scene.market.submit_bytes(&signed.encode()).unwrap();
    assert_eq!(scene.market.replayed().unwrap().tip(), scene.market.ledger.tip());
}

#[test]
fn the_administrator_of_the_genesis_is_learned_too() {
    let mut scene = Scene::new();
    assert_eq!(version(&scene.market, Administrator), Some(0));
    let rotated = Administrator.record().changed(Authority::simple(Policy::Key(Stranger.key().public())), Vec::new());
    let builder = scene.directory.build(Administrator).output(record_state(&rotated));
    scene.directory.accept(builder.command(id(), CHANGE, &wire::PartyChange {}), &[Administrator]);
    scene.see();
    scene.learned(Administrator).unwrap();
    assert_eq!(version(&scene.market, Administrator), Some(2));
}

#[test]
fn parties_are_registered_and_changed_on_the_directory_alone() {
    let mut scene = Scene::with_issuer();
    let builder = scene.market.register(&[Depositor]);
    assert_eq!(scene.market.refuse(builder, &[Administrator, Depositor]), "PARTY_REGISTERED_ELSEWHERE");
    let from = live(&scene.market, BankA).unwrap();
    let rotated = BankA.record().changed(Authority::simple(Policy::Key(Stranger.key().public())), Vec::new());
    let builder = scene.market.build(BankA).input(from).output(record_state(&rotated));
    let builder = builder.command(id(), CHANGE, &wire::PartyChange {});
    assert_eq!(scene.market.refuse(builder, &[BankA]), "PARTY_REGISTERED_ELSEWHERE");
}

#[test]
fn only_the_named_directory_proves_and_only_what_was_seen_of_it() {
    let mut scene = Scene::new();
    let learn = scene.learn(BankA);
    scene.market.directory.height -= 1;
    let transaction = scene.transaction(&learn, BankA);
    assert_eq!(scene.submit(transaction.clone()), Err("DIRECTORY_NOT_SEEN".to_owned()));
    scene.see();
    scene.market.directory.hash = crate::BlockHash::default();
    assert_eq!(scene.submit(transaction), Err("DIRECTORY_NOT_SEEN".to_owned()));

    let mut foreign = Scene::new();
    let other = World::named("another", scene.market.ledger.genesis().directory);
    foreign.market = World::named(
        "elsewhere",
        Some(Directory { chain: other.ledger.chain(), recorder: World::recorder().public() }),
    );
    assert_eq!(foreign.learned(BankA), Err("DIRECTORY_OTHER".to_owned()));
    foreign.market = World::named("without", None);
    assert_eq!(foreign.learned(BankA), Err("DIRECTORY_OTHER".to_owned()));
}

#[test]
fn a_version_is_learned_once_and_an_older_one_never() {
    let mut scene = Scene::with_issuer();
    let older = scene.learn(BankA);
    let again = scene.transaction(&older, BankA);
    assert_eq!(scene.submit(again.clone()), Err("COMMAND_REPLAYED".to_owned()));
    scene.rotate();
    scene.see();
    scene.learned(BankA).unwrap();
    let mut unseen = Scene::with_issuer();
    unseen.rotate();
    unseen.see();
    let newer = unseen.learn(BankA);
    let mut late = Scene::new();
    late.directory = unseen.directory;
    late.see();
    late.market = World::named("late", unseen.market.ledger.genesis().directory);
    late.see();
    let transaction = late.transaction(&newer, BankA);
    late.submit(transaction).unwrap();
    let transaction = late.transaction(&older, BankA);
    assert_eq!(late.submit(transaction), Err("PARTY_VERSION_KNOWN".to_owned()));
}

#[test]
fn nothing_of_a_learn_transaction_is_anybodys_choice() {
    let mut scene = Scene::with_issuer();
    let learn = scene.learn(Depositor);
    let good = scene.transaction(&learn, Depositor);
    let mut check = |change: fn(&mut Transaction), code: &str| {
        let mut transaction = good.clone();
        change(&mut transaction);
        assert_eq!(scene.submit(transaction), Err(code.to_owned()));
    };
    check(|transaction| transaction.salt[0] ^= 1, "PARTY_LEARN_DIFFERS");
    check(|transaction| transaction.time_window.from_ms += 1, "PARTY_LEARN_DIFFERS");
    check(|transaction| transaction.time_window.until_ms -= 1, "PARTY_LEARN_DIFFERS");
    check(|transaction| transaction.metadata.push(("note".to_owned(), String::new())), "PARTY_LEARN_DIFFERS");
    check(|transaction| transaction.claims.clear(), "CLAIMS_DIFFER");
    check(|transaction| transaction.outputs.push(record_state(&Supplier.record())), "PARTY_LEARN_DIFFERS");
    check(|transaction| transaction.command_id = crate::CommandId::default(), "UNSIGNED_COMMAND_ID_DIFFERS");
    check(|transaction| transaction.submit_as(Administrator.address()), "AUTHORITY_SIGNATURES_MISSING");
    let others = Transaction { inputs: vec![live(&scene.market, BankA).unwrap()], ..good.clone() };
    assert_eq!(scene.submit(others), Err("PARTY_IDENTITY_CHANGED".to_owned()));
    let signed = World::sign(good.clone(), &[BankA]).encode();
    assert_eq!(scene.market.submit_bytes(&signed).unwrap_err().code, "UNSIGNED_CARRIES_SIGNATURES");
    scene.submit(good).unwrap();
}

#[test]
fn a_proof_shows_one_record_sealed_by_the_recorder_it_names() {
    let scene = Scene::new();
    let learn = scene.learn(Depositor);
    assert_eq!(learn.proved().unwrap().record, Depositor.record());
    let code = |change: &dyn Fn(&mut wire::PartyLearn)| {
        let mut message = learn.to_wire();
        change(&mut message);
        Learn::from_wire(message).unwrap().proved().map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(code(&|_| {}), Ok(()));
    assert_eq!(
        code(&|message| message.recorder = Depositor.key().public().as_bytes().to_vec()),
        Err("PROOF_NOT_SEALED")
    );
    assert_eq!(code(&|message| message.directory[0] ^= 1), Err("PROOF_OTHER_CHAIN"));
    fn proof(message: &mut wire::PartyLearn) -> &mut wire::Disclosure {
        message.proof.as_mut().unwrap()
    }
    assert_eq!(code(&|message| proof(message).signatures_hash[0] ^= 1), Err("PROOF_NOT_INCLUDED"));
    assert_eq!(code(&|message| proof(message).genesis = vec![1]), Err("PARTY_PROOF_CARRIES_GENESIS"));
    assert_eq!(code(&|message| proof(message).hidden.clear()), Err("PROOF_NOT_INCLUDED"));
    let registration = live(&scene.directory, Depositor).unwrap().transaction;
    let permissions = Learn::of(&scene.directory.inclusion(registration), 6).unwrap();
    assert_eq!(permissions.proved().unwrap_err().code(), "PARTY_PROOF_SHOWS_NO_RECORD");
}

#[test]
fn the_directory_named_by_headers_never_goes_back() {
    let mut scene = Scene::with_issuer();
    scene.rotate();
    scene.see();
    scene.learned(BankA).unwrap();
    let check = |scene: &Scene, tip: DirectoryTip, code: Result<(), &str>| {
        let mut blocks = scene.market.blocks.clone();
        let last = blocks.last_mut().unwrap();
        last.header.directory = tip;
        last.finality = block::seal(&last.header.hash(), &World::recorder());
        let mut world = World::named("market", scene.market.ledger.genesis().directory);
        world.blocks = blocks;
        assert_eq!(world.replayed().map(|_| ()).map_err(|error| error.code()), code);
    };
    let tip = scene.market.directory;
    check(&scene, tip, Ok(()));
    check(&scene, DirectoryTip { height: tip.height + 1, ..tip }, Ok(()));
    let before = DirectoryTip { height: 1, hash: scene.directory.ledger.block_hash(1).unwrap() };
    check(&scene, before, Err("BLOCK_TRANSACTION_REFUSED"));
    check(&scene, DirectoryTip { height: 1, ..tip }, Err("BLOCK_HEADER_DIFFERS"));
    check(&scene, DirectoryTip::default(), Err("BLOCK_HEADER_DIFFERS"));
    let mut alone = World::new();
    let builder = alone.register(&[Carrier]);
    alone.directory = tip;
    alone.accept(builder, &[Administrator, Carrier]);
    assert_eq!(alone.ledger.directory(), DirectoryTip::default());
    alone.blocks[1].header.directory = tip;
    alone.blocks[1].finality = block::seal(&alone.blocks[1].header.hash(), &World::recorder());
    assert_eq!(alone.replayed().map(|_| ()).map_err(|error| error.code()), Err("BLOCK_HEADER_DIFFERS"));
}
