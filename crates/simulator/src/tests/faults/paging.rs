//! Which row a page begins with, and how long it is.

use super::*;

/// Asks each endpoint for offset 5 and page 3 of 10 and compares with the rows from `expected` on.
async fn begins_at(fault: Fault, expected: usize) {
    let bench = faulty(&[fault]).await;
    for shape in SERVED {
        let asked = json!({"offset": 5, "page": 3, "limit": 10});
        let page = good(ask(&bench, shape, &asked)).await;
        let held = held(&bench, shape);
        assert_eq!(rows(&page), held[expected..expected + 10], "{fault} {shape:?}");
    }
}

#[tokio::test]
async fn the_offset_can_decide_everywhere() {
    begins_at(Fault::PagesByOffset, 5).await;
}

#[tokio::test]
async fn the_page_can_decide_everywhere() {
    begins_at(Fault::PagesByPage, 20).await;
}

#[tokio::test]
async fn both_can_be_added_up_everywhere() {
    begins_at(Fault::AddsBoth, 25).await;
}

#[tokio::test]
async fn paging_by_page_needs_no_offset_and_counts_by_the_limit_in_force() {
    let options = Options::default().conversations_per_day(60).max_limit(20);
    let bench = Bench::start(options.fault(Fault::PagesByPage)).await;
    for shape in SERVED {
        let page = good(ask(&bench, shape, &json!({"page": 2, "limit": 5_000}))).await;
        assert_eq!(rows(&page), held(&bench, shape)[20..40], "{shape:?}");
    }
}

#[tokio::test]
async fn short_pages_end_early_and_the_offset_goes_on_behind_their_records() {
    let bench = faulty(&[Fault::ShortPages(50)]).await;
    let (mut read, mut short) = (Vec::new(), 0);
    loop {
        let page = v3_page(&bench, read.len(), 7).await;
        let records = rows(&page);
        assert_eq!(page["totalResults"], 60);
        assert_eq!(page["totalPages"], 9);
        assert!(!records.is_empty());
        read.extend(records.clone());
        assert_eq!(page["hasMore"], json!(read.len() < 60));
        if page["hasMore"] == json!(false) {
            break;
        }
        short += usize::from(records.len() < 7);
    }
    assert!(short > 2, "{short} short pages");
    assert_eq!(read, held(&bench, Shape::V3));
}
