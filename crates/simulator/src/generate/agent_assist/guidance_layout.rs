//! The keys of playbooks, coaching, agentic activities and the summary, in the server's order. Those of the whole
//! record are in [`layout`](super::layout).

use serde::Serialize;

use super::layout::Feedback;
use crate::generate::json::{Drift, Pairs};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Playbook {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) playbook_id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) trigger_type: &'static str,
    pub(super) language: &'static str,
    pub(super) order: &'static str,
    pub(super) opened_at: String,
    pub(super) closed_at: String,
    pub(super) adhered_steps: i64,
    pub(super) adherence_rate: Drift,
    /// Empty in all that is known of the service.
    pub(super) stages: [&'static str; 0],
    pub(super) total_stages: Pairs<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Coaching {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) rule_id: String,
    pub(super) rule_name: &'static str,
    pub(super) message_id: String,
    pub(super) triggered_at: String,
    pub(super) action_type: &'static str,
    pub(super) action_id: String,
    pub(super) expression: &'static str,
    pub(super) message: CoachingMessage,
    /// Empty in all that is known of the service.
    pub(super) emails: [&'static str; 0],
    pub(super) adherence: Pairs<&'static str>,
    pub(super) is_adhered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) adhered_at: Option<String>,
}

#[derive(Serialize)]
pub(super) struct CoachingMessage {
    pub(super) title: &'static str,
    pub(super) body: &'static str,
}

/// The request's status is a text, the response's a number.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgenticActivity<'a> {
    pub(super) utterance: &'static str,
    pub(super) request_id: String,
    pub(super) request_time: String,
    pub(super) req_status: &'static str,
    pub(super) response: Vec<AgenticResponse>,
    pub(super) response_time: String,
    pub(super) res_status: i64,
    pub(super) session_info: Pairs<&'a str>,
    pub(super) participant_id: String,
    pub(super) streaming: bool,
    pub(super) usage_details: Pairs<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) feedback: Option<Feedback>,
}

#[derive(Serialize)]
pub(super) struct AgenticResponse {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) content: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary<'a> {
    pub(super) summary_id: String,
    pub(super) participant: Participant<'a>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) summary: String,
    pub(super) edited_summary: &'static str,
    pub(super) is_error: bool,
    pub(super) is_disabled: bool,
    pub(super) is_edited: bool,
    /// Epoch milliseconds, as the next one.
    pub(super) exe_start_time: i64,
    pub(super) sum_sub_time: i64,
    /// Seconds.
    pub(super) time: f64,
    pub(super) model_type: &'static str,
    pub(super) summary_model: &'static str,
    pub(super) position_id: String,
    pub(super) feedback: Feedback,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Participant<'a> {
    pub(super) identity: &'a str,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) start_time: [String; 1],
    pub(super) end_time: [String; 1],
}
