//! Hashes rows by what they say, so that the same rows give the same digest in any order, batching or file.
//! Used to tell a unit that did not change; the checksum of a file's bytes is
//! [`Written::checksum`](crate::Written::checksum).

use std::fmt;
use std::str::FromStr;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, MapArray, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_128;

use crate::{Error, Result};

/// A multiset of rows as one number: the wrapping sum of their 128-bit hashes, and their count.
///
/// Order does not matter, doubles do. It is for noticing change, not for keeping secrets. As text:
/// `xxh3-128-sum:`, the sum in 32 hex digits, `x`, the count.
///
/// ```
/// use korelake_writer::Digest;
///
/// let mut digest = Digest::default();
/// digest.add(42);
/// assert_eq!(digest.to_string(), "xxh3-128-sum:0000000000000000000000000000002ax1");
/// assert_eq!(digest.to_string().parse::<Digest>()?, digest);
/// # Ok::<(), korelake_writer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Digest {
    sum: u128,
    rows: u64,
}

impl Digest {
    const PREFIX: &str = "xxh3-128-sum:";

    /// Adds one row by its hash.
    pub fn add(&mut self, row: u128) {
        self.sum = self.sum.wrapping_add(row);
        self.rows += 1;
    }

    /// How many rows were added.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Extend<u128> for Digest {
    fn extend<I: IntoIterator<Item = u128>>(&mut self, rows: I) {
        for row in rows {
            self.add(row);
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:032x}x{}", Self::PREFIX, self.sum, self.rows)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.strip_prefix(Self::PREFIX)
            .and_then(|rest| rest.split_once('x'))
            .filter(|(sum, _)| sum.len() == 32)
            .and_then(|(sum, rows)| {
                Some(Self {
                    sum: u128::from_str_radix(sum, 16).ok()?,
                    rows: rows.parse().ok()?,
                })
            })
            .ok_or_else(|| Error::Digest {
                text: text.to_owned(),
            })
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Hashes rows of record batches. Keep one for many batches: it reuses its memory.
///
/// What is hashed is an encoding of the decoded values, each with the tag of its type and its length:
///
/// * a row and a struct are their non-null fields **by name**, sorted: a new column of nulls and another
///   order of columns change nothing;
/// * a list is its elements in order, nulls included; a map is its entries in any order, as a JSON object is;
/// * a float is its bits: `-0.0` and `0.0` differ, because the files would;
/// * a null struct, an empty one, an empty list and a null one all differ.
#[derive(Debug, Default)]
pub struct RowHasher {
    scratch: Vec<u8>,
}

impl RowHasher {
    /// A hasher.
    pub fn new() -> Self {
        Self::default()
    }

    /// The hash of each row of the batch, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Unhashable`] for a column of another type than utf8, int64, float64, boolean, timestamp in
    /// microseconds, and structs, lists and maps of these.
    pub fn rows(&mut self, batch: &RecordBatch) -> Result<Vec<u128>> {
        let schema = batch.schema_ref();
        let fields = schema.fields().iter().zip(batch.columns());
        let fields = sorted(fields.map(|(field, array)| (field.as_ref(), array)), "")?;
        let mut hashes = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            self.scratch.clear();
            encode_fields(&fields, row, &mut self.scratch);
            hashes.push(xxh3_128(&self.scratch));
        }
        Ok(hashes)
    }
}

/// A column with its type found out once.
enum Column<'a> {
    Utf8(&'a StringArray),
    Int64(&'a Int64Array),
    Float64(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Timestamp(&'a TimestampMicrosecondArray),
    Struct(&'a StructArray, Vec<(&'a str, Column<'a>)>),
    List(&'a ListArray, Box<Column<'a>>),
    Map(&'a MapArray, Box<(Column<'a>, Column<'a>)>),
}

impl<'a> Column<'a> {
    fn new(path: &str, array: &'a ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Utf8(array.as_string()),
            DataType::Int64 => Self::Int64(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Float64(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Timestamp(array.as_primitive::<TimestampMicrosecondType>())
            }
            DataType::Struct(fields) => {
                let array = array.as_struct();
                let fields = fields.iter().map(AsRef::as_ref).zip(array.columns());
                Self::Struct(array, sorted(fields, &format!("{path}."))?)
            }
            DataType::List(_) => {
                let list = array.as_list();
                Self::List(list, Box::new(Self::new(&format!("{path}[]"), list.values())?))
            }
            DataType::Map(_, _) => {
                let map = array.as_map();
                let keys = Self::new(&format!("{path}.key"), map.keys())?;
                let values = Self::new(&format!("{path}.value"), map.values())?;
                Self::Map(map, Box::new((keys, values)))
            }
            data_type => {
                return Err(Error::Unhashable {
                    column: path.to_owned(),
                    data_type: data_type.clone(),
                });
            }
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Utf8(array) => array.is_null(row),
            Self::Int64(array) => array.is_null(row),
            Self::Float64(array) => array.is_null(row),
            Self::Boolean(array) => array.is_null(row),
            Self::Timestamp(array) => array.is_null(row),
            Self::Struct(array, _) => array.is_null(row),
            Self::List(array, _) => array.is_null(row),
            Self::Map(array, _) => array.is_null(row),
        }
    }

    fn encode(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return out.push(b'n');
        }
        match self {
            Self::Utf8(array) => {
                out.push(b's');
                encode_text(array.value(row), out);
            }
            Self::Int64(array) => encode_number(b'i', array.value(row).cast_unsigned(), out),
            Self::Float64(array) => encode_number(b'f', array.value(row).to_bits(), out),
            Self::Boolean(array) => out.extend([b'b', u8::from(array.value(row))]),
            Self::Timestamp(array) => encode_number(b't', array.value(row).cast_unsigned(), out),
            Self::Struct(_, fields) => encode_fields(fields, row, out),
            Self::List(array, elements) => {
                let offsets = array.value_offsets();
                let elements_of_row = offsets[row] as usize..offsets[row + 1] as usize;
                encode_number(b'l', elements_of_row.len() as u64, out);
                for element in elements_of_row {
                    elements.encode(element, out);
                }
            }
            Self::Map(array, columns) => {
                let offsets = array.value_offsets();
                let entries = offsets[row] as usize..offsets[row + 1] as usize;
                encode_number(b'm', entries.len() as u64, out);
                // Each entry is hashed at the end of the buffer, and makes room for the sum of all.
                let (start, mut sum) = (out.len(), 0_u128);
                for entry in entries {
                    columns.0.encode(entry, out);
                    columns.1.encode(entry, out);
                    sum = sum.wrapping_add(xxh3_128(&out[start..]));
                    out.truncate(start);
                }
                out.extend(sum.to_le_bytes());
            }
        }
    }
}

fn sorted<'a>(
    fields: impl Iterator<Item = (&'a Field, &'a ArrayRef)>,
    path: &str,
) -> Result<Vec<(&'a str, Column<'a>)>> {
    let columns = fields.map(|(field, array)| {
        let name = field.name().as_str();
        Ok((name, Column::new(&format!("{path}{name}"), array)?))
    });
    let mut columns = columns.collect::<Result<Vec<_>>>()?;
    columns.sort_by_key(|(name, _)| *name);
    Ok(columns)
}

/// The non-null fields between two brackets: a closing one is neither the tag of a name nor a length that
/// could be one.
fn encode_fields(fields: &[(&str, Column<'_>)], row: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for (name, column) in fields {
        if !column.is_null(row) {
            out.push(b',');
            encode_text(name, out);
            column.encode(row, out);
        }
    }
    out.push(b'}');
}

fn encode_text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn encode_number(tag: u8, bits: u64, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(bits.to_le_bytes());
}

#[cfg(test)]
mod tests;
