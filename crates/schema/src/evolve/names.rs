//! Names of columns from the keys that servers send, and keys that are no names but data. How the fields that share a
//! name come together is in [`shape`](super::shape).

use std::collections::HashSet;

use crate::decoder::reading;
use crate::definition::RESCUED;

/// A name for a dataset from any text, such as the stem of a file: `raw-data (3)` → `raw_data_3`. `None` where
/// nothing of it can stand in a name.
pub fn dataset_name(text: &str) -> Option<String> {
    snake_case(text.trim_start_matches('_'))
}

/// The name of the column for a key: `Conversation ID`, `conversationId` and `conversation_id` are all
/// `conversation_id`, and `_id` stays as it is. `None` where nothing of it can stand in a name.
pub(crate) fn snake_case(key: &str) -> Option<String> {
    let words = words(key);
    let first = words.first()?;
    let underscore = if key.starts_with('_') { "_" } else { "" };
    let letter = if first.starts_with(|char: char| char.is_ascii_digit()) {
        "n"
    } else {
        ""
    };
    let name = format!("{underscore}{letter}{}", words.join("_"));
    Some(if name == RESCUED {
        "rescued".to_owned()
    } else {
        name
    })
}

/// The words of a key in lower case, Latin letters without their marks. They end at whatever is no letter or digit,
/// where a capital follows a small letter or a digit, and before the last capital of several (`HTTPStatus`), except
/// for a plural (`metricIDs`).
fn words(key: &str) -> Vec<String> {
    let plain: String = key.chars().map(plain).collect();
    let chars: Vec<char> = plain.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &char) in chars.iter().enumerate() {
        if !char.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let is = |at: usize, kind: fn(&char) -> bool| chars.get(at).is_some_and(kind);
        if char.is_ascii_uppercase() && !word.is_empty() {
            let before = is(at - 1, char::is_ascii_uppercase);
            let plural = is(at + 1, |next| *next == 's') && !is(at + 2, char::is_ascii_lowercase);
            if !before || (is(at + 1, char::is_ascii_lowercase) && !plural) {
                words.push(std::mem::take(&mut word));
            }
        }
        word.push(char.to_ascii_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a column of this name tells records apart, by its last word.
pub(crate) fn is_identifier(name: &str) -> bool {
    matches!(last_word(name), "id" | "uid" | "guid" | "uuid" | "oid" | "key")
}

/// Whether integers in a column of this name may be times, by its last word; a unit may stand behind it.
pub(crate) fn is_time(name: &str) -> bool {
    let mut words = name
        .rsplit('_')
        .skip_while(|word| matches!(*word, "ms" | "millis" | "utc"));
    matches!(
        words.next().unwrap_or_default(),
        "at" | "on"
            | "time"
            | "times"
            | "date"
            | "datetime"
            | "ts"
            | "timestamp"
            | "epoch"
            | "when"
            | "start"
            | "started"
            | "begin"
            | "began"
            | "end"
            | "ended"
            | "created"
            | "updated"
            | "modified"
            | "changed"
            | "received"
            | "sent"
            | "closed"
            | "opened"
            | "expires"
            | "since"
            | "until"
    )
}

/// Whether a key of a response body is about its paging or its success, and not about what it holds.
pub(crate) fn is_of_paging(key: &str) -> bool {
    let is_paging = |word: &String| {
        matches!(
            word.as_str(),
            "total"
                | "totals"
                | "count"
                | "more"
                | "page"
                | "pages"
                | "paging"
                | "pagination"
                | "offset"
                | "limit"
                | "skip"
                | "next"
                | "prev"
                | "previous"
                | "cursor"
                | "scroll"
        )
    };
    let words = words(key);
    let whole = words.join("_");
    words.iter().any(is_paging)
        || matches!(
            whole.as_str(),
            "size" | "success" | "ok" | "took" | "status" | "status_code" | "code" | "message" | "request_id"
        )
}

/// A letter of Latin script as German and French write it without marks; anything else as it is.
fn plain(char: char) -> String {
    let small = match char.to_lowercase().next().unwrap_or(char) {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
        'ř' => "r",
        'ś' | 'š' => "s",
        'ù' | 'ú' | 'û' | 'ů' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return char.to_string(),
    };
    let mut letters = small.chars();
    match letters.next().filter(|_| char.is_uppercase()) {
        Some(first) => format!("{}{}", first.to_ascii_uppercase(), letters.as_str()),
        None => small.to_owned(),
    }
}

fn last_word(name: &str) -> &str {
    name.rsplit('_').next().unwrap_or_default()
}

/// Whether a key is data: a number, an identifier, a time, an address, or in letters that no name of an API has.
pub(crate) fn is_data(key: &str) -> bool {
    let digits = key.chars().filter(char::is_ascii_digit).count();
    let letters = key.chars().filter(char::is_ascii_alphabetic).count();
    let hexadecimal = |char: char| char.is_ascii_hexdigit() || char == '-';
    letters == 0
        || key.contains('@')
        || reading::timestamp(key.as_bytes()).is_some()
        || (digits > 0 && key.len() >= 8 && key.chars().all(hexadecimal))
        || (digits >= 4 && digits * 3 >= digits + letters)
}

/// The ways in which keys join their words: a sign between them, or a capital (`A`). The programs of one server know
/// one or two; people who type their own keys know many.
pub(crate) fn joints<'a>(keys: impl Iterator<Item = &'a str>) -> HashSet<char> {
    let mut joints = HashSet::new();
    for key in keys {
        let chars: Vec<char> = key.trim_start_matches('_').chars().collect();
        for pair in chars.windows(3) {
            match pair {
                [before, sign, after]
                    if !sign.is_alphanumeric() && before.is_alphanumeric() && after.is_alphanumeric() =>
                {
                    joints.insert(*sign);
                }
                [before, capital, _] if before.is_lowercase() && capital.is_uppercase() => {
                    joints.insert('A');
                }
                _ => {}
            }
        }
    }
    joints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_key_gives_the_name_that_the_datasets_have() {
        for (key, name) in [
            ("Conversation ID", "conversation_id"),
            ("conversationId", "conversation_id"),
            ("conversation id", "conversation_id"),
            ("conversation_id", "conversation_id"),
            ("segmentID", "segment_id"),
            ("IsChurnRiskObserved", "is_churn_risk_observed"),
            ("countScrollDn", "count_scroll_dn"),
            ("AuditStatus", "audit_status"),
            ("Customer talk ratio percentage", "customer_talk_ratio_percentage"),
            ("countFaqs", "count_faqs"),
            ("countFAQs", "count_faqs"),
            ("metricIDs", "metric_ids"),
            ("HTTPStatusCode", "http_status_code"),
            ("URLSshKey", "url_ssh_key"),
            ("l2Topics", "l2_topics"),
            ("L2 Topics", "l2_topics"),
            ("_id", "_id"),
            ("__v", "_v"),
            ("a--b__c ", "a_b_c"),
            ("2fa", "n2fa"),
            ("_2", "_n2"),
            ("_rescued", "rescued"),
            ("Größe", "groesse"),
            ("Prénom", "prenom"),
            ("anruferÄnderung", "anrufer_aenderung"),
        ] {
            assert_eq!(snake_case(key).as_deref(), Some(name), "{key:?}");
        }
        for key in ["", "_", "地域", "--"] {
            assert_eq!(snake_case(key), None, "{key:?}");
        }
        assert_eq!(dataset_name("_raw-data (3)").as_deref(), Some("raw_data_3"));
    }

    #[test]
    fn identifiers_and_times_are_told_by_their_last_word() {
        for name in ["id", "call_id", "_id", "guid", "order_uuid", "key"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["paid", "valid", "grid", "covid", "id_of_nobody"] {
            assert!(!is_identifier(name), "{name}");
        }
        for name in ["created_at", "start_time", "ts", "began_at_ms", "updated_on"] {
            assert!(is_time(name), "{name}");
        }
        for name in ["caller", "phone", "time_spent", "status"] {
            assert!(!is_time(name), "{name}");
        }
        for key in ["hasMore", "totalResults", "Next Page Token", "status"] {
            assert!(is_of_paging(key), "{key}");
        }
        for key in ["ticket", "customer", "firstName", "ticketStatus"] {
            assert!(!is_of_paging(key), "{key}");
        }
    }

    #[test]
    fn every_column_of_the_datasets_has_a_spelling_that_gives_its_name() {
        for name in crate::Definition::builtin_names() {
            for column in crate::Definition::builtin(name).unwrap().columns() {
                // The server says `Duration`; the unit is in the name of the column only.
                let found = column
                    .spellings()
                    .any(|key| snake_case(key).as_deref() == Some(column.name()));
                assert!(found, "{name} {}", column.name());
            }
        }
    }

    #[test]
    fn keys_are_data_where_no_api_would_name_a_field_so() {
        for key in [
            "1",
            "2026-03-23",
            "8f14e45f-ceea-467f-9f3b-3c1a0d1e7a10",
            "qu-5b20001-0f6d",
            "jane@example.com",
            "地域",
            "+49 30 1234",
        ] {
            assert!(is_data(key), "{key:?}");
        }
        for key in ["id", "l2Topics", "top10", "Conversation ID", "deadbeef", "v3"] {
            assert!(!is_data(key), "{key:?}");
        }
    }

    #[test]
    fn people_join_words_in_more_ways_than_programs() {
        let ways = |keys: &[&str]| joints(keys.iter().copied()).len();
        assert_eq!(
            ways(&["Metric ID", "Metric Name", "isFatalError", "_id", "topics"]),
            2
        );
        assert_eq!(
            ways(&["message_id", "sourceSystemValue", "AgentEntity", "L2_topics"]),
            2
        );
        assert_eq!(
            ways(&["Customer Tier", "case-number", "Handle_Minutes", "Region"]),
            3
        );
    }
}
