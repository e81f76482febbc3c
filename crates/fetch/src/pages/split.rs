//! Reads a window in parts: which parts, and several of them at a time. One part is read in [`walk`](super::walk).

use std::{collections::VecDeque, sync::Arc};

use chrono::TimeDelta;

use super::{Arrival, Held, Origin, Outlet, Reader, Running, ahead::Leave, place::leads_on};
use crate::{Page, Query, Result, Window};

/// Parts of a window whose total is known: each is several pages at a time by itself, and the next only fills the gap
/// at its beginning.
const AHEAD_WITH_TOTAL: usize = 2;

/// More parts than this are made of the parts, where one of them is still too large.
const MOST_PARTS: u64 = 100;

/// How a window is to be read after its first page: as one, or in these parts, so many of them at a time.
pub(super) fn parts_after(
    reader: &Reader,
    query: &Query,
    origin: Origin,
    first: &Page,
) -> Option<(Vec<Window>, usize)> {
    let (count, ahead) = match (first.total, reader.options.max_window_records) {
        (Some(total), Some(most)) if total > most && origin.may_be_cut(total) => {
            (total.div_ceil(most.max(1)).min(MOST_PARTS), AHEAD_WITH_TOTAL)
        }
        (None, _) if origin == Origin::Whole && leads_on(first.count as u64, first) => {
            (reader.options.parts.into(), reader.client.concurrency() as usize)
        }
        _ => return None,
    };
    let windows = split(query.window(), count, query.endpoint().resolution());
    (windows.len() > 1).then_some((windows, ahead))
}

/// Cuts a window into at most `count` parts of about the same length, at whole steps of `resolution`. Each but the
/// first begins a step early: whether a server counts the ends of a window to it is documented nowhere.
fn split(window: Window, count: u64, resolution: TimeDelta) -> Vec<Window> {
    let step = resolution.max(TimeDelta::seconds(1));
    let seconds = |duration: TimeDelta| duration.num_seconds().max(1).unsigned_abs();
    let steps = seconds(window.end() - window.start()).div_ceil(seconds(step));
    // A part of one step would begin where the one before it does.
    let count = count.min(steps / 2).max(1);
    let cut = |number: u64| {
        let steps =
            u64::try_from(u128::from(steps) * u128::from(number) / u128::from(count)).unwrap_or(steps);
        let after = i32::try_from(steps).map_or(TimeDelta::MAX, |steps| step * steps);
        window
            .start()
            .checked_add_signed(after)
            .map_or(window.end(), |cut| cut.min(window.end()))
    };
    (0..count)
        .filter_map(|number| {
            let early = if number == 0 { TimeDelta::zero() } else { step };
            let end = if number + 1 == count {
                window.end()
            } else {
                cut(number + 1)
            };
            Window::new(cut(number) - early, end).ok()
        })
        .collect()
}

/// Reads parts, `ahead` of them at a time, and sends what comes part by part.
pub(super) async fn read_parts(
    reader: Arc<Reader>,
    query: Query,
    total: Option<u64>,
    (windows, ahead): (Vec<Window>, usize),
    leave: Leave,
    outlet: Outlet,
) -> Result<()> {
    let split = Arrival::Split {
        window: query.window(),
        total,
        parts: windows.len(),
    };
    let held = Held {
        arrival: split,
        _permit: None,
    };
    if outlet.send(held).await.is_err() {
        return Ok(()); // nobody wants it any more
    }
    let origin = Origin::PartOf { total };
    let mut windows = windows.into_iter();
    let mut running = VecDeque::new();
    loop {
        while running.len() < ahead
            && let Some(window) = windows.next()
        {
            let (leave, turn) = leave.part();
            let part = Running::start(Arc::clone(&reader), query.with_window(window), origin, leave);
            running.push_back((part, turn));
        }
        let Some((mut part, turn)) = running.pop_front() else {
            return Ok(());
        };
        turn.come();
        while let Some(held) = part.next().await? {
            if outlet.send(held).await.is_err() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: &str, end: &str) -> Window {
        Window::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    #[test]
    fn parts_cover_the_window_and_overlap_by_one_step() {
        let day = window("2026-03-23T00:00:00Z", "2026-03-24T00:00:00Z");
        for count in [2, 3, 7, 100] {
            for resolution in [
                TimeDelta::milliseconds(1),
                TimeDelta::seconds(1),
                TimeDelta::minutes(1),
            ] {
                let parts = split(day, count, resolution);
                assert_eq!(parts.len() as u64, count);
                assert_eq!(
                    (parts[0].start(), parts.last().unwrap().end()),
                    (day.start(), day.end())
                );
                let step = resolution.max(TimeDelta::seconds(1));
                for pair in parts.windows(2) {
                    assert_eq!(pair[0].end() - pair[1].start(), step);
                    assert_eq!(
                        (pair[0].end() - day.start()).num_seconds() % step.num_seconds(),
                        0
                    );
                }
            }
        }
    }

    #[test]
    fn a_window_is_not_cut_finer_than_its_ends_can_be_written() {
        let short = window("2026-03-23T00:00:00Z", "2026-03-23T00:00:05Z");
        assert_eq!(split(short, 100, TimeDelta::seconds(1)).len(), 2);
        let day = window("2026-03-23T00:00:00Z", "2026-03-24T00:00:00Z");
        assert_eq!(split(day, 100, TimeDelta::days(1)), [day]);
        assert_eq!(split(day, 100, TimeDelta::hours(1)).len(), 12);
    }

    #[test]
    fn a_window_that_ends_within_a_second_keeps_its_end() {
        let odd = window("2026-03-23T00:00:00.250Z", "2026-03-23T01:00:00.750Z");
        let parts = split(odd, 4, TimeDelta::seconds(1));
        assert_eq!((parts[0].start(), parts[3].end()), (odd.start(), odd.end()));
    }
}
