use std::sync::Arc;

use arrow::array::{ListBuilder, MapBuilder, StringBuilder, UInt8Array, new_null_array};
use arrow::compute::concat_batches;

use super::*;
use crate::testing::{bytes, read_back, rows};
use crate::{FileOptions, FileWriter, Lake};

fn digest(batches: &[RecordBatch]) -> Digest {
    let (mut hasher, mut digest) = (RowHasher::new(), Digest::default());
    for batch in batches {
        digest.extend(hasher.rows(batch).unwrap());
    }
    digest
}

fn column(array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter([("column", Arc::new(array) as ArrayRef)]).unwrap()
}

/// The batch with one column replaced.
fn with(batch: &RecordBatch, index: usize, column: ArrayRef) -> RecordBatch {
    let mut columns = batch.columns().to_vec();
    columns[index] = column;
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

#[tokio::test]
async fn rows_read_back_in_another_order_and_batching_have_the_same_digest() {
    let batches = [rows(0..500), rows(500..1700)];
    let expected = digest(&batches);
    assert_eq!(expected.rows(), 1700);

    let lake = Lake::in_memory();
    let options = FileOptions::default().row_group_bytes(8 * 1024);
    let mut file = FileWriter::create(&lake, "t/part.parquet", batches[0].schema(), options).unwrap();
    for batch in [&batches[1], &batches[0]] {
        file.write(batch).await.unwrap();
    }
    file.finish().await.unwrap();
    let mut read = read_back(bytes(&lake, "t/part.parquet").await, 77);
    assert!(read.len() > 20);
    read.reverse();
    assert_eq!(digest(&read), expected);
}

#[test]
fn slices_are_hashed_as_the_rows_they_are() {
    let all = rows(0..300);
    let mut hasher = RowHasher::new();
    let whole = hasher.rows(&all).unwrap();
    let slices = (0..300).step_by(7).flat_map(|start| {
        RowHasher::new()
            .rows(&all.slice(start, 7.min(300 - start)))
            .unwrap()
    });
    assert_eq!(slices.collect::<Vec<_>>(), whole);
    let joined = concat_batches(&all.schema(), [&all.slice(100, 200), &all.slice(0, 100)]).unwrap();
    assert_eq!(hasher.rows(&joined).unwrap()[200..], whole[..100]);
    let distinct: std::collections::HashSet<_> = whole.iter().collect();
    assert_eq!(distinct.len(), 300);
}

#[test]
fn one_changed_cell_changes_the_digest_wherever_it_is() {
    let original = rows(0..30);
    let changed = rows(1..31);
    for index in 0..original.num_columns() {
        // One cell comes from the row after it: row 19 differs from row 20 in every column.
        let parts = [
            original.column(index).slice(0, 19),
            changed.column(index).slice(19, 1),
            original.column(index).slice(20, 10),
        ];
        let parts: Vec<_> = parts.iter().map(|part| part.as_ref()).collect();
        let cell = arrow::compute::concat(&parts).unwrap();
        let before = RowHasher::new().rows(&original).unwrap();
        let after = RowHasher::new().rows(&with(&original, index, cell)).unwrap();
        let moved: Vec<_> = (0..30).filter(|row| before[*row] != after[*row]).collect();
        assert_eq!(moved, [19], "{}", original.schema().field(index).name());
    }
}

#[test]
fn a_new_column_of_nulls_and_another_order_of_columns_change_nothing() {
    let original = rows(0..50);
    let mut columns: Vec<(String, ArrayRef)> = original
        .schema()
        .fields()
        .iter()
        .zip(original.columns())
        .map(|(field, column)| (field.name().clone(), column.clone()))
        .collect();
    columns.insert(2, ("added_later".to_owned(), new_null_array(&DataType::Utf8, 50)));
    columns.reverse();
    let evolved = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    assert_eq!(digest(&[evolved.unwrap()]), digest(&[original]));
}

#[test]
fn a_new_null_field_within_a_struct_changes_nothing() {
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let narrow = StructArray::try_from(vec![("id", ids.clone())]).unwrap();
    let wide =
        StructArray::try_from(vec![("id", ids), ("name", new_null_array(&DataType::Utf8, 2))]).unwrap();
    assert_eq!(digest(&[column(narrow)]), digest(&[column(wide)]));
}

#[test]
fn entries_of_a_map_have_no_order_and_elements_of_a_list_have_one() {
    let map = |entries: &[(&str, &str)]| {
        let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for (key, value) in entries {
            builder.keys().append_value(key);
            builder.values().append_value(value);
        }
        builder.append(true).unwrap();
        digest(&[column(builder.finish())])
    };
    assert_eq!(map(&[("a", "1"), ("b", "2")]), map(&[("b", "2"), ("a", "1")]));
    assert_ne!(map(&[("a", "1"), ("b", "2")]), map(&[("a", "2"), ("b", "1")]));
    assert_ne!(map(&[("a", "1")]), map(&[("a", "1"), ("b", "2")]));
    let list = |elements: [&str; 2]| {
        let mut builder = ListBuilder::new(StringBuilder::new());
        builder.append_value(elements.map(Some));
        digest(&[column(builder.finish())])
    };
    assert_ne!(list(["a", "b"]), list(["b", "a"]));
}

#[test]
fn what_looks_alike_is_told_apart() {
    let empty_list = |valid: bool| {
        let mut builder = ListBuilder::new(StringBuilder::new());
        builder.append(valid);
        column(builder.finish())
    };
    let list = |elements: Vec<Option<&str>>| {
        let mut builder = ListBuilder::new(StringBuilder::new());
        builder.append_value(elements);
        column(builder.finish())
    };
    let one = Int64Array::from(vec![1]);
    let bits = f64::from_bits(1);
    let alike = [
        column(StringArray::from(vec![""])),
        column(StringArray::from(vec!["1"])),
        column(one.clone()),
        column(Float64Array::from(vec![bits])),
        column(BooleanArray::from(vec![true])),
        column(TimestampMicrosecondArray::from(vec![1])),
        column(Float64Array::from(vec![0.0])),
        column(Float64Array::from(vec![-0.0])),
        column(StringArray::new_null(1)),
        empty_list(true),
        list(vec![None]),
        list(vec![Some("")]),
        list(vec![Some("a"), Some("b")]),
        list(vec![Some("ab")]),
        list(vec![Some("ab"), Some("")]),
        column(StructArray::try_from(vec![("id", new_null_array(&DataType::Utf8, 1))]).unwrap()),
        column(StructArray::try_from(vec![("a", Arc::new(one.clone()) as ArrayRef)]).unwrap()),
        column(StructArray::try_from(vec![("b", Arc::new(one) as ArrayRef)]).unwrap()),
    ];
    let distinct: std::collections::HashSet<_> = alike
        .iter()
        .map(|batch| RowHasher::new().rows(batch).unwrap()[0])
        .collect();
    assert_eq!(distinct.len(), alike.len());
    // Null is null, of whatever type.
    assert_eq!(
        digest(&[empty_list(false)]),
        digest(&[column(StringArray::new_null(1))])
    );
}

#[test]
fn doubled_rows_count() {
    let once = digest(&[rows(0..5)]);
    let twice = digest(&[rows(0..5), rows(0..5)]);
    assert_ne!(once, twice);
    assert_eq!(twice.rows(), 10);
    assert_ne!(digest(&[rows(0..0)]).to_string(), once.to_string());
}

#[test]
fn the_hash_of_a_row_is_the_same_in_every_version() {
    // The ledger keeps digests: were this to change, every unit of every lake would look changed.
    let row = RowHasher::new()
        .rows(&column(StringArray::from(vec!["x"])))
        .unwrap();
    assert_eq!(
        row,
        [xxh3_128(b"{,\x06\0\0\0\0\0\0\0columns\x01\0\0\0\0\0\0\0x}")]
    );
    let expected = "xxh3-128-sum:82aaafdb8826125f64ebc01bb0452526x12";
    assert_eq!(digest(&[rows(0..12)]).to_string(), expected);
}

#[test]
fn a_digest_is_read_back_from_its_text_and_nothing_else_is() {
    let digest = digest(&[rows(0..12)]);
    assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    for text in [
        "",
        "xxh3-128-sum:",
        "xxh3-128-sum:2ax1",
        "md5:0000000000000000000000000000002ax1",
    ] {
        assert!(text.parse::<Digest>().unwrap_err().hint().is_some(), "{text}");
    }
}

#[test]
fn other_types_are_refused_with_their_path() {
    let nested =
        StructArray::try_from(vec![("flag", Arc::new(UInt8Array::from(vec![1])) as ArrayRef)]).unwrap();
    let error = RowHasher::new().rows(&column(nested)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `column.flag` has type UInt8, which rows cannot be hashed over"
    );
}
