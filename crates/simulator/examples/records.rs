//! Writes simulated records as NDJSON to standard output, one at a time, however many: input for the comparison in
//! `benches/peers`.
//!
//! ```sh
//! cargo run --release -p korelake-simulator --example records -- v3 200 > v3.ndjson
//! ```

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use korelake_simulator::{Shape, write_ndjson};

const SHAPES: [(&str, Shape); 5] = [
    ("v3", Shape::V3),
    ("camel-case", Shape::CamelCase),
    ("legacy", Shape::Legacy),
    ("score-reporting", Shape::ScoreReporting),
    ("agent-assist", Shape::AgentAssist),
];

/// Records that the mean size is taken of. They differ by a factor of three and more.
const SAMPLE: usize = 2000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((shape, megabytes)) = parse(&arguments) else {
        let names: Vec<&str> = SHAPES.iter().map(|(name, _)| *name).collect();
        eprintln!("usage: records {} MEGABYTES", names.join("|"));
        return ExitCode::FAILURE;
    };
    match write(shape, megabytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Option<(Shape, usize)> {
    let [shape, megabytes] = arguments else {
        return None;
    };
    let (_, shape) = SHAPES.into_iter().find(|(name, _)| name == shape)?;
    Some((shape, megabytes.parse().ok()?))
}

/// Writes about as many megabytes: the records are spread over 30 days, so their number is settled beforehand.
fn write(shape: Shape, megabytes: usize) -> io::Result<()> {
    let mut sample = Vec::new();
    write_ndjson(1, shape, SAMPLE, &mut sample)?;
    let records = (megabytes * 1_000_000).div_ceil(sample.len() / SAMPLE);
    drop(sample);
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    write_ndjson(1, shape, records, &mut output)?;
    output.flush()
}
