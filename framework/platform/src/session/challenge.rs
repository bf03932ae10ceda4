//! Sign-in challenges: random, for one party, short-lived, good once, bounded in number. Kept in memory, because a restart
//! costs a client no more than asking again.

use std::collections::BTreeMap;

use ledger_core::Address;

use crate::secret::{Secret, equal_in_constant_time};

/// A challenge may be answered this long, milliseconds.
pub const CHALLENGE_MS: u64 = 2 * 60 * 1000;
/// Open challenges of one party; the oldest gives way.
pub const CHALLENGES_PER_PARTY_MAX: usize = 16;
/// Open challenges of all parties.
pub const CHALLENGES_MAX: usize = 10_000;

const SIGN_IN_DOMAIN: &[u8] = b"hivechain/sign-in";

/// The bytes a party's key signs to sign in:
/// `"hivechain/sign-in" ‖ 0x00 ‖ length of the node id as 8 bytes big endian ‖ node id ‖ party (32 bytes) ‖ challenge (32 bytes)`.
pub fn sign_in_bytes(audience: &str, party: &Address, challenge: &[u8; 32]) -> Vec<u8> {
    let length = u64::try_from(audience.len()).unwrap_or(u64::MAX).to_be_bytes();
    [SIGN_IN_DOMAIN, &[0], &length, audience.as_bytes(), party.as_bytes(), challenge].concat()
}

/// All challenges of the node are in use; a client tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChallengesFull;

/// The open challenges of this node.
#[derive(Debug, Default)]
pub(crate) struct Challenges {
    open: BTreeMap<Address, Vec<OpenChallenge>>,
    count: usize,
}

#[derive(Debug)]
struct OpenChallenge {
    bytes: Secret,
    expires_at_ms: u64,
}

impl Challenges {
    /// Remembers a challenge for a party until it expires.
    pub(crate) fn open(&mut self, party: Address, bytes: Secret, now_ms: u64) -> Result<u64, ChallengesFull> {
        if self.count >= CHALLENGES_MAX {
            self.forget_expired(now_ms);
        }
        let of_party = self.open.get(&party).map_or(0, Vec::len);
        if self.count >= CHALLENGES_MAX && of_party < CHALLENGES_PER_PARTY_MAX {
            return Err(ChallengesFull);
        }

        let expires_at_ms = now_ms.saturating_add(CHALLENGE_MS);
        let list = self.open.entry(party).or_default();
        if list.len() >= CHALLENGES_PER_PARTY_MAX {
            list.remove(0);
            self.count = self.count.saturating_sub(1);
        }
        list.push(OpenChallenge { bytes, expires_at_ms });
        self.count = self.count.saturating_add(1);
        Ok(expires_at_ms)
    }

    /// Uses a challenge up: true once, for this party, before it expires.
    pub(crate) fn use_up(&mut self, party: &Address, bytes: &[u8; 32], now_ms: u64) -> bool {
        let Some(list) = self.open.get_mut(party) else { return false };
        let found = list.iter().position(|challenge| equal_in_constant_time(challenge.bytes.expose(), bytes));
        let Some(place) = found else { return false };
        let challenge = list.remove(place);
        self.count = self.count.saturating_sub(1);
        if list.is_empty() {
            self.open.remove(party);
        }
        now_ms < challenge.expires_at_ms
    }

    fn forget_expired(&mut self, now_ms: u64) {
        self.open.retain(|_, list| {
            list.retain(|challenge| now_ms < challenge.expires_at_ms);
            !list.is_empty()
        });
        self.count = self.open.values().map(Vec::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Address = Address::from_bytes([1; 32]);
    const BOB: Address = Address::from_bytes([2; 32]);

    fn secret(number: u64) -> Secret {
        let mut bytes = [0u8; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Secret::from_bytes(bytes)
    }

    fn address(number: u64) -> Address {
        Address::from_bytes(*secret(number).expose())
    }

    #[test]
    fn challenge_is_good_once_and_for_its_party_only() {
        let mut challenges = Challenges::default();
        challenges.open(ALICE, secret(1), 0).unwrap();
        assert!(!challenges.use_up(&BOB, secret(1).expose(), 1));
        assert!(!challenges.use_up(&ALICE, secret(2).expose(), 1));
        assert!(challenges.use_up(&ALICE, secret(1).expose(), 1));
        assert!(!challenges.use_up(&ALICE, secret(1).expose(), 1));
        assert_eq!(challenges.count, 0);
    }

    #[test]
    fn challenge_expires() {
        let mut challenges = Challenges::default();
        assert_eq!(challenges.open(ALICE, secret(1), 5), Ok(5 + CHALLENGE_MS));
        challenges.open(ALICE, secret(2), 5).unwrap();
        assert!(challenges.use_up(&ALICE, secret(1).expose(), 4 + CHALLENGE_MS));
        assert!(!challenges.use_up(&ALICE, secret(2).expose(), 5 + CHALLENGE_MS));
    }

    #[test]
    fn oldest_of_a_party_gives_way() {
        let mut challenges = Challenges::default();
        for number in 0..=CHALLENGES_PER_PARTY_MAX as u64 {
            challenges.open(ALICE, secret(number), number).unwrap();
        }
        assert_eq!(challenges.count, CHALLENGES_PER_PARTY_MAX);
        assert!(!challenges.use_up(&ALICE, secret(0).expose(), 20));
        assert!(challenges.use_up(&ALICE, secret(1).expose(), 20));
    }

    #[test]
    fn full_store_refuses_until_old_ones_expire() {
        let mut challenges = Challenges::default();
        for number in 0..CHALLENGES_MAX as u64 {
            challenges.open(address(number), secret(number), 0).unwrap();
        }
        assert_eq!(challenges.open(ALICE, secret(1), 1), Err(ChallengesFull));
        assert!(challenges.open(ALICE, secret(1), CHALLENGE_MS).is_ok());
        assert_eq!(challenges.count, 1);
    }

    #[test]
    fn bytes_to_sign_separate_audience_party_and_challenge() {
        let bytes = sign_in_bytes("node-a", &ALICE, &[9; 32]);
        assert_ne!(bytes, sign_in_bytes("node-b", &ALICE, &[9; 32]));
        assert_ne!(bytes, sign_in_bytes("node-a", &BOB, &[9; 32]));
        assert_ne!(bytes, sign_in_bytes("node-a", &ALICE, &[8; 32]));
        let expected = [b"hivechain/sign-in\0\0\0\0\0\0\0\0\x06node-a".as_slice(), &[1; 32], &[9; 32]].concat();
        assert_eq!(bytes, expected);
    }
}
