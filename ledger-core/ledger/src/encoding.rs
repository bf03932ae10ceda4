//! The one byte form of everything: protobuf, canonical, checked by encoding again.

use prost::Message;
use thiserror::Error;

use crate::codes;

/// Why bytes or a message are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodingError {
    /// No protobuf of this message.
    #[error("the bytes are no {message} message: {reason}")]
    Malformed {
        /// The message expected.
        message: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// Another byte form of the same message, or unknown fields.
    #[error(
        "the {message} bytes are not in canonical form; encode fields in order, without defaults or unknown fields"
    )]
    NotCanonical {
        /// The message expected.
        message: &'static str,
    },
    /// A field that must be there.
    #[error("the field {field} is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// Bytes of another length.
    #[error("{field} has {actual} bytes instead of {expected}")]
    Length {
        /// The field.
        field: &'static str,
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        actual: usize,
    },
    /// A value outside its range or form.
    #[error("{field} is outside its range or form")]
    OutOfRange {
        /// The field.
        field: &'static str,
    },
    /// A list over its bound.
    #[error("{field} has {actual} entries, more than {maximum}")]
    TooMany {
        /// The list.
        field: &'static str,
        /// The bound.
        maximum: usize,
        /// Entries it has.
        actual: usize,
    },
    /// A list that must ascend without repetition.
    #[error("{field} must be in ascending order without repetition")]
    Unordered {
        /// The list.
        field: &'static str,
    },
    /// More bytes than allowed.
    #[error("{field} has {actual} bytes, more than {maximum}")]
    TooLong {
        /// The field.
        field: &'static str,
        /// The bound in bytes.
        maximum: usize,
        /// Bytes it has.
        actual: usize,
    },
}

codes!(EncodingError {
    Malformed => "ENCODING_MALFORMED",
    NotCanonical => "ENCODING_NOT_CANONICAL",
    Missing => "ENCODING_FIELD_MISSING",
    Length => "ENCODING_LENGTH",
    OutOfRange => "ENCODING_OUT_OF_RANGE",
    TooMany => "ENCODING_TOO_MANY",
    Unordered => "ENCODING_UNORDERED",
    TooLong => "ENCODING_TOO_LONG",
});

/// A value with a message of the published wire form.
pub trait Wire: Sized {
    /// The message.
    type Message: Message + Default;

    /// Bytes of the canonical form, at most; without a bound of its own, it stands in a message that has one.
    const BYTES_MAX: usize = usize::MAX;

    /// The message of this value.
    fn to_wire(&self) -> Self::Message;

    /// The value of a message, its bounds checked.
    fn from_wire(message: Self::Message) -> Result<Self, EncodingError>;
}

/// The canonical bytes of a value.
pub fn encode<T: Wire>(value: &T) -> Vec<u8> {
    value.to_wire().encode_to_vec()
}

/// The value of canonical bytes, within the bound of its type.
pub fn decode<T: Wire>(bytes: &[u8]) -> Result<T, EncodingError> {
    is_within_bound::<T>(bytes)?;
    T::from_wire(decode_message(bytes)?)
}

/// The value of bytes that a node wrote and attested itself, within the bound of its type. Their form is not held against the
/// canonical one, which takes as long as reading them: whoever vouches for the bytes vouches for it.
pub(crate) fn decode_own<T: Wire>(bytes: &[u8]) -> Result<T, EncodingError> {
    is_within_bound::<T>(bytes)?;
    let malformed = |error: prost::DecodeError| EncodingError::Malformed {
        message: short_name::<T::Message>(),
        reason: error.to_string(),
    };
    T::from_wire(T::Message::decode(bytes).map_err(malformed)?)
}

/// Checks the bound that the value's type sets, before anything is read.
pub(crate) fn is_within_bound<T: Wire>(bytes: &[u8]) -> Result<(), EncodingError> {
    if bytes.len() > T::BYTES_MAX {
        let field = short_name::<T::Message>();
        return Err(EncodingError::TooLong { field, maximum: T::BYTES_MAX, actual: bytes.len() });
    }
    Ok(())
}

