//! A party's change against what was signed by its old keys: the order in the chain decides, in the same block too.

use crate::contract::party;
use crate::fixture::*;
use crate::verify::{VerifiedTransaction, contextual, structural};
use crate::{Authority, ContractId, Member, Policy, SignedTransaction, StateRef, Threshold, wire};

/// The depositor's payment under its old key, and the change that gives its authority to this policy; both verified.
struct Race {
    world: World,
    payment: VerifiedTransaction,
    change: VerifiedTransaction,
}

fn verified(world: &World, signed: &SignedTransaction) -> VerifiedTransaction {
    let resolved = structural(&signed.encode(), &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
    world.rules().semantic(resolved, &world.ledger).unwrap()
}

fn key(who: Who) -> Policy {
    Policy::Key(who.key().public())
}

impl Race {
    fn new(changes: Who, to: Policy, signers: &[Who]) -> Self {
        let mut world = World::new();
        let definition = world.define();
        let held = world.issue(definition, Depositor, 100);
        let builder = world.transfer(Depositor, &[held], &[(Supplier, 100)]);
        let payment = verified(&world, &World::sign(world.fill(builder), signers));
        let claim = world.ledger.claim(&world.secret.key(&party::record_identity(&changes.address())));
        let from: StateRef = *claim.unwrap().holders.first().unwrap();
        let next = changes.record().changed(Authority::simple(to), Vec::new());
        let builder = world.build(changes).input(from).output(party::record_state(&next));
        let builder = builder.command(ContractId::built_in(party::NAME), party::CHANGE, &wire::PartyChange {});
        let change = verified(&world, &World::sign(world.fill(builder), &[changes]));
        Self { world, payment, change }
    }

    /// Commits blocks of these and answers what was refused; every block replays.
    fn commit(&mut self, blocks: Vec<Vec<VerifiedTransaction>>) -> Vec<String> {
        let mut codes = Vec::new();
        for transactions in blocks {
            let (block, refused) = contextual(self.world.proposed(transactions), &self.world.ledger);
            codes.extend(refused.into_iter().map(|(_, rejection)| rejection.code));
            self.world.commit(&block);
        }
        assert_eq!(self.world.replayed().unwrap().tip(), self.world.ledger.tip());
        codes
    }

    /// Payment and change in one block in both orders, and in two blocks, the change first.
    fn check(race: impl Fn() -> Self, after_the_change: &[&str]) {
        let Self { payment, change, .. } = race();
        assert_eq!(race().commit(vec![vec![payment.clone(), change.clone()]]), [""; 0]);
        assert_eq!(race().commit(vec![vec![change.clone(), payment.clone()]]), after_the_change);
        assert_eq!(race().commit(vec![vec![change], vec![payment]]), after_the_change);
    }
}

#[test]
fn an_old_key_counts_before_the_change_and_not_after_it() {
    Race::check(|| Race::new(Depositor, key(BankB), &[Depositor]), &["SIGNATURE_KEY_NOT_OF_PARTY"]);
}

#[test]
fn what_the_new_authority_still_allows_is_accepted_after_the_change() {
    let either = || Policy::k_of_n(1, &[Depositor.key().public(), BankB.key().public()]);
    Race::check(|| Race::new(Depositor, either(), &[Depositor]), &[]);
}

#[test]
fn a_key_that_alone_is_not_enough_any_more_is_refused_after_the_change() {
    let member = |who| Member { weight: 1, group: 0, policy: key(who) };
    let both = move || Policy::Threshold(Threshold { need: 2, of: vec![member(Depositor), member(BankB)] });
    Race::check(|| Race::new(Depositor, both(), &[Depositor]), &["AUTHORITY_SIGNATURES_MISSING"]);
}

/// A signature that nobody asked for is checked as every other, so it falls with its key.
#[test]
fn a_needless_signature_of_a_dead_key_refuses_too() {
    let race = || Race::new(Supplier, key(BankB), &[Depositor, Supplier]);
    Race::check(race, &["SIGNATURE_KEY_NOT_OF_PARTY"]);
}
