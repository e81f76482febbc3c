//! Record batches → the bytes of a Parquet file, the columns of a row group on several threads. Where the bytes go
//! is decided in [`FileWriter`](crate::FileWriter).
//!
//! ```text
//!  rows ─► columns ─► leaves, their levels ─► pages ─► row group ─► parts
//!          (largest first)     (any thread)            (at its limit, in order)
//! ```
//!
//! Every leaf column is encoded by itself, so which thread does it changes nothing about the bytes.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::thread;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, FieldRef, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::encoding::within;

/// Most rows encoded at a time: whether the row group is full is looked at between two such steps. With fewer it
/// takes longer, by a few percent with 512.
const ROWS_AT_A_TIME: usize = 1024;

/// Rows of a row group that encode to almost nothing: readers work on one row group a thread.
const ROWS_IN_GROUP: usize = 1 << 20;

/// Elements of a list column in a row group. A page counts them in 31 bits, and elements without values have no bytes
/// that would end it.
const ELEMENTS_IN_GROUP: usize = 1 << 30;

/// Threads beyond this find no work: one column is often half of all.
const MOST_THREADS: usize = 4;

/// Encodes one file.
pub(crate) struct Encoder {
    file: SerializedFileWriter<Parts>,
    factory: ArrowRowGroupWriterFactory,
    /// Top-level columns, each with the number of its leaves.
    fields: Vec<(FieldRef, usize)>,
    /// One a leaf; none between two row groups.
    leaves: Vec<ArrowColumnWriter>,
    rows_in_group: usize,
    /// Of the column that has most.
    elements_in_group: usize,
    /// Memory at which the row group ends.
    row_group_bytes: usize,
    threads: Option<&'static ThreadPool>,
}

impl Encoder {
    /// An encoder whose row groups end once they take `row_group_bytes` of memory.
    pub(crate) fn new(
        schema: SchemaRef,
        properties: WriterProperties,
        row_group_bytes: usize,
        threads: Option<&'static ThreadPool>,
    ) -> Result<Self> {
        let writer = ArrowWriter::try_new(Parts::default(), SchemaRef::clone(&schema), Some(properties))?;
        let (file, factory) = writer.into_serialized_writer()?;
        let mut fields: Vec<(FieldRef, usize)> = schema
            .fields()
            .iter()
            .map(|field| (FieldRef::clone(field), 0))
            .collect();
        for leaf in 0..file.schema_descr().num_columns() {
            fields[file.schema_descr().get_column_root_idx(leaf)].1 += 1;
        }
        Ok(Self {
            file,
            factory,
            fields,
            leaves: Vec::new(),
            rows_in_group: 0,
            elements_in_group: 0,
            row_group_bytes,
            threads,
        })
    }

    /// Encodes all rows of a batch, and puts each row group that becomes full into the parts.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = self.rows_that_fit(batch).min(batch.num_rows() - start);
            let slice = batch.slice(start, rows);
            let elements = slice.columns().iter().map(elements).max().unwrap_or_default();
            if self.elements_in_group + elements > ELEMENTS_IN_GROUP {
                self.end_row_group()?;
            }
            self.rows(&slice)?;
            start += rows;
            self.rows_in_group += rows;
            self.elements_in_group += elements;
            if self.memory_size() >= self.row_group_bytes || self.rows_in_group >= ROWS_IN_GROUP {
                self.end_row_group()?;
            }
        }
        Ok(())
    }

    /// Rows to encode next: as many as are likely to fill the row group, if they are as large as those before.
    /// The first ones are taken for as large as in their batch.
    fn rows_that_fit(&self, batch: &RecordBatch) -> usize {
        let (size, row) = match self.rows_in_group {
            0 => (0, batch.get_array_memory_size() / batch.num_rows().max(1)),
            rows => (self.memory_size(), self.memory_size() / rows),
        };
        let left = self.row_group_bytes.saturating_sub(size);
        (left / row.max(1))
            .min(ROWS_IN_GROUP - self.rows_in_group)
            .clamp(1, ROWS_AT_A_TIME)
    }

    /// Ends the last row group and the file.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.end_row_group()?;
        self.file.finish().map(drop)
    }

    /// The bytes that are ready, in order.
    pub(crate) fn take_parts(&mut self) -> Vec<Bytes> {
        self.file.inner_mut().take()
    }

    /// Bytes of memory that the open row group takes.
    pub(crate) fn memory_size(&self) -> usize {
        self.leaves.iter().map(ArrowColumnWriter::memory_size).sum()
    }

    fn rows(&mut self, rows: &RecordBatch) -> Result<()> {
        if self.leaves.is_empty() {
            let row_group = self.file.flushed_row_groups().len();
            self.leaves = self.factory.create_column_writers(row_group)?;
        }
        let mut columns = Vec::with_capacity(self.fields.len());
        let mut rest = &mut self.leaves[..];
        for ((field, leaves), array) in self.fields.iter().zip(rows.columns()) {
            let (writers, others) = rest.split_at_mut(*leaves);
            rest = others;
            columns.push((field, array, writers));
        }
        let Some(threads) = self.threads else {
            for (field, array, writers) in columns {
                for (leaf, writer) in compute_leaves(field, array)?.iter().zip(writers) {
                    writer.write(leaf)?;
                }
            }
            return Ok(());
        };
        // The largest column first, so that the others fill the time beside it.
        columns.sort_by_cached_key(|(_, array, _)| Reverse(array.get_array_memory_size()));
        let failed = OnceLock::new();
        threads.in_place_scope(|scope| {
            for (field, array, writers) in columns {
                let failed = &failed;
                scope.spawn(move |scope| match compute_leaves(field, array) {
                    Ok(leaves) => {
                        for (leaf, writer) in leaves.into_iter().zip(writers) {
                            scope.spawn(move |_| keep_first(failed, writer.write(&leaf)));
                        }
                    }
                    Err(error) => keep_first(failed, Err(error)),
                });
            }
        });
        failed.into_inner().map_or(Ok(()), Err)
    }

    fn end_row_group(&mut self) -> Result<()> {
        if self.leaves.is_empty() {
            return Ok(());
        }
        (self.rows_in_group, self.elements_in_group) = (0, 0);
        let leaves = std::mem::take(&mut self.leaves);
        // Closing compresses the last page, which is the only one of most columns.
        let chunks: Vec<_> = match self.threads {
            Some(threads) => {
                threads.install(|| leaves.into_par_iter().map(ArrowColumnWriter::close).collect())
            }
            None => leaves.into_iter().map(ArrowColumnWriter::close).collect(),
        };
        let mut row_group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk?.append_to_row_group(&mut row_group)?;
        }
        row_group.close().map(drop)
    }
}

