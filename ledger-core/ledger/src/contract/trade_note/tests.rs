use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::contract::{obligation, token};
use crate::fixture::*;
use crate::{Opening, TransactionBuilder, TransactionId};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

const BOTH: [Who; 2] = [Depositor, Supplier];
const DELIVERY_NOTE: EvidenceHash = EvidenceHash::from_bytes([7; 32]);
const WEIGHBRIDGE_TICKET: EvidenceHash = EvidenceHash::from_bytes([8; 32]);

fn first(transaction: TransactionId) -> StateRef {
    StateRef { transaction, index: 0 }
}

fn minor(amount: u64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

/// The depositor is to pay the supplier 1,000.00, changed as the test likes.
fn issuance(world: &mut World, number: &str, change: impl Fn(&mut TradeNote)) -> TransactionBuilder {
    let builder = world.build(Supplier);
    let frame = builder.clone().build();
    let mut note = TradeNote {
        note: TradeNoteId::derive(&frame.chain, &frame.command_id),
        payer: Depositor.address(),
        payee: Supplier.address(),
        asset: world.asset(),
        amount: minor(100_000),
        outstanding: minor(100_000),
        due_on: frame.effective_on,
        number: number.to_owned(),
        files: vec![DELIVERY_NOTE, WEIGHBRIDGE_TICKET],
        dispute: None,
    };
    change(&mut note);
    let builder = builder.attachment(DELIVERY_NOTE).attachment(WEIGHBRIDGE_TICKET).output(note_state(&note));
    builder.command(id(), ISSUE, &wire::TradeNoteIssue {})
}

/// The depositor holds 2,000.00 and is to pay 1,000.00 under a note.
fn issued() -> (World, StateRef, StateRef) {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 200_000);
    let builder = issuance(&mut world, "JYD-1", |_| {});
    let note = first(world.accept(builder, &BOTH));
    (world, held, note)
}

fn read(world: &World, state: StateRef) -> TradeNote {
    read_note(&world.state(state)).unwrap()
}

fn last(world: &World, transaction: TransactionId) -> StateRef {
    let of_transaction = world.ledger.unspent_states().filter(|(state, _)| state.transaction == transaction);
    *of_transaction.last().unwrap().0
}

fn submit(world: &mut World, transaction: crate::Transaction, signers: &[Who]) -> String {
    let transaction = world.rules().fill_claims(transaction.clone(), &world.ledger).unwrap_or(transaction);
    world.submit_bytes(&World::sign(transaction, signers).encode()).unwrap_err().code
}

/// A payment of so much, beside a transfer of the depositor's tokens.
fn pay(
    world: &mut World,
    note: StateRef,
    amount: u64,
    tokens: &[StateRef],
    outputs: &[(Who, u64)],
) -> TransactionBuilder {
    let before = read(world, note);
    let mut builder = match tokens {
        [] => world.build(Depositor).input(note),
        tokens => world.transfer(Depositor, tokens, outputs).input(note),
    };
    let after = Amount::from_minor(amount).ok().and_then(|amount| before.paid(amount).ok()).flatten();
    if let Some(after) = after {
        builder = builder.output(note_state(&after));
    }
    builder.command(id(), PAY, &wire::TradeNotePay { note: before.note.to_vec(), amount })
}

fn reason(text: &str) -> Opening {
    Opening::new([5; 32], DISPUTE_REASON, text.as_bytes()).unwrap()
}

fn dispute(world: &mut World, note: StateRef, by: Who, why: &str) -> TransactionBuilder {
    let before = read(world, note);
    let sealed = reason(why).sealed();
    let after = TradeNote { dispute: Some(Dispute { by: by.address(), reason: sealed }), ..before.clone() };
    let reason = Some(sealed.to_wire());
    let command = wire::TradeNoteRaise { note: before.note.to_vec(), by: by.address().to_vec(), reason };
    world.build(by).input(note).output(note_state(&after)).command(id(), DISPUTE, &command)
}

fn resolve(world: &mut World, note: StateRef) -> TransactionBuilder {
    let before = read(world, note);
    let after = TradeNote { dispute: None, ..before.clone() };
    let command = wire::TradeNoteResolve { note: before.note.to_vec() };
    world.build(Depositor).input(note).output(note_state(&after)).command(id(), RESOLVE, &command)
}

fn void(world: &mut World, note: StateRef) -> TransactionBuilder {
    let command = wire::TradeNoteVoid { note: read(world, note).note.to_vec() };
    world.build(Depositor).input(note).command(id(), VOID, &command)
}

