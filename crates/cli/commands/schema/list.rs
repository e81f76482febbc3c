//! `korelake schema list`: the datasets that are compiled in.

use korelake::Dataset;
use korelake::schema::Definition;

use crate::exit::{Exit, Failure};
use crate::output::{Output, table};

pub(super) fn list(output: &Output) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for name in Definition::builtin_names() {
        let dataset = Dataset::load(name)?;
        let endpoints: Vec<&str> = dataset
            .endpoints()
            .iter()
            .map(|endpoint| endpoint.name())
            .collect();
        let definition = dataset.definition();
        rows.push(vec![
            name.to_owned(),
            definition.columns().len().to_string(),
            definition.key().to_owned(),
            endpoints.join(", "),
            definition.doc().to_owned(),
        ]);
    }
    output.result(&table(
        &["dataset", "columns", "key", "endpoints", "holds"],
        &[1],
        rows,
    ))?;
    Ok(Exit::Done)
}
