//! Deadlines are carried out by whoever holds the chain, without a signature, and in one way alone.

use super::*;

#[test]
fn a_deadline_refunds_without_anybody() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    assert_eq!(scene.unsigned(Cause::Deadline), None, "nothing is due yet");
    scene.world.now_ms = scene.read().deadline_ms().unwrap();
    scene.expire();
    assert_eq!((scene.balance(Depositor), scene.balance(Supplier)), (100, 0));
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn a_deadline_that_passed_long_ago_is_carried_out_too() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    scene.world.now_ms += 400 * DAY_MS;
    let first = scene.unsigned(Cause::Deadline).unwrap();
    assert!(first.time_window.from_ms > scene.read().deadline_ms().unwrap());
    scene.expire();
    assert_eq!(scene.balance(Depositor), 100);
}

/// Two deadlines pass while nobody looks: the step takes both, in the window of the second.
#[test]
fn deadlines_that_follow_each_other_are_taken_at_once() {
    let later = |now_ms| {
        let last =
            when(vec![(deposits("seller", cny(), constant(5)), Language::Close)], now_ms + 3 * DAY_MS, Language::Close);
        let paid = pay("buyer", "seller", cny(), constant(10), last);
        when(vec![(deposits("buyer", cny(), constant(1)), Language::Close)], now_ms + 2 * DAY_MS, paid)
    };
    let both =
        |now_ms| when(vec![(deposits("buyer", cny(), constant(60)), later(now_ms))], now_ms + DAY_MS, Language::Close);
    for (days, left, seller) in [(2, 50, 10), (3, 90, 10)] {
        let mut scene = opened(both);
        let (money, start_ms) = (scene.money, scene.read().deadline_ms().unwrap() - DAY_MS);
        scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
        scene.world.now_ms = start_ms + days * DAY_MS;
        let step = scene.unsigned(Cause::Deadline).unwrap();
        assert_eq!(step.time_window.from_ms, scene.world.now_ms);
        scene.expire();
        let vault = if days == 2 { scene.vault() } else { 0 };
        assert_eq!((scene.balance(Supplier), vault), (seller, if days == 2 { left } else { 0 }));
        assert_eq!(scene.balance(Depositor), if days == 2 { 40 } else { left });
    }
}

#[test]
fn nothing_of_an_unsigned_step_is_a_choice() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    scene.world.now_ms = scene.read().deadline_ms().unwrap() + 5;
    let sound = scene.unsigned(Cause::Deadline).unwrap();
    let mut check = |change: &dyn Fn(&mut Transaction), code: &str| {
        let mut changed = sound.clone();
        change(&mut changed);
        let refusal = scene.submit_unsigned(changed).unwrap_err();
        assert_eq!(refusal.code, code, "{refusal}");
    };
    check(&|step| step.time_window.until_ms -= 1, "AGREEMENT_UNSIGNED_DIFFERS");
    check(&|step| step.time_window.from_ms += 1, "AGREEMENT_UNSIGNED_DIFFERS");
    check(&|step| step.salt = [1; 32], "AGREEMENT_UNSIGNED_DIFFERS");
    check(&|step| step.metadata.push(("by".to_owned(), "me".to_owned())), "AGREEMENT_UNSIGNED_DIFFERS");
    check(&|step| step.outputs[0].owner = Supplier.address(), "AGREEMENT_UNSIGNED_DIFFERS");
    check(&|step| step.command_id = crate::CommandId::default(), "AGREEMENT_UNSIGNED_DIFFERS");
    scene.submit_unsigned(sound).unwrap();
}

#[test]
fn what_a_party_must_do_nobody_does_for_it() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let own = scene.own();
    let builder = scene.builder(Depositor, &own, &[chooses(accepted(), 1)]).unwrap();
    let by_nobody = builder.changed(|transaction| transaction.submit_as(Address::NOBODY)).build();
    assert_eq!(scene.submit_unsigned(by_nobody).unwrap_err().code, "UNSIGNED_SIGNER_NEEDED");
    let notified = when(
        vec![
            (Action::Notify { notify_if: ledger_agreement::Observation::TrueObs }, Language::Close),
            (deposits("buyer", cny(), constant(1)), pay("buyer", "seller", cny(), constant(1), Language::Close)),
        ],
        START_MS + 9 * DAY_MS,
        Language::Close,
    );
    let mut scene = opened(|_| notified.clone());
    let builder = scene.builder(Depositor, &[], &[Input::Notify]).unwrap();
    let by_nobody = builder.clone().changed(|transaction| transaction.submit_as(Address::NOBODY)).build();
    assert_eq!(scene.submit_unsigned(by_nobody).unwrap_err().code, "AGREEMENT_SOMEBODY_MUST_SIGN");
    scene.world.accept(builder, &[Depositor]);
}

/// A party may send the step itself, when a deadline has passed.
#[test]
fn a_party_carries_a_deadline_out_in_a_window_of_its_own() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let deadline_ms = scene.read().deadline_ms().unwrap();
    let own = scene.own();
    let early = scene.builder(Supplier, &own, &[]);
    assert_eq!(early.unwrap_err(), AgreementError::Useless);
    scene.world.now_ms = deadline_ms - 1;
    let within = scene.builder(Supplier, &own, &[]);
    assert_eq!(within.unwrap_err(), AgreementError::DeadlineWithinWindow { deadline: deadline_ms.to_string() });
    scene.world.now_ms = deadline_ms + 5;
    let later = scene.builder(Supplier, &own, &[]).unwrap();
    assert_eq!(scene.world.refuse(later, &[Supplier]), "AGREEMENT_DEADLINE_BEGIN");
    scene.world.now_ms = deadline_ms;
    let step = scene.builder(Supplier, &own, &[]).unwrap();
    scene.world.accept(step, &[Supplier]);
    assert_eq!(scene.balance(Depositor), 100);
}

/// A payment out of an empty account moves nothing: it must not ask for a transfer that nobody could make.
#[test]
fn an_empty_account_pays_nothing_and_holds_nothing_up() {
    let unpaid = pay("buyer", "seller", cny(), constant(5), Language::Close);
    let mut scene = opened(|now_ms| {
        when(vec![(deposits("buyer", cny(), constant(60)), Language::Close)], now_ms + DAY_MS, unpaid.clone())
    });
    scene.world.now_ms = scene.read().deadline_ms().unwrap();
    scene.expire();
    assert_eq!((scene.balance(Depositor), scene.balance(Supplier)), (100, 0));
}

/// Nobody else can use a deadline's command id up before it comes.
#[test]
fn the_command_id_of_a_step_is_not_another_partys_to_use() {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let at_ms = scene.read().deadline_ms().unwrap();
    let now_ms = std::mem::replace(&mut scene.world.now_ms, at_ms);
    let step = scene.unsigned(Cause::Deadline).unwrap();
    scene.world.now_ms = now_ms;
    let rest = scene.owned(Depositor.address())[0].reference;
    let payment = scene.world.transfer(Depositor, &[rest], &[(Supplier, 40)]);
    let squatting = payment.changed(|transaction| transaction.command_id = step.command_id);
    assert_eq!(scene.world.refuse(squatting, &[Depositor]), "COMMAND_OF_ANOTHER");
}
