use std::sync::atomic::Ordering;

use arrow::array::{ArrayRef, StringArray};
use futures::FutureExt;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Encoding, LogicalType, TimeUnit};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use xxhash_rust::xxh3::xxh3_128;

use super::*;
use crate::testing::{Faulty, bytes, files, local, noise, read_back, rows, schema};

const PATH: &str = "raw_data/date=2026-03-23/part-00000.parquet";

fn options() -> FileOptions {
    FileOptions::default().key_column("conversation_id")
}

async fn write(lake: &Lake, batches: &[RecordBatch], options: FileOptions) -> Written {
    let mut file = FileWriter::create(lake, PATH, batches[0].schema(), options).unwrap();
    for batch in batches {
        file.write(batch).await.unwrap();
    }
    file.finish().await.unwrap()
}

fn metadata(file: bytes::Bytes) -> Arc<ParquetMetaData> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    Arc::clone(
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .unwrap()
            .metadata(),
    )
}

#[tokio::test]
async fn rows_are_read_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    for lake in [Lake::in_memory(), local(folder.path())] {
        let written = write(&lake, &[rows(0..700), rows(700..701), rows(701..3000)], options()).await;
        assert_eq!((written.path.as_str(), written.rows), (PATH, 3000));
        assert_eq!(read_back(bytes(&lake, PATH).await, 3000), [rows(0..3000)]);
    }
    assert_eq!(files(folder.path()), [PATH]);
}

#[tokio::test]
async fn what_is_recorded_is_what_the_store_has() {
    let folder = tempfile::tempdir().unwrap();
    for lake in [Lake::in_memory(), local(folder.path())] {
        let written = write(&lake, &[rows(0..100)], options()).await;
        let stored = lake.store().head(&Path::from(PATH)).await.unwrap();
        assert_eq!((written.bytes, &written.e_tag), (stored.size, &stored.e_tag));
        assert!(written.e_tag.is_some());
        assert_eq!(
            written.checksum,
            format!("{:032x}", xxh3_128(&bytes(&lake, PATH).await))
        );
    }
}

#[tokio::test]
async fn the_parquet_schema_has_standard_names_utc_times_and_json() {
    let lake = Lake::in_memory();
    write(&lake, &[rows(0..100)], options()).await;
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes(&lake, PATH).await).unwrap();
    let leaves = builder.parquet_schema().columns();
    let paths: Vec<_> = leaves.iter().map(|leaf| leaf.path().string()).collect();
    assert_eq!(
        paths[6..],
        [
            "queues.list.element.queue_id",
            "queues.list.element.queue_name",
            "custom_fields.key_value.key",
            "custom_fields.key_value.value",
            "_rescued"
        ]
    );
    let time = LogicalType::timestamp(true, TimeUnit::MICROS);
    assert_eq!(leaves[1].logical_type_ref(), Some(&time));
    assert_eq!(leaves[10].logical_type_ref(), Some(&LogicalType::Json));
    assert_eq!(builder.schema().fields(), schema().fields());
    assert_eq!(
        builder
            .schema()
            .field(8)
            .metadata()
            .get("ARROW:extension:name")
            .map(|name| name.as_str()),
        Some("arrow.json")
    );
}

#[tokio::test]
async fn columns_outside_lists_are_indexed_and_only_the_key_has_a_bloom_filter() {
    let lake = Lake::in_memory();
    write(&lake, &[rows(0..3000)], options()).await;
    let file = bytes(&lake, PATH).await;
    for (leaf, column) in metadata(file.clone()).row_group(0).columns().iter().enumerate() {
        let path = column.column_path().string();
        let within_list = path.contains(".list.") || path.contains(".key_value.");
        assert!(column.offset_index_range().is_some(), "{path}");
        assert_eq!(column.column_index_range().is_none(), within_list, "{path}");
        assert_eq!(column.statistics().is_none(), within_list, "{path}");
        assert_eq!(column.bloom_filter_offset().is_some(), leaf == 0, "{path}");
    }
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let filter = reader.get_row_group_column_bloom_filter(0, 0).unwrap().unwrap();
    assert!((0..3000).all(|row| filter.check(&format!("c-{row:08}").as_str())));
    let strangers = (3000..13_000)
        .filter(|row| filter.check(&format!("c-{row:08}").as_str()))
        .count();
    assert!(
        strangers < 300,
        "{strangers} of 10,000 ids that are not in the file pass"
    );
}

