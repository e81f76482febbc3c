//! What every column of the decoder can do. One small file a type implements it; which type a column has is
//! decided in [`definition`](crate::definition).

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::boolean::Boolean;
use super::cursor::{Cursor, Scan, Stop};
use super::list::List;
use super::map::Map;
use super::primitive::{Float64, Int64, Primitive, Timestamp};
use super::rescue::{Occurrence, Place, Rescue};
use super::structure::Structure;
use super::utf8::{AsJson, Utf8};
use crate::definition::Type;

/// A column under construction: it reads one JSON value a row and appends it.
///
/// Columns are built from plain vectors and not from Arrow's builders, because they have to be cut back: a record
/// that turns out to be half in the chunk, or no record, leaves no trace.
pub(crate) trait Column: Send {
    /// Takes the value at the cursor and appends one row: the value, or null where it is rescued.
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()>;

    /// Rows so far. A struct's child may lag behind its parent: what is missing is null.
    fn len(&self) -> usize;

    fn append_nulls(&mut self, count: usize);

    /// Forgets all rows from `len` on, also those of a value that was only read in part.
    fn truncate(&mut self, len: usize);

    /// Whether a row is null; rows that were never appended are.
    fn is_null(&self, row: usize) -> bool;

    /// Whether two rows hold the same value.
    fn same(&self, row: usize, other: usize) -> bool;

    /// The rows as an array; the column is empty afterwards, except after an error, which is a defect.
    fn finish(&mut self) -> Result<ArrayRef, ArrowError>;

    /// Appends nulls until there are `len` rows.
    #[inline]
    fn pad(&mut self, len: usize) {
        let missing = len.saturating_sub(self.len());
        if missing > 0 {
            self.append_nulls(missing);
        }
    }
}

/// An element of a list takes a row of every column below it, and `{},` is enough for one: a few bytes of input
/// would fill any memory. A record that has more elements goes to the quarantine, and a batch of as many is full.
pub(crate) const ELEMENTS_LIMIT: usize = 1 << 20;

/// What the columns of one decoder share while they read a record.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) rescue: Rescue,
    /// Keys that hold the records in the envelope of a response.
    pub(crate) record_keys: Vec<String>,
    /// The record at hand stands at the top, so it may turn out to be an envelope.
    pub(crate) at_top: bool,
    /// Elements of lists and entries of maps in the record at hand, so far.
    pub(crate) elements: usize,
    /// Objects around the value at hand in which a field came under two spellings.
    pub(crate) competing: usize,
}

impl Context {
    /// Counts an element of a list or an entry of a map, before it is read.
    #[inline]
    pub(crate) fn count_element(&mut self) -> Scan<()> {
        self.elements += 1;
        if self.elements > ELEMENTS_LIMIT {
            return Err(Stop::Undecodable(
                "its lists and maps have more than 1,048,576 elements",
            ));
        }
        Ok(())
    }

    /// Takes the value at the cursor, which has the wrong kind for its column, and keeps it.
    #[cold]
    pub(crate) fn rescue_next(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>) -> Scan<()> {
        let raw = cursor.skip()?;
        self.rescue.add(place, Occurrence::Nth(1), raw)
    }
}

/// An empty column of a type.
pub(crate) fn column(data_type: &Type) -> Box<dyn Column> {
    match data_type {
        Type::Utf8 {
            nested_as_text: false,
        } => Box::new(Utf8::new(AsJson::Scalars)),
        Type::Utf8 { nested_as_text: true } => Box::new(Utf8::new(AsJson::Nested)),
        Type::Int64 { milliseconds } => Box::new(Primitive::new(Int64 {
            milliseconds: *milliseconds,
        })),
        Type::Float64 => Box::new(Primitive::new(Float64)),
        Type::Bool => Box::new(Boolean::default()),
        Type::Timestamp => Box::new(Primitive::new(Timestamp)),
        Type::Json => Box::new(Utf8::new(AsJson::Everything)),
        Type::List { element, lone_value } => Box::new(List::new(element, *lone_value)),
        Type::Struct { fields } => Box::new(Structure::new(fields)),
        Type::Map { values } => Box::new(Map::new(values)),
    }
}