/// The threads that encode: as many as there are cores for this process, up to a few. None on a single core, or where
/// the system gives none: then the calling thread encodes.
///
/// They stay for the life of the process. Threads of a moment's life cost memory: the allocator keeps for each what it
/// has freed.
pub(crate) fn threads() -> Option<&'static ThreadPool> {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    THREADS
        .get_or_init(|| {
            let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let threads = ThreadPoolBuilder::new().num_threads(cores.min(MOST_THREADS));
            (cores > 1).then(|| threads.build().ok()).flatten()
        })
        .as_ref()
}

/// At most how many entries of a leaf of this column a page may have to count.
fn elements(array: &ArrayRef) -> usize {
    let nested = match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            elements(&within(list.values(), list.value_offsets()))
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            elements(&within(map.values(), map.value_offsets()))
        }
        DataType::Struct(_) => {
            let children = array.as_struct().columns().iter().map(elements);
            children.max().unwrap_or_default()
        }
        _ => 0,
    };
    // A null or empty list counts too, as its place does in a page.
    array.len() + nested
}

fn keep_first(failed: &OnceLock<ParquetError>, result: Result<()>) {
    if let Err(error) = result {
        let _ = failed.set(error);
    }
}

/// Size of a part: a row group is handed over in several, none of which has to grow.
const PART: usize = 1 << 20;

/// Gathers bytes in parts of one size.
#[derive(Default)]
struct Parts {
    full: Vec<Bytes>,
    open: Vec<u8>,
}

impl Parts {
    fn take(&mut self) -> Vec<Bytes> {
        let mut parts = std::mem::take(&mut self.full);
        if !self.open.is_empty() {
            parts.push(std::mem::take(&mut self.open).into());
        }
        parts
    }
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.open.capacity() == 0 {
                self.open.reserve_exact(PART);
            }
            let (fits, more) = rest.split_at(rest.len().min(PART - self.open.len()));
            self.open.extend_from_slice(fits);
            rest = more;
            if self.open.len() == PART {
                self.full.push(std::mem::take(&mut self.open).into());
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ListBuilder, NullArray, StringBuilder};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::testing::{noise, rows};

    fn encode(batches: &[RecordBatch], row_group_bytes: usize, threads: usize) -> Bytes {
        let threads = (threads > 1).then(|| -> &'static ThreadPool {
            Box::leak(Box::new(
                ThreadPoolBuilder::new().num_threads(threads).build().unwrap(),
            ))
        });
        let properties = WriterProperties::builder().build();
        let mut encoder = Encoder::new(batches[0].schema(), properties, row_group_bytes, threads).unwrap();
        for batch in batches {
            encoder.write(batch).unwrap();
        }
        encoder.finish().unwrap();
        encoder.take_parts().concat().into()
    }

    #[test]
    fn the_number_of_threads_changes_no_byte() {
        let nested = [rows(0..3000), rows(3000..3001)];
        for batches in [&nested[..], &[noise(3000, 512)]] {
            let alone = encode(batches, 400_000, 1);
            for threads in [2, 8] {
                assert!(encode(batches, 400_000, threads) == alone, "{threads} threads");
            }
        }
    }

    #[test]
    fn rows_without_bytes_end_a_row_group_too() {
        let batch = rows(0..1).slice(0, 1);
        let columns = batch.columns().iter();
        let columns =
            columns.map(|column| arrow::array::new_null_array(column.data_type(), ROWS_IN_GROUP / 2 + 1));
        let fields = batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.as_ref().clone().with_nullable(true))
            .collect::<Vec<_>>();
        let nulls =
            RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), columns.collect()).unwrap();
        let file = encode(&[nulls.clone(), nulls], usize::MAX, 1);
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let groups = builder.metadata().row_groups().iter();
        let rows: Vec<i64> = groups.map(|group| group.num_rows()).collect();
        assert_eq!(rows, [ROWS_IN_GROUP as i64, 2]);
    }

    #[test]
    fn elements_are_those_of_the_deepest_list_and_all_places_above() {
        let mut lists = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
        for row in [vec![2, 3], vec![], vec![1]] {
            for elements in row {
                for _ in 0..elements {
                    lists.values().values().append_null();
                }
                lists.values().append(true);
            }
            lists.append(true);
        }
        let lists: ArrayRef = Arc::new(lists.finish());
        assert_eq!(elements(&lists), 3 + 3 + 6);
        assert_eq!(elements(&lists.slice(1, 2)), 2 + 1 + 1);
        assert_eq!(elements(&(Arc::new(NullArray::new(4)) as ArrayRef)), 4);
    }
}
