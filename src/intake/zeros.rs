//! Notices a file whose NIKs lost their last digit in a spreadsheet.

use super::cell::Cell;
use super::{FileWarning, limits};

/// Counts NIK cells of sixteen digits and those that end in 0, valid or not.
#[derive(Default)]
pub(super) struct ZeroEndings {
    seen: u64,
    zeros: u64,
}

impl ZeroEndings {
    pub(super) fn see(&mut self, cell: &Cell) {
        let text = match cell {
            Cell::Text(text) | Cell::Number { text, .. } => text.trim(),
            _ => return,
        };
        if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            self.seen += 1;
            self.zeros += u64::from(text.ends_with('0'));
        }
    }

    /// Counts sixteen digits.
    pub(super) fn see_digits(&mut self, digits: &[u8; 16]) {
        self.seen += 1;
        self.zeros += u64::from(digits[15] == b'0');
    }

    /// Speaks when at least nine in ten end in 0; by chance one in ten does.
    pub(super) fn warning(&self) -> Option<FileWarning> {
        let enough = self.seen >= limits::MIN_NIKS_FOR_ZERO_SUSPICION;
        (enough && self.zeros * 10 >= self.seen * 9).then_some(FileWarning::NiksEndInZero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_of_enough_niks() {
        let mut endings = ZeroEndings::default();
        let see = |endings: &mut ZeroEndings, text: &str, times: u64| {
            (0..times).for_each(|_| endings.see(&Cell::Text(text.to_owned())));
        };
        see(&mut endings, "3515144508680010", 18);
        assert_eq!(endings.warning(), None, "too few to tell");
        see(&mut endings, "3515144508680002", 2);
        assert_eq!(endings.warning(), Some(FileWarning::NiksEndInZero));
        see(&mut endings, "3515144508680002", 1);
        assert_eq!(endings.warning(), None);
    }
}
