use super::*;
use crate::verify::{contextual, structural};

/// The ring, committed.
fn committed() -> Room {
    let mut room = Room::of(&RING);
    room.propose();
    room.check();
    room
}

/// The book of a round as somebody has it who was given the blocks alone.
fn rebuilt(room: &Room) -> Book {
    let mut book = Book::new(room.round);
    for bytes in room.world.blocks.iter().flat_map(|block| &block.transactions) {
        book.take(&SignedTransaction::decode(bytes).unwrap().transaction).unwrap();
    }
    book
}

#[test]
fn whoever_has_the_blocks_goes_on_where_another_stopped() {
    let mut room = Room::of(&RING);
    room.propose();
    // The operator is gone. Its result is a clearing of the round's algorithm, which anybody computes again.
    room.book = rebuilt(&room).clear().unwrap();
    room.check();
    let first = room.applying(&[4, 1]);
    room.unsigned(first.clone()).unwrap();
    // Whoever did that is gone too. What was cleared, the check has shown.
    let known = room.book.clone();
    room.book = rebuilt(&room);
    assert_eq!(room.book, known);
    assert_eq!(room.refuse_unsigned(first), "STATE_NOT_UNSPENT");
    room.world.now_ms += 40 * 24 * HOUR_MS;
    let rest = room.applying(&[0, 2, 3, 5]);
    room.unsigned(rest).unwrap();
    assert_eq!(room.owed().values().copied().collect::<Vec<_>>(), [30_000_000, 20_000_000, 10_000_000]);
    assert!(room.all().values().all(|(_, owed)| owed.round.is_none()));
}

#[test]
fn each_obligation_takes_its_residual_once() {
    let mut room = committed();
    let step = room.applying(&[0, 1]);
    room.unsigned(step.clone()).unwrap();
    assert_eq!(room.refuse_unsigned(step), "STATE_NOT_UNSPENT");
    let (held, owed) = room.held(0);
    assert_eq!(owed.outstanding, minor(30_000_000));
    let (state, round) = room.at();
    let chain = room.world.ledger.chain();
    let again = room.book.apply(chain, (state, &round), &[(held, &owed)], room.world.now_ms).unwrap();
    assert_eq!(room.refuse_unsigned(again), "NETTING_ROUND_NOT_OF_ROUND");
}

#[test]
fn residuals_are_taken_beside_each_other_in_one_block() {
    let mut room = committed();
    let mut verified = Vec::new();
    for places in [[0, 1, 2], [3, 4, 5]] {
        let step = room.world.rules().fill_claims(room.applying(&places), &room.world.ledger).unwrap();
        let bytes = SignedTransaction::new(step, Vec::new()).encode();
        let resolved = structural(&bytes, &room.world.ledger.chain()).unwrap().resolve(&room.world.ledger).unwrap();
        verified.push(room.world.rules().semantic(resolved, &room.world.ledger).unwrap());
    }
    let (block, refused) = contextual(room.world.proposed(verified), &room.world.ledger);
    assert!(refused.is_empty());
    room.world.commit(&block);
    assert_eq!(room.owed().len(), 3);
}

