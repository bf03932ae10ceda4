//! Lost keys: asked for, waited for, cancelled, carried out.

use super::*;
use crate::contract::chain;
use crate::party::{Permissions, Recovery};
use crate::{Rule, SignedTransaction};

const DELAY_MS: u64 = 10 * 86_400_000;

/// The depositor: the board (the operator's key) changes the record, the desk (its own key) does everything else, the
/// guardian (bank A's key) recovers.
struct Scene {
    world: World,
    state: StateRef,
    record: PartyRecord,
}

fn key(who: Who) -> Policy {
    Policy::Key(who.key().public())
}

fn rule(command: &str, delay_ms: Option<u64>, who: Who) -> Rule {
    let policy = key(who);
    Rule { commands: vec![command.to_owned()], asset: None, amount_up_to: None, not_after_ms: None, delay_ms, policy }
}

fn guarded() -> Vec<Rule> {
    vec![rule("party/change", None, Operator), rule("party/recover", Some(DELAY_MS), BankA), rule("*", None, Depositor)]
}

impl Scene {
    fn new(rules: Vec<Rule>) -> Self {
        let record = PartyRecord { authority: Authority::new(rules), ..Depositor.record() };
        let mut world = World::empty();
        let permissions = [Permission::Connect, Permission::Transact].into();
        let permissions = Permissions { party: record.address, permissions };
        let builder = world.build(Administrator).output(record_state(&record));
        let builder = builder.output(chain::permissions_state(Administrator.address(), &permissions));
        let builder = builder.command(id(), REGISTER, &wire::PartyRegister {});
        let builder = builder.command(ContractId::built_in(chain::NAME), chain::GRANT, &wire::ChainGrant {});
        let state = StateRef { transaction: world.accept(builder, &[Administrator, Depositor]), index: 0 };
        Self { world, state, record }
    }

    /// Tries to set the next record by a command under these keys; the code of what refuses it.
    fn step(&mut self, command: &str, after: &PartyRecord, keys: &[Who]) -> Result<(), String> {
        let builder = self.world.build(Depositor).input(self.state).output(record_state(after));
        let transaction = self.world.fill(builder.command(id(), command, &wire::PartyChange {}));
        let keys: Vec<_> = keys.iter().map(|who| who.key()).collect();
        let signed = SignedTransaction::sign(transaction, keys.iter().map(|key| (Depositor.address(), key))).unwrap();
        let transaction = self.world.submit_bytes(&signed.encode()).map_err(|rejection| rejection.code)?;
        self.state = StateRef { transaction, index: 0 };
        self.record = after.clone();
        Ok(())
    }

    fn refused(&mut self, command: &str, after: &PartyRecord, keys: &[Who]) -> String {
        self.step(command, after, keys).expect_err("must be refused")
    }

    /// The recovery that gives the party to the carrier's key, as a request made now opens it.
    fn recovery(&self) -> Recovery {
        let authority = Authority::simple(key(Carrier));
        let ready_ms = self.world.now_ms + 3_600_000 + DELAY_MS;
        Recovery { authority, encryption_key: vec![8; 32], ready_ms }
    }

    fn request(&mut self) -> Recovery {
        let recovery = self.recovery();
        let after = self.record.with_recovery(Some(recovery.clone()));
        self.step(REQUEST_RECOVERY, &after, &[BankA]).unwrap();
        recovery
    }

    fn recovered(&self, recovery: &Recovery) -> PartyRecord {
        self.record.changed(recovery.authority.clone(), recovery.encryption_key.clone())
    }
}

