//! Encryption at rest by `age` under a passphrase (age-encryption.org/v1, scrypt).

use std::env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::scrypt;
use age::secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::KeyError;
use super::private_file::{read_limited, read_private};
use crate::protocol::limits::MAX_KEY_FILE_BYTES;

/// Fewest characters of a passphrase.
const MIN_CHARACTERS: usize = 12;

/// scrypt's work for passphrases that a machine made and kept: 2^15, 32 MiB, about 0.1 s a file.
const MACHINE_WORK: u8 = 15;

/// scrypt's work for passphrases that a person thought of: 2^18, 256 MiB, about a second.
const PERSON_WORK: u8 = 18;

/// The most work that is done to open a file: 2^20, 1 GiB.
const MOST_WORK: u8 = 20;

/// How key files are written.
pub enum Sealing {
    /// As they are; the file's mode is all the protection.
    Plain,
    /// Encrypted by `age`.
    Age(Passphrase),
}

/// A passphrase and the work that guessing it shall cost.
#[derive(Clone)]
pub struct Passphrase {
    text: SecretString,
    work: u8,
}

impl Passphrase {
    /// A passphrase that a person typed; scrypt's work is 2^18.
    ///
    /// # Errors
    /// [`KeyError::ShortPassphrase`] below 12 characters.
    pub fn typed(text: &Zeroizing<String>) -> Result<Self, KeyError> {
        Self::new(text, PERSON_WORK)
    }

    /// The first line of a file that must be as closed as a key file; scrypt's work is 2^15.
    ///
    /// # Errors
    /// [`KeyError::ShortPassphrase`], and whatever makes the file unsafe or unreadable.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        Self::first_line(&read_private(path, MAX_KEY_FILE_BYTES)?)
    }

    /// A systemd credential (`LoadCredentialEncrypted=`), found by `$CREDENTIALS_DIRECTORY`; who may
    /// read it is systemd's affair. scrypt's work is 2^15.
    ///
    /// # Errors
    /// [`KeyError::NoCredential`] outside such a unit or for a name with a path in it,
    /// [`KeyError::ShortPassphrase`], [`KeyError::Io`], [`KeyError::TooLarge`].
    pub fn from_credential(name: &str) -> Result<Self, KeyError> {
        let folder = env::var_os("CREDENTIALS_DIRECTORY").ok_or(KeyError::NoCredential)?;
        Self::from_credential_in(Path::new(&folder), name)
    }

    fn from_credential_in(folder: &Path, name: &str) -> Result<Self, KeyError> {
        if name.is_empty() || name.contains('/') || name.starts_with('.') {
            return Err(KeyError::NoCredential);
        }
        let path = folder.join(name);
        if !path.exists() {
            return Err(KeyError::NoCredential);
        }
        Self::first_line(&read_limited(&path, MAX_KEY_FILE_BYTES)?)
    }

    /// The same passphrase with scrypt's work at 2^`log_n`, within 1..=20. Less makes guessing
    /// cheaper: for tests, or for passphrases that are random keys.
    #[must_use]
    pub fn with_work(mut self, log_n: u8) -> Self {
        self.work = log_n.clamp(1, MOST_WORK);
        self
    }

    fn first_line(bytes: &[u8]) -> Result<Self, KeyError> {
        let line = bytes
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .next()
            .unwrap_or_default();
        let text = std::str::from_utf8(line).map_err(|_| KeyError::ShortPassphrase)?;
        Self::new(text, MACHINE_WORK)
    }

    fn new(text: &str, work: u8) -> Result<Self, KeyError> {
        if text.chars().count() < MIN_CHARACTERS {
            return Err(KeyError::ShortPassphrase);
        }
        Ok(Self {
            text: SecretString::from(text.to_owned()),
            work,
        })
    }

    /// `secret` encrypted, as bytes or as ASCII armour.
    pub(super) fn seal(&self, secret: &[u8], armored: bool) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Encryption;
        let mut recipient = scrypt::Recipient::new(self.copy());
        recipient.set_work_factor(self.work);
        let recipient: &dyn age::Recipient = &recipient;
        let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient))
            .map_err(|_| KeyError::Encryption)?;
        let form = if armored {
            Format::AsciiArmor
        } else {
            Format::Binary
        };
        let output = ArmoredWriter::wrap_output(Vec::new(), form).map_err(failed)?;
        let mut writer = encryptor.wrap_output(output).map_err(failed)?;
        writer.write_all(secret).map_err(failed)?;
        writer
            .finish()
            .and_then(ArmoredWriter::finish)
            .map_err(failed)
    }

    /// What [`Passphrase::seal`] encrypted, in either form. `path` is only named in errors.
    pub(super) fn open(&self, sealed: &[u8], path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let wrong = || KeyError::WrongPassphrase {
            path: PathBuf::from(path),
        };
        let mut identity = scrypt::Identity::new(self.copy());
        identity.set_max_work_factor(MOST_WORK);
        let identity: &dyn age::Identity = &identity;
        let decryptor =
            age::Decryptor::new_buffered(ArmoredReader::new(sealed)).map_err(|_| wrong())?;
        let mut reader = decryptor
            .decrypt(std::iter::once(identity))
            .map_err(|_| wrong())?;
        // The plaintext is shorter than the file, so this never grows and leaves no copy behind.
        let mut secret = Zeroizing::new(vec![0; sealed.len()]);
        let mut filled = 0;
        loop {
            match reader.read(&mut secret[filled..]).map_err(|_| wrong())? {
                0 => break,
                count => filled += count,
            }
        }
        secret.truncate(filled);
        Ok(secret)
    }

    fn copy(&self) -> SecretString {
        SecretString::from(self.text.expose_secret().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_under_the_same_passphrase_and_undamaged() {
        let typed = |text: &str| Passphrase::typed(&Zeroizing::new(text.to_owned()));
        let right = typed("benar sekali ini").unwrap().with_work(2);
        let wrong = typed("salah sekali ini").unwrap().with_work(2);
        assert!(matches!(typed("pendek"), Err(KeyError::ShortPassphrase)));
        for armored in [false, true] {
            let mut sealed = right.seal(b"rahasia", armored).unwrap();
            assert_eq!(sealed.starts_with(b"-----BEGIN AGE"), armored);
            assert_eq!(
                &right.open(&sealed, Path::new("x")).unwrap()[..],
                b"rahasia"
            );
            assert!(wrong.open(&sealed, Path::new("x")).is_err());
            let middle = sealed.len() - 8;
            sealed[middle] ^= 1;
            assert!(right.open(&sealed, Path::new("x")).is_err());
            assert!(right.open(&sealed[..40], Path::new("x")).is_err());
        }
    }

    #[test]
    fn credentials_come_from_their_folder_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("keys"), "a long enough secret\n").unwrap();
        assert!(Passphrase::from_credential_in(folder.path(), "keys").is_ok());
        for name in ["other", "", "../keys", "."] {
            let refused = Passphrase::from_credential_in(folder.path(), name);
            assert!(matches!(refused, Err(KeyError::NoCredential)), "{name}");
        }
    }
}
