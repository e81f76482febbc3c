//! How the program ends: the documented exit codes, and the failures that lead to them.

use std::error::Error;
use std::process::ExitCode;

use korelake::Kind;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All units are committed or unchanged.
    Done = 0,
    /// Usage or configuration.
    Usage = 1,
    /// Some units failed, or an input could not be read; what was committed stays.
    Failed = 2,
    /// Credentials or their scope.
    Credentials = 3,
    /// The lake cannot be reached or written.
    Lake = 4,
    /// Interrupted, clean.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Kind> for Exit {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Usage => Self::Usage,
            Kind::Credentials => Self::Credentials,
            Kind::Lake => Self::Lake,
            // The server's data, and whatever kinds the library may yet tell apart.
            _ => Self::Failed,
        }
    }
}

/// What keeps a command from going on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// From the library.
    Library(Box<korelake::Error>),
    /// Of the command line or the configuration.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// Of the machine.
    Other {
        /// What cannot be done.
        message: &'static str,
        /// What the operating system says.
        source: std::io::Error,
    },
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub(crate) fn other(message: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Other { message, source }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Library(error) => error.kind().into(),
            Self::Usage { .. } => Exit::Usage,
            Self::Other { .. } => Exit::Failed,
        }
    }

    /// The message with all its causes.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Library(error) => with_causes(error),
            Self::Usage { message, .. } => message.clone(),
            Self::Other { message, source } => format!("{message}: {source}"),
        }
    }

    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Library(error) => error.hint(),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::Other { .. } => None,
        }
    }
}

impl<E: Into<korelake::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Library(Box::new(error.into()))
    }
}

/// An error and what caused it, in one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // A layer that only passes the message on would repeat it.
        if !message.ends_with(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}