#[test]
fn residuals_are_those_of_the_result() {
    let mut room = committed();
    let apply = room.applying(&[0, 2]);
    let arguments = |change: &dyn Fn(&mut wire::NettingRoundApply)| with_arguments(&apply, change);
    let forge = |change: &dyn Fn(&mut Transaction)| {
        let mut forged = apply.clone();
        change(&mut forged);
        forged
    };
    let whole = obligation::obligation_state(&room.held(0).1.freed());
    for (transaction, code) in [
        (arguments(&|apply| apply.rows[0].cleared -= 1), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (arguments(&|apply| apply.rows[0].row = 1), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (arguments(&|apply| apply.rows[1].row = u32::MAX), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (arguments(&|apply| apply.rows.swap(0, 1)), "ENCODING_UNORDERED"),
        (arguments(&|apply| apply.rows.truncate(1)), "NETTING_ROUND_ROW_COUNT"),
        (arguments(&|apply| apply.rows = vec![apply.rows[0]; 256]), "ENCODING_TOO_MANY"),
        (arguments(&|apply| drop(apply.hidden.pop())), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (arguments(&|apply| apply.round = vec![1; 32]), "NETTING_ROUND_OTHER"),
        (forge(&|apply| apply.inputs.swap(0, 1)), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (forge(&|apply| apply.outputs[0] = whole.clone()), "NETTING_ROUND_OBLIGATIONS_DIFFER"),
        (forge(&|apply| drop(apply.outputs.pop())), "NETTING_ROUND_OBLIGATIONS_DIFFER"),
        (forge(&|apply| apply.references.clear()), "NETTING_ROUND_NOT_REFERRED"),
    ] {
        let mut submitted = transaction;
        submitted.submit_as(B.address());
        assert_eq!(room.refuse(submitted, &[B]), code);
    }
    let current = forge(&|apply| apply.references[0].kind = crate::ReferenceKind::Current);
    assert_eq!(room.refuse_unsigned(current), "NETTING_ROUND_STEP_DIFFERS");
    let turned = forge(&|apply| apply.commands.swap(0, 1));
    assert_eq!(room.refuse_unsigned(turned), "NETTING_ROUND_STEP_DIFFERS");
    room.unsigned(apply).unwrap();
}

#[test]
fn residuals_are_of_the_obligations_own_round() {
    let mut room = committed();
    let (first, committed) = room.at();
    let book = room.book.clone();
    let builder = opening(&mut room.world, |_| {});
    room.round = read_round(&builder.clone().build().outputs[0]).unwrap().round;
    room.world.accept(builder, &[Operator]);
    room.book = Book::new(room.round);
    room.owe(6, A, B, 100);
    room.join(&[6]);
    let (held, owed) = room.held(6);
    let chain = room.world.ledger.chain();
    // The row of another obligation, under the committed round.
    let rows = vec![Row::of(&owed)];
    assert_eq!(room.book.rows(), rows);
    let mut other =
        book.apply(chain, (first, &committed), &[(room.held(0).0, &room.held(0).1)], room.world.now_ms).unwrap();
    other.inputs = vec![held];
    other.submit_as(B.address());
    assert_eq!(room.refuse(other, &[B]), "NETTING_ROUND_NOT_OF_ROUND");
    // Its own round is not committed yet.
    let zero = room.book.clone().with_result(vec![minor(0)]);
    let own = zero.apply(chain, (room.at().0, &room.at().1), &[(held, &owed)], room.world.now_ms).unwrap();
    assert_eq!(room.refuse_unsigned(own), "NETTING_ROUND_PHASE");
}

/// An obligation that withdrew and joined again has one row, its last: the first is nobody's.
#[test]
fn who_joined_again_takes_what_its_own_row_says() {
    let mut room = Room::of(&[(A, B, 100), (B, A, 80)]);
    let withdraw = room.withdrawing(0, A);
    room.accept(withdraw, &[A]);
    room.consent_again(0, [A, B]);
    room.join(&[0]);
    room.propose();
    room.check();
    assert_eq!(room.book.cleared(), [minor(0), minor(80), minor(80)]);
    let apply = room.applying(&[0]);
    let mut as_withdrawn = with_arguments(&apply, |apply: &mut wire::NettingRoundApply| {
        apply.rows[0] = wire::NettedRow { row: 0, cleared: 0 };
        let leaves: Vec<_> = room.book.rows().iter().zip(room.book.cleared()).collect();
        let leaves: Vec<_> = leaves.iter().map(|(row, cleared)| row::result_leaf(&row.obligation, **cleared)).collect();
        apply.hidden = wire_form::to_vecs(&crate::merkle::hidden(&leaves, &[0].into()));
    });
    as_withdrawn.outputs[0] = obligation::obligation_state(&room.held(0).1.freed());
    as_withdrawn.submit_as(A.address());
    assert_eq!(room.refuse(as_withdrawn, &[A]), "NETTING_ROUND_ROWS_NOT_OF_RESULT");
    room.unsigned(apply).unwrap();
    assert_eq!(room.held(0).1.outstanding, minor(20));
}

#[test]
fn a_voided_round_frees_what_it_held() {
    let mut room = Room::of(&RING);
    let before = room.owed();
    let (state, round) = room.at();
    let stranger = book::void(room.world.build(A), (state, &round)).unwrap().build();
    assert_eq!(room.refuse(stranger, &[A]), "AUTHORITY_SIGNATURES_MISSING");
    let early = room.releasing(&[0]);
    assert_eq!(room.refuse_unsigned(early), "NETTING_ROUND_PHASE");
    room.void();
    let (_, voided) = room.at();
    assert_eq!(crate::Coded::code(&voided.voided().unwrap_err()), "NETTING_ROUND_PHASE");
    let release = room.releasing(&[3, 0, 5]);
    let mut less = release.clone();
    less.outputs[0] = less.outputs[1].clone();
    less.submit_as(B.address());
    assert_eq!(room.refuse(less, &[B]), "NETTING_ROUND_OBLIGATIONS_DIFFER");
    let mut unordered = release.clone();
    unordered.inputs.swap(0, 1);
    unordered.outputs.swap(0, 1);
    unordered.submit_as(B.address());
    assert_eq!(room.refuse(unordered, &[B]), "ENCODING_UNORDERED");
    room.unsigned(release.clone()).unwrap();
    assert_eq!(room.refuse_unsigned(release), "STATE_NOT_UNSPENT");
    let rest = room.releasing(&[1, 2, 4]);
    room.unsigned(rest).unwrap();
    assert_eq!(room.owed(), before);
    assert!(room.all().values().all(|(_, owed)| (owed.round, owed.debtor_nets) == (None, None)));
    assert_eq!(room.world.replayed().unwrap().state_root(), room.world.ledger.state_root());
}

#[test]
fn whoever_may_void_a_round_may_until_it_is_committed() {
    let mut room = Room::of(&RING);
    room.propose();
    let (state, round) = room.at();
    let chain = room.world.ledger.chain();
    let late = book::void_unsigned(chain, (state, &round), round.void_after_ms).unwrap();
    let mut early = late.clone();
    early.time_window.from_ms -= 1;
    early.time_window.until_ms -= 1;
    assert_eq!(room.refuse_unsigned(early), "UNSIGNED_SIGNER_NEEDED");
    assert_eq!(room.refuse_unsigned(late.clone()), "TRANSACTION_OUTSIDE_WINDOW");
    let check = room.book.check(chain, (state, &round)).unwrap();
    room.world.now_ms = round.void_after_ms;
    assert_eq!(room.refuse_unsigned(check), "TRANSACTION_OUTSIDE_WINDOW");
    let mut noted = late.clone();
    noted.metadata.push(("note".to_owned(), "mine".to_owned()));
    assert_eq!(room.refuse_unsigned(noted), "NETTING_ROUND_STEP_DIFFERS");
    room.unsigned(late).unwrap();
    let step = room.releasing(&[0, 1, 2, 3, 4, 5]);
    room.unsigned(step).unwrap();
    let mut room = committed();
    let (state, round) = room.at();
    for signers in [&[Operator][..], &[Operator, A, B, C, D]] {
        let command = wire::NettingRoundVoid { round: round.round.to_vec() };
        let after = round_state(&NettingRound { phase: Phase::Voided, ..round.clone() });
        let void = room.world.build(Operator).input(state).output(after).command(id(), VOID, &command);
        assert_eq!(room.refuse(void.build(), signers), "NETTING_ROUND_PHASE");
    }
    let release = room.releasing(&[0]);
    assert_eq!(room.refuse_unsigned(release), "NETTING_ROUND_PHASE");
}
