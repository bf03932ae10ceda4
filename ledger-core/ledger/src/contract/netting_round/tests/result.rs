use super::*;
use crate::{Date, TimeWindow};

#[test]
fn a_result_is_proposed_by_the_operator_between_cut_off_and_end() {
    let mut room = Room::of(&RING);
    room.book = room.book.clone().clear().unwrap();
    let (state, round) = room.at();
    room.world.now_ms = round.cut_off_ms - 1;
    let early = room.book.propose(room.world.build(Operator), (state, &round)).unwrap().build();
    assert_eq!(room.refuse(early, &[Operator]), "NETTING_ROUND_BEFORE_CUT_OFF");
    room.world.now_ms = round.void_after_ms - HOUR_MS + 1;
    let late = room.book.propose(room.world.build(Operator), (state, &round)).unwrap().build();
    assert_eq!(room.refuse(late, &[Operator]), "NETTING_ROUND_AFTER_END");
    room.world.now_ms -= 1;
    let propose = room.book.propose(room.world.build(Operator), (state, &round)).unwrap().build();
    assert_eq!(room.refuse(propose.clone(), &[A]), "AUTHORITY_SIGNATURES_MISSING");
    for cleared in [0, round.gross.minor() + 1] {
        let other = with_arguments(&propose, |propose: &mut wire::NettingRoundPropose| propose.cleared = cleared);
        assert_eq!(room.refuse(other, &[Operator]), "NETTING_ROUND_RESULT_OUT_OF_RANGE");
    }
    let other = with_arguments(&propose, |propose: &mut wire::NettingRoundPropose| propose.cleared = 1 << 63);
    assert_eq!(room.refuse(other, &[Operator]), "ENCODING_OUT_OF_RANGE");
    let mut committed = propose.clone();
    let phase = Phase::Committed { result: [1; 32], cleared: minor(1) };
    committed.outputs[0] = round_state(&NettingRound { phase, ..round });
    assert_eq!(room.refuse(committed, &[Operator]), "NETTING_ROUND_DIFFERS");
    room.accept_built(propose, &[Operator]);
    let (state, checking) = room.at();
    let command = wire::NettingRoundPropose { round: checking.round.to_vec(), result: vec![1; 32], cleared: 1 };
    let builder = room.world.build(Operator).input(state).output(round_state(&checking));
    let mut again = builder.command(id(), PROPOSE, &command).build();
    again.time_window.until_ms = checking.void_after_ms;
    assert_eq!(room.refuse(again, &[Operator]), "NETTING_ROUND_PHASE");
}

/// A room whose operator has proposed this result, and what the check of it is refused with.
fn refused(owed: &[(Who, Who, u64)], cleared: &[u64]) -> &'static str {
    let mut room = Room::of(owed);
    room.book = room.book.clone().with_result(cleared.iter().map(|cleared| minor(*cleared)).collect());
    room.propose_as_it_is();
    let (state, round) = room.at();
    match room.book.check(room.world.ledger.chain(), (state, &round)) {
        Err(error) => crate::Coded::code(&error),
        Ok(check) => {
            room.unsigned(check).unwrap();
            assert!(matches!(room.at().1.phase, Phase::Committed { .. }));
            "accepted"
        }
    }
}

#[test]
fn a_result_is_square_for_every_party() {
    let ring = [(A, B, 500), (B, C, 400), (C, D, 450), (D, A, 300)];
    for (cleared, code) in [
        ([300, 300, 300, 300], "accepted"),
        // Smaller than it could be, and square all the same.
        ([1, 1, 1, 1], "accepted"),
        ([300, 300, 300, 299], "NETTING_ROUND_UNBALANCED"),
        ([300, 0, 0, 0], "NETTING_ROUND_UNBALANCED"),
        ([300, 300, 0, 0], "NETTING_ROUND_UNBALANCED"),
        ([301, 301, 301, 301], "NETTING_ROUND_CLEARED_OVER"),
    ] {
        assert_eq!(refused(&ring, &cleared), code, "{cleared:?}");
    }
    assert_eq!(refused(&[(A, B, 9), (B, A, 5), (C, D, 7)], &[5, 5, 0]), "accepted");
    assert_eq!(refused(&[(A, B, 9), (B, A, 5), (C, D, 7)], &[4, 5, 0]), "NETTING_ROUND_UNBALANCED");
    assert_eq!(refused(&[(A, B, 9), (A, B, 5), (B, A, 7)], &[2, 5, 7]), "accepted");
}

#[test]
fn the_pure_ring_of_the_handbook_clears_its_smallest_debt_four_times() {
    let mut room = Room::of(&[(A, B, 50_000_000), (B, C, 40_000_000), (C, D, 45_000_000), (D, A, 30_000_000)]);
    room.propose();
    room.check();
    let Phase::Committed { cleared, .. } = room.at().1.phase else { panic!("not committed") };
    assert_eq!(cleared, minor(120_000_000));
    let step = room.applying(&[0, 1, 2, 3]);
    room.unsigned(step).unwrap();
    assert_eq!(room.owed(), [(number(0), 20_000_000), (number(1), 10_000_000), (number(2), 15_000_000)].into());
}

#[test]
fn what_was_withdrawn_clears_nothing() {
    let mut room = Room::of(&[(A, B, 100), (B, A, 100), (A, B, 50)]);
    let withdraw = room.withdrawing(0, A);
    room.accept(withdraw, &[A]);
    room.book = room.book.clone().with_result(vec![minor(50), minor(50), minor(0)]);
    room.propose_as_it_is();
    let (state, round) = room.at();
    let refused = room.book.check(room.world.ledger.chain(), (state, &round)).unwrap_err();
    assert_eq!(refused, NettingRoundError::ClearedOver { row: 0, cleared: 50, outstanding: 0 });
}

