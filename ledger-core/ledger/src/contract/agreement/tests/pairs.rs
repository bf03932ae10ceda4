//! Every rule of a step has a step that breaks it alone.

use super::*;

#[test]
fn the_outputs_of_a_step_are_nobodys_choice() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let sound = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]).unwrap();
    let asset = scene.world.asset();
    let mut check = |change: &dyn Fn(&mut Transaction)| {
        let changed = sound.clone().changed(change);
        assert_eq!(scene.world.refuse(changed, &[Depositor]), "AGREEMENT_OUTPUTS_DIFFER");
    };
    check(&|step| step.outputs[1] = holding_state(asset, step.outputs[1].owner, minor(59)));
    check(&|step| step.outputs[1] = holding_state(asset, Supplier.address(), minor(60)));
    check(&|step| step.outputs.swap(1, 2));
    check(&|step| drop(step.outputs.remove(0)));
    check(&|step| {
        step.outputs[0].participants.pop();
    });
    check(&|step| {
        let mut agreement = read_agreement(&step.outputs[0]).unwrap();
        agreement.step += 1;
        step.outputs[0] = agreement_state(&agreement, step.outputs[0].participants.clone());
    });
    check(&|step| {
        let mut agreement = read_agreement(&step.outputs[0]).unwrap();
        agreement.salt = [6; 32];
        step.outputs[0] = agreement_state(&agreement, step.outputs[0].participants.clone());
    });
    scene.world.accept(sound, &[Depositor]);
}

#[test]
fn a_step_consumes_what_it_moves_and_nothing_else() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let definition =
        *scene.world.ledger.unspent_states().find(|(_, of)| of.state.is(token::NAME, token::DEFINITION)).unwrap().0;
    let theirs = scene.world.issue(definition, Supplier, 70);
    let pays_in = [deposit("buyer", cny(), 60)];
    let unasked = scene.builder(Depositor, &[money, theirs], &pays_in);
    assert_eq!(unasked.unwrap_err(), AgreementError::InputUnasked { owner: Supplier.address() });
    let depositor = Depositor.address();
    let short = scene.builder(Depositor, &[], &pays_in);
    assert_eq!(short.unwrap_err(), AgreementError::DepositShort { depositor, asked: 60, consumed: 0 });
    let title = scene.world.issue_title("WR-1");
    let beside = scene.builder(Depositor, &[money, title], &pays_in);
    assert_eq!(beside.unwrap_err(), AgreementError::InputUnasked { owner: depositor });
    // Without the agreement's own holding, money would come from nowhere.
    scene.step(Depositor, &[money], &pays_in);
    let unpaid = scene.builder(Depositor, &[], &[chooses(accepted(), 1)]).unwrap();
    assert_eq!(scene.world.refuse(unpaid, &[Depositor]), "TOKEN_NOT_CONSERVED");
}

#[test]
fn whoever_pays_in_or_chooses_signs() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let by_seller = scene.builder(Supplier, &[money], &[deposit("buyer", cny(), 60)]).unwrap();
    assert_eq!(scene.world.refuse(by_seller, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let own = scene.own();
    let by_seller = scene.builder(Supplier, &own, &[chooses(accepted(), 1)]).unwrap();
    assert_eq!(scene.world.refuse(by_seller, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
}

#[test]
fn a_step_does_what_the_contract_waits_for() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let agreement = scene.read().agreement;
    let other = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 61)]);
    assert_eq!(other.unwrap_err(), AgreementError::NoMatch { agreement });
    let nothing = scene.builder(Depositor, &[], &[]);
    assert_eq!(nothing.unwrap_err(), AgreementError::Useless);
    let now_ms = std::mem::replace(&mut scene.world.now_ms, START_MS - 2 * DAY_MS);
    let past = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let since = scene.read().state.min_time.to_string();
    assert_eq!(past.unwrap_err(), AgreementError::WindowPast { since });
    scene.world.now_ms = now_ms;
    let sound = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]).unwrap();
    let named = sound.clone().changed(|transaction| {
        let arguments = wire::AgreementStep { agreement: vec![0; 32], inputs: Vec::new() };
        transaction.commands[0].arguments = prost::Message::encode_to_vec(&arguments);
    });
    assert_eq!(scene.world.refuse(named, &[Depositor]), "AGREEMENT_NOT_NAMED");
    let many = sound.clone().changed(|transaction| {
        let inputs = vec!["\"input_notify\"".to_owned(); 17];
        let arguments = wire::AgreementStep { agreement: agreement.to_vec(), inputs };
        transaction.commands[0].arguments = prost::Message::encode_to_vec(&arguments);
    });
    assert_eq!(scene.world.refuse(many, &[Depositor]), "ENCODING_TOO_MANY");
    scene.world.accept(sound, &[Depositor]);
}

