use super::*;

fn skip(text: &str) -> Scan<&[u8]> {
    let mut cursor = Cursor::new(text.as_bytes(), true);
    let value = cursor.skip()?;
    match cursor.peek() {
        Err(Stop::Incomplete) => Ok(value),
        _ => Err(Stop::Invalid("the end")),
    }
}

#[test]
fn accepts_what_serde_json_accepts_and_nothing_else() {
    let cases = [
        "1",
        "-0",
        "0.5",
        "1e5",
        "1E+5",
        "-1.5e-7",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "0x1",
        "1 2",
        "NaN",
        "\"\"",
        "\"a\\n\\u00e9\\ud83d\\ude00\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"a",
        "\"\t\"",
        "true",
        "tru",
        "nul",
        "nullx",
        "[]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,[2,{}]]",
        "{}",
        "{\"a\":1}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{1:2}",
        "{\"a\":1 \"b\":2}",
        "[}",
        "{]",
        "",
        " ",
        "[1",
        "{\"a\":",
        " [ 1 , { \"a\" : [ ] } ] ",
        "'a'",
        "/",
        "[1]]",
    ];
    for case in cases {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(case).is_ok();
        assert_eq!(skip(case).is_ok(), theirs, "{case:?}: {:?}", skip(case));
    }
}

#[test]
fn a_value_cut_anywhere_is_incomplete_and_never_wrong() {
    let text = r#"{"a":[1,-2.5e3,"x\u00e9y",{"b":null,"c":[true,false]}],"d":"long enough for a word"} "#;
    for cut in 0..text.len() - 1 {
        let result = Cursor::new(&text.as_bytes()[..cut], false).skip();
        assert_eq!(result, Err(Stop::Incomplete), "cut at {cut}");
    }
}

#[test]
fn finds_specials_at_every_offset_of_a_word() {
    for length in 0..50 {
        for special in [b'"', b'\\', 0x00, 0x1f] {
            let mut bytes = vec![b'\xc3'; length];
            bytes.push(special);
            bytes.extend([b'!', 0x20, b'#', b'"']);
            assert_eq!(find_special(&bytes, 0), length);
        }
    }
}

#[test]
fn any_depth_can_be_skipped_without_a_stack() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(
        Cursor::new(deep.as_bytes(), true).skip(),
        Err(Stop::Undecodable(_))
    ));
    assert_eq!(
        Cursor::new(deep.as_bytes(), true)
            .skip_to_depth(usize::MAX)
            .map(<[u8]>::len),
        Ok(200_000)
    );
}

#[test]
fn starts_with_says_what_the_slice_itself_says() {
    let bytes: Vec<u8> = (b'a'..=b'z').collect();
    for length in 0..=bytes.len() {
        assert!(starts_with(&bytes, &bytes[..length]));
        assert!(length == 0 || !starts_with(&bytes[..length - 1], &bytes[..length]));
        for changed in 0..length {
            let mut expected = bytes[..length].to_vec();
            expected[changed] = b'?';
            assert!(
                !starts_with(&bytes, &expected),
                "{length} bytes, another at {changed}"
            );
        }
    }
}
