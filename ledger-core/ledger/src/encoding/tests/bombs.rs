//! Inputs made to exhaust: nested past every need, lengths past every input, ten million bytes.

use super::records::{delimited, varint};
use super::*;
use crate::disclosure::Disclosure;
use crate::{
    Authority, Block, Genesis, Header, InclusionProof, Policy, PublicKey, SignedTransaction, State, Transaction,
};

/// A policy within so many thresholds.
fn nested_policy(levels: usize) -> Vec<u8> {
    let key = PublicKey::from_bytes(&[1; 32]).unwrap();
    (0..levels).fold(encode(&Policy::Key(key)), |inner, _| {
        let member = [vec![0x08, 1], delimited(3, &inner)].concat();
        delimited(2, &[vec![0x08, 1], delimited(2, &member)].concat())
    })
}

#[test]
fn nesting_is_bounded_by_a_refusal() {
    let code = |levels| match decode::<Policy>(&nested_policy(levels)) {
        Ok(policy) => policy.validate().map_err(|error| error.code()),
        Err(error) => Err(error.code()),
    };
    assert_eq!(code(4), Err("POLICY_TOO_DEEP"));
    assert_eq!(code(30), Err("POLICY_TOO_DEEP"));
    for levels in [40, 1_000, 20_000] {
        assert_eq!(code(levels), Err("ENCODING_MALFORMED"), "{levels} levels");
    }
    let in_genesis = delimited(2, &nested_policy(1_000));
    assert_eq!(decode::<Genesis>(&in_genesis).map_err(|error| error.code()), Err("ENCODING_MALFORMED"));
    // Groups, that no message has, nested in an unknown field.
    let groups = [vec![0x7b; 500_000], vec![0x7c; 500_000]].concat();
    check(&groups, "ENCODING_MALFORMED");
}

/// The code of every decoder that reads what comes from outside.
fn codes(bytes: &[u8]) -> [Result<(), &'static str>; 11] {
    fn code<T: Wire>(bytes: &[u8]) -> Result<(), &'static str> {
        decode::<T>(bytes).map(|_| ()).map_err(|error| error.code())
    }
    [
        code::<SignedTransaction>(bytes),
        code::<Transaction>(bytes),
        code::<State>(bytes),
        code::<Header>(bytes),
        code::<Genesis>(bytes),
        code::<InclusionProof>(bytes),
        code::<Disclosure>(bytes),
        code::<Authority>(bytes),
        code::<crate::StateProof>(bytes),
        code::<crate::journal::JournalProof>(bytes),
        code::<crate::Opening>(bytes),
    ]
}

#[test]
fn lengths_past_the_input_take_no_memory() {
    for length in [5, 1 << 31, 1 << 40, u64::MAX] {
        for tag in 1..=10 {
            let bytes = [varint(tag << 3 | 2), varint(length), vec![0; 4]].concat();
            assert!(codes(&bytes).iter().all(|code| code.is_err()), "field {tag}, length {length}");
        }
    }
}

/// Ten million bytes, that are lists of empty entries to some decoders, are refused by each, before they are read.
#[test]
fn ten_million_bytes_are_refused_for_their_length() {
    for pattern in [[0x12, 0], [0x22, 0], [0x2a, 0], [0x0a, 0], [0xff, 0xff], [0, 0]] {
        let bytes = pattern.repeat(5_000_000);
        assert_eq!(codes(&bytes), [Err("ENCODING_TOO_LONG"); 11]);
    }
    // A block may be longer; its transactions are counted.
    let block = decode::<Block>(&[0x12, 0].repeat(5_000_000));
    assert_eq!(block.map_err(|error| error.code()), Err("ENCODING_TOO_MANY"));
}
