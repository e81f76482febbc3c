//! Finds out on purpose how a server pages and reads windows. What it does in passing, and needs, is in
//! [`korelake_fetch::pages`]; where it is kept, in [`korelake_writer::Probe`].

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures::TryStreamExt;
use korelake_fetch::{
    Arrival, Client, Page, PageOptions, PagingStyle, Position, Query, Source, Window, pages,
};
use korelake_writer::Probe;

use crate::census::Census;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::seen::Identity;

/// Finds out how the endpoint of a job pages, from the records of a window that has some. Takes about eight requests,
/// and writes nothing.
///
/// # Errors
///
/// [`Error::NothingToProbe`] for a window without records, and whatever keeps pages from being read.
pub async fn probe(
    client: &Client,
    source: &Source,
    server: &str,
    job: &Job,
    window: Window,
) -> Result<Probe> {
    let endpoint = job.asked()?;
    let source = job.source(source);
    let query = Query::with_parameters(endpoint, &source, window, job.parameters.clone());
    let limit = job.page_size.unwrap_or(endpoint.paging().page_size);
    let mut probing = Probing {
        client,
        job,
        query,
        limit,
        census: Census::new(job.dataset.definition(), window, false),
        found: Probe {
            host: server.to_owned(),
            account: source.account_id.clone(),
            stream: source.stream_id.clone(),
            endpoint: job.endpoint_name()?,
            found_at: Utc::now().trunc_subsecs(0),
            ..Probe::default()
        },
    };
    let first = probing.ask(endpoint.paging().style, 0, limit).await?;
    if first.count == 0 {
        return Err(Error::NothingToProbe {
            endpoint: probing.found.endpoint,
            window: window.to_string(),
        });
    }
    probing.claims(&first);
    probing.order(&first).await?;
    probing.largest_page(&first).await?;
    probing.paging(&first).await?;
    probing.ends(&first).await?;
    Ok(probing.found)
}

struct Probing<'a> {
    client: &'a Client,
    job: &'a Job,
    query: Query,
    limit: u32,
    census: Census,
    found: Probe,
}