#[tokio::test]
async fn the_bloom_filter_is_not_larger_than_its_keys_need() {
    let lake = Lake::in_memory();
    // At 2 % of false positives these would need the double.
    write(&lake, &[rows(0..4500)], options()).await;
    let length = metadata(bytes(&lake, PATH).await)
        .row_group(0)
        .column(0)
        .bloom_filter_length()
        .unwrap();
    assert!((4096..4200).contains(&length), "{length} bytes");
}

#[tokio::test]
async fn pages_end_at_bytes_and_not_at_rows() {
    let lake = Lake::in_memory();
    let pages = async |batch: RecordBatch| -> Vec<usize> {
        write(&lake, &[batch], FileOptions::default()).await;
        let metadata = metadata(bytes(&lake, PATH).await);
        let index = metadata.page_index_for_row_group(0);
        (0..metadata.row_group(0).num_columns())
            .map(|leaf| index.num_data_pages(leaf).unwrap())
            .collect()
    };
    assert!(pages(rows(0..25_000)).await.iter().all(|pages| *pages == 1));
    assert_eq!(pages(noise(5 * 1024, 1024)).await, [5]);
}

#[tokio::test]
async fn values_without_a_dictionary_are_differences_to_the_one_before() {
    let lake = Lake::in_memory();
    write(&lake, &[rows(0..1000)], options()).await;
    let metadata = metadata(bytes(&lake, PATH).await);
    let columns = metadata.row_group(0).columns();
    let encoded = |encoding: Encoding| -> Vec<String> {
        let with = columns
            .iter()
            .filter(|column| column.encodings().any(|known| known == encoding));
        with.map(|column| column.column_path().string()).collect()
    };
    assert_eq!(
        encoded(Encoding::DELTA_BYTE_ARRAY),
        ["conversation_id", "custom_fields.key_value.value", "_rescued"]
    );
    assert_eq!(
        encoded(Encoding::DELTA_BINARY_PACKED),
        ["conversation_start_time"]
    );
}

#[tokio::test]
async fn dictionaries_are_where_values_repeat() {
    let lake = Lake::in_memory();
    write(&lake, &[rows(0..1000)], options()).await;
    let metadata = metadata(bytes(&lake, PATH).await);
    let columns = metadata.row_group(0).columns().iter();
    let with = columns.filter(|column| column.dictionary_page_offset().is_some());
    let with: Vec<_> = with.map(|column| column.column_path().string()).collect();
    assert_eq!(
        with,
        [
            "fatal_error_count",
            "language",
            "queues.list.element.queue_id",
            "queues.list.element.queue_name",
            "custom_fields.key_value.key"
        ]
    );
}

#[tokio::test]
async fn the_footer_says_who_wrote_it_and_nothing_of_the_run() {
    let lake = Lake::in_memory();
    let options = options()
        .metadata("korelake.dataset", "raw_data")
        .metadata("korelake.schema", "abc");
    write(&lake, &[rows(0..10)], options).await;
    let metadata = metadata(bytes(&lake, PATH).await);
    let footer = metadata.file_metadata();
    assert_eq!(
        footer.created_by(),
        Some(concat!("korelake version ", env!("CARGO_PKG_VERSION")))
    );
    let pairs = footer
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.as_deref()));
    let mut pairs: Vec<_> = pairs.collect();
    assert!(matches!(pairs.pop(), Some(("ARROW:schema", Some(_)))));
    assert_eq!(
        pairs,
        [
            ("korelake.dataset", Some("raw_data")),
            ("korelake.schema", Some("abc"))
        ]
    );
}

#[tokio::test]
async fn same_input_gives_same_bytes() {
    let batches = [rows(0..500), rows(500..2500)];
    let options = || {
        options()
            .row_group_bytes(16 * 1024)
            .metadata("korelake.dataset", "raw_data")
    };
    let (one, two) = (Lake::in_memory(), Lake::in_memory());
    let first = write(&one, &batches, options()).await;
    let second = write(&two, &batches, options()).await;
    assert_eq!(first.checksum, second.checksum);
    assert_eq!(bytes(&one, PATH).await, bytes(&two, PATH).await);
}

#[tokio::test]
async fn row_groups_stay_near_their_limit() {
    let lake = Lake::in_memory();
    let limit = 1024 * 1024;
    // One batch that is many times larger than a row group.
    write(
        &lake,
        &[noise(4000, 2048)],
        FileOptions::default().row_group_bytes(limit),
    )
    .await;
    let metadata = metadata(bytes(&lake, PATH).await);
    let sizes: Vec<_> = metadata
        .row_groups()
        .iter()
        .map(|group| group.compressed_size() as usize)
        .collect();
    let (last, full) = sizes.split_last().unwrap();
    assert!(full.len() >= 4, "{sizes:?}");
    assert!(
        full.iter().all(|size| (limit / 2..=limit * 5 / 4).contains(size)),
        "{sizes:?}"
    );
    assert!(*last <= limit * 5 / 4, "{sizes:?}");
}

