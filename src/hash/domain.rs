//! Domain separation tags.

/// A domain separation tag of RFC 9380: a constant of the protocol, 1 to 255 bytes.
#[derive(Clone, Copy)]
pub struct Domain(&'static [u8]);

impl Domain {
    /// Names a domain.
    ///
    /// # Panics
    /// When the tag is empty or longer than 255 bytes; in a constant, at compile time.
    #[must_use]
    pub const fn new(tag: &'static [u8]) -> Self {
        assert!(
            !tag.is_empty() && tag.len() <= 255,
            "RFC 9380, section 5.3.1"
        );
        Self(tag)
    }

    /// `DST_prime`: the tag, and its length as one byte after it.
    pub(super) fn parts(self) -> (&'static [u8], [u8; 1]) {
        let length = u8::try_from(self.0.len()).expect("a Domain has at most 255 bytes");
        (self.0, [length])
    }
}
