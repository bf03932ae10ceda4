use super::*;
use crate::contract::chain;
use crate::{Date, FreezeSubject};

/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// The round with both its times moved.
fn later(round: &NettingRound, milliseconds: i64) -> NettingRound {
    let moved = |time_ms: u64| time_ms.checked_add_signed(milliseconds).unwrap();
    NettingRound { cut_off_ms: moved(round.cut_off_ms), void_after_ms: moved(round.void_after_ms), ..round.clone() }
}

#[test]
fn rounds_that_are_not_sound_are_refused() {
    type Change = fn(&mut NettingRound);
    let changes: [(Change, &str); 10] = [
        (|round| round.round = RoundId::default(), "NETTING_ROUND_ID_DIFFERS"),
        (|round| round.algorithm = "greedy/1".to_owned(), "NETTING_ROUND_ALGORITHM_UNKNOWN"),
        (|round| *round = later(round, -23 * HOUR - 1), "NETTING_ROUND_TIMES_OUT_OF_ORDER"),
        (|round| round.void_after_ms = round.cut_off_ms, "NETTING_ROUND_TIMES_OUT_OF_ORDER"),
        (|round| round.void_after_ms += 1, "NETTING_ROUND_BOUND_TOO_LONG"),
        (|round| *round = later(round, 5 * 24 * HOUR + 1), "NETTING_ROUND_SPAN_TOO_LONG"),
        (|round| round.rows = 1, "NETTING_ROUND_NOT_NEW"),
        (|round| round.gross = minor(1), "NETTING_ROUND_NOT_NEW"),
        (|round| round.phase = Phase::Voided, "NETTING_ROUND_NOT_NEW"),
        (|round| round.phase = Phase::Gathering { peaks: vec![[1; 32]] }, "NETTING_ROUND_NOT_NEW"),
    ];
    for (change, code) in changes {
        let mut world = World::new();
        let builder = opening(&mut world, change);
        assert_eq!(world.refuse(builder, &[Operator]), code);
    }
    let mut room = Room::open();
    let longest = opening(&mut room.world, |round| *round = later(round, 5 * 24 * HOUR));
    room.world.accept(longest, &[Operator]);
    let earliest = opening(&mut room.world, |round| *round = later(round, -23 * HOUR));
    room.world.accept(earliest, &[Operator]);
    let mut twice = opening(&mut room.world, |_| {}).build();
    twice.outputs.push(twice.outputs[0].clone());
    assert_eq!(room.refuse(twice, &[Operator]), "NETTING_ROUND_OPEN_STATES");
    let mut seen = opening(&mut room.world, |_| {}).build();
    seen.outputs[0].participants.push(A.address());
    assert_eq!(room.refuse(seen, &[Operator]), "NETTING_ROUND_NOT_NEW");
}

