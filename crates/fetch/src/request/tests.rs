use chrono::{TimeDelta, TimeZone};
use serde_json::json;

use super::*;

fn endpoint(change: impl FnOnce(&mut Value)) -> Endpoint {
    let mut definition = sample::definition();
    change(&mut definition);
    serde_json::from_value(definition).unwrap()
}

fn source() -> Source {
    Source {
        host: "platform.kore.ai".parse().unwrap(),
        account_id: "67a9".to_owned(),
        org_id: Some("o-1".to_owned()),
        stream_id: "st-1".to_owned(),
    }
}

fn day() -> Window {
    let start = Utc.with_ymd_and_hms(2026, 3, 23, 0, 0, 0).unwrap();
    Window::new(start, start + TimeDelta::days(1)).unwrap()
}

fn at(style: PagingStyle) -> Position {
    Position {
        style,
        offset: 30,
        page: 3,
        limit: 20,
    }
}

fn body_of(endpoint: &Endpoint, position: Position, extra: Value) -> Value {
    let request = endpoint
        .request(&source(), day(), position, extra.as_object().unwrap())
        .unwrap();
    serde_json::from_slice(&request.body.unwrap()).unwrap()
}

#[test]
fn body_by_offset_has_no_page() {
    let request = endpoint(|_| ())
        .request(&source(), day(), at(PagingStyle::Offset), &Map::new())
        .unwrap();
    assert_eq!(request.method, Method::Post);
    assert_eq!(
        request.url.as_str(),
        "https://platform.kore.ai/qualityai/app/st-1/rawdata"
    );
    let headers = [
        ("accountId", "67a9"),
        ("orgId", "o-1"),
        ("content-type", "application/json"),
    ];
    assert_eq!(
        request.headers,
        headers.map(|(name, value)| (name, value.to_owned()))
    );
    assert_eq!(
        body_of(&endpoint(|_| ()), at(PagingStyle::Offset), json!({})),
        json!({"include_below_threshold": true, "startDate": "2026-03-23 00:00:00", "endDate": "2026-03-24 00:00:00",
               "limit": 20, "offset": 30})
    );
}

#[test]
fn body_by_page_has_an_offset_of_zero_where_there_is_one() {
    let body = body_of(&endpoint(|_| ()), at(PagingStyle::Page), json!({}));
    assert_eq!((&body["page"], &body["offset"]), (&json!(3), &json!(0)));
    let pages_only = endpoint(|written| {
        written["paging"] = json!({"style": "page", "page": "page", "limit": "limit", "page_size": 10});
    });
    let body = body_of(&pages_only, at(PagingStyle::Page), json!({}));
    assert_eq!((&body["page"], body.get("offset")), (&json!(3), None));
}

#[test]
fn extra_parameters_win_over_the_endpoints_but_not_over_paging() {
    let extra = json!({"include_below_threshold": false, "contact_direction": "inbound"});
    let body = body_of(&endpoint(|_| ()), at(PagingStyle::Offset), extra);
    assert_eq!(
        (&body["include_below_threshold"], &body["contact_direction"]),
        (&json!(false), &json!("inbound"))
    );
    for name in ["startDate", "endDate", "limit", "offset", "page"] {
        let extra = Map::from_iter([(name.to_owned(), json!(1))]);
        let refused = endpoint(|_| ()).request(&source(), day(), at(PagingStyle::Offset), &extra);
        assert!(matches!(refused, Err(Error::ReservedParameter { .. })), "{name}");
    }
}

#[test]
fn query_encodes_blanks_as_percent_twenty() {
    let endpoint = endpoint(|written| {
        written["method"] = "GET".into();
        written["parameters_in"] = "query".into();
        written["headers"] = json!(["accountId"]);
        written["parameters"] = json!({"a b": "x&y=ü+", "flag": true, "none": null, "list": [1]});
        written["window"]["format"] = "%Y-%m-%d %H:%M".into();
    });
    let request = endpoint
        .request(&source(), day(), at(PagingStyle::Offset), &Map::new())
        .unwrap();
    assert_eq!(
        request.url.query(),
        Some(
            "a%20b=x%26y%3D%C3%BC%2B&endDate=2026-03-24%2000%3A00&flag=true&limit=20&list=%5B1%5D&offset=30\
             &startDate=2026-03-23%2000%3A00"
        )
    );
    assert_eq!((request.body, request.headers.len()), (None, 1));
}

#[test]
fn ids_are_one_encoded_segment_of_the_path() {
    let endpoint = endpoint(|written| {
        written["path"] = "//api/{accountId}/{streamId}/x".into();
        written["headers"] = json!([]);
    });
    let mut source = source();
    source.stream_id = "a/b%?#".to_owned();
    let request = endpoint
        .request(&source, day(), at(PagingStyle::Offset), &Map::new())
        .unwrap();
    assert_eq!(
        request.url.as_str(),
        "https://platform.kore.ai//api/67a9/a%2Fb%25%3F%23/x"
    );
}

