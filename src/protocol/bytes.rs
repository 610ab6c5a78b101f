//! The one binary form of everything signed: fixed fields in order, integers little-endian, strings
//! with a u16 length. A reader accepts exactly what a writer makes, and nothing after it.

use super::time::Timestamp;

/// Why bytes do not read as the value that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes follow the value.
    #[error("bytes follow the value")]
    Trailing,
    /// A string is not UTF-8.
    #[error("a string is not UTF-8")]
    NotUtf8,
    /// The context string or the version is not the expected one.
    #[error("the bytes are of another kind or version")]
    WrongContext,
    /// A field holds a value that its type does not have.
    #[error("the field {0} holds a value out of its range")]
    Field(&'static str),
    /// A count or length is over its limit.
    #[error("the field {0} is over its limit")]
    TooLong(&'static str),
}

/// Appends fields to a byte string.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Starts with a context string, closed by a zero byte.
    #[must_use]
    pub fn with_context(context: &str) -> Self {
        let mut writer = Self::default();
        writer.raw(context.as_bytes()).u8(0);
        writer
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    /// Two bytes, little-endian.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Four bytes, little-endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// A time: i64 milliseconds, little-endian.
    pub fn time(&mut self, value: Timestamp) -> &mut Self {
        self.raw(&value.0.to_le_bytes())
    }

    /// A string: u16 length, then its UTF-8 bytes. A longer string is cut at 65,535 bytes, which
    /// the types that hold strings never reach.
    pub fn string(&mut self, value: &str) -> &mut Self {
        let bytes = &value.as_bytes()[..value.len().min(usize::from(u16::MAX))];
        self.u16(bytes.len() as u16).raw(bytes)
    }

    /// Makes room for `bytes` more.
    pub fn reserve(&mut self, bytes: usize) -> &mut Self {
        self.0.reserve(bytes);
        self
    }

    /// Bytes of a length that the reader knows.
    pub fn raw(&mut self, value: &[u8]) -> &mut Self {
        self.0.extend_from_slice(value);
        self
    }

    /// The bytes written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Takes fields from a byte string, in the order they were written.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads `bytes` from the start.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Reads `bytes` after the context string and its closing zero.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] if the bytes do not start with it.
    pub fn with_context(bytes: &'a [u8], context: &str) -> Result<Self, DecodeError> {
        bytes
            .strip_prefix(context.as_bytes())
            .and_then(|rest| rest.strip_prefix(&[0]))
            .map(Self)
            .ok_or(DecodeError::WrongContext)
    }

    /// `N` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer remain.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if none remains.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Two bytes, little-endian.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer remain.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes, little-endian.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer remain.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes, little-endian.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer remain.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A time: i64 milliseconds, little-endian.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer than eight bytes remain.
    pub fn time(&mut self) -> Result<Timestamp, DecodeError> {
        self.array()
            .map(|bytes| Timestamp(i64::from_le_bytes(bytes)))
    }

    /// A string: u16 length, then UTF-8.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if it is longer than what remains, [`DecodeError::NotUtf8`] if it
    /// is not UTF-8.
    pub fn string(&mut self) -> Result<&'a str, DecodeError> {
        let length = usize::from(self.u16()?);
        let bytes = self.raw(length)?;
        std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)
    }

    /// `length` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer remain.
    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(head)
    }

    /// How many bytes remain.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.0.len()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] if bytes remain.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Trailing)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        let mut writer = Writer::with_context("saring/v1/test");
        writer
            .u8(1)
            .u16(2)
            .u32(3)
            .u64(4)
            .time(Timestamp(-5))
            .string("daftar")
            .raw(&[9; 3]);
        let bytes = writer.finish();
        let mut reader = Reader::with_context(&bytes, "saring/v1/test").expect("the same context");
        assert_eq!(
            (reader.u8(), reader.u16(), reader.u32(), reader.u64()),
            (Ok(1), Ok(2), Ok(3), Ok(4))
        );
        assert_eq!(
            (reader.time(), reader.string(), reader.array()),
            (Ok(Timestamp(-5)), Ok("daftar"), Ok([9; 3]))
        );
        assert_eq!(reader.u8(), Err(DecodeError::Truncated));
        assert_eq!(reader.finish(), Ok(()));
        assert_eq!(Reader::new(&bytes).finish(), Err(DecodeError::Trailing));
        assert_eq!(
            Reader::with_context(&bytes, "saring/v1/tes").err(),
            Some(DecodeError::WrongContext)
        );
        assert_eq!(
            Reader::new(&[1, 0, 0xff]).string(),
            Err(DecodeError::NotUtf8)
        );
    }
}
