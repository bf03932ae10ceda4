use ledger_core::TransactionId;
use ledger_core::contract::token;

use super::*;

/// A small stream of numbers, the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn created(number: u64, numbers: &mut Numbers) -> CreatedState {
    let mut transaction = [0; 32];
    transaction[..8].copy_from_slice(&number.to_be_bytes());
    let party = |number: u64| Address::from_bytes([u8::try_from(number).unwrap(); 32]);
    let asset = AssetId::from_bytes([u8::try_from(numbers.below(3)).unwrap(); 32]);
    let locked = numbers.below(4) == 0;
    let held = (numbers.below(5) > 0).then(|| (asset, Amount::from_minor(numbers.below(1_000) + 1).unwrap()));
    CreatedState {
        reference: StateRef { transaction: TransactionId::from_bytes(transaction), index: 0 },
        number,
        owner: party(numbers.below(6)),
        held,
        locked: locked && held.is_some(),
        plain: held.filter(|_| !locked).map(|_| ContractId::new(token::NAME, 1).unwrap()),
    }
}

/// What a plain list of the unspent states says of a party.
fn by_list(unspent: &[CreatedState], owner: &Address) -> (Vec<Balance>, Vec<HeldState>) {
    let mut held: Vec<HeldState> = unspent
        .iter()
        .filter(|state| state.owner == *owner)
        .filter_map(|state| {
            let (asset, amount) = state.held?;
            Some(HeldState { reference: state.reference, asset, amount, locked: state.locked })
        })
        .collect();
    held.sort_by_key(|state| (state.asset, state.reference));
    let mut balances: BTreeMap<AssetId, Balance> = BTreeMap::new();
    for state in &held {
        let none = Balance { asset: state.asset, free: 0, locked: 0 };
        let balance = balances.entry(state.asset).or_insert(none);
        *(if state.locked { &mut balance.locked } else { &mut balance.free }) += state.amount.minor();
    }
    (balances.into_values().collect(), held)
}

#[test]
fn whatever_comes_and_goes_holdings_say_what_a_list_says() {
    let contracts = ContractSet::built_in();
    for seed in 0..40 {
        let mut numbers = Numbers(seed);
        let (mut holdings, mut list) = (Holdings::default(), Vec::<CreatedState>::new());
        let mut number = 0;
        for _ in 0..60 {
            let mut change = HoldingsChange::default();
            for _ in 0..numbers.below(8) {
                number += 1;
                let state = created(number, &mut numbers);
                change.created.push(state.clone());
                list.push(state);
            }
            for _ in 0..numbers.below(8).min(u64::try_from(list.len()).unwrap()) {
                let place = numbers.below(u64::try_from(list.len()).unwrap());
                change.consumed.push(list.swap_remove(usize::try_from(place).unwrap()).reference);
            }
            holdings.apply(change);
            assert_eq!((holdings.states(), holdings.slots.used()), (number, list.len()));
            for party in 0..6 {
                let owner = Address::from_bytes([party; 32]);
                assert_eq!((holdings.balances(&owner), holdings.held(&owner, None)), by_list(&list, &owner));
            }
            for state in &list {
                let again = holdings.plain(&state.reference).and_then(|plain| plain.state(&contracts));
                let (asset, amount) = state.held.unwrap_or((AssetId::from_bytes([0; 32]), Amount::ZERO));
                let plain = state.plain.is_some().then(|| token::holding_state(asset, state.owner, amount));
                assert_eq!((again, holdings.is_plain(&state.reference)), (plain, state.plain.is_some()));
            }
        }
        for state in std::mem::take(&mut list) {
            holdings.apply(HoldingsChange { consumed: vec![state.reference], ..HoldingsChange::default() });
        }
        assert_eq!((holdings.slots.used(), holdings.accounts.len()), (0, 0));
    }
}

/// An account that is gone leaves its place to the next, so a chain's memory follows what it holds now.
#[test]
fn memory_is_used_again() {
    let mut holdings = Holdings::default();
    let mut numbers = Numbers(1);
    for number in 1..2_000 {
        let state = created(number, &mut numbers);
        let reference = state.reference;
        holdings.apply(HoldingsChange { created: vec![state], ..HoldingsChange::default() });
        holdings.apply(HoldingsChange { consumed: vec![reference], ..HoldingsChange::default() });
    }
    assert_eq!(holdings.slots.places(), (1, 1));
}

#[test]
fn only_a_holding_that_can_be_made_again_is_plain() {
    let contracts = ContractSet::built_in();
    let owner = Address::from_bytes([1; 32]);
    let (asset, amount) = (AssetId::from_bytes([2; 32]), Amount::from_minor(7).unwrap());
    let reference = StateRef { transaction: TransactionId::from_bytes([3; 32]), index: 0 };
    let state = token::holding_state(asset, owner, amount);
    let plain = |state: &State, has_claims| CreatedState::of(reference, 1, (state, has_claims), &contracts).plain;
    assert_eq!(plain(&state, false), Some(ContractId::new(token::NAME, 1).unwrap()));
    assert_eq!(plain(&state, true), None);
    let seen = State { participants: vec![Address::from_bytes([9; 32])], ..state.clone() };
    assert_eq!(plain(&seen, false), None);
    let purpose = Some(ledger_core::PurposeId::from_bytes([4; 32]));
    let bound = token::held_state(owner, ledger_core::contract::Holding { asset, purpose, amount });
    assert_eq!(plain(&bound, false), None);
}
