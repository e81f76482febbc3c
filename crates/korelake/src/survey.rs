//! Bodies on disk → what they say about a schema. All the looking is done in `korelake-schema`; here its bytes are read,
//! by [`input`](crate::input).

use korelake_schema::{Comparison, Inference, Proposal, Unknown};

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::input::{Input, read_through};

/// Proposes a dataset file called `name` for the records of all inputs. `record_key` is the key of a response body that
/// holds them; without one the usual ones are tried, see [`Inference::new`].
///
/// Takes a chunk of input of memory, and what [`Inference`] remembers, however large the inputs are.
///
/// # Errors
///
/// [`Error::File`], [`Error::Read`], [`Error::EmptyInput`], [`Error::Input`] or [`Error::RecordTooLarge`] for an input,
/// [`Error::NoRecords`] for all of them, and [`Error::Definition`] if `name` is no name of a dataset.
pub fn infer(inputs: &[Input], name: &str, record_key: Option<&str>) -> Result<Proposal> {
    let mut inference = Inference::new();
    if let Some(key) = record_key {
        inference = inference.record_key(key);
    }
    for input in inputs {
        read_through(input, |chunk, last| match last {
            true => inference.finish(chunk).map(|()| None),
            false => inference.decode(chunk).map(Some),
        })?;
    }
    let proposal = inference.propose(name).map_err(|source| Error::Definition {
        path: name.to_owned(),
        source,
    })?;
    proposal.ok_or_else(|| no_records(inputs))
}

/// What the records of all inputs hold that a dataset does not know.
///
/// Takes a chunk of input, a record batch and what a [`Comparison`] remembers of memory.
///
/// # Errors
///
/// As [`infer`].
pub fn unknown(dataset: &Dataset, inputs: &[Input]) -> Result<Unknown> {
    let mut comparison = Comparison::new(dataset.definition());
    for input in inputs {
        read_through(input, |chunk, last| match last {
            true => comparison.finish(chunk).map(|()| None),
            false => comparison.decode(chunk).map(Some),
        })?;
    }
    match comparison.records() {
        0 => Err(no_records(inputs)),
        _ => Ok(comparison.unknown()),
    }
}

fn no_records(inputs: &[Input]) -> Error {
    let first = inputs
        .first()
        .map_or_else(|| "nothing".to_owned(), Input::to_string);
    Error::NoRecords {
        inputs: match inputs.len() {
            0 | 1 => first,
            count => format!("{first}, with {} more,", count - 1),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn input(folder: &Path, content: &str) -> Input {
        let path = folder.join("body.json");
        std::fs::write(&path, content).unwrap();
        path.into()
    }

    #[test]
    fn records_are_looked_at_across_chunks_and_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let records: Vec<String> = (0..20_000)
            .map(|number| {
                let text = "x".repeat(100);
                format!(r#"{{"conversationId":"c{number}","pad":"{text}"}}"#)
            })
            .collect();
        let body = format!("{{\"results\":[{}]}}", records.join(","));
        assert!(body.len() > 2 << 20);
        let input = input(folder.path(), &body);
        let inputs = [input.clone(), input];
        let proposal = infer(&inputs, "calls", None).unwrap();
        assert_eq!((proposal.records, proposal.definition.name()), (40_000, "calls"));
        assert_eq!(infer(&inputs, "calls", Some("")).unwrap().records, 2);
        let error = infer(&inputs, "Calls", None).map(drop).unwrap_err();
        assert!(matches!(error, Error::Definition { .. }), "{error:?}");
        let unknown = unknown(&Dataset::load("raw_data").unwrap(), &inputs).unwrap();
        assert_eq!((unknown.records, unknown.keys[0].records), (40_000, 40_000));
        assert_eq!(unknown.keys[0].column, "pad");
    }

    #[test]
    fn inputs_without_a_record_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(folder.path(), "[]");
        let inputs = [input.clone(), input];
        let dataset = Dataset::load("raw_data").unwrap();
        for error in [
            infer(&inputs, "calls", None).map(drop).unwrap_err(),
            unknown(&dataset, &inputs).map(drop).unwrap_err(),
        ] {
            let message = error.to_string();
            assert!(
                message.ends_with("body.json, with 1 more, holds no records"),
                "{message}"
            );
            assert!(error.hint().is_some());
        }
    }
}
