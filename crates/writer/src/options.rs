//! How a Parquet file is written, and what that means for each of its leaf columns. Who writes it is
//! [`FileWriter`](crate::FileWriter).

use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::{ColumnPath, SchemaDescriptor};

use crate::encoding::Choice;
use crate::{Error, Result};

/// Bytes at which a page ends. Pages do not end at a number of rows: cut at 20,000 rows, they compress worse
/// (1 to 2 % of a file), and each column would keep a compressor from its first page to the end of its row
/// group (0.3 MiB each). Long columns still get several pages, of which readers skip some.
const PAGE: usize = 1 << 20;
/// More rows than a page of [`PAGE`] bytes has, unless nearly all are null.
const PAGE_ROWS: usize = 1 << 20;
/// False positives of the Bloom filter at most: of twenty row groups, one is looked at in vain. A filter is folded
/// down to the smallest power of two that keeps to it. At 2 %, 35,000 keys would need 64 KiB instead of 32, which
/// is 2 % of a row group of short records.
const FALSE_POSITIVES: f64 = 0.05;

/// How a Parquet file is written.
#[derive(Debug, Clone)]
pub struct FileOptions {
    pub(crate) key_column: Option<String>,
    zstd_level: i32,
    pub(crate) row_group_bytes: usize,
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

    /// Memory at which the open row group is closed and sent; an open file needs little more. In the file it
    /// takes less than that: 1.5 to 7 MiB of the default, 32 MiB, because values with a dictionary are held as
    /// numbers of eight bytes until the row group is closed. With 48 MiB the files are up to 1.6 % smaller, and
    /// `convert` takes up to 40 MB more.
    pub fn row_group_bytes(mut self, bytes: usize) -> Self {
        self.row_group_bytes = bytes.max(1);
        self
    }

    /// Memory that an open row group may take, in bytes.
    pub fn row_group_size(&self) -> usize {
        self.row_group_bytes
    }

    /// Adds a key-value pair to the footer. Nothing of the run (id, time) belongs here: the same rows must
    /// give the same bytes. Default: none.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    /// What Parquet's writer is told about the columns of `schema`. Without rows there are no choices, and
    /// nothing to encode.
    pub(crate) fn properties(
        &self,
        schema: &SchemaDescriptor,
        choices: &[Choice],
    ) -> Result<WriterProperties> {
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
            .set_data_page_size_limit(PAGE)
            .set_data_page_row_count_limit(PAGE_ROWS)
            // Page-level statistics and offsets let readers skip pages; 64 bytes of a text are enough to
            // compare by.
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_statistics_truncate_length(Some(64))
            .set_column_index_truncate_length(Some(64));
        for (leaf, choice) in schema.columns().iter().zip(choices) {
            let path = leaf.path();
            properties = properties
                .set_column_dictionary_enabled(path.clone(), choice.dictionary)
                .set_column_encoding(path.clone(), choice.otherwise);
            if leaf.max_rep_level() > 0 {
                // Readers skip by the values of a row, not by those of its lists and maps. To compare every
                // one of them for its smallest and largest is a tenth of the time of writing.
                properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
            }
        }
        if let Some(key) = &self.key_column {
            // Sized for the largest row group: 512 KiB of memory at most.
            let path = ColumnPath::new(vec![key.clone()]);
            properties = properties
                .set_column_bloom_filter_max_ndv(path.clone(), 262_144)
                .set_column_bloom_filter_fpp(path, FALSE_POSITIVES);
        }
        Ok(properties.build())
    }
}
