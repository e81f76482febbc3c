//! Records on the end of a unit: the next unit's if its window has them, this unit's otherwise. They are set aside in
//! [`census`](crate::census).

use std::collections::HashSet;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use chrono::TimeDelta;
use futures::TryStreamExt;
use korelake_fetch::{Arrival, Client, PageOptions, Query, Window, pages};
use korelake_writer::Unit;

use crate::attempt::ATTEMPTS;
use crate::census::Census;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::proof::Verdict;
use crate::seen::Identity;
use crate::stretch::Stretch;

/// Which of the rows are the next unit's.
pub(crate) struct Parted {
    /// Rows of this unit.
    pub(crate) kept: Vec<RecordBatch>,
    /// Keys of the rows that are left to the next.
    pub(crate) handed_over: Vec<String>,
}

/// Parts rows on the end of a unit by what the server has in the second that begins there. Whether its windows include
/// their ends is documented nowhere; asking is the only way that neither loses a record nor doubles it.
///
/// # Errors
///
/// [`Error::Incomplete`] if the records of that second do not agree with what the server says of it.
pub(crate) async fn part(
    rows: Vec<RecordBatch>,
    query: &Query,
    unit: &Unit,
    client: &Client,
    options: &PageOptions,
    dataset: &Dataset,
    census: &mut Census,
) -> Result<Parted> {
    let end = query.window().end();
    let step = query.endpoint().resolution();
    let second = Window::new(end, end + step.max(TimeDelta::seconds(1)))?;
    let query = query.with_window(second);
    let mut doubted = None;
    let mut attempts = 0;
    let next = loop {
        attempts += 1;
        let (next, verdict) = read_second(&query, client, options, dataset).await?;
        let settled = match &verdict {
            Verdict::Agrees => true,
            Verdict::Doubtful(_) => doubted.as_ref() == Some(&next),
            _ => false,
        };
        match verdict.disagreement().filter(|_| !settled) {
            None => break next,
            Some(disagreement) if attempts == ATTEMPTS => {
                return Err(Error::Incomplete {
                    unit: unit.to_string(),
                    attempts,
                    disagreement: format!("of the second after its end, {disagreement}"),
                });
            }
            Some(_) => doubted = Some(next),
        }
    };
    let mut parted = Parted {
        kept: Vec::new(),
        handed_over: Vec::new(),
    };
    for batch in rows {
        let identities = census.identities(&batch)?;
        let kept: BooleanArray = identities
            .into_iter()
            .map(|identity| Some(!next.contains(&identity.of_record())))
            .collect();
        let keys = batch.column(census.key_column()).as_string::<i32>();
        let handed = (0..batch.num_rows()).filter(|index| !kept.value(*index) && keys.is_valid(*index));
        parted
            .handed_over
            .extend(handed.map(|index| keys.value(index).to_owned()));
        parted
            .kept
            .push(filter_record_batch(&batch, &kept).map_err(|source| Error::Batch { source })?);
    }
    Ok(parted)
}

/// The records of the second, and whether they are what the server says.
async fn read_second(
    query: &Query,
    client: &Client,
    options: &PageOptions,
    dataset: &Dataset,
) -> Result<(HashSet<Identity>, Verdict)> {
    let mut census = Census::new(dataset.definition(), query.window(), false);
    let mut stretch = Stretch::begin(query.window(), &census);
    let mut records = HashSet::new();
    let mut arrivals = std::pin::pin!(pages(client, query, options));
    while let Some(arrival) = arrivals.try_next().await? {
        let Arrival::Page { page, follows, .. } = arrival else {
            continue;
        };
        let before = census.found();
        let (batches, no_records) = dataset.batches(&page.records)?;
        for row in no_records {
            census.take_no_record(&row.record);
        }
        for batch in batches {
            census.take(&batch)?;
            records.extend(census.identities(&batch)?.into_iter().map(Identity::of_record));
        }
        stretch.take(&page, follows, census.found() > before);
        if stretch.is_endless() {
            break;
        }
    }
    let verdict = stretch.verdict(&census, false, false);
    Ok((records, verdict))
}
