//! Values as a table holds them, and the cells of an array as such values. Which cell a value should become is
//! decided in [`naive`](super).

use arrow::array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::array::{Array, AsArray};
use korelake_schema::Type;

/// The value of one row of a column. Floats are equal as numbers are: 0 is -0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Microseconds since 1970.
    Time(i64),
    Text(String),
    List(Vec<Cell>),
    Struct(Vec<Cell>),
    Map(Vec<(String, Cell)>),
}

impl Cell {
    /// Makes a cell of a value that may be none.
    pub(crate) fn of<T>(make: impl Fn(T) -> Self) -> impl Fn(Option<T>) -> Self {
        move |value| value.map_or(Self::Null, &make)
    }

    /// Reads a cell of an array by its type alone.
    pub(crate) fn read(data_type: &Type, array: &dyn Array, row: usize) -> Self {
        if array.is_null(row) {
            return Self::Null;
        }
        match data_type {
            Type::Utf8 { .. } | Type::Json => Self::Text(array.as_string::<i32>().value(row).to_owned()),
            Type::Int64 { .. } => Self::Int(array.as_primitive::<Int64Type>().value(row)),
            Type::Float64 => Self::Float(array.as_primitive::<Float64Type>().value(row)),
            Type::Bool => Self::Bool(array.as_boolean().value(row)),
            Type::Timestamp => Self::Time(array.as_primitive::<TimestampMicrosecondType>().value(row)),
            Type::List { element, .. } => {
                let elements = array.as_list::<i32>().value(row);
                let read = |row| Self::read(element, &elements, row);
                Self::List((0..elements.len()).map(read).collect())
            }
            Type::Struct { fields } => {
                let columns = fields.iter().zip(array.as_struct().columns());
                Self::Struct(
                    columns
                        .map(|(field, column)| Self::read(field.data_type(), column, row))
                        .collect(),
                )
            }
            Type::Map { values } => {
                let entries = array.as_map().value(row);
                let keys = entries.column(0).as_string::<i32>();
                let read = |row| {
                    (
                        keys.value(row).to_owned(),
                        Self::read(values, entries.column(1), row),
                    )
                };
                Self::Map((0..entries.len()).map(read).collect())
            }
            other => panic!("a type that is new: {other}"),
        }
    }

    /// Whether two cells are the same to the last bit.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(one), Self::Float(other)) => one.to_bits() == other.to_bits(),
            (Self::List(one), Self::List(other)) | (Self::Struct(one), Self::Struct(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is(other))
            }
            (Self::Map(one), Self::Map(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| one.0 == other.0 && one.1.is(&other.1))
            }
            _ => self == other,
        }
    }
}
