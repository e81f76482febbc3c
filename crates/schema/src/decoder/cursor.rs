//! Reads JSON bytes token by token and checks them as it goes. What a token means for a column is decided in
//! [`reading`](super::reading) and the columns.
//!
//! The engine is our own because three things have to come from one pass that no public parser gives together:
//! the raw bytes of any value (rescue keeps what was sent, digit by digit), a stop at the end of a chunk that can
//! be resumed with more bytes, and keys compared in place with the key that the server is expected to send next.

use super::text::Text;

/// How many levels of objects and arrays a value may have below the column that holds it. Readers of the lake
/// (and their JSON libraries) give up or overflow not far above.
pub(crate) const DEPTH_LIMIT: usize = 128;

/// Why a value could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes end inside the value.
    Incomplete,
    /// The bytes are not JSON: what should have stood at the cursor.
    Invalid(&'static str),
    /// JSON, but no record that a table can hold: why. The record goes to the quarantine.
    Undecodable(&'static str),
    /// JSON, but neither a record nor the envelope of a response: why.
    Mixed(&'static str),
    /// The object at the top turned out to be the envelope of a response; the cursor stands at its records.
    Envelope,
}

pub(crate) type Scan<T> = Result<T, Stop>;

/// A number in the grammar of JSON, with what the fast paths need to know of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) negative: bool,
    /// All digits before the exponent as one integer; only meaningful up to 18 digits.
    pub(crate) mantissa: u64,
    /// Digits before the exponent.
    pub(crate) digits: usize,
    /// Digits between the point and the exponent.
    pub(crate) fraction: usize,
    pub(crate) exponent: bool,
}

/// A position in UTF-8 bytes that hold JSON.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) position: usize,
    /// No bytes follow these: a number may end at the end.
    last: bool,
    /// The closing brackets that [`Cursor::skip`] waits for; kept to spare an allocation a value.
    open: Vec<u8>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], last: bool) -> Self {
        Self {
            bytes,
            position: 0,
            last,
            open: Vec::new(),
        }
    }

    /// The bytes from `start` to the cursor.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.position]
    }

    /// Reads a value of at most `limit` bytes; for a longer one the reason is `else_because`.
    pub(crate) fn within<T>(
        &mut self,
        limit: usize,
        else_because: &'static str,
        read: impl FnOnce(&mut Self) -> Scan<T>,
    ) -> Scan<T> {
        let (bytes, last) = (self.bytes, self.last);
        let Some(part) = bytes.get(..self.position.saturating_add(limit)) else {
            return read(self);
        };
        (self.bytes, self.last) = (part, false);
        let result = read(self);
        (self.bytes, self.last) = (bytes, last);
        match result {
            Err(Stop::Incomplete) => Err(Stop::Undecodable(else_because)),
            result => result,
        }
    }

    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// The next byte that is no white space, without taking it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Scan<u8> {
        loop {
            match self.bytes.get(self.position) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.position += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(Stop::Incomplete),
            }
        }
    }

    /// Takes the byte that [`Cursor::peek`] showed.
    #[inline]
    pub(crate) fn take(&mut self) {
        self.position += 1;
    }

    /// Takes `expected` if the bytes at the cursor are exactly these.
    #[inline]
    pub(crate) fn take_exact(&mut self, expected: &[u8]) -> bool {
        let found = starts_with(&self.bytes[self.position..], expected);
        if found {
            self.position += expected.len();
        }
        found
    }

    /// Takes a colon.
    #[inline]
    pub(crate) fn colon(&mut self) -> Scan<()> {
        if self.peek()? != b':' {
            return Err(Stop::Invalid("a colon after the key"));
        }
        self.take();
        Ok(())
    }

    /// Takes the key of an object's member, without the colon.
    #[inline]
    pub(crate) fn key(&mut self) -> Scan<Text<'a>> {
        if self.peek()? != b'"' {
            return Err(Stop::Invalid("a key in quotes"));
        }
        self.string()
    }

    /// Takes what follows an element of an array or a member of an object: `true` after a comma, `false` after
    /// the closing bracket.
    #[inline]
    pub(crate) fn comma_or(&mut self, close: u8) -> Scan<bool> {
        match self.peek()? {
            b',' => {
                self.take();
                Ok(true)
            }
            byte if byte == close => {
                self.take();
                Ok(false)
            }
            _ => Err(Stop::Invalid(if close == b'}' {
                "a comma or `}`"
            } else {
                "a comma or `]`"
            })),
        }
    }

    /// Takes the opening bracket, and the closing one if nothing stands between them (then `false`).
    #[inline]
    pub(crate) fn open(&mut self, close: u8) -> Scan<bool> {
        self.take();
        if self.peek()? == close {
            self.take();
            return Ok(false);
        }
        Ok(true)
    }

    /// Takes the string whose opening quote is at the cursor.
    #[inline]
    pub(crate) fn string(&mut self) -> Scan<Text<'a>> {
        let start = self.position + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at = find_special(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.position = at + 1;
                    return Ok(Text {
                        raw: &self.bytes[start..at],
                        escaped,
                    });
                }
                Some(b'\\') => {
                    escaped = true;
                    at = self.escape(at)?;
                }
                Some(_) => {
                    self.position = at;
                    return Err(Stop::Invalid("no control character in a string"));
                }
                None => return Err(Stop::Incomplete),
            }
        }
    }

    /// The position after the escape whose backslash is at `at`.
    fn escape(&mut self, at: usize) -> Scan<usize> {
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => {
                for digit in at + 2..at + 6 {
                    match self.bytes.get(digit) {
                        Some(byte) if byte.is_ascii_hexdigit() => {}
                        Some(_) => {
                            self.position = digit;
                            return Err(Stop::Invalid("four hexadecimal digits after `\\u`"));
                        }
                        None => return Err(Stop::Incomplete),
                    }
                }
                Ok(at + 6)
            }
            Some(_) => {
                self.position = at + 1;
                Err(Stop::Invalid("a known escape after `\\`"))
            }
            None => Err(Stop::Incomplete),
        }
    }

    /// Takes `true`, `false` or `null`.
    #[inline]
    pub(crate) fn literal(&mut self, word: &'static str) -> Scan<()> {
        if self.take_exact(word.as_bytes()) {
            return Ok(());
        }
        let rest = &self.bytes[self.position..];
        if rest.len() < word.len() && word.as_bytes().starts_with(rest) {
            return Err(Stop::Incomplete);
        }
        Err(Stop::Invalid("a JSON value"))
    }

    /// Takes the number at the cursor.
    #[inline]
    pub(crate) fn number(&mut self) -> Scan<Number<'a>> {
        let start = self.position;
        let negative = self.bytes[start] == b'-';
        if negative {
            self.position += 1;
        }
        let whole = self.position;
        let mut mantissa = self.digits(0)?;
        let mut digits = self.position - whole;
        if digits > 1 && self.bytes[whole] == b'0' {
            return Err(Stop::Invalid("no zero before the digits of a number"));
        }
        let mut fraction = 0;
        if self.bytes.get(self.position) == Some(&b'.') {
            self.position += 1;
            let point = self.position;
            mantissa = self.digits(mantissa)?;
            fraction = self.position - point;
            digits += fraction;
        }
        let exponent = matches!(self.bytes.get(self.position), Some(b'e' | b'E'));
        if exponent {
            self.position += 1;
            if matches!(self.bytes.get(self.position), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits(0)?;
        }
        if self.is_at_end() && !self.last {
            return Err(Stop::Incomplete); // more digits may follow in the next chunk
        }
        Ok(Number {
            text: self.since(start),
            negative,
            mantissa,
            digits,
            fraction,
            exponent,
        })
    }

    /// Takes at least one digit and appends them to `value`.
    #[inline]
    fn digits(&mut self, mut value: u64) -> Scan<u64> {
        let start = self.position;
        while let Some(digit) = self
            .bytes
            .get(self.position)
            .map(|byte| byte.wrapping_sub(b'0'))
            .filter(|d| *d < 10)
        {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.position += 1;
        }
        match self.position - start {
            0 if self.is_at_end() => Err(Stop::Incomplete),
            0 => Err(Stop::Invalid("a digit")),
            _ => Ok(value),
        }
    }

    /// Takes any value of at most [`DEPTH_LIMIT`] levels and gives its bytes.
    pub(crate) fn skip(&mut self) -> Scan<&'a [u8]> {
        self.skip_to_depth(DEPTH_LIMIT)
    }

    /// Takes any value and gives its bytes. A loop, not a recursion: no depth overflows the stack.
    pub(crate) fn skip_to_depth(&mut self, limit: usize) -> Scan<&'a [u8]> {
        self.peek()?;
        let start = self.position;
        self.open.clear();
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                open @ (b'{' | b'[') => {
                    let close = if open == b'{' { b'}' } else { b']' };
                    if self.open.len() >= limit {
                        return Err(Stop::Undecodable("a value is nested too deeply"));
                    }
                    if self.open(close)? {
                        self.open.push(close);
                        if close == b'}' {
                            self.key()?;
                            self.colon()?;
                        }
                        continue;
                    }
                }
                byte => self.scalar(byte)?,
            }
            loop {
                let Some(&close) = self.open.last() else {
                    return Ok(self.since(start));
                };
                if self.comma_or(close)? {
                    if close == b'}' {
                        self.key()?;
                        self.colon()?;
                    }
                    break;
                }
                self.open.pop();
            }
        }
    }

    fn scalar(&mut self, byte: u8) -> Scan<()> {
        match byte {
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            _ => Err(Stop::Invalid("a JSON value")),
        }
    }
}

