//! Crafted signatures: each is judged by the equation of ZIP-215 itself, slowly, and by nothing that the library uses.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use sha2::Sha512;

use super::*;
use crate::{Coded, Policy};

pub(super) type Item = (PublicKey, Vec<u8>, Signature);

/// The group order, little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
const MESSAGE: &[u8] = b"Zcash";

fn challenge(r: &[u8], a: &[u8], message: &[u8]) -> Scalar {
    let hashed = Sha512::new().chain_update(r).chain_update(a).chain_update(message);
    Scalar::from_bytes_mod_order_wide(&hashed.finalize().into())
}

fn eightfold(point: EdwardsPoint) -> EdwardsPoint {
    let twice = point + point;
    let fourfold = twice + twice;
    fourfold + fourfold
}

/// `[8][s]B = [8]R + [8][k]A`, where S is below the group order and A and R decode, canonical or not.
pub(super) fn is_valid((key, message, signature): &Item) -> bool {
    let (r, s): ([u8; 32], [u8; 32]) = (signature.0[..32].try_into().unwrap(), signature.0[32..].try_into().unwrap());
    let points = CompressedEdwardsY(key.0).decompress().zip(CompressedEdwardsY(r).decompress());
    let Some((a_point, r_point)) = points else { return false };
    if !s.iter().rev().lt(ORDER.iter().rev()) {
        return false;
    }
    let left = eightfold(Scalar::from_bytes_mod_order(s) * ED25519_BASEPOINT_POINT);
    let right = eightfold(r_point) + eightfold(challenge(&r, &key.0, message) * a_point);
    (left - right).is_identity()
}

/// The eight points of small order in canonical encoding, and their six other encodings.
pub(super) fn small_order_encodings() -> Vec<[u8; 32]> {
    let canonical = EIGHT_TORSION.iter().map(|point| point.compress().0);
    canonical.chain(non_canonical_encodings().into_iter().filter(is_small)).collect()
}

fn is_small(bytes: &[u8; 32]) -> bool {
    CompressedEdwardsY(*bytes).decompress().is_some_and(|point| eightfold(point).is_identity())
}

/// Every non-canonical encoding of a point: y at or past the prime, or the sign of x = 0 set.
pub(super) fn non_canonical_encodings() -> Vec<[u8; 32]> {
    let mut past_the_prime = [0xff; 32];
    past_the_prime[31] = 0x7f;
    let minus_one = [[0xec].as_slice(), &[0xff; 30], &[0x7f]].concat().try_into().unwrap();
    let one = EdwardsPoint::default().compress().0;
    let mut encodings: Vec<[u8; 32]> = (0xed..=0xff)
        .map(|low| {
            past_the_prime[0] = low;
            past_the_prime
        })
        .chain([one, minus_one])
        .flat_map(|bytes| [bytes, with_sign(bytes)])
        .collect();
    encodings.retain(|bytes| CompressedEdwardsY(*bytes).decompress().is_some_and(|point| point.compress().0 != *bytes));
    encodings
}

fn with_sign(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes[31] |= 0x80;
    bytes
}

fn item(a: [u8; 32], r: [u8; 32], s: [u8; 32]) -> Item {
    let signature = Signature::from_bytes(&[r, s].concat()).unwrap();
    (PublicKey::from_bytes(&a).unwrap(), MESSAGE.to_vec(), signature)
}

/// S plus the group order: the same residue, another encoding.
fn malleable(s: [u8; 32]) -> [u8; 32] {
    let mut carry = 0u16;
    let mut sum = [0; 32];
    for (place, digit) in sum.iter_mut().enumerate() {
        let total = u16::from(s[place]) + u16::from(ORDER[place]) + carry;
        *digit = u8::try_from(total & 0xff).unwrap();
        carry = total >> 8;
    }
    assert_eq!(carry, 0);
    sum
}

/// With the given S, with S + L, with S + 1.
fn with_each_response(a: [u8; 32], r: [u8; 32], s: Scalar) -> [Item; 3] {
    let next = (s + Scalar::ONE).to_bytes();
    [item(a, r, s.to_bytes()), item(a, r, malleable(s.to_bytes())), item(a, r, next)]
}

