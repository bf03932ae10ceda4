use super::*;
use crate::fixture::*;
use crate::{Digest, block};

/// A recorder that includes what nobody signed is found out: its own seal does not help it.
#[test]
fn a_signature_that_its_party_did_not_give_proves_nothing() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 100);
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 100)]);
    let paid = world.accept(payment, &[Depositor]);
    let proof = world.inclusion(paid);
    assert_eq!(proof.verify().map(|included| included.transaction), Ok(paid));
    let mut forged = proof.clone();
    forged.transaction.signatures[0].signature = Stranger.key().sign(b"something else");
    assert_eq!(forged.verify(), Err(ProofError::NotIncluded));
    let leaf = transaction_leaf(&paid, &signatures_hash(&forged.transaction.signatures));
    forged.header.transaction_root = Digest::from_bytes(merkle::root(&[leaf]));
    assert_eq!(forged.verify(), Err(ProofError::NotSealed));
    forged.finality = block::seal(&forged.header.hash(), &World::recorder());
    assert_eq!(forged.verify(), Err(ProofError::SignatureInvalid { party: Depositor.address() }));
}
