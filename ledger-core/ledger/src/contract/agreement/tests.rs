pub(super) mod cost;
mod deadline;
mod delivery;
mod fact;
mod opening;
mod pairs;
mod random;
mod template;

use ledger_agreement::{
    Action, BigInt, Bound, Case, ChoiceId, Contract as Language, Input, Party, Payee, Token, Value,
};

use super::*;
use crate::contract::token::{holding_state, read_holding};
use crate::contract::{title, token};
use crate::fixture::*;
use crate::transaction::ResolvedState;
use crate::{Amount, Rejection, SignedTransaction, TransactionBuilder, TransactionFrame, TransactionId};

const DAY_MS: u64 = 86_400_000;

fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

fn role(name: &str) -> Party {
    Party::Role(name.to_owned())
}

fn cny() -> Token {
    Token { currency_symbol: String::new(), token_name: "CNY".to_owned() }
}

fn constant(integer: u64) -> Value {
    Value::Constant(BigInt::from(integer))
}

fn accepted() -> ChoiceId {
    ChoiceId { choice_name: "accepted".to_owned(), choice_owner: role("buyer") }
}

fn when(cases: Vec<(Action, Language)>, timeout: u64, otherwise: Language) -> Language {
    let case = |(action, then)| Case { action, then: Arc::new(then) };
    Language::When {
        cases: cases.into_iter().map(case).collect(),
        timeout: BigInt::from(timeout),
        timeout_continuation: Arc::new(otherwise),
    }
}

fn pay(from: &str, to: &str, token: Token, amount: Value, then: Language) -> Language {
    let (from_account, to) = (role(from), Payee::Party(role(to)));
    Language::Pay { from_account, to, token, pay: amount, then: Arc::new(then) }
}

fn deposits(who: &str, of_token: Token, deposits: Value) -> Action {
    Action::Deposit { into_account: role(who), party: role(who), of_token, deposits }
}

fn deposit(who: &str, of_token: Token, amount: u64) -> Input {
    let that_deposits = BigInt::from(amount);
    Input::Deposit { into_account: role(who), input_from_party: role(who), of_token, that_deposits }
}

fn chooses(for_choice_id: ChoiceId, number: u64) -> Input {
    Input::Choice { for_choice_id, input_that_chooses_num: BigInt::from(number) }
}

/// The buyer pays in within a day, and accepts within another day; then the seller is paid, else the buyer refunded.
fn escrow(now_ms: u64, amount: u64) -> Language {
    let choice = Action::Choice {
        for_choice: accepted(),
        choose_between: vec![Bound { from: BigInt::from(1), to: BigInt::from(1) }],
    };
    let paid = pay("buyer", "seller", cny(), constant(amount), Language::Close);
    let waits = when(vec![(choice, paid)], now_ms + 2 * DAY_MS, Language::Close);
    when(vec![(deposits("buyer", cny(), constant(amount)), waits)], now_ms + DAY_MS, Language::Close)
}

/// The depositor buys from the supplier.
fn binding(world: &World) -> Binding {
    let who = |name: &str, who: Who| (name.to_owned(), Actor::Party(who.address()));
    Binding {
        roles: [who("buyer", Depositor), who("seller", Supplier)].into(),
        tokens: [(cny(), What::Asset(world.asset()))].into(),
    }
}

/// A chain on which the depositor has 100 tokens, with a contract made of the time.
struct Scene {
    world: World,
    money: StateRef,
    agreement: StateRef,
}

fn opened(contract: impl Fn(u64) -> Language) -> Scene {
    let mut world = World::new();
    let definition = world.define();
    let money = world.issue(definition, Depositor, 100);
    let (contract, binding) = (Arc::new(contract(world.now_ms)), binding(&world));
    let builder = open(&mut world, contract, binding);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor, Supplier]), index: 0 };
    Scene { world, money, agreement }
}

/// A chain with an agreement into which 60 are paid.
pub(crate) fn paid_in() -> World {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    scene.world
}

/// The frame of a transaction that the party submits now.
fn frame(world: &mut World, submitter: Who) -> TransactionFrame {
    let Transaction { chain, salt, submitter, command_id, time_window, effective_on, anchor, .. } =
        world.build(submitter).build();
    TransactionFrame { chain, salt, submitter, command_id, time_window, effective_on, anchor }
}

use crate::Transaction;

fn open(world: &mut World, contract: Arc<Language>, binding: Binding) -> TransactionBuilder {
    let terms = Terms { contract, binding, salt: [5; 32], template: None };
    terms.open(frame(world, Depositor)).unwrap()
}

fn resolved(world: &World, reference: StateRef) -> ResolvedState {
    ResolvedState { reference, state: Arc::new(world.state(reference)), claims: Vec::new() }
}

