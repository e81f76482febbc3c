use super::*;

fn definition(key: &str, event_time: &str, columns: &str) -> Definition {
    let text = format!(r#"{{"name":"d","doc":"D.","key":"{key}"{event_time},"columns":[{columns}]}}"#);
    Definition::parse(&text).unwrap()
}

fn table(columns: &str) -> Definition {
    definition("id", "", &format!("{ID},{columns}"))
}

const ID: &str = r#"{"name":"id","type":"utf8","aliases":["ID","id"],"doc":"D."}"#;

#[test]
fn a_definition_does_not_differ_from_itself() {
    for name in Definition::builtin_names() {
        let definition = Definition::builtin(name).unwrap();
        let diff = Diff::between(&definition, &definition);
        assert!(diff.is_empty() && diff.is_compatible(), "{diff:?}");
    }
}

#[test]
fn columns_are_compared_at_every_level() {
    let one = table(
        r#"{"name":"a","type":"int64","doc":"D."},{"name":"l","type":"list","doc":"D.","element":{"type":"struct",
            "fields":[{"name":"x","type":"utf8","doc":"D."},{"name":"y","type":"utf8","doc":"D."}]}},
        {"name":"m","type":"map","doc":"D.","values":{"type":"list","element":{"type":"int64"}}}"#,
    );
    let other = table(
        r#"{"name":"b","type":"int64","doc":"D."},{"name":"l","type":"list","doc":"D.","element":{"type":"struct",
            "fields":[{"name":"x","type":"timestamp","doc":"D."},{"name":"z","type":"bool","doc":"D."}]}},
        {"name":"m","type":"map","doc":"D.","values":{"type":"list","element":{"type":"utf8"}}}"#,
    );
    let diff = Diff::between(&one, &other);
    let named = |column: &str, data_type: &str| Named {
        column: column.to_owned(),
        data_type: data_type.to_owned(),
    };
    let changed = |column: &str, from: &str, to: &str| Changed {
        column: column.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    assert_eq!(diff.added, [named("l.z", "bool"), named("b", "int64")]);
    assert_eq!(diff.removed, [named("a", "int64"), named("l.y", "utf8")]);
    assert_eq!(
        diff.retyped,
        [
            changed("l.x", "utf8", "timestamp"),
            changed("m.*", "list<int64>", "list<utf8>")
        ]
    );
    assert!(diff.reordered.is_empty() && !diff.is_compatible());
}

#[test]
fn only_additions_are_compatible() {
    let a = r#"{"name":"a","type":"int64","aliases":["A","a"],"doc":"D."}"#;
    let one = table(a);
    let to = |columns: &str| Diff::between(&one, &table(columns));
    let b = r#"{"name":"b","type":"int64","doc":"D."}"#;
    assert!(to(&format!("{b},{a}")).is_compatible());
    assert!(to(&a.replace(r#""A","a""#, r#""A","a","aa""#)).is_compatible());
    for stronger in [r#""aa","A","a""#, r#""A","aa","a""#] {
        let respelt = to(&a.replace(r#""A","a""#, stronger));
        assert!(
            respelt.spellings[0].reordered && !respelt.is_compatible(),
            "{stronger}"
        );
    }
    assert!(!to(&a.replace(r#""A","a""#, r#""a","A""#)).is_compatible());
    assert!(!to(&a.replace(r#""A","#, "")).is_compatible());
    assert!(!to(&a.replace("int64", "float64")).is_compatible());
    assert!(!to(&a.replace(r#""doc""#, r#""unit":"milliseconds","doc""#)).is_compatible());
    let ab = table(&format!("{a},{b}"));
    let ba = Diff::between(&ab, &table(&format!("{b},{a}")));
    assert!(!ba.is_compatible() && ba.reordered == [""]);
    let respelt = to(&a.replace(r#""A","a""#, r#""a","x""#)).spellings;
    assert_eq!(
        (&respelt[0].added, &respelt[0].removed, respelt[0].reordered),
        (&vec!["x".to_owned()], &vec!["A".to_owned()], false)
    );
}

#[test]
fn what_bodies_hold_their_records_under_is_compared() {
    let one = table(r#"{"name":"a","type":"int64","doc":"D."}"#);
    let text = format!(
        r#"{{"name":"d","doc":"D.","key":"id","records":"calls","columns":[{ID},
        {{"name":"a","type":"int64","doc":"D."}}]}}"#
    );
    let diff = Diff::between(&one, &Definition::parse(&text).unwrap());
    let change = diff.records.as_ref().unwrap();
    assert_eq!((change.from.as_str(), change.to.as_str()), ("none", "calls"));
    assert!(!diff.is_compatible());
}

#[test]
fn elements_of_another_type_are_told_with_their_list() {
    let list = |element: &str| {
        table(&format!(
            r#"{{"name":"l","type":"list","doc":"D.","element":{{{element}}}}}"#
        ))
    };
    let fields = r#""type":"struct","fields":[{"name":"x","type":"utf8","doc":"D."}]"#;
    let diff = Diff::between(&list(r#""type":"json""#), &list(fields));
    assert_eq!(
        (diff.retyped[0].from.as_str(), diff.retyped[0].to.as_str()),
        ("list<json>", "list<struct<x: utf8>>")
    );
}

#[test]
fn another_key_or_event_time_is_no_addition() {
    let columns = format!(
        r#"{ID},{{"name":"other","type":"utf8","doc":"D."}},{{"name":"at","type":"timestamp","doc":"D."}}"#
    );
    let one = definition("id", "", &columns);
    let key = Diff::between(&one, &definition("other", "", &columns));
    assert_eq!(key.key.as_ref().map(|key| key.to.as_str()), Some("other"));
    assert!(!key.is_compatible());
    let time = Diff::between(&one, &definition("id", r#","event_time":"at""#, &columns));
    let change = time.event_time.as_ref().unwrap();
    assert_eq!((change.from.as_str(), change.to.as_str()), ("none", "at"));
    assert!(!time.is_compatible() && time.spellings.is_empty());
}
