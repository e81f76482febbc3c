//! Objects in which a field came under two spellings: which of them the column takes, and which are rescued. All other
//! objects are read in [`structure`](super).

use std::borrow::Cow;

use hashbrown::HashMap;

use super::Structure;
use crate::decoder::column::{Column, Context, ELEMENTS_LIMIT};
use crate::decoder::cursor::{Cursor, Scan, Stop};
use crate::decoder::rescue::{Occurrence, Place};
use crate::decoder::text::{Text, has_lone_surrogate};

impl Structure {
    /// The way of objects in which a field came under two spellings: all members are found first, then each field chooses among
    /// its spellings, and what loses is rescued.
    #[cold]
    pub(super) fn members_one_by_one(
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
