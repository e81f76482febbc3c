//! Writes one Parquet file, row group by row group. Which file of which unit it is, is decided in
//! [`UnitWriter`](crate::UnitWriter); how its bytes reach the lake, in `upload`.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::{ArrowSchemaConverter, AsyncArrowWriter};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::upload::{Upload, Written};
use crate::{Error, Lake, Result, dictionary};

/// Rows handed to the encoder at a time: its limit on the size of a row group holds between two calls, not
/// within the first.
const ROWS_AT_A_TIME: usize = 1024;

/// How a Parquet file is written.
#[derive(Debug, Clone)]
pub struct FileOptions {
    key_column: Option<String>,
    zstd_level: i32,
    row_group_bytes: usize,
    metadata: Vec<(String, String)>,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self {
            key_column: None,
            zstd_level: 1,
            row_group_bytes: 32 * 1024 * 1024,
            metadata: Vec::new(),
        }
    }
}

impl FileOptions {
    /// The column that looks up single records, and the only one with a Bloom filter. Default: none.
    pub fn key_column(mut self, column: impl Into<String>) -> Self {
        self.key_column = Some(column.into());
        self
    }

    /// The level of the compression, 1 to 22. Default 1: higher levels cost much more time than they save
    /// space on text that is already in dictionaries.
    pub fn zstd_level(mut self, level: i32) -> Self {
        self.zstd_level = level;
        self
    }

    /// Encoded size at which a row group is closed and sent; also what an open file needs in memory, more or
    /// less. Default 32 MiB: large enough to read in one go, small enough for several files at a time.
    pub fn row_group_bytes(mut self, bytes: usize) -> Self {
        self.row_group_bytes = bytes.max(1);
        self
    }

    /// Adds a key-value pair to the footer. Nothing of the run (id, time) belongs here: the same rows must
    /// give the same bytes. Default: none.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    fn properties(&self, leaves: Vec<(ColumnPath, bool)>) -> Result<WriterProperties> {
        let level = self.zstd_level;
        let level = ZstdLevel::try_new(level).map_err(|source| Error::Compression { level, source })?;
        let metadata = self
            .metadata
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("korelake version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(metadata.collect()))
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_bytes(Some(self.row_group_bytes))
            // Page-level statistics and offsets let readers skip pages; 64 bytes of a text are enough to
            // compare by.
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_statistics_truncate_length(Some(64))
            .set_column_index_truncate_length(Some(64))
            .set_data_page_size_limit(1024 * 1024)
            .set_data_page_row_count_limit(20_000);
        for (path, dictionary) in leaves {
            properties = properties.set_column_dictionary_enabled(path, dictionary);
        }
        if let Some(key) = &self.key_column {
            // Sized for the largest row group and folded down to what was used: 512 KiB of memory at most.
            let path = ColumnPath::new(vec![key.clone()]);
            properties = properties
                .set_column_bloom_filter_max_ndv(path.clone(), 262_144)
                .set_column_bloom_filter_fpp(path, 0.01);
        }
        Ok(properties.build())
    }
}

/// Writes one Parquet file.
///
/// It is visible once [`finish`](Self::finish) has answered, and then it is whole. Dropped, aborted or
/// failed, it leaves nothing visible, and a file that was there before stays as it was. Memory is bounded by
/// about one row group.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, RecordBatch, StringArray};
/// use korelake_writer::{FileOptions, FileWriter, Lake};
///
/// let ids: ArrayRef = Arc::new(StringArray::from(vec!["c-1", "c-2"]));
/// let batch = RecordBatch::try_from_iter([("conversation_id", ids)])?;
/// let options = FileOptions::default().key_column("conversation_id");
///
/// let lake = Lake::in_memory();
/// let mut file = FileWriter::create(&lake, "raw_data/part-00000.parquet", batch.schema(), options)?;
/// file.write(&batch).await?;
/// let written = file.finish().await?;
/// assert_eq!(written.rows, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileWriter {
    path: String,
    schema: SchemaRef,
    options: FileOptions,
    state: State,
    rows: u64,
}

enum State {
    /// Before the first row, which decides about dictionaries.
    New(Upload),
    Open(Box<AsyncArrowWriter<Upload>>),
    /// A write failed, or was dropped half way: what was encoded is not known any more.
    Stopped,
}

impl FileWriter {
    /// Prepares a file at `path`, relative to the lake. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the key column is not in the schema, or the staging folder of a lake on local disk cannot be
    /// written.
    pub fn create(lake: &Lake, path: &str, schema: SchemaRef, options: FileOptions) -> Result<Self> {
        if let Some(column) = &options.key_column
            && schema.column_with_name(column).is_none()
        {
            return Err(Error::KeyColumn {
                column: column.clone(),
                path: path.to_owned(),
            });
        }
        let state = State::New(Upload::new(lake, path)?);
        Ok(Self {
            path: path.to_owned(),
            schema,
            options,
            state,
            rows: 0,
        })
    }

