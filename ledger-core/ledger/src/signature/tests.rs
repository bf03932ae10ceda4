mod published;
mod zip215;

use super::*;

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text).unwrap()
}

fn validated(bytes: &[u8]) -> Result<(), KeyError> {
    PublicKey::from_bytes(bytes)?.validate()
}

/// RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
const RFC_8032: [(&str, &str, &str, &str); 3] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
];

#[test]
fn rfc_8032_vectors_sign_and_verify() {
    for (seed, public, message, signature) in RFC_8032 {
        let key = SigningKey::from_seed(&bytes(seed).try_into().unwrap());
        assert_eq!(key.public().as_bytes().as_slice(), bytes(public));
        assert_eq!(key.sign(&bytes(message)).as_bytes().as_slice(), bytes(signature));
        assert!(key.public().verifies(&bytes(message), &key.sign(&bytes(message))));
    }
}

#[test]
fn a_changed_message_signature_or_key_is_refused() {
    let (key, other) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let signature = key.sign(b"message");
    assert!(!key.public().verifies(b"massage", &signature));
    assert!(!other.public().verifies(b"message", &signature));
    for place in [0, 31, 32, 63] {
        let mut damaged = *signature.as_bytes();
        damaged[place] ^= 1;
        assert!(!key.public().verifies(b"message", &Signature(damaged)));
    }
}

#[test]
fn small_mixed_and_non_canonical_keys_are_refused() {
    // Points of order 1, 2, 4 and 8, and a y past the field's prime.
    for small in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ] {
        assert_eq!(validated(&bytes(small)), Err(KeyError::NotPrimeOrder), "{small}");
    }
    let past_the_prime = bytes("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    assert_eq!(validated(&past_the_prime), Err(KeyError::NotCanonical));
    let torsion = CompressedEdwardsY(
        bytes("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").try_into().unwrap(),
    );
    let honest = CompressedEdwardsY(*SigningKey::from_seed(&[1; 32]).public().as_bytes());
    let mixed = (honest.decompress().unwrap() + torsion.decompress().unwrap()).compress();
    assert_eq!(validated(&mixed.0), Err(KeyError::NotPrimeOrder));
    assert!(matches!(PublicKey::from_bytes(&[1; 31]), Err(KeyError::Length { .. })));
}

/// One bad signature among good ones, at every place: the batch refuses as single verification does.
#[test]
fn a_batch_accepts_exactly_what_each_signature_alone_would() {
    let signed = |number: u8| {
        let key = SigningKey::from_seed(&[number % 5 + 1; 32]);
        let message = vec![number; usize::from(number)];
        (key.public(), message.clone(), key.sign(&message))
    };
    let verifies = |items: &[(PublicKey, Vec<u8>, Signature)]| {
        let mut batch = SignatureBatch::default();
        items.iter().cloned().for_each(|(key, message, signature)| batch.add(key, message, signature));
        let singly = items.iter().all(|(key, message, signature)| key.verifies(message, signature));
        assert_eq!(batch.verifies(), singly);
        singly
    };
    assert!(verifies(&[]));
    let good: Vec<_> = (0..32).map(signed).collect();
    assert!(verifies(&good));
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place].1.push(0);
        assert!(!verifies(&bad), "{place}");
        let mut swapped = good.clone();
        swapped[place].2 = good[(place + 1) % good.len()].2;
        assert!(!verifies(&swapped), "{place}");
        // A signature with torsion in R is valid under ZIP-215, singly and wherever it stands in a batch.
        let mut with_torsion = good.clone();
        with_torsion[place] = torsion_in_r();
        assert!(verifies(&with_torsion), "{place}");
    }
}

/// R plus a point of order 8, answered for the matching challenge.
fn torsion_in_r() -> (PublicKey, Vec<u8>, Signature) {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
    use curve25519_dalek::scalar::Scalar;
    use sha2::Sha512;
    let secret = Scalar::from_bytes_mod_order([5; 32]);
    let public = (&secret * ED25519_BASEPOINT_TABLE).compress();
    let nonce = Scalar::from_bytes_mod_order([6; 32]);
    let point = (&nonce * ED25519_BASEPOINT_TABLE + EIGHT_TORSION[1]).compress();
    let hashed = Sha512::new().chain_update(point.0).chain_update(public.0).chain_update(b"m");
    let response = nonce + Scalar::from_bytes_mod_order_wide(&hashed.finalize().into()) * secret;
    let signature = Signature::from_bytes(&[point.0, response.to_bytes()].concat()).unwrap();
    (PublicKey::from_bytes(&public.0).unwrap(), b"m".to_vec(), signature)
}

#[test]
fn torsion_in_r_is_accepted_as_zip_215_says() {
    let (public, message, signature) = torsion_in_r();
    assert!(public.verifies(&message, &signature));
    let strict = ed25519_dalek::VerifyingKey::from_bytes(public.as_bytes()).unwrap();
    assert!(strict.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(signature.as_bytes())).is_err());
}

#[test]
fn a_malleable_response_is_refused() {
    // S + L encodes the same residue; ZIP-215 wants S below the group order.
    let key = SigningKey::from_seed(&[1; 32]);
    let mut malleable = *key.sign(b"m").as_bytes();
    let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0u16;
    for (place, addend) in order.iter().enumerate() {
        let sum = u16::from(malleable[32 + place]) + u16::from(*addend) + carry;
        malleable[32 + place] = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(!key.public().verifies(b"m", &Signature(malleable)));
}
