use super::*;

#[test]
fn variables_become_nested_text() {
    let variables = [
        ("KORELAKE_SOURCE__HOST", "h"),
        ("KORELAKE_SOURCE__AUTH__CLIENT_ID", "5e10"),
        ("KORELAKE_CONFIG", "other.toml"),
        ("HOME", "/"),
    ];
    let values = environment(
        variables
            .map(|(name, value)| (name.into(), value.into()))
            .into_iter(),
    )
    .unwrap();
    let settings: Settings = Figment::new()
        .merge(Layer {
            name: "test".to_owned(),
            values,
        })
        .extract()
        .unwrap();
    assert_eq!(settings.source.host.as_deref(), Some("h"));
    assert_eq!(settings.source.auth.client_id.as_deref(), Some("5e10"));
}

#[cfg(unix)]
#[test]
fn variables_that_are_no_text_matter_only_where_they_are_settings() {
    use std::os::unix::ffi::OsStringExt;
    let foreign = || OsString::from_vec(b"M\xfcnchen".to_vec());
    let others = [
        (foreign(), "1".into()),
        ("CITY".into(), foreign()),
        ("KORELAKE_CONFIG".into(), foreign()),
        (OsString::from_vec(b"KORELAKE_SOURCE__\xfc".to_vec()), "1".into()),
    ];
    assert!(environment(others.into_iter()).unwrap().is_empty());
    let setting = [("KORELAKE_SOURCE__AUTH__TOKEN".into(), foreign())];
    let failure = environment(setting.into_iter()).unwrap_err();
    assert_eq!(
        failure.message(),
        "the environment variable `KORELAKE_SOURCE__AUTH__TOKEN` is not text in UTF-8"
    );
    assert!(!format!("{failure:?}").contains("nchen"), "{failure:?}");
}

#[test]
fn what_is_replaced_need_not_be_complete() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("korelake.toml");
    std::fs::write(
        &path,
        "[source.auth]\ntoken = \"${KORELAKE_TEST_UNSET}\"\nclient_id = \"cs-1\"",
    )
    .unwrap();
    assert!(file(&path, &[]).is_err());
    let variable = ("KORELAKE_SOURCE__AUTH__TOKEN".into(), "t".into());
    let environment = environment([variable].into_iter()).unwrap_or_default();
    let values = file(&path, &[&environment]).unwrap_or_default();
    assert!(format!("{values:?}").contains("cs-1"));
}

#[test]
fn placeholders_are_replaced_or_refused() {
    let variable = |name: &str| match name {
        "A" => Ok("1".to_owned()),
        "LATIN1" => Err(VarError::NotUnicode("value".into())),
        _ => Err(VarError::NotPresent),
    };
    assert_eq!(
        expand_text("x${A}y${A}$", "k", &variable).ok().as_deref(),
        Some("x1y1$")
    );
    let missing = expand_text("${B}", "source.auth.token", &variable).unwrap_err();
    assert_eq!(
        missing.message(),
        "the environment variable `B`, which source.auth.token asks for, is not set"
    );
    let foreign = expand_text("${LATIN1}", "source.auth.token", &variable).unwrap_err();
    assert_eq!(
        foreign.message(),
        "the environment variable `LATIN1` is not text in UTF-8"
    );
    assert!(expand_text("${A", "k", &variable).is_err());
}
