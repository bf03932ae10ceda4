use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::verify::InTurn;

type Model = BTreeMap<Hash, Hash>;

/// The root as the words define it: every subtree hashed anew from its entries, bit by bit.
fn slow_root(model: &Model) -> Digest {
    fn subtree(entries: &[(Hash, Hash)], depth: usize) -> Hash {
        match entries {
            [] => [0; 32],
            [(key, value)] => merkle::leaf(&[*key, *value].concat()),
            _ => {
                let is_set = |key: &Hash| (key[depth / 8] >> (7 - depth % 8)) & 1 == 1;
                let (high, low): (Vec<_>, Vec<_>) = entries.iter().partition(|(key, _)| is_set(key));
                merkle::node(&subtree(&low, depth + 1), &subtree(&high, depth + 1))
            }
        }
    }
    let entries: Vec<_> = model.iter().map(|(key, value)| (*key, *value)).collect();
    let count = u64::try_from(model.len()).unwrap().to_be_bytes();
    Digest::from_bytes(hash(Domain::MapEntry, &[&count, &subtree(&entries, 0)]))
}

/// Keys spread as hashes are, and keys that share many bits, as somebody might search them.
fn key(number: u8) -> Hash {
    match number {
        0..=199 => map_key("test", &[number]),
        _ => {
            let mut key = [0x55; 32];
            key[4 + usize::from(number % 7)] ^= number;
            key
        }
    }
}

fn apply(model: &mut Model, changes: &[(u8, Option<u8>)]) -> Vec<(Hash, Option<Hash>)> {
    let mut list = Vec::new();
    for (number, value) in changes {
        let value = value.map(|value| [value; 32]);
        match value {
            Some(value) => model.insert(key(*number), value),
            None => model.remove(&key(*number)),
        };
        list.push((key(*number), value));
    }
    list
}

fn changes() -> impl Strategy<Value = Vec<Vec<(u8, Option<u8>)>>> {
    let change = (any::<u8>(), prop::option::weighted(0.6, any::<u8>()));
    prop::collection::vec(prop::collection::vec(change, 0..40), 0..8)
}

proptest! {
    /// After any blocks of changes the map has the model's root, the root and the memory of a map filled at once.
    #[test]
    fn the_root_depends_on_the_content_only(blocks in changes()) {
        let (mut map, mut model) = (StateMap::default(), Model::new());
        for block in &blocks {
            map.change(apply(&mut model, block));
            prop_assert_eq!(map.root(), slow_root(&model));
            let fresh: StateMap = model.iter().map(|(key, value)| (*key, *value)).collect();
            prop_assert_eq!(fresh.root(), map.root());
            prop_assert_eq!(map.count(), u64::try_from(model.len()).unwrap());
            prop_assert_eq!((map.nodes.used(), map.buckets.used()), (fresh.nodes.used(), fresh.buckets.used()));
        }
        for number in 0..=u8::MAX {
            prop_assert_eq!(map.get(&key(number)), model.get(&key(number)));
        }
    }

    /// Every key's path proves its value or its absence, and nothing else.
    #[test]
    fn a_path_proves_what_is_there_and_nothing_else(blocks in changes(), asked in any::<u8>(), other in any::<[u8; 32]>()) {
        let (mut map, mut model) = (StateMap::default(), Model::new());
        blocks.iter().for_each(|block| map.change(apply(&mut model, block)));
        let (key, root) = (key(asked), Ok(map.root()));
        let (path, value) = (map.path(&key), model.get(&key));
        prop_assert_eq!(path.root(&key, value), root);
        let wrong = if value.is_some() { None } else { Some(&other) };
        prop_assert_ne!(path.root(&key, wrong), root);
        prop_assert_ne!(path.root(&key, Some(&other)), root);
        if value.is_some() {
            prop_assert_ne!(path.root(&other, value), root);
        } else if !model.contains_key(&other) {
            prop_assert_eq!(map.path(&other).root(&other, None), root);
        }
        for place in 0..path.siblings.len() {
            let mut damaged = path.clone();
            damaged.siblings[place][asked as usize % 32] ^= 1;
            prop_assert_ne!(damaged.root(&key, value), root);
        }
        let longer = MapPath { siblings: [path.siblings.clone(), vec![[0; 32]]].concat(), ..path.clone() };
        prop_assert_ne!(longer.root(&key, value), root);
        prop_assert_ne!(MapPath { count: path.count + 1, ..path.clone() }.root(&key, value), root);
        prop_assert_eq!(crate::encoding::decode::<MapPath>(&crate::encoding::encode(&path)), Ok(path));
    }
}

