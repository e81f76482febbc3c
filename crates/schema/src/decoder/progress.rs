//! What a decoder tells its caller, apart from the batches. When it does is decided in [`decoder`](super).

/// A row that is no record: it is kept as it was sent, apart from the table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quarantined {
    /// Why it is no record.
    pub reason: &'static str,
    /// Its JSON text.
    pub record: Vec<u8>,
}

/// What a [`Decoder`](crate::Decoder) has seen since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Rows of all batches.
    pub records: u64,
    /// Rows whose `_rescued` is not null.
    pub rescued: u64,
    /// Rows that are no records, see [`Decoder::take_quarantined`](crate::Decoder::take_quarantined).
    pub quarantined: u64,
}

/// How far [`Decoder::decode`](crate::Decoder::decode) got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All whole records are taken. Call again with the bytes from `consumed` on and more behind them.
    NeedsInput {
        /// Bytes that are done with.
        consumed: usize,
    },
    /// The batch is full. Call [`Decoder::flush`](crate::Decoder::flush), then again with the bytes from `consumed` on.
    NeedsFlush {
        /// Bytes that are done with.
        consumed: usize,
    },
}

impl Progress {
    /// Bytes that are done with.
    pub fn consumed(self) -> usize {
        match self {
            Self::NeedsInput { consumed } | Self::NeedsFlush { consumed } => consumed,
        }
    }
}
