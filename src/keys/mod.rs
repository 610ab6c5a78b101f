//! Keys at rest: one secret a file, refused when others could read it, optionally encrypted, and
//! an escrow file of their own.
//!
//! | door | for |
//! |---|---|
//! | [`KeyProvider`] | what holds keys; an HSM can wrap them behind it |
//! | [`KeyFiles`] | a folder of key files |
//! | [`private_key`] | a key of the oblivious function by its name, made where it is missing |
//! | [`export`], [`import`] | the encrypted escrow file |
//! | [`harden_process`] | no core dump, no tracer, before a key or a NIK is read |
//!
//! Keys never stand in a database or its backup.

mod error;
mod escrow;
mod evaluation;
mod files;
mod hardening;
mod line;
mod name;
mod passphrase;
mod private_file;
mod secret;

pub use error::{EscrowFault, KeyError, LineFault};
pub use escrow::{EscrowForm, Exported, Imported, export, import};
pub use evaluation::private_key;
pub use files::KeyFiles;
pub use hardening::{HardeningError, harden_process};
pub use line::{format_line, parse_line};
pub use name::{KeyKind, KeyName};
pub use passphrase::{Passphrase, Sealing};
pub use secret::Secret32;

/// What holds secrets by name.
pub trait KeyProvider {
    /// The secret called `name`.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none; any other variant when it cannot be read safely.
    fn get(&self, name: &KeyName) -> Result<Secret32, KeyError>;

    /// Keeps `secret` under `name`, durably before it returns. Keeping the same again changes
    /// nothing; nothing is ever overwritten.
    ///
    /// # Errors
    /// [`KeyError::Different`] when another secret has the name; any other variant when it cannot
    /// be kept.
    fn put(&self, name: &KeyName, secret: &Secret32) -> Result<(), KeyError>;

    /// The names held, sorted.
    ///
    /// # Errors
    /// Any variant when they cannot be listed.
    fn names(&self) -> Result<Vec<KeyName>, KeyError>;

    /// Destroys the secret called `name`, as at the end of an epoch. That there is none is fine.
    ///
    /// # Errors
    /// Any variant when it cannot be destroyed.
    fn destroy(&self, name: &KeyName) -> Result<(), KeyError>;
}
