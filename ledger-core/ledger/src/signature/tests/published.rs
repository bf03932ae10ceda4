//! Published vectors: Wycheproof's for Ed25519, and those of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko).

use super::zip215::{Item, check, is_valid};
use super::*;

/// `testvectors_v1/ed25519_test.json` of C2SP's Wycheproof, unchanged; Apache-2.0.
const WYCHEPROOF: &str = include_str!("wycheproof_ed25519.json");

/// What ZIP-215 accepts although Wycheproof, after RFC 8032, wants it refused, by test id. In 151 (flag `InvalidEncoding`)
/// R encodes y = 1 with the sign of x = 0 set; ZIP-215 decodes it to the identity, as it decodes every non-canonical R.
const LAXER_IN_ZIP_215: [u64; 1] = [151];

struct Published {
    id: u64,
    key: Vec<u8>,
    message: Vec<u8>,
    /// Of any length.
    signature: Vec<u8>,
    is_accepted: bool,
}

fn wycheproof() -> Vec<Published> {
    let file: serde_json::Value = serde_json::from_str(WYCHEPROOF).unwrap();
    let text = |value: &serde_json::Value| bytes(value.as_str().unwrap());
    let mut cases = Vec::new();
    for group in file["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let is_accepted = match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("a verdict that is neither: {other}"),
            };
            let (id, key) = (test["tcId"].as_u64().unwrap(), text(&group["publicKey"]["pk"]));
            let (message, signature) = (text(&test["msg"]), text(&test["sig"]));
            cases.push(Published { id, key, message, signature, is_accepted });
        }
    }
    assert_eq!(Some(cases.len()), file["numberOfTests"].as_u64().and_then(|count| usize::try_from(count).ok()));
    cases
}

#[test]
fn wycheproofs_verdicts_are_ours() {
    let mut items = Vec::new();
    for Published { id, key, message, signature, is_accepted } in wycheproof() {
        let key = PublicKey::from_bytes(&key).unwrap();
        let Ok(signature) = Signature::from_bytes(&signature) else {
            assert!(!is_accepted, "test {id} has a signature of {} bytes", signature.len());
            continue;
        };
        let item = (key, message, signature);
        assert_eq!(is_valid(&item), is_accepted || LAXER_IN_ZIP_215.contains(&id), "test {id}");
        items.push(item);
    }
    check(&items);
}

/// Message, key, signature, and whether ZIP-215 accepts it.
const SPECCHECK: [(&str, &str, &str, bool); 12] = [
    // S = 0, A and R of small order.
    (
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000",
        true,
    ),
    // A of small order, R of mixed order.
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        true,
    ),
    // A of mixed order, R of small order.
    (
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
        true,
    ),
    // A and R of mixed order, the torsion cancels.
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
        true,
    ),
    // A and R of mixed order, the torsion does not cancel.
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
        true,
    ),
    // The challenge may not be multiplied by the cofactor before it is reduced.
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
        true,
    ),
    // S past the group order.
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
        false,
    ),
    // S far past the group order.
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
        false,
    ),
    // R not canonical, hashed in canonical encoding: the challenge is over the bytes as they stand.
    (
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
        false,
    ),
    // R not canonical, hashed as it stands.
    (
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
        true,
    ),
    // A not canonical and of small order, hashed in canonical encoding: the challenge does not matter to such a key.
    (
        "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        true,
    ),
    // A not canonical and of small order, hashed as it stands.
    (
        "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        true,
    ),
];

#[test]
fn the_cases_of_taming_the_many_eddsas_are_judged_as_zip_215_says() {
    let item = |(message, key, signature): (&str, &str, &str)| -> Item {
        (PublicKey::from_bytes(&bytes(key)).unwrap(), bytes(message), Signature::from_bytes(&bytes(signature)).unwrap())
    };
    let items: Vec<_> = SPECCHECK.map(|(message, key, signature, _)| item((message, key, signature))).into();
    for (number, (case, (.., expected))) in items.iter().zip(SPECCHECK).enumerate() {
        assert_eq!(is_valid(case), expected, "case {number}");
    }
    check(&items);
    // Mixed order, small order or no canonical encoding: none of the keys can be registered, but that of cases 6 and 7.
    let registered: Vec<_> = (0..12).filter(|number| items[*number].0.validate().is_ok()).collect();
    assert_eq!(registered, [6, 7]);
}
