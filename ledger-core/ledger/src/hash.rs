//! Domain-separated hashing: no digest of one kind can stand for another.

use sha2::{Digest as _, Sha256};

/// What a digest is of; its name is part of the hashed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A chain's genesis.
    Genesis,
    /// A party's address.
    Address,
    /// An asset's id.
    Asset,
    /// A title's id.
    Title,
    /// A pledge's id.
    Pledge,
    /// A purpose's id.
    Purpose,
    /// A spend's id.
    Spend,
    /// A command's id.
    Command,
    /// Salt of one component or of one of its fields.
    Salt,
    /// Leaf of one component.
    Component,
    /// Content of an output.
    State,
    /// Leaf of one field.
    Field,
    /// A transaction's id.
    Transaction,
    /// A transaction's leaf in its block.
    TransactionLeaf,
    /// A list of signatures.
    Signatures,
    /// A block's header.
    Header,
    /// A chain's parameters.
    Parameters,
    /// A journal entry.
    Journal,
    /// A journal entry's content.
    JournalContent,
    /// Place of an entry in the state map.
    MapKey,
    /// Entry of the state map.
    MapEntry,
    /// Context of an offer.
    Offer,
    /// Context of a settlement.
    Settlement,
    /// A price feed's id.
    Feed,
    /// An obligation's id.
    Obligation,
    /// A loan's id.
    Loan,
    /// A trade note's id.
    TradeNote,
    /// An agreement's id.
    Agreement,
    /// Version of a template of agreements.
    Template,
    /// A netting round's id.
    Round,
    /// A joined row of a netting round.
    RoundRow,
    /// A row of a netting round's result.
    RoundResult,
    /// What a party counts with in the balance of a netting round.
    RoundChallenge,
    /// Salt of a netting round's unsigned steps.
    RoundSalt,
    /// Salt of a transaction that sets what a directory proves.
    LearnSalt,
    /// Commitment of a sealed field.
    Sealed,
    /// What a node keeps of a chain's present.
    Present,
}

impl Domain {
    /// The name that stands in the hashed bytes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::Address => "address",
            Self::Asset => "asset",
            Self::Title => "title",
            Self::Pledge => "pledge",
            Self::Purpose => "purpose",
            Self::Spend => "spend",
            Self::Command => "command",
            Self::Salt => "salt",
            Self::Component => "component",
            Self::State => "state",
            Self::Field => "field",
            Self::Transaction => "transaction",
            Self::TransactionLeaf => "transaction-leaf",
            Self::Signatures => "signatures",
            Self::Header => "header",
            Self::Parameters => "parameters",
            Self::Journal => "journal",
            Self::JournalContent => "journal-content",
            Self::MapKey => "map-key",
            Self::MapEntry => "map-entry",
            Self::Offer => "offer",
            Self::Settlement => "settlement",
            Self::Feed => "feed",
            Self::Obligation => "obligation",
            Self::Loan => "loan",
            Self::TradeNote => "trade-note",
            Self::Agreement => "agreement",
            Self::Template => "template",
            Self::Round => "round",
            Self::RoundRow => "round-row",
            Self::RoundResult => "round-result",
            Self::RoundChallenge => "round-challenge",
            Self::RoundSalt => "round-salt",
            Self::LearnSalt => "learn-salt",
            Self::Sealed => "sealed",
            Self::Present => "present",
        }
    }
}

/// SHA-256 over `"hivechain/" ‖ domain ‖ 0x00 ‖ (length as 8 bytes big endian ‖ part)…`.
pub fn hash(domain: Domain, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"hivechain/");
    hasher.update(domain.name().as_bytes());
    hasher.update([0]);
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// SHA-256 over `"hivechain/" ‖ domain ‖ 0x00 ‖ part…`, for parts of one fixed length each, but for the last.
///
/// Most digests of a transaction are of this form: without lengths they fit into one or two blocks of SHA-256.
pub fn hash_fixed(domain: Domain, parts: &[&[u8]]) -> [u8; 32] {
    fixed(Sha256::new(), domain, parts)
}

/// A leaf whose data have the form of [`hash_fixed`]: `SHA-256(0x00 ‖ "hivechain/" ‖ domain ‖ 0x00 ‖ part…)`.
pub fn leaf(domain: Domain, parts: &[&[u8]]) -> [u8; 32] {
    fixed(Sha256::new().chain_update([0]), domain, parts)
}

fn fixed(mut hasher: Sha256, domain: Domain, parts: &[&[u8]]) -> [u8; 32] {
    hasher.update(b"hivechain/");
    hasher.update(domain.name().as_bytes());
    hasher.update([0]);
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_and_part_borders_separate() {
        assert_ne!(hash(Domain::Asset, &[b"ab"]), hash(Domain::Title, &[b"ab"]));
        assert_ne!(hash(Domain::Asset, &[b"a", b"b"]), hash(Domain::Asset, &[b"ab"]));
        assert_ne!(hash(Domain::Asset, &[b"ab", b""]), hash(Domain::Asset, &[b"ab"]));
    }

    #[test]
    fn a_leaf_is_the_tree_s_leaf_over_the_tagged_data() {
        let data = [b"hivechain/field\0".as_slice(), &[7; 32], b"record"].concat();
        assert_eq!(leaf(Domain::Field, &[&[7; 32], b"record"]), crate::merkle::leaf(&data));
        let digest: [u8; 32] = Sha256::digest(&data).into();
        assert_eq!(hash_fixed(Domain::Field, &[&[7; 32], b"record"]), digest);
    }
}
