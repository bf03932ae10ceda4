//! Every worked example of the house's templates, on a chain: each way to its end, with the payments that it says.

use std::collections::BTreeMap;

use ledger_agreement::Payment;
use ledger_agreement::example::{Example, Step, Trace};
use ledger_agreement::template::{BUILT_IN, BuiltIn};

use super::*;
use crate::AssetId;
use crate::contract::agreement::names::Names;

/// Who takes the roles, in their order.
const CAST: [Who; 8] = [Depositor, Supplier, BankA, BankB, Attestor, Carrier, Trader, Relation];

/// One way of an example on a chain of its own.
struct Run {
    scene: Scene,
    cast: BTreeMap<String, Who>,
    tokens: BTreeMap<Token, What>,
    feed: Option<Feed>,
}

/// The tokens that somebody pays in, with who does first.
fn depositors(trace: &Trace) -> BTreeMap<Token, Vec<Party>> {
    let mut depositors: BTreeMap<Token, Vec<Party>> = BTreeMap::new();
    for step in &trace.steps {
        if let Some(Input::Deposit { input_from_party, of_token, .. }) = &step.input {
            depositors.entry(of_token.clone()).or_default().push(input_from_party.clone());
        }
    }
    depositors
}

fn name(party: &Party) -> &str {
    let (Party::Role(name) | Party::Address(name)) = party;
    name
}

/// A further asset, whose definition is its own.
fn define(world: &mut World, code: &str) -> (AssetId, StateRef) {
    let definition = crate::contract::token::TokenDefinition {
        asset: AssetId::derive(&world.ledger.chain(), &BankA.address(), code),
        code: code.to_owned(),
        supply_max: Amount::from_minor(i64::MAX.unsigned_abs()).unwrap(),
        ..world.definition()
    };
    let state = token::definition_state(&definition);
    let builder = world.build(BankA).output(state);
    let builder = builder.command(ContractId::built_in(token::NAME), token::DEFINE, &wire::TokenDefine {});
    let transaction = world.accept(builder, &[BankA, Attestor]);
    (definition.asset, StateRef { transaction, index: 0 })
}

fn issue(world: &mut World, (asset, definition): (AssetId, StateRef), to: Who, code: &str) {
    const EACH: u64 = 1_000_000_000_000;
    let reference = format!("deposit {code} {to:?}");
    let command = wire::TokenIssue { asset: asset.to_vec(), amount: EACH, reference };
    let builder = world.build(BankA).current(definition).output(holding_state(asset, to.address(), minor(EACH)));
    let builder = builder.command(ContractId::built_in(token::NAME), token::ISSUE, &command);
    world.accept(builder, &[BankA, Attestor]);
}

