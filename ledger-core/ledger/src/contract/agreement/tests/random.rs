//! Random contracts on a chain, stepped at random: what is paid in comes out, whatever happens, and the last deadline ends it.

use ledger_agreement::{Observation, ValueId};
use proptest::prelude::*;

use super::*;

const PARTIES: [(&str, Who); 2] = [("buyer", Depositor), ("seller", Supplier)];

fn party() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["buyer", "seller"])
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (1u64..40).prop_map(constant),
        party().prop_map(|who| Value::AvailableMoney(role(who), cny())),
        Just(Value::ChoiceValue(accepted())),
        Just(Value::UseValue(ValueId("share".to_owned()))),
        (1u64..40, 1u64..4).prop_map(|(part, of)| {
            let available = Box::new(Value::AvailableMoney(role("buyer"), cny()));
            Value::DivValue(Box::new(Value::MulValue(available, Box::new(constant(part)))), Box::new(constant(of)))
        }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (party(), party(), value()).prop_map(|(into, from, deposits)| Action::Deposit {
            into_account: role(into),
            party: role(from),
            of_token: cny(),
            deposits,
        }),
        1 => Just(Action::Choice {
            for_choice: accepted(),
            choose_between: vec![Bound { from: BigInt::from(0), to: BigInt::from(30) }],
        }),
        1 => Just(Action::Notify { notify_if: Observation::TrueObs }),
    ]
}

/// Contracts whose deadlines follow each other, a day apart.
fn contract(depth: u32) -> BoxedStrategy<Language> {
    if depth == 0 {
        return Just(Language::Close).boxed();
    }
    let then = || contract(depth - 1);
    let waits = (prop::collection::vec((action(), then()), 1..3), then());
    prop_oneof![
        4 => waits.prop_map(move |(cases, otherwise)| {
            when(cases, START_MS + u64::from(20 - depth) * DAY_MS, otherwise)
        }),
        2 => (party(), party(), value(), then()).prop_map(|(from, to, amount, then)| pay(from, to, cny(), amount, then)),
        1 => (party(), party(), value(), then()).prop_map(|(from, to, pay, then)| Language::Pay {
            from_account: role(from),
            to: Payee::Account(role(to)),
            token: cny(),
            pay,
            then: Arc::new(then),
        }),
        1 => (value(), value(), then(), then()).prop_map(|(left, right, then, otherwise)| Language::If {
            observation: Observation::ValueGE(Box::new(left), Box::new(right)),
            then: Arc::new(then),
            otherwise: Arc::new(otherwise),
        }),
        1 => (value(), then()).prop_map(|(be, then)| Language::Let {
            value_id: ValueId("share".to_owned()),
            be,
            then: Arc::new(then),
        }),
    ]
    .boxed()
}

/// What the contract waits for, as inputs; `choice` is chosen where a choice is waited for.
fn inputs(agreement: &Agreement, choice: u64) -> Vec<Input> {
    let Language::When { cases, .. } = &*agreement.contract else { return Vec::new() };
    let environment = ledger_agreement::Environment {
        time_interval: ledger_agreement::TimeInterval {
            from: agreement.state.min_time.clone(),
            to: agreement.state.min_time.clone(),
        },
    };
    let input = |case: &Case| match &case.action {
        Action::Deposit { into_account, party, of_token, deposits } => Input::Deposit {
            into_account: into_account.clone(),
            input_from_party: party.clone(),
            of_token: of_token.clone(),
            that_deposits: ledger_agreement::eval_value(&environment, &agreement.state, deposits).unwrap(),
        },
        Action::Choice { for_choice, .. } => chooses(for_choice.clone(), choice),
        Action::Notify { .. } => Input::Notify,
    };
    cases.iter().map(input).collect()
}

/// Everybody's names, whatever a contract uses of them.
fn named(contract: &Language, world: &World) -> Binding {
    let names = super::super::names::Names::of(contract);
    let is_named = |(name, _): &(&str, Who)| names.parties.contains(&role(name));
    let roles = PARTIES.into_iter().filter(is_named);
    Binding {
        roles: roles.map(|(name, who)| (name.to_owned(), Actor::Party(who.address()))).collect(),
        tokens: names.tokens.into_iter().map(|token| (token, What::Asset(world.asset()))).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_paid_in_comes_out(
        cases in prop::collection::vec((action(), contract(4)), 1..3),
        otherwise in contract(4),
        steps in prop::collection::vec((0usize..4, 0u64..31), 0..6),
    ) {
        let contract = when(cases, START_MS + 15 * DAY_MS, otherwise);
        let mut world = World::new();
        let definition = world.define();
        for (_, who) in PARTIES {
            world.issue(definition, who, 1_000);
        }
        let names = named(&contract, &world);
        let terms = Terms { contract: Arc::new(contract), binding: names, salt: [5; 32], template: None };
        let opening = terms.open(frame(&mut world, Depositor)).unwrap();
        let transaction = world.submit(opening, &[Depositor, Supplier]);
        prop_assert!(transaction.is_ok(), "{transaction:?}");
        let transaction = transaction.unwrap();
        let agreement = StateRef { transaction, index: 0 };
        let mut scene = Scene { world, money: agreement, agreement };
        let is_open = |scene: &Scene| scene.world.ledger.unspent(&scene.agreement).is_some_and(|of| of.state.is(NAME, AGREEMENT));
        for (choice, number) in steps {
            if !is_open(&scene) {
                break;
            }
            let possible = inputs(&scene.read(), number);
            match possible.get(choice) {
                Some(input) => {
                    let mut consumed = scene.own();
                    let by = match input.party() {
                        Some(party) if *party == role("seller") => Supplier,
                        _ => Depositor,
                    };
                    if let Input::Deposit { that_deposits, .. } = input
                        && *that_deposits > BigInt::from(0)
                    {
                        consumed.extend(scene.owned(by.address()).into_iter().map(|owned| owned.reference));
                    }
                    // Whether the agreement's own holding moves, the step says; it is left out where it does not.
                    let built = match scene.builder(by, &consumed, std::slice::from_ref(input)) {
                        Err(AgreementError::InputUnasked { .. }) => scene.builder(by, &[], std::slice::from_ref(input)),
                        built => built,
                    };
                    let Ok(builder) = built else { continue };
                    let transaction = scene.world.submit(builder, &[Depositor, Supplier]);
                    prop_assert!(transaction.is_ok(), "{transaction:?}");
                    scene.agreement = StateRef { transaction: transaction.unwrap(), index: 0 };
                }
                None => {
                    let deadline_ms = scene.read().deadline_ms().unwrap();
                    scene.world.now_ms = scene.world.now_ms.max(deadline_ms);
                    scene.expire();
                }
            }
            // World::commit has checked every invariant: the accounts are what stands under the agreement's address.
        }
        if is_open(&scene) {
            scene.world.now_ms = u64::try_from(scene.read().contract.max_time()).unwrap().max(scene.world.now_ms);
            scene.expire();
        }
        prop_assert!(!is_open(&scene), "the last deadline ends it by one step");
        prop_assert_eq!(scene.balance(Depositor) + scene.balance(Supplier), 2_000);
        let replayed = scene.world.replayed().unwrap();
        prop_assert_eq!(replayed.state_root(), scene.world.ledger.state_root());
    }
}