#[test]
fn an_empty_map_takes_no_memory_and_a_full_one_empties_again() {
    let mut map = StateMap::default();
    let empty = map.root();
    assert_eq!((map.bytes(), map.count()), (0, 0));
    map.change((0..=u8::MAX).map(|number| (key(number), Some([number; 32]))));
    assert_ne!(map.root(), empty);
    map.change((0..=u8::MAX).map(|number| (key(number), None)));
    assert_eq!((map.root(), map.count()), (empty, 0));
    assert_eq!((map.nodes.used(), map.buckets.used()), (0, 0));
}

proptest! {
    /// A map built at once is the map that changes make, and changes on as that one does.
    #[test]
    fn a_map_built_at_once_is_the_same(
        numbers in proptest::collection::btree_set(any::<u8>(), 0..200),
        (set, removed) in any::<(u8, u8)>(),
    ) {
        let entries: Vec<(Hash, Hash)> = numbers.iter().map(|number| (key(*number), [*number; 32])).collect();
        let mut built = StateMap::build(all(entries.clone()), &InTurn).unwrap();
        let mut changed = StateMap::from_iter(entries);
        prop_assert_eq!((built.root(), built.count()), (changed.root(), changed.count()));
        prop_assert_eq!((built.nodes.used(), built.buckets.used()), (changed.nodes.used(), changed.buckets.used()));
        for map in [&mut built, &mut changed] {
            map.change([(key(set), Some([1; 32])), (key(removed), None)]);
        }
        prop_assert_eq!(built.root(), changed.root());
        for number in numbers {
            prop_assert_eq!(built.get(&key(number)), changed.get(&key(number)));
        }
    }
}

fn all(entries: impl IntoIterator<Item = (Hash, Hash)>) -> Entries {
    let mut all = Entries::default();
    all.extend(entries);
    all
}

#[test]
fn no_map_is_built_of_a_key_that_stands_twice() {
    assert!(StateMap::build(all([(key(1), [1; 32]), (key(2), [1; 32]), (key(1), [2; 32])]), &InTurn).is_none());
}

#[test]
fn another_value_or_key_is_another_root() {
    let root = |number: u8, value: u8| StateMap::from_iter([(key(number), [value; 32])]).root();
    assert_ne!(root(1, 1), root(1, 2));
    assert_ne!(root(1, 1), root(2, 1));
    assert_ne!(root(1, 1), StateMap::default().root());
}

#[test]
fn of_one_key_the_last_change_counts() {
    let mut map = StateMap::default();
    map.change([
        (key(1), Some([1; 32])),
        (key(2), Some([1; 32])),
        (key(1), None),
        (key(1), Some([3; 32])),
        (key(2), None),
    ]);
    assert_eq!(map.root(), StateMap::from_iter([(key(1), [3; 32])]).root());
}

/// A path of another shape proves nothing, whatever the root.
#[test]
fn paths_of_a_wrong_shape_are_refused() {
    let map: StateMap = (0..20).map(|number| (key(number), [number; 32])).collect();
    let path = map.path(&key(3));
    let neighbour = |key| Some(Neighbour { key, value: [3; 32] });
    let check = |path: MapPath, value: Option<&Hash>, expected| assert_eq!(path.root(&key(3), value), Err(expected));
    check(MapPath { siblings: vec![[0; 32]; 257], ..path.clone() }, None, MapPathError::TooLong { steps: 257 });
    check(MapPath { neighbour: neighbour(key(3)), ..path.clone() }, None, MapPathError::NeighbourElsewhere);
    check(MapPath { neighbour: neighbour(key(4)), ..path.clone() }, None, MapPathError::NeighbourElsewhere);
    check(MapPath { neighbour: neighbour(key(4)), ..path }, Some(&[3; 32]), MapPathError::NeighbourOfPresent);
}