    /// Encodes a batch, and sends each row group that becomes full. Encoding works on the calling thread.
    ///
    /// # Errors
    ///
    /// If the batch's columns are not the file's, if encoding fails, or the store does. After the last two
    /// the file is aborted, and every further call answers [`Error::Stopped`].
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.check_columns(batch)?;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        // Taken out for the time of the write, so that a future dropped half way leaves `Stopped` behind.
        let mut writer = match std::mem::replace(&mut self.state, State::Stopped) {
            State::New(upload) => self.open(upload, Some(batch))?,
            State::Open(writer) => writer,
            State::Stopped => {
                return Err(Error::Stopped {
                    path: self.path.clone(),
                });
            }
        };
        for start in (0..batch.num_rows()).step_by(ROWS_AT_A_TIME) {
            let rows = batch.slice(start, ROWS_AT_A_TIME.min(batch.num_rows() - start));
            if let Err(error) = writer.write(&rows).await {
                return Err(give_up(&self.path, writer, error).await);
            }
        }
        self.state = State::Open(writer);
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Writes the footer and makes the file visible, in place of one that was there before. A file without
    /// rows is a valid Parquet file too.
    ///
    /// # Errors
    ///
    /// If encoding or the store fails, or failed before; then nothing is visible.
    pub async fn finish(mut self) -> Result<Written> {
        let mut writer = match std::mem::replace(&mut self.state, State::Stopped) {
            State::New(upload) => self.open(upload, None)?,
            State::Open(writer) => writer,
            State::Stopped => return Err(Error::Stopped { path: self.path }),
        };
        if let Err(error) = writer.finish().await {
            return Err(give_up(&self.path, writer, error).await);
        }
        Ok(writer.into_inner().written(self.rows))
    }

    /// Gives the file up and frees what the store holds of it. Dropping does the same, but for the parts of
    /// an upload that a remote store keeps until its lifecycle rule removes them.
    ///
    /// # Errors
    ///
    /// If the store refuses; nothing is visible even so.
    pub async fn abort(self) -> Result<()> {
        match self.state {
            State::New(upload) => upload.abort().await,
            State::Open(writer) => writer.into_inner().abort().await,
            State::Stopped => Ok(()),
        }
    }

    /// Rows taken so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of memory that the open row group takes, for a budget over several files.
    pub fn memory_size(&self) -> usize {
        match &self.state {
            State::Open(writer) => writer.memory_size(),
            State::New(_) | State::Stopped => 0,
        }
    }

    fn open(&self, upload: Upload, first: Option<&RecordBatch>) -> Result<Box<AsyncArrowWriter<Upload>>> {
        let encode = |error| Error::from_parquet(&self.path, error);
        let leaves = ArrowSchemaConverter::new()
            .convert(&self.schema)
            .map_err(encode)?;
        let pays = first.map(dictionary::pays).unwrap_or_default();
        let paths = leaves.columns().iter().map(|leaf| leaf.path().clone());
        let properties = self.options.properties(paths.zip(pays).collect())?;
        let schema = Arc::clone(&self.schema);
        let writer = AsyncArrowWriter::try_new(upload, schema, Some(properties)).map_err(encode)?;
        Ok(Box::new(writer))
    }

    fn check_columns(&self, batch: &RecordBatch) -> Result<()> {
        let (file, batch) = (&self.schema, batch.schema_ref());
        if Arc::ptr_eq(file, batch) || file.fields() == batch.fields() {
            return Ok(());
        }
        let difference = match file
            .fields()
            .iter()
            .zip(batch.fields())
            .find(|(file, batch)| file != batch)
        {
            Some((file, batch)) if file.name() != batch.name() => {
                format!("`{}` where the file has `{}`", batch.name(), file.name())
            }
            Some((file, batch)) if file.data_type() != batch.data_type() => {
                format!(
                    "`{}` is {} and not {}",
                    file.name(),
                    batch.data_type(),
                    file.data_type()
                )
            }
            Some((file, _)) => format!("`{}` differs in nullability or metadata", file.name()),
            None => format!("{} columns and not {}", batch.fields().len(), file.fields().len()),
        };
        Err(Error::Columns {
            path: self.path.clone(),
            difference,
        })
    }
}

/// The failure counts, not what may follow from cleaning up after it.
async fn give_up(path: &str, writer: Box<AsyncArrowWriter<Upload>>, error: ParquetError) -> Error {
    let _ = writer.into_inner().abort().await;
    Error::from_parquet(path, error)
}

#[cfg(test)]
mod tests;
