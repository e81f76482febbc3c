//! Columns of structs, and the record itself: keys are matched to fields under all their spellings, and what no
//! field names is rescued.

mod competing;

use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::Fields;
use arrow::error::ArrowError;
use hashbrown::HashMap;

use super::column::{Column, Context, column};
use super::cursor::{Cursor, Scan, Stop};
use super::rescue::{Occurrence, Place};
use super::text::Text;
use crate::definition::{Field, arrow_fields};

/// One of the names under which a field is sent.
struct Spelling {
    name: Box<[u8]>,
    /// The name as JSON, with its quotes: compared with the bytes at the cursor.
    quoted: Box<[u8]>,
    field: usize,
    /// The spelling that came after this one last time.
    next: usize,
}

/// A column of structs.
pub(crate) struct Structure {
    columns: Vec<Box<dyn Column>>,
    fields: Fields,
    /// All spellings; those of one field stand together, the strongest first.
    spellings: Vec<Spelling>,
    by_name: HashMap<Box<[u8]>, usize>,
    /// The spelling that came first last time.
    first: usize,
    /// The spelling under which each field came last.
    taken: Vec<usize>,
    len: usize,
    validity: NullBufferBuilder,
}

/// The members of an object could be read in one go, or a field was met under two spellings.
#[derive(PartialEq)]
enum Members {
    Read,
    Competing,
}

/// Levels of objects with competing spellings at which reading them in one go is still tried. Each try that fails
/// reads all below twice: with a try at every level the time would double with each.
const TRIES: usize = 2;

impl Structure {
    pub(crate) fn new(fields: &[Field]) -> Self {
        let mut spellings: Vec<Spelling> = Vec::new();
        let mut by_name = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            for name in field.spellings() {
                let position = spellings.len();
                by_name.insert(name.as_bytes().into(), position);
                let quoted = serde_json::Value::from(name).to_string().into_bytes();
                spellings.push(Spelling {
                    name: name.as_bytes().into(),
                    quoted: quoted.into(),
                    field: index,
                    next: position + 1,
                });
            }
        }
        Self {
            columns: fields.iter().map(|field| column(field.data_type())).collect(),
            fields: arrow_fields(fields),
            spellings,
            by_name,
            first: 0,
            taken: vec![0; fields.len()],
            len: 0,
            validity: NullBufferBuilder::new(0),
        }
    }

    /// Takes the object whose opening bracket is at the cursor and appends a row.
    pub(crate) fn object(
        &mut self,
        cursor: &mut Cursor<'_>,
        place: &Place<'_>,
        context: &mut Context,
    ) -> Scan<()> {
        let start = cursor.position;
        let (mark, elements) = (context.rescue.mark(), context.elements);
        let one_by_one =
            context.competing >= TRIES || self.members(cursor, place, context)? == Members::Competing;
        if one_by_one {
            self.cut_children(self.len);
            context.rescue.roll_back(mark);
            context.elements = elements;
            cursor.position = start;
            context.competing += 1;
            let read = self.members_one_by_one(cursor, place, context);
            context.competing -= 1;
            read?;
        }
        self.len += 1;
        self.validity.append_non_null();
        Ok(())
    }

    /// The way of nearly all objects: every value goes into its column as it comes.
    fn members(
        &mut self,
        cursor: &mut Cursor<'_>,
        place: &Place<'_>,
        context: &mut Context,
    ) -> Scan<Members> {
        if !cursor.open(b'}')? {
            return Ok(Members::Read);
        }
        let mut previous = None;
        let mut repeated = Vec::new();
        loop {
            match self.spelling(cursor, &mut previous)? {
                Ok(spelling) => {
                    cursor.colon()?;
                    let Spelling { name, field, .. } = &self.spellings[spelling];
                    let column = &mut self.columns[*field];
                    let key = Text {
                        raw: name,
                        escaped: false,
                    };
                    let place = Place::Key(place, key);
                    if column.len() > self.len {
                        if self.taken[*field] != spelling {
                            return Ok(Members::Competing);
                        }
                        let raw = cursor.skip()?;
                        let occurrence = count_repeated(&mut repeated, spelling);
                        context.rescue.add(&place, occurrence, raw)?;
                    } else {
                        self.taken[*field] = spelling;
                        column.pad(self.len);
                        column.read(cursor, &place, context)?;
                    }
                }
                Err(key) => {
                    cursor.colon()?;
                    let is_record = self.columns.iter().any(|column| column.len() > self.len);
                    if !is_record {
                        check_for_envelope(key, cursor, place, context)?;
                    }
                    let raw = cursor.skip()?;
                    context
                        .rescue
                        .add(&Place::Key(place, key), Occurrence::Unknown, raw)?;
                }
            }
            if !cursor.comma_or(b'}')? {
                return Ok(Members::Read);
            }
        }
    }

    /// Takes the key at the cursor: the spelling that it is, or the key itself if it is none.
    ///
    /// A server sends the keys of its records in one order, so the spelling that came next last time (or the one
    /// after it, where a key may be absent) is compared with the bytes at the cursor first: a hit spares the
    /// search for the closing quote and the table.
    #[inline]
    fn spelling<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        previous: &mut Option<usize>,
    ) -> Scan<Result<usize, Text<'a>>> {
        cursor.peek()?;
        let mut expected = previous.map_or(self.first, |previous| self.spellings[previous].next);
        for attempt in 0..2 {
            let Some(spelling) = self.spellings.get(expected) else {
                break;
            };
            if cursor.take_exact(&spelling.quoted) {
                if attempt == 0 {
                    *previous = Some(expected);
                } else {
                    self.learn(previous, expected);
                }
                return Ok(Ok(expected));
            }
            expected = spelling.next;
        }
        let key = cursor.key()?;
        let Some(&found) = self.by_name.get(&*key.decode()) else {
            return Ok(Err(key));
        };
        self.learn(previous, found);
        Ok(Ok(found))
    }

    fn learn(&mut self, previous: &mut Option<usize>, found: usize) {
        match *previous {
            Some(previous) => self.spellings[previous].next = found,
            None => self.first = found,
        }
        *previous = Some(found);
    }

    /// Whether a key is a spelling of one of the fields.
    pub(crate) fn knows(&self, key: Text<'_>) -> bool {
        self.by_name.contains_key(&*key.decode())
    }

    fn cut_children(&mut self, len: usize) {
        for column in &mut self.columns {
            column.truncate(len);
        }
    }

    /// The rows as one array a field; the column is empty afterwards, except after an error.
    pub(crate) fn finish_columns(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let len = std::mem::take(&mut self.len);
        self.validity.truncate(0);
        self.columns
            .iter_mut()
            .map(|column| {
                column.pad(len);
                column.finish()
            })
            .collect()
    }
}

