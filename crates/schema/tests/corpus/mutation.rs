//! Makes inputs out of those in the corpus, the same in every run. A poor relation of the fuzzer, for the toolchain
//! that has none.

/// Pieces that mean something to the decoder, or nearly.
const PIECES: [&[u8]; 24] = [
    b"null",
    b"true",
    b"1e400",
    b"-0",
    b"9007199254740993",
    b"\"NA\"",
    b"\"\"",
    b"\"2026-03-23T10:17:54Z\"",
    b"\"5 milliseconds\"",
    b"{}",
    b"[]",
    b"[{},",
    b"{\"",
    b"\":",
    b",\"id\":1",
    b"},{",
    b"}\n{",
    b"\\ud800",
    b"\\udc00",
    b"\\u0000",
    b"\\\\",
    b"\xc3",
    b"\xef\xbb\xbf",
    b" \r\n\t",
];

/// A generator of numbers (xorshift64*): no better one is needed, and it will be the same in years.
pub(crate) struct Mutation {
    state: u64,
}

impl Mutation {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.max(1) }
    }

    /// An input made of one of `inputs` by a few changes.
    pub(crate) fn make(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, inputs);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let end = bytes.len().min(at + self.below(16));
        match self.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = b"\"\\{}[]:,0-eu\n\xff"[self.below(14)],
            2 => drop(bytes.drain(at..end)),
            3 => bytes.extend_from_within(at..),
            4 => {
                let other = &inputs[self.below(inputs.len())];
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            5 => {
                let doubled = bytes[at..end].to_vec();
                bytes.splice(at..at, doubled);
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }

    /// A number from 0 to `end`, not included.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        number as usize % end.max(1)
    }
}
