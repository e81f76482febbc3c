//! What holds for any bytes whatever. The fuzz target `decode` (in `crates/schema/fuzz`) calls it with bytes that it
//! makes up, the tests beside it with those that are kept in the corpus.
//!
//! The first three bytes choose the dataset, the rows of a batch and the length of the chunks; the rest is the input.
//! Printable ones, such as `0 @`, do as well as any.

#[path = "../differential/naive/mod.rs"]
mod naive;
mod reference;
#[path = "../support/mod.rs"]
mod support;

use std::sync::LazyLock;

use arrow::array::{Array, RecordBatch};
use korelake_schema::{Counts, Decoder, Definition, Error, Quarantined};

use reference::{Reference, Verdict};
use support::decoded::Decoded;
use support::every_type;

/// Inputs are cut to this length, so that a bound on memory can be linear: what is rescued repeats the keys above it,
/// and grows with the square of a record that is no larger than this.
const LONGEST: usize = 8 << 10;

/// Bytes of memory in the arrays of one batch for each byte of input, and for none. An element `{},` of a list takes
/// a row in every column below it, and vectors double when they grow.
const BYTES_PER_BYTE: usize = 2_048;
const BYTES_PER_BATCH: usize = 256 << 10;

/// A dataset to decode.
struct Subject {
    definition: Definition,
    records_key: &'static str,
}

static SUBJECTS: LazyLock<[Subject; 4]> = LazyLock::new(|| {
    let builtin = |name, records_key| Subject {
        definition: Definition::builtin(name).unwrap(),
        records_key,
    };
    [
        Subject {
            definition: every_type::definition(),
            records_key: "rows",
        },
        builtin("raw_data", "results"),
        builtin("score_reporting", "results"),
        builtin("agent_assist", "data"),
    ]
});

/// Panics if the decoder does with these bytes what it never may.
pub(crate) fn check(bytes: &[u8]) {
    let Some((&[dataset, batch_rows, chunk], input)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let input = &input[..input.len().min(LONGEST)];
    let subject = &SUBJECTS[usize::from(dataset) % SUBJECTS.len()];

    let mut decoder = Decoder::new(&subject.definition);
    let whole = Decoded::new(&mut decoder, input, []);
    if whole.is_err() {
        assert_eq!(decoder.counts(), Counts::default());
        assert_eq!(decoder.take_quarantined(), []);
        takes_another_input(&mut decoder);
    }
    let mut decoder = decoder.with_batch_rows(1 + usize::from(batch_rows) % 8);
    let chunk = 1 + usize::from(chunk) % 64;
    let parts = Decoded::new(&mut decoder, input, (chunk..input.len()).step_by(chunk));
    match (&whole, &parts) {
        (Ok(whole), Ok(parts)) => whole.assert_same(parts, &decoder),
        (Err(_), Err(_)) => takes_another_input(&mut decoder),
        (Ok(_), Err(error)) => panic!("only in parts: {error}"),
        (Err(error), Ok(_)) => panic!("only in one piece: {error}"),
    }
    for decoded in whole.iter().chain(&parts) {
        decoded.batches.iter().for_each(|batch| is_sound(batch, input));
        let quarantined: usize = decoded.quarantined.iter().map(|row| row.record.len()).sum();
        assert!(quarantined <= input.len());
    }
    agrees_with_the_reference(subject, input, whole.as_ref(), &decoder);
}

/// After an error a decoder has no rows, and takes another input as if it were new.
fn takes_another_input(decoder: &mut Decoder) {
    assert_eq!(decoder.flush().unwrap(), None);
    decoder.take_quarantined(); // of batches before the error
    assert!(decoder.finish(b"{\"\xff\":1}").is_err());
    let next = Decoded::new(decoder, "\u{feff}{} 1".as_bytes(), []).unwrap();
    assert_eq!(next.counts, [1, 0, 1]);
}

/// The arrays of a batch keep to Arrow's rules and to the bound on memory.
fn is_sound(batch: &RecordBatch, input: &[u8]) {
    for column in batch.columns() {
        column.to_data().validate_full().unwrap();
    }
    let bytes = batch.get_array_memory_size();
    let bound = BYTES_PER_BATCH + BYTES_PER_BYTE * input.len();
    assert!(bytes <= bound, "{bytes} bytes of {} bytes of input", input.len());
}

/// What `serde_json` says of the input, and the naive mapper of the records in it, holds for the decoder too.
fn agrees_with_the_reference(
    subject: &Subject,
    input: &[u8],
    decoded: Result<&Decoded, &Error>,
    decoder: &Decoder,
) {
    let Reference {
        verdict,
        values,
        has_envelope,
    } = Reference::new(input, subject.records_key);
    match (verdict, decoded) {
        (Verdict::NoJson, decoded) => assert!(decoded.is_err(), "accepted what is no JSON"),
        (Verdict::Json, Err(error)) => {
            let is_mixed = has_envelope && matches!(error, Error::Mixed { .. });
            assert!(is_mixed, "refused JSON: {error}");
        }
        (_, Ok(decoded)) if !has_envelope => {
            let records = records(&values, &decoded.quarantined);
            naive::compare(&subject.definition, &records, &decoded.rows(decoder));
        }
        _ => {}
    }
}

/// The values that are not in the quarantine. Panics unless all are there that belong there, and no others.
fn records<'a>(values: &[&'a str], quarantined: &[Quarantined]) -> Vec<&'a str> {
    let mut quarantined = quarantined.iter().peekable();
    let mut records = Vec::new();
    for value in values {
        let is_object = value.starts_with('{');
        match quarantined.next_if(|row| row.record == value.as_bytes()) {
            // Records this small meet no other limit.
            Some(row) if is_object => assert_eq!(row.reason, "a value is nested too deeply"),
            Some(row) => assert_eq!(row.reason, "not an object"),
            None => {
                assert!(is_object, "a row of {value}");
                records.push(*value);
            }
        }
    }
    assert_eq!(quarantined.next(), None);
    records
}
