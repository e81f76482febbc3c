use super::*;

fn parse(columns: &str) -> Result<Definition, Error> {
    Definition::parse(&format!(
        r#"{{"name":"d","doc":"D.","key":"id","columns":[{columns}]}}"#
    ))
}

const ID: &str = r#"{"name":"id","type":"utf8","doc":"Key."}"#;

#[test]
fn all_definitions_that_are_compiled_in_can_be_read() {
    let mut names = Vec::new();
    for name in Definition::builtin_names() {
        let text = Definition::builtin_text(name).unwrap();
        let definition = Definition::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(definition.name(), name);
        assert!(definition.event_time().is_some() || name == "score_reporting");
        names.push(name);
    }
    assert_eq!(names, ["raw_data", "score_reporting", "agent_assist"]);
}

#[test]
fn mistakes_are_refused_with_their_place() {
    for (columns, expected) in [
        (
            r#"{"name":"id","type":"string","doc":"D."}"#,
            "at columns[0].type",
        ),
        (
            r#"{"name":"id","type":"utf8","doc":"D.","alias":["x"]}"#,
            "at columns[0].alias",
        ),
        (
            r#"{"type":"utf8","doc":"D."}"#,
            r#"columns[0]: "name" is missing"#,
        ),
        (
            r#"{"name":"Id","type":"utf8","doc":"D."}"#,
            r#"columns[0].name: "Id" is not snake_case"#,
        ),
        (
            r#"{"name":"_rescued","type":"json","doc":"D."}"#,
            "columns[0].name: every table has a column",
        ),
        (
            &format!("{ID},{ID}"),
            r#"columns[1].name: "id" is the name of field 0 too"#,
        ),
        (
            &format!(r#"{ID},{{"name":"b","type":"utf8","aliases":["B","id"],"doc":"D."}}"#),
            r#"columns[1].aliases[1]: "id" is a spelling of field 0 already"#,
        ),
        (
            r#"{"name":"id","type":"utf8","aliases":["a","a"],"doc":"D."}"#,
            r#"columns[0].aliases[1]: "a" is a spelling of field 0 already"#,
        ),
        (
            r#"{"name":"id","type":"utf8","aliases":[],"doc":"D."}"#,
            "columns[0].aliases: the list is empty",
        ),
        (
            r#"{"name":"id","type":"list","doc":"D."}"#,
            r#"columns[0]: "element" is missing"#,
        ),
        (
            r#"{"name":"id","type":"int64","lone_value":true,"doc":"D."}"#,
            r#"columns[0].lone_value: only type "list""#,
        ),
        (
            &format!(
                r#"{ID},{{"name":"l","type":"list","doc":"D.","element":{{"type":"struct","fields":[
                    {{"name":"a","type":"utf8","doc":"A."}},{{"name":"a","type":"utf8","doc":"A."}}]}}}}"#
            ),
            r#"columns[1].element.fields[1].name: "a" is the name of field 0 too"#,
        ),
        (
            r#"{"name":"id","type":"list","doc":"D.","element":{"type":"utf8","name":"x"}}"#,
            "columns[0].element.name: only a named field has it",
        ),
        (
            r#"{"name":"key","type":"utf8","doc":"D."}"#,
            r#"at key: "id" is no column"#,
        ),
        (
            r#"{"name":"id","type":"int64","doc":"D."}"#,
            r#"at key: column "id" is not of type utf8"#,
        ),
        ("", "columns: there are none"),
        (
            &format!(r#"{ID},{{"name":"hour","type":"int64","doc":"D."}}"#),
            r#"columns[1].name: "hour" is a partition column"#,
        ),
        (
            &format!(r#"{ID},{{"name":"a__b","type":"int64","doc":"D."}}"#),
            r#"columns[1].name: "a__b" is not snake_case"#,
        ),
        (
            &format!(r#"{ID},{{"name":"a_","type":"int64","doc":"D."}}"#),
            r#"columns[1].name: "a_" is not snake_case"#,
        ),
        (
            &format!(r#"{ID},{{"name":"__a","type":"int64","doc":"D."}}"#),
            r#"columns[1].name: "__a" is not snake_case"#,
        ),
    ] {
        let error = parse(columns).unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?} should contain {expected:?}");
    }
}

#[test]
fn names_that_the_schema_file_allows_are_allowed() {
    let definition = parse(&format!(
        r#"{ID},{{"name":"_id","type":"int64","doc":"D."}},{{"name":"top_10_x2","type":"struct","doc":"D.",
            "fields":[{{"name":"date","type":"utf8","doc":"No column."}}]}}"#
    ));
    assert_eq!(definition.unwrap().columns().len(), 3);
}

