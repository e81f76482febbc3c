//! What is in force: defaults, under the file, under the environment, under the flags. What was typed is in
//! [`args`](crate::args).

mod auth;
mod dataset;
mod lake;
mod layers;
mod scalar;
mod source;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;

use korelake::Job;
use korelake::fetch::{Client, Notice, Source};
use korelake::writer::{FileOptions, Lake, Partition};
use serde::Deserialize;

use self::dataset::DatasetSettings;
use self::lake::LakeSettings;
use self::source::SourceSettings;
use crate::args::Connection;
use crate::exit::Failure;

/// Everything that can be configured.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    source: SourceSettings,
    lake: LakeSettings,
    dataset: Vec<DatasetSettings>,
}

impl Settings {
    /// The settings of a command: the file (`--config`, or `korelake.toml` where there is one), the environment
    /// (`KORELAKE_SOURCE__HOST`, …) and the flags, each winning over those before it.
    pub(crate) fn resolve(flags: &Connection) -> Result<Self, Failure> {
        layers::resolve(flags)
    }

    /// Where the records come from.
    pub(crate) fn source(&self) -> Result<Source, Failure> {
        self.source.source()
    }

    /// Who asks, how fast and how patiently; `observe` is told what happens on the way.
    pub(crate) fn client(
        &self,
        observe: impl Fn(&Notice) + Send + Sync + 'static,
    ) -> Result<Client, Failure> {
        self.source.client(observe)
    }

    /// Requests a minute, where they are limited.
    pub(crate) fn budget(&self) -> Option<u32> {
        self.source.budget()
    }

    /// Where the tables go. Creates the folder, so it comes after everything that could be refused.
    pub(crate) fn lake(&self) -> Result<Lake, Failure> {
        self.lake.lake()
    }

    /// How the files are written.
    pub(crate) fn files(&self) -> Result<FileOptions, Failure> {
        self.lake.files()
    }

    /// Memory for rows that are being written.
    pub(crate) fn memory_bytes(&self) -> Result<usize, Failure> {
        self.lake.memory_bytes()
    }

    /// The tables of the datasets that were named: those of the configuration that have the name, or else one with
    /// the defaults.
    pub(crate) fn jobs(
        &self,
        names: &[String],
        flags: &Connection,
        partition: Option<Partition>,
    ) -> Result<Vec<Job>, Failure> {
        // All of them, also those that are not asked for: a misspelt name would otherwise be settings without effect.
        // Those that are asked for are seen below, with the flags over them: another endpoint takes other filters.
        let is_asked_for = |dataset: &DatasetSettings| names.iter().any(|name| dataset.is_called(name));
        for dataset in self.dataset.iter().filter(|dataset| !is_asked_for(dataset)) {
            dataset.clone().job()?;
        }
        let mut datasets = Vec::new();
        for name in names {
            let before = datasets.len();
            let configured = self.dataset.iter().filter(|dataset| dataset.is_called(name));
            datasets.extend(configured.cloned());
            if datasets.len() == before {
                datasets.push(DatasetSettings::called(name));
            }
        }
        jobs(datasets, flags, partition)
    }

    /// All tables of the configuration, or that of raw data where it names none.
    pub(crate) fn all_jobs(&self, flags: &Connection) -> Result<Vec<Job>, Failure> {
        let mut datasets = self.dataset.clone();
        if datasets.is_empty() {
            datasets.push(DatasetSettings::called("raw_data"));
        }
        jobs(datasets, flags, None)
    }
}

fn jobs(
    datasets: Vec<DatasetSettings>,
    flags: &Connection,
    partition: Option<Partition>,
) -> Result<Vec<Job>, Failure> {
    if flags.table.is_some() && datasets.len() > 1 {
        return Err(Failure::usage(
            "`--table` names one table for several datasets",
            "name them one by one",
        ));
    }
    let jobs = datasets.into_iter();
    jobs.map(|dataset| dataset.under(flags, partition).job())
        .collect()
}

fn required<'a>(value: Option<&'a str>, key: &str, flag: &str) -> Result<&'a str, Failure> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        let variable = key.to_uppercase().replace('.', "__");
        Failure::usage(
            format!("{key} is missing"),
            format!("set it in korelake.toml, as KORELAKE_{variable}, or with {flag}"),
        )
    })
}

/// A number of the setting `key`, if it is in `range`.
fn within<T: PartialOrd + Display>(key: &str, value: T, range: RangeInclusive<T>) -> Result<T, Failure> {
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = range.into_inner();
    Err(Failure::usage(
        format!("{key} {value} is out of range"),
        format!("it is {least} to {most}"),
    ))
}

/// The content of the file that the setting `key` names.
fn named_file(key: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| {
        Failure::usage(
            format!("{key} names {}, which cannot be read: {source}", path.display()),
            "check the path and who may read it; in korelake.toml a path counts from the folder of that file",
        )
    })
}

#[cfg(test)]
mod tests;