/// A and R of small order, all 14 x 14 encodings: S = 0 is an answer to every challenge.
fn small_order_cases() -> Vec<Item> {
    let encodings = small_order_encodings();
    let pairs = encodings.iter().flat_map(|a| encodings.iter().map(move |r| (*a, *r)));
    pairs.flat_map(|(a, r)| with_each_response(a, r, Scalar::ZERO)).collect()
}

/// An honest key and nonce, each plus every point of small order.
fn mixed_order_cases() -> Vec<Item> {
    let (secret, nonce) = (Scalar::from_bytes_mod_order([5; 32]), Scalar::from_bytes_mod_order([6; 32]));
    let plus = |scalar: Scalar, torsion: &EdwardsPoint| (scalar * ED25519_BASEPOINT_POINT + torsion).compress().0;
    let pairs = EIGHT_TORSION.iter().flat_map(|first| EIGHT_TORSION.iter().map(move |second| (first, second)));
    pairs
        .flat_map(|(first, second)| {
            let (a, r) = (plus(secret, first), plus(nonce, second));
            with_each_response(a, r, nonce + challenge(&r, &a, MESSAGE) * secret)
        })
        .collect()
}

/// One side honest, the other a point of small order in any encoding.
fn half_small_cases() -> Vec<Item> {
    let (secret, nonce) = (Scalar::from_bytes_mod_order([7; 32]), Scalar::from_bytes_mod_order([8; 32]));
    let of = |scalar: Scalar| (scalar * ED25519_BASEPOINT_POINT).compress().0;
    let (a, r) = (of(secret), of(nonce));
    let small = small_order_encodings();
    let with_small_r = small.iter().flat_map(|r| with_each_response(a, *r, challenge(r, &a, MESSAGE) * secret));
    let with_small_a = small.iter().flat_map(|a| with_each_response(*a, r, nonce));
    with_small_r.chain(with_small_a).collect()
}

/// Every non-canonical encoding on either side, a challenge over the canonical encoding, and bytes that are no point.
fn encoding_cases() -> Vec<Item> {
    let secret = Scalar::from_bytes_mod_order([9; 32]);
    let honest = (secret * ED25519_BASEPOINT_POINT).compress().0;
    let no_point = [[2].as_slice(), &[0; 31]].concat().try_into().unwrap();
    assert!(CompressedEdwardsY(no_point).decompress().is_none());
    let canonical = |bytes: [u8; 32]| CompressedEdwardsY(bytes).decompress().unwrap().compress().0;
    let mut cases = Vec::new();
    for bytes in non_canonical_encodings() {
        cases.push(item(bytes, honest, Scalar::ZERO.to_bytes()));
        cases.push(item(honest, bytes, (challenge(&bytes, &honest, MESSAGE) * secret).to_bytes()));
        cases.push(item(honest, bytes, (challenge(&canonical(bytes), &honest, MESSAGE) * secret).to_bytes()));
        cases.push(item(bytes, bytes, Scalar::ZERO.to_bytes()));
    }
    cases.push(item(no_point, honest, Scalar::ZERO.to_bytes()));
    cases.push(item(honest, no_point, Scalar::ZERO.to_bytes()));
    cases
}

fn batch_verifies(items: &[Item]) -> bool {
    let mut batch = SignatureBatch::default();
    items.iter().cloned().for_each(|(key, message, signature)| batch.add(key, message, signature));
    batch.verifies()
}

/// Eight signatures of two honest keys.
fn companions() -> Vec<Item> {
    let signed = |number: u8| {
        let key = SigningKey::from_seed(&[number % 2 + 1; 32]);
        (key.public(), vec![number], key.sign(&[number]))
    };
    (0..8).map(signed).collect()
}

