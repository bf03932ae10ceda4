mod after;
mod exploration;
mod gathering;
mod model;
mod result;
mod size;

use std::collections::BTreeMap;

use super::book::{self, Held};
use super::*;
use crate::contract::obligation::{self, NettingConsent, Obligation, read_obligation};
use crate::fixture::*;
use crate::{Rejection, SignedTransaction, Transaction, TransactionBuilder, TransactionId};

const HOUR_MS: u64 = 3_600_000;
/// The members, as the examples name them.
const A: Who = Depositor;
const B: Who = Supplier;
const C: Who = BankA;
const D: Who = BankB;

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

fn minor(amount: u64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

fn number(place: usize) -> String {
    format!("INV-{}", 1_000 + place)
}

/// A chain with a round of the operator's, whose book is kept as every node keeps it.
struct Room {
    world: World,
    book: Book,
    round: RoundId,
}

impl Room {
    /// Everybody in the list owes, consents and has joined.
    fn of(owed: &[(Who, Who, u64)]) -> Self {
        let mut room = Self::open();
        for (place, (debtor, creditor, minor)) in owed.iter().enumerate() {
            room.owe(place, *debtor, *creditor, *minor);
        }
        let places: Vec<usize> = (0..owed.len()).collect();
        room.join(&places);
        room
    }

    /// Cut-off after a day, end after two.
    fn open() -> Self {
        let mut world = World::new();
        let builder = opening(&mut world, |_| {});
        let round = read_round(&builder.clone().build().outputs[0]).unwrap().round;
        world.accept(builder, &[Operator]);
        Self { world, book: Book::new(round), round }
    }

    /// An obligation with the consent of both, under the number of a place.
    fn owe(&mut self, place: usize, debtor: Who, creditor: Who, minor: u64) -> StateRef {
        self.owe_with(debtor, creditor, minor, |owed| owed.number = number(place))
    }

    fn owe_with(&mut self, debtor: Who, creditor: Who, minor: u64, change: impl FnOnce(&mut Obligation)) -> StateRef {
        let consent = self.consent();
        self.world.owe_with(debtor, creditor, minor, |owed| {
            (owed.debtor_nets, owed.creditor_nets) = (Some(consent), Some(consent));
            change(owed);
        })
    }

    /// To this round and none that ends later.
    fn consent(&self) -> NettingConsent {
        NettingConsent { operator: Operator.address(), until_ms: self.at().1.void_after_ms }
    }

    /// Both sides of an obligation consent anew.
    fn consent_again(&mut self, place: usize, sides: [Who; 2]) {
        let consent = self.consent();
        for side in sides {
            let (held, before) = self.held(place);
            let (obligation, party) = (before.obligation.to_vec(), side.address().to_vec());
            let command = wire::ObligationConsent { obligation, party, nets: Some(consent.to_wire()) };
            let after = obligation::obligation_state(&before.consented(side.address(), Some(consent)).unwrap());
            let builder = self.world.build(side).input(held).output(after);
            let of_obligations = ContractId::built_in(obligation::NAME);
            self.world.accept(builder.command(of_obligations, obligation::CONSENT, &command), &[side]);
        }
    }

    fn at(&self) -> (StateRef, NettingRound) {
        let mut rounds = self.world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(NAME, ROUND));
        let of_room = rounds.find_map(|(state, unspent)| {
            Some((*state, read_round(&unspent.state).unwrap())).filter(|(_, round)| round.round == self.round)
        });
        of_room.unwrap()
    }

    /// The obligations that exist, by number.
    fn all(&self) -> BTreeMap<String, (StateRef, Obligation)> {
        let mut all = BTreeMap::new();
        for (state, unspent) in self.world.ledger.unspent_states() {
            if unspent.state.is(obligation::NAME, obligation::OBLIGATION) {
                let owed = read_obligation(&unspent.state).unwrap();
                all.insert(owed.number.clone(), (*state, owed));
            }
        }
        all
    }

    fn held(&self, place: usize) -> (StateRef, Obligation) {
        self.all()[&number(place)].clone()
    }

    /// What is owed under each number.
    fn owed(&self) -> BTreeMap<String, u64> {
        self.all().into_iter().map(|(number, (_, owed))| (number, owed.outstanding.minor())).collect()
    }

    /// Who gets (positive) or pays (negative) how much in all.
    fn positions(&self) -> BTreeMap<Address, i128> {
        let mut positions = BTreeMap::new();
        for (_, owed) in self.all().values() {
            *positions.entry(owed.debtor).or_default() -= i128::from(owed.outstanding.minor());
            *positions.entry(owed.creditor).or_default() += i128::from(owed.outstanding.minor());
        }
        positions.retain(|_, position| *position != 0);
        positions
    }

    fn join(&mut self, places: &[usize]) -> TransactionId {
        let builder = self.joining(places).unwrap();
        self.accept(builder, &[Operator])
    }

    fn joining(&mut self, places: &[usize]) -> Result<TransactionBuilder, NettingRoundError> {
        let held: Vec<_> = places.iter().map(|place| self.held(*place)).collect();
        let (state, round) = self.at();
        book::join(self.world.build(Operator), (state, &round), &borrowed(&held))
    }

    fn withdrawing(&mut self, place: usize, party: Who) -> TransactionBuilder {
        let (held, (state, round)) = (self.held(place), self.at());
        let builder = self.world.build(party);
        self.book.withdraw(builder, (state, &round), (held.0, &held.1), party.address()).unwrap()
    }

    /// The cut-off passes, and the operator proposes the result of the round's algorithm.
    fn propose(&mut self) {
        self.book = self.book.clone().clear().unwrap();
        self.propose_as_it_is();
    }

    /// As [`Room::propose`], the result that the book has.
    fn propose_as_it_is(&mut self) {
        let (state, round) = self.at();
        self.world.now_ms = round.cut_off_ms;
        let builder = self.book.propose(self.world.build(Operator), (state, &round)).unwrap();
        self.accept(builder, &[Operator]);
    }

    /// Every check, so that the round is committed.
    fn check(&mut self) {
        while let Phase::Checking(_) = self.at().1.phase {
            let (state, round) = self.at();
            let step = self.book.check(self.world.ledger.chain(), (state, &round)).unwrap();
            self.unsigned(step).unwrap();
        }
    }

    fn applying(&self, places: &[usize]) -> Transaction {
        let held: Vec<_> = places.iter().map(|place| self.held(*place)).collect();
        let (state, round) = self.at();
        self.book.apply(self.world.ledger.chain(), (state, &round), &borrowed(&held), self.world.now_ms).unwrap()
    }

    fn releasing(&self, places: &[usize]) -> Transaction {
        let held: Vec<_> = places.iter().map(|place| self.held(*place)).collect();
        let (state, round) = self.at();
        book::release(self.world.ledger.chain(), (state, &round), &borrowed(&held), self.world.now_ms).unwrap()
    }

    fn void(&mut self) {
        let (state, round) = self.at();
        let builder = book::void(self.world.build(Operator), (state, &round)).unwrap();
        self.accept(builder, &[Operator]);
    }

    #[track_caller]
    fn accept(&mut self, builder: TransactionBuilder, signers: &[Who]) -> TransactionId {
        self.accept_built(builder.build(), signers)
    }

    /// The book as it is once the transaction is accepted.
    fn book_after(&self, transaction: &Transaction) -> Book {
        let mut book = self.book.clone();
        book.take(transaction).unwrap();
        book
    }

    #[track_caller]
    fn accept_built(&mut self, transaction: Transaction, signers: &[Who]) -> TransactionId {
        let transaction = self.world.rules().fill_claims(transaction, &self.world.ledger).unwrap();
        self.book = self.book_after(&transaction);
        self.world.submit_bytes(&World::sign(transaction, signers).encode()).unwrap()
    }

    /// Submits what nobody signs.
    fn unsigned(&mut self, transaction: Transaction) -> Result<TransactionId, Rejection> {
        let filled = self.world.rules().fill_claims(transaction.clone(), &self.world.ledger).unwrap_or(transaction);
        self.world.submit_bytes(&SignedTransaction::new(filled, Vec::new()).encode())
    }

    /// The code with which the transaction is refused, signed; claims are filled in where it resolves.
    #[track_caller]
    fn refuse(&mut self, transaction: Transaction, signers: &[Who]) -> String {
        let filled = self.world.rules().fill_claims(transaction.clone(), &self.world.ledger).unwrap_or(transaction);
        self.world.submit_bytes(&World::sign(filled, signers).encode()).expect_err("must be refused").code
    }

    /// The same of what nobody signs.
    #[track_caller]
    fn refuse_unsigned(&mut self, transaction: Transaction) -> String {
        self.unsigned(transaction).expect_err("must be refused").code
    }
}