/// `bytes.starts_with(expected)`, but without a call for the lengths that keys have.
#[inline]
fn starts_with(bytes: &[u8], expected: &[u8]) -> bool {
    match (expected.first_chunk::<8>(), expected.last_chunk::<8>()) {
        (Some(head), Some(tail)) if expected.len() <= 16 => match bytes.get(..expected.len()) {
            // The two overlap where there are fewer than 16 bytes.
            Some(bytes) => {
                let (first, last) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>());
                first == Some(head) && last == Some(tail)
            }
            None => false,
        },
        _ => bytes.starts_with(expected),
    }
}

const LOW: u64 = u64::from_le_bytes([0x01; 8]);
const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// A bit in each byte that is a quote, a backslash or a control character. Above the first such byte others may
/// have it too: the borrow of a subtraction spoils them.
#[inline]
fn special_bytes(word: u64) -> u64 {
    let quote = word ^ (LOW * b'"' as u64);
    let backslash = word ^ (LOW * b'\\' as u64);
    let hits = (quote.wrapping_sub(LOW) & !quote)
        | (backslash.wrapping_sub(LOW) & !backslash)
        | (word.wrapping_sub(LOW * 0x20) & !word);
    hits & HIGH
}

/// The position of the first quote, backslash or control character from `at`, or the length.
#[inline]
fn find_special(bytes: &[u8], mut at: usize) -> usize {
    // Strings are most of what a server sends, and most of them are plain: eight bytes at a time, two such steps
    // between two questions whether the bytes go on.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        let whole = u128::from_le_bytes(*chunk);
        let first = special_bytes(whole as u64);
        if first != 0 {
            return at + (first.trailing_zeros() / 8) as usize;
        }
        let second = special_bytes((whole >> 64) as u64);
        if second != 0 {
            return at + 8 + (second.trailing_zeros() / 8) as usize;
        }
        at += 16;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests;
