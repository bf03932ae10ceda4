use super::*;
use crate::contract::{agreement, loan, netting_round, party, pledge, title};
use crate::fixture::*;
use crate::verify::contextual;
use crate::{Amount, Coded, ContextId, StateRef};

/// A world in which the depositor holds tokens and a pledged title.
fn world() -> World {
    let mut world = World::new();
    let definition = world.define();
    world.issue(definition, Depositor, 1_000);
    let title = world.issue_title("WR-1");
    let builder = world.pledge(title, Depositor, BankA);
    world.accept(builder, &[Depositor, BankA, Operator]);
    world
}

/// Breaks the ledger past its rules, through a block's changes alone.
fn codes_after(change: impl Fn(&mut crate::ledger::Changes, &Ledger)) -> Vec<&'static str> {
    let mut world = world();
    let proposed = world.proposed(Vec::new());
    let (mut block, _) = contextual(proposed, &world.ledger);
    change(block.changes_mut(), &world.ledger);
    world.ledger.apply(&block).unwrap();
    broken(&world.ledger).iter().map(Coded::code).collect()
}

fn find(ledger: &Ledger, contract: &str, kind: &str) -> StateRef {
    *ledger.unspent_states().find(|(_, unspent)| unspent.state.is(contract, kind)).unwrap().0
}

fn spend(changes: &mut crate::ledger::Changes, ledger: &Ledger, state: StateRef) {
    changes.spent.insert(state, ledger.unspent(&state).unwrap().resolve(state));
}

#[test]
fn a_sound_ledger_breaks_nothing() {
    assert_eq!(codes_after(|_, _| {}), Vec::<&str>::new());
}

#[test]
fn vanished_tokens_titles_and_pledges_are_found() {
    let without = |contract: &'static str, kind: &'static str| {
        codes_after(move |changes, ledger| spend(changes, ledger, find(ledger, contract, kind)))
    };
    // The holding held its issue reference, the title its number.
    assert_eq!(without(token::NAME, token::HOLDING), ["INVARIANT_SUPPLY", "INVARIANT_CLAIM"]);
    assert_eq!(without(title::NAME, title::TITLE), ["INVARIANT_PLEDGE_WITHOUT_LOCK", "INVARIANT_CLAIM"]);
    assert_eq!(without(pledge::NAME, pledge::PLEDGE), ["INVARIANT_LOCK_WITHOUT_PLEDGE"]);
}

#[test]
fn an_agreement_that_holds_something_else_than_it_says_is_found() {
    let mut scene = crate::contract::agreement::tests::paid_in();
    assert_eq!(broken(&scene.ledger), []);
    let proposed = scene.proposed(Vec::new());
    let (mut block, _) = contextual(proposed, &scene.ledger);
    let agreement = find(&scene.ledger, agreement::NAME, agreement::AGREEMENT);
    let owner = scene.state(agreement).owner;
    let (vault, _) =
        scene.ledger.unspent_states().find(|(vault, of)| of.state.owner == owner && **vault != agreement).unwrap();
    spend(block.changes_mut(), &scene.ledger, *vault);
    scene.ledger.apply(&block).unwrap();
    let codes: Vec<_> = broken(&scene.ledger).iter().map(Coded::code).collect();
    assert_eq!(codes, ["INVARIANT_SUPPLY", "INVARIANT_AGREEMENT"]);
}

#[test]
fn a_purpose_and_a_loan_that_do_not_end_together_are_found() {
    use crate::contract::purpose;
    for (contract, kind) in [(loan::NAME, loan::LOAN), (purpose::NAME, purpose::PURPOSE)] {
        let mut scene = loan::tests::Scene::bound();
        assert_eq!(broken(&scene.world.ledger), []);
        let proposed = scene.world.proposed(Vec::new());
        let (mut block, _) = contextual(proposed, &scene.world.ledger);
        spend(block.changes_mut(), &scene.world.ledger, find(&scene.world.ledger, contract, kind));
        scene.world.ledger.apply(&block).unwrap();
        let codes: Vec<_> = broken(&scene.world.ledger).iter().map(Coded::code).collect();
        assert!(codes.contains(&"INVARIANT_PURPOSE_LOAN"), "{codes:?}");
    }
}

