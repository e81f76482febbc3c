use korelake_schema::Decoder;

use super::*;

fn batch(records: &str) -> RecordBatch {
    let mut decoder = Decoder::new(&Definition::builtin("raw_data").unwrap());
    decoder.finish(records.as_bytes()).unwrap();
    decoder.flush().unwrap().unwrap()
}

fn census() -> Census {
    let window = Window::new(
        "2026-03-23T00:00:00Z".parse().unwrap(),
        "2026-03-24T00:00:00Z".parse().unwrap(),
    );
    Census::new(&Definition::builtin("raw_data").unwrap(), window.unwrap(), true)
}

#[test]
fn equal_records_are_one_and_changed_ones_are_told() {
    let mut census = census();
    let first = batch(r#"{"conversationId":"a","Language":"English"}{"conversationId":"b"}"#);
    assert_eq!(census.take(&first).unwrap().new.num_rows(), 2);
    let again = r#"{"Conversation ID":"a","language":"English"} {"conversationId":"b","Language":"German"}
        {"conversationId":"c","brandNew":1}"#;
    let taken = census.take(&batch(again)).unwrap();
    assert_eq!((taken.new.num_rows(), taken.changed.len()), (1, 1));
    assert_eq!(
        (census.found(), census.duplicates, census.changed, census.rescued),
        (3, 1, 1, 1)
    );
    assert_eq!(census.digest.rows(), 3);
}

#[test]
fn records_without_key_are_told_apart_by_content() {
    let mut census = census();
    let records = r#"{"Language":"English"}{"Language":"German"}{"Language":"English"}
        {"conversationId":"","Language":"English"}{"conversationId":"","Language":"German"}"#;
    assert_eq!(census.take(&batch(records)).unwrap().new.num_rows(), 4);
    assert_eq!((census.found(), census.duplicates, census.changed), (4, 1, 0));
}

#[test]
fn rows_that_are_no_records_are_counted_once() {
    let mut census = census();
    assert!(census.take_no_record(b"7"));
    assert!(!census.take_no_record(b"7"));
    assert!(census.take_no_record(b"8"));
    assert_eq!(census.quarantined(), 2);
}

#[test]
fn records_outside_the_window_are_kept_and_counted() {
    let mut census = census();
    let records = r#"{"conversationId":"a","conversationStartTime":"2026-03-24T00:00:01Z"}
        {"conversationId":"b","conversationStartTime":"2026-03-23T00:00:00Z"}
        {"conversationId":"c","conversationStartTime":"2026-03-22T23:59:59.999Z"} {"conversationId":"d"}"#;
    assert_eq!(census.take(&batch(records)).unwrap().new.num_rows(), 4);
    assert_eq!(census.outside, 2);
}

#[test]
fn records_on_the_end_are_set_aside_until_they_are_kept() {
    let mut census = census();
    let records = r#"{"conversationId":"a","conversationStartTime":"2026-03-24T00:00:00Z"}
        {"conversationId":"b","conversationStartTime":"2026-03-24T00:00:00.999Z"}
        {"conversationId":"c","conversationStartTime":"2026-03-23T23:59:59.5Z"}
        {"conversationId":"a","conversationStartTime":"2026-03-24T00:00:00Z"}"#;
    let taken = census.take(&batch(records)).unwrap();
    assert_eq!(
        (
            taken.new.num_rows(),
            taken.on_the_end.as_ref().unwrap().num_rows()
        ),
        (1, 2)
    );
    assert_eq!(
        (
            census.found(),
            census.digest.rows(),
            census.outside,
            census.duplicates
        ),
        (3, 1, 0, 1)
    );
    census.keep(&taken.on_the_end.unwrap()).unwrap();
    assert_eq!((census.found(), census.digest.rows(), census.outside), (3, 3, 2));
}

#[test]
fn parts_are_counted_by_themselves() {
    let mut census = census();
    let one = batch(r#"{"conversationId":"a"}{"conversationId":"b","Language":"English"}"#);
    census.begin_part();
    census.take(&one).unwrap();
    let first = census.end_part();
    census.begin_part();
    let other =
        batch(r#"{"conversationId":"b","Language":"English"}{"conversationId":"c"}{"conversationId":"c"}"#);
    assert_eq!(census.take(&other).unwrap().new.num_rows(), 1);
    assert_eq!(
        (
            census.found(),
            census.found_in_unit(),
            census.duplicates,
            census.changed
        ),
        (2, 3, 1, 0)
    );
    let second = census.end_part();
    census.begin_part();
    census
        .take(&batch(
            r#"{"conversationId":"a"}{"conversationId":"b","Language":"English"}{"conversationId":"d"}"#,
        ))
        .unwrap();
    let again = census.end_part();
    assert!(first.is_within(&again) && !second.is_within(&again) && !again.is_within(&first));
    census.begin_part();
    census
        .take(&batch(r#"{"conversationId":"a","Language":"German"}"#))
        .unwrap();
    assert_eq!(census.changed, 1);
    assert!(!first.is_within(&census.end_part()));
}
