//! Random steps of a round, right and wrong, against a plain model of who is in it, how far it is and what is owed.

use proptest::prelude::*;

use super::*;

const MEMBERS: [Who; 3] = [A, B, C];
/// Debts of each to each other, and some back.
const OWED: [(usize, usize, u64); 6] = [(0, 1, 9), (1, 2, 7), (2, 0, 8), (1, 0, 3), (2, 1, 2), (0, 2, 4)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Gathering,
    /// Whether the result is square.
    Checking(bool),
    Committed,
    Voided,
}

/// One step: what, of which obligation, by which side, and whether a result is bent.
#[derive(Clone, Debug)]
struct Move {
    kind: u8,
    place: usize,
    by_debtor: bool,
    bent: bool,
}

struct Rounds {
    room: Room,
    stage: Stage,
    /// Of each obligation what is owed, whether it is in the round, and whether both sides consent.
    owed: Vec<(u64, bool, bool)>,
    counts: Counts,
}

impl Rounds {
    fn count(&mut self, name: &'static str, is_accepted: bool, is_right: bool) -> bool {
        assert_eq!(is_accepted, is_right, "{name} in {:?}", self.stage);
        self.counts.entry(name).or_default()[usize::from(!is_accepted)] += 1;
        is_accepted
    }

    /// Submits what was built; what cannot be built is refused as well.
    fn submit(&mut self, built: Result<TransactionBuilder, NettingRoundError>, signer: Who) -> bool {
        let Ok(builder) = built else { return false };
        let transaction = self.room.world.fill(builder);
        let book = self.room.book_after(&transaction);
        let is_accepted = self.room.world.submit_bytes(&World::sign(transaction, &[signer]).encode()).is_ok();
        if is_accepted {
            self.room.book = book;
        }
        is_accepted
    }

    fn submit_unsigned(&mut self, built: Result<Transaction, NettingRoundError>) -> bool {
        built.is_ok_and(|transaction| self.room.unsigned(transaction).is_ok())
    }

    /// True when a transaction of an hour from now ends by then.
    fn ends_by(&self, end_ms: u64) -> bool {
        self.room.world.now_ms + HOUR_MS <= end_ms
    }

    fn join(&mut self, place: usize) {
        if !self.room.all().contains_key(&number(place)) {
            return;
        }
        let (_, is_in, nets) = self.owed[place];
        let is_open = self.stage == Stage::Gathering && self.ends_by(self.room.at().1.cut_off_ms);
        let built = self.room.joining(&[place]);
        let is_accepted = self.submit(built, Operator);
        if self.count("join", is_accepted, is_open && !is_in && nets) {
            self.owed[place].1 = true;
        }
    }

    fn withdraw(&mut self, step: &Move) {
        let Some((held, leaving)) = self.room.all().get(&number(step.place)).cloned() else { return };
        let (debtor, creditor, _) = OWED[step.place];
        let party = MEMBERS[if step.by_debtor { debtor } else { creditor }];
        let (state, round) = self.room.at();
        let is_open = self.stage == Stage::Gathering && self.ends_by(round.cut_off_ms);
        let builder = self.room.world.build(party);
        let built = self.room.book.withdraw(builder, (state, &round), (held, &leaving), party.address());
        let is_accepted = self.submit(built, party);
        if self.count("withdraw", is_accepted, is_open && self.owed[step.place].1) {
            self.leaves(step.place);
        }
    }

    fn propose(&mut self, bent: bool) {
        let (state, round) = self.room.at();
        let book = if self.stage == Stage::Gathering {
            self.room.book.clone().clear().unwrap()
        } else {
            self.room.book.clone()
        };
        let mut cleared = book.cleared().to_vec();
        let mut bendable = cleared.iter_mut().filter(|cleared| cleared.minor() > 1);
        let is_bent = bendable.next().filter(|_| bent).map(|row| *row = minor(row.minor() - 1)).is_some();
        let book = book.with_result(cleared);
        let is_over = self.room.world.now_ms >= round.cut_off_ms && self.ends_by(round.void_after_ms);
        let clears = book.cleared().iter().any(|cleared| !cleared.is_zero());
        let built = book.propose(self.room.world.build(Operator), (state, &round));
        let is_accepted = self.submit(built, Operator);
        if self.count("propose", is_accepted, self.stage == Stage::Gathering && is_over && clears) {
            (self.room.book, self.stage) = (book, Stage::Checking(!is_bent));
        }
    }

    fn check(&mut self) {
        let (state, round) = self.room.at();
        let built = self.room.book.check(self.room.world.ledger.chain(), (state, &round));
        let is_accepted = self.submit_unsigned(built);
        let is_in_time = self.room.world.now_ms < round.void_after_ms;
        if self.count("check", is_accepted, self.stage == Stage::Checking(true) && is_in_time) {
            self.stage = Stage::Committed;
        }
    }

