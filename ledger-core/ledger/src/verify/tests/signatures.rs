use crate::fixture::*;
use crate::{PartySignature, Signature, SignedTransaction, Transaction};

fn payment() -> (World, Transaction) {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 1_000)]);
    let transaction = world.fill(builder);
    (world, transaction)
}

fn by(transaction: &Transaction, party: Who, key: Who) -> PartySignature {
    PartySignature::give(&transaction.chain, &transaction.id().unwrap(), party.address(), &key.key())
}

fn check(signatures: impl Fn(&Transaction) -> Vec<PartySignature>, expected: Result<(), &str>) {
    let (mut world, transaction) = payment();
    let signed = SignedTransaction::new(transaction.clone(), signatures(&transaction));
    let result = world.submit_bytes(&signed.encode());
    assert_eq!(result.map(|_| ()).map_err(|rejection| rejection.code), expected.map_err(str::to_owned));
}

#[test]
fn only_the_partys_own_signature_for_itself_counts() {
    check(|t| vec![by(t, Depositor, Depositor)], Ok(()));
    check(|_| vec![], Err("AUTHORITY_SIGNATURES_MISSING"));
    check(|t| vec![by(t, Supplier, Supplier)], Err("AUTHORITY_SIGNATURES_MISSING"));
    check(|t| vec![by(t, Depositor, Supplier)], Err("SIGNATURE_KEY_NOT_OF_PARTY"));
    check(|t| vec![by(t, Stranger, Stranger)], Err("PARTY_UNKNOWN"));
    let presented_as_depositors =
        |t: &Transaction| vec![PartySignature { party: Depositor.address(), ..by(t, Supplier, Supplier) }];
    check(presented_as_depositors, Err("SIGNATURE_FOR_ANOTHER_PARTY"));
    let given_for_supplier =
        |t: &Transaction| vec![PartySignature { party: Depositor.address(), ..by(t, Supplier, Depositor) }];
    check(given_for_supplier, Err("SIGNATURE_FOR_ANOTHER_PARTY"));
}

#[test]
fn a_tampered_signature_is_refused() {
    let tampered = |t: &Transaction| {
        let good = by(t, Depositor, Depositor);
        let mut bytes = *good.signature.as_bytes();
        bytes[40] ^= 4;
        vec![PartySignature { signature: Signature::from_bytes(&bytes).unwrap(), ..good }]
    };
    check(tampered, Err("SIGNATURE_INVALID"));
    let of_other_transaction = |t: &Transaction| {
        let other = Transaction { salt: [0; 32], ..t.clone() };
        vec![by(&other, Depositor, Depositor)]
    };
    check(of_other_transaction, Err("SIGNATURE_INVALID"));
}

#[test]
fn missing_signers_are_told_with_role_and_keys() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = world.pledge(title, BankA, BankA);
    let transaction = world.fill(builder);
    let examined = world.rules().examine(transaction.clone(), &world.ledger).unwrap();
    let missing = |signatures: &[PartySignature]| {
        let open = world.rules().missing(&examined, signatures, &world.ledger).unwrap();
        open.into_iter().map(|open| (open.required.party, open.required.role, open.keys)).collect::<Vec<_>>()
    };
    let all = missing(&[]);
    assert_eq!(
        all,
        [
            (Depositor.address(), "pledgor", vec![Depositor.key().public()]),
            (BankA.address(), "pledgee", vec![BankA.key().public()]),
            (Operator.address(), "custodian", vec![Operator.key().public()]),
        ]
    );
    assert_eq!(missing(&[by(&transaction, BankA, BankA)]).len(), 2);
}
