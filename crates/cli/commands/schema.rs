//! `korelake schema`: what the datasets hold, and work on dataset files. One file a command.

mod diff;
mod infer;
mod list;
mod show;
mod unknown;

use crate::args::Schema;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn schema(args: &Schema, output: &Output) -> Result<Exit, Failure> {
    match args {
        Schema::List => list::list(output),
        Schema::Show { dataset, json } => show::show(dataset, *json, output),
        Schema::Infer(args) => match &args.against {
            Some(dataset) => unknown::unknown(args, dataset, output),
            None => infer::infer(args, output),
        },
        Schema::Diff { from, to, json } => diff::diff(from, to, *json, output),
    }
}

/// JSON for programs.
fn as_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Failure::other("the result cannot be written as JSON")(error.into()))
}

/// What servers and files say, without the characters that would move the cursor of a terminal or turn its text
/// around: these are written as in JSON, so what is to be pasted stays the same. Line feeds stay.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        let turns = matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}');
        match char {
            '\n' => plain.push(char),
            _ if turns || char.is_control() => plain.push_str(&format!("\\u{:04x}", char as u32)),
            _ => plain.push(char),
        }
    }
    plain
}

/// Text for one cell of a table.
fn cell(text: &str) -> String {
    cut(&plain(text).replace('\n', "\\n"))
}

fn cut(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_reaches_the_terminal_as_a_command() {
        assert_eq!(plain("a\u{1b}[2J\n\u{202e}é"), "a\\u001b[2J\n\\u202eé");
        assert_eq!(cell("a\nb\t"), "a\\nb\\u0009");
        assert_eq!(cell(&"x".repeat(100)).chars().count(), 61);
    }
}
