//! Delivery against payment: a title and the tokens for it, under one context, change hands together or not at all.

use super::*;
use crate::TransactionId;
use crate::contract::title::{self, ACCEPT, OFFER, REFUSE, moved, read_title};

/// A sells its title to the supplier for 900 dollars, which bank B holds.
struct Sale {
    world: World,
    settlement: Settlement,
    title: StateRef,
    money: StateRef,
}

fn title_contract() -> ContractId {
    ContractId::built_in(title::NAME)
}

fn titled(world: &World, title: StateRef, settlement: &Settlement) -> State {
    let state = world.state(title);
    let asset = AssetId::from_bytes(*read_title(&state).unwrap().title.as_bytes());
    let lock = settlement.lock(&world.ledger.chain(), &state.owner, &asset).unwrap();
    moved(&state, state.owner, vec![lock]).unwrap()
}

fn offer(world: &mut World, title: StateRef, settlement: &Settlement, until_ms: u64) -> TransactionBuilder {
    let locked = titled(world, title, settlement);
    let named = read_title(&locked).unwrap().title.to_vec();
    let (to, settlement) = (Supplier.address().to_vec(), Some(settlement.to_wire()));
    let command = wire::TitleOffer { title: named, to, until_ms, settlement };
    moving([locked], world, Depositor, &[title]).command(title_contract(), OFFER, &command)
}

/// Both sides have agreed; nothing is locked yet.
fn agreed() -> (World, Settlement, StateRef, StateRef) {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let definition = world.define();
    let money = world.issue(definition, Supplier, 900);
    let asset = AssetId::from_bytes(*world.title("WR-1").title.as_bytes());
    let goods = Leg {
        from: Depositor.address(),
        to: Supplier.address(),
        asset,
        amount: minor(6_000),
        kind: LockKind::Escrow,
        locker: Supplier.address(),
    };
    let price = Leg { from: Supplier.address(), to: Depositor.address(), ..leg(&world, Supplier, 900) };
    let settlement = settlement(&world, vec![goods, price]);
    (world, settlement, title, money)
}

fn sale() -> Sale {
    let (mut world, settlement, title, money) = agreed();
    let builder = offer(&mut world, title, &settlement, settlement.until_ms.unwrap());
    let title = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let outputs = [held(&world, &settlement, Supplier, 900)];
    let builder = hold(moving(outputs, &mut world, Supplier, &[money]), &settlement);
    let money = StateRef { transaction: world.accept(builder, &[Supplier]), index: 0 };
    Sale { world, settlement, title, money }
}

/// The title goes; what is paid is the caller's.
fn accept(sale: &mut Sale, settlement: Option<&Settlement>, paid: &[(StateRef, Who, u64)]) -> TransactionBuilder {
    let state = sale.world.state(sale.title);
    let mut inputs = vec![sale.title];
    let mut outputs = vec![moved(&state, Supplier.address(), Vec::new()).unwrap()];
    for (input, to, amount) in paid {
        inputs.push(*input);
        outputs.push(sale.world.holding(*to, *amount));
    }
    let message = wire::TitleAccept {
        title: read_title(&state).unwrap().title.to_vec(),
        settlement: settlement.map(Settlement::to_wire),
    };
    moving(outputs, &mut sale.world, Supplier, &inputs).command(title_contract(), ACCEPT, &message)
}

const SIGNERS: [Who; 3] = [Supplier, Operator, BankB];

#[test]
fn title_and_money_change_hands_in_one_transaction() {
    let mut sale = sale();
    let (agreed, money) = (sale.settlement.clone(), sale.money);
    for absent in SIGNERS {
        let builder = accept(&mut sale, Some(&agreed), &[(money, Depositor, 900)]);
        let given: Vec<_> = SIGNERS.into_iter().filter(|who| *who != absent).chain([Depositor]).collect();
        assert_eq!(sale.world.refuse(settle(builder, &agreed, None), &given), "AUTHORITY_SIGNATURES_MISSING");
    }
    let builder = accept(&mut sale, Some(&agreed), &[(money, Depositor, 900)]);
    let transaction: TransactionId = sale.world.accept(settle(builder, &agreed, None), &SIGNERS);
    let after = [0, 1].map(|index| sale.world.state(StateRef { transaction, index }));
    assert_eq!([after[0].owner, after[1].owner], [Supplier.address(), Depositor.address()]);
    assert!(after.iter().all(|state| state.locks.is_empty()));
    assert_eq!(sale.world.replayed().unwrap().state_root(), sale.world.ledger.state_root());
}

#[test]
fn one_side_alone_is_refused() {
    let mut sale = sale();
    let (agreed, money) = (sale.settlement.clone(), sale.money);
    let title_alone = accept(&mut sale, Some(&agreed), &[]);
    assert_eq!(sale.world.refuse(title_alone, &SIGNERS), "SETTLEMENT_LEG_MISSING");
    let unnamed = accept(&mut sale, None, &[]);
    assert_eq!(sale.world.refuse(unnamed, &SIGNERS), "TITLE_SETTLEMENT_DIFFERS");
    let outputs = [sale.world.holding(Depositor, 900)];
    let money_alone = settle(moving(outputs, &mut sale.world, BankB, &[money]), &agreed, None);
    assert_eq!(sale.world.refuse(money_alone, &SIGNERS), "SETTLEMENT_LEG_MISSING");
    // Another payment of the same amount is not the leg, and the buyer's own money cannot go back to it.
    let to_buyer = accept(&mut sale, Some(&agreed), &[(money, Supplier, 900)]);
    assert_eq!(sale.world.refuse(settle(to_buyer, &agreed, None), &SIGNERS), "SETTLEMENT_PAID_DIFFERS");
}

