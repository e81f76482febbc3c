//! Writes down what could not be a row, with the reason. What can be one goes to
//! [`UnitWriter`](crate::UnitWriter).

use serde::Serialize;

use crate::store::STATE;
use crate::upload::Upload;
use crate::{Error, Lake, Result, Unit, Written};

/// Lines are sent on in blocks of about this many bytes.
const BLOCK: usize = 64 * 1024;

/// Writes the quarantine of one unit and generation, at
/// `_korelake/<table>/quarantine/<unit>/<generation>.ndjson`.
///
/// One JSON object a line: `{"reason": …, "record": …}`, where `record` is what the server sent, as a JSON
/// string. Bytes that are not UTF-8 have U+FFFD in `record`, and stand as they came in `record_hex`. The file
/// is there whole or not at all, and not at all if nothing was quarantined.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use korelake_writer::{Lake, QuarantineWriter, Unit};
///
/// let unit = Unit::parse("raw_data", "2026-03-23")?;
/// let mut quarantine = QuarantineWriter::new(&Lake::in_memory(), &unit, 1);
/// quarantine.write("not an object", b"[1, 2]").await?;
/// let file = quarantine.finish().await?.map(|written| written.path);
/// assert_eq!(file.as_deref(), Some("_korelake/raw_data/quarantine/2026-03-23/0000000001.ndjson"));
/// # Ok::<(), korelake_writer::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct QuarantineWriter {
    lake: Lake,
    path: String,
    state: State,
    block: Vec<u8>,
    lines: u64,
}

enum State {
    Empty,
    Open(Upload),
    /// A write failed, or was dropped half way.
    Stopped,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'a str,
    record: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_hex: Option<String>,
}

impl QuarantineWriter {
    /// Prepares the quarantine of a unit, for the generation that is about to be committed. Nothing is
    /// created before the first line.
    pub fn new(lake: &Lake, unit: &Unit, generation: u64) -> Self {
        let (table, unit) = (unit.table(), unit.name());
        Self::at(
            lake,
            format!("{STATE}/{table}/quarantine/{unit}/{generation:010}.ndjson"),
        )
    }

    /// Prepares a quarantine at a path of the caller's own, for rows that belong to no unit.
    pub fn at(lake: &Lake, path: impl Into<String>) -> Self {
        Self {
            lake: lake.clone(),
            path: path.into(),
            state: State::Empty,
            block: Vec::new(),
            lines: 0,
        }
    }

    /// Writes one line: why the record could not be a row, and what the server sent.
    ///
    /// # Errors
    ///
    /// If the store fails. Then every further call answers [`Error::Stopped`], and nothing is visible.
    pub async fn write(&mut self, reason: &str, record: &[u8]) -> Result<()> {
        let mut upload = match std::mem::replace(&mut self.state, State::Stopped) {
            State::Empty => Upload::new(&self.lake, &self.path)?,
            State::Open(upload) => upload,
            State::Stopped => {
                return Err(Error::Stopped {
                    path: self.path.clone(),
                });
            }
        };
        let text = String::from_utf8_lossy(record);
        let lossy = matches!(text, std::borrow::Cow::Owned(_));
        let record_hex = lossy.then(|| record.iter().map(|byte| format!("{byte:02x}")).collect());
        let line = Line {
            reason,
            record: &text,
            record_hex,
        };
        serde_json::to_writer(&mut self.block, &line).map_err(|source| Error::State {
            path: self.path.clone(),
            source,
        })?;
        self.block.push(b'\n');
        if self.block.len() >= BLOCK
            && let Err(error) = upload.send(std::mem::take(&mut self.block).into()).await
        {
            let _ = upload.abort().await;
            return Err(error);
        }
        self.lines += 1;
        self.state = State::Open(upload);
        Ok(())
    }

    /// Makes the file visible; `None` if nothing was written. `rows` of the answer are lines.
    ///
    /// # Errors
    ///
    /// If the store fails, or failed before; then nothing is visible.
    pub async fn finish(self) -> Result<Option<Written>> {
        let mut upload = match self.state {
            State::Empty => return Ok(None),
            State::Open(upload) => upload,
            State::Stopped => return Err(Error::Stopped { path: self.path }),
        };
        let sent = match upload.send(self.block.into()).await {
            Ok(()) => upload.publish().await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(()) => Ok(Some(upload.written(self.lines))),
            Err(error) => {
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// Gives the file up: nothing of it was visible.
    ///
    /// # Errors
    ///
    /// If the store refuses to free what it holds.
    pub async fn abort(self) -> Result<()> {
        match self.state {
            State::Open(upload) => upload.abort().await,
            State::Empty | State::Stopped => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::testing::{Faulty, bytes, files, local};

    fn unit() -> Unit {
        Unit::parse("raw_data", "2026-03-23").unwrap()
    }

    #[tokio::test]
    async fn every_line_holds_the_reason_and_what_came() {
        let folder = tempfile::tempdir().unwrap();
        let lake = local(folder.path());
        let mut quarantine = QuarantineWriter::new(&lake, &unit(), 12);
        quarantine
            .write("not an object", "\"line\n\u{1F600}\"".as_bytes())
            .await
            .unwrap();
        quarantine.write("not UTF-8", b"{\"a\": \"\xff\"}").await.unwrap();
        assert!(!folder.path().join("_korelake/raw_data").exists());
        let written = quarantine.finish().await.unwrap().unwrap();
        assert_eq!(
            written.path,
            "_korelake/raw_data/quarantine/2026-03-23/0000000012.ndjson"
        );
        assert_eq!(written.rows, 2);
        let content = bytes(&lake, &written.path).await;
        assert_eq!(written.bytes, content.len() as u64);
        let lines: Vec<serde_json::Value> = content
            .trim_ascii_end()
            .split(|byte| *byte == b'\n')
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        assert_eq!(
            lines,
            [
                serde_json::json!({"reason": "not an object", "record": "\"line\n\u{1F600}\""}),
                serde_json::json!({
                    "reason": "not UTF-8",
                    "record": "{\"a\": \"\u{FFFD}\"}",
                    "record_hex": "7b2261223a2022ff227d"
                }),
            ]
        );
    }

    #[tokio::test]
    async fn nothing_quarantined_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            QuarantineWriter::new(&local(folder.path()), &unit(), 1)
                .finish()
                .await
                .unwrap(),
            None
        );
        let mut given_up = QuarantineWriter::new(&local(folder.path()), &unit(), 1);
        given_up.write("not an object", b"1").await.unwrap();
        given_up.abort().await.unwrap();
        assert!(files(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn a_long_quarantine_is_streamed_and_whole_or_not_there() {
        let record = vec![b'x'; 1024 * 1024];
        for fails in [false, true] {
            let (store, lake) = Faulty::default().lake();
            store.complete.store(fails, Ordering::SeqCst);
            let mut quarantine = QuarantineWriter::new(&lake, &unit(), 1);
            for _ in 0..20 {
                quarantine.write("too long", &record).await.unwrap();
                assert!(quarantine.block.len() < BLOCK);
            }
            assert_eq!(store.begun.load(Ordering::SeqCst), 1);
            assert_eq!(quarantine.finish().await.is_err(), fails);
            assert_eq!(store.objects().await, usize::from(!fails));
        }
    }
}
