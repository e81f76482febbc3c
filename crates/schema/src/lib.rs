//! From the bytes of nested JSON records to Arrow record batches, by the definition of a dataset.
//!
//! General JSON readers infer a schema, drop what does not fit or fail on it. The servers whose records end up
//! here spell one key in five ways, send numbers as text and grow new fields without notice, and nobody may lose
//! a score over that. So a [`Definition`] says which columns there are, under which spellings they come and of
//! which type they are, and a [`Decoder`] compiled from it keeps three promises:
//!
//! * **Every value of the source is somewhere**: in its typed column, in `_rescued` (one JSON object a record, JSON
//!   Pointer → raw value), or, where a row is no record at all, in the quarantine.
//! * **A value means the same whatever its spelling**: `"12.5"` is a number in a column of numbers, `"99000
//!   milliseconds"` a duration, `2026-03-23 12:30:00` a time; `"NA"` in a column of numbers is null, 0 is not.
//! * **JSON that is not valid is never half-read**: its rows are dropped, and the error says where it stands.
//!
//! Where no definition is known yet, an [`Inference`] proposes one from records; a [`Comparison`] says what a server
//! sends that a definition does not know, and a [`Diff`] what two definitions differ in.
//!
//! There is no tree of values in between: bytes are read once, straight into the buffers of the columns. The crate
//! does no IO and knows nothing of HTTP or files; bytes come in, [`RecordBatch`](arrow::array::RecordBatch)es go out.
//!
//! ```
//! use korelake_schema::{Decoder, Definition};
//!
//! let definition = Definition::parse(r#"{
//!     "name": "calls", "doc": "Calls.", "key": "id",
//!     "columns": [
//!         {"name": "id", "type": "utf8", "aliases": ["Call ID", "callId"], "doc": "Who."},
//!         {"name": "score", "type": "float64", "doc": "How good."}
//!     ]
//! }"#)?;
//! let mut decoder = Decoder::new(&definition);
//! decoder.finish(br#"[{"Call ID": "a", "score": "12.5"}, {"callId": "b", "score": "good"}]"#)?;
//! let batch = decoder.flush()?.expect("two records");
//! assert_eq!(batch.num_rows(), 2);
//! assert_eq!(decoder.counts().rescued, 1); // the second: {"/score":"good"}
//! # Ok::<(), korelake_schema::Error>(())
//! ```

mod decoder;
mod definition;
mod error;
mod evolve;

pub use decoder::{Counts, Decoder, Progress, Quarantined, RECORD_LIMIT};
pub use definition::{Definition, Field, RESCUED, Type};
pub use error::Error;
pub use evolve::{
    Changed, Comparison, Diff, Inference, Named, Paste, Proposal, Respelt, Suggestion, Unknown, UnknownKey,
    Unread, Why, dataset_name,
};