#[tokio::test]
async fn row_groups_are_closed_by_their_memory_however_small_they_are_in_the_file() {
    let lake = Lake::in_memory();
    let limit = 1024 * 1024;
    let options = FileOptions::default().row_group_bytes(limit);
    let texts: StringArray = (0..1000).map(|row| Some(["yes", "no"][row % 2])).collect();
    let batch = RecordBatch::try_from_iter([("answer", Arc::new(texts) as ArrayRef)]).unwrap();
    let mut file = FileWriter::create(&lake, PATH, batch.schema(), options).unwrap();
    for _ in 0..500 {
        file.write(&batch).await.unwrap();
        assert!(file.memory_size() < limit, "{}", file.memory_size());
    }
    let written = file.finish().await.unwrap();
    let groups = metadata(bytes(&lake, PATH).await).num_row_groups();
    assert!(
        groups > 1 && written.bytes < 64 * 1024,
        "{groups} of {} bytes",
        written.bytes
    );
}

#[tokio::test]
async fn memory_stays_near_one_row_group() {
    let lake = Lake::in_memory();
    let options = FileOptions::default().row_group_bytes(512 * 1024);
    let batch = noise(100, 1024);
    let mut file = FileWriter::create(&lake, PATH, batch.schema(), options).unwrap();
    let mut most = 0;
    for _ in 0..100 {
        file.write(&batch).await.unwrap();
        most = most.max(file.memory_size());
    }
    assert_eq!(file.rows(), 10_000);
    file.finish().await.unwrap();
    assert!((100_000..2 * 512 * 1024).contains(&most), "{most}");
}

#[tokio::test]
async fn a_dropped_or_aborted_file_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lake = local(folder.path());
    let large = noise(12_000, 1024);
    for abort in [false, true] {
        let options = FileOptions::default().row_group_bytes(1024 * 1024);
        let mut file = FileWriter::create(&lake, PATH, large.schema(), options).unwrap();
        file.write(&large).await.unwrap();
        assert!(
            files(folder.path())
                .iter()
                .any(|path| path.contains(".unfinished"))
        );
        assert!(!folder.path().join("raw_data").exists());
        if abort {
            file.abort().await.unwrap();
            let unfinished = |path: &&String| path.contains(".unfinished");
            assert_eq!(files(folder.path()).iter().filter(unfinished).count(), 0);
        } else {
            drop(file);
        }
        assert!(!folder.path().join("raw_data").exists());
    }
    drop(lake);
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_file_is_replaced_at_once_or_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for lake in [local(folder.path()), Lake::in_memory()] {
        write(&lake, &[rows(0..100)], options()).await;
        let small = FileOptions::default().row_group_bytes(1024 * 1024);
        let mut second = FileWriter::create(&lake, PATH, noise(1, 1).schema(), small.clone()).unwrap();
        second.write(&noise(12_000, 1024)).await.unwrap();
        assert_eq!(read_back(bytes(&lake, PATH).await, 1000), [rows(0..100)]);
        drop(second);
        assert_eq!(read_back(bytes(&lake, PATH).await, 1000), [rows(0..100)]);
        let third = write(&lake, &[rows(5..8)], options()).await;
        assert_eq!(third.rows, 3);
        assert_eq!(read_back(bytes(&lake, PATH).await, 1000), [rows(5..8)]);
    }
    let visible = folder.path().join("raw_data");
    assert_eq!(files(&visible), ["date=2026-03-23/part-00000.parquet"]);
}

#[tokio::test]
async fn a_part_that_fails_stops_the_file_and_leaves_nothing() {
    let faulty = Faulty::default();
    faulty.part.store(2, Ordering::SeqCst);
    let (store, lake) = faulty.lake();
    let batch = noise(12_000, 1024);
    let options = FileOptions::default().row_group_bytes(1024 * 1024);
    let mut file = FileWriter::create(&lake, PATH, batch.schema(), options).unwrap();
    let mut outcome = Ok(());
    for _ in 0..8 {
        outcome = outcome.and(file.write(&batch).await);
    }
    let error = outcome.unwrap_err();
    assert!(
        matches!(&error, Error::Store { action: "written", path, .. } if path == PATH),
        "{error:?}"
    );
    assert!(error.is_unreachable() && error.hint().is_some());
    assert!(matches!(file.write(&batch).await, Err(Error::Stopped { .. })));
    assert!(matches!(file.finish().await, Err(Error::Stopped { .. })));
    assert_eq!(
        (
            store.begun.load(Ordering::SeqCst),
            store.aborted.load(Ordering::SeqCst)
        ),
        (1, 1)
    );
    assert_eq!(store.objects().await, 0);
}

