//! The steps: each builds what is right from the ledger as it is, and says to the model what follows.

use super::*;

impl Pledges {
    pub(super) fn issue(&mut self, step: &Step) {
        self.count += 1;
        let title = Title { quantity: minor(step.share * 50), ..self.world.title(&format!("WR-{}", self.count)) };
        let state = title_state(&title, Depositor.address());
        let commands = vec![command(title::NAME, title::ISSUE, &wire::TitleIssue {})];
        let draft = Draft { outputs: vec![state], commands, signers: vec![Operator, Depositor], ..Draft::default() };
        self.submit("issue", draft, step, false);
    }

    pub(super) fn pledge(&mut self, step: &Step) {
        let titles = self.titles(0..=3);
        if titles.is_empty() {
            return self.issue(step);
        }
        let (reference, state) = &titles[step.pick % titles.len()];
        let rank = state.locks.iter().map(|lock| lock.rank).max().unwrap_or(0) + 1;
        let bank = BANKS[step.other % 3];
        let mut transaction = self.world.pledge_ranked(*reference, Depositor, bank, rank).build();
        let mut pledge = read_pledge(&transaction.outputs[1]).unwrap();
        pledge.secured_maximum = minor(step.share * 1_000);
        transaction.outputs[1] = pledge_state(&pledge);
        let mut signers = vec![Depositor, bank, Operator];
        signers.extend(state.locks.iter().map(|lock| who(lock.locker)));
        let is_broken = step.breakage == Some(Breakage::Signature);
        if is_broken {
            signers.remove(2);
        }
        let result = self.world.submit_bytes(
            &World::sign(self.world.rules().fill_claims(transaction, &self.world.ledger).unwrap(), &signers).encode(),
        );
        assert_eq!(result.is_ok(), !is_broken, "{result:?}");
        self.counts.entry("pledge").or_default()[usize::from(is_broken)] += 1;
        if result.is_ok() {
            let quantity = pledge.quantity.minor();
            let titles = [(pledge.title, quantity)].into();
            let tracked = Tracked { titles, pledged: quantity, secured: step.share * 1_000, ..Tracked::default() };
            self.pledges.insert(pledge.pledge, tracked);
        }
    }

    pub(super) fn top_up(&mut self, step: &Step) {
        let (covers, free) = (self.covers(), self.titles(0..=0));
        if covers.is_empty() || free.is_empty() {
            return self.pledge(step);
        }
        let (reference, cover) = &covers[step.pick % covers.len()];
        let (title_ref, state) = &free[step.other % free.len()];
        let state = moved(state, state.owner, vec![pledge_lock(&cover.pledge)]).unwrap();
        let further = named(&state);
        let titles = cover.titles.iter().cloned().chain([further.clone()]).collect();
        let pledged = cover.pledged.checked_add(further.quantity).unwrap();
        let after = Cover { pledged, ..cover.over(titles).unwrap() };
        let id = cover.pledge.pledge;
        let draft = Draft {
            inputs: vec![*title_ref, *reference],
            outputs: vec![state, cover_state(&after)],
            commands: vec![command(NAME, TOP_UP, &wire::PledgeTopUp { pledge: id.to_vec() })],
            signers: vec![who(cover.pledge.pledgee), Depositor, Operator],
        };
        if self.submit("top up", draft, step, true) {
            let tracked = self.pledges.get_mut(&id).unwrap();
            tracked.titles.insert(further.title, further.quantity.minor());
            tracked.pledged += further.quantity.minor();
        }
    }

