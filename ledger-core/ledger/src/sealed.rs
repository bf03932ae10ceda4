//! Sealed fields: a value that parties keep between them stands on the ledger as a commitment. Its opening lives off the
//! ledger, and whoever holds it shows the value to whom it likes.

use std::fmt;

use thiserror::Error;

use crate::codes;
use crate::disclosure::Disclosed;
use crate::encoding::{EncodingError, Wire, decode_message, encode, field_records, length_delimited, plain_text};
use crate::hash::{Domain, hash};
use crate::id::Digest;
use crate::wire::{self, shown_component::Content};

/// What the ledger holds of a sealed value: `H("sealed", salt, label, value)`. It tells nothing of the value, however few
/// values are possible, and of one value under two salts not that they are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sealed {
    /// The commitment.
    pub commitment: Digest,
}

/// What opens a sealed field. Once every copy of its salt is destroyed, the value is erased: the commitment stays on the
/// ledger and can be opened by nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    salt: [u8; 32],
    label: String,
    value: Vec<u8>,
}

/// Where a disclosure shows a sealed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPlace {
    /// The place of the component.
    pub component: u32,
    /// What the component is.
    pub within: SealedWithin,
}

/// The components whose messages may hold sealed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedWithin {
    /// A state that the transaction creates.
    Output {
        /// Its contract.
        contract: String,
        /// Its kind.
        kind: String,
    },
    /// What the transaction asks of a contract.
    Command {
        /// The contract.
        contract: String,
        /// The command's name.
        name: String,
    },
}

impl fmt::Display for SealedWithin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output { contract, kind } => write!(formatter, "the output {kind} of {contract}"),
            Self::Command { contract, name } => write!(formatter, "the command {name} of {contract}"),
        }
    }
}

/// Messages within messages that are looked into for a sealed field.
const MESSAGES_DEEP_MAX: usize = 8;

/// Why an opening does not open.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SealedError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The opening is of another field.
    #[error("the opening is of a field {actual:?}; this field is {expected:?}")]
    OtherField {
        /// The label of the field to be opened.
        expected: String,
        /// The label in the opening.
        actual: String,
    },
    /// Salt and value give another commitment.
    #[error("salt, label and value do not give the commitment {commitment}; ask for the opening of this very field")]
    Differs {
        /// The commitment to be opened.
        commitment: Digest,
    },
    /// The disclosure does not show the field.
    #[error("nothing that the disclosure shows holds the commitment {commitment}; have the sealed field disclosed too")]
    NotShown {
        /// The commitment of the opening.
        commitment: Digest,
    },
}

codes!(SealedError {
    OtherField => "SEALED_OTHER_FIELD",
    Differs => "SEALED_DIFFERS",
    NotShown => "SEALED_NOT_SHOWN",
} inner { Encoding });

impl Opening {
    /// Bytes of a label.
    pub const LABEL_BYTES_MAX: usize = 64;
    /// Bytes of a value.
    pub const VALUE_BYTES_MAX: usize = 16_384;

    /// A value under a salt of 32 random bytes, which is used for this value alone: whoever knows the salt can try values.
    /// The label names the field as its contract defines it, e.g. `trade_note/dispute/reason`.
    ///
    /// # Errors
    /// The label is empty or not plain, label or value is too long.
    pub fn new(salt: [u8; 32], label: &str, value: &[u8]) -> Result<Self, EncodingError> {
        Self::from_wire(wire::Opening { salt: salt.to_vec(), label: label.to_owned(), value: value.to_vec() })
    }

    /// The field that it opens, for the ledger.
    pub fn sealed(&self) -> Sealed {
        let parts: [&[u8]; 3] = [&self.salt, self.label.as_bytes(), &self.value];
        Sealed { commitment: Digest::from_bytes(hash(Domain::Sealed, &parts)) }
    }

    /// Which field it is of.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The value, in the form that the field's contract defines.
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

/// The value stays out of logs.
impl fmt::Debug for Opening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Opening({}, {} bytes)", self.label, self.value.len())
    }
}

