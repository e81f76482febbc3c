//! Writes one Parquet file, row group by row group. Which file of which unit it is, is decided in
//! [`UnitWriter`](crate::UnitWriter); how it is encoded, in `options` and
//! `encoder`; how its bytes reach the lake, in `upload`.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;

use crate::encoder::{self, Encoder};
use crate::upload::{Upload, Written};
use crate::{Error, FileOptions, Lake, Result, encoding};

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
    /// Before the first rows, which decide about encodings.
    New(Upload),
    Open(Box<Open>),
    /// A write failed, or was dropped half way: what was encoded is not known any more.
    Stopped,
}

struct Open {
    encoder: Encoder,
    upload: Upload,
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

    /// Encodes a batch, and sends each row group that becomes full. Encoding works on the calling thread, which it
    /// blocks, and on further ones where there are cores for them.
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
        let mut open = match std::mem::replace(&mut self.state, State::Stopped) {
            State::New(upload) => self.open(upload, Some(batch))?,
            State::Open(open) => open,
            State::Stopped => {
                return Err(Error::Stopped {
                    path: self.path.clone(),
                });
            }
        };
        let encoded = open.encoder.write(batch);
        if let Err(error) = send(&self.path, &mut open, encoded).await {
            return Err(give_up(open, error).await);
        }
        self.state = State::Open(open);
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
        let mut open = match std::mem::replace(&mut self.state, State::Stopped) {
            State::New(upload) => self.open(upload, None)?,
            State::Open(open) => open,
            State::Stopped => return Err(Error::Stopped { path: self.path }),
        };
        let encoded = open.encoder.finish();
        let mut sent = send(&self.path, &mut open, encoded).await;
        if sent.is_ok() {
            sent = open.upload.publish().await;
        }
        match sent {
            Ok(()) => Ok(open.upload.written(self.rows)),
            Err(error) => Err(give_up(open, error).await),
        }
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
            State::Open(open) => open.upload.abort().await,
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
            State::Open(open) => open.encoder.memory_size(),
            State::New(_) | State::Stopped => 0,
        }
    }

    fn open(&self, upload: Upload, first: Option<&RecordBatch>) -> Result<Box<Open>> {
        let encode = |error| Error::encode(&self.path, error);
        let leaves = ArrowSchemaConverter::new()
            .convert(&self.schema)
            .map_err(encode)?;
        let choices = first.map(encoding::choices).unwrap_or_default();
        let properties = self.options.properties(&leaves, &choices)?;
        let schema = Arc::clone(&self.schema);
        let encoder = Encoder::new(
            schema,
            properties,
            self.options.row_group_bytes,
            encoder::threads(),
        )
        .map_err(encode)?;
        Ok(Box::new(Open { encoder, upload }))
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

/// Sends what the encoder has ready, unless it failed.
async fn send(path: &str, open: &mut Open, encoded: parquet::errors::Result<()>) -> Result<()> {
    encoded.map_err(|source| Error::encode(path, source))?;
    for part in open.encoder.take_parts() {
        open.upload.send(part).await?;
    }
    Ok(())
}

/// The failure counts, not what may follow from cleaning up after it.
async fn give_up(open: Box<Open>, error: Error) -> Error {
    let _ = open.upload.abort().await;
    error
}

#[cfg(test)]
mod tests;
