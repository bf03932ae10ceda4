//! What may be opened.

use super::*;
use ledger_agreement::{Observation, ValueId};

/// The refusal of a contract under the usual names, changed as said.
fn check(contract: impl Fn(u64) -> Language, change: impl Fn(&mut Binding), code: &str) {
    let mut world = World::new();
    world.define();
    let mut names = binding(&world);
    change(&mut names);
    let contract = Arc::new(contract(world.now_ms));
    let terms = Terms { contract, binding: names, salt: [5; 32], template: None };
    let refusal = match terms.open(frame(&mut world, Depositor)) {
        Ok(builder) => world.refuse(builder, &[Depositor, Supplier]),
        Err(error) => crate::error::Coded::code(&error).to_owned(),
    };
    assert_eq!(refusal, code);
}

#[test]
fn every_party_signs() {
    let mut world = World::new();
    world.define();
    for absent in [Depositor, Supplier] {
        let (contract, names) = (Arc::new(escrow(world.now_ms, 60)), binding(&world));
        let signer = if absent == Depositor { Supplier } else { Depositor };
        let terms = Terms { contract, binding: names, salt: [5; 32], template: None };
        let builder = terms.open(frame(&mut world, signer)).unwrap();
        assert_eq!(world.refuse(builder, &[signer]), "AUTHORITY_SIGNATURES_MISSING");
    }
}

#[test]
fn each_name_means_something_and_nothing_else_has_a_name() {
    let usual = |now_ms| escrow(now_ms, 60);
    check(
        usual,
        |names| {
            names.roles.remove("seller");
        },
        "AGREEMENT_ROLE_UNBOUND",
    );
    check(
        usual,
        |names| {
            names.tokens.remove(&cny());
        },
        "AGREEMENT_TOKEN_UNBOUND",
    );
    let other = Actor::Party(BankA.address());
    check(
        usual,
        |names| {
            names.roles.insert("agent".to_owned(), other);
        },
        "AUTHORITY_SIGNATURES_MISSING",
    );
    let mine = Actor::Party(Supplier.address());
    check(
        usual,
        |names| {
            names.roles.insert("agent".to_owned(), mine);
        },
        "AGREEMENT_ROLE_UNUSED",
    );
    let token = Token { token_name: "USD".to_owned(), ..cny() };
    let what = What::Asset(crate::AssetId::default());
    check(
        usual,
        |names| {
            names.tokens.insert(token.clone(), what);
        },
        "AGREEMENT_TOKEN_UNUSED",
    );
    let usd = Token { token_name: "USD".to_owned(), ..cny() };
    let both = |now_ms| {
        when(
            vec![(deposits("seller", Token { token_name: "USD".to_owned(), ..cny() }, constant(1)), Language::Close)],
            now_ms + DAY_MS,
            escrow(now_ms, 60),
        )
    };
    check(
        both,
        |names| {
            names.tokens.insert(usd.clone(), *names.tokens.values().next().unwrap());
        },
        "AGREEMENT_TOKEN_TWICE",
    );
    let named = |text: String| {
        let to = Payee::Party(Party::Address(text));
        let pay = Language::Pay {
            from_account: role("buyer"),
            to,
            token: cny(),
            pay: constant(1),
            then: Arc::new(Language::Close),
        };
        when(vec![(deposits("buyer", cny(), constant(1)), pay)], START_MS + 9 * DAY_MS, Language::Close)
    };
    let without_seller = |names: &mut Binding| {
        names.roles.remove("seller");
    };
    check(|_| named("addr_test1".to_owned()), without_seller, "AGREEMENT_ADDRESS_FORM");
    let mut world = World::new();
    world.define();
    let mut names = binding(&world);
    without_seller(&mut names);
    let builder = open(&mut world, Arc::new(named(Supplier.address().to_string())), names);
    let transaction = world.accept(builder, &[Depositor, Supplier]);
    let state = world.state(StateRef { transaction, index: 0 });
    assert!(state.is_seen_by(&Supplier.address()));
}