    /// A title of one pledge leaves, a free one of at least its quantity comes.
    pub(super) fn substitute(&mut self, step: &Step) {
        let (held, free) = (self.titles(1..=1), self.titles(0..=0));
        let quantity = |state: &State| named(state).quantity;
        let pairs = held.iter().flat_map(|held| free.iter().map(move |free| (held, free)));
        let pairs: Vec<_> = pairs.filter(|(held, free)| quantity(&free.1) >= quantity(&held.1)).collect();
        if pairs.is_empty() {
            return self.pledge(step);
        }
        let ((leaves_ref, leaves), (comes_ref, comes)) = pairs[step.pick % pairs.len()];
        let (reference, cover) = self.on(leaves).remove(0);
        let comes = moved(comes, comes.owner, vec![pledge_lock(&cover.pledge)]).unwrap();
        let (gone, further) = (named(leaves), named(&comes));
        let kept = cover.titles.iter().filter(|title| title.title != gone.title).cloned();
        let gained = further.quantity.checked_sub(gone.quantity).unwrap();
        let after = cover.over(kept.chain([further.clone()]).collect()).unwrap();
        let after = Cover { pledged: cover.pledged.checked_add(gained).unwrap(), ..after };
        let id = cover.pledge.pledge;
        let draft = Draft {
            inputs: vec![*leaves_ref, *comes_ref, reference],
            outputs: vec![moved(leaves, leaves.owner, Vec::new()).unwrap(), comes, cover_state(&after)],
            commands: vec![command(NAME, SUBSTITUTE, &wire::PledgeSubstitute { pledges: vec![id.to_vec()] })],
            signers: vec![who(cover.pledge.pledgee), Depositor, Operator],
        };
        if self.submit("substitute", draft, step, true) {
            let tracked = self.pledges.get_mut(&id).unwrap();
            tracked.titles.remove(&gone.title);
            tracked.titles.insert(further.title, further.quantity.minor());
            tracked.pledged += gained.minor();
        }
    }

    /// One title of a pledge is freed of its lock, under whatever other pledges.
    pub(super) fn release(&mut self, step: &Step) {
        let titles = self.titles(1..=8);
        if titles.is_empty() {
            return self.pledge(step);
        }
        let (title_ref, state) = &titles[step.pick % titles.len()];
        let on = self.on(state);
        let (reference, cover) = &on[step.other % on.len()];
        let gone = named(state);
        let own = pledge_lock(&cover.pledge);
        let others = state.locks.iter().filter(|lock| **lock != own).cloned().collect();
        let kept: Vec<_> = cover.titles.iter().filter(|title| title.title != gone.title).cloned().collect();
        let released = cover.released.checked_add(gone.quantity).unwrap();
        let after = Cover { released, ..cover.over(kept).unwrap() };
        let mut outputs = vec![moved(state, state.owner, others).unwrap()];
        outputs.extend((!after.is_empty()).then(|| cover_state(&after)));
        let id = cover.pledge.pledge;
        let message = wire::PledgeRelease { pledge: id.to_vec(), quantity: gone.quantity.minor() };
        let draft = Draft {
            inputs: vec![*title_ref, *reference],
            outputs,
            commands: vec![command(NAME, RELEASE, &message)],
            signers: vec![who(cover.pledge.pledgee), Depositor],
        };
        if self.submit("release", draft, step, true) {
            let tracked = self.pledges.get_mut(&id).unwrap();
            tracked.titles.remove(&gone.title);
            tracked.released += gone.quantity.minor();
            self.forget_ended();
        }
    }

    /// A title is split; one pledge keeps a part, the others both.
    pub(super) fn release_a_part(&mut self, step: &Step) {
        let titles: Vec<_> =
            self.titles(1..=8).into_iter().filter(|(_, state)| named(state).quantity > minor(1)).collect();
        if titles.is_empty() {
            return self.pledge(step);
        }
        let (title_ref, state) = &titles[step.pick % titles.len()];
        let on = self.on(state);
        let served = step.other % on.len();
        let whole = named(state);
        let freed = (whole.quantity.minor() * step.share / 100).max(1);
        let own = pledge_lock(&on[served].1.pledge);
        let others = state.locks.iter().filter(|lock| **lock != own).cloned().collect();
        self.count += 1;
        let part = |name: &str, quantity, locks: Vec<Lock>| {
            let title = Title { quantity: minor(quantity), ..self.world.title(&format!("WR-{}{name}", self.count)) };
            title_state(&title, Depositor.address()).with_locks(locks)
        };
        let parts = [part("A", freed, others), part("B", whole.quantity.minor() - freed, state.locks.clone())];
        let mut outputs = parts.to_vec();
        for (place, (_, cover)) in on.iter().enumerate() {
            let kept = cover.titles.iter().filter(|title| title.title != whole.title).cloned();
            let under = parts.iter().skip(usize::from(place == served)).map(named);
            let released = if place == served { minor(freed) } else { Amount::ZERO };
            let after = cover.over(kept.chain(under).collect()).unwrap();
            outputs.push(cover_state(&Cover { released: cover.released.checked_add(released).unwrap(), ..after }));
        }
        let id = on[served].1.pledge.pledge;
        let release = wire::PledgeRelease { pledge: id.to_vec(), quantity: freed };
        let mut signers = vec![who(on[served].1.pledge.pledgee), Depositor, Operator];
        // The states of the other pledges change; their pledgees sign as their owners.
        signers.extend(on.iter().map(|(_, cover)| who(cover.pledge.pledgee)));
        let mut inputs = vec![*title_ref];
        inputs.extend(on.iter().map(|(reference, _)| *reference));
        let split = wire::TitleSplit { title: whole.title.to_vec() };
        let commands = vec![command(NAME, RELEASE, &release), command(title::NAME, SPLIT, &split)];
        if step.breakage == Some(Breakage::Signature) {
            signers.truncate(3);
        }
        if self.submit("release a part", Draft { inputs, outputs, commands, signers }, step, true) {
            for (place, (_, cover)) in on.iter().enumerate() {
                let tracked = self.pledges.get_mut(&cover.pledge.pledge).unwrap();
                tracked.titles.remove(&whole.title);
                for part in parts.iter().skip(usize::from(place == served)).map(named) {
                    tracked.titles.insert(part.title, part.quantity.minor());
                }
                tracked.released += if place == served { freed } else { 0 };
            }
        }
    }

