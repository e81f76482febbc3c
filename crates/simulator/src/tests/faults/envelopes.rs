//! What envelopes claim of sixty records.

use super::*;

/// Total, number of pages and has-more of a page.
async fn claims(bench: &Bench, offset: usize, limit: usize) -> (Value, Value, Value) {
    let page = v3_page(bench, offset, limit).await;
    (
        page["totalResults"].clone(),
        page["totalPages"].clone(),
        page["hasMore"].clone(),
    )
}

#[tokio::test]
async fn totals_can_be_too_low() {
    for (fault, total, pages) in [
        (Fault::LowTotals(None), 24, 2),
        (Fault::LowTotals(Some(45)), 45, 3),
        (Fault::LowTotals(Some(1_000)), 60, 3),
    ] {
        let bench = faulty(&[fault]).await;
        let expected = (json!(total), json!(pages), json!(true));
        assert_eq!(claims(&bench, 0, 20).await, expected, "{fault}");
    }
}

#[tokio::test]
async fn totals_can_be_too_high() {
    let bench = faulty(&[Fault::HighTotals(5)]).await;
    assert_eq!(claims(&bench, 40, 20).await, (json!(65), json!(4), json!(false)));
}

#[tokio::test]
async fn totals_can_move() {
    let bench = faulty(&[Fault::MovingTotals]).await;
    for total in 60..64 {
        assert_eq!(claims(&bench, 0, 20).await.0, json!(total));
    }
}

#[tokio::test]
async fn has_more_can_be_wrong() {
    // The first, the last and the page behind it.
    for (fault, expected) in [
        (Fault::MoreAlwaysFalse, [false, false, false]),
        (Fault::MoreOnLast, [true, true, false]),
        (Fault::MoreAlwaysTrue, [true, true, true]),
    ] {
        let bench = faulty(&[fault]).await;
        for (offset, more) in [0, 40, 60].into_iter().zip(expected) {
            let claimed = claims(&bench, offset, 20).await;
            assert_eq!(claimed, (json!(60), json!(3), json!(more)), "{fault} at {offset}");
        }
        assert!(rows(&v3_page(&bench, 60, 20).await).is_empty());
    }
}

#[tokio::test]
async fn totals_and_has_more_can_be_missing() {
    let bench = faulty(&[Fault::NoTotals]).await;
    for (shape, expected) in [
        (Shape::V3, vec!["results"]),
        (Shape::ScoreReporting, vec!["results"]),
        (Shape::Legacy, vec!["results"]),
        (Shape::AgentAssist, vec!["data", "numResults"]),
    ] {
        let page = page(&bench, shape, 0, 10).await;
        let keys: Vec<&String> = page.as_object().unwrap().keys().collect();
        assert_eq!(keys, expected, "{shape:?}");
        assert_eq!(rows(&page).len(), 10);
    }
}

#[tokio::test]
async fn totals_can_be_texts() {
    let bench = faulty(&[Fault::TotalsAsText, Fault::HighTotals(1)]).await;
    assert_eq!(
        claims(&bench, 0, 20).await,
        (json!("61"), json!("4"), json!(true))
    );
}
