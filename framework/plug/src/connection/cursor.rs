//! Cursors: opaque, versioned, and good only for the list that gave them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ErrorCode};

/// Version of the cursors' inner form; a cursor of another version is refused, not misread.
const VERSION: u8 = 1;
/// Longest cursor that is read, in characters.
const LENGTH_MAX: usize = 1024;

/// What orders a list: the values of its order columns, with an id last so that it is unique.
pub trait CursorKey: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<K: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> CursorKey for K {}

/// A place in one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor<K> {
    /// The list it belongs to.
    pub list: &'static str,
    /// The row it stands at.
    pub key: K,
}

impl<K: CursorKey> Cursor<K> {
    /// The opaque text.
    pub fn encode(&self) -> String {
        // Keys are plain data, which JSON always holds; an empty cursor would be refused when it comes back.
        let body = serde_json::to_vec(&(VERSION, self.list, &self.key)).unwrap_or_default();
        hex::encode(body)
    }

    /// Reads a cursor of this list.
    ///
    /// # Errors
    /// `INVALID_CURSOR` for anything that this list did not give.
    pub fn decode(list: &'static str, text: &str) -> Result<Self, ApiError> {
        let refused =
            || ApiError::new(ErrorCode::InvalidCursor, "the cursor is none of this list; start again without it");
        let bytes = hex::decode(text).ok().filter(|_| text.len() <= LENGTH_MAX).ok_or_else(refused)?;
        let (version, name, key) = serde_json::from_slice::<(u8, String, K)>(&bytes).map_err(|_| refused())?;
        if version != VERSION || name != list {
            return Err(refused());
        }
        Ok(Self { list, key })
    }
}
