//! What a decoder does with records that would take more memory than they are worth, and what it keeps after an
//! error.

use serde_json::json;

use super::*;

/// `"key":[value,value,…]`
fn many(key: &str, value: &str, count: usize) -> String {
    format!(r#""{key}":[{}]"#, vec![value; count].join(","))
}

#[track_caller]
fn quarantines(input: &str, reason: &str) {
    let mut decoder = decoder();
    decoder.finish(br#"{"id":"before"}"#).unwrap();
    let mut rest = format!("[{input},{{\"id\":\"after\",\"list\":[1]}}]").into_bytes();
    while let Progress::NeedsFlush { consumed } = decoder.finish(&rest).unwrap() {
        rest.drain(..consumed);
        decoder.flush().unwrap();
    }
    let quarantined = decoder.take_quarantined();
    assert_eq!(quarantined.len(), 1, "{reason}");
    assert_eq!(quarantined[0].reason, reason);
    assert!(quarantined[0].record == input.as_bytes());
    assert_eq!((decoder.counts().records, decoder.counts().quarantined), (2, 1));
    let after = decoder.flush().unwrap().unwrap();
    let row = after.num_rows() - 1;
    assert_eq!(cell(&after, "id", row), "after");
    assert_eq!(cell(&after, "list", row), "[1]");
}

#[test]
fn a_record_of_too_many_elements_goes_to_the_quarantine() {
    let reason = "its lists and maps have more than 1,048,576 elements";
    quarantines(
        &format!("{{{}}}", many("people", "{}", ELEMENTS_LIMIT + 1)),
        reason,
    );
    let half = ELEMENTS_LIMIT / 2;
    let entries: Vec<String> = (0..=half).map(|key| format!(r#""{key}":1"#)).collect();
    quarantines(
        &format!(
            r#"{{{},"counts":{{{}}}}}"#,
            many("list", "1", half),
            entries.join(",")
        ),
        reason,
    );
}

#[test]
fn the_elements_of_a_record_that_is_read_twice_count_once() {
    let list = many("list", "1", ELEMENTS_LIMIT / 2 + 1);
    let batch = decode(&format!(r#"{{{list},"id":"a","ID":"a"}}"#));
    assert_eq!(
        batch
            .column_by_name("list")
            .unwrap()
            .as_list::<i32>()
            .value_length(0),
        524_289
    );
}

#[test]
fn a_batch_is_full_by_its_elements_too() {
    let record = format!("{{{}}}\n", many("people", "{}", ELEMENTS_LIMIT / 2));
    let input = record.repeat(3).into_bytes();
    let mut decoder = decoder();
    let consumed = 2 * record.len() - 1;
    assert_eq!(decoder.finish(&input).unwrap(), Progress::NeedsFlush { consumed });
    assert_eq!(decoder.flush().unwrap().unwrap().num_rows(), 2);
    let progress = decoder.finish(&input[consumed..]).unwrap();
    assert!(matches!(progress, Progress::NeedsInput { .. }));
}

#[test]
fn a_record_of_too_many_unknown_or_doubled_members_goes_to_the_quarantine() {
    let unknown = vec![r#""":0"#; ELEMENTS_LIMIT + 1].join(",");
    quarantines(
        &format!("{{{unknown}}}"),
        "more than 1,048,576 of its values have no column",
    );
    quarantines(
        &format!(r#"{{"id":"a","ID":"a",{unknown}}}"#),
        "one of its objects has more than 1,048,576 members",
    );
}

#[test]
fn a_record_of_more_than_its_limit_goes_to_the_quarantine() {
    let record = |length: usize| format!(r#"{{"id":"{}"}}"#, "a".repeat(length - 9));
    quarantines(&record(RECORD_LIMIT + 1), "a record of more than 64 MiB");

    let largest = record(RECORD_LIMIT) + " ";
    let mut decoder = decoder();
    decoder.finish(largest.as_bytes()).unwrap();
    assert_eq!(decoder.flush().unwrap().unwrap().num_rows(), 1);

    let cut = &record(RECORD_LIMIT + 100)[..RECORD_LIMIT + 50];
    let progress = decoder.decode(cut.as_bytes()).unwrap();
    assert_eq!(progress, Progress::NeedsInput { consumed: 0 });
    assert!(matches!(
        decoder.finish(cut.as_bytes()),
        Err(Error::CutShort { .. })
    ));
}

#[test]
fn rows_for_the_quarantine_make_a_batch_full_too() {
    let mut decoder = decoder().with_batch_rows(2);
    let progress = decoder.finish(br#"[1,{"id":"a"},2,3]"#).unwrap();
    assert_eq!(progress, Progress::NeedsFlush { consumed: 13 });
    assert_eq!(decoder.flush().unwrap().unwrap().num_rows(), 1);
    let progress = decoder.finish(b",2,3]").unwrap();
    assert_eq!(progress, Progress::NeedsFlush { consumed: 4 });
    assert_eq!(decoder.flush().unwrap(), None);
    let progress = decoder.finish(b"]").unwrap();
    assert_eq!(progress, Progress::NeedsInput { consumed: 1 });
    assert_eq!(decoder.take_quarantined().len(), 3);
}

#[test]
fn every_error_drops_the_rows_since_the_last_flush_and_no_others() {
    for bytes in [&b"\xff"[..], b"!", b""] {
        let mut decoder = decoder();
        decoder
            .finish(b"{\"id\":\"flushed\",\"new\":1} \"flushed\"")
            .unwrap();
        decoder.flush().unwrap().unwrap();
        let counts = decoder.counts();

        let start = br#"[{"id":"dropped"}, 7 "#;
        let consumed = decoder.decode(start).unwrap().consumed();
        assert_eq!((decoder.counts().records, decoder.counts().quarantined), (2, 2));
        let error = decoder.finish(&[&start[consumed..], bytes].concat()).unwrap_err();
        assert!(error.to_string().contains("at byte 21"), "{error}");
        assert_eq!(decoder.counts(), counts, "{error}");
        assert_eq!(decoder.flush().unwrap(), None, "{error}");
        let kept = decoder.take_quarantined();
        assert_eq!(kept.len(), 1, "{error}");
        assert_eq!(kept[0].record, b"\"flushed\"");

        // Another input may begin: with a byte order mark, and with its own places.
        let error = decoder.finish(b"\xef\xbb\xbf{\"id\":\"later\"} !").unwrap_err();
        assert!(error.to_string().contains("at byte 18 (line 1)"), "{error}");
    }
}

#[test]
fn quarantined_rows_that_were_taken_are_not_counted_as_kept() {
    let mut decoder = decoder();
    decoder.finish(b"1 2").unwrap();
    decoder.flush().unwrap();
    assert_eq!(decoder.take_quarantined().len(), 2);
    assert!(decoder.finish(b"3 4 !").is_err());
    assert_eq!(decoder.take_quarantined(), []);
}

#[test]
fn bytes_that_wait_for_a_flush_are_checked_once() {
    let input = r#"{"id":"é"} {"id":"b"} {"id":"c"}"#.as_bytes();
    let mut decoder = decoder().with_batch_rows(1);
    let progress = decoder.decode(input).unwrap();
    let rest = &input[progress.consumed()..];
    assert_eq!(decoder.checked, rest.len());
    decoder.flush().unwrap();

    // Bytes behind them are, and are told with their place in the whole input.
    let error = decoder.decode(&[rest, b"  \xff"].concat()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("not UTF-8 at byte {}", input.len() + 2)
    );
    assert_eq!(decoder.checked, 0);
    assert!(decoder.decode(b"\xff").is_err());
}

#[test]
fn a_defect_is_an_error_and_no_panic() {
    let mut decoder = decoder();
    decoder.finish(b"{\"id\":\"a\"} 5").unwrap();
    decoder.rescued.bytes.push(0xff);
    decoder.rescued.end_row();
    let error = decoder.flush().unwrap_err();
    assert!(matches!(error, Error::Batch { .. }) && !error.is_bad_input());
    assert_eq!(
        (decoder.counts(), decoder.flush().unwrap()),
        (Counts::default(), None)
    );
    decoder.finish(b"{\"id\":\"b\"}").unwrap();
    assert_eq!(cell(&decoder.flush().unwrap().unwrap(), "id", 0), "b");
}

#[test]
fn a_decoder_tells_where_it_stands() {
    let mut decoder = decoder();
    decoder.decode(b"[{}").unwrap();
    let shown = format!("{decoder:?}");
    assert!(
        shown.contains("records: 1") && shown.contains("offset: 3"),
        "{shown}"
    );
}

/// Were each level tried in one go first, the innermost object would be read 2³⁰ times.
#[test]
fn spellings_that_compete_at_every_level_cost_no_more_than_a_few_readings() {
    let number = json!({"name": "n", "type": "int64", "doc": "d", "aliases": ["N", "n"]});
    let mut column = json!({"name": "c", "type": "struct", "doc": "d", "fields": [number]});
    let mut record = r#"{"n":1,"N":2}"#.to_owned();
    for _ in 0..30 {
        column = json!({"name": "c", "type": "struct", "doc": "d", "fields": [column, number]});
        record = format!(r#"{{"c":{record},"n":1,"N":2}}"#);
    }
    let id = json!({"name": "id", "type": "utf8", "doc": "d"});
    let definition = json!({"name": "deep", "doc": "d", "key": "id", "columns": [id, column]});
    let mut decoder = Decoder::new(&Definition::parse(&definition.to_string()).unwrap());
    decoder.finish(format!(r#"{{"c":{record}}}"#).as_bytes()).unwrap();
    let batch = decoder.flush().unwrap().unwrap();
    let rescued: serde_json::Value = serde_json::from_str(cell(&batch, "_rescued", 0).as_str()).unwrap();
    // The stronger spelling wins on each level, and the other is kept.
    assert_eq!(rescued.as_object().unwrap().len(), 31, "{rescued}");
}
