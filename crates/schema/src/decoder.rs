//! Bytes → record batches.
//!
//! ```text
//!  bytes ─► framing ─► record ─► columns ─► RecordBatch
//!           (1)        (2)       (3)
//! ```
//!
//! 1. `framing` finds the records: in an array, in the envelope of a response, one after the other (NDJSON).
//! 2. [`cursor`] reads tokens and checks that they are JSON.
//! 3. [`structure`] matches keys to fields, the columns append; what does not fit goes to [`rescue`]. One file a
//!    kind of column: [`utf8`] (JSON text too), [`primitive`], [`boolean`], [`list`], [`map`], [`structure`].

mod boolean;
mod column;
pub(crate) mod cursor;
pub(crate) mod framing;
mod list;
mod map;
mod primitive;
mod progress;
pub(crate) mod reading;
mod rescue;
mod runs;
mod structure;
pub(crate) mod text;
mod utf8;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use self::column::{Column, Context, ELEMENTS_LIMIT};
use self::cursor::{Cursor, Scan, Stop};
use self::framing::{Frame, Next};
use self::rescue::Place;
use self::structure::Structure;
use self::utf8::Strings;
use crate::definition::Definition;
use crate::error::Error;

pub use self::progress::{Counts, Progress, Quarantined};

/// Decodes the records of one dataset, a chunk of bytes at a time. No IO: the caller brings the bytes.
///
/// Input is a response body, a JSON array of records, one record, or records one after the other with white space
/// between them (NDJSON). The rows of a call that fails are dropped with all rows since the last
/// [`flush`](Self::flush), also those for the quarantine: JSON that is not valid is never half-read. The decoder is
/// then ready for another input.
///
/// Memory is bounded by the batch, whatever comes: a record of more than [`RECORD_LIMIT`] bytes or 1,048,576
/// elements of lists and maps goes to the quarantine, and as many elements make a batch full.
///
/// ```
/// use korelake_schema::{Decoder, Definition};
///
/// let definition = Definition::builtin("raw_data").expect("is compiled in");
/// let mut decoder = Decoder::new(&definition);
/// let body = br#"{"results": [{"Conversation ID": "c-1", "Duration": "99000 milliseconds", "new": 1}]}"#;
/// decoder.decode(body)?;
/// decoder.finish(b"")?;
/// let batch = decoder.flush()?.expect("one record");
/// assert_eq!(batch.num_rows(), 1);
/// assert_eq!(decoder.counts().rescued, 1); // {"/new":1}
/// # Ok::<(), korelake_schema::Error>(())
/// ```
pub struct Decoder {
    schema: SchemaRef,
    root: Structure,
    rescued: Strings,
    context: Context,
    frame: Frame,
    quarantined: Vec<Quarantined>,
    /// How many of these were there at the last flush.
    quarantined_at_flush: usize,
    counts: Counts,
    counts_at_flush: Counts,
    /// Input bytes and lines before the current call.
    offset: u64,
    line: u64,
    /// Bytes behind those that are done with which the last call found to be UTF-8.
    checked: usize,
    /// Input bytes of the current batch, and elements of its lists and maps.
    batch_input: usize,
    batch_elements: usize,
    batch_rows: usize,
    batch_bytes: usize,
}

/// No record may be larger: the offsets of a batch are 32 bits wide, and a chunk must hold a whole record. One that
/// is goes to the quarantine, if the caller can bring all of it: `convert` and `export` can up to twice this limit.
pub const RECORD_LIMIT: usize = 64 << 20;

impl Decoder {
    /// A decoder of a dataset.
    pub fn new(definition: &Definition) -> Self {
        Self {
            schema: definition.arrow_schema(),
            root: Structure::new(definition.columns()),
            rescued: Strings::default(),
            context: Context {
                record_keys: definition.record_keys(),
                ..Context::default()
            },
            frame: Frame::Start,
            quarantined: Vec::new(),
            quarantined_at_flush: 0,
            counts: Counts::default(),
            counts_at_flush: Counts::default(),
            offset: 0,
            line: 1,
            checked: 0,
            batch_input: 0,
            batch_elements: 0,
            batch_rows: 8192,
            batch_bytes: 16 << 20,
        }
    }

