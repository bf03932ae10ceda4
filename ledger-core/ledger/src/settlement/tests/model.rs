//! Random holds, settlements, releases and payments against a plain model of who has what, free and held.

use proptest::prelude::*;

use super::*;

const PARTIES: [Who; 3] = [Depositor, Supplier, BankA];
const SHARE: u64 = 500;

/// What a party has held for another, by the model.
#[derive(Clone)]
struct Held {
    from: usize,
    to: usize,
    settlement: Settlement,
    /// Left of what was held.
    amount: u64,
    ends_ms: u64,
}

/// One step; whether it is broken on purpose, and how.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    from: usize,
    to: usize,
    share: u64,
    pick: usize,
    returns: bool,
    breakage: Option<u8>,
}

struct Holds {
    world: World,
    free: [u64; 3],
    held: Vec<Held>,
    /// Steps accepted and refused.
    counts: [u32; 2],
    nonce: u8,
}

impl Holds {
    /// The party's states, free or under a lock.
    fn states(&self, party: usize, lock: Option<&crate::Lock>) -> Vec<StateRef> {
        let now_ms = self.world.now_ms;
        let is_wanted = |state: &State| {
            let live: Vec<_> = state.locks.iter().filter(|held| !held.has_ended(now_ms)).collect();
            let is_holding = state.is(token::NAME, token::HOLDING) && state.owner == PARTIES[party].address();
            is_holding && live == lock.into_iter().collect::<Vec<_>>()
        };
        let states = self.world.ledger.unspent_states().filter(|(_, unspent)| is_wanted(&unspent.state));
        states.map(|(reference, _)| *reference).collect()
    }

    fn submit(&mut self, builder: TransactionBuilder, signers: &[Who]) -> bool {
        let is_accepted = self.world.submit(builder, signers).is_ok();
        self.counts[usize::from(!is_accepted)] += 1;
        is_accepted
    }

    fn plain(&self, parts: &[(usize, u64)]) -> Vec<State> {
        let parts = parts.iter().filter(|(_, amount)| *amount > 0);
        parts.map(|(party, amount)| self.world.holding(PARTIES[*party], *amount)).collect()
    }

    /// What has ended is free.
    fn expire(&mut self) {
        let now_ms = self.world.now_ms;
        for held in self.held.iter().filter(|held| held.ends_ms <= now_ms) {
            self.free[held.from] += held.amount;
        }
        self.held.retain(|held| held.ends_ms > now_ms);
    }

    fn pay(&mut self, step: &Step) {
        let Step { from, to, share, breakage, .. } = *step;
        let have = self.free[from];
        let amount = (have * share / 100).max(1);
        let inputs = self.states(from, None);
        let stolen = u64::from(breakage == Some(0));
        let outputs = self.plain(&[(to, amount + stolen), (from, have.saturating_sub(amount))]);
        let signers = [if breakage == Some(1) { PARTIES[to] } else { PARTIES[from] }];
        let builder = moving(outputs, &mut self.world, signers[0], &inputs);
        let builder = builder.command(token(), token::TRANSFER, &wire::TokenTransfer {});
        let is_right = have >= amount && !matches!(breakage, Some(0 | 1));
        assert_eq!(self.submit(builder, &signers), is_right);
        if is_right {
            self.free[from] -= amount;
            self.free[to] += amount;
        }
    }

    fn hold(&mut self, step: &Step) {
        let Step { from, to, share, breakage, .. } = *step;
        let have = self.free[from];
        let amount = (have * share / 100).max(1);
        self.nonce += 1;
        let (giver, receiver) = (PARTIES[from].address(), PARTIES[to].address());
        let leg = Leg { from: giver, to: receiver, ..leg(&self.world, Supplier, amount) };
        let ends_ms = self.world.now_ms + 2 * DAY_MS;
        let settlement = Settlement { nonce: [self.nonce; 32], until_ms: Some(ends_ms), legs: vec![leg] };
        let inputs = self.states(from, None);
        let less = u64::from(breakage == Some(0));
        let mut outputs = self.plain(&[(from, have.saturating_sub(amount) + less)]);
        outputs.extend((amount > less).then(|| held(&self.world, &settlement, PARTIES[from], amount - less)));
        let signers = [if breakage == Some(1) { BankB } else { PARTIES[from] }];
        let builder = hold(moving(outputs, &mut self.world, signers[0], &inputs), &settlement);
        let is_right = have >= amount && !matches!(breakage, Some(0 | 1));
        assert_eq!(self.submit(builder, &signers), is_right);
        if is_right {
            self.free[from] -= amount;
            self.held.push(Held { from, to, settlement, amount, ends_ms });
        }
    }

    fn picked(&self, step: &Step) -> (usize, Held, Vec<StateRef>) {
        let place = step.pick % self.held.len();
        let held = self.held[place].clone();
        let giver = PARTIES[held.from].address();
        let lock = held.settlement.lock(&self.world.ledger.chain(), &giver, &self.world.asset());
        (place, held.clone(), self.states(held.from, lock.as_ref()))
    }

