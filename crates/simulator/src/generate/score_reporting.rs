//! Score Reporting. Its table and its newest sample bodies disagree on nearly every key, so records come in both
//! spellings, a conversation always in the same one. The same facts in full are in
//! [`title_case`](super::title_case).

use chrono::TimeDelta;
use serde::Serialize;

use super::Conversation;
use super::conversation::Score;
use super::dice::{Dice, Sequence};
use super::json::{Field, Pairs, iso, text};

/// The keys of the newest sample bodies, followed by what only the table names.
#[derive(Serialize)]
struct Sampled<'a> {
    #[serde(rename = "conversationId")]
    id: &'a str,
    #[serde(rename = "customConversationId", skip_serializing_if = "Option::is_none")]
    custom_id: Option<&'a str>,
    #[serde(rename = "Queues")]
    queues: Vec<SampledQueue<'a>>,
    #[serde(rename = "Agents")]
    agents: Vec<SampledAgent<'a>>,
    /// The vendor spells it so.
    #[serde(rename = "koreEvalutionScore", skip_serializing_if = "Option::is_none")]
    score: Option<Option<i64>>,
    #[serde(rename = "fatalErrorCount")]
    fatal_errors: usize,
    #[serde(rename = "Language")]
    language: &'a str,
    /// Null for what was ingested before the field existed.
    duration_status: Option<&'a str>,
    #[serde(rename = "Metrics")]
    metrics: Vec<SampledMetric>,
    #[serde(rename = "contactDirection")]
    direction: &'a str,
    #[serde(rename = "AuditStatus")]
    audit_status: &'a str,
    #[serde(rename = "AuditScore", skip_serializing_if = "Option::is_none")]
    audit_score: Option<i64>,
    #[serde(rename = "AuditDate")]
    audit_date: Option<&'a str>,
    #[serde(rename = "AuditorName")]
    auditor: Option<&'a str>,
    custom_fields: &'a Pairs<Field>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    evaluation: Option<Evaluation<'a>>,
}

#[derive(Serialize)]
struct SampledQueue<'a> {
    #[serde(rename = "Queue ID")]
    id: &'a str,
    #[serde(rename = "Queue Name")]
    name: &'a str,
}

#[derive(Serialize)]
struct SampledAgent<'a> {
    #[serde(rename = "Agent ID")]
    id: &'a str,
    #[serde(rename = "Agent Name")]
    name: String,
}

/// Oldest bodies give metrics that are met by id and qualification alone.
#[derive(Serialize)]
struct SampledMetric {
    #[serde(rename = "Metric ID")]
    id: String,
    #[serde(rename = "Metric Name", skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(rename = "Metric Weight", skip_serializing_if = "Option::is_none")]
    weight: Option<i64>,
    #[serde(rename = "Metric Negative Weight", skip_serializing_if = "Option::is_none")]
    negative_weight: Option<i64>,
    #[serde(rename = "Qualification", skip_serializing_if = "Option::is_none")]
    qualification: Option<&'static str>,
    #[serde(rename = "isFatalError")]
    is_fatal_error: bool,
    /// Null in all that is known of the service.
    #[serde(rename = "Auditor Response")]
    auditor_response: Option<&'static str>,
}

/// The keys of the table.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declared<'a> {
    conversation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_conversation_id: Option<&'a str>,
    queues: Vec<DeclaredQueue<'a>>,
    agents: Vec<DeclaredAgent<'a>>,
    kore_evaluation_score: Option<i64>,
    fatal_error_count: usize,
    language: &'a str,
    metrics: Vec<DeclaredMetric>,
    #[serde(rename = "duration_status")]
    duration_status: &'a str,
    /// The table has this one and the next as two facts of one record.
    #[serde(rename = "audit_status")]
    assignment: Option<&'a str>,
    #[serde(rename = "AuditStatus")]
    audit_status: &'a str,
    #[serde(rename = "AuditScore", skip_serializing_if = "Option::is_none")]
    audit_score: Option<i64>,
    #[serde(rename = "audit_date")]
    audit_date: Option<&'a str>,
    auditor: Option<&'a str>,
    #[serde(rename = "contact_direction")]
    direction: &'a str,
    #[serde(rename = "is_direction_defaulted")]
    direction_defaulted: Option<bool>,
    #[serde(flatten)]
    evaluation: Evaluation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeclaredQueue<'a> {
    queue_id: &'a str,
    queue_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeclaredAgent<'a> {
    agent_id: &'a str,
    agent_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeclaredMetric {
    metric_id: String,
    metric_name: &'static str,
    metric_weight: i64,
    metric_negative_weight: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    qualification: Option<&'static str>,
    is_fatal_error: bool,
}