impl Run {
    fn begin(of_house: &BuiltIn, example: &Example, trace: &Trace) -> Self {
        let template = of_house.template().unwrap();
        let contract = template.instantiate(&example.parameters).unwrap();
        let names = Names::of(&contract);
        let mut world = World::empty();
        world.now_ms = u64::try_from(&example.opened_at).unwrap() - 60_000;
        let all = [Operator, Depositor, Supplier, BankA, BankB, Attestor, Carrier, Trader, Relation];
        let builder = world.register(&all);
        world.accept(builder, &[[Administrator].as_slice(), &all].concat());
        let state = publish(&mut world, &template);
        let holders = names.parties.iter().filter(|party| names.holders.contains(*party)).map(name);
        let choosers = names.parties.iter().filter(|party| !names.holders.contains(*party)).map(name);
        // Who neither holds nor pays may be a feed; the template says.
        let feeds: Vec<&str> = template
            .roles
            .iter()
            .filter(|role| role.kind == ledger_agreement::template::RoleKind::Feed)
            .map(|role| role.name.as_str())
            .collect();
        let depositors = depositors(trace);
        let is_title = |token: &Token| {
            let kind = ledger_agreement::template::TokenKind::Title;
            template.tokens.iter().any(|named| named.name == token.token_name && named.kind == kind)
        };
        // The fixture issues titles to the depositor, so whoever pays one in is that.
        let holds_title =
            |name: &str| depositors.iter().any(|(token, parties)| is_title(token) && parties.contains(&role(name)));
        let mut parties: Vec<&str> = holders.chain(choosers).filter(|name| !feeds.contains(name)).collect();
        parties.sort_by_key(|name| !holds_title(name));
        let cast: BTreeMap<String, Who> = parties.into_iter().map(str::to_owned).zip(CAST).collect();
        let mut roles: BTreeMap<_, _> =
            cast.iter().map(|(name, who)| (name.clone(), Actor::Party(who.address()))).collect();
        let mut feed = None;
        for name in feeds {
            let aluminium = Feed::aluminium(&world);
            let defined = Feed::define(&mut world, &aluminium);
            roles.insert(name.to_owned(), Actor::Feed(defined.id));
            feed = Some(defined);
        }
        let mut tokens = BTreeMap::new();
        for (at, token) in names.tokens.iter().enumerate() {
            tokens.insert(
                token.clone(),
                if is_title(token) {
                    let title = world.issue_title("WR-1");
                    What::Title(crate::contract::title::read_title(&world.state(title)).unwrap().title)
                } else {
                    let code = format!("T-{at}");
                    let defined = define(&mut world, &code);
                    for party in
                        depositors.get(token).into_iter().flatten().map(name).collect::<std::collections::BTreeSet<_>>()
                    {
                        issue(&mut world, defined, cast[party], &code);
                    }
                    What::Asset(defined.0)
                },
            );
        }
        world.now_ms = world.now_ms.max(u64::try_from(&example.opened_at).unwrap());
        let arguments = example.parameters.to_string();
        let made = Made { state, version: template_version(&template), arguments };
        let binding = Binding { roles, tokens: tokens.clone() };
        let signers: Vec<Who> = cast.values().copied().collect();
        let terms = Terms { contract: Arc::new(contract), binding, salt: [5; 32], template: Some(made) };
        let frame = short(&mut world, signers[0]);
        let builder = terms.open(frame).unwrap();
        let agreement = StateRef { transaction: world.accept(builder, &signers), index: 0 };
        Self { scene: Scene { world, money: agreement, agreement }, cast, tokens, feed }
    }

    fn balances(&self) -> BTreeMap<(String, Token), u64> {
        let mut balances = BTreeMap::new();
        for (name, who) in &self.cast {
            for (token, what) in &self.tokens {
                let held = self.scene.owned(who.address()).into_iter().map(|owned| match what {
                    What::Asset(asset) if owned.state.is(token::NAME, token::HOLDING) => {
                        let holding = read_holding(&owned.state).unwrap();
                        if holding.asset == *asset { holding.amount.minor() } else { 0 }
                    }
                    What::Title(title) if owned.state.is(title::NAME, title::TITLE) => {
                        u64::from(crate::contract::title::read_title(&owned.state).unwrap().title == *title)
                    }
                    _ => 0,
                });
                balances.insert((name.clone(), token.clone()), held.sum());
            }
        }
        balances
    }

