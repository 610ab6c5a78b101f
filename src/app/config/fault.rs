//! What is wrong with a configuration: file, line, field, and what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::place;

/// The rule a configuration breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigRule {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// The file is over its limit.
    #[error("the file is larger than 1 MiB")]
    TooLarge,
    /// Not TOML, or a value of the wrong type.
    #[error("{0}")]
    Syntax(Box<str>),
    /// A key that does not exist.
    #[error("there is no such key")]
    UnknownKey,
    /// A key that must be given is not there.
    #[error("the key is missing")]
    MissingKey,
    /// A certificate without its key, or a key without its certificate.
    #[error("tls_certificate_file and tls_key_file go together")]
    TlsPair,
    /// No TLS beyond loopback.
    #[error(
        "without TLS only loopback is served; give tls_certificate_file and tls_key_file, or set \
         allow_plain_beyond_loopback if something in front adds TLS"
    )]
    PlainBeyondLoopback,
    /// The admin listener has no TLS and no authentication.
    #[error("the admin listener stays on loopback")]
    AdminBeyondLoopback,
    /// Two sources of one passphrase.
    #[error("give passphrase_file or passphrase_credential, not both")]
    TwoPassphrases,
    /// A number out of its range.
    #[error("must be {least} to {most}")]
    OutOfRange {
        /// The least value.
        least: u64,
        /// The greatest value.
        most: u64,
    },
    /// What guards the database lies inside it.
    #[error("must not lie inside folders.database: it guards the database against its own loss")]
    InsideDatabase,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The file, once known.
    pub file: Option<PathBuf>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The field, as `section.key`.
    pub field: Option<String>,
    /// The rule.
    pub rule: ConfigRule,
    /// The key that was perhaps meant.
    pub suggestion: Option<String>,
}

impl std::error::Error for ConfigFault {}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
        }
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        if let Some(field) = &self.field {
            write!(f, " {field}:")?;
        }
        write!(f, " {}", self.rule)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

impl ConfigFault {
    pub(super) fn of_file(file: &Path, rule: ConfigRule) -> Self {
        let file = Some(file.to_owned());
        Self {
            file,
            line: None,
            field: None,
            rule,
            suggestion: None,
        }
    }

    pub(super) fn of_field(text: &str, field: &str, rule: ConfigRule) -> Self {
        let line = place::line_of(text, field);
        Self {
            file: None,
            line,
            field: Some(field.to_owned()),
            rule,
            suggestion: None,
        }
    }

    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map(|span| span.start);
        let line = at.map(|at| 1 + text[..at.min(text.len())].matches('\n').count());
        let message = error.message();
        let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned);
        let section = at.and_then(|at| place::section_at(text, at));
        let within = |key: &str| match &section {
            Some(section) if section != key => format!("{section}.{key}"),
            _ => key.to_owned(),
        };
        let unknown = message
            .starts_with("unknown field")
            .then(|| quoted(message))
            .flatten();
        let missing = message
            .starts_with("missing field")
            .then(|| quoted(message))
            .flatten();
        let (rule, key) = match (unknown, missing) {
            (Some(key), _) => (ConfigRule::UnknownKey, Some(key)),
            (_, Some(key)) => (ConfigRule::MissingKey, Some(key)),
            _ => (
                ConfigRule::Syntax(message.into()),
                at.and_then(|at| place::key_at(text, at)),
            ),
        };
        let suggestion = match (&rule, &key) {
            (ConfigRule::UnknownKey, Some(key)) => nearest(key, message),
            _ => None,
        };
        let field = key.as_deref().map(within);
        Self {
            file: None,
            line,
            field,
            rule,
            suggestion,
        }
    }

    pub(super) fn in_file(self, file: &Path) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..self
        }
    }
}

/// The key among those that serde names as expected that is most like `key`.
fn nearest(key: &str, message: &str) -> Option<String> {
    let expected = message.split('`').skip(3).step_by(2);
    let scored = expected.map(|name| (strsim::jaro_winkler(key, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.75).then(|| best.1.to_owned())
}