#[tokio::test]
async fn a_failure_at_the_end_leaves_nothing() {
    let (store, lake) = Faulty::default().lake();
    store.complete.store(true, Ordering::SeqCst);
    let large = noise(12_000, 1024);
    let options = FileOptions::default().row_group_bytes(1024 * 1024);
    let mut file = FileWriter::create(&lake, PATH, large.schema(), options).unwrap();
    file.write(&large).await.unwrap();
    assert!(file.finish().await.unwrap_err().is_unreachable());
    assert_eq!(store.aborted.load(Ordering::SeqCst), 1);

    store.put.store(true, Ordering::SeqCst);
    let mut file = FileWriter::create(&lake, PATH, schema(), FileOptions::default()).unwrap();
    file.write(&rows(0..10)).await.unwrap();
    assert!(file.finish().await.unwrap_err().is_unreachable());
    assert_eq!(store.objects().await, 0);
}

#[tokio::test]
async fn a_write_dropped_half_way_stops_the_file() {
    let (store, lake) = Faulty::default().lake();
    store.hangs.store(true, Ordering::SeqCst);
    let large = noise(12_000, 1024);
    let options = FileOptions::default().row_group_bytes(1024 * 1024);
    let mut file = FileWriter::create(&lake, PATH, large.schema(), options).unwrap();
    assert!(file.write(&large).now_or_never().is_none());
    assert!(matches!(file.write(&large).await, Err(Error::Stopped { .. })));
    assert!(matches!(file.finish().await, Err(Error::Stopped { .. })));
    assert_eq!(store.objects().await, 0);
}

#[tokio::test]
async fn a_rename_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("raw_data"), "a file where the table should be").unwrap();
    let lake = local(folder.path());
    let mut file = FileWriter::create(&lake, PATH, schema(), options()).unwrap();
    file.write(&rows(0..10)).await.unwrap();
    let error = file.finish().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Store {
                action: "renamed into place",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        !files(folder.path())
            .iter()
            .any(|path| path.contains(".unfinished"))
    );
}

#[tokio::test]
async fn other_columns_are_refused_by_name_and_do_no_harm() {
    let lake = Lake::in_memory();
    let mut file = FileWriter::create(&lake, PATH, schema(), options()).unwrap();
    file.write(&rows(0..10)).await.unwrap();
    let fewer = rows(0..10).project(&[0, 1]).unwrap();
    let swapped = rows(0..10).project(&[0, 5, 2, 3, 4, 1, 6, 7, 8]).unwrap();
    for (batch, message) in [
        (fewer, "2 columns and not 9"),
        (swapped, "`language` where the file has"),
    ] {
        let error = file.write(&batch).await.unwrap_err();
        assert!(
            matches!(&error, Error::Columns { difference, .. } if difference.contains(message)),
            "{error}"
        );
    }
    file.write(&rows(10..20)).await.unwrap();
    assert_eq!(file.finish().await.unwrap().rows, 20);
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused() {
    let lake = Lake::in_memory();
    let unknown = FileOptions::default().key_column("segment_id");
    assert!(matches!(
        FileWriter::create(&lake, PATH, schema(), unknown),
        Err(Error::KeyColumn { .. })
    ));
    let mut file = FileWriter::create(&lake, PATH, schema(), options().zstd_level(99)).unwrap();
    assert!(matches!(
        file.write(&rows(0..1)).await,
        Err(Error::Compression { level: 99, .. })
    ));
}

#[tokio::test]
async fn a_file_without_rows_is_a_valid_file() {
    let lake = Lake::in_memory();
    let mut file = FileWriter::create(&lake, PATH, schema(), options()).unwrap();
    file.write(&rows(0..0)).await.unwrap();
    assert_eq!(file.finish().await.unwrap().rows, 0);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes(&lake, PATH).await).unwrap();
    assert_eq!(reader.schema().fields(), schema().fields());
    assert_eq!(reader.build().unwrap().count(), 0);
}

#[test]
fn writers_can_move_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let lake = Lake::in_memory();
    let mut file = is_send(FileWriter::create(&lake, PATH, schema(), options()).unwrap());
    let batch = rows(0..1);
    drop(is_send(file.write(&batch)));
    drop(is_send(file.finish()));
}
