//! `korelake schema infer`: a dataset file for records that none describes yet.

use std::path::PathBuf;

use korelake::Input;
use korelake::schema::dataset_name;

use super::plain;
use crate::args::Infer;
use crate::exit::{Exit, Failure};
use crate::output::{Output, grouped};

pub(super) fn infer(args: &Infer, output: &Output) -> Result<Exit, Failure> {
    let inputs = inputs(&args.files)?;
    let name = match &args.name {
        Some(name) => checked(name)?,
        None => name_of(&args.files),
    };
    let proposal = korelake::infer(&inputs, &name, args.records.as_deref())?;
    if let Some(key) = args.records.as_deref().filter(|key| !key.is_empty())
        && proposal.bodies == 0
    {
        return Err(Failure::usage(
            format!("no object has a list of objects under `{}`", plain(key)),
            "`--records` is the key of a response body that holds the records; '' if every object is a record",
        ));
    }
    output.result(&proposal.text)?;
    for warning in &proposal.warnings {
        output.note(&format!("warning: {}", plain(warning)));
    }
    let columns = proposal.definition.columns().len();
    output.note(&format!(
        "{} columns from {} records; saved to a file, use it with `convert --dataset` and `schema`; `export` also needs \
         `endpoints`",
        grouped(columns as u64),
        grouped(proposal.records),
    ));
    Ok(Exit::Done)
}

/// The inputs to read; standard input can be read once.
pub(super) fn inputs(files: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let inputs: Vec<Input> = files.iter().cloned().map(Input::from).collect();
    if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
        return Err(Failure::usage(
            "standard input is named twice",
            "`-` can be read once",
        ));
    }
    Ok(inputs)
}

fn checked(name: &str) -> Result<String, Failure> {
    match dataset_name(name) {
        Some(fitting) if fitting == name => Ok(fitting),
        fitting => Err(Failure::usage(
            format!("`{name}` cannot be the name of a dataset"),
            format!(
                "names are lower-case words joined by underscores, such as {}",
                fitting.as_deref().unwrap_or("own_calls")
            ),
        )),
    }
}

/// What the first file is called, up to its first point: `calls` for `out/calls.ndjson.gz`.
fn name_of(files: &[PathBuf]) -> String {
    let stem = files
        .first()
        .and_then(|file| file.file_name())
        .map(|name| name.to_string_lossy());
    let stem = stem
        .as_deref()
        .and_then(|name| name.split('.').find(|part| !part.is_empty()));
    stem.and_then(dataset_name)
        .unwrap_or_else(|| "records".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_is_called_like_its_first_file() {
        for (file, name) in [
            ("out/calls.ndjson.gz", "calls"),
            ("Raw-Data (3).json", "raw_data_3"),
            ("-", "records"),
            (".json", "json"),
            ("日.json", "records"),
            ("2026-03-23.json", "n2026_03_23"),
        ] {
            assert_eq!(name_of(&[file.into(), "other.json".into()]), name, "{file}");
            assert_eq!(checked(name).unwrap(), name);
        }
        let hint = checked("Own Calls").unwrap_err().hint().unwrap();
        assert!(hint.ends_with("own_calls"), "{hint}");
    }
}
