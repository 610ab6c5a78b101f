//! The escrow file: every key of a provider in one archive, encrypted by `age`.
//!
//! Inside stands plain text, so that `age -d` alone recovers the keys when this program is gone:
//!
//! ```text
//! saring-escrow-v1
//! keys 2
//! saring-factor-v1:macet-jatim:7:…      one line a key, as in its file, sorted by name
//! saring-padding-v1::0:…
//! blake3 …                              64 digits: the digest of all bytes above
//! ```

use std::path::Path;

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::private_file::{read_limited, write_new};
use super::{
    EscrowFault, KeyError, KeyName, KeyProvider, Passphrase, Secret32, format_line, parse_line,
};
use crate::protocol::limits::{MAX_ESCROW_BYTES, MAX_KEY_LINE_BYTES};

const HEADER: &str = "saring-escrow-v1";

/// How the file is written; both are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscrowForm {
    /// ASCII armour, which survives paper and mail.
    Armored,
    /// Bytes.
    Binary,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The keys in the file, sorted.
    pub names: Vec<KeyName>,
    /// BLAKE3 of the encrypted file, for the register it is noted in.
    pub file_digest: [u8; 32],
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Keys that were missing and are there now, sorted.
    pub restored: Vec<KeyName>,
    /// Keys that were there already and are the same, sorted.
    pub unchanged: Vec<KeyName>,
}

/// Writes every key of `provider` into a new file of mode 0600, and has opened what it wrote before
/// it says so.
///
/// # Errors
/// Those of the provider; [`KeyError::Encryption`]; [`KeyError::Io`] when the file exists or cannot
/// be written; [`KeyError::Escrow`] with `TooLarge`.
pub fn export(
    provider: &(impl KeyProvider + ?Sized),
    file: &Path,
    passphrase: &Passphrase,
    form: EscrowForm,
) -> Result<Exported, KeyError> {
    let names = provider.names()?;
    let archive = archive(provider, &names)?;
    let sealed = passphrase.seal(archive.as_bytes(), form == EscrowForm::Armored)?;
    if sealed.len() as u64 > MAX_ESCROW_BYTES {
        return Err(KeyError::Escrow(EscrowFault::TooLarge));
    }
    write_new(file, &sealed)?;
    let written = passphrase.open(&read_limited(file, MAX_ESCROW_BYTES)?, file)?;
    let read_back = parse(&written).map_err(KeyError::Escrow)?;
    if read_back.len() != names.len() {
        return Err(KeyError::Escrow(EscrowFault::Count));
    }
    Ok(Exported {
        names,
        file_digest: blake3::hash(&sealed).into(),
    })
}

/// Puts every key of an escrow file into `provider`: all, or none if one differs from a key that is
/// there or cannot be kept. Importing again changes nothing, and completes an import that was killed.
///
/// # Errors
/// [`KeyError::Io`], [`KeyError::TooLarge`], [`KeyError::WrongPassphrase`], [`KeyError::Escrow`] before anything
/// is kept; [`KeyError::Different`] likewise; those of the provider after what was kept is taken back.
pub fn import(
    provider: &(impl KeyProvider + ?Sized),
    file: &Path,
    passphrase: &Passphrase,
) -> Result<Imported, KeyError> {
    let archive = passphrase.open(&read_limited(file, MAX_ESCROW_BYTES)?, file)?;
    let keys = parse(&archive).map_err(KeyError::Escrow)?;
    let (mut restored, mut unchanged) = (Vec::new(), Vec::new());
    let mut missing = Vec::new();
    for (name, secret) in keys {
        match provider.get(&name) {
            Ok(kept) if kept.same_as(&secret) => unchanged.push(name),
            Ok(_) => return Err(KeyError::Different(name)),
            Err(KeyError::Missing(_)) => missing.push((name, secret)),
            Err(other) => return Err(other),
        }
    }
    for (name, secret) in missing {
        if let Err(error) = provider.put(&name, &secret) {
            for name in &restored {
                provider.destroy(name)?;
            }
            return Err(error);
        }
        restored.push(name);
    }
    Ok(Imported {
        restored,
        unchanged,
    })
}

fn archive(
    provider: &(impl KeyProvider + ?Sized),
    names: &[KeyName],
) -> Result<Zeroizing<String>, KeyError> {
    // Reserved whole at once: growing would leave copies behind.
    let capacity = (names.len() + 4).saturating_mul(MAX_KEY_LINE_BYTES);
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    text.push_str(&format!("{HEADER}\nkeys {}\n", names.len()));
    for name in names {
        text.push_str(&format_line(name, &provider.get(name)?));
    }
    let digest = HEXLOWER.encode(blake3::hash(text.as_bytes()).as_bytes());
    text.push_str(&format!("blake3 {digest}\n"));
    Ok(text)
}

/// Reads an archive; never panics, and never shows a key in an error.
fn parse(archive: &[u8]) -> Result<Vec<(KeyName, Secret32)>, EscrowFault> {
    let (body, digest) = split_digest(archive).ok_or(EscrowFault::Digest)?;
    let mut lines = body.split_inclusive(|byte| *byte == b'\n');
    let header = lines.next().and_then(|line| line.strip_suffix(b"\n"));
    if header != Some(HEADER.as_bytes()) {
        return Err(EscrowFault::Header);
    }
    if HEXLOWER.encode(blake3::hash(body).as_bytes()).as_bytes() != digest {
        return Err(EscrowFault::Digest);
    }
    let count = lines.next().and_then(count).ok_or(EscrowFault::Count)?;
    let mut keys: Vec<(KeyName, Secret32)> = Vec::new();
    for line in lines {
        let key = parse_line(line).map_err(|_| EscrowFault::Key)?;
        if keys.last().is_some_and(|(last, _)| *last >= key.0) {
            return Err(EscrowFault::Order);
        }
        keys.push(key);
    }
    if keys.len() == count {
        Ok(keys)
    } else {
        Err(EscrowFault::Count)
    }
}

/// The archive up to its last line, and the digits in that.
fn split_digest(archive: &[u8]) -> Option<(&[u8], &[u8])> {
    let whole = archive.strip_suffix(b"\n")?;
    let start = whole.iter().rposition(|byte| *byte == b'\n')? + 1;
    let (body, last) = whole.split_at_checked(start)?;
    Some((body, last.strip_prefix(b"blake3 ")?))
}

fn count(line: &[u8]) -> Option<usize> {
    let digits = line.strip_prefix(b"keys ")?.strip_suffix(b"\n")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