#[test]
fn names_of_datasets_and_endpoints_are_checked() {
    let named = |name: &str, endpoints: &str| {
        Definition::parse(&format!(
            r#"{{"name":"{name}","doc":"D.","key":"id","endpoints":[{endpoints}],"columns":[{ID}]}}"#
        ))
    };
    let error = named("_calls", "").unwrap_err().to_string();
    assert!(
        error.contains(r#"at name: "_calls" begins with an underscore"#),
        "{error}"
    );
    let error = named("calls", r#"{"name":"v1"},{"name":"v2"},{"name":"v1"}"#)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(r#"at endpoints[2].name: "v1" is the name of endpoint 0 too"#),
        "{error}"
    );
    assert_eq!(named("calls", "").unwrap().endpoints().len(), 0);
}

#[test]
fn each_key_of_records_is_known_once_in_the_order_of_the_endpoints() {
    let endpoints: Vec<String> = ["results", "data", "results", "rows", "data"]
        .iter()
        .map(|key| format!(r#"{{"response":{{"records":"{key}"}}}}"#))
        .collect();
    let definition = Definition::parse(&format!(
        r#"{{"name":"d","doc":"D.","key":"id","endpoints":[{}],"columns":[{ID}]}}"#,
        endpoints.join(",")
    ));
    assert_eq!(definition.unwrap().record_keys(), ["results", "data", "rows"]);
}

#[test]
fn a_definition_without_endpoints_can_say_where_a_body_keeps_its_records() {
    let text = |records: &str, column: &str| {
        format!(
            r#"{{"name":"d","doc":"D.","key":"id","records":"{records}","endpoints":[{{"response":{{"records":"data"}}}}],
                "columns":[{ID},{{"name":"{column}","type":"int64","doc":"D."}}]}}"#
        )
    };
    let definition = Definition::parse(&text("calls", "n")).unwrap();
    assert_eq!(definition.record_keys(), ["calls", "data"]);
    assert_eq!(
        Definition::parse(&text("data", "n")).unwrap().record_keys(),
        ["data"]
    );
    for (records, column, problem) in [
        ("", "n", "at records: the key is empty"),
        ("n", "n", "names a column and the records of a response"),
    ] {
        let error = Definition::parse(&text(records, column)).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn a_file_that_is_no_json_is_refused() {
    assert!(
        Definition::parse("columns:")
            .unwrap_err()
            .to_string()
            .contains("at the top level")
    );
    let trailing = format!(r#"{{"name":"d","doc":"D.","key":"id","columns":[{ID}]}} x"#);
    assert!(
        Definition::parse(&trailing)
            .unwrap_err()
            .to_string()
            .contains("at the end")
    );
}

#[test]
fn columns_nested_too_deeply_are_refused() {
    let mut column = r#"{"type":"utf8"}"#.to_owned();
    for _ in 0..40 {
        column = format!(r#"{{"type":"list","element":{column}}}"#);
    }
    let column = column.replacen('{', r#"{"name":"deep","doc":"D.","#, 1);
    assert!(
        parse(&format!("{ID},{column}"))
            .unwrap_err()
            .to_string()
            .contains("nested more than 32 levels")
    );
}

#[test]
fn the_fingerprint_follows_names_and_types_only() {
    let base = parse(ID).unwrap().fingerprint();
    assert_eq!(base.len(), 32);
    assert_eq!(
        parse(r#"{"name":"id","type":"utf8","aliases":["ID"],"doc":"Other."}"#)
            .unwrap()
            .fingerprint(),
        base
    );
    assert_ne!(
        parse(&format!(r#"{ID},{{"name":"b","type":"json","doc":"B."}}"#))
            .unwrap()
            .fingerprint(),
        base
    );
}

#[test]
fn types_are_written_as_people_write_them() {
    let columns = r#"{"name":"q","type":"list","doc":"Q.","element":{"type":"struct","fields":[
        {"name":"a","type":"map","values":{"type":"int64"},"doc":"A."},{"name":"b","type":"json","doc":"B."}]}}"#;
    let definition = parse(&format!("{ID},{columns}")).unwrap();
    assert_eq!(
        definition.columns()[1].data_type().to_string(),
        "list<struct<a: map<utf8, int64>, b: json>>"
    );
}