#[test]
fn ids_that_cannot_be_sent_are_refused_by_name() {
    let refused = |change: fn(&mut Source)| {
        let mut source = source();
        change(&mut source);
        match endpoint(|_| ()).request(&source, day(), at(PagingStyle::Offset), &Map::new()) {
            Err(error @ Error::UnusableId { name, .. }) => {
                assert!(error.hint().unwrap().contains(name), "{error}");
                name
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|source| source.org_id = None), "org_id");
    assert_eq!(
        refused(|source| source.account_id = "67\r\nx: y".to_owned()),
        "account_id"
    );
    assert_eq!(refused(|source| source.stream_id = "..".to_owned()), "stream_id");
    assert_eq!(refused(|source| source.stream_id = String::new()), "stream_id");
}

#[test]
fn undocumented_style_is_asked_for_by_its_usual_name() {
    let offsets_only = endpoint(|written| {
        written["paging"] = json!({"style": "offset", "offset": "skip", "limit": "limit", "page_size": 10});
    });
    let body = body_of(&offsets_only, at(PagingStyle::Page), json!({}));
    assert_eq!((&body["page"], &body["skip"]), (&json!(3), &json!(0)));
    let pages_only = endpoint(|written| {
        written["paging"] = json!({"style": "page", "page": "pageNumber", "limit": "limit", "page_size": 10});
    });
    let body = body_of(&pages_only, at(PagingStyle::Offset), json!({}));
    assert_eq!((&body["offset"], body.get("pageNumber")), (&json!(30), None));
    let extra = Map::from_iter([("offset".to_owned(), json!(1))]);
    let refused = pages_only.request(&source(), day(), at(PagingStyle::Page), &extra);
    assert!(matches!(refused, Err(Error::ReservedParameter { .. })));
}

#[test]
fn page_of_no_records_is_refused() {
    let mut nothing = at(PagingStyle::Page);
    nothing.limit = 0;
    let refused = endpoint(|_| ()).request(&source(), day(), nothing, &Map::new());
    assert!(matches!(refused, Err(Error::InvalidOption { .. })));
}

/// As Agent AI: all by GET, chosen ones by POST.
fn interactions() -> Endpoint {
    endpoint(|written| {
        written["method"] = "GET".into();
        written["parameters_in"] = "query".into();
        written["parameters"] = json!({"includeAgenticData": true});
        written["filters"] = json!({
            "include_agentic_data": {"parameter": "includeAgenticData", "type": "boolean"},
            "session_ids": {"parameter": "sessionIds", "in": "body", "type": "texts"},
            "agents": {"in": "body", "type": "texts"}
        });
    })
}

#[test]
fn filters_for_the_body_make_a_request_a_post_and_leave_the_rest_in_the_query() {
    let endpoint = interactions();
    let ask = |parameters: Value| {
        let parameters = parameters.as_object().unwrap();
        endpoint
            .request(&source(), day(), at(PagingStyle::Offset), parameters)
            .unwrap()
    };
    let query = |agentic: &str| {
        format!(
            "endDate=2026-03-24%2000%3A00%3A00&includeAgenticData={agentic}&limit=20&offset=30\
             &startDate=2026-03-23%2000%3A00%3A00"
        )
    };
    let is_json = |request: &Request| request.headers.iter().any(|(name, _)| *name == "content-type");

    for unfiltered in [json!({}), json!({"sessionIds": null})] {
        let request = ask(unfiltered);
        assert_eq!((request.method, &request.body), (Method::Get, &None));
        assert_eq!(request.url.query(), Some(query("true").as_str()));
        assert!(!is_json(&request));
    }

    let settings = json!({"session_ids": ["s-2", "s-1"], "include_agentic_data": false, "agents": ["a"]});
    let parameters = endpoint
        .filter_parameters(settings.as_object().unwrap().clone())
        .unwrap();
    let request = ask(parameters.into());
    assert_eq!(request.method, Method::Post);
    assert!(is_json(&request));
    assert_eq!(request.url.query(), Some(query("false").as_str()));
    let body: Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
    assert_eq!(body, json!({"sessionIds": ["s-1", "s-2"], "agents": ["a"]}));
}

#[test]
fn filters_that_an_endpoint_does_not_take_are_refused_with_those_it_takes() {
    let refused = |endpoint: &Endpoint, settings: Value| {
        let error = endpoint
            .filter_parameters(settings.as_object().unwrap().clone())
            .unwrap_err();
        assert!(error.is_configuration());
        (error.to_string(), error.hint().unwrap())
    };
    let (message, hint) = refused(&interactions(), json!({"queues": ["q-4711"]}));
    assert_eq!(message, "endpoint v3 takes no filter \"queues\"");
    assert!(
        hint.starts_with("it takes agents, include_agentic_data, session_ids;"),
        "{hint}"
    );
    let (message, _) = refused(&interactions(), json!({"session_ids": "s-4711"}));
    assert_eq!(message, "session_ids for endpoint v3 is not a list of texts");
    let (_, hint) = refused(&endpoint(|_| ()), json!({"queues": []}));
    assert!(hint.starts_with("it takes none;"), "{hint}");
}

#[test]
fn dates_are_written_in_the_format_that_was_set() {
    let dashed = endpoint(|_| ()).with_date_format("%Y-%m-%d-%H:%M").unwrap();
    assert_eq!(dashed.resolution(), TimeDelta::minutes(1));
    let body = body_of(&dashed, at(PagingStyle::Offset), json!({}));
    assert_eq!(body["endDate"], "2026-03-24-00:00");
    let error = endpoint(|_| ()).with_date_format("%H:%M").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the date format \"%H:%M\" writes two days alike"
    );
    assert!(error.is_configuration() && error.hint().unwrap().contains("date_format"));
}

#[test]
fn window_whose_ends_would_be_written_alike_is_refused() {
    let hour = Window::new(day().start(), day().start() + TimeDelta::hours(1)).unwrap();
    let days = endpoint(|written| written["window"]["format"] = "%Y-%m-%d".into());
    assert_eq!(days.resolution(), TimeDelta::days(1));
    let error = days
        .request(&source(), hour, at(PagingStyle::Offset), &Map::new())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "endpoint v3 writes both ends of 2026-03-23T00:00:00Z..2026-03-23T01:00:00Z as \"2026-03-23\""
    );
    assert!(error.is_configuration() && error.hint().unwrap().contains("date_format"));
    days.request(&source(), day(), at(PagingStyle::Offset), &Map::new())
        .unwrap();
}