impl Sealed {
    /// The value of this field, if it is the field `label` and the opening is its own.
    ///
    /// # Errors
    /// The opening is of another field or of another value.
    pub fn open<'o>(&self, label: &str, opening: &'o Opening) -> Result<&'o [u8], SealedError> {
        if opening.label != label {
            return Err(SealedError::OtherField { expected: label.to_owned(), actual: opening.label.clone() });
        }
        if opening.sealed() != *self {
            return Err(SealedError::Differs { commitment: self.commitment });
        }
        Ok(&opening.value)
    }

    /// True when this is the whole of a field of the message, or of a message in it. Bytes that equal the commitment make no
    /// sealed field of whatever holds them.
    pub fn stands_in(&self, message: &[u8]) -> bool {
        holds(message, &encode(self), MESSAGES_DEEP_MAX)
    }
}

fn holds(message: &[u8], sealed: &[u8], deep: usize) -> bool {
    let is_delimited = |record: &&&[u8]| record.first().is_some_and(|tag| tag & 7 == 2);
    let records = field_records(message).unwrap_or_default();
    let mut values = records.iter().filter(is_delimited).filter_map(|record| length_delimited(record).ok());
    values.any(|value| value == sealed || deep.checked_sub(1).is_some_and(|deep| holds(value, sealed, deep)))
}

impl Disclosed {
    /// Where the field is shown that an opening opens: in the data of a state or the arguments of a command. Nobody finds
    /// another salt, label and value for a commitment, so the value stood in the block from the start; that the field goes by
    /// this label, its contract says and not the ledger.
    ///
    /// # Errors
    /// No shown state or command holds the field.
    pub fn place_of_opening(&self, opening: &Opening) -> Result<SealedPlace, SealedError> {
        let sealed = opening.sealed();
        let shown = self.components.iter().find_map(|component| {
            let within = match component.content.as_ref()? {
                Content::Body(body) if component.kind() == wire::ComponentKind::Command => {
                    let command: wire::Command = decode_message(body).ok()?;
                    let (contract, name) = (command.contract, command.name);
                    sealed.stands_in(&command.arguments).then_some(SealedWithin::Command { contract, name })
                }
                Content::Body(_) => None,
                Content::State(state) => {
                    let wire::State { contract, kind, .. } = decode_message(&state.frame).ok()?;
                    let is_shown = state.fields.iter().any(|field| sealed.stands_in(&field.record));
                    is_shown.then_some(SealedWithin::Output { contract, kind })
                }
            };
            within.map(|within| SealedPlace { component: component.place, within })
        });
        shown.ok_or(SealedError::NotShown { commitment: sealed.commitment })
    }
}

impl Wire for Sealed {
    type Message = wire::Sealed;

    fn to_wire(&self) -> wire::Sealed {
        wire::Sealed { commitment: self.commitment.to_vec() }
    }

    fn from_wire(message: wire::Sealed) -> Result<Self, EncodingError> {
        Ok(Self { commitment: message.commitment.as_slice().try_into()? })
    }
}

impl Wire for Opening {
    type Message = wire::Opening;

    const BYTES_MAX: usize = Self::LABEL_BYTES_MAX.saturating_add(Self::VALUE_BYTES_MAX).saturating_add(128);

    fn to_wire(&self) -> wire::Opening {
        wire::Opening { salt: self.salt.to_vec(), label: self.label.clone(), value: self.value.clone() }
    }

    fn from_wire(message: wire::Opening) -> Result<Self, EncodingError> {
        plain_text(&message.label, Self::LABEL_BYTES_MAX, "opening.label")?;
        if message.label.is_empty() {
            return Err(EncodingError::Missing { field: "opening.label" });
        }
        let (field, maximum, actual) = ("opening.value", Self::VALUE_BYTES_MAX, message.value.len());
        if actual > maximum {
            return Err(EncodingError::TooLong { field, maximum, actual });
        }
        let salt = Digest::try_from(message.salt.as_slice())?;
        Ok(Self { salt: *salt.as_bytes(), label: message.label, value: message.value })
    }
}

#[cfg(test)]
mod tests;
