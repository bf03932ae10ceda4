//! One module per table of this crate.

pub(crate) mod organisation;
pub(crate) mod proposal;
pub(crate) mod proposal_party;
pub(crate) mod proposal_signature;
pub(crate) mod refresh_token;
pub(crate) mod reservation;
pub(crate) mod sealed_opening;
pub(crate) mod session;
