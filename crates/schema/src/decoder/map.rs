//! Columns of maps: objects whose keys are the customer's own, as [`runs`](super::runs) of keys and values.

use std::sync::Arc;

use arrow::array::{ArrayRef, MapArray, StructArray};
use arrow::datatypes::{FieldRef, Fields};
use arrow::error::ArrowError;
use hashbrown::HashMap;

use super::column::{Column, Context, column};
use super::cursor::{Cursor, Scan};
use super::rescue::{Occurrence, Place};
use super::runs::Runs;
use super::text::unescape;
use super::utf8::Strings;
use crate::definition::{Type, entries_field, entries_fields};

/// A column of maps with text keys.
pub(crate) struct Map {
    rows: Runs,
    keys: Strings,
    values: Box<dyn Column>,
    field: FieldRef,
    fields: Fields,
}

impl Map {
    pub(crate) fn new(values: &Type) -> Self {
        Self {
            rows: Runs::default(),
            keys: Strings::default(),
            values: column(values),
            field: entries_field(values),
            fields: entries_fields(values),
        }
    }

    fn entries(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        if !cursor.open(b'}')? {
            return Ok(());
        }
        let first = self.keys.len();
        let mut seen = Seen::default();
        loop {
            context.count_element()?;
            let key = cursor.key()?;
            cursor.colon()?;
            let place = Place::Key(place, key);
            let replaced = key.escaped && unescape(key.raw, &mut self.keys.bytes);
            if !key.escaped {
                self.keys.bytes.extend_from_slice(key.raw);
            }
            self.keys.end_row();
            let occurrence = seen.count(&self.keys, first);
            if occurrence > 1 {
                // Readers refuse a map with the same key twice.
                self.keys.truncate(self.keys.len() - 1);
                let raw = cursor.skip()?;
                context.rescue.add(&place, Occurrence::Nth(occurrence), raw)?;
            } else {
                cursor.peek()?;
                let start = cursor.position;
                let before = context.rescue.mark();
                self.values.read(cursor, &place, context)?;
                if replaced && context.rescue.mark() == before {
                    context
                        .rescue
                        .add(&place, Occurrence::Nth(1), cursor.since(start))?;
                }
            }
            if !cursor.comma_or(b'}')? {
                return Ok(());
            }
        }
    }
}

/// Counts the keys of one map. Few keys are compared in place; a table is made only for many.
#[derive(Default)]
struct Seen {
    counts: HashMap<Vec<u8>, usize>,
}

const FEW: usize = 32;

impl Seen {
    /// How often the last key of `keys` has been met in the map that begins at `first`, itself included.
    fn count(&mut self, keys: &Strings, first: usize) -> usize {
        let last = keys.len() - 1;
        let Some(key) = keys.get(last) else { return 1 };
        if self.counts.is_empty() {
            if last - first < FEW && !(first..last).any(|row| keys.get(row) == Some(key)) {
                return 1;
            }
            self.counts
                .extend((first..last).filter_map(|row| Some((keys.get(row)?.to_vec(), 1))));
        }
        let count = self.counts.entry(key.to_vec()).or_default();
        *count += 1;
        *count
    }
}

impl Column for Map {
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        match cursor.peek()? {
            b'{' => self.entries(cursor, place, context)?,
            b'n' => {
                cursor.literal("null")?;
                self.append_nulls(1);
                return Ok(());
            }
            _ => {
                context.rescue_next(cursor, place)?;
                self.append_nulls(1);
                return Ok(());
            }
        }
        self.rows.push(self.keys.len());
        Ok(())
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn append_nulls(&mut self, count: usize) {
        self.rows.append_nulls(count);
    }

    fn truncate(&mut self, len: usize) {
        let end = self.rows.truncate(len);
        self.keys.truncate(end);
        self.values.truncate(end);
    }

    fn is_null(&self, row: usize) -> bool {
        self.rows.range(row).is_none()
    }

    fn same(&self, row: usize, other: usize) -> bool {
        match (self.rows.range(row), self.rows.range(other)) {
            (Some(row), Some(other)) => {
                row.len() == other.len()
                    && row.zip(other).all(|(row, other)| {
                        self.keys.get(row) == self.keys.get(other) && self.values.same(row, other)
                    })
            }
            (row, other) => row.is_none() && other.is_none(),
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (offsets, validity) = self.rows.finish()?;
        self.values.pad(self.keys.len());
        let columns: Vec<ArrayRef> = vec![Arc::new(self.keys.finish()?), self.values.finish()?];
        let entries = StructArray::try_new(self.fields.clone(), columns, None)?;
        let maps = MapArray::try_new(Arc::clone(&self.field), offsets, entries, validity, false)?;
        Ok(Arc::new(maps))
    }
}
