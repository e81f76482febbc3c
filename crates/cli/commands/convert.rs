//! `korelake convert`: response bodies on disk into one Parquet file.

use std::collections::BTreeMap;
use std::time::Instant;

use korelake::writer::{FileOptions, Lake};
use korelake::{Dataset, Input};

use crate::args::Convert;
use crate::exit::{Exit, Failure};
use crate::output::{Output, grouped, seconds};

pub(crate) async fn convert(args: &Convert, output: &Output) -> Result<Exit, Failure> {
    let started = Instant::now();
    let dataset = Dataset::load(&args.dataset)?;
    let inputs: Vec<Input> = args.files.iter().cloned().map(Input::from).collect();
    if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
        return Err(Failure::usage(
            "standard input is named twice",
            "`-` can be read once",
        ));
    }
    let lake = Lake::open(&args.out, &BTreeMap::new())?;
    let files = FileOptions::default().zstd_level(args.zstd_level);
    let converted = korelake::convert(&dataset, inputs, &lake, files).await?;
    let counts = converted.counts;
    output.note(&format!(
        "{} rows in {}/{}: {} bytes of JSON became {} bytes in {} s; {} rescued, {} quarantined",
        grouped(counts.records),
        lake.address(),
        converted.file.path,
        grouped(converted.input_bytes),
        grouped(converted.file.bytes),
        seconds(started.elapsed()),
        grouped(counts.rescued),
        grouped(counts.quarantined),
    ));
    if counts.records > 0 && converted.without_key == counts.records {
        let (name, key) = (dataset.definition().name(), dataset.definition().key());
        output.note(&format!(
            "warning: no row has a {key}: are these records of {name}? What they hold is in _rescued"
        ));
    }
    if let Some(path) = converted.quarantine {
        output.note(&format!("what was no record is in {}/{path}", lake.address()));
    }
    Ok(Exit::Done)
}
