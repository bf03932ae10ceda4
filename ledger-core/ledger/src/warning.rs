//! What is accepted and still worth a second look: told to those who take part, never a refusal.

use thiserror::Error;

use crate::codes;

/// Something people should look at before they sign, or once it is accepted. It never names a rival.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Warning {
    /// Another identity on the chain is nearly the same: one thing may be used under two spellings of its number.
    #[error("a {class} much like the one of output {output} is in use on the chain already; compare the documents")]
    NearClaim {
        /// What is identified.
        class: &'static str,
        /// The output that takes the identity.
        output: u32,
    },
}

codes!(Warning { NearClaim => "CLAIM_NEAR" });