#[test]
fn rows_are_shown_as_they_joined_and_as_the_result_has_them() {
    let mut room = Room::of(&RING);
    room.propose();
    let (state, round) = room.at();
    let check = room.book.check(room.world.ledger.chain(), (state, &round)).unwrap();
    let arguments = |change: &dyn Fn(&mut wire::NettingRoundCheck)| with_arguments(&check, change);
    for (transaction, code) in [
        (arguments(&|check| drop(check.rows.pop())), "NETTING_ROUND_ROW_COUNT"),
        (arguments(&|check| check.rows.push(check.rows[0].clone())), "NETTING_ROUND_ROW_COUNT"),
        (arguments(&|check| check.rows = vec![check.rows[0].clone(); 257]), "ENCODING_TOO_MANY"),
        (arguments(&|check| check.rows.swap(0, 1)), "NETTING_ROUND_ROWS_NOT_JOINED"),
        (arguments(&|check| check.rows[1] = check.rows[0].clone()), "NETTING_ROUND_ROWS_NOT_JOINED"),
        (arguments(&|check| check.rows[0].outstanding += 1), "NETTING_ROUND_ROWS_NOT_JOINED"),
        (arguments(&|check| check.rows[0].creditor = D.address().to_vec()), "NETTING_ROUND_ROWS_NOT_JOINED"),
        (arguments(&|check| check.rows[0].cleared -= 1), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (arguments(&|check| check.joined_hidden.push(vec![0; 32])), "NETTING_ROUND_ROWS_NOT_JOINED"),
        (arguments(&|check| check.result_hidden.push(vec![0; 32])), "NETTING_ROUND_ROWS_NOT_OF_RESULT"),
        (arguments(&|check| check.rows[0].cleared = u64::MAX), "ENCODING_OUT_OF_RANGE"),
        (arguments(&|check| check.rows[0].debtor = vec![1; 31]), "ENCODING_LENGTH"),
    ] {
        assert_eq!(room.refuse_unsigned(transaction), code);
    }
    let mut voided = check.clone();
    voided.outputs[0] = round_state(&round.voided().unwrap());
    assert_eq!(room.refuse_unsigned(voided), "NETTING_ROUND_DIFFERS");
    room.unsigned(check.clone()).unwrap();
    assert_eq!(room.refuse_unsigned(check), "STATE_NOT_UNSPENT");
}

#[test]
fn the_total_is_as_proposed() {
    let mut room = Room::of(&RING);
    room.book = room.book.clone().clear().unwrap();
    let (state, round) = room.at();
    room.world.now_ms = round.cut_off_ms;
    let propose = room.book.propose(room.world.build(Operator), (state, &round)).unwrap().build();
    let Phase::Checking(mut checking) = read_round(&propose.outputs[0]).unwrap().phase else { panic!("not proposed") };
    checking.cleared = minor(checking.cleared.minor() - 1);
    let mut less = with_arguments(&propose, |propose: &mut wire::NettingRoundPropose| propose.cleared -= 1);
    less.outputs[0] = round_state(&NettingRound { phase: Phase::Checking(checking), ..round });
    room.accept_built(less, &[Operator]);
    let (state, round) = room.at();
    let refused = room.book.check(room.world.ledger.chain(), (state, &round)).unwrap_err();
    assert_eq!(crate::Coded::code(&refused), "NETTING_ROUND_TOTAL_DIFFERS");
}

#[test]
fn a_check_is_for_nobody_to_shape_and_for_anybody_to_submit() {
    let mut room = Room::of(&RING);
    room.propose();
    let (state, round) = room.at();
    let check = room.book.check(room.world.ledger.chain(), (state, &round)).unwrap();
    let forge = |change: &dyn Fn(&mut Transaction)| {
        let mut forged = check.clone();
        change(&mut forged);
        forged
    };
    let hour = TimeWindow { from_ms: room.world.now_ms, until_ms: room.world.now_ms + HOUR_MS };
    for transaction in [
        forge(&|check| check.salt = [1; 32]),
        forge(&|check| check.metadata.push(("note".to_owned(), "mine".to_owned()))),
        forge(&|check| check.attachments.push(crate::EvidenceHash::default())),
        forge(&|check| check.time_window = hour),
        forge(&|check| check.effective_on = Date::default()),
        forge(&|check| {
            let reference = crate::Reference { state: room.held(0).0, kind: crate::ReferenceKind::Past };
            check.references.push(reference);
        }),
    ] {
        assert_eq!(room.refuse_unsigned(transaction), "NETTING_ROUND_STEP_DIFFERS");
    }
    let other = forge(&|check| check.command_id = crate::CommandId::default());
    assert_eq!(room.refuse_unsigned(other), "UNSIGNED_COMMAND_ID_DIFFERS");
    let mut late = check.clone();
    late.submit_as(B.address());
    late.time_window = TimeWindow { from_ms: round.void_after_ms - 1, until_ms: round.void_after_ms + 1 };
    assert_eq!(room.refuse(late, &[B]), "NETTING_ROUND_AFTER_END");
    let mut members = check;
    members.submit_as(B.address());
    members.time_window = hour;
    room.accept_built(members, &[B]);
    assert!(matches!(room.at().1.phase, Phase::Committed { .. }));
}
