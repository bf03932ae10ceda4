//! The best rank takes its title for what it brings; nobody else is asked but the taker and the custodian.

use super::*;
use crate::contract::title::{self, TAKE, Title};
use crate::contract::token;
use crate::{Lock, State};

pub(super) fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

/// A sale of the title of pledges, the first of them enforced: what is paid, and what becomes of the pledges.
#[derive(Clone)]
pub(super) struct Sale {
    pub(super) title: StateRef,
    pub(super) pledges: Vec<StateRef>,
    pub(super) to: Who,
    pub(super) proceeds: u64,
    pub(super) satisfied: u64,
    /// What the taker consumes, and what it holds.
    pub(super) purse: Option<(StateRef, u64)>,
    /// Under later ranks' locks.
    pub(super) locked: u64,
}

pub(super) fn tokens() -> ContractId {
    ContractId::built_in(token::NAME)
}

/// Titles and pledges, before any money.
fn taken(world: &mut World, submitter: Who, sale: &Sale) -> TransactionBuilder {
    let titled = world.state(sale.title);
    let pledge = read_pledge(&world.state(sale.pledges[0])).unwrap().pledge.to_vec();
    let Title { title, quantity, .. } = read_title(&titled).unwrap();
    let take = wire::TitleTake { title: title.to_vec(), to: sale.to.address().to_vec() };
    let taken = moved(&titled, sale.to.address(), Vec::new()).unwrap();
    let builder = world.build(submitter).input(sale.title).output(taken);
    let builder = sale.pledges.iter().fold(builder, |builder, pledge| builder.input(*pledge));
    let (proceeds, satisfied) = (sale.proceeds, sale.satisfied);
    let command = wire::PledgeEnforce { pledge, quantity: quantity.minor(), proceeds, satisfied };
    builder.command(ContractId::built_in(title::NAME), TAKE, &take).command(id(), ENFORCE, &command)
}

/// The sale as it should be: the pledgee and the pledgor paid out of the purse, the surplus locked for later ranks.
pub(super) fn enforce(world: &mut World, submitter: Who, sale: &Sale) -> TransactionBuilder {
    let mut builder = taken(world, submitter, sale);
    let covers: Vec<_> = sale.pledges.iter().map(|pledge| read_cover(&world.state(*pledge)).unwrap()).collect();
    let (first, later) = covers.split_first().unwrap();
    if sale.locked > 0 {
        for cover in later {
            let (pledge, number) = (cover.pledge.clone(), cover.pledge.number.clone());
            let over = Cover {
                pledge: Pledge { quantity: Amount::ZERO, number, ..pledge },
                titles: Vec::new(),
                ..cover.clone()
            };
            let over = Cover { released: cover.pledged, ..over };
            builder = builder.output(cover_state(&over.with_money(world.asset(), minor(sale.locked)).unwrap()));
        }
    }
    let Some((purse, held)) = sale.purse else { return builder };
    let (pledgee, pledgor) = (first.pledge.pledgee, first.pledge.pledgor);
    let to_pledgee = if sale.to.address() == pledgee { 0 } else { sale.satisfied };
    let surplus = sale.proceeds - sale.satisfied;
    let locks: Vec<Lock> = later.iter().map(|cover| pledge_lock(&cover.pledge)).collect();
    let of = |owner, amount: u64| token::holding_state(world.asset(), owner, minor(amount));
    let mut outputs = vec![of(pledgee, to_pledgee), of(pledgor, surplus - sale.locked)];
    outputs.push(of(pledgor, sale.locked).with_locks(if sale.locked > 0 { locks } else { Vec::new() }));
    outputs.push(of(sale.to.address(), held - to_pledgee - surplus));
    let is_something = |state: &State| !token::read_holding(state).unwrap().amount.is_zero();
    let outputs = outputs.into_iter().filter(is_something);
    let builder = outputs.fold(builder.input(purse), TransactionBuilder::output);
    builder.command(tokens(), token::TRANSFER, &wire::TokenTransfer {})
}