    /// Rows of a full batch, those for the quarantine included. 8,192 by default, as in most Arrow programs.
    pub fn with_batch_rows(mut self, rows: usize) -> Self {
        self.batch_rows = rows.max(1);
        self
    }

    /// Bytes of input that make a batch full before its rows do. 16 MiB by default, a compromise between the work
    /// a batch and the memory that it takes.
    pub fn with_batch_bytes(mut self, bytes: usize) -> Self {
        self.batch_bytes = bytes.clamp(1, 256 << 20);
        self
    }

    /// The schema of the batches: the columns of the dataset and `_rescued`.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// What was seen so far, rows that are not flushed yet included.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Decodes the whole records at the start of `input`, until the batch is full. What was not consumed has to
    /// come again.
    ///
    /// # Errors
    ///
    /// [`Error::NotJson`] or [`Error::NotUtf8`]: all rows since the last flush are dropped.
    pub fn decode(&mut self, input: &[u8]) -> Result<Progress, Error> {
        self.run(input, false)
    }

    /// Decodes `rest`, the end of the input. After [`Progress::NeedsInput`] all is taken, and the decoder is ready
    /// for another input, such as the next page; rows go on in the same batch.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`Error::CutShort`] if the input ends inside a value.
    pub fn finish(&mut self, rest: &[u8]) -> Result<Progress, Error> {
        let progress = self.run(rest, true)?;
        if let Progress::NeedsInput { .. } = progress {
            self.begin_input();
        }
        Ok(progress)
    }

    /// The rows since the last flush, if there are any.
    ///
    /// # Errors
    ///
    /// [`Error::Batch`] on a defect of this crate: these rows are dropped.
    pub fn flush(&mut self) -> Result<Option<RecordBatch>, Error> {
        match self.batch() {
            Ok(batch) => {
                self.counts_at_flush = self.counts;
                self.quarantined_at_flush = self.quarantined.len();
                (self.batch_input, self.batch_elements) = (0, 0);
                Ok(batch)
            }
            Err(source) => {
                self.start_over();
                Err(Error::Batch { source })
            }
        }
    }

    /// The rows that were no records, since this was last asked. They stay in memory until then.
    pub fn take_quarantined(&mut self) -> Vec<Quarantined> {
        self.quarantined_at_flush = 0;
        std::mem::take(&mut self.quarantined)
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.root.len() == 0 {
            return Ok(None);
        }
        let mut columns = self.root.finish_columns()?;
        columns.push(Arc::new(self.rescued.finish()?));
        RecordBatch::try_new(self.schema(), columns).map(Some)
    }

    fn run(&mut self, input: &[u8], last: bool) -> Result<Progress, Error> {
        let result = self.advance(input, last);
        if result.is_err() {
            self.start_over();
        }
        result
    }

    fn advance(&mut self, input: &[u8], last: bool) -> Result<Progress, Error> {
        let text = self.utf8_part(input, last)?;
        let mut cursor = Cursor::new(text, last);
        let result = self.records(&mut cursor);
        let (done, rest) = text.split_at(cursor.position.min(text.len()));
        let consumed = done.len();
        let (offset, line) = (self.offset + consumed as u64, self.line + count_lines(done));
        match result {
            Ok(full) => {
                (self.offset, self.line, self.checked) = (offset, line, rest.len());
                self.batch_input += consumed;
                Ok(match full {
                    true => Progress::NeedsFlush { consumed },
                    false => Progress::NeedsInput { consumed },
                })
            }
            Err(Stop::Invalid(expected)) => Err(Error::NotJson {
                offset,
                line,
                expected,
            }),
            Err(Stop::Mixed(problem)) => Err(Error::Mixed {
                offset,
                line,
                problem,
            }),
            Err(_) => Err(Error::CutShort { offset, line }),
        }
    }

    fn begin_input(&mut self) {
        self.frame = Frame::Start;
        (self.offset, self.line, self.checked) = (0, 1, 0);
    }

    /// After an error: forgets the rows since the last flush, and expects another input.
    fn start_over(&mut self) {
        self.forget(0);
        self.quarantined.truncate(self.quarantined_at_flush);
        self.counts = self.counts_at_flush;
        (self.batch_input, self.batch_elements) = (0, 0);
        self.begin_input();
    }

