//! Splits bodies into records, a chunk of bytes at a time, by the decoder's [`framing`](crate::decoder::framing). What
//! the records hold is looked at in [`observe`](super::observe), what stands beside them in
//! [`envelopes`](super::envelopes).

use std::cell::RefCell;

use super::envelopes::Envelopes;
use super::names::is_of_paging;
use crate::decoder::count_lines;
use crate::decoder::cursor::{Cursor, Scan, Stop};
use crate::decoder::framing::{Frame, Next};
use crate::error::Error;

/// Finds the records of inputs whose definition is not known yet.
#[derive(Debug)]
pub(crate) struct Records {
    frame: Frame,
    /// Keys whose array holds the records, in an object at the top.
    keys: Vec<String>,
    /// Whether these were named, and not guessed.
    named: bool,
    envelopes: Envelopes,
    offset: u64,
    line: u64,
}

impl Records {
    /// Tries these keys.
    pub(crate) fn new(keys: Vec<String>) -> Self {
        Self {
            frame: Frame::Start,
            keys,
            named: false,
            envelopes: Envelopes::default(),
            offset: 0,
            line: 1,
        }
    }

    /// Somebody has said that the records stand under this key, or that there are no bodies.
    pub(crate) fn named(key: Option<&str>) -> Self {
        Self {
            named: true,
            ..Self::new(key.into_iter().map(str::to_owned).collect())
        }
    }

    /// The envelopes that were met. None of them is worth a warning if their key was named.
    pub(crate) fn envelopes(&self) -> &Envelopes {
        &self.envelopes
    }

    /// Whether the records' key was named.
    pub(crate) fn is_named(&self) -> bool {
        self.named
    }

    /// Hands each whole record of `input` to `sink`, as it was sent. Gives the bytes that are done with; the others
    /// have to come again. After the last bytes of an input, and after an error, it is ready for another.
    pub(crate) fn split(&mut self, input: &[u8], last: bool, sink: &mut impl Sink) -> Result<usize, Error> {
        let result = self.advance(input, last, sink);
        if result.is_err() || last {
            (self.frame, self.offset, self.line) = (Frame::Start, 0, 1);
        }
        result
    }

    fn advance(&mut self, input: &[u8], last: bool, sink: &mut impl Sink) -> Result<usize, Error> {
        if self.frame == Frame::Start && !last && "\u{feff}".as_bytes().starts_with(input) {
            return Ok(0); // maybe a byte order mark, of which not all is here
        }
        let mut cursor = Cursor::new(input, last);
        let mut checked = 0;
        let stopped = loop {
            let (position, frame) = (cursor.position, self.frame);
            let behind = RefCell::new(Vec::new());
            let next = self.frame.next(&mut cursor, &self.keys, |key| {
                let text = String::from_utf8_lossy(&key.decode()).into_owned();
                behind.borrow_mut().push((text, end_of(key.raw, input)));
                false
            });
            if next.is_ok() {
                self.behind(&behind.into_inner(), input, last);
            }
            let record = match next {
                Ok(Next::End) => break None,
                Ok(Next::Record { at_top }) => self.record(&mut cursor, at_top, sink),
                Err(stop) => Err(stop),
            };
            match record {
                Ok(record) => {
                    self.check(input, checked, cursor.position)?;
                    checked = cursor.position;
                    sink.record(record);
                }
                Err(Stop::Envelope) => self.frame = Frame::Records,
                Err(Stop::Incomplete) if !last => {
                    cursor.position = position;
                    self.frame = frame;
                    break None;
                }
                Err(stop) => break Some(stop),
            }
        };
        let consumed = cursor.position.min(input.len());
        let done = &input[..consumed];
        let offset = self.offset + consumed as u64;
        let line = self.line + count_lines(done);
        match stopped {
            None => {
                self.check(input, checked, if last { input.len() } else { consumed })?;
                (self.offset, self.line) = (offset, line);
                Ok(consumed)
            }
            Some(Stop::Invalid(expected)) => Err(Error::NotJson {
                offset,
                line,
                expected,
            }),
            Some(Stop::Mixed(problem)) => Err(Error::Mixed {
                offset,
                line,
                problem,
            }),
            Some(_) => Err(Error::CutShort { offset, line }),
        }
    }

