//! Names of faults, read and written.

use std::collections::BTreeSet;

use super::*;
use crate::Error;

#[test]
fn every_fault_is_read_back_as_it_is_written() {
    let names: BTreeSet<&str> = Fault::known().iter().map(Known::name).collect();
    assert_eq!(names.len(), Fault::known().len(), "a name is there twice");
    for known in Fault::known() {
        let fault = [known.name().to_owned(), format!("{}=7", known.name())]
            .iter()
            .find_map(|text| text.parse::<Fault>().ok())
            .unwrap();
        assert_eq!(fault.to_string().parse(), Ok(fault));
        assert!(fault.to_string().starts_with(known.name()));
        assert!(known.about().ends_with('.'), "{known}");
    }
    assert_eq!("low-totals".parse(), Ok(Fault::LowTotals(None)));
    assert_eq!("low-totals=0".parse(), Ok(Fault::LowTotals(Some(0))));
    assert_eq!(Fault::LowTotals(None).to_string(), "low-totals");
    assert_eq!("hang".parse(), Ok(Fault::Hang(20)));
}

#[test]
fn a_fault_is_listed_as_it_may_be_written() {
    let listed: Vec<String> = Fault::known().iter().map(ToString::to_string).collect();
    for usage in [
        "gzip",
        "throttle=requests",
        "errors[=percent]",
        "overlap[=records]",
    ] {
        assert!(
            listed.iter().any(|listed| listed == usage),
            "{usage} in {listed:?}"
        );
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let error = "terrors=20".parse::<Fault>().unwrap_err();
    assert!(error.is_unknown_fault());
    let message = error.to_string();
    assert!(
        message.starts_with(r#"there is no fault "terrors"; there are pages-by-offset, "#),
        "{message}"
    );
    assert!(message.ends_with("gzip, brotli, zstd"), "{message}");
}

#[test]
fn values_must_be_there_and_be_possible() {
    let said = |text: &str| {
        let error: Error = text.parse::<Fault>().unwrap_err();
        assert!(!error.is_unknown_fault());
        error.to_string()
    };
    assert_eq!(
        said("throttle"),
        "the fault throttle needs a value: throttle=requests"
    );
    assert_eq!(said("gzip=9"), r#"the fault gzip takes no value, and "9" is one"#);
    for value in ["0", "101", "", "-1", "many"] {
        assert_eq!(
            said(&format!("errors={value}")),
            format!("the fault errors takes a whole number from 1 to 100, and {value:?} is none")
        );
    }
}
