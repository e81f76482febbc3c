use super::*;

fn names() -> ResponseNames {
    ResponseNames {
        records: "results".to_owned(),
        total: Some("totalResults".to_owned()),
        more: Some("hasMore".to_owned()),
    }
}

fn parse(body: &str) -> Result<Page> {
    Page::parse(Bytes::copy_from_slice(body.as_bytes()), &names())
}

fn place(error: Error) -> (usize, usize, bool) {
    match error {
        Error::NotJson {
            offset, line, cut, ..
        } => (offset, line, cut),
        other => panic!("{other:?}"),
    }
}

#[test]
fn envelope_is_split_into_records_total_and_more() {
    let body =
        r#" {"totalPages":2, "results" : [ {"a":[1]} , 2,"x]" ] ,"totalResults":3,"hasMore":false, "x":{}} "#;
    let page = parse(body).unwrap();
    assert_eq!(page.records, r#"[ {"a":[1]} , 2,"x]" ]"#);
    assert_eq!(
        (page.count, page.total, page.more, page.body_bytes),
        (3, Some(3), Some(false), body.len())
    );
}

#[test]
fn records_are_a_part_of_the_body_and_no_copy() {
    let body = Bytes::from_static(br#"{"results":[{"a":1}]}"#);
    let page = Page::parse(body.clone(), &names()).unwrap();
    assert_eq!(page.records.as_ptr() as usize - body.as_ptr() as usize, 11);
    assert_eq!((page.total, page.more), (None, None));
}

#[test]
fn empty_array_is_an_empty_page() {
    let page = parse(r#"{"results":[ ],"totalResults":0}"#).unwrap();
    assert_eq!(
        (page.records, page.count, page.total),
        (Bytes::from_static(b"[]"), 0, Some(0))
    );
}

#[test]
fn escaped_keys_and_a_byte_order_mark_are_understood() {
    let page = parse("\u{feff}{\"re\\u0073ults\":[1]}").unwrap();
    assert_eq!((&page.records[..], page.body_bytes), (&b"[1]"[..], 23));
}

#[test]
fn totals_and_more_are_read_from_their_text_too() {
    let total =
        |text: &str| parse(&format!(r#"{{"totalResults":{text},"results":[]}}"#)).map(|page| page.total);
    for text in ["191", "\"191\"", "\" 191 \"", "191.0", "\"191.00\""] {
        assert_eq!(total(text).unwrap(), Some(191), "{text}");
    }
    assert_eq!(total("null").unwrap(), None);
    for text in [
        "-1",
        "1.5",
        "true",
        "\"many\"",
        "[]",
        "1e400",
        "\"\"",
        "18446744073709551616",
    ] {
        assert!(
            matches!(total(text), Err(Error::UnreadableEnvelope { .. })),
            "{text}"
        );
    }
    let more = |text: &str| parse(&format!(r#"{{"hasMore":{text},"results":[]}}"#)).map(|page| page.more);
    assert_eq!(more("\"True\"").unwrap(), Some(true));
    assert_eq!(more("false").unwrap(), Some(false));
    assert_eq!(more("null").unwrap(), None);
    assert!(matches!(more("1"), Err(Error::UnreadableEnvelope { .. })));
}

#[test]
fn deep_nesting_neither_fails_nor_overflows() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    for value in [deep(10_000), deep(1_000_000), objects] {
        let page = parse(&format!(r#"{{"results":[{value}]}}"#)).unwrap();
        assert_eq!((page.count, page.records.len()), (1, value.len() + 2));
        assert_eq!(
            parse(&format!(r#"{{"other":{value},"results":[1]}}"#))
                .unwrap()
                .count,
            1
        );
        let misplaced = parse(&format!(r#"{{"results":{{"a":{value}}}}}"#));
        assert!(matches!(
            misplaced,
            Err(Error::RecordsNotArray {
                found: "an object",
                ..
            })
        ));
        assert!(matches!(
            parse(&format!(r#"{{"other":{value}}}"#)),
            Err(Error::MissingRecords { .. })
        ));
        assert!(matches!(
            parse(&format!(r#"{{"errors":{value},"results":[]}}"#)),
            Err(Error::ErrorBody { .. }) | Ok(Page { count: 0, .. })
        ));
        assert!(matches!(
            parse(&format!(r#"{{"totalResults":{value},"results":[]}}"#)),
            Err(Error::UnreadableEnvelope { .. })
        ));
        assert!(matches!(
            parse(&format!("[{value}]")),
            Err(Error::NotAnObject { .. })
        ));
    }
}

#[test]
fn error_in_the_body_is_quoted_whatever_the_rest() {
    let bodies = [
        r#"{"errors":[{"msg":"Invalid JWT token","code":4002}]}"#,
        r#"{"errors":[{"msg":"Invalid JWT token","code":4002}],"results":[{"a":1}]}"#,
        r#"{"results":[],"errors":null,"error":"Invalid JWT token","code":4002}"#,
        r#"{"message":"Invalid JWT token","code":"4002"}"#,
    ];
    for body in bodies {
        let error = parse(body).unwrap_err();
        let Error::ErrorBody { message, code } = &error else {
            panic!("{body}: {error:?}")
        };
        assert_eq!(
            (message.as_str(), *code),
            ("Invalid JWT token", Some(4002)),
            "{body}"
        );
        assert!(error.is_credentials());
    }
}

#[test]
fn an_error_without_a_message_is_an_error_all_the_same() {
    for errors in [
        r#""errors":[{"code":5001}]"#,
        r#""error":true"#,
        r#""error":{"status":500}"#,
        r#""errors":500"#,
    ] {
        let body = format!(r#"{{"results":[],"totalResults":0,"hasMore":false,{errors}}}"#);
        let error = parse(&body).unwrap_err();
        assert!(matches!(error, Error::ErrorBody { .. }), "{errors}: {error:?}");
    }
}

#[test]
fn empty_errors_do_not_spoil_a_page() {
    for errors in ["null", "[]", "{}", "false", r#""""#] {
        let body = format!(r#"{{"errors":{errors},"message":"Success","results":[1]}}"#);
        assert_eq!(parse(&body).unwrap().count, 1, "{errors}");
    }
}

#[test]
fn body_without_records_tells_its_keys() {
    let error = parse(r#"{"data":[1],"numResults":1}"#).unwrap_err();
    assert!(error.hint().unwrap().contains("data, numResults"), "{error:?}");
    let many: Vec<String> = (0..100)
        .map(|index| format!(r#""{}\n{index}":0"#, "k".repeat(99)))
        .collect();
    match parse(&format!("{{{}}}", many.join(","))).unwrap_err() {
        Error::MissingRecords { keys, .. } => {
            assert!(keys.len() == 10 && keys.iter().all(|key| key.chars().count() == 40))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn records_that_are_no_array_are_named() {
    for (value, kind) in [
        ("{}", "an object"),
        ("null", "null"),
        ("\"x\"", "a text"),
        ("1", "a number"),
        ("-1.5", "a number"),
        ("true", "a boolean"),
    ] {
        match parse(&format!(r#"{{"results":{value},"totalResults":0}}"#)) {
            Err(Error::RecordsNotArray { found, .. }) => assert_eq!(found, kind),
            other => panic!("{value}: {other:?}"),
        }
    }
    for (body, kind) in [
        ("[1]", "an array"),
        ("null", "null"),
        ("\"x\"", "a text"),
        ("7", "a number"),
    ] {
        match parse(body) {
            Err(Error::NotAnObject { found }) => assert_eq!(found, kind),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn key_that_counts_twice_is_an_error() {
    for twice in [r#""results":[2]"#, r#""totalResults":2"#, r#""hasMore":false"#] {
        let body = format!(r#"{{"results":[1],"totalResults":1,"hasMore":true,{twice}}}"#);
        assert!(matches!(parse(&body), Err(Error::DuplicateKey { .. })), "{twice}");
    }
    assert!(parse(r#"{"results":[1],"x":1,"x":2}"#).is_ok());
}

#[test]
fn cut_body_tells_where_it_ends() {
    let whole = r#"{"results":[{"a":"x"},{"b":[1,null]}],"totalResults":1234}"#;
    assert!(parse(whole).is_ok());
    for end in 0..whole.len() {
        assert_eq!(
            place(parse(&whole[..end]).unwrap_err()),
            (end, 1, true),
            "{}",
            &whole[..end]
        );
    }
}

#[test]
fn mistake_tells_line_and_byte() {
    let bodies = [
        ("{\"results\":[\n{\"a\":1}\n{\"b\":2}]}", 21, 3),
        ("\u{feff}{\"results\":[1,]}", 17, 1),
        ("{\"results\":[1]} x", 16, 1),
        ("{\n\"results\":[nul]}", 16, 2),
        ("Service Unavailable", 0, 1),
    ];
    for (body, offset, line) in bodies {
        assert_eq!(place(parse(body).unwrap_err()), (offset, line, false), "{body}");
    }
}

#[test]
fn text_that_is_not_utf8_is_no_json() {
    let body = Bytes::from_static(b"{\"results\":[\"\xff\"]}");
    let (offset, line, cut) = place(Page::parse(body, &names()).unwrap_err());
    assert!((13..=15).contains(&offset) && line == 1 && !cut, "{offset}");
}

#[test]
fn html_is_called_html() {
    let error = parse("\n<!doctype html><title>Sign in</title>").unwrap_err();
    assert!(
        matches!(&error, Error::Html { title: Some(title) } if title == "Sign in"),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        r#"the answer is an HTML page titled "Sign in""#
    );
    assert!(matches!(parse("<x>"), Err(Error::Html { title: None })));
}
