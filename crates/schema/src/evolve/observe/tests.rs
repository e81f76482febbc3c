use super::*;

fn level(records: &[&str]) -> (Level, Observer) {
    let (mut level, mut observer) = (Level::default(), Observer::default());
    for record in records {
        let mut cursor = Cursor::new(record.as_bytes(), true);
        cursor.peek().unwrap();
        observer.object(&mut level, &mut cursor, 0).unwrap();
        assert!(cursor.is_at_end());
    }
    (level, observer)
}

#[test]
fn keys_are_counted_by_the_objects_that_have_them() {
    let (level, _) = level(&[r#"{"a":1,"a":"x","b":null}"#, r#"{"a":{"c":[1,"x",[2]]}}"#, "{}"]);
    assert_eq!((level.objects, level.entries), (3, 4));
    let (a, b) = (&level.members[0], &level.members[1]);
    assert_eq!((a.key.as_str(), a.seen, b.seen, b.node.nulls), ("a", 2, 1, 1));
    assert_eq!(a.node.kinds(), [("number", 1), ("object", 1)]);
    let list = &a.node.level.as_ref().unwrap().members[0].node;
    assert_eq!(
        list.element.as_ref().unwrap().kinds(),
        [("text", 1), ("number", 1), ("list", 1)]
    );
}

#[test]
fn spellings_conflict_only_where_one_object_has_both_with_different_values() {
    let (one, _) = level(&[
        r#"{"auditStatus":"x"}"#,
        r#"{"Audit Status":"y"}"#,
        r#"{"auditStatus":"z","Audit Status":"z"}"#,
        r#"{"auditStatus":null,"Audit Status":"z"}"#,
    ]);
    assert_eq!(one.families(), [vec![0, 1]]);
    assert!(one.conflicts.is_empty());
    assert_eq!(one.counted_twice(&[0, 1]), (2, 1));
    let (two, _) = level(&[r#"{"Audit Status":"z","auditStatus":"NA"}"#]);
    assert!(two.conflicts.contains(&(0, 1)));
}

#[test]
fn objects_with_ever_new_keys_take_no_more_memory() {
    let records: Vec<String> = (0..3 * KEYS_LIMIT)
        .map(|number| format!(r#"{{"labels":{{"k{number}":{{"n":{number}}}}}}}"#))
        .collect();
    let (level, _) = level(&records.iter().map(String::as_str).collect::<Vec<_>>());
    let labels = level.members[0].node.level.as_ref().unwrap();
    assert!(labels.members.is_empty() && labels.by_key.is_empty());
    assert_eq!((labels.objects, labels.entries), (1536, 1536));
    let values = labels.values.as_ref().unwrap().level.as_ref().unwrap();
    assert_eq!((values.objects, values.members[0].seen), (1536, 1536));
}

#[test]
fn records_with_ever_new_keys_keep_the_first_of_them() {
    let record: Vec<String> = (0..COLUMNS_LIMIT + 5)
        .map(|number| format!("\"k{number}\":1"))
        .collect();
    let (level, observer) = level(&[&format!("{{{}}}", record.join(","))]);
    assert_eq!((level.members.len(), observer.left_out), (COLUMNS_LIMIT, 5));
}

#[test]
fn places_are_bounded_in_all() {
    let wide = |prefix: usize| {
        let members: Vec<String> = (0..KEYS_LIMIT).map(|n| format!("\"k{prefix}_{n}\":1")).collect();
        format!("\"o{prefix}\":{{{}}}", members.join(","))
    };
    let record: Vec<String> = (0..200).map(wide).collect();
    let (level, observer) = level(&[&format!("{{{}}}", record.join(","))]);
    assert_eq!(observer.places, 0);
    let objects = |collapsed: bool| {
        let levels = level
            .members
            .iter()
            .filter_map(|member| member.node.level.as_ref());
        levels.filter(|level| level.values.is_some() == collapsed).count()
    };
    assert!(objects(false) > 100 && objects(true) > 0);
}

#[test]
fn what_lies_deep_is_not_looked_into() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    let (level, _) = level(&[&deep]);
    let mut node = &level.members[0].node;
    let mut levels = 0;
    while let Some(element) = &node.element {
        node = element;
        levels += 1;
    }
    assert_eq!((levels, node.opaque), (DEPTH_LIMIT - 1, 1));
}
