//! How often a step is played while it is verified, and what that costs.

use std::cell::Cell;

use super::*;
use crate::verify::structural;

thread_local! {
    static PLAYED: Cell<u32> = const { Cell::new(0) };
}

/// A step is played by the language.
pub(in crate::contract::agreement) fn counted() {
    PLAYED.set(PLAYED.get() + 1);
}

/// Verifies a transaction alone; how often that plays a step.
fn verified(world: &World, bytes: &[u8]) -> u32 {
    let before = PLAYED.get();
    let resolved = structural(bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
    world.rules().semantic(resolved, &world.ledger).unwrap();
    PLAYED.get() - before
}

/// An escrow into which 60 are paid, and the acceptance as it is sent.
fn accepting() -> (Scene, Vec<u8>) {
    let mut scene = opened(|now_ms| escrow(now_ms, 60));
    let money = scene.money;
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    let own = scene.own();
    let acceptance = scene.builder(Depositor, &own, &[chooses(accepted(), 1)]).unwrap();
    let bytes = World::sign(scene.world.fill(acceptance), &[Depositor]).encode();
    (scene, bytes)
}

/// The same, a day and more after its last deadline, and the step that nobody signs.
fn expired() -> (Scene, Vec<u8>) {
    let (mut scene, _) = accepting();
    scene.world.now_ms += 3 * DAY_MS;
    let step = scene.unsigned(Cause::Deadline).unwrap();
    (scene, SignedTransaction::new(step, Vec::new()).encode())
}

#[test]
fn a_signed_step_is_played_once() {
    let (scene, bytes) = accepting();
    assert_eq!(verified(&scene.world, &bytes), 1);
}

/// Once for what it does, and for its window once where it must begin and once where it begins.
#[test]
fn a_step_of_a_deadline_is_played_once_and_for_its_window() {
    let (scene, bytes) = expired();
    assert_eq!(verified(&scene.world, &bytes), 1 + 2);
}

/// `cargo nextest run --release -p ledger-core --run-ignored only a_thousand_steps`: each test's own time is that of a thousand.
#[test]
#[ignore = "measures"]
fn a_thousand_steps_that_a_party_signs() {
    let (scene, bytes) = accepting();
    let played: u32 = (0..1_000).map(|_| verified(&scene.world, &bytes)).sum();
    assert_eq!(played, 1_000);
}

#[test]
#[ignore = "measures"]
fn a_thousand_steps_of_a_deadline() {
    let (scene, bytes) = expired();
    let played: u32 = (0..1_000).map(|_| verified(&scene.world, &bytes)).sum();
    assert_eq!(played, 3_000);
}
