//! Bodies on disk → one Parquet file, without any server. One thread reads and decodes, while others encode.

use arrow::array::{Array, RecordBatch};
use korelake_schema::{Counts, Decoder, Progress, Quarantined};
use korelake_writer::{FileOptions, FileWriter, Lake, QuarantineWriter, Written};
use tokio::sync::mpsc;

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::input::{Input, read_through};

/// Input of a record batch. Up to three are alive at a time: one is decoded, one waits, one is encoded. With the
/// double, 2 GB take 15 to 25 MB more memory, as much time and as many bytes of Parquet.
const BATCH_BYTES: usize = 4 << 20;

/// What a conversion came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// The Parquet file.
    pub file: Written,
    /// Rows, rescued and quarantined ones.
    pub counts: Counts,
    /// Rows whose key is null. All of them: most likely these are records of another dataset, or no records.
    pub without_key: u64,
    /// Bytes of JSON, decompressed.
    pub input_bytes: u64,
    /// The file of what could not be a row, relative to the output folder.
    pub quarantine: Option<String>,
}

/// Converts the records of all inputs, in their order, into `<table>/part-00000.parquet` of `output`. Nothing is
/// visible before all of them are read; a file that was there is replaced.
///
/// However large the inputs are, it takes the memory of one row group, of three record batches (8 MiB of input each, or
/// one record, if that is larger), and of a buffer for twice the largest record.
///
/// # Errors
///
/// [`Error::File`], [`Error::Input`] or [`Error::RecordTooLarge`] for inputs, [`Error::Lake`] for the output.
pub async fn convert(
    dataset: &Dataset,
    inputs: Vec<Input>,
    output: &Lake,
    files: FileOptions,
) -> Result<Converted> {
    let definition = dataset.definition();
    let table = definition.name();
    if output.pinned(table).await?.is_some() {
        // Its files stand in partitions: one more beside them would double the rows of every reader.
        return Err(Error::TableOfExports {
            table: table.to_owned(),
            address: output.address().to_owned(),
        });
    }
    output.sweep_staging().await?;
    let decoder = Decoder::new(definition).with_batch_bytes(BATCH_BYTES);
    let options = dataset.file_options(files);
    let mut file = FileWriter::create(
        output,
        &format!("{table}/part-00000.parquet"),
        decoder.schema(),
        options,
    )?;
    let quarantine_path = format!("_korelake/{table}/quarantine/part-00000.ndjson");
    let mut quarantine = QuarantineWriter::at(output, &quarantine_path);

    let (sender, mut decoded) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking(move || {
        Reader {
            decoder,
            sender,
            alone: false,
        }
        .read(&inputs)
    });
    let mut without_key = 0;
    let mut written = Ok(());
    while let Some(part) = decoded.recv().await {
        without_key += part.without(definition.key());
        written = part.write(&mut file, &mut quarantine).await;
        if written.is_err() {
            break;
        }
    }
    drop(decoded); // a reader that still waits sees that nobody takes its batches
    // Only now is it known whether the reader ended well; until here nothing is visible.
    let read = reader
        .await
        .unwrap_or_else(|source| Err(Error::Reader { source }));
    match written.and(read) {
        Ok((counts, input_bytes)) => {
            // The quarantine first: a table without it would hide that rows are missing.
            let quarantine = match quarantine.finish().await {
                Ok(written) => written.map(|file| file.path),
                Err(error) => {
                    let _ = file.abort().await;
                    return Err(error.into());
                }
            };
            let file = file.finish().await?;
            if quarantine.is_none() {
                // Of the earlier conversion, whose table is replaced only now.
                output.remove(&quarantine_path).await?;
            }
            Ok(Converted {
                file,
                counts,
                without_key,
                input_bytes,
                quarantine,
            })
        }
        Err(error) => {
            // What cannot be removed now is swept with the next run; the first error says more.
            let _ = (file.abort().await, quarantine.abort().await);
            Err(error)
        }
    }
}

/// What the reading thread hands over.
struct Decoded {
    batch: Option<RecordBatch>,
    quarantined: Vec<Quarantined>,
}

impl Decoded {
    /// Rows whose key is null.
    fn without(&self, key: &str) -> u64 {
        let key = self.batch.as_ref().and_then(|batch| batch.column_by_name(key));
        key.map_or(0, |key| key.null_count() as u64)
    }