    /// The part of `input` that is whole characters. Checked once here, so nothing below has to look again; what the
    /// last call has checked already is not checked again, however much input there is to a batch.
    fn utf8_part<'a>(&self, input: &'a [u8], last: bool) -> Result<&'a [u8], Error> {
        let unchecked = input.get(self.checked..).unwrap_or_default();
        if simdutf8::basic::from_utf8(unchecked).is_ok() {
            return Ok(input);
        }
        let Err(error) = str::from_utf8(unchecked) else {
            return Ok(input);
        };
        let end = self.checked + error.valid_up_to();
        if last || error.error_len().is_some() {
            return Err(Error::NotUtf8 {
                offset: self.offset + end as u64,
            });
        }
        Ok(&input[..end])
    }

    /// Reads records until the bytes end (`false`) or the batch is full (`true`). The cursor is left behind the
    /// last whole record, or whole member of the envelope.
    fn records(&mut self, cursor: &mut Cursor<'_>) -> Scan<bool> {
        loop {
            if self.is_full(cursor.position) {
                return Ok(true);
            }
            let (position, frame) = (cursor.position, self.frame);
            let next = self
                .frame
                .next(cursor, &self.context.record_keys, |key| self.root.knows(key));
            let read = match next {
                Ok(Next::End) => return Ok(false),
                Ok(Next::Record { at_top }) => {
                    self.context.at_top = at_top;
                    self.record(cursor)
                }
                Err(stop) => Err(stop),
            };
            match read {
                Ok(()) => {}
                Err(Stop::Envelope) => self.frame = Frame::Records,
                Err(Stop::Incomplete) if !cursor.is_last() => {
                    cursor.position = position;
                    self.frame = frame;
                    return Ok(false);
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Whether the batch is full after `position` more bytes of input.
    fn is_full(&self, position: usize) -> bool {
        self.root.len() + (self.quarantined.len() - self.quarantined_at_flush) >= self.batch_rows
            || self.batch_input + position >= self.batch_bytes
            || self.rescued.bytes.len() >= self.batch_bytes
            || self.batch_elements >= ELEMENTS_LIMIT
    }

    /// Takes the value at the cursor as a record: a row, or a row of the quarantine.
    fn record(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        let row = self.root.len();
        let is_object = cursor.peek()? == b'{';
        let start = cursor.position;
        self.context.elements = 0;
        let read = match is_object {
            true => cursor.within(RECORD_LIMIT, "a record of more than 64 MiB", |cursor| {
                self.root.object(cursor, &Place::Root, &mut self.context)
            }),
            false => Err(Stop::Undecodable("not an object")),
        };
        let reason = match read {
            Ok(()) => {
                self.counts.records += 1;
                self.batch_elements += self.context.elements;
                if self.context.rescue.is_empty() {
                    self.rescued.append_nulls(1);
                } else {
                    self.counts.rescued += 1;
                    self.context.rescue.write(&mut self.rescued.bytes);
                    self.rescued.end_row();
                }
                return Ok(());
            }
            Err(Stop::Undecodable(reason)) => reason,
            Err(stop) => {
                self.forget(row);
                return Err(stop);
            }
        };
        self.forget(row);
        cursor.position = start;
        let record = cursor.skip_to_depth(usize::MAX)?.to_vec();
        self.counts.quarantined += 1;
        self.quarantined.push(Quarantined { reason, record });
        Ok(())
    }

    /// Forgets all rows from `row` on, also one that was only read in part.
    fn forget(&mut self, row: usize) {
        self.root.truncate(row);
        self.rescued.truncate(row);
        self.context.rescue.clear();
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Decoder")
            .field("counts", &self.counts)
            .field("frame", &self.frame)
            .field("offset", &self.offset)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

pub(crate) fn count_lines(bytes: &[u8]) -> u64 {
    // Counting in bytes lets the compiler take a vector at a time: one wide counter took a sixth of all decoding.
    let block = |block: &[u8]| block.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    bytes.chunks(255).map(|bytes| u64::from(block(bytes))).sum()
}

#[cfg(test)]
mod tests;
