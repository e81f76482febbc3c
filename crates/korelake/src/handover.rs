//! Records on the end of a unit: the next unit's if its window has them, this unit's otherwise. They are set aside in
//! [`census`](crate::census).

use std::collections::HashSet;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use chrono::TimeDelta;
use futures::TryStreamExt;
use korelake_fetch::{Arrival, Client, PageOptions, Query, Window, pages};

use crate::census::Census;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::seen::Identity;

/// Which of the rows are the next unit's.
pub(crate) struct Parted {
    /// Rows of this unit.
    pub(crate) kept: Vec<RecordBatch>,
    /// Keys of the rows that are left to the next.
    pub(crate) handed_over: Vec<String>,
}

/// Parts rows on the end of a unit by what the server has in the second that begins there. Whether its windows include
/// their ends is documented nowhere; asking is the only way that neither loses a record nor doubles it.
pub(crate) async fn part(
    rows: Vec<RecordBatch>,
    query: &Query,
    client: &Client,
    options: &PageOptions,
    dataset: &Dataset,
    census: &mut Census,
) -> Result<Parted> {
    let end = query.window().end();
    let step = query.endpoint().resolution();
    let second = Window::new(end, end + step.max(TimeDelta::seconds(1)))?;
    let mut next: HashSet<Identity> = HashSet::new();
    let mut arrivals = std::pin::pin!(pages(client, &query.with_window(second), options));
    while let Some(arrival) = arrivals.try_next().await? {
        let Arrival::Page { page, .. } = arrival else {
            continue;
        };
        let before = next.len();
        for batch in dataset.batches(&page.records)? {
            next.extend(census.identities(&batch)?.into_iter().map(Identity::of_record));
        }
        if next.len() == before {
            break; // nothing new comes
        }
    }
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