    async fn write(self, file: &mut FileWriter, quarantine: &mut QuarantineWriter) -> Result<()> {
        for row in self.quarantined {
            quarantine.write(row.reason, &row.record).await?;
        }
        if let Some(batch) = self.batch {
            file.write(&batch).await?;
        }
        Ok(())
    }
}

/// The reading thread.
struct Reader {
    decoder: Decoder,
    sender: mpsc::Sender<Decoded>,
    /// The encoding side has given up, and says why.
    alone: bool,
}

impl Reader {
    /// Reads all inputs. Gives the counts and the number of bytes.
    fn read(mut self, inputs: &[Input]) -> Result<(Counts, u64)> {
        let mut bytes = 0;
        for input in inputs {
            bytes += read_through(input, |chunk, last| self.chunk(chunk, last))?;
            if self.alone {
                break;
            }
        }
        self.hand_over()?;
        Ok((self.decoder.counts(), bytes))
    }

    /// Decodes what is whole in a chunk of input. Gives the number of bytes that are done with.
    fn chunk(&mut self, chunk: &[u8], last: bool) -> Result<Option<usize>, korelake_schema::Error> {
        let mut taken = 0;
        loop {
            let rest = &chunk[taken..];
            let progress = match last {
                true => self.decoder.finish(rest)?,
                false => self.decoder.decode(rest)?,
            };
            taken += progress.consumed();
            match progress {
                Progress::NeedsInput { .. } => return Ok(Some(taken)),
                Progress::NeedsFlush { .. } => self.hand_over()?,
            }
            if self.alone {
                return Ok(None);
            }
        }
    }

    /// Hands over what the decoder holds, and waits while the encoding side is behind.
    fn hand_over(&mut self) -> Result<(), korelake_schema::Error> {
        let quarantined = self.decoder.take_quarantined();
        let batch = self.decoder.flush()?;
        self.alone = self.sender.blocking_send(Decoded { batch, quarantined }).is_err();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::path::PathBuf;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const RECORDS: &str =
        r#"{"results":[{"conversationId":"a","new":1},7,{"conversationId":"b"}],"hasMore":false}"#;

    async fn run(inputs: Vec<Input>) -> Result<Converted> {
        convert(
            &Dataset::load("raw_data").unwrap(),
            inputs,
            &Lake::in_memory(),
            FileOptions::default(),
        )
        .await
    }

    #[tokio::test]
    async fn files_plain_and_compressed_become_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("a.json"), folder.path().join("b.json"));
        std::fs::write(&plain, RECORDS).unwrap();
        let mut encoder = GzEncoder::new(File::create(&packed).unwrap(), Compression::default());
        encoder.write_all(RECORDS.as_bytes()).unwrap();
        encoder.finish().unwrap();
        let converted = run(vec![plain.into(), packed.into()]).await.unwrap();
        let counts = converted.counts;
        assert_eq!((counts.records, counts.rescued, counts.quarantined), (4, 2, 2));
        assert_eq!(converted.file.rows, 4);
        assert_eq!(converted.file.path, "raw_data/part-00000.parquet");
        assert_eq!(converted.input_bytes, 2 * RECORDS.len() as u64);
        assert_eq!(
            converted.quarantine.as_deref(),
            Some("_korelake/raw_data/quarantine/part-00000.ndjson")
        );
    }

    #[tokio::test]
    async fn a_record_larger_than_the_chunk_makes_the_buffer_grow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.json");
        let text = "x".repeat(3 << 20);
        std::fs::write(
            &path,
            format!(r#"[{{"conversationId":"a"}},{{"conversationId":"{text}"}}]"#),
        )
        .unwrap();
        assert_eq!(run(vec![path.into()]).await.unwrap().file.rows, 2);
    }

    #[tokio::test]
    async fn an_input_that_ends_early_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.json");
        std::fs::write(&path, &RECORDS[..RECORDS.len() - 5]).unwrap();
        let output = Lake::open(folder.path().join("out").to_str().unwrap(), &Default::default()).unwrap();
        let dataset = Dataset::load("raw_data").unwrap();
        let error = convert(&dataset, vec![path.into()], &output, FileOptions::default())
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Input { .. }) && error.hint().is_some(),
            "{error:?}"
        );
        assert!(!folder.path().join("out/raw_data").exists());
        assert!(matches!(
            run(vec![PathBuf::from("missing.json").into()]).await,
            Err(Error::File { .. })
        ));
    }
}