    /// Takes the value at the cursor, unless it is an envelope: one of its keys holds a list of objects, and none
    /// before it is a key of records, as for the decoder. Where the list is empty, the key must have held records
    /// before, or nothing but paging stand beside it.
    fn record<'a>(&mut self, cursor: &mut Cursor<'a>, at_top: bool, sink: &impl Sink) -> Scan<&'a [u8]> {
        if !at_top || cursor.peek()? != b'{' {
            return cursor.skip_to_depth(usize::MAX);
        }
        let start = cursor.position;
        let mut beside: Vec<(String, &'a [u8])> = Vec::new();
        let mut empty: Option<(&String, usize)> = None;
        let mut is_record = false;
        if cursor.open(b'}')? {
            loop {
                let key = cursor.key()?;
                cursor.colon()?;
                let first = cursor.peek()?;
                let value = cursor.position;
                let holds_records = self.keys.iter().find(|name| name.as_bytes() == key.raw);
                if let Some(name) = holds_records
                    && !is_record
                    && first == b'['
                {
                    match first_of_list(cursor)? {
                        b'{' => {
                            self.envelopes.add(name, &beside);
                            return Err(Stop::Envelope);
                        }
                        b']' => empty = empty.or(Some((name, value))),
                        _ => {}
                    }
                }
                cursor.skip_to_depth(usize::MAX)?;
                if !is_record && empty.is_none_or(|(_, list)| list != value) {
                    let text = String::from_utf8_lossy(&key.decode()).into_owned();
                    is_record = sink.is_member(&text);
                    beside.push((text, cursor.since(value)));
                }
                if !cursor.comma_or(b'}')? {
                    break;
                }
            }
        }
        let of_paging = || beside.iter().all(|(key, _)| is_of_paging(key));
        if let Some((name, list)) = empty
            && !is_record
            && (self.named || self.envelopes.has(name) || of_paging())
        {
            // What stands behind the list is met again.
            self.envelopes.add(name, &[]);
            cursor.position = list;
            return Err(Stop::Envelope);
        }
        Ok(cursor.since(start))
    }

    /// Looks at what stands in an envelope behind its list: keys, and where these end in `input`.
    fn behind(&mut self, members: &[(String, usize)], input: &[u8], last: bool) {
        for (key, end) in members {
            let mut cursor = Cursor::new(input, last);
            cursor.position = end + 1; // behind the quotation mark
            // These were read already.
            let _ = self.envelopes.behind(key, &mut cursor);
        }
    }

    fn check(&self, input: &[u8], from: usize, to: usize) -> Result<(), Error> {
        let part = input.get(from..to).unwrap_or_default();
        if simdutf8::basic::from_utf8(part).is_ok() {
            return Ok(());
        }
        let valid = str::from_utf8(part).map_or_else(|error| error.valid_up_to(), str::len);
        Err(Error::NotUtf8 {
            offset: self.offset + (from + valid) as u64,
        })
    }
}

/// What is done with the records.
pub(crate) trait Sink {
    /// Takes one.
    fn record(&mut self, record: &[u8]);

    /// Whether records have had this key.
    fn is_member(&self, key: &str) -> bool;
}

/// What stands first in the array at the cursor; it is `]` if the array is empty. The cursor stays.
fn first_of_list(cursor: &mut Cursor<'_>) -> Scan<u8> {
    let position = cursor.position;
    cursor.take();
    let first = cursor.peek();
    cursor.position = position;
    first
}

/// Where `key`, which is a part of `input`, ends in it.
fn end_of(key: &[u8], input: &[u8]) -> usize {
    (key.as_ptr() as usize + key.len()).saturating_sub(input.as_ptr() as usize)
}

#[cfg(test)]
mod tests;
