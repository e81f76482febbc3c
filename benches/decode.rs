//! JSON bytes → record batches: each shape beside arrow-json over the same bytes, and records that fit nowhere
//! beside the clean ones that they were made of.

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use korelake::schema::Decoder;

use support::hostile::{self, Hostility};
use support::{SHAPES, Shape, general_reader};

fn shapes(criterion: &mut Criterion) {
    for (name, shape, dataset) in SHAPES {
        let records = support::readable_records(shape);
        let definition = support::definition(dataset);
        let mut group = criterion.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::Bytes(records.len() as u64));
        group.bench_function("korelake", |bench| {
            let mut decoder = Decoder::new(&definition);
            bench.iter(|| support::decode(&mut decoder, &records));
            assert_eq!(decoder.counts().rescued, 0);
        });
        let schema = general_reader::schema(&definition, &records);
        group.bench_function("arrow-json", |bench| {
            bench.iter(|| general_reader::decode(&schema, &records));
        });
        group.finish();
    }
}

/// The same V3 records clean and hostile. Throughput is of the bytes that are read, which differ a little.
fn hostile(criterion: &mut Criterion) {
    let definition = support::definition("raw_data");
    let clean = support::records(Shape::V3);
    let of = |hostility| hostile::records(&clean, hostility);
    let mut group = criterion.benchmark_group("decode/hostile");
    for (name, records) in [
        ("unknown_keys", of(Hostility::UnknownKeys)),
        ("misfits", of(Hostility::Misfits)),
        ("repeated_keys", of(Hostility::RepeatedKeys)),
        ("clean", clean),
    ] {
        group.throughput(Throughput::Bytes(records.len() as u64));
        group.bench_function(name, |bench| {
            let mut decoder = Decoder::new(&definition);
            bench.iter(|| support::decode(&mut decoder, &records));
            let counts = decoder.counts();
            let rescued = if name == "clean" { 0 } else { counts.records };
            assert_eq!((counts.rescued, counts.quarantined), (rescued, 0));
        });
    }
    group.finish();
}

criterion_group!(benches, shapes, hostile);
criterion_main!(benches);