/// Each case alone, and at every place of batches of 1 to 9 among honest signatures, is judged as the equation says.
pub(super) fn check(cases: &[Item]) {
    let companions = companions();
    assert!(companions.iter().all(is_valid));
    for case in cases {
        let expected = is_valid(case);
        assert_eq!(case.0.verifies(&case.1, &case.2), expected, "alone: {case:?}");
        for size in 1..=9 {
            for place in 0..size {
                let mut batch = companions[..size - 1].to_vec();
                batch.insert(place, case.clone());
                assert_eq!(batch_verifies(&batch), expected, "place {place} of {size}: {case:?}");
            }
        }
    }
}

fn accepted(cases: &[Item]) -> usize {
    cases.iter().filter(|case| is_valid(case)).count()
}

#[test]
fn there_are_fourteen_encodings_of_small_order_and_twenty_six_non_canonical_ones() {
    let small = small_order_encodings();
    assert_eq!((small.len(), non_canonical_encodings().len()), (14, 26));
    assert_eq!(small.into_iter().collect::<std::collections::BTreeSet<_>>().len(), 14);
}

#[test]
fn points_of_small_order_are_judged_as_zip_215_says() {
    let cases = small_order_cases();
    // S = 0 is valid for each of the 14 x 14 pairs, S = L and S = 1 for none.
    assert_eq!((cases.len(), accepted(&cases)), (3 * 196, 196));
    check(&cases);
}

#[test]
fn points_of_mixed_order_are_judged_as_zip_215_says() {
    let cases = mixed_order_cases();
    assert_eq!((cases.len(), accepted(&cases)), (3 * 64, 64));
    check(&cases);
}

#[test]
fn one_point_of_small_order_is_judged_as_zip_215_says() {
    let cases = half_small_cases();
    assert_eq!((cases.len(), accepted(&cases)), (3 * 28, 28));
    check(&cases);
}

#[test]
fn non_canonical_encodings_are_judged_as_zip_215_says() {
    let cases = encoding_cases();
    let valid = accepted(&cases);
    assert!(valid > 0 && valid < cases.len(), "{valid}");
    check(&cases);
}

/// Crafted signatures alone in a batch: valid together, and one bad one at any place refuses all.
#[test]
fn batches_of_crafted_signatures_alone_are_judged_as_zip_215_says() {
    let all: Vec<_> = [small_order_cases(), mixed_order_cases(), half_small_cases(), encoding_cases()].concat();
    let (valid, invalid): (Vec<_>, Vec<_>) = all.into_iter().partition(is_valid);
    assert!(batch_verifies(&valid));
    for (number, chunk) in valid.chunks(7).enumerate() {
        assert!(batch_verifies(chunk), "chunk {number}");
        for place in 0..=chunk.len() {
            let mut batch = chunk.to_vec();
            batch.insert(place, invalid[(number * 8 + place) % invalid.len()].clone());
            assert!(!batch_verifies(&batch), "chunk {number}, place {place}");
        }
    }
}

#[test]
fn no_crafted_key_is_registered() {
    let honest: Vec<_> = (1..=8).map(|seed| SigningKey::from_seed(&[seed; 32]).public()).collect();
    let mixed = honest.iter().flat_map(|key| {
        let point = CompressedEdwardsY(key.0).decompress().unwrap();
        EIGHT_TORSION.iter().skip(1).map(move |torsion| (point + torsion).compress().0)
    });
    let mut refused = 0;
    for bytes in small_order_encodings().into_iter().chain(non_canonical_encodings()).chain(mixed) {
        let key = PublicKey::from_bytes(&bytes).unwrap();
        let is_canonical = CompressedEdwardsY(bytes).decompress().unwrap().compress().0 == bytes;
        let expected = if is_canonical { KeyError::NotPrimeOrder } else { KeyError::NotCanonical };
        assert_eq!(key.validate(), Err(expected), "{key}");
        assert_eq!(Policy::Key(key).validate().unwrap_err().code(), "POLICY_KEY_REFUSED");
        refused += 1;
    }
    assert_eq!(refused, 14 + 26 + 8 * 7);
    honest.iter().for_each(|key| assert_eq!(Policy::Key(*key).validate(), Ok(())));
}
