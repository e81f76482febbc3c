//! Reads a unit until its records and the server's claims agree. One read is taken in [`read`](crate::read); what
//! becomes of it is decided in [`unit`](crate::unit).

use std::sync::Arc;

use futures::TryStreamExt;
use korelake_fetch::{Arrival, Page, PageOptions, Query, pages};
use korelake_schema::Decoder;

use crate::error::{Error, Result};
use crate::handover;
use crate::proof::Verdict;
use crate::read::{Read, Task, Unsettled};
use crate::unit::Table;

/// Reads of a unit, or of a part of it, before its disagreement with the server is final.
pub(crate) const ATTEMPTS: u32 = 3;

/// What the reads of one unit share.
pub(crate) struct Attempts<'a> {
    pub(crate) table: &'a Table<'a>,
    pub(crate) task: Task<'a>,
    pub(crate) query: &'a Query,
    pub(crate) options: PageOptions,
    pub(crate) on_page: &'a (dyn Fn(&Page) + Sync),
}

impl Attempts<'_> {
    /// Reads the unit until it agrees with the server.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] with the disagreement of the last read.
    pub(crate) async fn until_one_agrees(&self) -> Result<Read> {
        let mut options = self.options.clone();
        // The rows of a read that was doubtful: the next one makes it right by giving the same.
        let mut doubted = None;
        let mut page_size = self.options.page_size_of(self.query.endpoint());
        let mut attempt = 0;
        loop {
            attempt += 1;
            let task = Task {
                last_attempt: attempt == ATTEMPTS,
                ..self.task
            };
            let read = match self.read(task, &options).await {
                // Records that arrive in front push those of a page onto the next: that looks the same, once.
                Err(error) if error.is_paging_ignored() && !task.last_attempt => {
                    doubted = None;
                    continue;
                }
                // Counted pages are made smaller from the first one on.
                Err(Error::Fetch(error)) if error.asks_for_less() && !task.last_attempt && page_size > 1 => {
                    page_size /= 2;
                    options = options.page_size(Some(page_size));
                    doubted = None;
                    continue;
                }
                read => read?,
            };
            let verdict = read.verdict();
            let digest = read.census.digest;
            if matches!(verdict, Verdict::Doubtful(_)) && doubted == Some(digest) {
                return Ok(read);
            }
            doubted = matches!(verdict, Verdict::Doubtful(_)).then_some(digest);
            if matches!(verdict, Verdict::PartsDisagree(_)) {
                options = in_one(&options);
            }
            let Some(disagreement) = verdict.disagreement() else {
                return Ok(read);
            };
            read.give_up().await;
            if task.last_attempt {
                return Err(Error::Incomplete {
                    unit: task.unit.to_string(),
                    attempts: attempt,
                    disagreement,
                });
            }
        }
    }

    /// Reads the window once, into files that nobody sees yet.
    async fn read(&self, task: Task<'_>, options: &PageOptions) -> Result<Read> {
        let Table {
            lake,
            dataset,
            file,
            row_groups,
            ..
        } = self.table;
        let row_groups = Arc::clone(row_groups);
        let mut read = Read::new(lake, dataset.definition(), file.clone(), row_groups, task);
        match self.fill(&mut read, task, options).await {
            Ok(()) => Ok(read),
            Err(error) => {
                read.give_up().await;
                Err(error)
            }
        }
    }

    async fn fill(&self, read: &mut Read, task: Task<'_>, options: &PageOptions) -> Result<()> {
        let mut decoder = Decoder::new(self.table.dataset.definition());
        self.take_pages(read, self.query, options, &mut decoder, task)
            .await?;
        read.close(task);
        for part in std::mem::take(&mut read.unsettled) {
            if read.verdict() != Verdict::Agrees {
                break; // all of it is read again
            }
            self.settle(read, part, &mut decoder, task).await?;
        }
        if !read.on_the_end.is_empty() {
            let rows = std::mem::take(&mut read.on_the_end);
            let Table { client, dataset, .. } = self.table;
            let parted = handover::part(
                rows,
                self.query,
                task.unit,
                client,
                &in_one(&self.options),
                dataset,
                &mut read.census,
            )
            .await?;
            read.proof.handed_over = parted.handed_over;
            for batch in parted.kept {
                read.keep(batch)?;
            }
        }
        read.finish().await
    }

    async fn take_pages(
        &self,
        read: &mut Read,
        query: &Query,
        options: &PageOptions,
        decoder: &mut Decoder,
        task: Task<'_>,
    ) -> Result<()> {
        let mut arrivals = std::pin::pin!(pages(self.table.client, query, options));
        while let Some(arrival) = arrivals.try_next().await? {
            match arrival {
                Arrival::Split { total, parts, .. } => read.split(total, parts),
                Arrival::Page {
                    window,
                    page,
                    follows,
                } => {
                    (self.on_page)(&page);
                    if !read
                        .take(window, (&page, follows), decoder, task, self.table.dataset)
                        .await?
                    {
                        break;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads a part again until it agrees, without the rest of the unit: rows that it had already are not written
    /// twice. Rows that it has no more cannot be taken back, so then the whole unit is read again.
    async fn settle(
        &self,
        read: &mut Read,
        part: Unsettled,
        decoder: &mut Decoder,
        task: Task<'_>,
    ) -> Result<()> {
        let Unsettled {
            window,
            mut seen,
            verdict,
        } = part;
        let mut disagreement = verdict;
        let mut last = seen.clone();
        for _ in 1..ATTEMPTS {
            let query = self.query.with_window(window);
            self.take_pages(read, &query, &in_one(&self.options), decoder, task)
                .await?;
            let (verdict, now) = read.close_part_again(task);
            let agrees = match &verdict {
                Verdict::Agrees => true,
                Verdict::Doubtful(_) => now == last,
                _ => false,
            };
            if agrees {
                if !seen.is_within(&now) {
                    read.disagree(format!(
                        "records of {window} changed or vanished while it was read"
                    ));
                }
                return Ok(());
            }
            disagreement = verdict;
            seen.merge(now.clone());
            last = now;
        }
        if let Some(text) = disagreement.disagreement() {
            read.disagree(format!("in {window} {text}"));
        }
        Ok(())
    }
}

/// The same for a window that is not cut.
fn in_one(options: &PageOptions) -> PageOptions {
    options.clone().parts(1).max_window_records(None)
}
