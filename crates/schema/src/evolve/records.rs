//! Splits bodies into records, a chunk of bytes at a time, by the decoder's [`framing`](crate::decoder::framing). What
//! the records hold is looked at in [`observe`](super::observe).

use crate::decoder::cursor::{Cursor, Scan, Stop};
use crate::decoder::framing::{Frame, Next};
use crate::error::Error;

/// Finds the records of inputs whose definition is not known yet.
#[derive(Debug)]
pub(crate) struct Records {
    frame: Frame,
    /// Keys whose array holds the records, in an object at the top.
    keys: Vec<String>,
    /// Those of them that did.
    found: Vec<String>,
    offset: u64,
    line: u64,
}

impl Records {
    pub(crate) fn new(keys: Vec<String>) -> Self {
        Self {
            frame: Frame::Start,
            keys,
            found: Vec::new(),
            offset: 0,
            line: 1,
        }
    }

    /// The keys of envelopes that held records, in the order in which they were met.
    pub(crate) fn found(&self) -> &[String] {
        &self.found
    }

    /// Hands each whole record of `input` to `each`, as it was sent. Gives the bytes that are done with; the others
    /// have to come again. After the last bytes of an input it is ready for another.
    pub(crate) fn split(
        &mut self,
        input: &[u8],
        last: bool,
        mut each: impl FnMut(&[u8]),
    ) -> Result<usize, Error> {
        if self.frame == Frame::Start && !last && "\u{feff}".as_bytes().starts_with(input) {
            return Ok(0); // maybe a byte order mark, of which not all is here
        }
        let mut cursor = Cursor::new(input, last);
        let mut checked = 0;
        let stopped = loop {
            let (position, frame) = (cursor.position, self.frame);
            let next = self.frame.next(&mut cursor, &self.keys, |_| false);
            let record = match next {
                Ok(Next::End) => break None,
                Ok(Next::Record { at_top }) => self.record(&mut cursor, at_top),
                Err(stop) => Err(stop),
            };
            match record {
                Ok(record) => {
                    self.check(input, checked, cursor.position)?;
                    checked = cursor.position;
                    each(record);
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
        let line = self.line + done.iter().filter(|byte| **byte == b'\n').count() as u64;
        match stopped {
            None => {
                self.check(input, checked, if last { input.len() } else { consumed })?;
                (self.offset, self.line) = (offset, line);
                if last {
                    (self.frame, self.offset, self.line) = (Frame::Start, 0, 1);
                }
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

    /// Takes the value at the cursor, unless it is an envelope.
    fn record<'a>(&mut self, cursor: &mut Cursor<'a>, at_top: bool) -> Scan<&'a [u8]> {
        if !at_top || cursor.peek()? != b'{' {
            return cursor.skip_to_depth(usize::MAX);
        }
        let start = cursor.position;
        if cursor.open(b'}')? {
            loop {
                let key = cursor.key()?;
                cursor.colon()?;
                let holds_records = self.keys.iter().find(|name| name.as_bytes() == key.raw);
                if let Some(name) = holds_records
                    && is_list_of_objects(cursor)?
                {
                    if !self.found.contains(name) {
                        self.found.push(name.clone());
                    }
                    return Err(Stop::Envelope);
                }
                cursor.skip_to_depth(usize::MAX)?;
                if !cursor.comma_or(b'}')? {
                    break;
                }
            }
        }
        Ok(cursor.since(start))
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

/// Whether the value at the cursor is an array that is empty or begins with an object. The cursor stays.
fn is_list_of_objects(cursor: &mut Cursor<'_>) -> Scan<bool> {
    if cursor.peek()? != b'[' {
        return Ok(false);
    }
    let position = cursor.position;
    cursor.take();
    let first = cursor.peek()?;
    cursor.position = position;
    Ok(matches!(first, b'{' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of `input` when it comes in chunks of `size` bytes.
    fn split(input: &str, size: usize) -> Result<(Vec<String>, Vec<String>), Error> {
        let mut records = Records::new(vec!["results".to_owned(), "data".to_owned()]);
        let mut found = Vec::new();
        let mut keep = |record: &[u8]| found.push(String::from_utf8(record.to_vec()).unwrap());
        let mut buffer = Vec::new();
        for chunk in input.as_bytes().chunks(size) {
            buffer.extend_from_slice(chunk);
            let consumed = records.split(&buffer, false, &mut keep)?;
            buffer.drain(..consumed);
        }
        records.split(&buffer, true, &mut keep)?;
        Ok((found, records.found().to_vec()))
    }

    #[test]
    fn records_are_found_in_every_form_and_at_any_cut() {
        let two = [r#"{"a":[1]}"#, r#"{"b":"]"}"#];
        for (input, key) in [
            (format!("[{},{}]", two[0], two[1]), None),
            (format!("{}\n{}\n", two[0], two[1]), None),
            (
                format!(
                    "\u{feff}{{\"total\":2,\"results\":[{},{}],\"more\":false}}",
                    two[0], two[1]
                ),
                Some("results"),
            ),
            (
                format!("{{\"data\":[{}]}} {{\"data\":[{}]}}", two[0], two[1]),
                Some("data"),
            ),
        ] {
            for size in [1, 2, 7, 1000] {
                let (found, keys) = split(&input, size).unwrap();
                assert_eq!(found, two, "{input} by {size}");
                assert_eq!(keys, key.into_iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_list_of_no_objects_makes_no_envelope() {
        for record in [r#"{"id":"a","data":[1,2]}"#, r#"{"id":"a","data":{"x":1}}"#] {
            assert_eq!(split(record, 3).unwrap(), (vec![record.to_owned()], vec![]));
        }
    }

    #[test]
    fn each_input_begins_anew() {
        let mut records = Records::new(Vec::new());
        let mut count = 0;
        for _ in 0..2 {
            let input = "\u{feff}[{},\n{}]";
            let taken = records.split(input.as_bytes(), true, |_| count += 1).unwrap();
            assert_eq!(taken, input.len());
        }
        assert_eq!(count, 4);
        let error = records.split(b"[\n?", true, |_| ()).unwrap_err().to_string();
        assert!(error.starts_with("not valid JSON at byte 2 (line 2)"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let message = |input: &str| split(input, 4).unwrap_err().to_string();
        assert!(message("[{\"a\":1},\n{\"a\" 1}]").starts_with("not valid JSON at byte 15 (line 2)"));
        assert!(message("[{\"a\":1},").starts_with("the JSON ends in the middle, at byte 9"));
        assert!(message("{\"a\":[}").starts_with("not valid JSON at byte 6"));
        let mut records = Records::new(Vec::new());
        let error = records
            .split(b"[{\"a\":\"\xff\"}]", true, |_| ())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "not UTF-8 at byte 7");
    }
}