#[test]
fn a_loan_that_its_schedule_contradicts_is_found() {
    let scene = loan::tests::Scene::lent();
    assert_eq!(broken(&scene.world.ledger), []);
    let one = Amount::from_minor(1).unwrap();
    type Change = fn(&mut loan::Loan, Amount);
    let changes: [(Change, &str); 5] = [
        (|loan, one| loan.due.interest = one, "INVARIANT_LOAN"),
        (|loan, _| loan.carried_out += 1, "INVARIANT_LOAN"),
        (|loan, one| loan.paid.principal = one, "INVARIANT_UNREADABLE"),
        (|loan, _| loan.terms.clear(), "INVARIANT_UNREADABLE"),
        (
            |loan, _| {
                let end = loan.carried_out_to("2099-01-01".parse().unwrap()).unwrap();
                *loan = loan::Loan { paid: end.due, due: loan::Parts::default(), ..end };
            },
            "INVARIANT_LOAN",
        ),
    ];
    for (change, code) in changes {
        let mut scene = loan::tests::Scene::lent();
        let (mut block, _) = contextual(scene.world.proposed(Vec::new()), &scene.world.ledger);
        let mut unspent = scene.world.ledger.unspent(&scene.loan).unwrap().as_ref().clone();
        let mut loan = loan::read_loan(&unspent.state).unwrap();
        change(&mut loan, one);
        unspent.state = std::sync::Arc::new(loan::loan_state(&loan));
        block.changes_mut().created.insert(scene.loan, std::sync::Arc::new(unspent));
        scene.world.ledger.apply(&block).unwrap();
        assert_eq!(broken(&scene.world.ledger).iter().map(Coded::code).collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn parties_without_their_record_or_with_another_are_found() {
    let gone = codes_after(|changes, ledger| spend(changes, ledger, find(ledger, party::NAME, party::RECORD)));
    assert_eq!(gone, ["INVARIANT_PARTY", "INVARIANT_CLAIM"]);
    let other = codes_after(|changes, ledger| {
        let (address, entry) = ledger.parties().find(|(address, _)| **address == Depositor.address()).unwrap();
        let record = entry.record.changed(entry.record.authority.clone(), vec![1; 32]);
        let entry = crate::PartyEntry { version: record.version, record };
        changes.parties.insert(*address, std::sync::Arc::new(entry));
    });
    assert_eq!(other, ["INVARIANT_PARTY"]);
    assert_eq!(codes_beside(|_| party::record_state(&Stranger.record())), ["INVARIANT_PARTY"]);
}

#[test]
fn a_wrong_counter_and_an_orphaned_claim_are_found() {
    let inflated = codes_after(|changes, ledger| {
        let (asset, supply) = ledger.supplies().next().unwrap();
        changes.supplies.insert(*asset, supply.checked_add(Amount::from_minor(1).unwrap()).unwrap());
    });
    assert_eq!(inflated, ["INVARIANT_SUPPLY"]);
    let orphaned = codes_after(|changes, ledger| {
        let (key, _) = ledger.claims().find(|(_, claim)| claim.near.is_none()).unwrap();
        changes.claims.insert(*key, None);
    });
    assert_eq!(orphaned, ["INVARIANT_CLAIM"]);
    let near = |ledger: &Ledger| *ledger.near_keys().next().unwrap().0;
    let counted_twice = codes_after(|changes, ledger| {
        changes.near.insert(near(ledger), 2);
    });
    assert_eq!(counted_twice, ["INVARIANT_NEAR"]);
    let forgotten = codes_after(|changes, ledger| {
        changes.near.insert(near(ledger), 0);
    });
    assert_eq!(forgotten, ["INVARIANT_NEAR"]);
    let unreadable = codes_after(|changes, ledger| {
        let state = find(ledger, token::NAME, token::HOLDING);
        let mut unspent = ledger.unspent(&state).unwrap().as_ref().clone();
        unspent.state = std::sync::Arc::new(crate::State { data: vec![0xff], ..unspent.state.as_ref().clone() });
        changes.created.insert(state, std::sync::Arc::new(unspent));
    });
    assert_eq!(unreadable, ["INVARIANT_UNREADABLE", "INVARIANT_SUPPLY"]);
}

#[test]
fn permissions_and_restrictions_past_their_states_are_found() {
    let usurped = codes_after(|changes, _| {
        let everything = crate::Permission::GRANTED.into_iter().collect();
        changes.permissions.insert(Depositor.address(), everything);
    });
    assert_eq!(usurped, ["INVARIANT_PERMISSIONS"]);
    let forgotten = codes_after(|changes, _| {
        changes.permissions.insert(Administrator.address(), Default::default());
    });
    assert_eq!(forgotten, ["INVARIANT_PERMISSIONS"]);
    let restricted = codes_after(|changes, ledger| {
        let (asset, _) = ledger.supplies().next().unwrap();
        changes.restricted.insert(*asset, true);
    });
    assert_eq!(restricted, ["INVARIANT_RESTRICTION"]);
}

/// Puts a state into the ledger past its rules.
fn codes_beside(state: impl Fn(&World) -> crate::State) -> Vec<&'static str> {
    let mut world = world();
    let state = std::sync::Arc::new(state(&world));
    let unspent = crate::ledger::UnspentState { state, claims: Vec::new(), digest: [1; 32] };
    let proposed = world.proposed(Vec::new());
    let (mut block, _) = contextual(proposed, &world.ledger);
    let place = StateRef { transaction: crate::TransactionId::from_bytes([9; 32]), index: 0 };
    block.changes_mut().created.insert(place, std::sync::Arc::new(unspent));
    world.ledger.apply(&block).unwrap();
    broken(&world.ledger).iter().map(Coded::code).collect()
}

#[test]
fn debts_of_nothing_and_of_too_much_are_found() {
    let minor = |amount| Amount::from_minor(amount).unwrap();
    let note = |outstanding| {
        codes_beside(move |world| {
            trade_note::note_state(&trade_note::TradeNote {
                note: Default::default(),
                payer: Depositor.address(),
                payee: Supplier.address(),
                asset: world.asset(),
                amount: minor(10),
                outstanding: minor(outstanding),
                due_on: Default::default(),
                number: "JYD-1".to_owned(),
                files: Vec::new(),
                dispute: None,
            })
        })
    };
    let owed = |outstanding| {
        codes_beside(move |world| {
            obligation::obligation_state(&obligation::Obligation {
                obligation: Default::default(),
                debtor: Depositor.address(),
                creditor: Supplier.address(),
                asset: world.asset(),
                amount: minor(10),
                outstanding: minor(outstanding),
                due_on: Default::default(),
                issuer: Supplier.address(),
                number: "INV-1".to_owned(),
                document: Default::default(),
                debtor_nets: None,
                creditor_nets: None,
                round: None,
            })
        })
    };
    for (outstanding, expected) in [(0, &["INVARIANT_DEBT"][..]), (10, &[]), (11, &["INVARIANT_DEBT"])] {
        assert_eq!(note(outstanding), expected);
        assert_eq!(owed(outstanding), expected);
    }
}

/// A round's obligations are those that say so, and no round counts what is not there.
#[test]
fn obligations_and_their_rounds_that_disagree_are_found() {
    let minor = |amount| Amount::from_minor(amount).unwrap();
    let round = crate::RoundId::from_bytes([8; 32]);
    let held = codes_beside(move |world| {
        obligation::obligation_state(&obligation::Obligation {
            obligation: Default::default(),
            debtor: Depositor.address(),
            creditor: Supplier.address(),
            asset: world.asset(),
            amount: minor(10),
            outstanding: minor(10),
            due_on: Default::default(),
            issuer: Supplier.address(),
            number: "INV-1".to_owned(),
            document: Default::default(),
            debtor_nets: None,
            creditor_nets: None,
            round: Some(round),
        })
    });
    assert_eq!(held, ["INVARIANT_ROUND_MISSING"]);
    let counting = |gross, phase: fn() -> netting_round::Phase| {
        codes_beside(move |world| {
            let names = (round, Operator.address(), world.asset());
            let new = netting_round::NettingRound::new(names, (1, 2), [0; 32]);
            netting_round::round_state(&netting_round::NettingRound { gross: minor(gross), phase: phase(), ..new })
        })
    };
    let gathering = || netting_round::Phase::Gathering { peaks: Vec::new() };
    assert_eq!(counting(0, gathering), Vec::<&str>::new());
    assert_eq!(counting(1, gathering), ["INVARIANT_ROUND_GROSS"]);
    assert_eq!(counting(1, || netting_round::Phase::Voided), Vec::<&str>::new());
}

#[test]
fn a_feed_without_the_price_it_carries_is_found() {
    let feed =
        |last| codes_beside(move |world| price::feed_state(&price::PriceFeed { last, ..Feed::aluminium(world) }));
    assert_eq!(feed(None), Vec::<&str>::new());
    assert_eq!(feed(Some(price::PricePoint { value: Amount::ZERO, time_ms: 1 })), ["INVARIANT_FEED"]);
}

/// Replaces the one state of a kind past the rules.
fn codes_with(
    contract: &'static str,
    kind: &'static str,
    change: impl Fn(&crate::State) -> crate::State,
) -> Vec<&'static str> {
    codes_after(move |changes, ledger| {
        let state = find(ledger, contract, kind);
        let mut unspent = ledger.unspent(&state).unwrap().as_ref().clone();
        unspent.state = std::sync::Arc::new(change(&unspent.state));
        changes.created.insert(state, std::sync::Arc::new(unspent));
    })
}

#[test]
fn pledges_that_do_not_add_up_are_found() {
    let minor = |minor| Amount::from_minor(minor).unwrap();
    let with_cover = |change: fn(&mut pledge::Cover)| {
        codes_with(pledge::NAME, pledge::PLEDGE, move |state| {
            let mut cover = pledge::read_cover(state).unwrap();
            change(&mut cover);
            pledge::cover_state(&cover)
        })
    };
    // More released than pledged; a quantity other than the titles'; a title of another quantity than is locked.
    assert_eq!(
        with_cover(|cover| cover.released = cover.pledged.checked_add(cover.pledged).unwrap()),
        ["INVARIANT_PLEDGE_TOTALS"]
    );
    assert_eq!(with_cover(|cover| cover.pledge.quantity = Amount::ZERO), ["INVARIANT_PLEDGE_TOTALS"]);
    let other = codes_with(pledge::NAME, pledge::PLEDGE, |state| {
        let cover = pledge::read_cover(state).unwrap();
        pledge::pledge_state(&pledge::Pledge { quantity: minor(5_999), ..cover.pledge })
    });
    assert_eq!(other, ["INVARIANT_PLEDGE_WITHOUT_LOCK"]);
    assert_eq!(with_cover(|cover| cover.pledge.rank = 2), ["INVARIANT_PLEDGE_WITHOUT_LOCK"]);
}

#[test]
fn a_rank_that_stands_twice_is_found() {
    let twice = codes_with(title::NAME, title::TITLE, |state| {
        let lock = state.locks[0].clone();
        let other = crate::Lock { context: ContextId::from_bytes([7; 32]), ..lock.clone() };
        state.clone().with_locks(vec![lock, other])
    });
    assert_eq!(twice, ["INVARIANT_LOCK_EXCEEDS", "INVARIANT_PLEDGE_RANK_TWICE", "INVARIANT_LOCK_WITHOUT_PLEDGE"]);
}

#[test]
fn money_that_its_pledge_does_not_know_is_found() {
    let asset = world().asset();
    let unlocked = codes_with(pledge::NAME, pledge::PLEDGE, move |state| {
        let cover = pledge::read_cover(state).unwrap();
        pledge::cover_state(&cover.with_money(asset, Amount::from_minor(5).unwrap()).unwrap())
    });
    assert_eq!(unlocked, ["INVARIANT_PLEDGE_MONEY"]);
    let locked = codes_after(|changes, ledger| {
        let pledge = ledger.unspent(&find(ledger, pledge::NAME, pledge::PLEDGE)).unwrap();
        let lock = pledge::pledge_lock(&pledge::read_pledge(&pledge.state).unwrap());
        let state = find(ledger, token::NAME, token::HOLDING);
        let mut unspent = ledger.unspent(&state).unwrap().as_ref().clone();
        unspent.state = std::sync::Arc::new(unspent.state.as_ref().clone().with_locks(vec![lock]));
        changes.created.insert(state, std::sync::Arc::new(unspent));
    });
    assert_eq!(locked, ["INVARIANT_PLEDGE_MONEY"]);
    // A lock of another locker, on a title or under the pledge's context, is not the pledge's own.
    let other = codes_with(title::NAME, title::TITLE, |state| {
        let lock = crate::Lock { locker: BankB.address(), ..state.locks[0].clone() };
        state.clone().with_locks(vec![lock])
    });
    assert_eq!(other, ["INVARIANT_PLEDGE_WITHOUT_LOCK"]);
}

#[test]
fn locks_past_their_state_and_value_held_twice_are_found() {
    let hold = |context: u8, amount: Option<u64>| crate::Lock {
        kind: crate::LockKind::Hold,
        locker: BankB.address(),
        context: ContextId::from_bytes([context; 32]),
        rank: 1,
        amount: amount.map(|minor| Amount::from_minor(minor).unwrap()),
        until_ms: None,
    };
    let locked = |locks: Vec<crate::Lock>| {
        codes_with(token::NAME, token::HOLDING, move |state| state.clone().with_locks(locks.clone()))
    };
    assert_eq!(locked(vec![hold(1, None)]), Vec::<&str>::new());
    assert_eq!(locked(vec![hold(1, Some(1_001))]), ["INVARIANT_LOCK_EXCEEDS"]);
    assert_eq!(locked(vec![hold(1, Some(400)), hold(2, Some(600))]), ["INVARIANT_HELD_TWICE"]);
    assert_eq!(locked(vec![hold(1, None), hold(2, None)]), ["INVARIANT_LOCK_EXCEEDS", "INVARIANT_HELD_TWICE"]);
    let bound = codes_with(token::NAME, token::HOLDING, move |state| {
        let held = token::read_holding(state).unwrap();
        let purpose = Some(crate::PurposeId::from_bytes([3; 32]));
        token::held_state(state.owner, crate::Holding { purpose, ..held }).with_locks(vec![hold(1, None)])
    });
    assert_eq!(bound, ["INVARIANT_HELD_TWICE", "INVARIANT_PURPOSE_BALANCE"]);
}

/// Every kind of entry that decides acceptance is in the map, and one lost from it is found.
#[test]
fn an_entry_lost_from_the_state_map_is_found() {
    use crate::ContractId;
    use crate::contract::chain;
    use crate::encoding::Wire;
    use crate::ledger::entry;
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 100);
    let subject = crate::FreezeSubject::Address(BankB.address());
    let order = crate::wire::ChainFreeze { subjects: vec![subject.to_wire()], reference: "Court of Harbin".to_owned() };
    let freeze = world.build(Administrator).command(ContractId::built_in(chain::NAME), chain::FREEZE, &order);
    world.accept(freeze, &[Administrator]);
    let claim = *world.ledger.claims().next().unwrap().0;
    for key in [
        entry::state_key(&held),
        entry::claim_key(&claim),
        entry::supply_key(&world.asset()),
        entry::freeze_key(&subject),
        entry::party_key(&Depositor.address()),
        entry::party_key(&Administrator.address()),
        entry::permissions_key(&Administrator.address()),
    ] {
        let mut ledger = world.ledger.clone();
        assert_eq!(broken(&ledger), []);
        ledger.lose_from_map(key);
        assert_eq!(broken(&ledger), [InvariantBroken::StateRoot]);
    }
}
