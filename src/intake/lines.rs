//! Physical lines of a text file, decoded: UTF-8 with or without byte order mark, and
//! Windows-1252 for whatever is not UTF-8.

use std::io::{self, BufRead};

use zeroize::Zeroize;

use super::limits;

/// One physical line without its end.
pub(super) enum Line {
    Text(String),
    /// Longer than [`limits::MAX_ROW_BYTES`]; its beginning.
    TooLong(String),
}

/// Reads lines one by one in bounded memory.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    first: bool,
    read: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            first: true,
            read: 0,
        }
    }

    /// Bytes taken from the file so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.read
    }

    /// The next line with its end, if it lies whole in the reader's buffer, is as short as a row
    /// may be and holds no quote; it is not taken. A line that is not plain says nothing here.
    pub(super) fn plain(&mut self) -> io::Result<Option<&[u8]>> {
        if self.first {
            return Ok(None);
        }
        let available = self.reader.fill_buf()?;
        let longest = &available[..available.len().min(limits::MAX_ROW_BYTES)];
        match memchr::memchr2(b'\n', b'"', longest) {
            Some(end) if available[end] == b'\n' => Ok(Some(&available[..=end])),
            _ => Ok(None),
        }
    }

    /// Takes a line that [`Lines::plain`] showed.
    pub(super) fn take(&mut self, length: usize) {
        self.reader.consume(length);
        self.read += length as u64;
    }

    /// The next line, or `None` at the end of the file.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        self.buffer.zeroize();
        let mut length = 0_usize;
        let mut ended = false;
        while !ended {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|&byte| byte == b'\n');
            let taken = end.unwrap_or(available.len());
            let room = limits::MAX_ROW_BYTES.saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(&available[..taken.min(room)]);
            let consumed = taken + usize::from(end.is_some());
            length += consumed;
            ended = end.is_some();
            self.reader.consume(consumed);
        }
        if length == 0 {
            return Ok(None);
        }
        self.read += length as u64;
        let too_long = length - usize::from(ended) > self.buffer.len();
        let text = self.decode();
        Ok(Some(if too_long {
            Line::TooLong(text)
        } else {
            Line::Text(text)
        }))
    }

    fn decode(&mut self) -> String {
        let mut bytes = self.buffer.as_slice();
        if std::mem::take(&mut self.first) {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        }
    }
}

impl<R> Drop for Lines<R> {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(bytes);
        std::iter::from_fn(|| lines.next_line().expect("in memory"))
            .map(|line| match line {
                Line::Text(text) => text,
                Line::TooLong(text) => format!("too long: {}", text.len()),
            })
            .collect()
    }

    #[test]
    fn marks_line_ends_and_old_encodings() {
        assert_eq!(read(b"\xef\xbb\xbfnik\r\nb\n\nc"), ["nik", "b", "", "c"]);
        assert_eq!(
            read(b"caf\xe9 \x80\n\xc3\xa9"),
            ["caf\u{e9} \u{20ac}", "\u{e9}"]
        );
        assert!(read(b"").is_empty());
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_whole() {
        let mut bytes = vec![b'x'; limits::MAX_ROW_BYTES + 1];
        bytes.extend_from_slice(b"\nnext\n");
        assert_eq!(read(&bytes), ["too long: 65536", "next"]);
        assert_eq!(read(&bytes[1..])[0].len(), limits::MAX_ROW_BYTES);
    }
}