    /// Takes a step of the example, and checks what it pays.
    fn take(&mut self, step: &Step) {
        let at_ms = u64::try_from(&step.at).unwrap();
        self.scene.world.now_ms = self.scene.world.now_ms.max(at_ms);
        let before = self.balances();
        let mut paid_in: BTreeMap<(String, Token), u64> = BTreeMap::new();
        match &step.input {
            None => drop(self.scene.expire()),
            Some(Input::Choice { for_choice_id, input_that_chooses_num })
                if !self.cast.contains_key(name(&for_choice_id.choice_owner)) =>
            {
                self.publish(u64::try_from(input_that_chooses_num).unwrap());
            }
            Some(input) => {
                if let Input::Deposit { input_from_party, of_token, that_deposits, .. } = input {
                    let amount = u64::try_from(that_deposits).unwrap();
                    paid_in.insert((name(input_from_party).to_owned(), of_token.clone()), amount);
                }
                self.step(input);
            }
        }
        let Some(payments) = &step.payments else { return };
        let mut expected = before;
        for (key, amount) in paid_in {
            *expected.get_mut(&key).unwrap() -= amount;
        }
        for Payment { to, token, amount, .. } in payments {
            let Payee::Party(payee) = to else { panic!("examples pay parties") };
            *expected.get_mut(&(name(payee).to_owned(), token.clone())).unwrap() += u64::try_from(amount).unwrap();
        }
        assert_eq!(self.balances(), expected, "at {at_ms}");
    }

    fn step(&mut self, input: &Input) {
        let by = self.cast[name(input.party().unwrap())];
        let mine = self.scene.owned(by.address());
        let own = self.scene.owned(self.scene.world.state(self.scene.agreement).owner);
        let is_of = |owned: &ResolvedState, what: &What| match what {
            What::Asset(asset) => {
                owned.state.is(token::NAME, token::HOLDING) && read_holding(&owned.state).unwrap().asset == *asset
            }
            What::Title(_) => owned.state.is(title::NAME, title::TITLE),
        };
        let paid = match input {
            Input::Deposit { of_token, .. } => {
                mine.iter().filter(|owned| is_of(owned, &self.tokens[of_token])).cloned().collect()
            }
            _ => Vec::new(),
        };
        let agreement = resolved(&self.scene.world, self.scene.agreement);
        // Which of the agreement's own move the step says: those that it refuses are left out.
        for leave in 0..1u32 << own.len() {
            let kept = own.iter().enumerate().filter(|(at, _)| leave & (1 << at) == 0).map(|(_, owned)| owned);
            let consumed: Vec<&ResolvedState> = paid.iter().chain(kept).collect();
            let frame = short(&mut self.scene.world, by);
            let Ok(builder) = step(frame, &agreement, &consumed, std::slice::from_ref(input)) else { continue };
            let transaction = self.scene.world.submit(builder, &[by, Operator]);
            if let Ok(transaction) = transaction {
                self.scene.agreement = StateRef { transaction, index: 0 };
                return;
            }
        }
        panic!("the example's step is not taken: {input:?}");
    }

    fn publish(&mut self, value: u64) {
        let world = &mut self.scene.world;
        let price = self.feed.as_mut().unwrap().publish(world, value);
        let cause = Cause::Price(resolved(&self.scene.world, price));
        let taken = self.scene.unsigned(cause).expect("the price is taken");
        let transaction = self.scene.submit_unsigned(taken).unwrap_or_else(|rejection| panic!("{rejection}"));
        self.scene.agreement = StateRef { transaction, index: 0 };
    }
}

/// The frame of a transaction that is sent and committed at once, so that no deadline lies within it.
fn short(world: &mut World, submitter: Who) -> TransactionFrame {
    let mut frame = frame(world, submitter);
    frame.time_window.until_ms = frame.time_window.from_ms + 1;
    frame
}

#[test]
fn every_example_of_the_house_runs_to_its_end() {
    for of_house in &BUILT_IN {
        let example = of_house.example().unwrap();
        assert!(example.traces.len() >= 2, "{}", of_house.name);
        for trace in &example.traces {
            let mut run = Run::begin(of_house, &example, trace);
            trace.steps.iter().for_each(|step| run.take(step));
            let ended = !run.scene.world.ledger.unspent_states().any(|(_, of)| of.state.is(NAME, AGREEMENT));
            assert!(ended, "{}: {}", of_house.name, trace.name);
            let replayed = run.scene.world.replayed().unwrap();
            assert_eq!(replayed.state_root(), run.scene.world.ledger.state_root());
        }
    }
}