#[test]
fn it_waits_for_something_that_can_still_happen() {
    let usual = |_: &mut Binding| {};
    check(|_| pay("buyer", "seller", cny(), constant(1), Language::Close), usual, "AGREEMENT_NOT_WAITING");
    check(|now_ms| escrow(now_ms - DAY_MS, 60), usual, "AGREEMENT_DEADLINE_PAST");
    // The time window is an hour long.
    check(|now_ms| escrow(now_ms + 3_600_000 - 1 - DAY_MS, 60), usual, "AGREEMENT_DEADLINE_PAST");
    opened(|now_ms| escrow(now_ms + 3_600_000 - DAY_MS, 60));
    let latest_ms = 253_402_300_799_999;
    let late = |last_ms| {
        move |now_ms| {
            when(vec![(deposits("buyer", cny(), constant(1)), escrow(last_ms, 1))], now_ms + DAY_MS, Language::Close)
        }
    };
    check(late(latest_ms - 2 * DAY_MS + 1), usual, "AGREEMENT_DEADLINE_TOO_LATE");
    opened(late(latest_ms - 2 * DAY_MS));
    let reads = |value: Value| {
        move |now_ms| {
            let then = Language::Let {
                value_id: ValueId("t".to_owned()),
                be: value.clone(),
                then: Arc::new(escrow(now_ms, 60)),
            };
            when(vec![(Action::Notify { notify_if: Observation::TrueObs }, then)], now_ms + DAY_MS, Language::Close)
        }
    };
    check(reads(Value::TimeIntervalStart), usual, "AGREEMENT_READS_INTERVAL");
    check(reads(Value::TimeIntervalEnd), usual, "AGREEMENT_READS_INTERVAL");
}

#[test]
fn a_new_agreement_has_done_nothing() {
    let mut world = World::new();
    world.define();
    let signers = [Depositor, Supplier];
    let (contract, names) = (Arc::new(escrow(world.now_ms, 60)), binding(&world));
    let sound = open(&mut world, contract, names);
    let changed = |change: &dyn Fn(&mut Agreement)| {
        sound.clone().changed(|transaction| {
            let mut agreement = read_agreement(&transaction.outputs[0]).unwrap();
            let parties = transaction.outputs[0].participants.clone();
            change(&mut agreement);
            transaction.outputs[0] = agreement_state(&agreement, parties);
        })
    };
    let mut check = |builder: TransactionBuilder, code: &str| assert_eq!(world.refuse(builder, &signers), code);
    check(changed(&|agreement| agreement.step = 1), "AGREEMENT_NOT_NEW");
    check(changed(&|agreement| agreement.state.min_time += 1), "AGREEMENT_NOT_NEW");
    let rich = |agreement: &mut Agreement| {
        agreement.state.accounts.insert((role("buyer"), cny()), BigInt::from(1));
    };
    check(changed(&rich), "AGREEMENT_NOT_NEW");
    check(changed(&|agreement| agreement.agreement = AgreementId::default()), "AGREEMENT_ID_DIFFERS");
    let unseen = sound.clone().changed(|transaction| {
        transaction.outputs[0].participants.pop();
    });
    check(unseen, "AGREEMENT_FRAME_DIFFERS");
    let twice = sound.clone().changed(|transaction| transaction.outputs.push(transaction.outputs[0].clone()));
    check(twice, "AGREEMENT_OPEN_STATES");
    let unknown = sound.clone().changed(|transaction| transaction.commands[0].name = "close".to_owned());
    check(unknown, "AGREEMENT_COMMAND_UNKNOWN");
    world.accept(sound, &signers);
}

