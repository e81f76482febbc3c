//! The odd things that records of the service hold, and that they hold nothing it does not send.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::parsed;
use super::records::{inner, many};
use crate::Shape;

#[test]
fn the_quirks_of_raw_data_are_there() {
    let records = parsed(&many(Shape::V3));
    assert_eq!(
        kinds(&records, "Kore Evaluation Score"),
        ["absent", "null", "text", "whole"].into()
    );
    assert_eq!(
        kinds(&records, "Sentiment Score"),
        ["absent", "fraction", "null", "whole"].into()
    );
    assert_eq!(
        kinds(&records, "Taxonomy Resolution"),
        ["absent", "boolean", "text"].into()
    );
    assert_eq!(kinds(&records, "Configured_Intents"), ["absent", "object"].into());
    assert_eq!(kinds(&records, "Audit Date"), ["null", "text"].into());
    assert_eq!(
        kinds(&records, "Speaking Rate"),
        ["absent", "array", "null"].into()
    );
    assert_eq!(kinds(&records, "Duration"), ["absent", "text"].into());
    let scores: BTreeSet<i64> = records
        .iter()
        .filter_map(|record| record.get("Kore Evaluation Score")?.as_i64())
        .collect();
    assert!(
        scores.contains(&0) && scores.iter().any(|score| *score < 0),
        "{scores:?}"
    );

    let metrics = inner(&records, "Metrics");
    let qualifications: BTreeSet<Option<&str>> = metrics
        .iter()
        .map(|metric| metric.get("Qualification").map(|found| found.as_str().unwrap()))
        .collect();
    assert_eq!(
        qualifications,
        [None, Some("-"), Some("NA"), Some("NO"), Some("YES")].into()
    );
    let justifications = inner(&metrics, "justification");
    assert_eq!(
        kinds(&justifications, "message_id"),
        ["absent", "array", "text"].into()
    );
    assert_eq!(
        kinds(&justifications, "timestamp"),
        ["absent", "array", "whole"].into()
    );
    assert_eq!(
        kinds(&justifications, "sourceSystemValue"),
        ["absent", "fraction", "text"].into()
    );
    assert!(!inner(&metrics, "triggerJustification").is_empty());
    let intents = inner(&records, "Generated Intents");
    assert!(
        intents
            .iter()
            .all(|intent| intent.get("intent").is_some() != intent.get("topic").is_some())
    );
    let fields: Vec<Value> = records
        .iter()
        .map(|record| record["custom_fields"].clone())
        .collect();
    assert_eq!(kinds(&fields, "Region"), ["text"].into());
    let statuses: BTreeSet<&str> = records
        .iter()
        .map(|record| record["Audit Status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        ["Assigned", "Audited", "Not Assigned", "Unassigned"].into()
    );
    let share = records
        .iter()
        .filter(|record| record["duration_status"] == "below_threshold")
        .count();
    assert!((30..=90).contains(&share), "{share} of 1,200 below the threshold");
    let text = many(Shape::V3).concat();
    for sign in ["\u{2019}", "\u{2011}", "ü", "。", "🙂", "  ", " \""] {
        assert!(text.contains(sign), "{sign:?}");
    }
}

#[test]
fn some_calls_tell_more_than_chats() {
    let records = parsed(&many(Shape::V3));
    let (chats, calls): (Vec<Value>, Vec<Value>) =
        records.into_iter().partition(|record| record["src"] == "rtm");
    assert_eq!(kinds(&calls, "sentiment"), ["absent", "text"].into());
    assert_eq!(kinds(&calls, "speechSpeed"), ["absent", "array", "null"].into());
    let agents = inner(&calls, "Agents");
    assert_eq!(
        kinds(&agents, "Crutch Word Score"),
        ["absent", "fraction", "whole"].into()
    );
    for key in ["sentiment", "speechSpeed"] {
        assert_eq!(kinds(&chats, key), ["absent"].into(), "{key}");
    }
    for call in &calls {
        let score = call.get("Sentiment Score").and_then(Value::as_f64);
        match call.get("sentiment").map(|word| word.as_str().unwrap()) {
            Some("positive") => assert!(score.unwrap() > 2.0, "{score:?}"),
            Some("negative") => assert!(score.unwrap() < 0.0, "{score:?}"),
            Some(word) => assert_eq!(word, "neutral"),
            None => {}
        }
        // Two spellings of one fact: a record has one of them.
        let spellings = ["Speaking Rate", "speechSpeed"].map(|key| call.get(key).is_some());
        let one = call["duration_status"] == "evaluated";
        assert_eq!(spellings.iter().filter(|there| **there).count(), usize::from(one));
    }
    let legacy = parsed(&many(Shape::Legacy));
    for key in ["empathy score", "crutch word score"] {
        assert_eq!(kinds(&legacy, key), ["absent", "whole"].into(), "{key}");
    }
}

#[test]
fn counts_per_record_stay_within_their_bounds() {
    for record in parsed(&many(Shape::V3))
        .iter()
        .filter(|record| record["duration_status"] == "evaluated")
    {
        for key in ["Metrics", "Generated Intents"] {
            let count = record[key].as_array().unwrap().len();
            assert!((8..=22).contains(&count), "{count} {key}");
        }
    }
    let mut segments: BTreeMap<String, usize> = BTreeMap::new();
    for segment in parsed(&many(Shape::AgentAssist)) {
        *segments
            .entry(segment["conversationID"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(
        segments.values().copied().collect::<BTreeSet<_>>(),
        [1, 2, 3].into()
    );
}

#[test]
fn score_reports_come_in_both_spellings() {
    let records = parsed(&many(Shape::ScoreReporting));
    let both = records
        .iter()
        .filter(|record| record.get("AuditStatus").is_some() && record.get("audit_status").is_some());
    let declared = both.count();
    assert!(
        declared > 100 && declared < records.len() - 100,
        "{declared} of {}",
        records.len()
    );
    assert_eq!(
        kinds(&records, "koreEvalutionScore"),
        ["absent", "null", "whole"].into()
    );
    assert_eq!(kinds(&records, "duration_status"), ["null", "text"].into());
    assert_eq!(
        kinds(&records, "is_direction_defaulted"),
        ["absent", "boolean", "null"].into()
    );
    assert_eq!(kinds(&records, "evaluatedAt"), ["absent", "null", "text"].into());
}

/// Keys that the vendor's pages and sample bodies name, a shape each. Objects whose keys are data are left out.
#[test]
fn every_key_is_one_that_the_vendor_names() {
    for (shape, named) in NAMED {
        let mut found = BTreeSet::new();
        let records = parsed(&many(shape));
        records.iter().for_each(|record| keys(record, &mut found));
        let named: BTreeSet<&str> = named.split('|').map(str::trim).collect();
        assert_eq!(found, named, "{shape:?}");
    }
}

fn keys<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    const DATA: [&str; 6] = [
        "custom_fields",
        "totalStages",
        "adherence",
        "sessionInfo",
        "usageDetails",
        "target",
    ];
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                found.insert(key);
                if !DATA.contains(&key.as_str()) {
                    keys(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

/// Kinds of JSON value under a path of keys, `[]` standing for any element; `absent` where the parent lacks it.
fn kinds(records: &[Value], key: &str) -> BTreeSet<&'static str> {
    let kind = |value: Option<&Value>| match value {
        None => "absent",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(number)) if number.is_f64() => "fraction",
        Some(Value::Number(_)) => "whole",
        Some(Value::String(_)) => "text",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    };
    records.iter().map(|record| kind(record.get(key))).collect()
}

const NAMED: [(Shape, &str); 5] = [
    (
        Shape::V3,
        "Agent Email | Agent Name | Agent Start Time | Agent emotions | Agent talk ratio percentage | \
         AgentEntity | Agents | Audit Date | Audit Score | Audit Status | Auditor Name | \
         Auditor Response | Configured_Intents | Conversation End Time | Conversation ID | \
         Conversation Start Time | Crutch Word Score | Customer emotions | \
         Customer talk ratio percentage | Duration | Emotions | Empathy Score | Evaluation Form Name | \
         Evaluation Form Scoring Type | Fatal Errors | Generated Intents | IsChurnRiskObserved | \
         IsEscalationObserved | IsPassed | Kore Evaluation Score | L2_topics | L3_topics | Language | \
         Metric ID | Metric Name | Metric Negative Weight | Metric Weight | Metrics | Pass Score | \
         Qualification | Queue ID | Queue Name | Queues | Sentiment | Sentiment Pattern | \
         Sentiment Ratio | Sentiment Score | Silence percentage | Speaking Rate | Taxonomy Resolution | \
         agentId | agentMentionedValue | agentRecordings | average | confidence_score | \
         contactDirection | customConversationId | custom_fields | customerRecordings | duration | \
         duration_status | emotion | emotions | end | intent | isFatalError | justification | \
         keywords | level | message_id | nWords | negative | neutral | positive | proportion | \
         resolution | score | sentiment | source | sourceId | sourceSystemValue | src | start | \
         speechSpeed | timeTaken | timestamp | topic | topic_name | topics | total_topics_identified | \
         triggerJustification",
    ),
    (
        Shape::CamelCase,
        "Agent ID | Agent Name | Agents | AuditScore | AuditStatus | Language | Metric ID | \
         Metric Name | Metric Negative Weight | Metric Weight | Metrics | Qualification | Queue ID | \
         Queue Name | Queues | audit_date | auditor | contact_direction | conversationId | \
         customConversationId | duration_status | fatalErrorCount | isFatalError | \
         is_direction_defaulted | koreEvalutionScore",
    ),
    (
        Shape::Legacy,
        "Agent Email | Agent Name | Agent Start Time | Agents | Conversation End Time | \
         Conversation ID | Conversation Start Time | Duration | Intents | IsChurnRiskObserved | \
         IsEscalationObserved | IsPassed | Kore Evaluation Score | Metric ID | Metric Name | \
         Metric Weight | Metrics | Pass Score | Qualification | Queue ID | Queue Name | Queues | \
         Sentiment | Sentiment Score | Topics | agentId | crutch word score | emotions | \
         empathy score | intent | keywords | src | topic",
    ),
    (
        Shape::ScoreReporting,
        "Agent ID | Agent Name | Agents | AuditDate | AuditScore | AuditStatus | Auditor Response | \
         AuditorName | Language | Metric ID | Metric Name | Metric Negative Weight | Metric Weight | \
         Metrics | Qualification | Queue ID | Queue Name | Queues | agentId | agentName | agents | \
         audit_date | audit_status | auditor | channel | contactDirection | contact_direction | \
         conversationId | customConversationId | custom_fields | duration_status | evaluatedAt | \
         evaluation_status | fatalErrorCount | isFatalError | is_direction_defaulted | \
         koreEvaluationScore | koreEvalutionScore | language | metricId | metricName | \
         metricNegativeWeight | metricWeight | metrics | qualification | queueId | queueName | queues",
    ),
    (
        Shape::AgentAssist,
        "_id | action | actionId | actionType | adheredAt | adheredSteps | adherence | adherenceRate | \
         agent | agentActions | agentId | agenticActivities | answers | body | botSessionID | channel | \
         closedAt | coachingRuntimeData | content | conversationID | correctionsAccepted | \
         correctionsPresented | countAnswers | countDialogTasks | countDisplayedAnswers | countFaqs | \
         countFiles | countFromNonNativeDataSource | countScrollDn | countScrollUp | countWebPages | \
         createdAt | dialogs | displayTime | editedSummary | email | emails | endTime | exeStartTime | \
         executionStartTime | expression | feedback | firstName | identity | internalFlag | isAdhered | \
         isDisabled | isEdited | isError | isWelcomeMsgRead | language | lastName | linksClicked | \
         message | messageID | messageId | modelType | name | openedAt | order | participant | \
         participantId | phraseInput | playbookId | playbookRuntimeData | positionId | \
         proActiveSuggestions | queueId | queueInfo | queueName | reqStatus | requestId | requestTime | \
         resStatus | response | responseTime | ruleId | ruleName | searchPhrase | segmentEndTime | \
         segmentID | segmentStartTime | sessionInfo | sources | stages | startTime | streaming | \
         suggestionUsed | suggestions | suggestionsShown | sumSubTime | summary | summaryId | \
         summaryModel | tags | target | targetType | time | timestamp | title | totalStages | \
         triggerType | triggeredAt | type | typingStartTime | url | usageDetails | used | utterance | \
         value",
    ),
];