    fn settle(&mut self, step: &Step) {
        let (place, of, inputs) = self.picked(step);
        let part = (of.amount * step.share / 100).max(1);
        let rest = of.amount - part;
        let (stolen, payee) = (u64::from(step.breakage == Some(0)), if step.breakage == Some(2) { 3 } else { of.to });
        let mut outputs = match payee {
            3 => vec![self.world.holding(BankB, part)],
            payee => self.plain(&[(payee, part + stolen)]),
        };
        if rest > 0 && step.returns {
            outputs.extend(self.plain(&[(of.from, rest)]));
        } else if rest > 0 {
            outputs.push(held(&self.world, &of.settlement, PARTIES[of.from], rest));
        }
        let signer = if step.breakage == Some(1) { PARTIES[of.from] } else { BankB };
        let builder = moving(outputs, &mut self.world, signer, &inputs);
        let is_right = self.submit(settle(builder, &of.settlement, Some(part)), &[signer]);
        assert_eq!(is_right, step.breakage.is_none());
        if is_right {
            self.free[of.to] += part;
            self.free[of.from] += if step.returns { rest } else { 0 };
            self.held[place].amount = if step.returns { 0 } else { rest };
            self.held.retain(|held| held.amount > 0);
        }
    }

    fn release(&mut self, step: &Step) {
        let (place, of, inputs) = self.picked(step);
        let part = (of.amount * step.share / 100).max(1);
        let rest = of.amount - part;
        let owner = if step.breakage == Some(0) { of.to } else { of.from };
        let mut outputs = self.plain(&[(owner, part)]);
        if rest > 0 {
            outputs.push(held(&self.world, &of.settlement, PARTIES[of.from], rest));
        }
        let signer = if step.breakage == Some(1) { PARTIES[of.from] } else { BankB };
        let context = of.settlement.context(&self.world.ledger.chain());
        let builder = release(moving(outputs, &mut self.world, signer, &inputs), context);
        let is_right = !matches!(step.breakage, Some(0 | 1));
        assert_eq!(self.submit(builder, &[signer]), is_right);
        if is_right {
            self.free[of.from] += part;
            self.held[place].amount = rest;
            self.held.retain(|held| held.amount > 0);
        }
    }
}

impl Model for Holds {
    type Step = Step;

    fn begin() -> Self {
        let mut world = World::new();
        let definition = world.define();
        for who in PARTIES {
            world.issue(definition, who, SHARE);
        }
        Self { world, free: [SHARE; 3], held: Vec::new(), counts: [0; 2], nonce: 0 }
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let breakage = prop::option::weighted(0.2, 0u8..3);
        let step = (0u8..6, 0usize..3, 1usize..3, 1u64..=100, 0usize..8, any::<bool>(), breakage);
        let step = step.prop_map(|(kind, from, past, share, pick, returns, breakage)| {
            let to = (from + past) % PARTIES.len();
            Step { kind, from, to, share, pick, returns, breakage }
        });
        prop::collection::vec(step, 8..20)
    }

    fn step(&mut self, step: &Step) {
        self.expire();
        match step.kind {
            0 | 1 => self.hold(step),
            2 | 3 if !self.held.is_empty() => self.settle(step),
            4 if !self.held.is_empty() => self.release(step),
            5 if step.pick == 0 => self.world.now_ms += DAY_MS,
            _ => self.pay(step),
        }
    }

    /// The ledger says of every party what the model says.
    fn agrees(&self) {
        let now_ms = self.world.now_ms;
        for (party, who) in PARTIES.into_iter().enumerate() {
            let (mut free, mut held) = (0, 0);
            for (_, unspent) in self.world.ledger.unspent_states() {
                let state = &unspent.state;
                if state.is(token::NAME, token::HOLDING) && state.owner == who.address() {
                    let amount = read_holding(state).unwrap().amount.minor();
                    let is_held = state.locks.iter().any(|lock| !lock.has_ended(now_ms));
                    *(if is_held { &mut held } else { &mut free }) += amount;
                }
            }
            let live = self.held.iter().filter(|held| held.from == party && held.ends_ms > now_ms);
            let ended = self.held.iter().filter(|held| held.from == party && held.ends_ms <= now_ms);
            assert_eq!(free, self.free[party] + ended.map(|held| held.amount).sum::<u64>());
            assert_eq!(held, live.map(|held| held.amount).sum::<u64>());
        }
    }

    fn end(self) -> Counts {
        Counts::from([("step", self.counts)])
    }
}

#[test]
fn free_and_held_are_what_the_model_says() {
    explore::<Holds>(16);
}

#[test]
fn most_steps_are_right_so_that_much_is_really_tried() {
    let counts = explore_the_same::<Holds>(24);
    assert!(counts.get("step").is_some_and(|[accepted, refused]| *accepted >= 150 && *refused >= 20), "{counts:?}");
}