/// What could leave the ledger's bounds at a step is refused before it begins.
#[test]
fn no_step_of_an_agreement_leaves_the_ledgers_bounds() {
    let usual = |_: &mut Binding| {};
    let large = |value: Value| Value::MulValue(Box::new(value.clone()), Box::new(value));
    let any = Bound { from: BigInt::from(0), to: BigInt::from(u64::MAX) };
    let chosen = move |value: Value| {
        let any = any.clone();
        move |now_ms| {
            let choice = Action::Choice { for_choice: accepted(), choose_between: vec![any.clone()] };
            let then = when(
                vec![(deposits("buyer", cny(), value.clone()), escrow(now_ms + DAY_MS, 1))],
                now_ms + DAY_MS,
                Language::Close,
            );
            when(vec![(choice, then)], now_ms + DAY_MS, Language::Close)
        }
    };
    let choice = Value::ChoiceValue(accepted());
    check(chosen(choice.clone()), usual, "AGREEMENT_DEPOSIT_UNBOUNDED");
    check(chosen(large(large(large(choice)))), usual, "AGREEMENT_VALUE_UNBOUNDED");
    let remembers = |count: usize| {
        move |now_ms| {
            let long = |number: usize| ValueId(format!("{number:0>900}"));
            let lets = (0..count).fold(escrow(now_ms, 60), |then, number| Language::Let {
                value_id: long(number),
                be: constant(1),
                then: Arc::new(then),
            });
            when(vec![(deposits("buyer", cny(), constant(1)), lets)], now_ms + DAY_MS, Language::Close)
        }
    };
    let many = |parties: usize, tokens: usize| {
        let mut world = World::new();
        world.define();
        let named = |number: usize| Token { currency_symbol: format!("{number}"), token_name: String::new() };
        let accounts: Vec<_> = (0..parties).map(|number| format!("role {number}")).collect();
        let deposit = |(party, token): (&String, usize)| (deposits(party, named(token), constant(1)), Language::Close);
        let cases = (0..tokens.max(parties)).map(|at| deposit((&accounts[at % parties], at % tokens)));
        let contract = when(cases.collect(), world.now_ms + DAY_MS, Language::Close);
        let binding = Binding {
            roles: accounts.iter().map(|name| (name.clone(), Actor::Party(Depositor.address()))).collect(),
            tokens: (0..tokens)
                .map(|at| (named(at), What::Asset(crate::AssetId::from_bytes([at as u8; 32]))))
                .collect(),
        };
        let builder = open(&mut world, Arc::new(contract), binding);
        world.submit(builder, &[Depositor]).map(|_| ()).map_err(|rejection| rejection.code)
    };
    assert_eq!(many(13, 16), Ok(()));
    assert_eq!(many(14, 16), Err("AGREEMENT_TOO_MANY_OUTPUTS".to_owned()));
    opened(remembers(20));
    check(remembers(40), usual, "AGREEMENT_COULD_OUTGROW");
}

/// A contract has one text on the ledger, so that it has one hash.
#[test]
fn another_text_of_the_same_contract_is_refused() {
    let mut world = World::new();
    world.define();
    let (contract, names) = (Arc::new(escrow(world.now_ms, 60)), binding(&world));
    let sound = open(&mut world, contract, names);
    let mut check = |text: fn(&str) -> String, code: &str| {
        let changed = sound.clone().changed(|transaction| {
            let mut message: wire::Agreement = transaction.outputs[0].message().unwrap();
            message.contract = text(&message.contract);
            transaction.outputs[0].data = prost::Message::encode_to_vec(&message);
        });
        assert_eq!(world.refuse(changed, &[Depositor, Supplier]), code);
    };
    check(|text| format!("{text} "), "ENCODING_NOT_CANONICAL");
    check(|text| text.replace("\"close\"", "\"ciose\""), "ENCODING_MALFORMED");
    check(|_| "[".repeat(10_000), "ENCODING_MALFORMED");
    check(|text| "x".repeat(65_537 + text.len()), "ENCODING_TOO_LONG");
}