/// Bank A's pledge enforced by the supplier's purchase for 400,000, of which it keeps 300,000.
pub(super) fn sale_of(world: &mut World, title: StateRef, pledges: &[StateRef]) -> Sale {
    let definition = world.define();
    let purse = Some((world.issue(definition, Supplier, 450_000), 450_000));
    let pledges = pledges.to_vec();
    Sale { title, pledges, to: Supplier, proceeds: 400_000, satisfied: 300_000, purse, locked: 0 }
}

#[test]
fn the_pledgee_sells_under_the_custodians_seal() {
    let signers = [BankA, Operator, Supplier];
    let (mut world, title, pledge) = pledged();
    let sale = sale_of(&mut world, title, &[pledge]);
    for absent in signers {
        let submitter = if absent == BankA { Operator } else { BankA };
        let given: Vec<_> = signers.into_iter().filter(|who| *who != absent).collect();
        let builder = enforce(&mut world, submitter, &sale);
        assert_eq!(world.refuse(builder, &given), "AUTHORITY_SIGNATURES_MISSING");
    }
    let builder = enforce(&mut world, BankA, &sale);
    let transaction = world.accept(builder, &signers);
    let states = [0, 1, 2, 3].map(|index| world.state(StateRef { transaction, index }));
    let owners = states.each_ref().map(|state| state.owner);
    assert_eq!(owners, [Supplier, BankA, Depositor, Supplier].map(Who::address));
    let amounts = states[1..].iter().map(|state| token::read_holding(state).unwrap().amount.minor());
    assert_eq!(amounts.collect::<Vec<_>>(), [300_000, 100_000, 50_000]);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn the_pledgee_takes_the_title_itself_and_pays_the_surplus() {
    let (mut world, title, pledge) = pledged();
    let sale = sale_of(&mut world, title, &[pledge]);
    let without_surplus = Sale { to: BankA, satisfied: 400_000, purse: None, ..sale.clone() };
    let builder = enforce(&mut world, BankA, &without_surplus);
    world.accept(builder, &[BankA, Operator]);

    let (mut world, title, pledge) = pledged();
    let definition = world.define();
    let purse = Some((world.issue(definition, BankA, 100_000), 100_000));
    let sale = Sale { title, pledges: vec![pledge], to: BankA, purse, ..sale };
    let unpaid = Sale { purse: None, ..sale.clone() };
    let builder = enforce(&mut world, BankA, &unpaid);
    assert_eq!(world.refuse(builder, &[BankA, Operator]), "PAYMENT_MISSING");
    let builder = enforce(&mut world, BankA, &sale);
    let transaction = world.accept(builder, &[BankA, Operator]);
    assert_eq!(world.state(StateRef { transaction, index: 1 }), world.holding(Depositor, 100_000));
}

#[test]
fn proceeds_are_named_paid_and_kept_as_far_as_secured() {
    let (mut world, title, pledge) = pledged();
    let sale = sale_of(&mut world, title, &[pledge]);
    let check = |world: &mut World, change: &dyn Fn(&mut Sale), code: &str| {
        let mut changed = sale.clone();
        change(&mut changed);
        let mut transaction = enforce(world, BankA, &sale).build();
        let named = taken(world, BankA, &changed).build();
        for command in &mut transaction.commands {
            if command.name == ENFORCE {
                let arguments = named.commands.iter().find(|other| other.name == ENFORCE).unwrap().arguments.clone();
                command.arguments = arguments;
            }
        }
        assert_eq!(submit(world, transaction, &[BankA, Operator, Supplier]), code);
    };
    check(&mut world, &|sale| (sale.proceeds, sale.satisfied) = (0, 0), "PLEDGE_NO_PROCEEDS");
    check(&mut world, &|sale| sale.satisfied = 400_001, "PLEDGE_PROCEEDS_EXCEEDED");
    check(&mut world, &|sale| (sale.proceeds, sale.satisfied) = (600_000, 500_001), "PLEDGE_SECURED_EXCEEDED");
    check(&mut world, &|sale| sale.proceeds = 400_001, "PAYMENT_DIFFERS");
    check(&mut world, &|sale| sale.satisfied = 299_999, "PAYMENT_DIFFERS");
    let builder = enforce(&mut world, BankA, &sale);
    world.accept(builder, &[BankA, Operator, Supplier]);
}

#[test]
fn a_title_is_taken_on_its_own_pledge_only() {
    let (mut world, title, pledge) = pledged();
    let free = world.issue_title("WR-2");
    let other = world.issue_title("WR-3");
    let builder = world.pledge(other, Depositor, BankA);
    let (_, other_pledge) = refs(world.accept(builder, &ALL));
    let sale = sale_of(&mut world, title, &[pledge]);
    let all = [BankA, Operator, Depositor, Supplier];
    let builder = enforce(&mut world, BankA, &Sale { title: free, ..sale.clone() });
    assert_eq!(world.refuse(builder, &all), "PLEDGE_TITLE_NOT_CONSUMED");
    let builder = enforce(&mut world, BankA, &Sale { pledges: vec![pledge, other_pledge], ..sale.clone() });
    assert_eq!(world.refuse(builder, &all), "PLEDGE_SURPLUS_DIFFERS");
    let mut bare = enforce(&mut world, BankA, &sale).build();
    bare.commands.retain(|command| command.contract.name() == title::NAME);
    bare.inputs.truncate(1);
    bare.outputs.truncate(1);
    assert_eq!(submit(&mut world, bare, &all), "TITLE_NOT_ENFORCED");
    let mut alone = enforce(&mut world, BankA, &sale).build();
    alone.commands.retain(|command| command.contract.name() != title::NAME);
    alone.outputs[0] = moved(&world.state(title), Depositor.address(), Vec::new()).unwrap();
    assert_eq!(submit(&mut world, alone, &all), "PLEDGE_NOT_TAKEN");
    let mut locked = enforce(&mut world, BankA, &sale).build();
    locked.outputs[0] = moved(&world.state(title), Supplier.address(), world.state(title).locks).unwrap();
    assert_eq!(submit(&mut world, locked, &all), "PLEDGE_LOCK_STAYS");
    let mut unnamed = enforce(&mut world, BankA, &sale).build();
    unnamed.inputs.retain(|input| *input != pledge);
    assert_eq!(submit(&mut world, unnamed, &all), "PLEDGE_NOT_CONSUMED");
    for (to, code) in [(Operator, "TITLE_CHANGED"), (Depositor, "TITLE_TO_PARTY")] {
        let builder = enforce(&mut world, BankA, &Sale { to, ..sale.clone() });
        assert_eq!(world.refuse(builder, &all), code);
    }
    let mut elsewhere = enforce(&mut world, BankA, &sale).build();
    elsewhere.outputs[0] = moved(&world.state(title), BankB.address(), Vec::new()).unwrap();
    assert_eq!(submit(&mut world, elsewhere, &all), "TITLE_HOLDER_DIFFERS");
}

#[test]
fn what_is_enforced_is_within_the_pledge_and_ends_it() {
    let (mut world, title, pledge) = pledged();
    let sale = sale_of(&mut world, title, &[pledge]);
    let all = [BankA, Operator, Supplier];
    let with_quantity = |world: &mut World, quantity: u64, keeps: bool| {
        let mut transaction = enforce(world, BankA, &sale).build();
        let cover = read_cover(&world.state(pledge)).unwrap();
        let command = wire::PledgeEnforce {
            pledge: cover.pledge.pledge.to_vec(),
            quantity,
            proceeds: 400_000,
            satisfied: 300_000,
        };
        let place = transaction.commands.iter().position(|command| command.name == ENFORCE).unwrap();
        transaction.commands[place].arguments = prost::Message::encode_to_vec(&command);
        if keeps {
            transaction.outputs.push(cover_state(&cover));
        }
        submit(world, transaction, &all)
    };
    assert_eq!(with_quantity(&mut world, 6_001, false), "PLEDGE_OVER_RELEASE");
    assert_eq!(with_quantity(&mut world, 5_999, false), "PLEDGE_PARTIAL_RELEASE");
    assert_eq!(with_quantity(&mut world, 6_000, true), "PLEDGE_WHOLE_GOES_ON");
}
