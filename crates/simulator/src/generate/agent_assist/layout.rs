//! The keys of an agent assistance record, in the server's order. Those of what guides an agent are in
//! [`guidance_layout`](super::guidance_layout); the values are drawn in [`agent_assist`](super).

use serde::Serialize;

use super::guidance_layout::{AgenticActivity, Coaching, Playbook, Summary};
use crate::generate::json::Pairs;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(rename = "conversationID")]
    pub(super) conversation_id: &'a str,
    #[serde(rename = "botSessionID")]
    pub(super) bot_session_id: &'a str,
    pub(super) channel: &'a str,
    #[serde(rename = "segmentID")]
    pub(super) segment_id: &'a str,
    pub(super) agent: Agent<'a>,
    pub(super) tags: Vec<Tag>,
    pub(super) segment_start_time: String,
    pub(super) segment_end_time: String,
    pub(super) agent_actions: Vec<AgentAction>,
    pub(super) pro_active_suggestions: Vec<ProActiveSuggestion>,
    pub(super) queue_info: QueueInfo<'a>,
    pub(super) count_scroll_up: i64,
    pub(super) count_scroll_dn: i64,
    pub(super) is_welcome_msg_read: bool,
    pub(super) links_clicked: Vec<LinkClicked>,
    pub(super) playbook_runtime_data: Vec<Playbook>,
    pub(super) coaching_runtime_data: Vec<Coaching>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agentic_activities: Option<Vec<AgenticActivity<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<Summary<'a>>,
}

/// Only the id is always there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Agent<'a> {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<Person>,
    pub(super) agent_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    pub(super) first_name: &'static str,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tag {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) value: &'static str,
    /// Missing on session tags.
    #[serde(rename = "messageID", skip_serializing_if = "Option::is_none")]
    pub(super) message_id: Option<String>,
    pub(super) created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentAction {
    pub(super) action_type: &'static str,
    pub(super) action: Action,
    pub(super) used: Vec<Used>,
}

/// Typing is there where the agent searched, not where they took from the library.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) search: Option<Search>,
    pub(super) display_time: String,
    pub(super) suggestions_shown: Vec<&'static str>,
    pub(super) suggestion_used: i64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) corrections: Option<Corrections>,
    pub(super) count_displayed_answers: Counts,
    pub(super) suggestions: Suggestions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    pub(super) search_phrase: &'static str,
    pub(super) typing_start_time: String,
    pub(super) execution_start_time: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Corrections {
    pub(super) phrase_input: &'static str,
    pub(super) corrections_presented: i64,
    pub(super) corrections_accepted: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub(super) count_dialog_tasks: usize,
    pub(super) count_faqs: i64,
    pub(super) count_answers: usize,
    pub(super) count_files: i64,
    pub(super) count_web_pages: i64,
    pub(super) count_from_non_native_data_source: i64,
}

#[derive(Serialize)]
pub(super) struct Suggestions {
    pub(super) dialogs: Vec<Dialog>,
    pub(super) answers: Vec<SuggestedAnswer>,
}

#[derive(Serialize)]
pub(super) struct Dialog {
    pub(super) name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuggestedAnswer {
    pub(super) content: &'static str,
    pub(super) position_id: String,
    pub(super) sources: Vec<Source>,
    pub(super) internal_flag: bool,
}

#[derive(Serialize)]
pub(super) struct Source {
    pub(super) title: &'static str,
    pub(super) url: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Used {
    pub(super) target_type: &'static str,
    /// One key, named by the kind of target.
    pub(super) target: Pairs<Target>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'static str>,
    /// Blank at times.
    pub(super) status: &'static str,
    pub(super) used_time: String,
    pub(super) show_more_clicked: bool,
    /// Empty in all that is known of the service.
    pub(super) answer_link_clicked: [&'static str; 0],
    pub(super) position_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) feedback: Option<Feedback>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub(super) response: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason_code: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProActiveSuggestion {
    pub(super) utterance: &'static str,
    pub(super) suggestions: Suggestions,
    pub(super) display_time: String,
    pub(super) count_displayed_answers: Counts,
    pub(super) used: Vec<Used>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueueInfo<'a> {
    pub(super) queue_id: &'a str,
    pub(super) queue_name: &'a str,
}

#[derive(Serialize)]
pub(super) struct LinkClicked {
    pub(super) url: &'static str,
    pub(super) timestamp: String,
}