/// Nothing else happens beside a step: else what it moves could be redeemed, or counted for a debt.
#[test]
fn a_step_stands_beside_the_transfers_that_it_makes() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let debt = scene.world.owe(Depositor, Supplier, 60);
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let own = scene.own();
    let step = scene.builder(Depositor, &own, &[chooses(accepted(), 1)]).unwrap();
    let settled = debt.settled_beside(step);
    assert_eq!(scene.world.refuse(settled, &[Depositor]), "AGREEMENT_COMMAND_BESIDE");
}

/// What opening refuses already is refused by a step too, should it ever come to one.
#[test]
fn what_is_no_amount_is_not_paid_in() {
    let doubled = |value: Value| Value::MulValue(Box::new(value.clone()), Box::new(value));
    let scene = opened(|now_ms| escrow(now_ms, 60));
    let window = crate::TimeWindow { from_ms: scene.world.now_ms, until_ms: scene.world.now_ms + 1 };
    let asks = |value: &Value| {
        let contract = when(
            vec![(deposits("buyer", cny(), value.clone()), Language::Close)],
            START_MS + 9 * DAY_MS,
            Language::Close,
        );
        Agreement { contract: Arc::new(contract), ..scene.read() }
    };
    let input = |that_deposits: BigInt| Input::Deposit {
        into_account: role("buyer"),
        input_from_party: role("buyer"),
        of_token: cny(),
        that_deposits,
    };
    let large = doubled(constant(u64::MAX));
    let refused = asks(&large).outcome(&[input(BigInt::from(u64::MAX).pow(2))], window);
    assert!(matches!(refused.unwrap_err(), AgreementError::AmountTooLarge { .. }));
    let larger = (0..10).fold(large, |value, _| doubled(value));
    let refused = asks(&larger).outcome(&[input(BigInt::from(1))], window);
    assert!(matches!(refused.unwrap_err(), AgreementError::ValueTooLarge { .. }));
}

/// Tokens lent for a purpose are not hidden in an agreement.
#[test]
fn bound_tokens_are_not_paid_in() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let mut builder = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]).unwrap();
    builder = builder.changed(|transaction| {
        let held = crate::Holding {
            asset: read_holding(&transaction.outputs[2]).unwrap().asset,
            purpose: Some(crate::PurposeId::default()),
            amount: minor(40),
        };
        transaction.outputs[2] = token::held_state(Depositor.address(), held);
    });
    assert_eq!(scene.world.refuse(builder, &[Depositor]), "AGREEMENT_OUTPUTS_DIFFER");
}

/// A stranger who guesses learns nothing of what an agreement waits for.
#[test]
fn only_a_party_learns_why_a_step_is_refused() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    let sound = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]).unwrap();
    let guess = |submitter: Who| {
        let wrong = deposit("buyer", cny(), 61);
        sound.clone().changed(|transaction| {
            let arguments: wire::AgreementStep =
                prost::Message::decode(transaction.commands[0].arguments.as_slice()).unwrap();
            let arguments = wire::AgreementStep { inputs: vec![wrong.to_text()], ..arguments };
            transaction.commands[0].arguments = prost::Message::encode_to_vec(&arguments);
            transaction.submit_as(submitter.address());
        })
    };
    assert_eq!(scene.world.refuse(guess(BankB), &[BankB]), "AUTHORITY_SIGNATURES_MISSING");
    assert_eq!(scene.world.refuse(guess(Depositor), &[Depositor]), "AGREEMENT_NO_MATCH");
}

/// An order does not reach into an agreement: what it took would be missing there for good.
#[test]
fn an_order_takes_nothing_out_of_an_agreement() {
    use crate::contract::chain;
    use crate::{EvidenceHash, FreezeSubject};
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let subject = FreezeSubject::Asset(scene.world.asset());
    let reference = "order 1".to_owned();
    let freeze = wire::ChainFreeze { subjects: vec![subject.to_wire()], reference: reference.clone() };
    let freeze = scene.world.build(Administrator).command(ContractId::built_in(chain::NAME), chain::FREEZE, &freeze);
    scene.world.accept(freeze, &[Administrator]);
    let own = scene.own();
    let taken = scene.world.transfer(Administrator, &own, &[(Supplier, 60)]);
    let order = wire::ChainExecute { subject: Some(subject.to_wire()), reference };
    let taken = taken.command(ContractId::built_in(chain::NAME), chain::EXECUTE, &order);
    let taken = taken.attachment(EvidenceHash::from_bytes([9; 32]));
    assert_eq!(scene.world.refuse(taken, &[Administrator]), "FREEZE_OWNER_IS_NO_PARTY");
}
