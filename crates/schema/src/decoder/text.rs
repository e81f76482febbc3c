//! JSON strings: from their raw bytes to text, and back into JSON. The bytes come from [`cursor`](super::cursor).

use std::borrow::Cow;

/// The bytes between the quotes of a JSON string, checked but not unescaped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) raw: &'a [u8],
    /// There is at least one backslash.
    pub(crate) escaped: bool,
}

impl<'a> Text<'a> {
    /// The text itself; a lone surrogate becomes U+FFFD.
    pub(crate) fn decode(&self) -> Cow<'a, [u8]> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        let mut text = Vec::with_capacity(self.raw.len());
        unescape(self.raw, &mut text);
        Cow::Owned(text)
    }
}

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// One step through the raw bytes of a string.
enum Piece<'a> {
    Plain(&'a [u8]),
    Char(char),
    /// A `\uD800`–`\uDFFF` without its other half.
    LoneSurrogate,
}

/// Splits raw string content (or any valid JSON text: backslashes stand only in strings) at its escapes.
/// Calls `each` with the piece and the raw bytes it was written as.
fn pieces(raw: &[u8], mut each: impl FnMut(Piece<'_>, &[u8])) {
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (plain, escape) = rest.split_at(at);
        if !plain.is_empty() {
            each(Piece::Plain(plain), plain);
        }
        let (piece, length) = match escape.get(1) {
            Some(b'u') => unicode(escape),
            Some(b'b') => (Piece::Char('\u{8}'), 2),
            Some(b'f') => (Piece::Char('\u{c}'), 2),
            Some(b'n') => (Piece::Char('\n'), 2),
            Some(b'r') => (Piece::Char('\r'), 2),
            Some(b't') => (Piece::Char('\t'), 2),
            Some(other) => (Piece::Char(char::from(*other)), 2),
            None => (Piece::Char('\\'), 1), // not reached: the cursor has checked the escapes
        };
        let (written, after) = escape.split_at(length.min(escape.len()));
        each(piece, written);
        rest = after;
    }
    if !rest.is_empty() {
        each(Piece::Plain(rest), rest);
    }
}

/// The character of a `\u` escape (or of two that make a pair), and how many bytes it takes.
fn unicode(escape: &[u8]) -> (Piece<'static>, usize) {
    let unit = |at: usize| {
        let digits = escape
            .get(at + 2..at + 6)
            .filter(|_| escape[at..].starts_with(b"\\u"))?;
        u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
    };
    match unit(0) {
        Some(high @ 0xd800..=0xdbff) => match unit(6) {
            Some(low @ 0xdc00..=0xdfff) => {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(code).map_or(Piece::LoneSurrogate, Piece::Char), 12)
            }
            _ => (Piece::LoneSurrogate, 6),
        },
        Some(code) => (char::from_u32(code).map_or(Piece::LoneSurrogate, Piece::Char), 6),
        None => (Piece::LoneSurrogate, 6),
    }
}

/// Appends the text of `raw` to `out`. `true` if a lone surrogate had to be replaced by U+FFFD.
pub(crate) fn unescape(raw: &[u8], out: &mut Vec<u8>) -> bool {
    let mut replaced = false;
    pieces(raw, |piece, _| match piece {
        Piece::Plain(bytes) => out.extend_from_slice(bytes),
        Piece::Char(char) => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        Piece::LoneSurrogate => {
            out.extend_from_slice(REPLACEMENT);
            replaced = true;
        }
    });
    replaced
}

/// Whether JSON text, or the raw bytes of a string, has a surrogate escape without its other half. Readers of
/// JSON refuse such text whole.
pub(crate) fn has_lone_surrogate(json: &[u8]) -> bool {
    if !json.contains(&b'\\') {
        return false;
    }
    let mut found = false;
    pieces(json, |piece, _| found |= matches!(piece, Piece::LoneSurrogate));
    found
}

/// Appends JSON text with every lone surrogate escape replaced by `\ufffd`.
pub(crate) fn without_lone_surrogates(json: &[u8], out: &mut Vec<u8>) {
    pieces(json, |piece, written| match piece {
        Piece::LoneSurrogate => out.extend_from_slice(b"\\ufffd"),
        _ => out.extend_from_slice(written),
    });
}

/// Appends `text` as the inside of a JSON string.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0x00..=0x1f))
    {
        let byte = rest[at];
        out.extend_from_slice(&rest[..at]);
        if byte < 0x20 {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        } else {
            out.extend_from_slice(&[b'\\', byte]);
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> (String, bool) {
        let mut out = Vec::new();
        let replaced = unescape(raw.as_bytes(), &mut out);
        (String::from_utf8(out).unwrap(), replaced)
    }

    #[test]
    fn escapes_become_their_characters() {
        assert_eq!(
            text(r#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"#),
            ("a\"\\/\u{8}\u{c}\n\r\té😀z".into(), false)
        );
    }

    #[test]
    fn a_lone_surrogate_is_replaced_and_told() {
        for (raw, expected) in [
            (r"\ud800", "\u{fffd}"),
            (r"x\udc00y", "x\u{fffd}y"),
            (r"\ud800\ud800\udc00", "\u{fffd}\u{10000}"),
            (r"\ud800\n", "\u{fffd}\n"),
            (r"\uD83Dx", "\u{fffd}x"),
        ] {
            assert_eq!(text(raw), (expected.into(), true), "{raw}");
            assert!(has_lone_surrogate(raw.as_bytes()));
        }
        assert!(!has_lone_surrogate(br#"{"a":"\\ud800 \ud83d\ude00"}"#));
    }

    #[test]
    fn json_text_keeps_everything_but_lone_surrogates() {
        let mut out = Vec::new();
        without_lone_surrogates(br#"{"a":"\ud800\n\ud83d\ude00"}"#, &mut out);
        assert_eq!(out, br#"{"a":"\ufffd\n\ud83d\ude00"}"#);
    }

    #[test]
    fn escaped_text_reads_back() {
        let text = "a\"b\\c\n\u{1}é😀";
        let mut out = vec![b'"'];
        escape(text.as_bytes(), &mut out);
        out.push(b'"');
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