/// Which one of equal keys a key is that was met before, given those that were met more than once so far.
#[cold]
fn count_repeated(repeated: &mut Vec<(usize, usize)>, spelling: usize) -> Occurrence {
    // As many as there are spellings at most, however often they come.
    if let Some((_, count)) = repeated.iter_mut().find(|(known, _)| *known == spelling) {
        *count += 1;
        return Occurrence::Nth(*count);
    }
    repeated.push((spelling, 2));
    Occurrence::Nth(2)
}

/// Stops if the object at the top is the envelope of a response: one of its keys holds records, and none before it
/// is a column's.
fn check_for_envelope(
    key: Text<'_>,
    cursor: &mut Cursor<'_>,
    place: &Place<'_>,
    context: &Context,
) -> Scan<()> {
    let holds_records = context.at_top
        && matches!(place, Place::Root)
        && context.record_keys.iter().any(|name| name.as_bytes() == key.raw);
    if holds_records && cursor.peek()? == b'[' {
        return Err(Stop::Envelope);
    }
    Ok(())
}

impl Column for Structure {
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        match cursor.peek()? {
            b'{' => self.object(cursor, place, context)?,
            b'n' => {
                cursor.literal("null")?;
                self.append_nulls(1);
            }
            _ => {
                context.rescue_next(cursor, place)?;
                self.append_nulls(1);
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.len
    }

    fn append_nulls(&mut self, count: usize) {
        self.len += count;
        self.validity.append_n_nulls(count);
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.validity.truncate(len);
        self.cut_children(len);
    }

    fn is_null(&self, row: usize) -> bool {
        row >= self.len || !self.validity.is_valid(row)
    }

    fn same(&self, row: usize, other: usize) -> bool {
        match (self.is_null(row), self.is_null(other)) {
            (false, false) => self.columns.iter().all(|column| column.same(row, other)),
            (row, other) => row && other,
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (len, validity) = (self.len, self.validity.finish());
        let columns = self.finish_columns()?;
        let structs = StructArray::try_new_with_length(self.fields.clone(), columns, validity, len)?;
        Ok(Arc::new(structs))
    }
}
