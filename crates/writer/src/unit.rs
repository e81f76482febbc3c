//! Writes the files of one unit. Where they are is decided in [`Unit`]; what is in one, in [`FileWriter`].

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::{FileOptions, FileWriter, Lake, Result, Unit, Written};

/// Writes the files of one unit: one, or none if no row came.
///
/// Nothing is visible before [`finish`](Self::finish). So what was read can be proved complete first, and
/// given up otherwise.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, RecordBatch, StringArray};
/// use korelake_writer::{FileOptions, Lake, Unit, UnitWriter};
///
/// let ids: ArrayRef = Arc::new(StringArray::from(vec!["c-1", "c-2"]));
/// let batch = RecordBatch::try_from_iter([("conversation_id", ids)])?;
///
/// let (lake, unit) = (Lake::in_memory(), Unit::parse("raw_data", "2026-03-23")?);
/// let mut writer = UnitWriter::new(&lake, unit, batch.schema(), FileOptions::default());
/// writer.write(&batch).await?;
/// let files = writer.finish().await?;
/// assert_eq!(files[0].path, "raw_data/date=2026-03-23/part-00000.parquet");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UnitWriter {
    lake: Lake,
    unit: Unit,
    schema: SchemaRef,
    options: FileOptions,
    file: Option<FileWriter>,
}

impl UnitWriter {
    /// Prepares a unit. Nothing is created before the first row.
    pub fn new(lake: &Lake, unit: Unit, schema: SchemaRef, options: FileOptions) -> Self {
        Self {
            lake: lake.clone(),
            unit,
            schema,
            options,
            file: None,
        }
    }

    /// The unit that is written.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// The columns of its files.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes a batch; rows stand in the file in the order they came.
    ///
    /// # Errors
    ///
    /// As [`FileWriter::create`] and [`FileWriter::write`].
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None if batch.num_rows() == 0 => return Ok(()),
            none => none.insert(FileWriter::create(
                &self.lake,
                &self.unit.file(0),
                self.schema.clone(),
                self.options.clone(),
            )?),
        };
        file.write(batch).await
    }

    /// Makes the unit's files visible, in place of those that were there before, and answers what the ledger
    /// records about them. A unit without rows answers nothing and leaves the lake as it is.
    ///
    /// # Errors
    ///
    /// As [`FileWriter::finish`].
    pub async fn finish(self) -> Result<Vec<Written>> {
        match self.file {
            Some(file) => Ok(vec![file.finish().await?]),
            None => Ok(Vec::new()),
        }
    }

    /// Gives the unit up: the lake stays as it is.
    ///
    /// # Errors
    ///
    /// As [`FileWriter::abort`].
    pub async fn abort(self) -> Result<()> {
        match self.file {
            Some(file) => file.abort().await,
            None => Ok(()),
        }
    }

    /// Bytes of memory that the open row group takes, for a budget over several units.
    pub fn memory_size(&self) -> usize {
        self.file.as_ref().map_or(0, FileWriter::memory_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, files, local, read_back, rows, schema};

    fn writer(lake: &Lake) -> UnitWriter {
        let unit = Unit::parse("raw_data", "2026-03-23").unwrap();
        UnitWriter::new(
            lake,
            unit,
            schema(),
            FileOptions::default().key_column("conversation_id"),
        )
    }

    #[tokio::test]
    async fn a_unit_with_rows_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let lake = local(folder.path());
        let mut unit = writer(&lake);
        unit.write(&rows(0..0)).await.unwrap();
        unit.write(&rows(0..20)).await.unwrap();
        assert!(unit.memory_size() > 0);
        assert!(!folder.path().join("raw_data").exists());
        let written = unit.finish().await.unwrap();
        assert_eq!(
            files(&folder.path().join("raw_data")),
            ["date=2026-03-23/part-00000.parquet"]
        );
        assert_eq!((written.len(), written[0].rows), (1, 20));
        assert_eq!(
            read_back(bytes(&lake, &written[0].path).await, 100),
            [rows(0..20)]
        );
    }

    #[tokio::test]
    async fn a_unit_without_rows_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let lake = local(folder.path());
        let mut unit = writer(&lake);
        unit.write(&rows(0..0)).await.unwrap();
        assert_eq!(unit.finish().await.unwrap(), []);
        writer(&lake).abort().await.unwrap();
        assert!(files(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn a_unit_given_up_leaves_the_one_before() {
        let lake = Lake::in_memory();
        let mut first = writer(&lake);
        first.write(&rows(0..20)).await.unwrap();
        let path = first.finish().await.unwrap().remove(0).path;
        let mut second = writer(&lake);
        second.write(&rows(20..25)).await.unwrap();
        second.abort().await.unwrap();
        assert_eq!(read_back(bytes(&lake, &path).await, 100), [rows(0..20)]);
    }
}
