//! JSON bytes → record batches, for each shape that the servers send, beside arrow-json over the same bytes.
//!
//! arrow-json gets the schema that it infers itself from the same records: the source's spellings, no aliases, no
//! rescue. Where a key holds a list in one record and a lone value in another, it may drop the value, as it would
//! refuse the records otherwise. It is the general reader to measure against, not an equal.

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use arrow_json::ReaderBuilder;
use arrow_json::reader::infer_json_schema;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use korelake::schema::{Decoder, Definition, Progress};
use korelake_simulator::{Shape, write_ndjson};

const RECORDS: usize = 2000;

const SHAPES: [(&str, Shape, &str); 5] = [
    ("v3", Shape::V3, "raw_data"),
    ("camel_case", Shape::CamelCase, "raw_data"),
    ("legacy", Shape::Legacy, "raw_data"),
    ("score_reporting", Shape::ScoreReporting, "score_reporting"),
    ("agent_assist", Shape::AgentAssist, "agent_assist"),
];

fn decode(criterion: &mut Criterion) {
    for (name, shape, dataset) in SHAPES {
        let mut records = Vec::new();
        write_ndjson(1, shape, RECORDS, &mut records).unwrap();
        let definition = Definition::builtin(dataset).unwrap();
        let mut group = criterion.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::Bytes(records.len() as u64));
        group.bench_function("korelake", |bench| {
            let mut decoder = Decoder::new(&definition);
            bench.iter(|| {
                let mut rest = &records[..];
                loop {
                    let progress = decoder.finish(rest).unwrap();
                    rest = &rest[progress.consumed()..];
                    black_box(decoder.flush().unwrap());
                    if let Progress::NeedsInput { .. } = progress {
                        break;
                    }
                }
            });
            assert_eq!(decoder.counts().rescued, 0);
        });
        match infer_json_schema(Cursor::new(&records), None) {
            Ok((schema, _)) => {
                let schema = Arc::new(schema);
                group.bench_function("arrow-json", |bench| {
                    bench.iter(|| {
                        let builder = ReaderBuilder::new(Arc::clone(&schema))
                            .with_coerce_primitive(true)
                            .with_ignore_type_conflicts(true);
                        for batch in builder
                            .with_batch_size(8192)
                            .build(Cursor::new(&records))
                            .unwrap()
                        {
                            black_box(batch.unwrap());
                        }
                    });
                });
            }
            Err(error) => eprintln!("arrow-json has no schema for {name}: {error}"),
        }
        group.finish();
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
