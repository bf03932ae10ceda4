//! Ids of what the platform keeps: 16 random bytes, written as 32 hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::secret::{RandomnessMissing, random_bytes};

/// The text is no id. Callers answer it exactly as an unknown id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an id has 32 hexadecimal digits in lower case")]
pub struct NotAnId;

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            pub(crate) fn random() -> Result<Self, RandomnessMissing> {
                random_bytes().map(Self)
            }

            /// The id of these bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let mut bytes = [0u8; 16];
                if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(NotAnId);
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| NotAnId)?;
                Ok(Self(bytes))
            }
        }
    };
}

random_id!(
    /// A signed-in session.
    SessionId
);
random_id!(
    /// A proposal.
    ProposalId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_has_one_spelling() {
        let id = ProposalId::random().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "0", "0g", &"AB".repeat(16), &"ab".repeat(17)] {
            assert_eq!(text.parse::<SessionId>(), Err(NotAnId), "{text}");
        }
    }
}
