//! Columns of structs, and the record itself: keys are matched to fields under all their spellings, and what no
//! field names is rescued.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::Fields;
use arrow::error::ArrowError;
use hashbrown::HashMap;

use super::column::{Column, Context, ELEMENTS_LIMIT, column};
use super::cursor::{Cursor, Scan, Stop};
use super::rescue::{Occurrence, Place};
use super::text::{Text, has_lone_surrogate};
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

    /// The way of objects in which a field came under two spellings: all members are found first, then each field chooses among
    /// its spellings, and what loses is rescued.
    #[cold]
    fn members_one_by_one(
        &mut self,
        cursor: &mut Cursor<'_>,
        place: &Place<'_>,
        context: &mut Context,
    ) -> Scan<()> {
        let members = self.list_members(cursor)?;
        let end = cursor.position;
        let mut known = Vec::new();
        for member in &members {
            match member.spelling {
                Some(spelling) if member.occurrence == 1 => known.push((spelling, member)),
                _ => {
                    let occurrence = Occurrence::Nth(member.occurrence);
                    context
                        .rescue
                        .add(&Place::Key(place, member.key), occurrence, member.raw)?;
                }
            }
        }
        // Spellings of one field stand together, the strongest first.
        known.sort_by_key(|(spelling, _)| *spelling);
        for spellings in known.chunk_by(|(a, _), (b, _)| self.spellings[*a].field == self.spellings[*b].field)
        {
            if let Some((spelling, _)) = spellings.first() {
                let column = &mut self.columns[self.spellings[*spelling].field];
                column.pad(self.len);
                choose(
                    &mut **column,
                    spellings.iter().map(|(_, member)| *member),
                    cursor,
                    place,
                    context,
                )?;
            }
        }
        cursor.position = end;
        Ok(())
    }

    fn list_members<'a>(&self, cursor: &mut Cursor<'a>) -> Scan<Vec<Member<'a>>> {
        let mut members = Vec::new();
        let mut known = vec![0; self.spellings.len()];
        let mut unknown: HashMap<Cow<'a, [u8]>, usize> = HashMap::new();
        if !cursor.open(b'}')? {
            return Ok(members);
        }
        loop {
            let key = cursor.key()?;
            cursor.colon()?;
            let name = key.decode();
            let spelling = self.by_name.get(&*name).copied();
            let occurrence = match spelling {
                Some(spelling) => &mut known[spelling],
                // Such keys are told apart by their raw spelling, as in their pointers.
                None if key.escaped && has_lone_surrogate(key.raw) => {
                    unknown.entry(key.raw.into()).or_default()
                }
                None => unknown.entry(name).or_default(),
            };
            *occurrence += 1;
            cursor.peek()?;
            let start = cursor.position;
            let raw = cursor.skip()?;
            if members.len() == ELEMENTS_LIMIT {
                return Err(Stop::Undecodable(
                    "one of its objects has more than 1,048,576 members",
                ));
            }
            members.push(Member {
                key,
                spelling,
                occurrence: *occurrence,
                start,
                raw,
            });
            if !cursor.comma_or(b'}')? {
                return Ok(members);
            }
        }
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

/// A member of an object that is read one by one.
struct Member<'a> {
    key: Text<'a>,
    spelling: Option<usize>,
    occurrence: usize,
    start: usize,
    raw: &'a [u8],
}

/// Appends to `column` the value of the strongest spelling that has one. What another spelling says differently
/// is rescued.
fn choose<'m>(
    column: &mut dyn Column,
    members: impl Iterator<Item = &'m Member<'m>>,
    cursor: &mut Cursor<'_>,
    place: &Place<'_>,
    context: &mut Context,
) -> Scan<()> {
    let row = column.len();
    let mut chosen = false;
    let mut says_nothing = Vec::new();
    for member in members {
        let place = Place::Key(place, member.key);
        let mark = context.rescue.mark();
        cursor.position = member.start;
        column.read(cursor, &place, context)?;
        let rescued = context.rescue.mark() != mark;
        let null = column.is_null(column.len() - 1);
        if !chosen {
            if null {
                column.truncate(row);
                if !rescued && member.raw != b"null" {
                    says_nothing.push(member); // such as "NA", which is a loser only if somebody wins
                }
            }
            chosen = !null;
            continue;
        }
        let differs = rescued || !column.same(row, row + 1);
        column.truncate(row + 1);
        if differs && member.raw != b"null" && !(null && rescued) {
            context.rescue.roll_back(mark);
            context.rescue.add(&place, Occurrence::Nth(1), member.raw)?;
        }
    }
    if !chosen {
        column.append_nulls(1);
        return Ok(());
    }
    for member in says_nothing {
        context
            .rescue
            .add(&Place::Key(place, member.key), Occurrence::Nth(1), member.raw)?;
    }
    Ok(())
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
