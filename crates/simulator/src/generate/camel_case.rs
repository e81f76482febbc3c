//! Raw Data V3 as its short sample body has it: camelCase mixed with Title Case, scores and audit only. The same
//! facts in full are in [`title_case`](super::title_case).

use serde::Serialize;

use super::Conversation;
use super::json::text;

#[derive(Serialize)]
struct Record<'a> {
    #[serde(rename = "conversationId")]
    id: &'a str,
    #[serde(rename = "customConversationId", skip_serializing_if = "Option::is_none")]
    custom_id: Option<&'a str>,
    contact_direction: &'a str,
    is_direction_defaulted: bool,
    #[serde(rename = "AuditStatus")]
    audit_status: &'a str,
    #[serde(rename = "AuditScore")]
    audit_score: Option<i64>,
    audit_date: Option<&'a str>,
    auditor: Option<&'a str>,
    #[serde(rename = "Queues")]
    queues: Vec<Queue<'a>>,
    #[serde(rename = "Agents")]
    agents: Vec<Agent<'a>>,
    /// The vendor spells it so.
    #[serde(rename = "koreEvalutionScore")]
    score: Option<i64>,
    #[serde(rename = "fatalErrorCount")]
    fatal_errors: usize,
    #[serde(rename = "Language")]
    language: &'a str,
    duration_status: &'a str,
    #[serde(rename = "Metrics")]
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
struct Queue<'a> {
    #[serde(rename = "Queue ID")]
    id: &'a str,
    #[serde(rename = "Queue Name")]
    name: &'a str,
}

#[derive(Serialize)]
struct Agent<'a> {
    #[serde(rename = "Agent ID")]
    id: &'a str,
    #[serde(rename = "Agent Name")]
    name: String,
}

#[derive(Serialize)]
struct Metric {
    #[serde(rename = "Metric ID")]
    id: String,
    #[serde(rename = "Metric Name")]
    name: &'static str,
    #[serde(rename = "Metric Weight")]
    weight: i64,
    #[serde(rename = "Metric Negative Weight")]
    negative_weight: i64,
    #[serde(rename = "Qualification", skip_serializing_if = "Option::is_none")]
    qualification: Option<&'static str>,
    #[serde(rename = "isFatalError")]
    is_fatal_error: bool,
}

pub(super) fn record(conversation: &Conversation) -> String {
    let audit = &conversation.audit;
    let evaluated = conversation.is_evaluated();
    text(&Record {
        id: &conversation.id,
        custom_id: conversation.custom_id.as_deref(),
        contact_direction: conversation.direction(),
        is_direction_defaulted: conversation.direction_defaulted,
        audit_status: audit.status,
        audit_score: audit.score,
        audit_date: audit.date.as_deref(),
        auditor: audit.auditor,
        queues: vec![Queue {
            id: conversation.queue.id(),
            name: conversation.queue.name,
        }],
        agents: conversation
            .agents
            .iter()
            .map(|agent| Agent {
                id: agent.id(),
                name: agent.name(),
            })
            .collect(),
        score: conversation.score.points(),
        fatal_errors: conversation.fatal_errors(),
        language: conversation.language,
        duration_status: conversation.duration_status,
        metrics: conversation
            .metrics
            .iter()
            .map(|metric| Metric {
                id: metric.id(),
                name: metric.definition().name,
                weight: metric.definition().weight,
                negative_weight: metric.definition().negative_weight,
                qualification: evaluated.then_some(metric.qualification),
                is_fatal_error: metric.fatal_error,
            })
            .collect(),
    })
}
