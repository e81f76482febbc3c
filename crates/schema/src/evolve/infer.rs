//! Proposes a dataset file from records. How types are found is in [`shape`](super::shape).

use super::file::{self, Head};
use super::identity::Identities;
use super::level::{Level, Member};
use super::observe::Observer;
use super::records::{Records, Sink};
use super::roles::{event_time, key};
use super::shape;
use crate::decoder::RECORD_LIMIT;
use crate::decoder::cursor::{Cursor, Scan, Stop};
use crate::definition::Definition;
use crate::error::Error;

/// Looks at records of which no dataset file is known yet, a chunk of bytes at a time, and proposes one. No IO: the
/// caller brings the bytes. Input has the forms that a [`Decoder`](crate::Decoder) takes.
///
/// Memory is bounded whatever comes: what is remembered of an object are at most 512 keys (more are data, and the
/// object a map), of the records 4,096 columns, and 65,536 places in all.
///
/// ```
/// use korelake_schema::Inference;
///
/// let mut inference = Inference::new();
/// inference.finish(br#"{"results": [
///     {"Call ID": "a", "beganAt": "2026-03-23T10:00:00Z", "score": 1},
///     {"callId": "b", "beganAt": "2026-03-23 11:00:00", "score": "2.5"}
/// ]}"#)?;
/// let proposal = inference.propose("calls")?.expect("two records");
/// let definition = proposal.definition;
/// assert_eq!((definition.key(), definition.event_time()), ("call_id", Some("began_at")));
/// assert_eq!(definition.columns()[2].data_type().to_string(), "float64");
/// # Ok::<(), korelake_schema::Error>(())
/// ```
#[derive(Debug)]
pub struct Inference {
    records: Records,
    seen: Looked,
}

/// What was seen in the records.
#[derive(Debug, Default)]
struct Looked {
    observer: Observer,
    root: Level,
    identities: Identities,
    /// Values that are no records.
    others: u64,
}

/// A dataset file for records that were looked at.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Proposal {
    /// The text of the file.
    pub text: String,
    /// What the text says.
    pub definition: Definition,
    /// Records that it rests on.
    pub records: u64,
    /// Response bodies in which they stood, or some of them.
    pub bodies: u64,
    /// What has to be looked at before the file is used, a clause each.
    pub warnings: Vec<String>,
}

impl Default for Inference {
    fn default() -> Self {
        Self::new()
    }
}

