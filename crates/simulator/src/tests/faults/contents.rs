//! Records that move, come, go and change while a window is read.

use super::*;

#[tokio::test]
async fn pages_can_overlap() {
    let bench = faulty(&[Fault::Overlap(2)]).await;
    let held = held(&bench, Shape::V3);
    assert_eq!(held, truth(Shape::V3).await);
    for (offset, expected) in [
        (0, &held[..20]),
        (20, &held[18..40]),
        (40, &held[38..]),
        (60, &[]),
    ] {
        let page = v3_page(&bench, offset, 20).await;
        assert_eq!(rows(&page), expected, "at {offset}");
        assert_eq!(page["hasMore"], json!(offset < 40));
        assert_eq!(page["totalResults"], 60);
    }
}

#[tokio::test]
async fn records_can_arrive_ahead_of_those_that_were_read() {
    let bench = faulty(&[Fault::Arrivals(3)]).await;
    for shape in SERVED {
        let truth = truth(shape).await;
        let held = held(&bench, shape);
        assert_eq!(sorted(&held), sorted(&truth));
        let early: Vec<Value> = truth
            .iter()
            .filter(|record| !held[..3].contains(record))
            .cloned()
            .collect();
        assert_eq!(held[3..], early, "{shape:?}");
        for _ in 0..2 {
            let page = page(&bench, shape, 0, 20).await;
            assert_eq!(rows(&page), early[..20], "{shape:?}");
        }
        assert_eq!(
            rows(&page(&bench, shape, 20, 20).await),
            held[20..40],
            "{shape:?}"
        );
        assert_eq!(rows(&page(&bench, shape, 0, 20).await), held[..20], "{shape:?}");
    }
    assert_eq!(v3_page(&bench, 0, 20).await["totalResults"], 60);
    let bench = faulty(&[Fault::Arrivals(3)]).await;
    assert_eq!(v3_page(&bench, 0, 20).await["totalResults"], 57);
}

#[tokio::test]
async fn each_day_of_a_window_has_its_arrivals() {
    let bench = faulty(&[Fault::Arrivals(5)]).await;
    let two_days = |offset| json!({"offset": offset, "limit": 1, "startDate": "2026-03-23 00:00:00", "endDate": "2026-03-25 00:00:00"});
    for (offset, total) in [(0, 110), (1, 120)] {
        let page = good(ask(&bench, Shape::V3, &two_days(offset))).await;
        assert_eq!(page["totalResults"], total);
    }
}

#[tokio::test]
async fn records_can_vanish_from_the_pages_that_were_read() {
    let bench = faulty(&[Fault::Vanishings(3)]).await;
    for shape in SERVED {
        let truth = truth(shape).await;
        let held = held(&bench, shape);
        assert_eq!(held.len(), truth.len() - 3);
        assert_eq!(rows(&page(&bench, shape, 0, 20).await), truth[..20], "{shape:?}");
        assert_eq!(
            rows(&page(&bench, shape, 20, 20).await),
            held[20..40],
            "{shape:?}"
        );
        if shape != Shape::AgentAssist {
            assert_eq!(held, truth[3..], "{shape:?}");
        }
    }
    assert_eq!(v3_page(&bench, 0, 20).await["totalResults"], 57);
}

#[tokio::test]
async fn a_record_can_have_another_score_on_a_later_page() {
    let bench = faulty(&[Fault::Touch]).await;
    for shape in SERVED {
        let held = held(&bench, shape);
        let last = held.len() / 20 * 20 - if held.len().is_multiple_of(20) { 20 } else { 0 };
        assert_eq!(rows(&page(&bench, shape, 0, 20).await), held[..20]);
        let mut end = rows(&page(&bench, shape, last, 20).await);
        let touched = end.pop().unwrap();
        assert_eq!(end, held[last..], "{shape:?}");
        let key = match shape {
            Shape::AgentAssist => "segmentID",
            Shape::ScoreReporting if held[0].get("conversationId").is_some() => "conversationId",
            _ => "Conversation ID",
        };
        assert!(touched[key].is_string(), "{touched}");
        assert_eq!(touched[key], held[0][key], "{shape:?}");
        assert_ne!(touched, held[0], "{shape:?}");
    }
    assert_eq!(v3_page(&bench, 40, 20).await["totalResults"], 60);
    assert_eq!(
        rows(&v3_page(&bench, 0, 60).await),
        held(&bench, Shape::V3),
        "on the same page it is not told twice"
    );
}

#[tokio::test]
async fn the_newest_can_come_first() {
    let bench = faulty(&[Fault::Reversed]).await;
    for shape in SERVED {
        let mut reversed = truth(shape).await;
        reversed.reverse();
        assert_eq!(held(&bench, shape), reversed);
        assert_eq!(
            rows(&page(&bench, shape, 20, 20).await),
            reversed[20..40],
            "{shape:?}"
        );
    }
}

#[tokio::test]
async fn the_order_can_change_with_each_request() {
    let benches = [faulty(&[Fault::Shuffled]).await, faulty(&[Fault::Shuffled]).await];
    let truth = truth(Shape::V3).await;
    let mut orders = Vec::new();
    for bench in &benches {
        assert_eq!(held(bench, Shape::V3), truth);
        let mut both = Vec::new();
        for _ in 0..2 {
            let order = rows(&v3_page(bench, 0, 60).await);
            assert_ne!(order, truth);
            assert_eq!(sorted(&order), sorted(&truth));
            both.push(order);
        }
        assert_ne!(both[0], both[1]);
        orders.push(both);
    }
    assert_eq!(orders[0], orders[1], "the seed decides");
}