    fn void(&mut self, by_operator: bool) {
        let (state, round) = self.room.at();
        let is_over = self.room.world.now_ms >= round.void_after_ms;
        let is_accepted = if by_operator {
            let built = book::void(self.room.world.build(Operator), (state, &round));
            self.submit(built, Operator)
        } else {
            let (chain, now_ms) = (self.room.world.ledger.chain(), self.room.world.now_ms);
            self.submit_unsigned(book::void_unsigned(chain, (state, &round), now_ms))
        };
        let is_open = matches!(self.stage, Stage::Gathering | Stage::Checking(_));
        if self.count("void", is_accepted, is_open && (by_operator || is_over)) {
            self.stage = Stage::Voided;
        }
    }

    fn apply(&mut self, place: usize) {
        let Some((held, before)) = self.room.all().get(&number(place)).cloned() else { return };
        let (state, round) = self.room.at();
        let (chain, now_ms) = (self.room.world.ledger.chain(), self.room.world.now_ms);
        let built = self.room.book.apply(chain, (state, &round), &[(held, &before)], now_ms);
        let is_accepted = self.submit_unsigned(built);
        if self.count("apply", is_accepted, self.stage == Stage::Committed && self.owed[place].1) {
            let row = self.room.book.row_of(&before.obligation).unwrap();
            self.owed[place].0 -= self.room.book.cleared()[row as usize].minor();
            self.leaves(place);
        }
    }

    fn release(&mut self, place: usize) {
        let Some((held, before)) = self.room.all().get(&number(place)).cloned() else { return };
        let (state, round) = self.room.at();
        let (chain, now_ms) = (self.room.world.ledger.chain(), self.room.world.now_ms);
        let is_accepted = self.submit_unsigned(book::release(chain, (state, &round), &[(held, &before)], now_ms));
        if self.count("release", is_accepted, self.stage == Stage::Voided && self.owed[place].1) {
            self.leaves(place);
        }
    }

    /// Whatever leaves a round is consented to no more.
    fn leaves(&mut self, place: usize) {
        (self.owed[place].1, self.owed[place].2) = (false, false);
    }

    fn consent(&mut self, place: usize) {
        let (owed, is_in, nets) = self.owed[place];
        if owed > 0 && !is_in && !nets {
            let (debtor, creditor, _) = OWED[place];
            self.room.consent_again(place, [MEMBERS[debtor], MEMBERS[creditor]]);
            self.owed[place].2 = true;
        }
    }
}

impl Model for Rounds {
    type Step = Move;

    fn begin() -> Self {
        let mut room = Room::open();
        for (place, (debtor, creditor, minor)) in OWED.into_iter().enumerate() {
            room.owe(place, MEMBERS[debtor], MEMBERS[creditor], minor);
        }
        room.join(&[0, 1, 2]);
        let owed = (0..OWED.len()).map(|place| (OWED[place].2, place < 3, true)).collect();
        Self { room, stage: Stage::Gathering, owed, counts: Counts::new() }
    }

    fn steps() -> impl Strategy<Value = Vec<Move>> {
        let step = (0u8..24, 0..OWED.len(), any::<bool>(), prop::bool::weighted(0.2));
        let step = step.prop_map(|(kind, place, by_debtor, bent)| Move { kind, place, by_debtor, bent });
        prop::collection::vec(step, 12..30)
    }

    fn step(&mut self, step: &Move) {
        match step.kind {
            0..=2 => self.join(step.place),
            3 => self.withdraw(step),
            4..=7 => self.propose(step.bent),
            8..=12 => self.check(),
            13 => self.void(step.by_debtor),
            14..=16 => self.apply(step.place),
            17 => self.release(step.place),
            18..=19 => self.consent(step.place),
            _ => self.room.world.now_ms += 9 * HOUR_MS,
        }
    }

    /// The ledger says of every obligation and of the round what the model says.
    fn agrees(&self) {
        let (all, round) = (self.room.all(), self.room.at().1);
        for (place, (owed, is_in, consented)) in self.owed.iter().enumerate() {
            let nets = |held: &Obligation| held.debtor_nets.is_some() && held.creditor_nets.is_some();
            let held = all.get(&number(place)).map(|(_, held)| (held.outstanding.minor(), held.round, nets(held)));
            let expected = (*owed, is_in.then_some(self.room.round), *consented);
            assert_eq!(held, Some(expected).filter(|_| *owed > 0));
        }
        let stage = match round.phase {
            Phase::Gathering { .. } => Stage::Gathering,
            Phase::Checking(_) => Stage::Checking(self.stage == Stage::Checking(true)),
            Phase::Committed { .. } => Stage::Committed,
            Phase::Voided => Stage::Voided,
        };
        assert_eq!(stage, self.stage);
    }

    fn end(mut self) -> Counts {
        for place in 0..OWED.len() {
            self.apply(place);
            self.release(place);
        }
        self.agrees();
        if matches!(self.stage, Stage::Committed | Stage::Voided) {
            assert!(self.owed.iter().all(|(_, is_in, _)| !is_in));
        }
        self.counts
    }
}

#[test]
fn a_round_goes_as_the_model_says() {
    explore::<Rounds>(8);
}

#[test]
fn every_command_is_accepted_and_refused_often() {
    let counts = explore_the_same::<Rounds>(40);
    for name in ["join", "withdraw", "propose", "check", "void", "apply", "release"] {
        assert!(
            counts.get(name).is_some_and(|[accepted, refused]| *accepted >= 5 && *refused >= 5),
            "{name}: {counts:?}"
        );
    }
}
