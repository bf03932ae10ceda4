//! Random lives of a purpose against a plain model: spends, values passed on, refunds and returns from every holder. Most steps
//! are right and must be accepted, some are broken on purpose and must be refused.

use proptest::prelude::*;

use super::onward::{give_back, pass_on, refund_of_passed};
use super::*;

const LENT: u64 = 10_000;
const DEPTH: u32 = 2;
const PAYEES: [Who; 3] = [Supplier, Operator, Carrier];

/// One step; broken by another's signature or by an amount that is not there.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: u8,
    pick: usize,
    payee: usize,
    share: u64,
    breakage: Option<bool>,
}

/// One payment by the model: who holds how much of it, and out of which payment it came.
#[derive(Clone, Debug)]
struct Paid {
    spend: crate::SpendId,
    payee: usize,
    kept: u64,
    hop: u32,
    parent: Option<usize>,
}

struct Funds {
    scene: Scene,
    balance: u64,
    returned: u64,
    paid: Vec<Paid>,
    file: u8,
    counts: Counts,
}

impl Funds {
    fn reference(&self, paid: usize) -> StateRef {
        let spend = self.paid[paid].spend;
        self.scene.find(|state| state.is(NAME, SPENT) && read_spend(state).unwrap().spend == spend)
    }

    fn payment(&mut self, payee: usize, amount: u64) -> Payment {
        self.file += 1;
        let invoice: &'static str = format!("INV-{}", self.file).leak();
        pay(PAYEES[payee], amount, invoice, self.file)
    }

    /// Submits what is right, or broken: signed by another, or over an amount that is not there.
    fn submit(&mut self, name: &'static str, builder: TransactionBuilder, signer: Who, step: &Step) -> bool {
        let is_right = step.breakage.is_none();
        let signer = if step.breakage == Some(true) { Trader } else { signer };
        let mut transaction = builder.build();
        transaction.submit_as(signer.address());
        let transaction =
            self.scene.world.rules().fill_claims(transaction.clone(), &self.scene.world.ledger).unwrap_or(transaction);
        let result = self.scene.world.submit_bytes(&World::sign(transaction, &[signer]).encode());
        assert_eq!(result.is_ok(), is_right, "{name} {step:?}: {result:?}");
        self.counts.entry(name).or_default()[usize::from(!is_right)] += 1;
        is_right
    }

    /// A part of what is there, or more than that where the step is broken so.
    fn amount(of: u64, step: &Step) -> u64 {
        if step.breakage == Some(false) { of + 1 } else { (of * step.share / 100).max(1) }
    }

    /// Payments whose payees keep something, as the caller likes them.
    fn kept(&self, wanted: impl Fn(&Paid) -> bool) -> Vec<usize> {
        (0..self.paid.len()).filter(|place| self.paid[*place].kept > 0 && wanted(&self.paid[*place])).collect()
    }

    fn spend(&mut self, step: &Step) {
        if self.balance == 0 {
            return;
        }
        let amount = Self::amount(self.balance, step);
        let payment = self.payment(step.payee, amount);
        let builder = self.scene.spend(&payment);
        let command = builder.clone().build();
        let spend = crate::SpendId::derive(&command.chain, &command.command_id);
        if self.submit("spend", builder, BORROWER, step) {
            self.balance -= amount;
            self.paid.push(Paid { spend, payee: step.payee, kept: amount, hop: 0, parent: None });
        }
    }

    fn pass_on(&mut self, step: &Step) {
        let bound = self.kept(|paid| paid.hop < DEPTH && paid.payee != step.payee);
        let Some(place) = bound.get(step.pick % bound.len().max(1)).copied() else { return self.spend(step) };
        let amount = Self::amount(self.paid[place].kept, step);
        let (payment, reference) = (self.payment(step.payee, amount), self.reference(place));
        let builder = pass_on(&mut self.scene, reference, &payment);
        let command = builder.clone().build();
        let spend = crate::SpendId::derive(&command.chain, &command.command_id);
        let payer = PAYEES[self.paid[place].payee];
        if self.submit("pass on", builder, payer, step) {
            self.paid[place].kept -= amount;
            let hop = self.paid[place].hop + 1;
            self.paid.push(Paid { spend, payee: step.payee, kept: amount, hop, parent: Some(place) });
        }
    }

    fn refund(&mut self, step: &Step) {
        let kept = self.kept(|_| true);
        let Some(place) = kept.get(step.pick % kept.len().max(1)).copied() else { return self.spend(step) };
        let Paid { payee, kept, parent, .. } = self.paid[place].clone();
        let (amount, reference) = (Self::amount(kept, step), self.reference(place));
        let builder = match parent {
            None => self.scene.refund(reference, amount),
            Some(parent) => {
                let parent = self.reference(parent);
                refund_of_passed(&mut self.scene, reference, parent, amount)
            }
        };
        if self.submit("refund", builder, PAYEES[payee], step) {
            self.paid[place].kept -= amount;
            match parent {
                None => self.balance += amount,
                Some(parent) => self.paid[parent].kept += amount,
            }
        }
    }