impl Inference {
    /// Nothing seen so far. An object at the top whose `results` or `data` is a list of objects is taken for a
    /// response body, as the endpoints of the datasets that are compiled in send it, unless a key of records stands
    /// before that list.
    pub fn new() -> Self {
        let mut keys: Vec<String> = Vec::new();
        for definition in Definition::builtin_names().filter_map(Definition::builtin) {
            for key in definition.record_keys() {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Self {
            records: Records::new(keys),
            seen: Looked::default(),
        }
    }

    /// The key that holds the records of a response body, instead of the usual ones; an empty one if there are no
    /// bodies, and every object at the top is a record.
    pub fn record_key(self, key: &str) -> Self {
        Self {
            records: Records::named(Some(key).filter(|key| !key.is_empty())),
            ..self
        }
    }

    /// Looks at the whole records at the start of `input`. Gives the bytes that are done with; the others have to
    /// come again, with more behind them. After an error it is ready for another input; what was seen before counts.
    ///
    /// # Errors
    ///
    /// [`Error::NotJson`], [`Error::Mixed`] or [`Error::NotUtf8`].
    pub fn decode(&mut self, input: &[u8]) -> Result<usize, Error> {
        self.take(input, false)
    }

    /// Looks at `rest`, the end of the input. Another input may follow.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`Error::CutShort`] if the input ends inside a value.
    pub fn finish(&mut self, rest: &[u8]) -> Result<(), Error> {
        self.take(rest, true).map(drop)
    }

    /// Records so far.
    pub fn records(&self) -> u64 {
        self.seen.root.objects
    }

    /// The proposal for all records, under `name` (see [`dataset_name`](crate::dataset_name)). `None` if there were
    /// none, or none with a key.
    ///
    /// # Errors
    ///
    /// [`Error::Definition`] if `name` is no name of a dataset.
    pub fn propose(self, name: &str) -> Result<Option<Proposal>, Error> {
        let Self { records, seen } = self;
        let Looked {
            observer,
            root,
            identities,
            others,
        } = seen;
        let mut warnings = Vec::new();
        let count = root.objects;
        if count == 0 || root.members.is_empty() {
            return Ok(None);
        }
        if others > 0 {
            warnings.push(format!("{others} values are no records and were left out"));
        }
        let has_empty_key = root.members.iter().any(|member| member.key.is_empty());
        if observer.left_out > 0 || has_empty_key {
            warnings.push("some keys can have no column: what stands there goes to _rescued".to_owned());
        }
        if count == 1
            && let Some((key, length)) = list_of_objects(&root)
        {
            warnings.push(format!(
                "there is one record, with a list of {length} objects: if these are the records, say `--records {key}`"
            ));
        }
        let bodies = records.envelopes().count();
        warnings.extend(dropped(&records));
        let record_key = record_key(&records, &root, &mut warnings);
        let mut columns = shape::columns(root, "records");
        let key = key(&mut columns, count, &identities, &mut warnings);
        let event_time = event_time(&columns, count);
        let plural = if count == 1 { "" } else { "s" };
        let doc = format!(
            "Proposed by `korelake schema infer` from {count} record{plural}; read it over before use."
        );
        let fields: Vec<_> = columns.into_iter().map(|column| column.field).collect();
        let head = Head {
            name,
            doc: &doc,
            key: &key,
            event_time: event_time.as_deref(),
            records: record_key.as_deref(),
        };
        let text = file::dataset(&head, &fields);
        let definition = Definition::parse(&text)?;
        Ok(Some(Proposal {
            text,
            definition,
            records: count,
            bodies,
            warnings,
        }))
    }

    fn take(&mut self, input: &[u8], last: bool) -> Result<usize, Error> {
        self.records.split(input, last, &mut self.seen)
    }
}

impl Sink for Looked {
    fn record(&mut self, record: &[u8]) {
        let Self {
            observer,
            root,
            identities,
            others,
        } = self;
        let looked_at = record.len() <= RECORD_LIMIT && look(record, observer, root, identities).is_ok();
        *others += u64::from(!looked_at);
    }

    fn is_member(&self, key: &str) -> bool {
        self.root.by_key.contains_key(key)
    }
}

/// Looks at one value; an error if it is no record.
fn look(record: &[u8], observer: &mut Observer, root: &mut Level, identities: &mut Identities) -> Scan<()> {
    let mut cursor = Cursor::new(record, true);
    if cursor.peek()? != b'{' {
        return Err(Stop::Undecodable("not an object"));
    }
    let here = observer.object(root, &mut cursor, 0)?;
    identities.record(root, &here);
    Ok(())
}

/// The longest list of several objects in records; most likely the real records stand there.
fn list_of_objects(root: &Level) -> Option<(&str, u64)> {
    let lists = root.members.iter().filter_map(|member| {
        let objects = member.node.element.as_ref()?.level.as_ref()?.objects;
        (objects > 1).then_some((member.key.as_str(), objects))
    });
    let scalars = |member: &Member| member.node.scalars.total() + member.node.nulls > 0;
    let rest = root.members.iter().filter(|member| !scalars(member)).count();
    // A record has its lists among much else; beside those of an envelope stand counts and flags.
    lists.max_by_key(|(_, objects)| *objects).filter(|_| rest == 1)
}

/// What several bodies hold beside their records and say nowhere else: they may be records themselves.
fn dropped(records: &Records) -> Option<String> {
    const SHOWN: usize = 8;
    let (envelopes, dropped) = (records.envelopes(), records.envelopes().dropped());
    if records.is_named() || envelopes.count() < 2 || dropped.is_empty() {
        return None;
    }
    let more = match dropped.len() {
        0..=SHOWN => String::new(),
        length => format!(" and {} more", length - SHOWN),
    };
    Some(format!(
        "{} objects were read as response bodies; beside `{}` they hold `{}`{more}, which are dropped: if they are \
         records, say --records ''",
        envelopes.count(),
        envelopes.keys().join("`, `"),
        dropped[..dropped.len().min(SHOWN)].join("`, `"),
    ))
}

/// The key of the envelope for the proposal, if the decoder can have it.
fn record_key(records: &Records, root: &Level, warnings: &mut Vec<String>) -> Option<String> {
    let (first, others) = records.envelopes().keys().split_first()?;
    if !others.is_empty() {
        warnings.push(format!(
            "records stand under `{first}` and under `{}`: the file knows the first only",
            others.join("`, `")
        ));
    }
    if root.members.iter().any(|member| member.key == *first) {
        warnings.push(format!(
            "`{first}` holds the records of a body and is also a key of records: the file knows no bodies"
        ));
        return None;
    }
    Some(first.clone())
}

#[cfg(test)]
mod tests;
