//! Columns of lists: [`runs`](super::runs) of one column of elements.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray};
use arrow::datatypes::FieldRef;
use arrow::error::ArrowError;

use super::column::{Column, Context, column};
use super::cursor::{Cursor, Scan};
use super::rescue::Place;
use super::runs::Runs;
use crate::definition::{Type, element_field};

/// A column of lists.
pub(crate) struct List {
    rows: Runs,
    element: Box<dyn Column>,
    field: FieldRef,
    /// A value that is no array is a list of one.
    lone_value: bool,
}

impl List {
    pub(crate) fn new(element: &Type, lone_value: bool) -> Self {
        Self {
            rows: Runs::default(),
            element: column(element),
            field: element_field(element),
            lone_value,
        }
    }

    fn elements(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        if !cursor.open(b']')? {
            return Ok(());
        }
        for index in 0.. {
            context.count_element()?;
            self.element.read(cursor, &Place::Index(place, index), context)?;
            if !cursor.comma_or(b']')? {
                break;
            }
        }
        Ok(())
    }
}

impl Column for List {
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        match cursor.peek()? {
            b'[' => self.elements(cursor, place, context)?,
            b'n' => {
                cursor.literal("null")?;
                self.append_nulls(1);
                return Ok(());
            }
            _ if self.lone_value => {
                let before = self.element.len();
                self.element.read(cursor, place, context)?;
                if self.element.is_null(before) {
                    self.element.truncate(before);
                    self.append_nulls(1);
                    return Ok(());
                }
            }
            _ => {
                context.rescue_next(cursor, place)?;
                self.append_nulls(1);
                return Ok(());
            }
        }
        self.rows.push(self.element.len());
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
        self.element.truncate(end);
    }

    fn is_null(&self, row: usize) -> bool {
        self.rows.range(row).is_none()
    }

    fn same(&self, row: usize, other: usize) -> bool {
        match (self.rows.range(row), self.rows.range(other)) {
            (Some(row), Some(other)) => {
                row.len() == other.len() && row.zip(other).all(|(row, other)| self.element.same(row, other))
            }
            (row, other) => row.is_none() && other.is_none(),
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (offsets, validity) = self.rows.finish()?;
        let elements = self.element.finish()?;
        let lists = ListArray::try_new(Arc::clone(&self.field), offsets, elements, validity)?;
        Ok(Arc::new(lists))
    }
}