#[test]
fn a_round_is_opened_by_its_operator_who_may_issue() {
    let mut world = World::new();
    let others = opening(&mut world, |round| round.operator = C.address());
    assert_eq!(world.refuse(others, &[Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let others = opening(&mut world, |round| round.operator = D.address());
    assert_eq!(world.refuse(others, &[Operator, D]), "PERMISSION_MISSING");
    let others = opening(&mut world, |round| round.operator = C.address());
    world.accept(others, &[Operator, C]);
}

/// A transaction that takes obligations in, whatever the rules say to them; the round stays as it is.
fn forged(room: &mut Room, places: &[usize]) -> Transaction {
    let (state, round) = room.at();
    let mut builder = room.world.build(Operator).input(state).output(round_state(&round));
    for place in places {
        let (held, before) = room.held(*place);
        builder = builder.input(held).output(obligation::obligation_state(&before.joined(round.round)));
    }
    let builder = builder.command(id(), JOIN, &wire::NettingRoundJoin { round: round.round.to_vec() });
    let of_obligations = ContractId::built_in(obligation::NAME);
    builder.command(of_obligations, obligation::NET, &wire::ObligationNet {}).build()
}

#[test]
fn what_joins_is_due_confirmed_and_consented() {
    let another = |consent: &mut Option<NettingConsent>| consent.as_mut().unwrap().operator = C.address();
    let sooner = |consent: &mut Option<NettingConsent>| consent.as_mut().unwrap().until_ms -= 1;
    type Change<'c> = &'c dyn Fn(&mut Obligation);
    let changes: [(Change<'_>, &str); 8] = [
        (&|owed| owed.debtor_nets = None, "NETTING_ROUND_NOT_CONSENTING"),
        (&|owed| owed.creditor_nets = None, "NETTING_ROUND_NOT_CONSENTING"),
        (&|owed| another(&mut owed.debtor_nets), "NETTING_ROUND_CONSENT_OTHER"),
        (&|owed| another(&mut owed.creditor_nets), "NETTING_ROUND_CONSENT_OTHER"),
        (&|owed| sooner(&mut owed.debtor_nets), "NETTING_ROUND_CONSENT_ENDS"),
        (&|owed| sooner(&mut owed.creditor_nets), "NETTING_ROUND_CONSENT_ENDS"),
        (&|owed| owed.asset = AssetId::default(), "NETTING_ROUND_ASSET_OTHER"),
        (&|owed| owed.due_on = Date::from_days(owed.due_on.days() + 2).unwrap(), "NETTING_ROUND_NOT_DUE"),
    ];
    for (change, code) in changes {
        let mut room = Room::open();
        room.owe_with(A, B, 100, |owed| {
            owed.number = number(0);
            change(owed);
        });
        assert_eq!(crate::Coded::code(&room.joining(&[0]).unwrap_err()), code);
        let join = forged(&mut room, &[0]);
        assert_eq!(room.refuse(join, &[Operator]), code);
    }
    let mut room = Room::open();
    room.owe_with(A, B, 100, |owed| {
        owed.number = number(0);
        owed.due_on = Date::from_days(owed.due_on.days() + 1).unwrap();
    });
    room.join(&[0]);
}

#[test]
fn what_was_assigned_does_not_join() {
    let mut room = Room::open();
    let owed = room.owe(0, A, B, 100);
    let before = room.held(0).1;
    let command = wire::ObligationAssign { obligation: before.obligation.to_vec(), to: C.address().to_vec() };
    let after = obligation::obligation_state(&before.assigned(C.address()));
    let of_obligations = ContractId::built_in(obligation::NAME);
    let builder = room.world.build(B).input(owed).output(after);
    room.world.accept(builder.command(of_obligations, obligation::ASSIGN, &command), &[B, C]);
    room.consent_again(0, [A, C]);
    let join = forged(&mut room, &[0]);
    assert_eq!(room.refuse(join, &[Operator]), "NETTING_ROUND_ASSIGNED");
}

#[test]
fn an_obligation_is_in_one_round_at_a_time() {
    let mut room = Room::of(&RING[..2]);
    let again = forged(&mut room, &[0]);
    assert_eq!(room.refuse(again, &[Operator]), "NETTING_ROUND_IN_ROUND_ALREADY");
    let builder = opening(&mut room.world, |_| {});
    room.round = read_round(&builder.clone().build().outputs[0]).unwrap().round;
    room.world.accept(builder, &[Operator]);
    let other = forged(&mut room, &[0]);
    assert_eq!(room.refuse(other, &[Operator]), "NETTING_ROUND_IN_ROUND_ALREADY");
    let (state, round) = room.at();
    let (held, before) = room.held(0);
    let leaving = before.freed();
    let command = wire::NettingRoundWithdraw {
        round: round.round.to_vec(),
        obligation: before.obligation.to_vec(),
        party: A.address().to_vec(),
        row: 0,
        path: Vec::new(),
    };
    let builder = room.world.build(A).input(state).input(held).output(round_state(&round));
    let builder = builder.output(obligation::obligation_state(&leaving)).command(id(), WITHDRAW, &command);
    let of_obligations = ContractId::built_in(obligation::NAME);
    let builder = builder.command(of_obligations, obligation::NET, &wire::ObligationNet {});
    assert_eq!(room.refuse(builder.build(), &[A]), "NETTING_ROUND_NOT_OF_ROUND");
}

#[test]
fn joining_is_the_operators_and_changes_what_it_names() {
    let mut room = Room::open();
    room.owe(0, A, B, 100);
    room.owe(1, B, A, 70);
    let join = room.joining(&[0, 1]).unwrap().build();
    assert_eq!(room.refuse(join.clone(), &[A, B]), "AUTHORITY_SIGNATURES_MISSING");
    let forge = |change: &dyn Fn(&mut Transaction)| {
        let mut forged = join.clone();
        change(&mut forged);
        forged
    };
    let unset = room.held(0).1;
    let free = obligation::obligation_state(&unset);
    let same = round_state(&room.at().1);
    for (transaction, code) in [
        (forge(&|join| join.outputs[1] = free.clone()), "NETTING_ROUND_OBLIGATIONS_DIFFER"),
        (forge(&|join| join.outputs.swap(1, 2)), "NETTING_ROUND_OBLIGATIONS_DIFFER"),
        (forge(&|join| drop(join.outputs.pop())), "NETTING_ROUND_OBLIGATIONS_DIFFER"),
        (forge(&|join| join.outputs[0] = same.clone()), "NETTING_ROUND_DIFFERS"),
        (forge(&|join| join.inputs = join.inputs.split_off(1)), "NETTING_ROUND_STATES"),
        (forge(&|join| drop(join.outputs.remove(0))), "NETTING_ROUND_STATES"),
        (forge(&|join| join.commands[0].name = "forget".to_owned()), "NETTING_ROUND_COMMAND_UNKNOWN"),
        (forge(&|join| drop(join.commands.pop())), "CONTRACT_CHANGED_WITHOUT_COMMAND"),
    ] {
        assert_eq!(room.refuse(transaction, &[Operator, A, B]), code);
    }
    let other = with_arguments(&join, |join: &mut wire::NettingRoundJoin| join.round = vec![9; 32]);
    assert_eq!(room.refuse(other, &[Operator]), "NETTING_ROUND_OTHER");
    let empty = forged(&mut room, &[]);
    assert_eq!(room.refuse(empty.clone(), &[Operator]), "NETTING_ROUND_OBLIGATION_COUNT");
    let mut without = empty.clone();
    without.commands.pop();
    assert_eq!(room.refuse(without, &[Operator]), "NETTING_ROUND_NET_MISSING");
    let mut unknown = empty;
    unknown.commands.pop();
    unknown.commands[0].name = "forget".to_owned();
    assert_eq!(room.refuse(unknown, &[Operator]), "NETTING_ROUND_COMMAND_UNKNOWN");
    room.accept_built(join, &[Operator]);
}

#[test]
fn nothing_joins_after_the_cut_off() {
    let mut room = Room::of(&RING[..2]);
    room.owe(2, C, A, 100);
    room.world.now_ms = room.at().1.cut_off_ms - HOUR_MS + 1;
    let late = room.joining(&[2]).unwrap().build();
    assert_eq!(room.refuse(late, &[Operator]), "NETTING_ROUND_AFTER_CUT_OFF");
    let late = room.withdrawing(0, A).build();
    assert_eq!(room.refuse(late, &[A]), "NETTING_ROUND_AFTER_CUT_OFF");
    room.world.now_ms -= 1;
    room.join(&[2]);
}

#[test]
fn a_round_has_bounds() {
    let mut room = Room::open();
    let most = Amount::MAX_MINOR;
    room.owe(0, A, B, most);
    room.owe(1, B, A, 1);
    room.join(&[0]);
    let over = forged(&mut room, &[1]);
    assert_eq!(room.refuse(over, &[Operator]), "NETTING_ROUND_GROSS_TOO_LARGE");
    let (mut round, (_, owed)) = (room.at().1, room.held(1));
    let peaks = |rows: u32| Phase::Gathering { peaks: vec![[0; 32]; rows.count_ones() as usize] };
    (round.rows, round.gross, round.phase) = (ROWS_MAX - 1, Amount::ZERO, peaks(ROWS_MAX - 1));
    let full = round.joined(std::slice::from_ref(&owed)).unwrap();
    assert_eq!(full.joined(&[owed]), Err(NettingRoundError::RowsTooMany));
}

#[test]
fn what_a_round_holds_is_neither_paid_nor_changed() {
    let mut room = Room::of(&RING[..2]);
    let (held, before) = room.held(0);
    let obligation = before.obligation.to_vec();
    let of_obligations = || ContractId::built_in(obligation::NAME);
    let after = obligation::obligation_state(&before);
    let builder = |room: &mut Room| room.world.build(A).input(held).output(after.clone());
    let settle = wire::ObligationSettle { obligation: obligation.clone(), amount: 1 };
    let assign = wire::ObligationAssign { obligation: obligation.clone(), to: C.address().to_vec() };
    let consent = wire::ObligationConsent { obligation: obligation.clone(), party: A.address().to_vec(), nets: None };
    let cancel = wire::ObligationCancel { obligation };
    for transaction in [
        builder(&mut room).command(of_obligations(), obligation::SETTLE, &settle),
        builder(&mut room).command(of_obligations(), obligation::ASSIGN, &assign),
        builder(&mut room).command(of_obligations(), obligation::CONSENT, &consent),
        builder(&mut room).command(of_obligations(), obligation::CANCEL, &cancel),
    ] {
        assert_eq!(room.refuse(transaction.build(), &[A, B, C]), "OBLIGATION_IN_ROUND");
    }
    let net = builder(&mut room).command(of_obligations(), obligation::NET, &wire::ObligationNet {});
    assert_eq!(room.refuse(net.build(), &[A, B]), "OBLIGATION_NET_WITHOUT_ROUND");
    let new = room.world.owing(A, B, 5, |owed| (owed.number, owed.round) = (number(7), Some(before.round.unwrap())));
    assert_eq!(room.refuse(new.build(), &[A, B]), "OBLIGATION_NEW_IN_ROUND");
}

#[test]
fn a_member_withdraws_and_joins_again() {
    let mut room = Room::of(&[(A, B, 100), (B, C, 80), (C, A, 60)]);
    let withdraw = room.withdrawing(1, C);
    room.accept(withdraw, &[C]);
    let (_, freed) = room.held(1);
    assert_eq!((freed.round, freed.debtor_nets, freed.creditor_nets), (None, None, None));
    assert_eq!((room.at().1.rows, room.at().1.gross), (3, minor(160)));
    let back = forged(&mut room, &[1]);
    assert_eq!(room.refuse(back, &[Operator]), "NETTING_ROUND_NOT_CONSENTING");
    room.consent_again(1, [B, C]);
    room.join(&[1]);
    assert_eq!((room.at().1.rows, room.at().1.gross), (4, minor(240)));
    assert_eq!(room.book.row_of(&freed.obligation), Some(3));
    let withdraw = room.withdrawing(2, C);
    room.accept(withdraw, &[C]);
    assert_eq!(room.at().1.gross, minor(180));
    assert_eq!(room.world.replayed().unwrap().state_root(), room.world.ledger.state_root());
}

#[test]
fn withdrawing_is_the_members_own() {
    let mut room = Room::of(&[(A, B, 100), (B, C, 80), (C, A, 60)]);
    let withdraw = room.withdrawing(1, B).build();
    assert_eq!(room.refuse(withdraw.clone(), &[C, Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let arguments = |change: &dyn Fn(&mut wire::NettingRoundWithdraw)| with_arguments(&withdraw, change);
    let first = room.held(0).1.obligation.to_vec();
    for (transaction, code) in [
        (arguments(&|withdraw| withdraw.party = A.address().to_vec()), "NETTING_ROUND_WITHDRAWN_BY_STRANGER"),
        (arguments(&|withdraw| withdraw.obligation = first.clone()), "NETTING_ROUND_OBLIGATION_OTHER"),
        (arguments(&|withdraw| withdraw.row = 0), "NETTING_ROUND_NOT_THAT_ROW"),
        (arguments(&|withdraw| withdraw.row = 3), "NETTING_ROUND_NOT_THAT_ROW"),
        (arguments(&|withdraw| withdraw.row = u32::MAX), "NETTING_ROUND_NOT_THAT_ROW"),
        (arguments(&|withdraw| withdraw.path.clear()), "NETTING_ROUND_NOT_THAT_ROW"),
        (arguments(&|withdraw| withdraw.path = vec![vec![1; 32]; 33]), "ENCODING_TOO_MANY"),
        (arguments(&|withdraw| withdraw.path[0][0] ^= 1), "NETTING_ROUND_NOT_THAT_ROW"),
    ] {
        assert_eq!(room.refuse(transaction, &[A, B, C]), code);
    }
    let mut with_consent = withdraw.clone();
    with_consent.outputs[1] = obligation::obligation_state(&Obligation { round: None, ..room.held(1).1 });
    assert_eq!(room.refuse(with_consent, &[B]), "NETTING_ROUND_OBLIGATIONS_DIFFER");
    let mut two = withdraw.clone();
    two.inputs.push(room.held(2).0);
    assert_eq!(room.refuse(two, &[B, A, C]), "NETTING_ROUND_OBLIGATION_COUNT");
    room.accept_built(withdraw, &[B]);
}

#[test]
fn of_a_frozen_creditor_nothing_joins_and_nothing_is_cleared() {
    let mut room = Room::open();
    room.owe(0, A, B, 100);
    room.owe(1, B, A, 70);
    room.join(&[0]);
    let freeze = |room: &mut Room, name: &str| {
        let subjects = vec![FreezeSubject::Address(A.address()).to_wire()];
        let reference = "Court of Harbin, 2026/17".to_owned();
        let chain = ContractId::built_in(chain::NAME);
        let builder = room.world.build(Administrator);
        let builder = match name {
            chain::FREEZE => builder.command(chain, name, &wire::ChainFreeze { subjects, reference }),
            _ => builder.command(chain, name, &wire::ChainUnfreeze { subjects, reference }),
        };
        room.world.accept(builder, &[Administrator]);
    };
    freeze(&mut room, chain::FREEZE);
    let join = room.joining(&[1]).unwrap().build();
    assert_eq!(room.refuse(join, &[Operator]), "FREEZE_STANDS");
    freeze(&mut room, chain::UNFREEZE);
    room.join(&[1]);
    room.propose();
    freeze(&mut room, chain::FREEZE);
    let (state, round) = room.at();
    let check = room.book.check(room.world.ledger.chain(), (state, &round)).unwrap();
    assert_eq!(room.refuse_unsigned(check), "FREEZE_STANDS");
    freeze(&mut room, chain::UNFREEZE);
    room.check();
}
