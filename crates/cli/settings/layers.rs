//! Puts the layers of the settings on top of each other, and says of a mistake where it stands. No message shows a
//! value: it could be a secret.

use std::env::VarError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Map as ProfileMap, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::Settings;
use crate::args::Connection;
use crate::exit::Failure;

const DEFAULT_FILE: &str = "korelake.toml";

/// Variables of the environment that are settings begin so, and have two underscores where the file has a dot.
const PREFIX: &str = "KORELAKE_";

/// Settings that name a file. In the configuration its path counts from the folder of that file: the two belong
/// together wherever the program is started.
const FILES: [&[&str]; 4] = [
    &["source", "ca_file"],
    &["source", "auth", "client_secret_file"],
    &["source", "auth", "private_key_file"],
    &["source", "auth", "token_file"],
];

pub(super) fn resolve(flags: &Connection) -> Result<Settings, Failure> {
    let mut figment = Figment::new();
    let (environment, typed) = (environment(std::env::vars_os())?, typed(flags));
    let named = flags.config.clone();
    let default = Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists());
    if let Some(path) = named.or(default) {
        figment = figment.merge(Layer {
            name: path.display().to_string(),
            values: file(&path, &[&environment, &typed])?,
        });
    }
    let figment = figment
        .merge(Layer {
            name: "the environment".to_owned(),
            values: environment,
        })
        .merge(Layer {
            name: "the command line".to_owned(),
            values: typed,
        });
    figment.extract().map_err(|error| wrong(&error))
}

/// One layer, by the name that messages give it.
struct Layer {
    name: String,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<ProfileMap<Profile, Dict>, figment::Error> {
        Ok(Profile::default().collect(self.values.clone()))
    }
}

/// The values of a file, but for those that one of the layers `over` it replaces.
fn file(path: &Path, over: &[&Dict]) -> Result<Dict, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| korelake::Error::File {
        path: path.to_owned(),
        source,
    })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // The error's own text shows the line, and with it what may be a secret.
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Failure::usage(
            format!(
                "{} is not TOML at line {line}, column {column}: {}",
                path.display(),
                error.message()
            ),
            "text stands in quotes, tables in [brackets]",
        )
    })?;
    let mut values = Value::serialize(table).map_err(|error| wrong(&error))?;
    for layer in over {
        // What is replaced anyway may name variables that are not set.
        remove(&mut values, layer);
    }
    match expand(values, "", &|name| std::env::var(name))? {
        Value::Dict(_, mut values) => {
            for setting in FILES {
                count_from(path.parent().unwrap_or(Path::new("")), &mut values, setting);
            }
            Ok(values)
        }
        _ => Ok(Dict::new()),
    }
}

/// Makes the path at `setting` one that counts from `folder`, unless it is absolute.
fn count_from(folder: &Path, values: &mut Dict, setting: &[&str]) {
    let [first, rest @ ..] = setting else { return };
    match values.get_mut(*first) {
        Some(Value::Dict(_, nested)) => count_from(folder, nested, rest),
        Some(Value::String(_, path)) if rest.is_empty() => {
            // Of a folder that is no text nothing can be said in text.
            if let Some(joined) = folder.join(&*path).to_str() {
                *path = joined.to_owned();
            }
        }
        _ => {}
    }
}

/// Takes out of `values` the settings that `layer` has too.
fn remove(values: &mut Value, layer: &Dict) {
    let Value::Dict(_, values) = values else { return };
    for (key, value) in layer {
        match (values.get_mut(key), value) {
            (Some(nested @ Value::Dict(..)), Value::Dict(_, layer)) => remove(nested, layer),
            (Some(_), _) => _ = values.remove(key),
            (None, _) => {}
        }
    }
}

/// Puts variables of the environment in place of `${NAME}`.
fn expand(
    value: Value,
    place: &str,
    variable: &dyn Fn(&str) -> Result<String, VarError>,
) -> Result<Value, Failure> {
    Ok(match value {
        Value::String(tag, text) => Value::String(tag, expand_text(&text, place, variable)?),
        Value::Dict(tag, values) => {
            let values = values.into_iter().map(|(key, value)| {
                let place = if place.is_empty() {
                    key.clone()
                } else {
                    format!("{place}.{key}")
                };
                Ok((key, expand(value, &place, variable)?))
            });
            Value::Dict(tag, values.collect::<Result<_, Failure>>()?)
        }
        Value::Array(tag, values) => {
            let values = values.into_iter().map(|value| expand(value, place, variable));
            Value::Array(tag, values.collect::<Result<_, _>>()?)
        }
        other => other,
    })
}