    /// Two pledges of one title and nothing else change places.
    pub(super) fn change_ranks(&mut self, step: &Step) {
        let has_two = |(_, state): &(StateRef, State)| {
            let on = self.on(state);
            on.len() == 2 && on.iter().all(|(_, cover)| cover.titles.len() == 1 && cover.money.is_empty())
        };
        let titles: Vec<_> = self.titles(2..=2).into_iter().filter(has_two).collect();
        if titles.is_empty() {
            return self.pledge(step);
        }
        let (title_ref, state) = &titles[step.pick % titles.len()];
        let on = self.on(state);
        let ranks = [on[1].1.pledge.rank, on[0].1.pledge.rank];
        let covers = on
            .iter()
            .zip(ranks)
            .map(|((_, cover), rank)| Cover { pledge: Pledge { rank, ..cover.pledge.clone() }, ..cover.clone() });
        let covers: Vec<_> = covers.collect();
        let locks = covers.iter().map(|cover| pledge_lock(&cover.pledge)).collect();
        let mut outputs = vec![moved(state, state.owner, locks).unwrap()];
        outputs.extend(covers.iter().map(cover_state));
        let draft = Draft {
            inputs: vec![*title_ref, on[0].0, on[1].0],
            outputs,
            commands: vec![command(NAME, RANK, &wire::PledgeRank {})],
            signers: vec![Depositor, who(covers[0].pledge.pledgee), who(covers[1].pledge.pledgee)],
        };
        self.submit("rank", draft, step, true);
    }

    /// The supplier buys a title of the best rank's; later ranks stand on the surplus.
    pub(super) fn enforce(&mut self, step: &Step) {
        let titles = self.titles(1..=8);
        if titles.is_empty() {
            return self.pledge(step);
        }
        let (title_ref, state) = &titles[step.pick % titles.len()];
        let on = self.on(state);
        let (first, later) = on.split_first().unwrap();
        let gone = named(state);
        let proceeds = 1 + step.other as u64 * 2_500;
        let satisfied = (proceeds * step.share / 100).min(first.1.pledge.secured_maximum.minor());
        let surplus = proceeds - satisfied;
        let secured: u64 = later.iter().map(|(_, cover)| cover.pledge.secured_maximum.minor()).sum();
        let locked = surplus.min(secured);
        let purse = self.world.issue(self.definition, Supplier, proceeds);
        *self.free.entry(Supplier.address()).or_default() += proceeds;
        let mut outputs = vec![moved(state, Supplier.address(), Vec::new()).unwrap()];
        for (place, (_, cover)) in on.iter().enumerate() {
            let kept = cover.titles.iter().filter(|title| title.title != gone.title).cloned().collect();
            let released = cover.released.checked_add(gone.quantity).unwrap();
            let mut after = Cover { released, ..cover.over(kept).unwrap() };
            if place == 0 {
                let left = after.pledge.secured_maximum.checked_sub(minor(satisfied)).unwrap();
                after.pledge.secured_maximum = left;
            } else {
                after = after.with_money(self.asset(), minor(locked)).unwrap();
            }
            outputs.extend((!after.is_empty()).then(|| cover_state(&after)));
        }
        let locks: Vec<_> = later.iter().map(|(_, cover)| pledge_lock(&cover.pledge)).collect();
        let of = |owner: Who, amount: u64| holding_state(self.asset(), owner.address(), minor(amount));
        let pledgee = who(first.1.pledge.pledgee);
        let money = [of(pledgee, satisfied), of(Depositor, surplus - locked), of(Depositor, locked).with_locks(locks)];
        outputs.extend(money.into_iter().filter(|state| !token::read_holding(state).unwrap().amount.is_zero()));
        let id = first.1.pledge.pledge;
        let enforce = wire::PledgeEnforce { pledge: id.to_vec(), quantity: gone.quantity.minor(), proceeds, satisfied };
        let take = wire::TitleTake { title: gone.title.to_vec(), to: Supplier.address().to_vec() };
        let mut inputs = vec![*title_ref, purse];
        inputs.extend(on.iter().map(|(reference, _)| *reference));
        let commands = vec![
            command(NAME, ENFORCE, &enforce),
            command(title::NAME, TAKE, &take),
            command(token::NAME, token::TRANSFER, &wire::TokenTransfer {}),
        ];
        let draft = Draft { inputs, outputs, commands, signers: vec![pledgee, Operator, Supplier] };
        if self.submit("enforce", draft, step, true) {
            *self.free.entry(Supplier.address()).or_default() -= proceeds;
            *self.free.entry(pledgee.address()).or_default() += satisfied;
            *self.free.entry(Depositor.address()).or_default() += surplus - locked;
            for (place, (_, cover)) in on.iter().enumerate() {
                let tracked = self.pledges.get_mut(&cover.pledge.pledge).unwrap();
                tracked.titles.remove(&gone.title);
                tracked.released += gone.quantity.minor();
                tracked.secured -= if place == 0 { satisfied } else { 0 };
                tracked.money += if place == 0 { 0 } else { locked };
            }
            self.forget_ended();
        }
    }

