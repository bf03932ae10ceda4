use proptest::prelude::*;

use super::*;
use crate::contract::token;
use crate::fixture::*;
use crate::{TransactionBuilder, TransactionId};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

fn first(transaction: TransactionId) -> StateRef {
    StateRef { transaction, index: 0 }
}

fn minor(amount: u64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

const INVOICE: EvidenceHash = EvidenceHash::from_bytes([7; 32]);

/// The depositor owes the supplier 1,000.00 under an invoice, changed as the test likes.
fn creation(world: &mut World, number: &str, change: impl Fn(&mut Obligation)) -> TransactionBuilder {
    let builder = world.build(Depositor);
    let frame = builder.clone().build();
    let mut obligation = Obligation {
        obligation: ObligationId::derive(&frame.chain, &frame.command_id),
        debtor: Depositor.address(),
        creditor: Supplier.address(),
        asset: world.asset(),
        amount: minor(100_000),
        outstanding: minor(100_000),
        due_on: frame.effective_on,
        issuer: Supplier.address(),
        number: number.to_owned(),
        document: INVOICE,
        debtor_nets: None,
        creditor_nets: None,
        round: None,
    };
    change(&mut obligation);
    let builder = builder.attachment(INVOICE).output(obligation_state(&obligation));
    builder.command(id(), CREATE, &wire::ObligationCreate {})
}

/// The depositor holds 2,000.00 in two states and owes 1,000.00.
fn owed() -> (World, Vec<StateRef>, StateRef) {
    let mut world = World::new();
    let definition = world.define();
    let held = vec![world.issue(definition, Depositor, 100_000), world.issue(definition, Depositor, 100_000)];
    let builder = creation(&mut world, "INV-1", |_| {});
    let owed = first(world.accept(builder, &[Depositor, Supplier]));
    (world, held, owed)
}

fn read(world: &World, state: StateRef) -> Obligation {
    read_obligation(&world.state(state)).unwrap()
}

/// A settlement of so much, beside a transfer from the depositor's tokens.
fn settlement(
    world: &mut World,
    owed: StateRef,
    amount: u64,
    tokens: &[StateRef],
    outputs: &[(Who, u64)],
) -> TransactionBuilder {
    let before = read(world, owed);
    let mut builder = match tokens {
        [] => world.build(Depositor).input(owed),
        tokens => world.transfer(Depositor, tokens, outputs).input(owed),
    };
    let after = Amount::from_minor(amount).ok().and_then(|amount| before.paid(amount).ok()).flatten();
    if let Some(after) = after {
        builder = builder.output(obligation_state(&after));
    }
    builder.command(id(), SETTLE, &wire::ObligationSettle { obligation: before.obligation.to_vec(), amount })
}

fn last(world: &World, transaction: TransactionId) -> StateRef {
    let of_transaction = world.ledger.unspent_states().filter(|(state, _)| state.transaction == transaction);
    *of_transaction.last().unwrap().0
}

#[test]
fn an_obligation_is_confirmed_by_both_sides() {
    for signers in [[Depositor, BankA], [Supplier, BankA]] {
        let mut world = World::new();
        let builder = creation(&mut world, "INV-1", |_| {});
        assert_eq!(world.refuse(builder, &signers), "AUTHORITY_SIGNATURES_MISSING");
    }
    let (world, _, owed) = owed();
    assert_eq!(world.state(owed).owner, Supplier.address());
    assert!(world.state(owed).is_seen_by(&Depositor.address()));
}

#[test]
fn obligations_that_are_not_sound_are_refused() {
    type Change = fn(&mut Obligation);
    let changes: [(Change, &str); 9] = [
        (|obligation| obligation.obligation = ObligationId::default(), "OBLIGATION_ID_DIFFERS"),
        (|obligation| obligation.debtor = Supplier.address(), "OBLIGATION_DEBTOR_IS_CREDITOR"),
        (
            |obligation| (obligation.amount, obligation.outstanding) = (Amount::ZERO, Amount::ZERO),
            "OBLIGATION_AMOUNT_ZERO",
        ),
        (|obligation| obligation.outstanding = minor(99_999), "OBLIGATION_OUTSTANDING_DIFFERS"),
        (|obligation| obligation.outstanding = minor(100_001), "OBLIGATION_OUTSTANDING_DIFFERS"),
        (
            |obligation| obligation.due_on = Date::from_days(obligation.due_on.days() - 1).unwrap(),
            "OBLIGATION_DUE_BEFORE_EFFECTIVE",
        ),
        (|obligation| obligation.issuer = BankB.address(), "OBLIGATION_ISSUER_DIFFERS"),
        (|obligation| obligation.number = String::new(), "OBLIGATION_NUMBER_MISSING"),
        (|obligation| obligation.document = EvidenceHash::default(), "OBLIGATION_DOCUMENT_NOT_ATTACHED"),
    ];
    for (change, code) in changes {
        let mut world = World::new();
        let builder = creation(&mut world, "INV-1", change);
        assert_eq!(world.refuse(builder, &[Depositor, Supplier]), code);
    }
    let mut world = World::new();
    let mut twice = creation(&mut world, "INV-1", |_| {}).build();
    twice.outputs.push(twice.outputs[0].clone());
    assert_eq!(submit(&mut world, twice, &[Depositor, Supplier]), "OBLIGATION_CREATE_STATES");
    let mut hidden = creation(&mut world, "INV-1", |_| {}).build();
    hidden.outputs[0].participants.clear();
    assert_eq!(submit(&mut world, hidden, &[Depositor, Supplier]), "OBLIGATION_FRAME_DIFFERS");
    let mut locked = creation(&mut world, "INV-1", |_| {}).build();
    locked.outputs[0].locks =
        vec![crate::contract::title::offer_lock(&world.ledger.chain(), &Default::default(), BankB.address(), 1)];
    assert_eq!(submit(&mut world, locked, &[Depositor, Supplier]), "DEBT_LOCKED");
}

fn submit(world: &mut World, transaction: crate::Transaction, signers: &[Who]) -> String {
    let transaction = world.rules().fill_claims(transaction.clone(), &world.ledger).unwrap_or(transaction);
    world.submit_bytes(&World::sign(transaction, signers).encode()).unwrap_err().code
}

#[test]
fn one_invoice_makes_one_obligation_for_ever() {
    let (mut world, tokens, owed) = owed();
    let again = creation(&mut world, "inv 1", |_| {});
    assert_eq!(world.refuse(again, &[Depositor, Supplier]), "CLAIM_HELD");
    let builder = settlement(&mut world, owed, 100_000, &tokens, &[(Supplier, 100_000), (Depositor, 100_000)]);
    world.accept(builder, &[Depositor]);
    let again = creation(&mut world, "INV-1", |_| {});
    assert_eq!(world.refuse(again, &[Depositor, Supplier]), "CLAIM_HELD");
    let another = creation(&mut world, "INV-2", |_| {});
    world.accept(another, &[Depositor, Supplier]);
}

/// The invoice of a settled obligation still counts: it was financed once.
#[test]
fn an_invoice_much_like_a_used_one_is_warned_of() {
    let (mut world, tokens, owed) = owed();
    let builder = settlement(&mut world, owed, 100_000, &tokens, &[(Supplier, 100_000), (Depositor, 100_000)]);
    world.accept(builder, &[Depositor]);
    for (number, warnings) in [("INV-2", 0), ("INV/001", 1), ("INV/002", 1), ("INV-3", 0), ("INV", 0), ("INW", 0)] {
        let builder = creation(&mut world, number, |_| {});
        world.accept(builder, &[Depositor, Supplier]);
        let warned = crate::Warning::NearClaim { class: "source document of an obligation", output: 0 };
        assert_eq!(world.warnings, vec![warned; warnings], "{number}");
    }
}

#[test]
fn the_debtor_settles_in_parts_with_payments_to_the_creditor() {
    let (mut world, tokens, owed) = owed();
    let builder = settlement(&mut world, owed, 40_000, &tokens, &[(Supplier, 40_000), (Depositor, 160_000)]);
    let paid = world.accept(builder, &[Depositor]);
    let rest = last(&world, paid);
    assert_eq!(read(&world, rest).outstanding, minor(60_000));
    let builder =
        settlement(&mut world, rest, 60_001, &[StateRef { transaction: paid, index: 1 }], &[(Supplier, 160_000)]);
    assert_eq!(world.refuse(builder, &[Depositor]), "DEBT_OVERPAID");
    let change = StateRef { transaction: paid, index: 1 };
    let builder = settlement(&mut world, rest, 60_000, &[change], &[(Supplier, 60_000), (Depositor, 100_000)]);
    world.accept(builder, &[Depositor]);
    let is_owed = world.ledger.unspent_states().any(|(_, unspent)| unspent.state.is(NAME, OBLIGATION));
    assert!(!is_owed);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_settlement_is_exactly_what_the_creditor_receives() {
    let (mut world, tokens, owed) = owed();
    let one = &tokens[..1];
    for outputs in [
        [(Supplier, 49_999), (Depositor, 50_001)],
        [(Supplier, 50_001), (Depositor, 49_999)],
        [(BankB, 50_000), (Depositor, 50_000)],
    ] {
        let builder = settlement(&mut world, owed, 50_000, one, &outputs);
        assert_eq!(world.refuse(builder, &[Depositor]), "PAYMENT_DIFFERS");
    }
    let builder = settlement(&mut world, owed, 50_000, &[], &[]);
    assert_eq!(world.refuse(builder, &[Depositor]), "PAYMENT_MISSING");
    let builder = settlement(&mut world, owed, 0, one, &[(Depositor, 100_000)]);
    assert_eq!(world.refuse(builder, &[Depositor]), "DEBT_NOTHING_PAID");
    let builder = settlement(&mut world, owed, 50_000, one, &[(Supplier, 50_000), (Depositor, 50_000)]);
    assert_eq!(world.refuse(builder, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let mut kept = settlement(&mut world, owed, 50_000, one, &[(Supplier, 50_000), (Depositor, 50_000)]).build();
    let place = kept.outputs.len() - 1;
    kept.outputs[place] = obligation_state(&Obligation { outstanding: minor(40_000), ..read(&world, owed) });
    assert_eq!(submit(&mut world, kept.clone(), &[Depositor]), "DEBT_CHANGED");
    kept.outputs.pop();
    assert_eq!(submit(&mut world, kept, &[Depositor]), "DEBT_GOES_ON_OR_ENDS");
}

/// The creditor's own coins that pass through are no payment to him.
#[test]
fn the_creditors_own_tokens_do_not_pay_him() {
    let (mut world, _, owed) = owed();
    let definition =
        world.ledger.unspent_states().find(|(_, unspent)| unspent.state.is(token::NAME, token::DEFINITION));
    let definition = *definition.unwrap().0;
    let of_creditor = world.issue(definition, Supplier, 70_000);
    let builder = settlement(&mut world, owed, 70_000, &[of_creditor], &[(Supplier, 70_000)]);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "PAYMENT_DIFFERS");
}

fn assignment(world: &mut World, owed: StateRef, to: Who, after: impl Fn(&mut Obligation)) -> TransactionBuilder {
    let before = read(world, owed);
    let mut assigned = before.assigned(to.address());
    after(&mut assigned);
    let command = wire::ObligationAssign { obligation: before.obligation.to_vec(), to: to.address().to_vec() };
    world.build(Supplier).input(owed).output(obligation_state(&assigned)).command(id(), ASSIGN, &command)
}

#[test]
fn an_assignment_needs_both_creditors_and_shows_the_debtor() {
    let (mut world, tokens, owed) = owed();
    let builder = assignment(&mut world, owed, BankB, |_| {});
    assert_eq!(world.refuse(builder, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = assignment(&mut world, owed, BankB, |_| {});
    assert_eq!(world.refuse(builder, &[Depositor, BankB]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = assignment(&mut world, owed, Depositor, |_| {});
    assert_eq!(world.refuse(builder, &[Supplier, Depositor]), "OBLIGATION_ASSIGNEE_IS_PARTY");
    let builder = assignment(&mut world, owed, Supplier, |_| {});
    assert_eq!(world.refuse(builder, &[Supplier]), "OBLIGATION_ASSIGNEE_IS_PARTY");
    let builder = assignment(&mut world, owed, BankB, |assigned| assigned.amount = minor(200_000));
    assert_eq!(world.refuse(builder, &[Supplier, BankB]), "DEBT_CHANGED");
    let builder = assignment(&mut world, owed, BankB, |_| {});
    let assigned = first(world.accept(builder, &[Supplier, BankB]));
    assert_eq!(world.state(assigned).owner, BankB.address());
    assert!(world.state(assigned).is_seen_by(&Depositor.address()));
    let to_first = settlement(&mut world, assigned, 100_000, &tokens[..1], &[(Supplier, 100_000)]);
    assert_eq!(world.refuse(to_first, &[Depositor]), "PAYMENT_DIFFERS");
    let to_new = settlement(&mut world, assigned, 100_000, &tokens[..1], &[(BankB, 100_000)]);
    world.accept(to_new, &[Depositor]);
}

/// To a round of the operator.
fn nets() -> NettingConsent {
    NettingConsent { operator: Operator.address(), until_ms: 5 }
}

fn consent(world: &mut World, owed: StateRef, party: Who, nets: Option<NettingConsent>) -> TransactionBuilder {
    let before = read(world, owed);
    let (obligation, by) = (before.obligation.to_vec(), party.address().to_vec());
    let command = wire::ObligationConsent { obligation, party: by, nets: nets.map(|consent| consent.to_wire()) };
    let after = before.consented(party.address(), nets).unwrap_or(before);
    world.build(party).input(owed).output(obligation_state(&after)).command(id(), CONSENT, &command)
}

fn consents(world: &World, owed: StateRef) -> (Option<NettingConsent>, Option<NettingConsent>) {
    let owed = read(world, owed);
    (owed.debtor_nets, owed.creditor_nets)
}

#[test]
fn each_side_consents_to_netting_for_itself() {
    let (mut world, _, owed) = owed();
    let stranger = consent(&mut world, owed, BankB, Some(nets()));
    assert_eq!(world.refuse(stranger, &[BankB]), "OBLIGATION_CONSENT_OF_STRANGER");
    let forged = consent(&mut world, owed, Depositor, Some(nets()));
    assert_eq!(world.refuse(forged, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = consent(&mut world, owed, Depositor, Some(nets()));
    let owed = first(world.accept(builder, &[Depositor]));
    assert_eq!(consents(&world, owed), (Some(nets()), None));
    let builder = consent(&mut world, owed, Supplier, Some(nets()));
    let owed = first(world.accept(builder, &[Supplier]));
    assert_eq!(consents(&world, owed), (Some(nets()), Some(nets())));
    let builder = assignment(&mut world, owed, BankB, |assigned| assigned.creditor_nets = Some(nets()));
    assert_eq!(world.refuse(builder, &[Supplier, BankB]), "DEBT_CHANGED");
    let builder = consent(&mut world, owed, Depositor, None);
    let owed = first(world.accept(builder, &[Depositor]));
    assert_eq!(consents(&world, owed), (None, Some(nets())));
}

#[test]
fn both_sides_cancel_and_nothing_is_left() {
    let (mut world, _, owed) = owed();
    let obligation = read(&world, owed).obligation.to_vec();
    let cancel = |world: &mut World, obligation: Vec<u8>| {
        world.build(Depositor).input(owed).command(id(), CANCEL, &wire::ObligationCancel { obligation })
    };
    let builder = cancel(&mut world, obligation.clone());
    assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = cancel(&mut world, vec![0; 32]);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "DEBT_NOT_NAMED");
    let mut none = cancel(&mut world, obligation.clone()).build();
    none.inputs.clear();
    assert_eq!(submit(&mut world, none, &[Depositor, Supplier]), "DEBT_NOT_CONSUMED");
    let builder = cancel(&mut world, obligation.clone()).output(world.state(owed));
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "DEBT_GOES_ON_OR_ENDS");
    let unknown = world.build(Depositor).input(owed).command(
        id(),
        "forget",
        &wire::ObligationCancel { obligation: obligation.clone() },
    );
    assert_eq!(world.refuse(unknown, &[Depositor, Supplier]), "OBLIGATION_COMMAND_UNKNOWN");
    let builder = cancel(&mut world, obligation);
    world.accept(builder, &[Depositor, Supplier]);
    let again = creation(&mut world, "INV-1", |_| {});
    assert_eq!(world.refuse(again, &[Depositor, Supplier]), "CLAIM_HELD");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Random part payments against two plain numbers: what is owed and what the debtor has.
    #[test]
    fn part_payments_reduce_what_is_owed(payments in prop::collection::vec(0u64..60_000, 1..8)) {
        let (mut world, tokens, mut owed) = owed();
        let (mut coins, mut open, mut has) = (tokens, 100_000, 200_000u64);
        for amount in payments {
            let outputs = [(Supplier, amount), (Depositor, has.saturating_sub(amount))];
            let outputs: Vec<_> = outputs.into_iter().filter(|(_, minor)| *minor > 0).collect();
            let builder = settlement(&mut world, owed, amount, &coins, &outputs);
            let result = world.submit(builder, &[Depositor]);
            prop_assert_eq!(result.is_ok(), amount > 0 && amount <= open);
            let Ok(transaction) = result else { continue };
            (open, has) = (open - amount, has - amount);
            coins = vec![StateRef { transaction, index: 1 }];
            if open == 0 {
                break;
            }
            owed = last(&world, transaction);
            prop_assert_eq!(read(&world, owed).outstanding.minor(), open);
        }
        let held = world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.owner == Supplier.address());
        let held = held.filter_map(|(_, unspent)| token::read_holding(&unspent.state).ok());
        let received: u64 = held.map(|holding| holding.amount.minor()).sum();
        prop_assert_eq!(received, 100_000 - open);
        prop_assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
    }
}

/// Receiving is not moving: a frozen creditor is paid, and assigns nothing.
#[test]
fn a_frozen_creditor_is_paid() {
    let (mut world, tokens, owed) = owed();
    let subjects = vec![crate::FreezeSubject::Address(Supplier.address()).to_wire()];
    let message = wire::ChainFreeze { subjects, reference: "Court of Harbin, 2026/17".to_owned() };
    let chain = ContractId::built_in(crate::contract::chain::NAME);
    let builder = world.build(Administrator).command(chain, crate::contract::chain::FREEZE, &message);
    world.accept(builder, &[Administrator]);
    let builder = assignment(&mut world, owed, BankB, |_| {});
    assert_eq!(world.refuse(builder, &[Supplier, BankB]), "FREEZE_STANDS");
    let builder = settlement(&mut world, owed, 40_000, &tokens, &[(Supplier, 40_000), (Depositor, 160_000)]);
    world.accept(builder, &[Depositor]);
}
