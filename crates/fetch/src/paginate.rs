//! Decides whether a page leads on to another: a pure function of rows received and what the server claims. Who asks
//! for it is in [`pages`](crate::pages()).

use crate::Page;

/// Whether there is more to ask for after `page`, the last of whose rows is number `rows` of its window.
///
/// The server's two claims are only believed when neither contradicts the end: has-more true goes on although the
/// total is reached, a total not reached goes on although has-more is false. A total that is exceeded is wrong, and
/// then so may has-more be. Without either claim a short page is no end. An empty page always is: there is nothing to
/// count on from.
pub(crate) fn leads_on(rows: u64, page: &Page) -> bool {
    let is_other_than_total = page.total.map(|total| rows != total);
    match (page.more, is_other_than_total) {
        _ if page.count == 0 => false,
        (Some(true), _) | (_, Some(true)) | (None, None) => true,
        (Some(false), _) | (None, Some(false)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a page of `count` that ends with row `rows` leads on, for has-more true, false and absent.
    fn goes_on(rows: u64, count: usize, total: Option<u64>) -> [bool; 3] {
        [Some(true), Some(false), None].map(|more| leads_on(rows, &Page::claiming(count, total, more)))
    }

    #[test]
    fn end_needs_both_claims_or_an_empty_page() {
        // has-more:                          true   false  absent
        assert_eq!(
            goes_on(20, 10, Some(100)),
            [true, true, true],
            "short of the total"
        );
        assert_eq!(goes_on(20, 10, Some(20)), [true, false, false], "total reached");
        assert_eq!(goes_on(20, 10, Some(15)), [true, true, true], "total exceeded");
        assert_eq!(goes_on(20, 10, Some(0)), [true, true, true], "total of zero");
        assert_eq!(goes_on(20, 10, None), [true, false, true], "no total");
        assert_eq!(
            goes_on(11, 1, None),
            [true, false, true],
            "a short page is no end"
        );
        for total in [None, Some(0), Some(10), Some(100)] {
            assert_eq!(goes_on(10, 0, total), [false; 3], "empty page, total {total:?}");
        }
    }
}
