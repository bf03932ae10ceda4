//! The surplus of an enforcement is money under the later ranks' locks, which they collect in their order.

use super::enforce::{Sale, enforce, minor, sale_of, tokens};
use super::*;
use crate::contract::obligation::read_obligation;
use crate::contract::token;
use crate::{Lock, Reference, ReferenceKind, State};

const ALL_BANKS: [Who; 5] = [Depositor, BankA, BankB, Attestor, Operator];

/// A title pledged to banks A and B and the attestor in that order, for 500,000, 30,000 and 50,000.
fn ranked_three() -> (World, StateRef, [StateRef; 3]) {
    ranked_for(pledged(), None)
}

/// The same, where bank B's pledge is for one debt.
fn ranked_for(
    (mut world, title, first): (World, StateRef, StateRef),
    debt: Option<&Debt>,
) -> (World, StateRef, [StateRef; 3]) {
    let (mut title, mut pledges) = (title, vec![first]);
    for (who, rank, maximum) in [(BankB, 2, 30_000), (Attestor, 3, 50_000)] {
        let mut transaction = world.pledge_ranked(title, Depositor, who, rank).build();
        let pledge = read_pledge(&transaction.outputs[1]).unwrap();
        let debt = debt.filter(|_| who == BankB);
        let obligation = debt.map(Debt::id);
        transaction.outputs[1] = pledge_state(&Pledge { secured_maximum: minor(maximum), obligation, ..pledge });
        transaction.references.extend(debt.map(|debt| Reference { state: debt.state(), kind: ReferenceKind::Current }));
        let transaction = world.rules().fill_claims(transaction, &world.ledger).unwrap();
        let id = world.submit_bytes(&World::sign(transaction, &ALL_BANKS).encode()).unwrap();
        title = StateRef { transaction: id, index: 0 };
        pledges.push(StateRef { transaction: id, index: 1 });
    }
    (world, title, [pledges[0], pledges[1], pledges[2]])
}

/// Enforced for 400,000, of which bank A keeps 300,000: 80,000 of the surplus are locked for the others.
struct After {
    world: World,
    money: StateRef,
    second: StateRef,
    third: StateRef,
}

fn enforced() -> After {
    enforced_of(ranked_three())
}

fn enforced_of((mut world, title, pledges): (World, StateRef, [StateRef; 3])) -> After {
    let sale = Sale { locked: 80_000, ..sale_of(&mut world, title, &pledges) };
    let builder = enforce(&mut world, BankA, &sale);
    let outputs = builder.clone().build().outputs;
    let place = |wanted: &dyn Fn(&State) -> bool| u32::try_from(outputs.iter().position(wanted).unwrap()).unwrap();
    let money = place(&|state| state.is(token::NAME, token::HOLDING) && !state.locks.is_empty());
    let of = |who: Who| place(&|state| state.is(NAME, PLEDGE) && state.owner == who.address());
    let (second, third) = (of(BankB), of(Attestor));
    let transaction = world.accept(builder, &[BankA, Operator, Supplier]);
    let at = |index| StateRef { transaction, index };
    After { money: at(money), second: at(second), third: at(third), world }
}