fn borrowed(held: &[(StateRef, Obligation)]) -> Vec<Held<'_>> {
    held.iter().map(|(state, owed)| (*state, owed)).collect()
}

/// A round of the operator's, changed as the test likes.
fn opening(world: &mut World, change: impl FnOnce(&mut NettingRound)) -> TransactionBuilder {
    let builder = world.build(Operator);
    let frame = builder.clone().build();
    let round = RoundId::derive(&frame.chain, &frame.command_id);
    let times = (world.now_ms + 24 * HOUR_MS, world.now_ms + 48 * HOUR_MS);
    let mut round = NettingRound::new((round, Operator.address(), world.asset()), times, [5; 32]);
    change(&mut round);
    builder.output(round_state(&round)).command(id(), OPEN, &wire::NettingRoundOpen {})
}

/// Replaces the arguments of the round's command.
fn with_arguments<M: prost::Message + Default>(transaction: &Transaction, change: impl FnOnce(&mut M)) -> Transaction {
    let mut transaction = transaction.clone();
    let command = transaction.commands.iter_mut().find(|command| command.contract.name() == NAME).unwrap();
    let mut message: M = command.message().unwrap();
    change(&mut message);
    command.arguments = message.encode_to_vec();
    transaction
}

/// The ring of the handbook's example A6, in cents.
const RING: [(Who, Who, u64); 6] = [
    (A, B, 120_000_000),
    (B, C, 90_000_000),
    (C, D, 110_000_000),
    (D, A, 70_000_000),
    (B, A, 20_000_000),
    (D, B, 30_000_000),
];