impl Probing<'_> {
    async fn ask(&self, style: PagingStyle, rows: u64, limit: u32) -> Result<Page> {
        let position = Position {
            style,
            offset: rows,
            page: rows / u64::from(limit.max(1)) + 1,
            limit,
        };
        Ok(self.client.fetch_page(&self.query, position).await?)
    }

    fn note(&mut self, evidence: impl Into<String>) {
        self.found.evidence.push(evidence.into());
    }

    fn claims(&mut self, first: &Page) {
        self.found.has_total = Some(first.total.is_some());
        self.found.has_more = Some(first.more.is_some());
        self.note(match first.total {
            Some(total) => format!("the first page has {} of {total} records", first.count),
            None => format!("the first page has {} records and no total", first.count),
        });
    }

    async fn order(&mut self, first: &Page) -> Result<()> {
        let again = self.ask(self.job.asked()?.paging().style, 0, self.limit).await?;
        let (one, other) = (self.identities(first)?, self.identities(&again)?);
        let same = |records: &[Identity]| {
            let mut records: Vec<Identity> = records.iter().map(|one| one.of_record()).collect();
            records.sort_unstable();
            records
        };
        if one == other {
            self.found.stable_order = Some(true);
        } else if same(&one) == same(&other) {
            self.found.stable_order = Some(false);
            self.note("the same question gave the same records in another order");
        } else {
            self.note("the same question gave other records: the window is changing");
        }
        Ok(())
    }

    async fn largest_page(&mut self, first: &Page) -> Result<()> {
        let there_is_more = |page: &Page| match page.total {
            Some(total) => (page.count as u64) < total,
            None => page.more == Some(true),
        };
        if !there_is_more(first) {
            self.note("the window fits on one page: whether pages are cut is not known");
            return Ok(());
        }
        if first.count < self.limit as usize {
            self.found.largest_page = Some(first.count as u64);
            self.note(format!("asked for {}, a page has {}", self.limit, first.count));
            return Ok(());
        }
        let limit = self.limit.saturating_mul(10);
        match self.ask(self.job.asked()?.paging().style, 0, limit).await {
            Ok(page) if page.count < limit as usize && there_is_more(&page) => {
                self.found.largest_page = Some(page.count as u64);
                self.note(format!("asked for {limit}, a page has {}", page.count));
            }
            Ok(page) => self.note(format!(
                "asked for {limit}, a page has {} and is not cut",
                page.count
            )),
            Err(Error::Fetch(error)) if error.is_refusal() => {
                self.found.largest_page = Some(self.limit.into());
                self.note(format!("pages of {limit} are refused: {}", error.root()));
            }
            // A large page may be slow or too large without being refused.
            Err(Error::Fetch(error)) if error.asks_for_less() => {
                self.note(format!("pages of {limit} cannot be had: {}", error.root()));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Asks for a second page in both styles, of a size at which there is one.
    async fn paging(&mut self, first: &Page) -> Result<()> {
        let size = u32::try_from(first.count / 3).unwrap_or(self.limit).max(1);
        let begin = self.identities(first)?;
        let second = &begin[(size as usize).min(begin.len())..(2 * size as usize).min(begin.len())];
        if second.is_empty() {
            self.note("the window has one record: how pages are counted is not known");
            return Ok(());
        }
        let usual = self.job.asked()?.paging().style;
        for style in [usual, usual.other()] {
            let page = match self.ask(style, size.into(), size).await {
                Ok(page) => self.identities(&page)?,
                Err(Error::Fetch(error)) if style != usual && error.is_refusal() => {
                    self.note(format!("a page by {style} is refused: {}", error.root()));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let is = |records: &[Identity]| page.len() == records.len() && page == records;
            if is(second) {
                self.found.paging.get_or_insert_with(|| style.to_string());
                self.note(format!("{style} leads to the second page"));
            } else if is(&begin[..page.len().min(begin.len())]) && !page.is_empty() {
                self.note(format!("{style} is ignored: the first page comes again"));
            } else {
                self.note(format!("{style} leads to {} other records", page.len()));
                if self.found.stable_order == Some(false) {
                    self.found.paging.get_or_insert_with(|| style.to_string());
                }
            }
        }
        Ok(())
    }

    /// Asks for the seconds before and after a record.
    async fn ends(&mut self, first: &Page) -> Result<()> {
        let mut times: Vec<(DateTime<Utc>, Identity)> = Vec::new();
        for batch in self.job.dataset.batches(&first.records)?.0 {
            times.extend(self.census.timed_identities(&batch)?);
        }
        let whole = times.iter().find(|(time, _)| time.timestamp_subsec_micros() == 0);
        let Some((time, record)) = whole.or(times.first()).copied() else {
            self.note("no record has a time: what the ends of a window mean is not known");
            return Ok(());
        };
        let second = TimeDelta::seconds(1);
        let cut = time.trunc_subsecs(0);
        let in_end = self.window_holds(Window::new(cut - second, cut)?, record).await?;
        if time == cut {
            self.found.inclusive_end = Some(in_end);
            self.found.inclusive_start =
                Some(self.window_holds(Window::new(cut, cut + second)?, record).await?);
            self.note("a record on a whole second was asked for as start and as end");
        } else if in_end {
            self.found.inclusive_end = Some(true);
            self.note("a record within the second of the end is in the window");
        } else {
            self.note("no record stands on a whole second: what the ends of a window mean is not known");
        }
        Ok(())
    }

    async fn window_holds(&mut self, window: Window, record: Identity) -> Result<bool> {
        let query = self.query.with_window(window);
        let style = self.found.paging.as_deref().and_then(|style| style.parse().ok());
        let options = PageOptions::default().page_size(Some(self.limit)).style(style);
        let mut arrivals = std::pin::pin!(pages(self.client, &query, &options));
        // A second holds few records; a server that does not come to an end is not asked for ever.
        let mut pages_left = 20;
        while pages_left > 0
            && let Some(arrival) = arrivals.try_next().await?
        {
            if let Arrival::Page { page, .. } = arrival {
                let records = self.identities(&page)?;
                pages_left -= 1;
                if records.iter().any(|one| one.of_record() == record.of_record()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn identities(&mut self, page: &Page) -> Result<Vec<Identity>> {
        let mut identities = Vec::new();
        for batch in self.job.dataset.batches(&page.records)?.0 {
            identities.extend(self.census.identities(&batch)?);
        }
        Ok(identities)
    }
}