#[test]
fn later_ranks_are_not_asked_and_stand_on_the_surplus() {
    let After { world, money, second, third } = enforced();
    let state = world.state(money);
    assert_eq!(token::read_holding(&state).unwrap().amount.minor(), 80_000);
    assert_eq!(state.owner, Depositor.address());
    let locks = [second, third].map(|pledge| pledge_lock(&read_pledge(&world.state(pledge)).unwrap()));
    assert_eq!(state.locks, locks);
    let cover = read_cover(&world.state(second)).unwrap();
    let of_money = PledgedMoney { asset: world.asset(), amount: minor(80_000) };
    assert_eq!((cover.titles.len(), cover.money, cover.pledge.quantity), (0, vec![of_money], Amount::ZERO));
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_surplus_that_is_not_locked_as_it_should_be_is_refused() {
    let (mut world, title, pledges) = ranked_three();
    let sale = Sale { locked: 80_000, ..sale_of(&mut world, title, &pledges) };
    let signers = [BankA, Operator, Supplier];
    for locked in [79_999, 80_001, 100_000, 0] {
        let builder = enforce(&mut world, BankA, &Sale { locked, ..sale.clone() });
        assert_eq!(world.refuse(builder, &signers), "PLEDGE_SURPLUS_DIFFERS");
    }
    let is_money = |state: &State| state.is(token::NAME, token::HOLDING) && !state.locks.is_empty();
    let check = |world: &mut World, change: &dyn Fn(&mut State), code: &str| {
        let mut transaction = enforce(world, BankA, &sale).build();
        let place = transaction.outputs.iter().position(is_money).unwrap();
        change(&mut transaction.outputs[place]);
        assert_eq!(submit(world, transaction, &signers), code);
    };
    // Of the ranks one is left out, or they change places; the owner is another.
    check(&mut world, &|state| state.locks.truncate(1), "PLEDGE_SURPLUS_DIFFERS");
    let exchanged = |state: &mut State| {
        let lockers = [state.locks[1].locker, state.locks[0].locker];
        state.locks.iter_mut().zip(lockers).for_each(|(lock, locker)| lock.locker = locker);
    };
    // These are no locks that pass: whose money it is would have to sign for them.
    check(&mut world, &exchanged, "AUTHORITY_SIGNATURES_MISSING");
    check(&mut world, &|state| state.owner = Supplier.address(), "PLEDGE_SURPLUS_DIFFERS");
    // A later pledge is left out of it: nobody's lock falls away unasked.
    let without_third = Sale { pledges: pledges[..2].to_vec(), locked: 30_000, ..sale.clone() };
    let builder = enforce(&mut world, BankA, &without_third);
    assert_eq!(world.refuse(builder, &signers), "LOCK_WITHOUT_COMMAND");
    // A later rank cannot serve itself first.
    let second_first = Sale { pledges: vec![pledges[1], pledges[0], pledges[2]], satisfied: 10_000, ..sale.clone() };
    let builder = enforce(&mut world, BankB, &second_first);
    assert_eq!(world.refuse(builder, &[BankB, Operator, Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = enforce(&mut world, BankB, &second_first);
    let everybody = [BankA, BankB, Depositor, Operator, Supplier];
    assert_eq!(world.refuse(builder, &everybody), "PLEDGE_NOT_SENIOR");
    let mut more = enforce(&mut world, BankA, &sale).build();
    let place = more.outputs.iter().position(|state| state.is(NAME, PLEDGE)).unwrap();
    let cover = read_cover(&more.outputs[place]).unwrap();
    more.outputs[place] = cover_state(&cover.with_money(world.asset(), minor(1)).unwrap());
    assert_eq!(submit(&mut world, more, &signers), "PLEDGE_NOT_WHAT_FOLLOWS");
    let mut dropped = enforce(&mut world, BankA, &sale).build();
    dropped.outputs.retain(|state| !state.is(NAME, PLEDGE) || state.owner != BankB.address());
    assert_eq!(submit(&mut world, dropped, &signers), "PLEDGE_ENDS_UNASKED");
}

#[test]
fn without_a_surplus_later_pledges_end() {
    let (mut world, title, pledges) = ranked_three();
    let sale = Sale { satisfied: 400_000, ..sale_of(&mut world, title, &pledges) };
    let builder = enforce(&mut world, BankA, &sale);
    world.accept(builder, &[BankA, Operator, Supplier]);
    let left = world.ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(NAME, PLEDGE)).count();
    assert_eq!(left, 0);
}

/// The pledge lets its money go: to its pledgee, under the rest of the locks, and to the pledgor.
fn collect(
    after: &mut After,
    submitter: Who,
    (pledge, others): (StateRef, &[StateRef]),
    (amount, locked): (u64, u64),
) -> TransactionBuilder {
    let world = &mut after.world;
    let money = world.state(after.money);
    let held = token::read_holding(&money).unwrap();
    let cover = read_cover(&world.state(pledge)).unwrap();
    let own = pledge_lock(&cover.pledge);
    let locks: Vec<Lock> = money.locks.iter().filter(|lock| **lock != own).cloned().collect();
    let of = |owner, amount| token::holding_state(held.asset, owner, minor(amount));
    let outputs = [
        of(cover.pledge.pledgee, amount),
        of(money.owner, locked).with_locks(locks),
        of(money.owner, held.amount.minor() - amount - locked),
    ];
    let mut builder = world.build(submitter).input(after.money).input(pledge);
    for state in outputs.into_iter().filter(|state| !token::read_holding(state).unwrap().amount.is_zero()) {
        builder = builder.output(state);
    }
    for other in others {
        let cover = read_cover(&world.state(*other)).unwrap();
        let left = cover.without_money(held.asset, minor(held.amount.minor() - locked)).unwrap();
        builder = builder.input(*other);
        if !left.is_empty() {
            builder = builder.output(cover_state(&left));
        }
    }
    let command = wire::PledgeCollect { pledge: cover.pledge.pledge.to_vec(), amount };
    builder.command(tokens(), token::TRANSFER, &wire::TokenTransfer {}).command(id(), COLLECT, &command)
}

fn place_of_money(world: &World) -> StateRef {
    let is_money = |state: &State| state.is(token::NAME, token::HOLDING) && !state.locks.is_empty();
    *world.ledger.unspent_states().find(|(_, unspent)| is_money(&unspent.state)).unwrap().0
}

fn place_of_pledge(world: &World, who: Who) -> StateRef {
    let is_of = |state: &State| state.is(NAME, PLEDGE) && state.owner == who.address();
    *world.ledger.unspent_states().find(|(_, unspent)| is_of(&unspent.state)).unwrap().0
}

#[test]
fn ranks_collect_in_their_order_and_the_rest_is_the_pledgors() {
    let mut after = enforced();
    let (second, third) = (after.second, after.third);
    let builder = collect(&mut after, Attestor, (third, &[]), (1, 79_999));
    assert_eq!(after.world.refuse(builder, &[Attestor]), "PLEDGE_NOT_SENIOR");
    // Bank B is owed 20,000 of its 30,000; 50,000 stay for the attestor, 10,000 are free.
    let builder = collect(&mut after, BankB, (second, &[third]), (20_000, 50_000));
    assert_eq!(after.world.refuse(builder.clone(), &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    after.world.accept(builder, &[BankB]);
    after.money = place_of_money(&after.world);
    let third = place_of_pledge(&after.world, Attestor);
    let builder = collect(&mut after, Attestor, (third, &[]), (45_000, 0));
    after.world.accept(builder, &[Attestor]);
    let mut free = std::collections::BTreeMap::new();
    for (_, unspent) in after.world.ledger.unspent_states() {
        if unspent.state.is(token::NAME, token::HOLDING) {
            assert!(unspent.state.locks.is_empty());
            *free.entry(unspent.state.owner).or_insert(0) +=
                token::read_holding(&unspent.state).unwrap().amount.minor();
        }
    }
    let amounts = [BankA, BankB, Attestor, Depositor, Supplier].map(|who| free[&who.address()]);
    assert_eq!(amounts, [300_000, 20_000, 45_000, 35_000, 50_000]);
    assert_eq!(after.world.replayed().unwrap().state_root(), after.world.ledger.state_root());
}

#[test]
fn a_later_rank_lets_go_alone_and_changes_nothing_for_others() {
    let mut after = enforced();
    let third = after.third;
    let builder = collect(&mut after, Attestor, (third, &[]), (0, 80_000));
    after.world.accept(builder, &[Attestor]);
    after.money = place_of_money(&after.world);
    let second = after.second;
    let builder = collect(&mut after, BankB, (second, &[]), (0, 0));
    after.world.accept(builder, &[BankB]);
}

#[test]
fn collections_keep_to_what_is_owed_held_and_secured() {
    let mut after = enforced();
    let (second, third) = (after.second, after.third);
    let check = |after: &mut After, change: &dyn Fn(&World, &mut crate::Transaction), code: &str| {
        let mut transaction = collect(after, BankB, (second, &[third]), (20_000, 50_000)).build();
        change(&after.world, &mut transaction);
        let transaction =
            after.world.rules().fill_claims(transaction.clone(), &after.world.ledger).unwrap_or(transaction);
        let signed = World::sign(transaction, &[BankB, Depositor, Attestor]);
        assert_eq!(
            after.world.submit_bytes(&signed.encode()).map_err(|rejection| rejection.code),
            Err(code.to_owned())
        );
    };
    let asks = |amount: u64| {
        move |world: &World, transaction: &mut crate::Transaction| {
            let pledge = read_pledge(&world.state(second)).unwrap().pledge.to_vec();
            let place = transaction.commands.iter().position(|command| command.name == COLLECT).unwrap();
            let message = wire::PledgeCollect { pledge, amount };
            transaction.commands[place].arguments = prost::Message::encode_to_vec(&message);
        }
    };
    check(&mut after, &asks(80_001), "PLEDGE_COLLECT_EXCEEDS");
    check(&mut after, &asks(30_001), "PLEDGE_SECURED_EXCEEDED");
    check(&mut after, &asks(20_001), "PLEDGE_MONEY_DIFFERS");
    let to_other = |world: &World, transaction: &mut crate::Transaction| {
        let place = transaction.outputs.iter().position(|state| state.owner == BankB.address()).unwrap();
        transaction.outputs[place] = world.holding(Supplier, 20_000);
    };
    check(&mut after, &to_other, "PLEDGE_MONEY_DIFFERS");
    let without_third = |_: &World, transaction: &mut crate::Transaction| {
        transaction.inputs.retain(|input| *input != third);
        transaction.outputs.retain(|state| !state.is(NAME, PLEDGE));
    };
    check(&mut after, &without_third, "PLEDGE_MONEY_DIFFERS");
    let without_money = |_: &World, transaction: &mut crate::Transaction| {
        transaction.inputs.remove(0);
    };
    check(&mut after, &without_money, "PLEDGE_COLLECT_STATES");
    let without_pledge = |_: &World, transaction: &mut crate::Transaction| {
        transaction.inputs.retain(|input| *input != second);
    };
    check(&mut after, &without_pledge, "PLEDGE_NOT_CONSUMED");
    let keeps = |_: &World, transaction: &mut crate::Transaction| {
        transaction.outputs.retain(|state| !state.is(NAME, PLEDGE));
    };
    check(&mut after, &keeps, "PLEDGE_ENDS_UNASKED");
    let goes_on = |world: &World, transaction: &mut crate::Transaction| {
        transaction.outputs.push(world.state(second));
    };
    check(&mut after, &goes_on, "PLEDGE_WHOLE_GOES_ON");
    // The senior is not consumed unasked by a later rank.
    let others = collect(&mut after, Attestor, (third, &[second]), (0, 30_000));
    assert_eq!(after.world.refuse(others, &[Attestor]), "PLEDGE_OTHERS_TOUCHED");
    let outputs_unlocked = |_: &World, transaction: &mut crate::Transaction| {
        let place = transaction.outputs.iter().position(|state| !state.locks.is_empty()).unwrap();
        transaction.outputs[place].locks.clear();
    };
    check(&mut after, &outputs_unlocked, "PLEDGE_MONEY_DIFFERS");
}

#[test]
fn money_under_pledges_moves_by_collection_alone() {
    let mut after = enforced();
    let (money, second) = (after.money, after.second);
    let world = &mut after.world;
    let everybody = [Depositor, BankB, Attestor];
    let builder = world.transfer(Depositor, &[money], &[(Depositor, 80_000)]);
    assert_eq!(world.refuse(builder, &everybody), "TOKEN_LOCKED");
    // The lock dropped beside a release, or by the command for holds.
    let pledge = read_pledge(&world.state(second)).unwrap();
    let release = wire::PledgeRelease { pledge: pledge.pledge.to_vec(), quantity: 0 };
    let builder = world.build(BankB).input(money).input(second).output(world.holding(Depositor, 80_000));
    let builder = builder.command(id(), RELEASE, &release);
    assert_eq!(world.refuse(builder, &everybody), "PLEDGE_MONEY_TOUCHED");
    let builder = world.build(BankB).input(money).output(world.holding(Depositor, 80_000));
    let command = wire::TokenRelease { context: pledge.pledge.context().to_vec() };
    let builder = builder.command(tokens(), token::RELEASE, &command);
    assert_eq!(world.refuse(builder, &everybody), "TOKEN_LOCKED");
    // The pledge itself does not end, or change its rank, over money.
    let builder = world.build(BankB).input(second).command(id(), RELEASE, &release);
    assert_eq!(world.refuse(builder, &everybody), "PLEDGE_ENDS_UNASKED");
    let ranked = Cover { pledge: Pledge { rank: 9, ..pledge }, ..read_cover(&world.state(second)).unwrap() };
    let builder = world.build(BankB).input(second).output(cover_state(&ranked));
    assert_eq!(world.refuse(builder.command(id(), RANK, &wire::PledgeRank {}), &everybody), "PLEDGE_MONEY_TOUCHED");
}

/// The handbook's liquidation: 700 t bring 10,920,000.00; costs, lien, penalty, interest and principal are paid out of it, the
/// surplus is the pledgor's; the second rank secures 280,000.00 of it.
#[test]
fn the_handbooks_liquidation_leaves_its_surplus() {
    let owed = [16_380_000, 4_200_000, 412_500, 12_100_000, 900_000_000];
    let (proceeds, satisfied): (u64, u64) = (1_092_000_000, owed.iter().sum());
    assert_eq!(proceeds - satisfied, 158_907_500);
    let mut world = World::new();
    let definition = token::TokenDefinition { supply_max: minor(2_000_000_000), ..world.definition() };
    let state = token::definition_state(&definition);
    let builder = world.build(BankA).output(state).command(tokens(), token::DEFINE, &wire::TokenDefine {});
    let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
    let purse = (world.issue(definition, Supplier, proceeds), proceeds);
    let title = world.issue_title("R1b");
    let (mut title, mut pledges) = (title, Vec::new());
    for (who, rank, maximum) in [(BankA, 1, 950_000_000), (BankB, 2, 28_000_000)] {
        let mut transaction = world.pledge_ranked(title, Depositor, who, rank).build();
        let pledge = read_pledge(&transaction.outputs[1]).unwrap();
        transaction.outputs[1] = pledge_state(&Pledge { secured_maximum: minor(maximum), ..pledge });
        let transaction = world.rules().fill_claims(transaction, &world.ledger).unwrap();
        let id = world.submit_bytes(
            &World::sign(transaction, &ALL_BANKS[..3].iter().copied().chain([Operator]).collect::<Vec<_>>()).encode(),
        );
        let id = id.unwrap();
        title = StateRef { transaction: id, index: 0 };
        pledges.push(StateRef { transaction: id, index: 1 });
    }
    let sale = Sale { title, pledges, to: Supplier, proceeds, satisfied, purse: Some(purse), locked: 28_000_000 };
    let builder = enforce(&mut world, BankA, &sale);
    world.accept(builder, &[BankA, Operator, Supplier]);
    let mut of_pledgor: Vec<_> = world
        .ledger
        .unspent_states()
        .filter(|(_, unspent)| {
            unspent.state.is(token::NAME, token::HOLDING) && unspent.state.owner == Depositor.address()
        })
        .map(|(_, unspent)| (token::read_holding(&unspent.state).unwrap().amount.minor(), unspent.state.locks.len()))
        .collect();
    of_pledgor.sort_unstable();
    assert_eq!(of_pledgor, [(28_000_000, 1), (130_907_500, 0)]);
}

#[test]
fn what_is_collected_is_paid_on_the_debt_that_the_pledge_names() {
    let (mut world, title, first) = pledged();
    let debt = world.owe(Depositor, BankB, 25_000);
    let mut after = enforced_of(ranked_for((world, title, first), Some(&debt)));
    let (second, third) = (after.second, after.third);
    let silent = collect(&mut after, BankB, (second, &[third]), (20_000, 50_000));
    assert_eq!(after.world.refuse(silent, &[BankB]), "PLEDGE_DEBT_NOT_PAID");
    let more = collect(&mut after, BankB, (second, &[third]), (25_001, 50_000));
    let more = debt.paid_beside(&after.world, 25_001, more);
    assert_eq!(after.world.refuse(more, &[BankB]), "DEBT_OVERPAID");
    // What is let go pays nothing.
    let free = collect(&mut after, BankB, (second, &[third]), (0, 50_000));
    let free = debt.paid_beside(&after.world, 20_000, free);
    assert_eq!(after.world.refuse(free, &[BankB]), "PLEDGE_DEBT_NOT_PAID");
    let builder = collect(&mut after, BankB, (second, &[third]), (20_000, 50_000));
    let builder = debt.paid_beside(&after.world, 20_000, builder);
    after.world.accept(builder, &[BankB]);
    let owed = after.world.ledger.unspent_states().find_map(|(_, unspent)| read_obligation(&unspent.state).ok());
    assert_eq!(owed.unwrap().outstanding, minor(5_000));
    assert_eq!(after.world.replayed().unwrap().state_root(), after.world.ledger.state_root());
}