#[test]
fn a_ring_of_six_debts_is_cleared_as_far_as_cycles_go() {
    let mut room = Room::of(&RING);
    let before = room.positions();
    assert_eq!(room.at().1.gross, minor(440_000_000));
    room.propose();
    room.check();
    let Phase::Committed { cleared, .. } = room.at().1.phase else { panic!("not committed") };
    assert_eq!(cleared, minor(380_000_000));
    let step = room.applying(&[0, 1, 2, 3, 4, 5]);
    room.unsigned(step).unwrap();
    let residual = [(number(0), 30_000_000), (number(2), 20_000_000), (number(5), 10_000_000)];
    assert_eq!(room.owed(), residual.into());
    assert_eq!(room.positions(), before);
    let expected = [(A, -30_000_000), (B, 40_000_000), (C, -20_000_000), (D, 10_000_000)];
    assert_eq!(before, expected.map(|(who, position)| (who.address(), position)).into());
    let (_, left) = room.held(0);
    assert_eq!((left.round, left.debtor_nets, left.creditor_nets), (None, None, None));
    assert_eq!(left.amount, minor(120_000_000));
    assert_eq!(room.world.replayed().unwrap().state_root(), room.world.ledger.state_root());
}

#[test]
fn the_algorithm_promised_is_the_one_that_clears() {
    assert_eq!(ALGORITHM, ledger_finance::netting::ALGORITHM);
    assert_eq!(usize::try_from(ROWS_MAX), Ok(ledger_finance::netting::OBLIGATIONS_MAX));
}
