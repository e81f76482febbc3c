//! Schemas from records: a first dataset file for records that nobody has described, what a server sends that a
//! dataset file does not know, and what two dataset files differ in. The same engine as the [`decoder`](crate::decoder):
//! records are found and values are read by the same code, so a proposal and what it decodes agree.
//!
//! ```text
//!  bytes ─► records ─► observe ─► shape, types ─► file        Inference: a dataset file
//!  bytes ─► Decoder ─► _rescued ─► place ─► missing, unread   Comparison: what a dataset file does not know
//!  two definitions ─► diff                                    Diff
//! ```

mod compare;
mod diff;
mod envelopes;
mod file;
mod identity;
mod infer;
mod level;
mod missing;
mod names;
mod observe;
mod place;
mod read;
mod records;
mod roles;
mod scalars;
mod shape;
mod types;
mod unknown;
mod unread;

pub use self::compare::Comparison;
pub use self::diff::{Changed, Diff, Named, Respelt};
pub use self::infer::{Inference, Proposal};
pub use self::names::dataset_name;
pub use self::unknown::{Paste, Suggestion, Unknown, UnknownKey, Unread, Why};
