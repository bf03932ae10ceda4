//! Records one behind the other: numbers big endian, ids as they are, longer values behind their length.

use super::PresentError;

/// Writes records.
#[derive(Clone, Debug, Default)]
pub struct Packer(Vec<u8>);

impl Packer {
    /// A byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// A number of four bytes.
    pub fn short(&mut self, value: u32) {
        self.0.extend(value.to_be_bytes());
    }

    /// A number of eight bytes.
    pub fn number(&mut self, value: u64) {
        self.0.extend(value.to_be_bytes());
    }

    /// Bytes whose number the reader knows.
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Bytes behind their number.
    pub fn long(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.fixed(bytes);
    }

    /// How many there are of what follows.
    pub fn count(&mut self, count: usize) {
        // Nothing that memory holds of one record comes near four thousand million.
        self.short(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Bytes written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True before the first record.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads records; whatever is cut off or too long is an error, and nothing is reserved that the bytes do not hold.
#[derive(Clone, Debug)]
pub struct Unpacker<'b> {
    rest: &'b [u8],
    part: &'static str,
}

impl<'b> Unpacker<'b> {
    /// Of bytes; errors name the part.
    pub fn new(bytes: &'b [u8], part: &'static str) -> Self {
        Self { rest: bytes, part }
    }

    /// True behind the last record.
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many records of a size are left.
    pub fn left(&self, record_bytes: usize) -> usize {
        self.rest.len().checked_div(record_bytes).unwrap_or(0)
    }

    fn take(&mut self, count: usize) -> Result<&'b [u8], PresentError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(PresentError::CutOff { part: self.part })?;
        self.rest = rest;
        Ok(taken)
    }

    /// Bytes of a known number.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], PresentError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| PresentError::CutOff { part: self.part })
    }

    /// A byte.
    pub fn byte(&mut self) -> Result<u8, PresentError> {
        self.fixed().map(u8::from_be_bytes)
    }

    /// A number of four bytes.
    pub fn short(&mut self) -> Result<u32, PresentError> {
        self.fixed().map(u32::from_be_bytes)
    }

    /// A number of eight bytes.
    pub fn number(&mut self) -> Result<u64, PresentError> {
        self.fixed().map(u64::from_be_bytes)
    }

    /// How many there are of what follows, each of so many bytes at least.
    pub fn count(&mut self, record_bytes: usize) -> Result<usize, PresentError> {
        let count = self.short()?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > self.left(record_bytes) {
            return Err(PresentError::CutOff { part: self.part });
        }
        Ok(count)
    }

    /// Bytes behind their number.
    pub fn long(&mut self) -> Result<&'b [u8], PresentError> {
        let count = self.count(1)?;
        self.take(count)
    }

    /// A byte that says whether something follows.
    pub fn flag(&mut self) -> Result<bool, PresentError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(PresentError::Unfit { part: self.part, field: "flag" }),
        }
    }

    /// Nothing follows.
    pub fn end(&self) -> Result<(), PresentError> {
        if self.is_done() { Ok(()) } else { Err(PresentError::BytesFollow { part: self.part }) }
    }
}