impl Scene {
    fn read(&self) -> Agreement {
        read_agreement(&self.world.state(self.agreement)).unwrap()
    }

    /// Unspent tokens and titles of an address.
    fn owned(&self, owner: Address) -> Vec<ResolvedState> {
        let owned = self.world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.owner == owner);
        let owned = owned.filter(|(_, unspent)| {
            unspent.state.is(token::NAME, token::HOLDING) || unspent.state.is(title::NAME, title::TITLE)
        });
        owned.map(|(reference, _)| resolved(&self.world, *reference)).collect()
    }

    fn balance(&self, who: Who) -> u64 {
        self.tokens(who.address())
    }

    /// The agreement's own tokens.
    fn vault(&self) -> u64 {
        self.tokens(self.world.state(self.agreement).owner)
    }

    fn tokens(&self, owner: Address) -> u64 {
        let owned = self.owned(owner).into_iter().filter(|owned| owned.state.is(token::NAME, token::HOLDING));
        owned.map(|owned| read_holding(&owned.state).unwrap().amount.minor()).sum()
    }

    fn builder(
        &mut self,
        by: Who,
        consumed: &[StateRef],
        inputs: &[Input],
    ) -> Result<TransactionBuilder, AgreementError> {
        let agreement = resolved(&self.world, self.agreement);
        let consumed: Vec<_> = consumed.iter().map(|reference| resolved(&self.world, *reference)).collect();
        step(frame(&mut self.world, by), &agreement, &consumed.iter().collect::<Vec<_>>(), inputs)
    }

    /// A step that a party signs; the agreement goes on under its new state.
    #[track_caller]
    fn step(&mut self, by: Who, consumed: &[StateRef], inputs: &[Input]) -> TransactionId {
        let builder = self.builder(by, consumed, inputs).unwrap();
        let transaction = self.world.accept(builder, &[by]);
        self.agreement = StateRef { transaction, index: 0 };
        transaction
    }

    fn own(&self) -> Vec<StateRef> {
        self.owned(self.world.state(self.agreement).owner).into_iter().map(|owned| owned.reference).collect()
    }

    /// The step that nobody signs, if it is due.
    fn unsigned(&self, cause: Cause) -> Option<Transaction> {
        let own = self.owned(self.world.state(self.agreement).owner);
        let step = UnsignedStep { agreement: resolved(&self.world, self.agreement), own, cause };
        match step.transaction(&self.world.ledger.chain(), self.world.now_ms).unwrap() {
            Due::Now(built) => Some(self.world.rules().fill_claims(*built, &self.world.ledger).unwrap()),
            Due::At(_) | Due::Never => None,
        }
    }

    fn submit_unsigned(&mut self, transaction: Transaction) -> Result<TransactionId, Rejection> {
        self.world.submit_bytes(&SignedTransaction::new(transaction, Vec::new()).encode())
    }

    /// Takes the step that the deadline allows.
    #[track_caller]
    fn expire(&mut self) -> TransactionId {
        let transaction = self.unsigned(Cause::Deadline).expect("a deadline has passed");
        let id = self.submit_unsigned(transaction).unwrap_or_else(|rejection| panic!("{rejection}"));
        self.agreement = StateRef { transaction: id, index: 0 };
        id
    }
}

#[test]
fn an_escrow_pays_the_seller_when_the_buyer_accepts() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    assert_eq!((scene.vault(), scene.balance(Depositor), scene.balance(Supplier)), (60, 40, 0));
    assert_eq!(scene.read().step, 1);
    let own = scene.own();
    scene.step(Depositor, &own, &[chooses(accepted(), 1)]);
    assert_eq!((scene.balance(Depositor), scene.balance(Supplier)), (40, 60));
    let ended = scene.world.ledger.unspent_states().any(|(_, unspent)| unspent.state.is(NAME, AGREEMENT));
    assert!(!ended, "an agreement that has ended is gone");
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn what_is_paid_in_moves_by_steps_alone() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let vault = scene.own();
    let taken = scene.world.transfer(Depositor, &vault, &[(Depositor, 60)]);
    assert_eq!(scene.world.refuse(taken, &[Depositor, Supplier]), "PARTY_UNKNOWN");
    let own = scene.world.state(scene.agreement).owner;
    let rest = scene.owned(Depositor.address())[0].reference;
    let sent = scene.world.build(Depositor).input(rest).output(holding_state(scene.world.asset(), own, minor(40)));
    let sent = sent.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {});
    assert_eq!(scene.world.refuse(sent, &[Depositor]), "PERMISSION_MISSING");
}

#[test]
fn of_two_steps_from_one_state_one_is_taken() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let [first, second] = [(); 2].map(|()| scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]).unwrap());
    scene.world.accept(first, &[Depositor]);
    assert_eq!(scene.world.refuse(second, &[Depositor]), "STATE_NOT_UNSPENT");
}