#[test]
fn a_lost_key_is_recovered_after_the_delay_and_not_a_millisecond_before() {
    let mut scene = Scene::new(guarded());
    let recovery = scene.request();
    let recovered = scene.recovered(&recovery);
    scene.world.now_ms = recovery.ready_ms - 1;
    assert_eq!(scene.refused(RECOVER, &recovered, &[BankA]), "PARTY_RECOVERY_NOT_READY");
    scene.world.now_ms = recovery.ready_ms;
    assert_eq!(scene.refused(RECOVER, &recovered, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    assert_eq!(scene.refused(RECOVER, &recovered, &[Operator]), "AUTHORITY_SIGNATURES_MISSING");
    scene.step(RECOVER, &recovered, &[BankA]).unwrap();

    let next = recovered.changed(recovered.authority.clone(), vec![9; 32]);
    for dead in [Operator, Depositor, BankA] {
        assert_eq!(scene.refused(CHANGE, &next, &[dead]), "SIGNATURE_KEY_NOT_OF_PARTY");
    }
    scene.step(CHANGE, &next, &[Carrier]).unwrap();
    let replayed = scene.world.replayed().unwrap();
    assert_eq!(replayed.state_root(), scene.world.ledger.state_root());
}

#[test]
fn a_recovery_is_not_post_dated_into_its_time() {
    let mut scene = Scene::new(guarded());
    let recovery = scene.request();
    let builder = {
        scene.world.now_ms = recovery.ready_ms;
        let builder = scene.world.build(Depositor).input(scene.state);
        builder.output(record_state(&scene.recovered(&recovery))).command(id(), RECOVER, &wire::PartyRecover {})
    };
    scene.world.now_ms = recovery.ready_ms - 1;
    let transaction = scene.world.fill(builder);
    let signed = SignedTransaction::sign(transaction, [(Depositor.address(), &BankA.key())]).unwrap();
    assert_eq!(scene.world.submit_bytes(&signed.encode()).unwrap_err().code, "TRANSACTION_OUTSIDE_WINDOW");
}

#[test]
fn the_owner_cancels_within_the_delay_and_the_guardian_withdraws() {
    for (command, good, bad) in [(CANCEL_RECOVERY, Operator, BankA), (WITHDRAW_RECOVERY, BankA, Operator)] {
        let mut scene = Scene::new(guarded());
        let recovery = scene.request();
        let ended = scene.record.with_recovery(None);
        assert_eq!(scene.refused(command, &ended, &[bad]), "AUTHORITY_SIGNATURES_MISSING");
        assert_eq!(scene.refused(command, &ended, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
        scene.step(command, &ended, &[good]).unwrap();
        scene.world.now_ms = recovery.ready_ms;
        let recovered = scene.recovered(&recovery);
        assert_eq!(scene.refused(RECOVER, &recovered, &[BankA]), "PARTY_NO_RECOVERY");
        assert_eq!(scene.refused(command, &scene.record.with_recovery(None), &[good]), "PARTY_NO_RECOVERY");
    }
}

#[test]
fn who_stole_the_ordinary_keys_neither_shortens_an_open_recovery_nor_changes_anything_beside_it() {
    let mut scene = Scene::new(guarded());
    let recovery = scene.request();
    let mine = Authority::simple(key(Operator));
    let changed = scene.record.changed(mine.clone(), Vec::new());
    assert_eq!(scene.refused(CHANGE, &changed, &[Operator]), "PARTY_RECOVERY_OPEN");
    let beside = PartyRecord { recovery: Some(recovery.clone()), ..changed };
    assert_eq!(scene.refused(CHANGE, &beside, &[Operator]), "PARTY_RECOVERY_OPEN");
    let cancels_and_changes = PartyRecord { authority: mine, ..scene.record.with_recovery(None) };
    assert_eq!(scene.refused(CANCEL_RECOVERY, &cancels_and_changes, &[Operator]), "PARTY_RECORD_DIFFERS");
    let sooner = Recovery { ready_ms: recovery.ready_ms - 1, ..recovery.clone() };
    let sooner = scene.record.with_recovery(Some(sooner));
    assert_eq!(scene.refused(REQUEST_RECOVERY, &sooner, &[BankA]), "PARTY_RECOVERY_OPEN");
    scene.world.now_ms = recovery.ready_ms;
    let other = Recovery { authority: Authority::simple(key(BankA)), ..recovery };
    assert_eq!(scene.refused(RECOVER, &scene.recovered(&other), &[BankA]), "PARTY_RECORD_DIFFERS");
}

#[test]
fn a_request_opens_what_its_rule_and_window_give_and_nothing_else() {
    let mut scene = Scene::new(guarded());
    let request = |scene: &Scene, change: fn(&mut Recovery)| {
        let mut recovery = scene.recovery();
        change(&mut recovery);
        scene.record.with_recovery(Some(recovery))
    };
    let after = request(&scene, |recovery| recovery.ready_ms -= 1);
    assert_eq!(scene.refused(REQUEST_RECOVERY, &after, &[BankA]), "PARTY_RECOVERY_TIME_DIFFERS");
    let after = request(&scene, |recovery| recovery.authority = Authority::new(Vec::new()));
    assert_eq!(scene.refused(REQUEST_RECOVERY, &after, &[BankA]), "PARTY_AUTHORITY");
    let after = request(&scene, |_| {});
    for nobody in [Depositor, Operator] {
        assert_eq!(scene.refused(REQUEST_RECOVERY, &after, &[nobody]), "AUTHORITY_SIGNATURES_MISSING");
    }
    let and_more = PartyRecord { encryption_key: vec![1; 32], ..after.clone() };
    assert_eq!(scene.refused(REQUEST_RECOVERY, &and_more, &[BankA]), "PARTY_RECORD_DIFFERS");
    assert_eq!(scene.refused(CHANGE, &after, &[Operator]), "PARTY_RECORD_DIFFERS");
    assert_eq!(scene.refused(REQUEST_RECOVERY, &scene.record.with_recovery(None), &[BankA]), "PARTY_RECORD_DIFFERS");
    scene.step(REQUEST_RECOVERY, &after, &[BankA]).unwrap();
}

#[test]
fn without_a_recovery_rule_in_force_nothing_is_recovered() {
    let mut scene = Scene::new(vec![rule("*", None, Depositor)]);
    let after = scene.record.with_recovery(Some(scene.recovery()));
    assert_eq!(scene.refused(REQUEST_RECOVERY, &after, &[Depositor]), "AUTHORITY_NO_RULE");
    let builder = scene.world.build(Depositor).input(scene.state).output(record_state(&after));
    let transaction = scene.world.fill(builder.command(id(), REQUEST_RECOVERY, &wire::PartyRequestRecovery {}));
    let examined = scene.world.rules().examine(transaction, &scene.world.ledger);
    assert_eq!(crate::Coded::code(&examined.unwrap_err()), "PARTY_NO_RECOVERY_RULE");

    let mut rules = guarded();
    rules[1].not_after_ms = Some(START_MS);
    let mut ended = Scene::new(rules);
    let after = ended.record.with_recovery(Some(ended.recovery()));
    assert_eq!(ended.refused(REQUEST_RECOVERY, &after, &[BankA]), "AUTHORITY_NO_RULE");
}

#[test]
fn nobody_registers_with_a_recovery_open() {
    let open = Recovery { authority: Authority::simple(key(Carrier)), encryption_key: Vec::new(), ready_ms: 0 };
    check_record(move |record| record.recovery = Some(open.clone()), "PARTY_RECOVERY_OPEN");
}
