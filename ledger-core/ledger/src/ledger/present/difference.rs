//! Where two ledgers of one chain differ, content by content.

use crate::ledger::{Entries, Ledger};

impl Ledger {
    /// The first thing that differs, in words; none where both accept the same from here on. The content of a state counts as
    /// far as both keep it.
    pub fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let fields = [
            ("genesis", self.genesis == other.genesis && self.chain == other.chain),
            ("blocks", self.hashes == other.hashes),
            ("time", self.time_ms == other.time_ms),
            ("directory", self.directory == other.directory),
            ("configuration", self.configuration == other.configuration && self.parameters == other.parameters),
            ("state root", self.state_root() == other.state_root()),
        ];
        let differs = fields.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field);
        differs.or_else(|| self.entries.first_difference(&other.entries)).or_else(|| {
            let misses = |one: &Self, two: &Self| one.entries.unspent.keys().any(|state| !two.is_unspent(state));
            (misses(self, other) || misses(other, self)).then_some("unspent states")
        })
    }
}

impl Entries {
    pub(super) fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let kept_alike = self
            .unspent
            .iter()
            .all(|(reference, unspent)| other.unspent.get(reference).is_none_or(|of_other| of_other == unspent));
        let fields = [
            ("states", kept_alike),
            ("parties", self.parties == other.parties),
            ("permissions", self.permissions == other.permissions),
            ("claims", self.claims == other.claims),
            ("near keys", self.near == other.near),
            ("supplies", self.supplies == other.supplies),
            ("commands", self.commands == other.commands),
            ("freezes", self.freezes == other.freezes),
            ("restricted assets", self.restricted == other.restricted),
            ("prices", self.prices == other.prices),
        ];
        fields.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field)
    }
}