#[test]
fn an_offer_names_the_leg_that_it_is() {
    let offers = |change: fn(&mut Settlement), later: u64| {
        let (mut world, mut settlement, title, _) = agreed();
        let until_ms = settlement.until_ms.unwrap() + later;
        change(&mut settlement);
        settlement.legs.sort_by_key(|leg| (leg.from, leg.asset, leg.to));
        let builder = offer(&mut world, title, &settlement, until_ms);
        world.submit(builder, &[Depositor]).map(|_| ()).map_err(|rejection| rejection.code)
    };
    fn goods(settlement: &mut Settlement) -> &mut Leg {
        settlement.legs.iter_mut().find(|leg| leg.from == Depositor.address()).unwrap()
    }
    let differs = Err("TITLE_LEG_DIFFERS".to_owned());
    assert_eq!(offers(|_| {}, 0), Ok(()));
    assert_eq!(offers(|_| {}, 1), differs);
    assert_eq!(offers(|settlement| settlement.until_ms = None, 0), differs);
    assert_eq!(offers(|settlement| goods(settlement).amount = minor(5_999), 0), differs);
    assert_eq!(offers(|settlement| goods(settlement).kind = LockKind::Hold, 0), differs);
    assert_eq!(offers(|settlement| goods(settlement).locker = BankB.address(), 0), differs);
    assert_eq!(offers(|settlement| goods(settlement).to = BankA.address(), 0), differs);
    let (mut world, settlement, title, _) = agreed();
    let until_ms = settlement.until_ms.unwrap();
    let mut transaction = offer(&mut world, title, &settlement, until_ms).build();
    transaction.outputs[0] = titled(&world, title, &Settlement { nonce: [8; 32], ..settlement });
    transaction = world.rules().fill_claims(transaction, &world.ledger).unwrap();
    let signed = World::sign(transaction, &[Depositor]);
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "TITLE_OFFER_DIFFERS");
}

#[test]
fn a_refused_title_frees_no_money_but_its_end_does() {
    let mut sale = sale();
    let state = sale.world.state(sale.title);
    let message = wire::TitleRefuse { title: read_title(&state).unwrap().title.to_vec() };
    let free = moved(&state, Depositor.address(), Vec::new()).unwrap();
    let builder = moving([free], &mut sale.world, Supplier, &[sale.title]).command(title_contract(), REFUSE, &message);
    sale.world.accept(builder, &[Supplier]);
    let early = sale.world.transfer(Supplier, &[sale.money], &[(Supplier, 900)]);
    assert_eq!(sale.world.refuse(early, &[Supplier]), "TOKEN_LOCKED");
    sale.world.now_ms = sale.settlement.until_ms.unwrap();
    let back = sale.world.transfer(Supplier, &[sale.money], &[(Supplier, 900)]);
    sale.world.accept(back, &[Supplier]);
}

#[test]
fn an_escrowed_title_is_neither_pledged_nor_offered_again() {
    let mut sale = sale();
    let builder = sale.world.offer(sale.title, BankA, DAY_MS);
    assert_eq!(sale.world.refuse(builder, &[Depositor, Supplier]), "TITLE_LOCKED");
    let builder = sale.world.pledge(sale.title, Depositor, BankA);
    assert_eq!(sale.world.refuse(builder, &[Depositor, Supplier, BankA, Operator]), "PLEDGE_TITLE_OFFERED");
}

#[test]
fn a_plain_offer_is_not_accepted_under_a_settlement() {
    let (mut world, settlement, title, money) = agreed();
    let builder = world.offer(title, Supplier, 2 * DAY_MS);
    let title = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let mut sale = Sale { world, settlement, title, money };
    let agreed = sale.settlement.clone();
    let builder = accept(&mut sale, Some(&agreed), &[]);
    assert_eq!(sale.world.refuse(builder, &SIGNERS), "TITLE_SETTLEMENT_DIFFERS");
    let builder = accept(&mut sale, None, &[]);
    sale.world.accept(builder, &SIGNERS);
}

/// What the buyer pays for the goods does not also pay what it owes the seller, unless the seller says so.
#[test]
fn the_money_of_an_exchange_pays_no_debt_unasked() {
    let mut sale = sale();
    let debt = sale.world.owe(Supplier, Depositor, 900);
    let (agreed, money) = (sale.settlement.clone(), sale.money);
    let paying = |sale: &mut Sale| {
        debt.settled_beside(settle(accept(sale, Some(&agreed), &[(money, Depositor, 900)]), &agreed, None))
    };
    let builder = paying(&mut sale);
    assert_eq!(sale.world.refuse(builder, &SIGNERS), "AUTHORITY_SIGNATURES_MISSING");
    let builder = paying(&mut sale);
    sale.world.accept(builder, &[Supplier, Operator, BankB, Depositor]);
}
