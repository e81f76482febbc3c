//! An NDJSON file → a Parquet file on disk, as `korelake convert` does it with a thread that decodes and some that
//! encode: each shape, and hostile records. Ratios against other programs are measured by `benches/peers`.

mod support;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use korelake::writer::{FileOptions, Lake};
use korelake::{Dataset, Input};
use tokio::runtime::Builder;

use support::hostile::{self, Hostility};
use support::{SHAPES, Shape};

fn shapes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("convert");
    for (name, shape, dataset) in SHAPES {
        convert(&mut group, name, dataset, &support::records(shape));
    }
    let hostile = hostile::records(&support::records(Shape::V3), Hostility::Misfits);
    convert(&mut group, "v3_misfits", "raw_data", &hostile);
    group.finish();
}

fn convert(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, dataset: &str, records: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("records.ndjson");
    std::fs::write(&input, records).unwrap();
    let lake = Lake::open(folder.path().join("lake").to_str().unwrap(), &Default::default()).unwrap();
    let dataset = Dataset::load(dataset).unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    group.throughput(Throughput::Bytes(records.len() as u64));
    group.bench_function(name, |bench| {
        bench.to_async(&runtime).iter(|| async {
            let inputs = vec![Input::File(input.clone())];
            let converted = korelake::convert(&dataset, inputs, &lake, FileOptions::default());
            assert_eq!(converted.await.unwrap().counts.quarantined, 0);
        });
    });
}

criterion_group!(benches, shapes);
criterion_main!(benches);