#[test]
fn a_note_is_signed_by_payer_and_payee() {
    let mut world = World::new();
    let builder = issuance(&mut world, "JYD-1", |_| {});
    assert_eq!(world.refuse(builder, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = issuance(&mut world, "JYD-1", |_| {});
    assert_eq!(world.refuse(builder, &[Depositor, BankA]), "AUTHORITY_SIGNATURES_MISSING");
    let (world, _, note) = issued();
    assert_eq!(world.state(note).owner, Supplier.address());
    assert!(world.state(note).is_seen_by(&Depositor.address()));
}

#[test]
fn notes_that_are_not_sound_are_refused() {
    type Change = fn(&mut TradeNote);
    let changes: [(Change, &str); 8] = [
        (|note| note.note = TradeNoteId::default(), "TRADE_NOTE_ID_DIFFERS"),
        (|note| note.payer = Supplier.address(), "TRADE_NOTE_PAYER_IS_PAYEE"),
        (|note| (note.amount, note.outstanding) = (Amount::ZERO, Amount::ZERO), "TRADE_NOTE_AMOUNT_ZERO"),
        (|note| note.outstanding = minor(1), "TRADE_NOTE_OUTSTANDING_DIFFERS"),
        (|note| note.due_on = Date::from_days(note.due_on.days() - 1).unwrap(), "TRADE_NOTE_DUE_BEFORE_EFFECTIVE"),
        (|note| note.number = String::new(), "TRADE_NOTE_NUMBER_MISSING"),
        (|note| note.files[1] = EvidenceHash::from_bytes([9; 32]), "TRADE_NOTE_FILE_NOT_ATTACHED"),
        (
            |note| note.dispute = Some(Dispute { by: Depositor.address(), reason: reason("weight").sealed() }),
            "TRADE_NOTE_NEW_DISPUTED",
        ),
    ];
    for (change, code) in changes {
        let mut world = World::new();
        let builder = issuance(&mut world, "JYD-1", change);
        assert_eq!(world.refuse(builder, &BOTH), code);
    }
    let mut world = World::new();
    let unordered = issuance(&mut world, "JYD-1", |note| note.files.reverse());
    assert_eq!(world.refuse(unordered, &BOTH), "ENCODING_UNORDERED");
    let mut twice = issuance(&mut world, "JYD-1", |_| {}).build();
    twice.outputs.push(twice.outputs[0].clone());
    assert_eq!(submit(&mut world, twice, &BOTH), "TRADE_NOTE_ISSUE_STATES");
    let mut hidden = issuance(&mut world, "JYD-1", |_| {}).build();
    hidden.outputs[0].participants.clear();
    assert_eq!(submit(&mut world, hidden, &BOTH), "TRADE_NOTE_FRAME_DIFFERS");
    let mut locked = issuance(&mut world, "JYD-1", |_| {}).build();
    locked.outputs[0].locks =
        vec![crate::contract::title::offer_lock(&world.ledger.chain(), &Default::default(), BankB.address(), 1)];
    assert_eq!(submit(&mut world, locked, &BOTH), "DEBT_LOCKED");
    let without_files = issuance(&mut world, "JYD-1", |note| note.files.clear());
    world.accept(without_files, &BOTH);
}

#[test]
fn a_number_stands_on_one_live_note_of_its_payee() {
    let (mut world, tokens, note) = issued();
    let again = issuance(&mut world, "jyd 1", |_| {});
    assert_eq!(world.refuse(again, &BOTH), "CLAIM_HELD");
    let of_another = issuance(&mut world, "JYD-1", |note| note.payee = BankB.address());
    world.accept(of_another, &[Depositor, Supplier, BankB]);
    let builder = pay(&mut world, note, 100_000, &[tokens], &[(Supplier, 100_000), (Depositor, 100_000)]);
    world.accept(builder, &[Depositor]);
    let again = issuance(&mut world, "JYD-1", |_| {});
    world.accept(again, &BOTH);
}

#[test]
fn a_number_much_like_a_live_notes_is_warned_of() {
    let (mut world, tokens, note) = issued();
    let warned = || vec![crate::Warning::NearClaim { class: "trade note number", output: 0 }];
    let near = issuance(&mut world, "JYD/01", |_| {});
    let near = first(world.accept(near, &BOTH));
    assert_eq!(world.warnings, warned());
    let of_another = issuance(&mut world, "JYD/1", |note| note.payee = BankB.address());
    world.accept(of_another, &[Depositor, Supplier, BankB]);
    assert_eq!(world.warnings, []);
    let builder = pay(&mut world, note, 100_000, &[tokens], &[(Supplier, 100_000), (Depositor, 100_000)]);
    world.accept(builder, &[Depositor]);
    // The other note is live still; once neither is, nothing is near.
    let third = issuance(&mut world, "JYD.1", |_| {});
    let third = first(world.accept(third, &BOTH));
    assert_eq!(world.warnings, warned());
    for note in [near, third] {
        let command = wire::TradeNoteVoid { note: read(&world, note).note.to_vec() };
        let builder = world.build(Depositor).input(note).command(id(), VOID, &command);
        world.accept(builder, &BOTH);
    }
    let last = issuance(&mut world, "JYD_1", |_| {});
    world.accept(last, &BOTH);
    assert_eq!(world.warnings, []);
}

#[test]
fn the_payer_pays_in_parts_exactly_what_the_payee_receives() {
    let (mut world, tokens, note) = issued();
    for outputs in [[(Supplier, 30_001), (Depositor, 169_999)], [(BankB, 30_000), (Depositor, 170_000)]] {
        let builder = pay(&mut world, note, 30_000, &[tokens], &outputs);
        assert_eq!(world.refuse(builder, &[Depositor]), "PAYMENT_DIFFERS");
    }
    let builder = pay(&mut world, note, 30_000, &[], &[]);
    assert_eq!(world.refuse(builder, &[Depositor]), "PAYMENT_MISSING");
    let builder = pay(&mut world, note, 0, &[tokens], &[(Depositor, 200_000)]);
    assert_eq!(world.refuse(builder, &[Depositor]), "DEBT_NOTHING_PAID");
    let builder = pay(&mut world, note, 100_001, &[tokens], &[(Supplier, 100_001), (Depositor, 99_999)]);
    assert_eq!(world.refuse(builder, &[Depositor]), "DEBT_OVERPAID");
    let part = [(Supplier, 30_000), (Depositor, 170_000)];
    let builder = pay(&mut world, note, 30_000, &[tokens], &part);
    assert_eq!(world.refuse(builder, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let mut kept = pay(&mut world, note, 30_000, &[tokens], &part).build();
    let place = kept.outputs.len() - 1;
    kept.outputs[place] = note_state(&read(&world, note));
    assert_eq!(submit(&mut world, kept, &[Depositor]), "DEBT_CHANGED");
    let builder = pay(&mut world, note, 30_000, &[tokens], &part);
    let paid = world.accept(builder, &[Depositor]);
    let rest = last(&world, paid);
    assert_eq!(read(&world, rest).outstanding, minor(70_000));
    let change = StateRef { transaction: paid, index: 1 };
    let builder = pay(&mut world, rest, 70_000, &[change], &[(Supplier, 70_000), (Depositor, 100_000)]);
    world.accept(builder, &[Depositor]);
    assert!(!world.ledger.unspent_states().any(|(_, unspent)| unspent.state.is(NAME, NOTE)));
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_disputed_note_is_not_paid_until_both_resolve_it() {
    for by in BOTH {
        let (mut world, tokens, note) = issued();
        let builder = dispute(&mut world, note, by, "12 t short of the weighbridge ticket");
        let disputed = first(world.accept(builder, &[by]));
        let all = [(Supplier, 100_000), (Depositor, 100_000)];
        let mut payment = pay(&mut world, disputed, 100_000, &[tokens], &all);
        assert_eq!(world.refuse(payment, &[Depositor]), "TRADE_NOTE_DISPUTED");
        let again = dispute(&mut world, disputed, Depositor, "moisture");
        assert_eq!(world.refuse(again, &[Depositor]), "TRADE_NOTE_DISPUTED");
        let builder = resolve(&mut world, disputed);
        assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
        let builder = resolve(&mut world, disputed);
        let resolved = first(world.accept(builder, &BOTH));
        payment = pay(&mut world, resolved, 100_000, &[tokens], &all);
        world.accept(payment, &[Depositor]);
    }
}

#[test]
fn disputes_are_a_partys_own_and_have_a_reason() {
    let (mut world, _, note) = issued();
    let builder = dispute(&mut world, note, BankB, "none of mine");
    assert_eq!(world.refuse(builder, &[BankB]), "TRADE_NOTE_DISPUTE_OF_STRANGER");
    let mut without = dispute(&mut world, note, Depositor, "late").build();
    let (note_id, by) = (read(&world, note).note.to_vec(), Depositor.address().to_vec());
    without.commands[0].arguments = wire::TradeNoteRaise { note: note_id, by, reason: None }.encode_to_vec();
    assert_eq!(submit(&mut world, without, &[Depositor]), "ENCODING_FIELD_MISSING");
    let mut other = dispute(&mut world, note, Depositor, "late").build();
    other.commands = dispute(&mut world, note, Depositor, "moisture").build().commands;
    assert_eq!(submit(&mut world, other, &[Depositor]), "DEBT_CHANGED");
    let builder = dispute(&mut world, note, Depositor, "forged");
    assert_eq!(world.refuse(builder, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = resolve(&mut world, note);
    assert_eq!(world.refuse(builder, &BOTH), "TRADE_NOTE_NOT_DISPUTED");
    let builder = dispute(&mut world, note, Depositor, "late");
    let disputed = first(world.accept(builder, &[Depositor]));
    let sealed = read(&world, disputed).dispute.unwrap().reason;
    assert_eq!(sealed.open(DISPUTE_REASON, &reason("late")), Ok(b"late".as_slice()));
}

#[test]
fn both_void_a_note_disputed_or_not() {
    let (mut world, _, note) = issued();
    let builder = void(&mut world, note);
    assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = void(&mut world, note).output(world.state(note));
    assert_eq!(world.refuse(builder, &BOTH), "DEBT_GOES_ON_OR_ENDS");
    let other = wire::TradeNoteVoid { note: vec![0; 32] };
    let builder = world.build(Depositor).input(note).command(id(), VOID, &other);
    assert_eq!(world.refuse(builder, &BOTH), "DEBT_NOT_NAMED");
    let builder = world.build(Depositor).input(note).command(id(), "tear", &other);
    assert_eq!(world.refuse(builder, &BOTH), "TRADE_NOTE_COMMAND_UNKNOWN");
    let builder = dispute(&mut world, note, Supplier, "never delivered");
    let disputed = first(world.accept(builder, &[Supplier]));
    let builder = void(&mut world, disputed);
    world.accept(builder, &BOTH);
    let again = issuance(&mut world, "JYD-1", |_| {});
    world.accept(again, &BOTH);
}

/// The payee holds an obligation of the payer too: each is to be paid by money of its own.
#[test]
fn one_payment_never_settles_two_debts() {
    let (mut world, tokens, note) = issued();
    let builder = world.build(Depositor);
    let frame = builder.clone().build();
    let owed = obligation::Obligation {
        obligation: crate::ObligationId::derive(&frame.chain, &frame.command_id),
        debtor: Depositor.address(),
        creditor: Supplier.address(),
        asset: world.asset(),
        amount: minor(100_000),
        outstanding: minor(100_000),
        due_on: frame.effective_on,
        issuer: Supplier.address(),
        number: "INV-1".to_owned(),
        document: DELIVERY_NOTE,
        debtor_nets: None,
        creditor_nets: None,
        round: None,
    };
    let contract = ContractId::built_in(obligation::NAME);
    let builder = builder.attachment(DELIVERY_NOTE).output(obligation::obligation_state(&owed));
    let created = builder.command(contract.clone(), obligation::CREATE, &wire::ObligationCreate {});
    let state = first(world.accept(created, &BOTH));
    let settle = wire::ObligationSettle { obligation: owed.obligation.to_vec(), amount: 100_000 };
    let once = [(Supplier, 100_000), (Depositor, 100_000)];
    let both = pay(&mut world, note, 100_000, &[tokens], &once).input(state);
    let both = both.command(contract.clone(), obligation::SETTLE, &settle);
    assert_eq!(world.refuse(both, &[Depositor]), "PAYMENT_DIFFERS");
    let both = pay(&mut world, note, 100_000, &[tokens], &[(Supplier, 200_000)]).input(state);
    world.accept(both.command(contract, obligation::SETTLE, &settle), &[Depositor]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Random payments, disputes and resolutions against a plain model: an open number and a flag.
    #[test]
    fn notes_follow_a_plain_model(steps in prop::collection::vec((0u8..4, 1u64..50_000), 1..10)) {
        let (mut world, tokens, mut note) = issued();
        let (mut coins, mut has, mut open, mut disputed) = (tokens, 200_000, 100_000, false);
        for (step, amount) in steps {
            let (builder, fits): (_, bool) = match step {
                0 => (dispute(&mut world, note, Supplier, "late"), !disputed),
                1 => (resolve(&mut world, note), disputed),
                _ => {
                    let outputs = [(Supplier, amount), (Depositor, has - amount)];
                    (pay(&mut world, note, amount, &[coins], &outputs), !disputed && amount <= open)
                }
            };
            let result = world.submit(builder, &BOTH);
            prop_assert_eq!(result.is_ok(), fits);
            let Ok(transaction) = result else { continue };
            match step {
                0 => disputed = true,
                1 => disputed = false,
                _ => {
                    (open, has) = (open - amount, has - amount);
                    coins = StateRef { transaction, index: 1 };
                }
            }
            if open == 0 {
                break;
            }
            note = last(&world, transaction);
            let now = read(&world, note);
            prop_assert_eq!((now.outstanding.minor(), now.dispute.is_some()), (open, disputed));
        }
        let held = world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.owner == Depositor.address());
        let held = held.filter_map(|(_, unspent)| token::read_holding(&unspent.state).ok());
        prop_assert_eq!(held.map(|holding| holding.amount.minor()).sum::<u64>(), has);
    }
}
