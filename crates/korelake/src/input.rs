//! Where records are read from: files and standard input, plain or compressed with gzip. [`convert`](crate::convert())
//! and the work on schemas both open their inputs here.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use korelake_schema::RECORD_LIMIT;

use crate::error::{Error, Result};

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file: a response body, an array, one record or NDJSON, also compressed with gzip.
    File(PathBuf),
    /// Standard input, holding the same.
    Stdin,
}

/// `-` is standard input.
impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::File(path)
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Stdin => out.write_str("standard input"),
        }
    }
}

/// The first bytes of every gzip file.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Opens an input; gzip is known by its first bytes, whatever the file is called.
pub(crate) fn open(input: &Input) -> Result<Box<dyn Read>> {
    let source: Box<dyn Read> = match input {
        Input::File(path) => {
            let failed = |source| Error::File {
                path: path.clone(),
                source,
            };
            let file = File::open(path).map_err(failed)?;
            if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Box::new(file)
        }
        Input::Stdin => Box::new(io::stdin().lock()),
    };
    let mut source = BufReader::with_capacity(1 << 16, source);
    let mut start = Vec::with_capacity(GZIP.len());
    let read = source.by_ref().take(GZIP.len() as u64).read_to_end(&mut start);
    read.map_err(|source| Error::Read {
        input: input.to_string(),
        source,
    })?;
    let is_gzip = start == GZIP;
    let whole = io::Cursor::new(start).chain(source);
    Ok(match is_gzip {
        true => Box::new(MultiGzDecoder::new(BufReader::new(whole))),
        false => Box::new(whole),
    })
}

/// Bytes that are read at a time. A record that does not fit makes the buffer grow.
const CHUNK: usize = 1 << 20;

/// Reads an input to its end, and says how many bytes it had. `take` gets what is there, and whether it is all, and says
/// how many bytes are done with: the others come again with more behind them. `None` ends the reading.
///
/// # Errors
///
/// [`Error::File`], [`Error::Read`], [`Error::EmptyInput`], [`Error::RecordTooLarge`], and [`Error::Input`] with what
/// `take` says.
pub(crate) fn read_through(
    input: &Input,
    mut take: impl FnMut(&[u8], bool) -> Result<Option<usize>, korelake_schema::Error>,
) -> Result<u64> {
    let mut source = open(input)?;
    let mut buffer = vec![0; CHUNK];
    let (mut filled, mut total) = (0, 0);
    loop {
        if filled == buffer.len() {
            if filled >= 2 * RECORD_LIMIT {
                return Err(Error::RecordTooLarge {
                    input: input.to_string(),
                    offset: total - filled as u64,
                    limit: filled,
                });
            }
            buffer.resize(filled * 2, 0);
        }
        let count = match source.read(&mut buffer[filled..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count.map_err(|source| Error::Read {
                input: input.to_string(),
                source,
            })?,
        };
        filled += count;
        total += count as u64;
        let last = count == 0;
        if !last && filled < buffer.len() {
            continue; // a pipe gives little at a time
        }
        if total == 0 {
            // Most likely the command before the pipe has failed.
            return Err(Error::EmptyInput {
                input: input.to_string(),
            });
        }
        let taken = take(&buffer[..filled], last).map_err(|source| Error::Input {
            input: input.to_string(),
            source,
        })?;
        let Some(taken) = taken.filter(|_| !last) else {
            return Ok(total);
        };
        buffer.copy_within(taken..filled, 0);
        filled -= taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_done_with_comes_again_with_more_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        let content: Vec<u8> = (0..3 * CHUNK + 5).map(|number| number as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let mut read = Vec::new();
        let mut calls = 0;
        let total = read_through(&path.into(), |chunk, last| {
            calls += 1;
            // Nothing at first, so that the buffer has to grow; then all but three bytes.
            let taken = match (calls, last) {
                (1, _) => 0,
                (_, true) => chunk.len(),
                _ => chunk.len() - 3,
            };
            read.extend_from_slice(&chunk[..taken]);
            Ok(Some(taken))
        });
        assert!(read == content && calls > 2, "{calls} calls");
        assert_eq!(total.unwrap(), content.len() as u64);
    }

    #[test]
    fn reading_ends_when_nobody_wants_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        std::fs::write(&path, vec![b' '; 3 * CHUNK]).unwrap();
        let mut calls = 0;
        let total = read_through(&path.into(), |_, _| {
            calls += 1;
            Ok(None)
        });
        assert_eq!((total.unwrap(), calls), (CHUNK as u64, 1));
    }

    #[test]
    fn standard_input_is_a_dash() {
        assert_eq!(Input::from(PathBuf::from("-")), Input::Stdin);
        assert_eq!(Input::Stdin.to_string(), "standard input");
        let file = Input::from(PathBuf::from("./-"));
        assert_eq!(
            (file.clone(), file.to_string()),
            (Input::File("./-".into()), "./-".to_owned())
        );
    }
}
