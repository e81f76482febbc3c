//! Record batches → a Parquet file in memory, for each compression level that people use. Throughput is of the JSON
//! that the batches were decoded from, so that the figures can be set beside those of
//! `decode`, on one core: the writer takes as many threads as it finds cores.

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use korelake::schema::Decoder;
use korelake::writer::{FileOptions, FileWriter, Lake};
use tokio::runtime::Builder;

use support::Shape;

fn levels(criterion: &mut Criterion) {
    let records = support::records(Shape::V3);
    let mut decoder = Decoder::new(&support::definition("raw_data"));
    let mut batches = Vec::new();
    support::decode_with(&mut decoder, &records, |batch| batches.push(batch));
    let runtime = Builder::new_current_thread().build().unwrap();
    let mut group = criterion.benchmark_group("write");
    group.throughput(Throughput::Bytes(records.len() as u64));
    for level in [1, 3, 9] {
        let options = FileOptions::default()
            .key_column("conversation_id")
            .zstd_level(level);
        group.bench_function(format!("zstd_{level}"), |bench| {
            bench.to_async(&runtime).iter(|| async {
                let lake = Lake::in_memory();
                let path = "raw_data/part-00000.parquet";
                let mut file = FileWriter::create(&lake, path, decoder.schema(), options.clone()).unwrap();
                for batch in &batches {
                    file.write(batch).await.unwrap();
                }
                file.finish().await.unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, levels);
criterion_main!(benches);