/// The message of canonical bytes.
pub fn decode_message<M: Message + Default>(bytes: &[u8]) -> Result<M, EncodingError> {
    let malformed = |error: prost::DecodeError| {
        let reason = error.to_string();
        EncodingError::Malformed { message: short_name::<M>(), reason }
    };
    let message = M::decode(bytes).map_err(malformed)?;
    if message.encoded_len() == bytes.len() && message.encode_to_vec() == bytes {
        Ok(message)
    } else {
        Err(EncodingError::NotCanonical { message: short_name::<M>() })
    }
}

fn short_name<M>() -> &'static str {
    std::any::type_name::<M>().rsplit("::").next().unwrap_or("wire")
}

/// A message field that must be present.
pub fn required<T>(value: Option<T>, field: &'static str) -> Result<T, EncodingError> {
    value.ok_or(EncodingError::Missing { field })
}

/// A list within its bound.
pub fn at_most<T>(list: &[T], maximum: usize, field: &'static str) -> Result<(), EncodingError> {
    if list.len() > maximum {
        return Err(EncodingError::TooMany { field, maximum, actual: list.len() });
    }
    Ok(())
}

/// A list that ascends without repetition.
pub fn ascending<T: Ord>(list: &[T], field: &'static str) -> Result<(), EncodingError> {
    if list.windows(2).all(|pair| matches!(pair, [before, after] if before < after)) {
        Ok(())
    } else {
        Err(EncodingError::Unordered { field })
    }
}

/// Plain text within its bound and without control characters.
pub fn plain_text(text: &str, maximum: usize, field: &'static str) -> Result<(), EncodingError> {
    if text.len() > maximum {
        return Err(EncodingError::TooLong { field, maximum, actual: text.len() });
    }
    if text.chars().any(char::is_control) {
        return Err(EncodingError::OutOfRange { field });
    }
    Ok(())
}

/// The top-level field records of a canonical message, in wire order; each record is tag and value.
pub fn field_records(bytes: &[u8]) -> Result<Vec<&[u8]>, EncodingError> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = record_length(rest)?;
        let (record, after) = rest.split_at_checked(length).ok_or_else(truncated)?;
        records.push(record);
        rest = after;
    }
    Ok(records)
}

/// The bytes that a length-delimited field record holds.
pub fn length_delimited(record: &[u8]) -> Result<&[u8], EncodingError> {
    let (_, tag_length) = varint(record)?;
    let value = record.get(tag_length..).ok_or_else(truncated)?;
    let (_, prefix) = varint(value)?;
    value.get(prefix..).ok_or_else(truncated)
}

fn truncated() -> EncodingError {
    EncodingError::Malformed { message: "data", reason: "a field is cut off or of an unknown wire type".to_owned() }
}

fn record_length(bytes: &[u8]) -> Result<usize, EncodingError> {
    let (tag, tag_length) = varint(bytes)?;
    let value = bytes.get(tag_length..).ok_or_else(truncated)?;
    let value_length = match tag & 7 {
        0 => varint(value)?.1,
        1 => 8,
        2 => {
            let (length, prefix) = varint(value)?;
            usize::try_from(length).ok().and_then(|length| length.checked_add(prefix)).ok_or_else(truncated)?
        }
        5 => 4,
        _ => return Err(truncated()),
    };
    tag_length.checked_add(value_length).ok_or_else(truncated)
}

fn varint(bytes: &[u8]) -> Result<(u64, usize), EncodingError> {
    let mut rest = bytes;
    let value = prost::encoding::decode_varint(&mut rest).map_err(|_| truncated())?;
    Ok((value, bytes.len().saturating_sub(rest.len())))
}

#[cfg(test)]
pub(crate) mod tests;
