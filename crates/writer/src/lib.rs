//! Record batches in, objects of a data lake out.
//!
//! A *unit* is one table × one partition, a UTC day by default. It is written, proved and replaced as a
//! whole:
//!
//! ```text
//! RecordBatch ─► UnitWriter ─► FileWriter ─► Upload ─► <table>/date=2026-03-23/part-00000.parquet
//!      │                                                                    │ Written
//!      ├──────► RowHasher ─► Digest ────────────────────────────────► Entry ◄┘
//!      │                                                               │ last of all
//! raw bytes ──► QuarantineWriter                                       ▼
//!                                      _korelake/<table>/ledger/2026-03-23/0000000001.json
//! ```
//!
//! * [`Unit`] knows names and paths, and nothing else.
//! * [`Lake`] is one object store with an address. No object is visible before it is whole: remote stores
//!   promise that, and on local disk objects are staged, synced and renamed.
//! * [`UnitWriter`] and [`FileWriter`] stream row groups. One row group is what they hold in memory; the same
//!   rows give the same bytes.
//! * [`RowHasher`] and [`Digest`] tell whether a unit changed, also against rows that are read back from its
//!   Parquet.
//! * [`Ledger`] keeps one [`Entry`] a unit and generation, by create-if-absent alone. It is written last and
//!   is the proof.
//! * [`Pin`] holds what a table was begun with.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use std::sync::Arc;
//! use arrow::array::{ArrayRef, RecordBatch, StringArray};
//! use korelake_writer::{Digest, FileOptions, Lake, RowHasher, Unit, UnitWriter};
//!
//! let ids: ArrayRef = Arc::new(StringArray::from(vec!["c-1", "c-2"]));
//! let batch = RecordBatch::try_from_iter([("conversation_id", ids)])?;
//!
//! let lake = Lake::in_memory();
//! let unit = Unit::parse("raw_data", "2026-03-23")?;
//! let mut writer = UnitWriter::new(&lake, unit, batch.schema(), FileOptions::default());
//! let mut digest = Digest::default();
//! digest.extend(RowHasher::new().rows(&batch)?);
//! writer.write(&batch).await?;
//! // Here is the place to see that all rows have come, and to call `abort` otherwise.
//! let files = writer.finish().await?;
//! assert_eq!(files[0].rows, digest.rows());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod digest;
mod encoder;
mod encoding;
mod entry;
mod error;
mod file;
mod ledger;
mod options;
mod partition;
mod pin;
mod probe;
mod quarantine;
mod staging;
mod store;
#[cfg(test)]
mod testing;
mod unit;
mod upload;

pub use digest::{Digest, RowHasher};
pub use entry::{Entry, Identity, Proof, UnitState, UnitWindow, WrittenBy};
pub use error::{Error, Result};
pub use file::FileWriter;
pub use ledger::{Commit, Ledger};
pub use options::FileOptions;
pub use partition::{Partition, Unit, units};
pub use pin::{Pin, PinOutcome};
pub use probe::Probe;
pub use quarantine::QuarantineWriter;
pub use store::Lake;
pub use unit::UnitWriter;
pub use upload::Written;