#[derive(Serialize)]
struct Evaluation<'a> {
    evaluation_status: &'a str,
    channel: &'a str,
    #[serde(rename = "evaluatedAt")]
    evaluated_at: Option<String>,
}

pub(super) fn record(conversation: &Conversation) -> String {
    let mut dice = conversation.dice(Sequence::ScoreReporting);
    if dice.chance(35) {
        text(&declared(conversation, &mut dice))
    } else {
        text(&sampled(conversation, &mut dice))
    }
}

fn sampled<'a>(conversation: &'a Conversation, dice: &mut Dice) -> Sampled<'a> {
    let audit = &conversation.audit;
    let evaluated = conversation.is_evaluated();
    let old = dice.chance(4);
    let metrics = conversation.metrics.iter().map(|metric| {
        let definition = (!old || metric.qualification != "YES").then(|| metric.definition());
        SampledMetric {
            id: metric.id(),
            name: definition.map(|definition| definition.name),
            weight: definition.map(|definition| definition.weight),
            negative_weight: definition.map(|definition| definition.negative_weight),
            qualification: evaluated.then_some(metric.qualification),
            is_fatal_error: metric.fatal_error,
            auditor_response: None,
        }
    });
    let without_score = conversation.score == Score::Absent;
    Sampled {
        id: &conversation.id,
        custom_id: conversation.custom_id.as_deref(),
        queues: vec![SampledQueue {
            id: conversation.queue.id(),
            name: conversation.queue.name,
        }],
        agents: conversation
            .agents
            .iter()
            .map(|agent| SampledAgent {
                id: agent.id(),
                name: agent.name(),
            })
            .collect(),
        score: (!without_score).then(|| conversation.score.points()),
        fatal_errors: conversation.fatal_errors(),
        language: conversation.language,
        duration_status: (!evaluated || !dice.chance(2)).then_some(conversation.duration_status),
        metrics: if without_score {
            Vec::new()
        } else {
            metrics.collect()
        },
        direction: conversation.direction(),
        audit_status: audit.status,
        audit_score: audit.score,
        audit_date: audit.date.as_deref(),
        auditor: audit.auditor,
        custom_fields: &conversation.custom_fields,
        evaluation: dice.chance(60).then(|| evaluation(conversation, dice)),
    }
}

fn declared<'a>(conversation: &'a Conversation, dice: &mut Dice) -> Declared<'a> {
    let audit = &conversation.audit;
    let evaluated = conversation.is_evaluated();
    Declared {
        conversation_id: &conversation.id,
        custom_conversation_id: conversation.custom_id.as_deref(),
        queues: vec![DeclaredQueue {
            queue_id: conversation.queue.id(),
            queue_name: conversation.queue.name,
        }],
        agents: conversation
            .agents
            .iter()
            .map(|agent| DeclaredAgent {
                agent_id: agent.id(),
                agent_name: agent.name(),
            })
            .collect(),
        kore_evaluation_score: conversation.score.points(),
        fatal_error_count: conversation.fatal_errors(),
        language: conversation.language,
        metrics: conversation
            .metrics
            .iter()
            .map(|metric| DeclaredMetric {
                metric_id: metric.id(),
                metric_name: metric.definition().name,
                metric_weight: metric.definition().weight,
                metric_negative_weight: metric.definition().negative_weight,
                qualification: evaluated.then_some(metric.qualification),
                is_fatal_error: metric.fatal_error,
            })
            .collect(),
        duration_status: conversation.duration_status,
        assignment: match audit.status {
            "Audited" | "Assigned" => Some("Assigned"),
            _ => dice.chance(50).then_some("Not Assigned"),
        },
        audit_status: audit.status,
        audit_score: audit.score,
        audit_date: audit.date.as_deref(),
        auditor: audit.auditor,
        direction: conversation.direction(),
        direction_defaulted: (!dice.chance(10)).then_some(conversation.direction_defaulted),
        evaluation: evaluation(conversation, dice),
    }
}

fn evaluation<'a>(conversation: &Conversation, dice: &mut Dice) -> Evaluation<'a> {
    let later = TimeDelta::milliseconds(dice.between(60_000, 9_000_000));
    let scored = conversation.score.points().is_some();
    Evaluation {
        evaluation_status: match (scored, conversation.is_passed()) {
            (false, _) => "not_evaluated",
            (true, true) => "pass",
            (true, false) => "fail",
        },
        channel: conversation.channel(),
        evaluated_at: scored.then(|| iso(conversation.end + later)),
    }
}
