//! The one line of a key file: `saring-<kind>-v1:<list>:<epoch>:<hex>`.
//!
//! Keys that exist once have an empty list and epoch 0. The hexadecimal digits are read and
//! written without tables or branches, so that the cache learns nothing of the key.

use zeroize::Zeroizing;

use super::{KeyKind, KeyName, LineFault, Secret32};
use crate::protocol::ListId;
use crate::protocol::limits::MAX_KEY_LINE_BYTES;

/// The line of `secret` called `name`, with its line feed.
pub fn format_line(name: &KeyName, secret: &Secret32) -> Zeroizing<String> {
    let list = name.list().map_or("", ListId::as_str);
    let head = format!(
        "saring-{}-v1:{list}:{}:",
        name.kind().as_str(),
        name.epoch()
    );
    // Reserved whole at once: growing would leave a copy behind.
    let mut line = Zeroizing::new(String::with_capacity(MAX_KEY_LINE_BYTES));
    line.push_str(&head);
    for byte in secret.expose() {
        line.push(char::from(digit(byte >> 4)));
        line.push(char::from(digit(byte & 15)));
    }
    line.push('\n');
    line
}

/// Reads one line, with or without a line feed at its end.
///
/// # Errors
/// Each variant of [`LineFault`], for the first rule broken from left to right.
pub fn parse_line(line: &[u8]) -> Result<(KeyName, Secret32), LineFault> {
    if line.len() > MAX_KEY_LINE_BYTES {
        return Err(LineFault::TooLong);
    }
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let mut fields = line.splitn(4, |byte| *byte == b':');
    let mut field = || fields.next().ok_or(LineFault::Fields);
    let (kind, list, epoch, hex) = (field()?, field()?, field()?, field()?);
    let name = name(kind, list, epoch)?;
    match hex.split_at_checked(2 * Secret32::BYTES) {
        None => Err(LineFault::Hex),
        Some((_, rest)) if !rest.is_empty() => Err(LineFault::Trailing),
        Some((digits, _)) => Ok((name, secret(digits)?)),
    }
}

fn name(kind: &[u8], list: &[u8], epoch: &[u8]) -> Result<KeyName, LineFault> {
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let kind = text(kind)
        .and_then(|kind| kind.strip_prefix("saring-")?.strip_suffix("-v1"))
        .and_then(KeyKind::parse)
        .ok_or(LineFault::Kind)?;
    let number: u32 = text(epoch)
        .and_then(|epoch| epoch.parse().ok())
        .ok_or(LineFault::Epoch)?;
    if number.to_string().as_bytes() != epoch {
        return Err(LineFault::Epoch);
    }
    if kind.is_per_list() {
        let list = text(list)
            .and_then(|list| ListId::parse(list).ok())
            .ok_or(LineFault::List)?;
        return KeyName::of_list(kind, list, number).ok_or(LineFault::List);
    }
    match (list.is_empty(), number) {
        (false, _) => Err(LineFault::List),
        (true, 0) => KeyName::once(kind).ok_or(LineFault::List),
        (true, _) => Err(LineFault::Epoch),
    }
}

fn secret(digits: &[u8]) -> Result<Secret32, LineFault> {
    let mut secret = Secret32::zeros();
    let mut bad = 0;
    for (byte, pair) in secret.bytes_mut().iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (value(pair[0]), value(pair[1]));
        bad |= high | low;
        *byte = high << 4 | (low & 15);
    }
    if bad & 0xf0 == 0 {
        Ok(secret)
    } else {
        Err(LineFault::Hex)
    }
}

/// The hexadecimal digit of `nibble` (0..=15).
fn digit(nibble: u8) -> u8 {
    // 'a' - '0' - 10 = 39 more where the nibble is above 9.
    let above_nine = 9_u8.wrapping_sub(nibble) >> 7;
    nibble + b'0' + 39 * above_nine
}

/// 0..=15 of a hexadecimal digit in lower case; 0xff for any other byte.
fn value(byte: u8) -> u8 {
    let (decimal, letter) = (byte.wrapping_sub(b'0'), byte.wrapping_sub(b'a'));
    let is_decimal = below(decimal, 10);
    let is_letter = below(letter, 6);
    (decimal & is_decimal) | (letter.wrapping_add(10) & is_letter) | !(is_decimal | is_letter)
}