    /// The best rank on some money takes a part of it.
    pub(super) fn collect(&mut self, step: &Step) {
        let monies = self.states(|state| state.is(token::NAME, token::HOLDING) && !state.locks.is_empty());
        if monies.is_empty() {
            return self.enforce(step);
        }
        let (money_ref, money) = &monies[step.pick % monies.len()];
        let on = self.on(money);
        let (first, later) = on.split_first().unwrap();
        let held = token::read_holding(money).unwrap().amount.minor();
        let amount = (held * step.share / 100).min(first.1.pledge.secured_maximum.minor());
        let secured: u64 = later.iter().map(|(_, cover)| cover.pledge.secured_maximum.minor()).sum();
        let locked = if later.is_empty() { 0 } else { (held - amount).min(secured) };
        let own = held - amount - locked;
        let mut inputs = vec![*money_ref, first.0];
        let pledgee = who(first.1.pledge.pledgee);
        let locks: Vec<_> = later.iter().map(|(_, cover)| pledge_lock(&cover.pledge)).collect();
        let of = |owner: Who, amount: u64| holding_state(self.asset(), owner.address(), minor(amount));
        let states = [of(pledgee, amount), of(Depositor, locked).with_locks(locks), of(Depositor, own)];
        let mut outputs: Vec<_> =
            states.into_iter().filter(|state| !token::read_holding(state).unwrap().amount.is_zero()).collect();
        let mut after = first.1.without_money(self.asset(), minor(held)).unwrap();
        after.pledge.secured_maximum = after.pledge.secured_maximum.checked_sub(minor(amount)).unwrap();
        outputs.extend((!after.is_empty()).then(|| cover_state(&after)));
        for (reference, cover) in later.iter().filter(|_| locked < held) {
            inputs.push(*reference);
            let after = cover.without_money(self.asset(), minor(held - locked)).unwrap();
            outputs.extend((!after.is_empty()).then(|| cover_state(&after)));
        }
        let id = first.1.pledge.pledge;
        let commands = vec![
            command(NAME, COLLECT, &wire::PledgeCollect { pledge: id.to_vec(), amount }),
            command(token::NAME, token::TRANSFER, &wire::TokenTransfer {}),
        ];
        let draft = Draft { inputs, outputs, commands, signers: vec![pledgee, Depositor] };
        if self.submit("collect", draft, step, true) {
            *self.free.entry(pledgee.address()).or_default() += amount;
            *self.free.entry(Depositor.address()).or_default() += own;
            let tracked = self.pledges.get_mut(&id).unwrap();
            tracked.money -= held;
            tracked.secured -= amount;
            for (_, cover) in later {
                self.pledges.get_mut(&cover.pledge.pledge).unwrap().money -= held - locked;
            }
            self.forget_ended();
        }
    }
}
