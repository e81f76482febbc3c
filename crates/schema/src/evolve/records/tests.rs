use super::*;

/// The records of `input` when it comes in chunks of `size` bytes.
fn split(input: &str, size: usize) -> Result<(Vec<String>, Vec<String>), Error> {
    let mut records = Records::new(vec!["results".to_owned(), "data".to_owned()]);
    let mut keep = Kept::default();
    let mut buffer = Vec::new();
    for chunk in input.as_bytes().chunks(size) {
        buffer.extend_from_slice(chunk);
        let consumed = records.split(&buffer, false, &mut keep)?;
        buffer.drain(..consumed);
    }
    records.split(&buffer, true, &mut keep)?;
    Ok((keep.records, records.envelopes().keys().to_vec()))
}

#[derive(Default)]
struct Kept {
    records: Vec<String>,
    members: Vec<String>,
}

impl Sink for Kept {
    fn record(&mut self, record: &[u8]) {
        self.records.push(String::from_utf8(record.to_vec()).unwrap());
        let members: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(record).ok();
        let keys = members.into_iter().flatten().map(|(key, _)| key);
        self.members.extend(keys);
    }

    fn is_member(&self, key: &str) -> bool {
        self.members.iter().any(|member| member == key)
    }
}

#[test]
fn records_are_found_in_every_form_and_at_any_cut() {
    let two = [r#"{"a":[1]}"#, r#"{"b":"]"}"#];
    for (input, key) in [
        (format!("[{},{}]", two[0], two[1]), None),
        (format!("{}\n{}\n", two[0], two[1]), None),
        (
            format!(
                "\u{feff}{{\"total\":2,\"results\":[{},{}],\"more\":false}}",
                two[0], two[1]
            ),
            Some("results"),
        ),
        (
            format!("{{\"data\":[{}]}} {{\"data\":[{}]}}", two[0], two[1]),
            Some("data"),
        ),
    ] {
        for size in [1, 2, 7, 1000] {
            let (found, keys) = split(&input, size).unwrap();
            assert_eq!(found, two, "{input} by {size}");
            assert_eq!(keys, key.into_iter().collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_list_of_no_objects_makes_no_envelope() {
    for record in [r#"{"id":"a","data":[1,2]}"#, r#"{"id":"a","data":{"x":1}}"#] {
        assert_eq!(split(record, 3).unwrap(), (vec![record.to_owned()], vec![]));
    }
}

#[test]
fn an_object_with_a_key_of_records_before_its_list_is_a_record() {
    let input = r#"{"id":"a","n":1} {"id":"b","data":[{"x":1}]} {"more":0,"data":[{"x":2}]}"#;
    for size in [1, 5, 1000] {
        let (found, keys) = split(input, size).unwrap();
        assert_eq!(
            found,
            [
                r#"{"id":"a","n":1}"#,
                r#"{"id":"b","data":[{"x":1}]}"#,
                r#"{"x":2}"#
            ]
        );
        assert_eq!(keys, ["data"]);
    }
}

#[test]
fn an_empty_list_alone_makes_no_envelope() {
    let record = r#"{"id":"a","data":[]}"#;
    assert_eq!(split(record, 3).unwrap(), (vec![record.to_owned()], vec![]));
    let last_page = r#"{"total":0,"data":[],"hasMore":false}"#;
    assert_eq!(split(last_page, 3).unwrap().0, [""; 0]);
    let after_another = format!(r#"{{"data":[{{"x":1}}]}}{}"#, r#"{"query":"q","data":[]}"#);
    assert_eq!(split(&after_another, 3).unwrap().0, [r#"{"x":1}"#]);
}

#[test]
fn what_is_dropped_beside_records_is_told() {
    let of = |input: &str| {
        let mut records = Records::new(vec!["data".to_owned()]);
        records
            .split(input.as_bytes(), true, &mut Kept::default())
            .unwrap();
        (
            records.envelopes().count(),
            records.envelopes().dropped().join(" "),
        )
    };
    let envelope = |number: u8, behind: &str| {
        format!(r#"{{"ticket":{number},"data":[{{"x":1}}],"customer":"Jane Doe","hasMore":true{behind}}}"#)
    };
    assert_eq!(of(&envelope(1, "")), (1, "customer".to_owned()));
    let three = format!(
        "{}{}{}",
        envelope(1, r#","limit":1"#),
        envelope(2, ""),
        envelope(3, r#","limit":2,"version":3,"o":{}"#)
    );
    assert_eq!(of(&three), (3, "ticket customer".to_owned()));
}

#[test]
fn each_input_begins_anew() {
    let mut records = Records::new(Vec::new());
    let mut kept = Kept::default();
    for _ in 0..2 {
        let input = "\u{feff}[{},\n{}]";
        let taken = records.split(input.as_bytes(), true, &mut kept).unwrap();
        assert_eq!(taken, input.len());
    }
    assert_eq!(kept.records.len(), 4);
    let error = |records: &mut Records| {
        let error = records.split(b"[\n?", false, &mut Kept::default());
        error.unwrap_err().to_string()
    };
    for _ in 0..2 {
        let message = error(&mut records);
        assert!(
            message.starts_with("not valid JSON at byte 2 (line 2)"),
            "{message}"
        );
    }
    assert_eq!(records.split(b"{}", true, &mut kept).unwrap(), 2);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let message = |input: &str| split(input, 4).unwrap_err().to_string();
    assert!(message("[{\"a\":1},\n{\"a\" 1}]").starts_with("not valid JSON at byte 15 (line 2)"));
    assert!(message("[{\"a\":1},").starts_with("the JSON ends in the middle, at byte 9"));
    assert!(message("{\"a\":[}").starts_with("not valid JSON at byte 6"));
    let mut records = Records::new(Vec::new());
    let error = records
        .split(b"[{\"a\":\"\xff\"}]", true, &mut Kept::default())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "not UTF-8 at byte 7");
}
