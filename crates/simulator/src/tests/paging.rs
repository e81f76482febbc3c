//! Pages add up to what the server holds.

use serde_json::{Value, json};

use super::{Bench, DAY, days, good, parsed, rows};
use crate::{Options, RawDataShape, Shape};

fn v3_body(offset: u64) -> Value {
    json!({"offset": offset, "startDate": "2026-03-23 00:00:00", "endDate": "2026-03-24 00:00:00",
        "include_below_threshold": true})
}

async fn v3_page(bench: &Bench, body: &Value) -> Value {
    good(bench.post(&bench.raw_data_path()).body(body.to_string())).await
}

#[tokio::test]
async fn pages_by_offset_are_the_records_of_the_window_in_their_order() {
    let bench = Bench::small().await;
    let (from, to) = days(DAY, 1);
    let held = parsed(&bench.simulator.records(Shape::V3, from, to));
    assert_eq!(held.len(), 60);

    let (mut read, mut pages) = (Vec::new(), 0);
    loop {
        let mut body = v3_body(read.len() as u64);
        body["limit"] = json!(25);
        let page = v3_page(&bench, &body).await;
        assert_eq!(page["totalResults"], 60);
        assert_eq!(page["totalPages"], 3);
        read.extend(rows(&page));
        pages += 1;
        if page["hasMore"] == json!(false) {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(read, held);
    assert_eq!(bench.simulator.requests(), 3);
}

#[tokio::test]
async fn raw_data_comes_in_the_chosen_shape_and_is_else_the_same() {
    let (from, to) = days(DAY, 1);
    let mut ids = Vec::new();
    for (chosen, shape, id) in [
        (RawDataShape::default(), Shape::V3, "Conversation ID"),
        (RawDataShape::CamelCase, Shape::CamelCase, "conversationId"),
    ] {
        let options = Options::default()
            .conversations_per_day(60)
            .raw_data_shape(chosen);
        let bench = Bench::start(options).await;
        assert_eq!(Shape::from(bench.options().raw_data_shape), shape);
        let mut body = v3_body(0);
        body["limit"] = json!(100);
        let page = v3_page(&bench, &body).await;
        assert_eq!(page["totalResults"], 60);
        let records = rows(&page);
        assert_eq!(
            records,
            parsed(&bench.simulator.records(shape, from, to)),
            "{chosen:?}"
        );
        ids.push(
            records
                .iter()
                .map(|record| record[id].clone())
                .collect::<Vec<_>>(),
        );
        // Neither the first generation nor score reporting follows the setting.
        for (path, served) in [
            (bench.app_path("", "rawdata"), Shape::Legacy),
            (bench.score_path(), Shape::ScoreReporting),
        ] {
            let page = good(bench.post(&path).body(body.to_string())).await;
            assert_eq!(
                rows(&page),
                parsed(&bench.simulator.records(served, from, to)),
                "{path}"
            );
        }
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn raw_data_gives_ten_unless_asked_and_never_more_than_the_cap() {
    let bench = Bench::start(Options::default().conversations_per_day(60).max_limit(30)).await;
    assert_eq!(rows(&v3_page(&bench, &v3_body(0)).await).len(), 10);
    let mut body = v3_body(0);
    body["limit"] = json!(5000);
    let page = v3_page(&bench, &body).await;
    assert_eq!(rows(&page).len(), 30);
    assert_eq!(page["totalPages"], 2, "pages are counted by the limit in force");
}

#[tokio::test]
async fn raw_data_pages_by_offset_whatever_page_says() {
    let bench = Bench::small().await;
    let without = v3_page(&bench, &v3_body(10)).await;
    let mut body = v3_body(10);
    body["page"] = json!(4);
    assert_eq!(v3_page(&bench, &body).await, without);
}

#[tokio::test]
async fn an_offset_behind_the_end_is_an_empty_last_page() {
    let bench = Bench::small().await;
    let page = v3_page(&bench, &v3_body(u64::MAX)).await;
    assert!(rows(&page).is_empty());
    assert_eq!(page["hasMore"], false);
    assert_eq!(page["totalResults"], 60);
}

#[tokio::test]
async fn score_reporting_gives_a_hundred_unless_asked() {
    let bench = Bench::start(Options::default().conversations_per_day(120)).await;
    let (from, to) = days(DAY, 1);
    let mut body = v3_body(0);
    body.as_object_mut().unwrap().remove("offset");
    let page = good(bench.post(&bench.score_path()).body(body.to_string())).await;
    let held = parsed(&bench.simulator.records(Shape::ScoreReporting, from, to));
    assert_eq!(rows(&page), held[..100]);
    body["offset"] = json!(100);
    let page = good(bench.post(&bench.score_path()).body(body.to_string())).await;
    assert_eq!(rows(&page), held[100..]);
}

#[tokio::test]
async fn the_first_generation_pages_by_page_on_each_of_its_paths() {
    let bench = Bench::small().await;
    let (from, to) = days(DAY, 1);
    let held = parsed(&bench.simulator.records(Shape::Legacy, from, to));
    let account = &bench.options().account_id;
    for path in [
        bench.app_path("", "rawdata"),
        bench.app_path("/agentassist", "rawdata"),
        format!("/api/public/QualityManagement/account/{account}/v1/RawData"),
        format!("//api/public/QualityManagement/account/{account}/v1/RawData"),
    ] {
        let mut read = Vec::new();
        for number in 1..=3 {
            // The offset means nothing here.
            let body = json!({"startDate": "2026-03-23T00:00:00.000Z", "endDate": "2026-03-24T00:00:00.000Z",
                "limit": 20, "page": number, "offset": 7});
            let page = good(bench.post(&path).body(body.to_string())).await;
            assert_eq!(page["totalResults"], 60);
            assert_eq!(page["hasMore"], json!(number < 3));
            read.extend(rows(&page));
        }
        assert_eq!(read, held, "{path}");
    }
}

#[tokio::test]
async fn older_score_reporting_paths_give_the_same_scores() {
    let bench = Bench::small().await;
    let account = &bench.options().account_id;
    let body = v3_body(0).to_string();
    let scores = good(bench.post(&bench.score_path()).body(body.clone())).await;
    for path in [
        bench.app_path("/agentassist", "scorereporting"),
        format!("//api/public/QualityManagement/account/{account}/v1/ScoreReporting"),
        format!("/api/public/QualityManagement/account/{account}/v1/ScoreReporting"),
    ] {
        assert_eq!(good(bench.post(&path).body(body.clone())).await, scores, "{path}");
    }
}

#[tokio::test]
async fn segments_are_paged_without_a_total() {
    let bench = Bench::small().await;
    let (from, to) = days(DAY, 1);
    let held = parsed(&bench.simulator.records(Shape::AgentAssist, from, to));
    assert!(held.len() > 60, "{} segments of 60 conversations", held.len());
    let path = bench.assist_path();
    let mut read = Vec::new();
    loop {
        let query = format!(
            "from=2026-03-23%2000:00:00&to=2026-03-24%2000:00:00&offset={}",
            read.len()
        );
        let page = good(bench.get(&format!("{path}?{query}&limit=40&includeAgenticData=true"))).await;
        let segments = rows(&page);
        assert_eq!(page["numResults"], segments.len());
        assert_eq!(page.as_object().unwrap().len(), 3);
        read.extend(segments);
        if page["hasMore"] == json!(false) {
            break;
        }
    }
    assert_eq!(read, held);
}

#[tokio::test]
async fn agentic_activities_come_only_when_asked_for_and_change_nothing_else() {
    let bench = Bench::small().await;
    let path = format!("{}?from={DAY}&to={DAY}", bench.assist_path());
    let with = rows(&good(bench.get(&format!("{path}&includeAgenticData=true"))).await);
    let without = rows(&good(bench.get(&path)).await);
    assert!(
        without
            .iter()
            .all(|segment| segment.get("agenticActivities").is_none())
    );
    let cut: Vec<Value> = with
        .into_iter()
        .map(|mut segment| {
            segment
                .as_object_mut()
                .unwrap()
                .remove("agenticActivities")
                .unwrap();
            segment
        })
        .collect();
    assert_eq!(cut, without);
}

#[tokio::test]
async fn posted_sessions_and_conversations_choose_segments() {
    let bench = Bench::small().await;
    let path = format!("{}?from={DAY}&to={DAY}", bench.assist_path());
    let all = rows(&good(bench.get(&path)).await);
    assert_eq!(
        rows(&good(bench.post(&path)).await),
        all,
        "without a body nothing is filtered"
    );
    for (filter, key) in [
        ("sessionIds", "botSessionID"),
        ("conversationIds", "conversationID"),
    ] {
        let wanted = &all[5][key];
        let body = json!({filter: [wanted]}).to_string();
        let chosen = rows(&good(bench.post(&path).body(body)).await);
        let expected: Vec<Value> = all
            .iter()
            .filter(|segment| &segment[key] == wanted)
            .cloned()
            .collect();
        assert_eq!(chosen, expected, "{filter}");
    }
    let nobody = json!({"sessionIds": ["no such session"]}).to_string();
    assert!(rows(&good(bench.post(&path).body(nobody)).await).is_empty());
}