    fn give_back(&mut self, step: &Step) {
        if self.balance == 0 {
            return;
        }
        let amount = Self::amount(self.balance, step);
        let builder = self.scene.give_back(BORROWER, amount);
        if self.submit("return", builder, BORROWER, step) {
            self.balance -= amount;
            self.returned += amount;
        }
    }

    fn give_back_by_payee(&mut self, step: &Step) {
        let bound = self.kept(|paid| paid.hop < DEPTH);
        let Some(place) = bound.get(step.pick % bound.len().max(1)).copied() else { return self.give_back(step) };
        let (amount, reference) = (Self::amount(self.paid[place].kept, step), self.reference(place));
        let payee = PAYEES[self.paid[place].payee];
        let builder = give_back(&mut self.scene, payee, reference, amount);
        if self.submit("return by payee", builder, payee, step) {
            self.paid[place].kept -= amount;
            self.returned += amount;
        }
    }
}

impl Model for Funds {
    type Step = Step;

    fn begin() -> Self {
        let mut scene = Scene::new(LENT);
        let builder = scene.open(LENT, |terms| {
            terms.onward_depth = DEPTH;
            terms.payee_role_cap = None;
            terms.payees.iter_mut().for_each(|payee| payee.cap = None);
        });
        scene.world.accept(builder, &[LENDER, BORROWER]);
        Self { scene, balance: LENT, returned: 0, paid: Vec::new(), file: 0, counts: Counts::new() }
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = (0u8..12, 0usize..32, 0usize..3, 1u64..=100, prop::option::weighted(0.2, any::<bool>()));
        let step = step.prop_map(|(kind, pick, payee, share, breakage)| Step { kind, pick, payee, share, breakage });
        prop::collection::vec(step, 8..20)
    }

    fn step(&mut self, step: &Step) {
        match step.kind {
            0..=3 => self.spend(step),
            4..=7 => self.pass_on(step),
            8 | 9 => self.refund(step),
            10 => self.give_back(step),
            _ => self.give_back_by_payee(step),
        }
    }

    /// What is held bound and free, by whom, and what the purpose counts, is the model's.
    fn agrees(&self) {
        let (purpose, id) = (self.scene.purpose(), Some(self.scene.purpose));
        assert_eq!(self.scene.balance(BORROWER, id), self.balance);
        assert_eq!(purpose.balance().unwrap().minor(), self.balance);
        assert_eq!((purpose.returned.minor(), self.scene.balance(LENDER, None)), (self.returned, self.returned));
        for (payee, who) in PAYEES.into_iter().enumerate() {
            let of = |is_bound: bool| {
                let mine = self.paid.iter().filter(|paid| paid.payee == payee && (paid.hop < DEPTH) == is_bound);
                mine.map(|paid| paid.kept).sum::<u64>()
            };
            assert_eq!((self.scene.balance(who, id), self.scene.balance(who, None)), (of(true), of(false)));
        }
        let spent: u64 = self.paid.iter().map(|paid| paid.kept).sum();
        assert_eq!(purpose.spent_in_all().unwrap().minor(), spent);
        assert_eq!(spent + self.returned + self.balance, LENT);
    }

    /// After the end every holder's bound rest goes back to the lender, who signs alone.
    fn end(mut self) -> Counts {
        self.scene.world.now_ms = START_MS + 180 * DAY_MS;
        for place in self.kept(|paid| paid.hop < DEPTH) {
            let (amount, reference) = (self.paid[place].kept, self.reference(place));
            let builder = give_back(&mut self.scene, LENDER, reference, amount);
            self.scene.world.accept(builder, &[LENDER]);
            self.paid[place].kept = 0;
            self.returned += amount;
        }
        if self.balance > 0 {
            let builder = self.scene.give_back(LENDER, self.balance);
            self.scene.world.accept(builder, &[LENDER]);
            self.returned += std::mem::take(&mut self.balance);
        }
        self.agrees();
        let bound = PAYEES.iter().chain(&[BORROWER]).map(|who| self.scene.balance(*who, Some(self.scene.purpose)));
        assert_eq!(bound.sum::<u64>(), 0);
        assert_eq!(self.scene.world.replayed().unwrap().state_root(), self.scene.world.ledger.state_root());
        self.counts
    }
}

#[test]
fn bound_free_spent_and_returned_are_what_the_model_says() {
    explore::<Funds>(16);
}

#[test]
fn every_kind_of_step_is_really_tried_whole_and_broken() {
    let totals = explore_the_same::<Funds>(32);
    for name in ["spend", "pass on", "refund"] {
        assert!(totals.get(name).is_some_and(|[accepted, refused]| *accepted >= 10 && *refused >= 2), "{totals:?}");
    }
    for name in ["return", "return by payee"] {
        assert!(totals.get(name).is_some_and(|[accepted, _]| *accepted >= 2), "{totals:?}");
    }
}
