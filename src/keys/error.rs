//! Why a key cannot be read or kept. Nothing here ever shows a key.

use std::io;
use std::path::PathBuf;

use super::KeyName;

/// Which rule of the key line is broken. The line itself is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// More than 256 bytes.
    #[error("the key line is longer than 256 bytes")]
    TooLong,
    /// Not `saring-<kind>-v1:<list>:<epoch>:<hex>`.
    #[error("the key line has not the four fields of saring-<kind>-v1:<list>:<epoch>:<hex>")]
    Fields,
    /// The first field is not `saring-<kind>-v1` with a known kind.
    #[error("the key line names no kind of key that is known here")]
    Kind,
    /// The list is no list id, or stands where the kind has none, or lacks where it has one.
    #[error("the key line's list does not suit its kind")]
    List,
    /// The epoch is no number from 0 to 4294967295 without leading zeros, or not 0 where the kind has none.
    #[error("the key line's epoch does not suit its kind")]
    Epoch,
    /// The key is not 64 digits of 0-9 and a-f.
    #[error("the key in the key line is not 64 hexadecimal digits in lower case")]
    Hex,
    /// Something follows the line.
    #[error("something follows the key line")]
    Trailing,
}

/// Why a key cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such key.
    #[error("there is no key {0}")]
    Missing(KeyName),
    /// Another key has that name already.
    #[error("another key is kept as {0} already; keys are never overwritten")]
    Different(KeyName),
    /// The secret of that name is zero or no scalar.
    #[error("{0} is no private key")]
    Scalar(KeyName),
    /// The file system refused.
    #[error("{path} cannot be used: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// Others can read or change it.
    #[error("{path} is open to others; run: chmod {chmod} {path}", path = path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// The mode to set.
        chmod: &'static str,
    },
    /// It belongs to somebody else.
    #[error("{path} belongs to user {owner}, who is neither us nor root", path = path.display())]
    Owner {
        /// The file or folder.
        path: PathBuf,
        /// The owner's number.
        owner: u32,
    },
    /// Not a regular file, or a symbolic link.
    #[error("{path} is not a regular file", path = path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Larger than such a file can be.
    #[error("{path} is too large", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The line in it is malformed.
    #[error("{path}: {fault}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The rule broken.
        fault: LineFault,
    },
    /// The line in it is another key's.
    #[error("{path} holds the key {found}: it was renamed or copied", path = path.display())]
    Renamed {
        /// The file.
        path: PathBuf,
        /// The name inside.
        found: KeyName,
    },
    /// A file among the keys that is none.
    #[error("{path} is not named like a key", path = path.display())]
    Stranger {
        /// The file.
        path: PathBuf,
    },
    /// It is encrypted and no passphrase was configured.
    #[error("{path} is encrypted and no passphrase is configured", path = path.display())]
    PassphraseNeeded {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase does not open it, or it is damaged.
    #[error("the passphrase does not open {path}, or it is damaged", path = path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// Encryption failed.
    #[error("encryption failed")]
    Encryption,
    /// A passphrase too short to protect anything.
    #[error("a passphrase has at least 12 characters")]
    ShortPassphrase,
    /// No such systemd credential.
    #[error("systemd passed no credential of that name (LoadCredential=)")]
    NoCredential,
    /// An escrow file's content is malformed or its digest differs.
    #[error("the escrow file is damaged or is none: {0}")]
    Escrow(EscrowFault),
}

/// Which rule of the escrow file is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EscrowFault {
    /// More than 16 MiB.
    #[error("it is too large")]
    TooLarge,
    /// Not this program's archive.
    #[error("its first line is not saring-escrow-v1")]
    Header,
    /// The count of keys is missing or differs.
    #[error("its count of keys differs")]
    Count,
    /// A key line is malformed.
    #[error("one of its key lines is malformed")]
    Key,
    /// A name comes twice or out of order.
    #[error("its keys are not in order")]
    Order,
    /// The digest differs.
    #[error("its digest differs")]
    Digest,
}
