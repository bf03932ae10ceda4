use super::*;
use crate::Coded;
use crate::encoding::decode;
use crate::fixture::*;
use crate::merkle;

/// The registration of all parties: many components, outputs with several fields.
fn proof() -> InclusionProof {
    let world = World::new();
    let block = world.blocks[0].clone();
    let transaction = crate::SignedTransaction::decode(&block.transactions[0]).unwrap();
    let leaf = transaction_leaf(&transaction.transaction.id().unwrap(), &signatures_hash(&transaction.signatures));
    let path = merkle::path(&[leaf], 0).unwrap();
    let genesis = world.ledger.genesis().clone();
    InclusionProof { genesis, header: block.header, finality: block.finality, transaction, index: 0, path }
}

fn selection(components: &[u32], fields: &[(u32, &[u32])]) -> Selection {
    Selection {
        components: components.iter().copied().collect(),
        fields: fields.iter().map(|(output, fields)| (*output, fields.iter().copied().collect())).collect(),
    }
}

#[test]
fn chosen_components_and_fields_are_proved() {
    let proof = proof();
    let id = proof.transaction.transaction.id().unwrap();
    for chosen in [
        selection(&[], &[]),
        selection(&[1, 3], &[]),
        selection(&[6], &[]),
        selection(&[0], &[(0, &[0]), (3, &[0, 3])]),
        selection(&(0..20).collect::<Vec<_>>(), &[]),
    ] {
        let disclosure = Disclosure::of(&proof, &chosen).unwrap();
        let read = decode::<Disclosure>(&encode(&disclosure)).unwrap();
        let disclosed = read.verify().unwrap();
        assert_eq!((disclosed.included.transaction, disclosed.included.height), (id, 1));
        assert_eq!(disclosed.components.len(), chosen.components.len() + chosen.fields.len());
    }
}

#[test]
fn what_is_not_chosen_stays_hidden() {
    let proof = proof();
    let disclosure = Disclosure::of(&proof, &selection(&[2], &[(0, &[0])])).unwrap();
    let shown = encode(&disclosure);
    let contains = |part: &[u8]| shown.windows(part.len()).any(|window| window == part);
    let transaction = &proof.transaction.transaction;
    assert!(contains(transaction.command_id.as_bytes()));
    assert!(contains(Operator.address().as_bytes()));
    // The salt of the whole, the key of the shown party's policy, and every other party stay out.
    assert!(!contains(&transaction.salt));
    assert!(!contains(Operator.key().public().as_bytes()));
    assert!(!contains(Depositor.address().as_bytes()));
}

#[test]
fn a_changed_disclosure_proves_nothing() {
    let good = Disclosure::of(&proof(), &selection(&[1], &[(0, &[0, 2])])).unwrap();
    let check = |change: fn(&mut wire::Disclosure), code: &str| {
        let mut message = good.to_wire();
        change(&mut message);
        assert_eq!(Disclosure(message).verify().map_err(|error| error.code()), Err(code));
    };
    let part = |message: &mut wire::Disclosure| match message.components[1].content.take() {
        Some(Content::State(part)) => part,
        other => panic!("{other:?}"),
    };
    check(|message| message.components[0].content = Some(Content::Body(vec![7; 32])), "PROOF_NOT_INCLUDED");
    check(|message| message.components[0].place = 2, "PROOF_NOT_INCLUDED");
    check(|message| message.components[0].kind = 3, "PROOF_NOT_INCLUDED");
    check(|message| message.components[0].salt[0] ^= 1, "PROOF_NOT_INCLUDED");
    check(|message| message.components.swap(0, 1), "ENCODING_UNORDERED");
    check(|message| message.hidden.push(vec![0; 32]), "PROOF_NOT_INCLUDED");
    check(|message| message.hidden[0].truncate(31), "ENCODING_LENGTH");
    check(|message| message.component_count += 1, "PROOF_NOT_INCLUDED");
    check(|message| message.index = 1, "PROOF_NOT_INCLUDED");
    check(|message| message.signatures_hash[0] ^= 1, "PROOF_NOT_INCLUDED");
    check(|message| message.finality[0] ^= 1, "PROOF_NOT_SEALED");
    check(|message| message.components[1].content = Some(Content::Body(Vec::new())), "ENCODING_OUT_OF_RANGE");
    let change_part = |change: fn(&mut wire::ShownState)| {
        let mut message = good.to_wire();
        let mut state = part(&mut message);
        change(&mut state);
        message.components[1].content = Some(Content::State(state));
        Disclosure(message).verify().map_err(|error| error.code())
    };
    assert_eq!(change_part(|state| state.fields[0].record[3] ^= 1), Err("PROOF_NOT_INCLUDED"));
    assert_eq!(change_part(|state| state.fields[1].place = 3), Err("PROOF_NOT_INCLUDED"));
    assert_eq!(change_part(|state| state.field_count = 9), Err("PROOF_NOT_INCLUDED"));
    assert_eq!(change_part(|state| state.frame.push(0)), Err("ENCODING_MALFORMED"));
    assert!(change_part(|_| {}).is_ok());
}

#[test]
fn what_is_not_there_cannot_be_chosen() {
    let check = |chosen: Selection, code: &str| {
        assert_eq!(Disclosure::of(&proof(), &chosen).map_err(|error| error.code()), Err(code));
    };
    check(selection(&[9_999], &[]), "DISCLOSURE_NO_SUCH_PLACE");
    check(selection(&[], &[(99, &[0])]), "DISCLOSURE_NO_SUCH_PLACE");
    check(selection(&[], &[(0, &[99])]), "DISCLOSURE_NO_SUCH_PLACE");
    check(selection(&[6], &[(0, &[0])]), "DISCLOSURE_CHOSEN_TWICE");
}

/// No byte of a disclosure or of a proof is free: each that is changed is found.
#[test]
fn every_flipped_byte_of_a_disclosure_or_a_proof_is_found() {
    let proof = proof();
    let disclosure = Disclosure::of(&proof, &selection(&[1], &[(0, &[0, 2])])).unwrap();
    let flipped = |good: &[u8], holds: &dyn Fn(&[u8]) -> bool| {
        assert!(holds(good));
        for place in 0..good.len() {
            let mut damaged = good.to_vec();
            damaged[place] ^= 1 << (place % 8);
            assert!(!holds(&damaged), "byte {place} of {}", good.len());
        }
    };
    flipped(&encode(&disclosure), &|bytes| decode::<Disclosure>(bytes).is_ok_and(|read| read.verify().is_ok()));
    flipped(&encode(&proof), &|bytes| decode::<InclusionProof>(bytes).is_ok_and(|read| read.verify().is_ok()));
}
