//! What may be given to a decoder: framings, chunks, batches, and bytes that are not JSON.

use super::*;

#[test]
fn every_framing_gives_the_same_records() {
    let records = [
        r#"{"id":"a","list":[1]}"#,
        r#"{"id":"b"}"#,
        r#"{"new":1,"id":"c"}"#,
    ];
    let array = records.join(" ,\n");
    let whole = decode(&format!("[{array}]"));
    assert_eq!(whole.num_rows(), 3);
    for input in [
        records.join("\n"),
        records.join(""),
        format!("\u{feff}[{array}]\n"),
        format!(r#"{{"results":[{array}],"totalResults":3,"hasMore":false}}"#),
        format!(r#"{{"totalResults":3,"hasMore":{{"x":[]}},"results":[{array}]}} "#),
        format!(r#"{{"totalResults":3,"totalResults":3,"results":[{array}]}}"#),
        format!(
            r#"{{"results":[{}]}} [{}] {} {{"results":[]}}"#,
            records[0], records[1], records[2]
        ),
    ] {
        let batch = decode(&input);
        assert_eq!(batch, whole, "{input}");
    }
}

#[test]
fn the_envelope_is_no_record_and_a_record_is_no_envelope() {
    let mut decoder = decoder();
    decoder.finish(br#"{"results":[]}"#).unwrap();
    assert_eq!(decoder.flush().unwrap(), None);
    decoder
        .finish(br#"{"id":"a","results":{"x":1}} [{"id":"b","results":[1]}]"#)
        .unwrap();
    let batch = decoder.flush().unwrap().unwrap();
    assert_eq!(cell(&batch, "_rescued", 0), r#"{"/results":{"x":1}}"#);
    assert_eq!(cell(&batch, "_rescued", 1), r#"{"/results":[1]}"#);
}

#[test]
fn a_record_with_a_key_that_also_holds_records_in_envelopes_stays_a_record() {
    let batch = decode(r#"{"id":"a","results":[{"id":"b"}],"results":[]}"#);
    assert_eq!(cell(&batch, "id", 0), "a");
    assert_eq!(
        cell(&batch, "_rescued", 0),
        r##"{"/results":[{"id":"b"}],"/results#2":[]}"##
    );
    let error = decoder()
        .finish(br#"{"results":[{"id":"b"}],"id":"a"}"#)
        .unwrap_err();
    assert!(
        error.to_string().contains("a key of a record stands beside"),
        "{error}"
    );
    let error = decoder()
        .finish(br#"{"results":[{"id":"b"}],"results":{"id":"a"}}"#)
        .unwrap_err();
    assert!(error.to_string().contains("records come twice"), "{error}");
    let batch = decode(r#"{"new":1,"results":null}"#);
    assert_eq!(cell(&batch, "_rescued", 0), r#"{"/new":1,"/results":null}"#);
}

#[test]
fn chunks_of_any_size_give_the_same_rows() {
    let input = r#" {"hasMore":true,"results":[{"ID":"á","people":[{"name":"x\u00e9","score":1.25e1,"?":[]},{}]},
        "no record",{"id":"b","id":"c","fields":{"k":"v","k":"w"}},{"Float":"NA","float":-3}],"totalResults":3}
        {"id":"😀"}"#;
    let mut whole = decoder();
    whole.finish(input.as_bytes()).unwrap();
    let expected = whole.flush().unwrap().unwrap();
    assert_eq!(expected.num_rows(), 4);
    for size in 1..input.len() {
        let mut decoder = decoder();
        let (mut taken, mut end) = (0, 0);
        while end < input.len() {
            end = (end + size).min(input.len());
            taken += decoder.decode(&input.as_bytes()[taken..end]).unwrap().consumed();
        }
        decoder.finish(&input.as_bytes()[taken..]).unwrap();
        assert_eq!(decoder.flush().unwrap().unwrap(), expected, "chunks of {size}");
        assert_eq!(decoder.counts(), whole.counts());
        assert_eq!(decoder.take_quarantined().len(), 1);
    }
}

#[test]
fn a_full_batch_asks_for_a_flush_and_goes_on() {
    let input = r#"[{"id":"a"},{"id":"b"},{"id":"c"}]"#.as_bytes();
    let mut decoder = decoder().with_batch_rows(2);
    let progress = decoder.finish(input).unwrap();
    assert!(matches!(progress, Progress::NeedsFlush { .. }));
    assert_eq!(decoder.flush().unwrap().unwrap().num_rows(), 2);
    let progress = decoder.finish(&input[progress.consumed()..]).unwrap();
    assert!(matches!(progress, Progress::NeedsInput { .. }));
    assert_eq!(decoder.flush().unwrap().unwrap().num_rows(), 1);
    assert_eq!(decoder.counts().records, 3);
}

#[test]
fn a_batch_is_full_by_its_bytes_too() {
    let mut decoder = decoder().with_batch_bytes(10);
    let progress = decoder.decode(br#"{"id":"abcdef"} {"id":"b"}"#).unwrap();
    assert_eq!(progress, Progress::NeedsFlush { consumed: 15 });
}

#[test]
fn json_that_is_not_valid_leaves_no_row_behind() {
    for (input, expected) in [
        (
            "<html>",
            "not valid JSON at byte 0 (line 1): expected a JSON value",
        ),
        (
            "[{\"id\":\"a\"}\n,{\"id\":tru}]",
            "not valid JSON at byte 19 (line 2): expected a JSON value",
        ),
        (
            "[{\"id\":\"a\"}",
            "the JSON ends in the middle, at byte 11 (line 1)",
        ),
        (
            "{\"results\":[{\"id\":\"a\"}],\"x\"",
            "the JSON ends in the middle, at byte 27 (line 1)",
        ),
        (
            "{\"id\":\"a\" \"b\"",
            "not valid JSON at byte 10 (line 1): expected a comma or `}`",
        ),
        (
            "{\"id\":\"a\nb\"}",
            "not valid JSON at byte 8 (line 1): expected no control character in a string",
        ),
        (
            "{\"id\":\"a\"}]",
            "not valid JSON at byte 10 (line 1): expected a JSON value",
        ),
    ] {
        let mut decoder = decoder();
        decoder.finish(b"{\"id\":\"earlier\",\"new\":1} 5").unwrap();
        let error = decoder.finish(input.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.is_bad_input() && error.hint().is_some());
        assert_eq!(
            (decoder.counts(), decoder.flush().unwrap()),
            (Counts::default(), None),
            "{input}"
        );
        decoder.finish(b"{\"id\":\"later\"}").unwrap();
        assert_eq!(decoder.flush().unwrap().unwrap().num_rows(), 1);
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let error = decoder().decode(b"{\"id\":\"\xff\"}").unwrap_err();
    assert_eq!(error.to_string(), "not UTF-8 at byte 7");
    assert!(decoder().finish(b"{\"id\":\"\xc3").is_err());
}

#[test]
fn every_truncation_of_a_body_is_refused_whole() {
    let body = r#"{"results":[{"id":"a","people":[{"name":"é","n":{"x":[1,2]}}]},{"id":"b","float":1.5}],"hasMore":false}"#;
    for cut in 1..body.len() {
        let mut decoder = decoder();
        assert!(decoder.finish(&body.as_bytes()[..cut]).is_err(), "cut at {cut}");
        assert_eq!(decoder.flush().unwrap(), None);
    }
}

#[test]
fn a_record_that_is_quarantined_for_its_paths_leaves_nothing_to_the_next() {
    let key = "k".repeat(17 << 20);
    let mut decoder = decoder();
    decoder
        .decode(format!(r#"{{"id":"a","{key}":1}}"#).as_bytes())
        .unwrap();
    decoder.flush().unwrap();
    decoder.finish(br#"{"id":"b","new":1}"#).unwrap();
    let counts = decoder.counts();
    assert_eq!((counts.quarantined, counts.records, counts.rescued), (1, 1, 1));
}
