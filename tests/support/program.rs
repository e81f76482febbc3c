//! Runs the binary in an empty folder of its own. What it wrote is read back with [`table`](super::table).

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The binary and a folder to run it in. No setting of the machine reaches it.
pub(crate) struct Program {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    /// Sets a variable of its environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file into its folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::from(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    pub(crate) fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }

    /// The command itself, for tests that watch it run.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_korelake"));
        command.current_dir(self.folder.path()).args(arguments);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KORELAKE_") {
                command.env_remove(name);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Holds that it ended well, and said nothing of an error.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!(self.lines("error: ").len(), 0, "{self:?}");
        self
    }

    /// Holds that it ended with `code`, one line of error that has `message` in it, and one of hint with `hint`.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, message: &str, hint: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        let (errors, hints) = (self.lines("error: "), self.lines("hint: "));
        assert_eq!((errors.len(), hints.len()), (1, 1), "{}", self.stderr);
        assert!(errors[0].contains(message), "{message:?} is not in {errors:?}");
        assert!(hints[0].contains(hint), "{hint:?} is not in {hints:?}");
        self
    }

    /// As [`failed`](Self::failed), where nobody can say what to do.
    #[track_caller]
    pub(crate) fn failed_without_hint(self, code: i32, message: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        let (errors, hints) = (self.lines("error: "), self.lines("hint: "));
        assert_eq!((errors.len(), hints.len()), (1, 0), "{}", self.stderr);
        assert!(errors[0].contains(message), "{message:?} is not in {errors:?}");
        self
    }

    /// The cells that a table has in the summary of a run, beginning with its name.
    #[track_caller]
    pub(crate) fn summary(&self, table: &str) -> Vec<&str> {
        let mut lines = self
            .stderr
            .lines()
            .skip_while(|line| !line.starts_with("dataset "));
        let row = lines.find(|line| line.split_whitespace().next() == Some(table));
        row.unwrap_or_else(|| panic!("no summary of {table} in {}", self.stderr))
            .split_whitespace()
            .collect()
    }

    /// The lines of standard error that begin so.
    pub(crate) fn lines(&self, beginning: &str) -> Vec<&str> {
        self.stderr
            .lines()
            .filter(|line| line.starts_with(beginning))
            .collect()
    }
}