fn expand_text(
    text: &str,
    place: &str,
    variable: &dyn Fn(&str) -> Result<String, VarError>,
) -> Result<String, Failure> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else {
            return Err(Failure::usage(
                format!("{place} has `${{` without `}}`"),
                "write ${NAME}",
            ));
        };
        let value = variable(name).map_err(|error| match error {
            VarError::NotPresent => Failure::usage(
                format!("the environment variable `{name}`, which {place} asks for, is not set"),
                "set it, or write the value into the file",
            ),
            VarError::NotUnicode(_) => not_text(name),
        })?;
        expanded.push_str(before);
        expanded.push_str(&value);
        rest = behind;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// `KORELAKE_SOURCE__HOST` is `source.host`. All values are text: whether an account id of digits is a number is not
/// for the environment to guess. Keys are in lower case: one that has capitals, such as a claim, and the list of
/// datasets are for the file.
fn environment(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Dict, Failure> {
    let mut values = Dict::new();
    for (name, value) in variables {
        let key = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let Some(key) = key.filter(|key| key.contains("__")) else {
            continue;
        };
        let value = value
            .into_string()
            .map_err(|_| not_text(&format!("{PREFIX}{key}")))?;
        let path: Vec<String> = key.split("__").map(str::to_lowercase).collect();
        insert(&mut values, &path, value.into());
    }
    Ok(values)
}

fn not_text(variable: &str) -> Failure {
    Failure::usage(
        format!("the environment variable `{variable}` is not text in UTF-8"),
        "set it again, in UTF-8",
    )
}

fn typed(flags: &Connection) -> Dict {
    let mut values = Dict::new();
    let mut set = |path: &[&str], value: Option<Value>| {
        if let Some(value) = value {
            let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
            insert(&mut values, &path, value);
        }
    };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    set(&["source", "host"], text(&flags.host));
    set(&["source", "account_id"], text(&flags.account_id));
    set(&["source", "org_id"], text(&flags.org_id));
    set(&["source", "stream_id"], text(&flags.stream_id));
    set(&["source", "auth", "client_id"], text(&flags.client_id));
    set(
        &["source", "requests_per_minute"],
        flags.requests_per_minute.map(Value::from),
    );
    set(&["source", "concurrency"], flags.concurrency.map(Value::from));
    set(&["lake", "url"], text(&flags.out));
    values
}

fn insert(values: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            values.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let nested = values.entry(first.clone()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, nested) = nested {
                insert(nested, rest, value);
            }
        }
    }
}

/// A mistake with its key and layer, without the value.
fn wrong(error: &figment::Error) -> Failure {
    use figment::error::Kind;
    let key = error.path.join(".");
    let at = if key.is_empty() {
        String::new()
    } else {
        format!("`{key}` ")
    };
    let layer = error
        .metadata
        .as_ref()
        .map_or("the configuration", |metadata| &metadata.name);
    match &error.kind {
        Kind::UnknownField(field, known) => {
            let known = known.join(", ");
            let key = if key.is_empty() {
                field.clone()
            } else if error.path.last() == Some(field) {
                key
            } else {
                format!("{key}.{field}")
            };
            Failure::usage(
                format!("{layer} has an unknown setting `{key}`"),
                format!("known there are {known}"),
            )
        }
        Kind::InvalidType(_, expected) => Failure::usage(
            format!("{at}in {layer} has the wrong type"),
            format!("it is {expected}"),
        ),
        Kind::UnknownVariant(_, known) => Failure::usage(
            format!("{at}in {layer} has an unknown value"),
            format!("it is one of {}", known.join(", ")),
        ),
        Kind::InvalidValue(_, expected) => Failure::usage(
            format!("{at}in {layer} has a wrong value"),
            format!("it is {expected}"),
        ),
        // Our own messages, which show no value.
        Kind::Message(message) => Failure::usage(format!("{at}in {layer} is wrong"), message.clone()),
        _ => Failure::usage(format!("{at}in {layer} is wrong"), "compare it with the README"),
    }
}

#[cfg(test)]
mod tests;