/// 0xff if `value` is below `bound`, otherwise 0.
fn below(value: u8, bound: u16) -> u8 {
    let borrow = u16::from(value).wrapping_sub(bound) >> 8;
    (borrow & 0xff) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn factor() -> KeyName {
        KeyName::of_list(KeyKind::Factor, ListId::parse("macet-jatim").unwrap(), 7).unwrap()
    }

    #[test]
    fn lines_are_as_promised_and_read_back() {
        let secret = Secret32::from_bytes(&[0xa9; 32]);
        let line = format_line(&factor(), &secret);
        assert_eq!(
            line.as_str(),
            format!("saring-factor-v1:macet-jatim:7:{}\n", "a9".repeat(32))
        );
        let once = KeyName::once(KeyKind::Padding).unwrap();
        assert!(format_line(&once, &secret).starts_with("saring-padding-v1::0:a9"));
        for name in [factor(), once] {
            let line = format_line(&name, &secret);
            let (read, key) = parse_line(line.as_bytes()).unwrap();
            assert!(read == name && key.same_as(&secret));
            assert!(parse_line(line.trim_end().as_bytes()).is_ok());
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        let key = "0f".repeat(32);
        let fault = |line: String| parse_line(line.as_bytes()).map(|_| ()).unwrap_err();
        for (line, expected) in [
            (String::new(), LineFault::Fields),
            (format!("saring-factor-v1:abc:{key}"), LineFault::Fields),
            (format!("saring-faktor-v1:abc:0:{key}"), LineFault::Kind),
            (format!("saring-factor-v2:abc:0:{key}"), LineFault::Kind),
            (format!("saring-factor-v1:AB:0:{key}"), LineFault::List),
            (format!("saring-factor-v1::0:{key}"), LineFault::List),
            (format!("saring-store-v1:abc:0:{key}"), LineFault::List),
            (format!("saring-store-v1::1:{key}"), LineFault::Epoch),
            (format!("saring-factor-v1:abc:07:{key}"), LineFault::Epoch),
            (format!("saring-factor-v1:abc:+7:{key}"), LineFault::Epoch),
            (
                format!("saring-factor-v1:abc:4294967296:{key}"),
                LineFault::Epoch,
            ),
            (
                format!("saring-factor-v1:abc:0:{}", &key[1..]),
                LineFault::Hex,
            ),
            (
                format!("saring-factor-v1:abc:0:{}", key.to_uppercase()),
                LineFault::Hex,
            ),
            (
                format!("saring-factor-v1:abc:0:{key}0"),
                LineFault::Trailing,
            ),
            (
                format!("saring-factor-v1:abc:0:{key}\n\n"),
                LineFault::Trailing,
            ),
            ("x".repeat(257), LineFault::TooLong),
        ] {
            assert_eq!(fault(line.clone()), expected, "{line}");
            assert!(!expected.to_string().contains("0f0f"));
        }
    }

    #[test]
    fn digits_without_tables_agree_with_the_standard_library() {
        for byte in 0..=255_u8 {
            let lower = byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            let judge = char::from(byte).to_digit(16).filter(|_| lower);
            assert_eq!(
                value(byte),
                judge.map_or(0xff, |v| u8::try_from(v).unwrap()),
                "{byte}"
            );
        }
        for nibble in 0..16 {
            let judge = char::from_digit(u32::from(nibble), 16).unwrap();
            assert_eq!(char::from(digit(nibble)), judge);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_line(&bytes);
        }

        #[test]
        fn one_changed_byte_is_refused_or_another_key(at in 0_usize..90, to in any::<u8>()) {
            let secret = Secret32::from_bytes(&[0x5a; 32]);
            let mut line = format_line(&factor(), &secret).as_bytes().to_vec();
            prop_assume!(at < line.len() - 1 && line[at] != to);
            line[at] = to;
            if let Ok((name, key)) = parse_line(&line) {
                prop_assert!(name != factor() || !key.same_as(&secret));
            }
        }
    }
}
