//! Why a command failed: what is wrong, where, and what to do. Never a NIK, a code or a key.

use crate::agent::{AgentError, DoorError, HomeError};
use crate::app::RunError;
use crate::intake::FileProblem;
use crate::keys::KeyError;
use crate::machine::InstructionSetError;
use crate::net::SetupError;
use crate::protocol::{ErrorCode, Timestamp};
use crate::texts::Lang;
use crate::texts::cli::faults;

use super::exit::Exit;
use super::output::local_time;

/// A command's failure.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// Stable, `snake_case`.
    pub(super) code: &'static str,
    /// Where, or what exactly; never a value that a person handed in.
    pub(super) detail: Option<String>,
    said: Option<Said>,
}

/// A sentence that depends on the language and is not in the table of faults.
#[derive(Debug)]
enum Said {
    Refusal(ErrorCode),
    File(FileProblem),
}

impl Failure {
    pub(super) fn new(exit: Exit, code: &'static str) -> Self {
        Self {
            exit,
            code,
            detail: None,
            said: None,
        }
    }

    pub(super) fn with(mut self, detail: impl std::fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    pub(super) fn input(detail: impl std::fmt::Display) -> Self {
        Self::new(Exit::InvalidInput, "invalid_input").with(detail)
    }

    /// A file that cannot be read or written.
    pub(super) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "file_exists",
            _ => "file_unusable",
        };
        Self::new(Exit::InvalidInput, code).with(format_args!("{}: {error}", path.display()))
    }

    /// A registry that does not run, or whose store cannot be worked on.
    pub(super) fn of_server(error: &RunError, lang: Lang) -> Self {
        let advice = error.advice(lang).unwrap_or_default();
        let detail = format!("{error}\n  {advice}");
        Self::new(Exit::General, "server").with(detail.trim_end())
    }

    /// Whether another process is at the same work.
    pub(super) fn is_busy(&self) -> bool {
        self.code == "home_busy"
    }

    /// The whole message for a person, on several lines.
    pub(super) fn message(&self, lang: Lang) -> String {
        let mut message = match &self.said {
            Some(Said::Refusal(code)) => lang.pick(code.text_id(), code.text_en()).to_owned(),
            Some(Said::File(problem)) => problem.text(lang),
            None => faults::what(self.code, lang)
                .unwrap_or(self.code)
                .to_owned(),
        };
        if let Some(detail) = &self.detail {
            message.push_str("\n  ");
            message.push_str(detail);
        }
        if let Some(advice) = faults::advice(self.code, lang) {
            message.push_str("\n  → ");
            message.push_str(advice);
        }
        message
    }

    fn of_refusal(code: ErrorCode, fault: &DoorError) -> Self {
        let mut failure = Self::new(exit_of(code), code.as_str());
        failure.said = Some(Said::Refusal(code));
        if let DoorError::Refused { detail, .. } = fault {
            if let Some(time) = detail.server_time {
                failure.detail = Some(format!("server: {}", local_time(time)));
            }
            if let Some(quota) = detail.quota {
                failure.detail = Some(format!(
                    "{} / {} → {}",
                    quota.used,
                    quota.allowed,
                    local_time(Timestamp(quota.reset.0))
                ));
            }
        }
        failure
    }
}

/// What a refusal's code means for the exit code.
fn exit_of(code: ErrorCode) -> Exit {
    match code {
        ErrorCode::Malformed | ErrorCode::InvalidField | ErrorCode::BadElement => Exit::General,
        ErrorCode::QuotaExceeded | ErrorCode::CapReached | ErrorCode::StaleOrder => Exit::Refused,
        _ if code.status() >= 500 => Exit::Unavailable,
        _ => Exit::Refused,
    }
}

impl From<AgentError> for Failure {
    fn from(error: AgentError) -> Self {
        match error {
            AgentError::Door(fault) => match fault.code() {
                Some(code) => Self::of_refusal(code, &fault),
                None => Self::new(Exit::Unavailable, AgentError::Door(fault).code()),
            },
            AgentError::File(problem) => problem.into(),
            AgentError::Home(fault) => fault.into(),
            AgentError::Interrupted => Self::new(Exit::Incomplete, "interrupted"),
            other => {
                let exit = if other.is_suspicious() {
                    Exit::Untrusted
                } else {
                    Exit::General
                };
                Self::new(exit, other.code()).with(&other)
            }
        }
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        let code = match &error {
            HomeError::Busy => "home_busy",
            HomeError::Key(_) => "key_unusable",
            _ => "home_unusable",
        };
        Self::new(Exit::Home, code).with(error)
    }
}

impl From<InstructionSetError> for Failure {
    fn from(error: InstructionSetError) -> Self {
        let code = match &error {
            InstructionSetError::Unknown { .. } => "unknown_instruction_set",
            InstructionSetError::Missing { .. } => "missing_instruction_set",
        };
        Self::new(Exit::InvalidInput, code).with(error)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::new(Exit::Home, "key_unusable").with(error)
    }
}

impl From<FileProblem> for Failure {
    fn from(problem: FileProblem) -> Self {
        let mut failure = Self::new(Exit::InvalidInput, problem.code());
        if let FileProblem::Unreadable(error) = &problem {
            failure.detail = Some(error.to_string());
        }
        failure.said = Some(Said::File(problem));
        failure
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        Self::new(Exit::General, "address_unusable").with(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::General, "results_unwritable").with(error)
    }
}
