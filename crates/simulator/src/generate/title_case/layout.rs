//! The keys of a Title Case record, in the server's order. Their values are drawn in
//! [`title_case`](super).

use serde::Serialize;

use super::super::json::{Drift, Field, Pairs};
use super::metrics::Metric;

/// Fields in the server's order. `Option<Option<_>>` is absent, null or a value.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Record<'a> {
    #[serde(rename = "src")]
    pub(super) src: &'a str,
    #[serde(rename = "customConversationId", skip_serializing_if = "Option::is_none")]
    pub(super) custom_id: Option<&'a str>,
    #[serde(rename = "contactDirection")]
    pub(super) direction: &'a str,
    #[serde(rename = "Conversation ID")]
    pub(super) id: &'a str,
    #[serde(rename = "Conversation Start Time")]
    pub(super) start: String,
    #[serde(rename = "Conversation End Time", skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<String>,
    pub(super) language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<String>,
    #[serde(rename = "sentiment", skip_serializing_if = "Option::is_none")]
    pub(super) sentiment: Option<&'static str>,
    #[serde(rename = "Sentiment Score", skip_serializing_if = "Option::is_none")]
    pub(super) sentiment_score: Option<Option<Drift>>,
    pub(super) queues: Vec<Queue<'a>>,
    pub(super) agents: Vec<Agent<'a>>,
    #[serde(rename = "Kore Evaluation Score", skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<Field>,
    #[serde(rename = "IsChurnRiskObserved")]
    pub(super) churn_risk: bool,
    #[serde(rename = "IsEscalationObserved")]
    pub(super) escalation: bool,
    #[serde(rename = "Fatal Errors")]
    pub(super) fatal_errors: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) emotions: Option<Vec<&'a str>>,
    #[serde(rename = "Taxonomy Resolution", skip_serializing_if = "Option::is_none")]
    pub(super) taxonomy_resolution: Option<Field>,
    #[serde(rename = "Audit Status")]
    pub(super) audit_status: &'a str,
    #[serde(rename = "Audit Score", skip_serializing_if = "Option::is_none")]
    pub(super) audit_score: Option<i64>,
    #[serde(rename = "Audit Date")]
    pub(super) audit_date: Option<&'a str>,
    #[serde(rename = "Auditor Name")]
    pub(super) auditor: Option<&'a str>,
    #[serde(rename = "duration_status")]
    pub(super) duration_status: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) analysis: Option<Analysis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metrics: Option<Vec<Metric>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
    #[serde(rename = "custom_fields")]
    pub(super) custom_fields: &'a Pairs<Field>,
    #[serde(rename = "Configured_Intents", skip_serializing_if = "Option::is_none")]
    pub(super) configured_intents: Option<ConfiguredIntents>,
}

#[derive(Serialize)]
pub(super) struct Queue<'a> {
    #[serde(rename = "Queue ID")]
    pub(super) id: &'a str,
    #[serde(rename = "Queue Name")]
    pub(super) name: &'a str,
}

#[derive(Serialize)]
pub(super) struct Agent<'a> {
    #[serde(rename = "agentId")]
    pub(super) id: &'a str,
    #[serde(rename = "Agent Name")]
    pub(super) name: String,
    #[serde(rename = "Agent Start Time")]
    pub(super) start: String,
    #[serde(rename = "Empathy Score", skip_serializing_if = "Option::is_none")]
    pub(super) empathy: Option<i64>,
    #[serde(rename = "Crutch Word Score", skip_serializing_if = "Option::is_none")]
    pub(super) crutch_words: Option<Drift>,
    #[serde(rename = "Agent Email")]
    pub(super) email: String,
}

/// Moods and voices. The speaking rates have one of their two keys, never both.
#[derive(Serialize)]
pub(super) struct Analysis {
    #[serde(rename = "Speaking Rate", skip_serializing_if = "Option::is_none")]
    pub(super) speaking_rate: Option<Option<Vec<SpeakingRate>>>,
    #[serde(rename = "speechSpeed", skip_serializing_if = "Option::is_none")]
    pub(super) speech_speed: Option<Option<Vec<SpeakingRate>>>,
    #[serde(flatten)]
    pub(super) talk: Option<Talk>,
    #[serde(rename = "Sentiment Pattern")]
    pub(super) sentiment_pattern: SentimentPattern,
    #[serde(rename = "Customer emotions")]
    pub(super) customer_emotions: Vec<Emotion>,
    #[serde(rename = "Agent emotions")]
    pub(super) agent_emotions: Vec<Emotion>,
    #[serde(rename = "Sentiment Ratio")]
    pub(super) sentiment_ratio: SentimentRatio,
}

/// Voice only.
#[derive(Serialize)]
pub(super) struct Talk {
    #[serde(rename = "Customer talk ratio percentage")]
    pub(super) customer: Drift,
    #[serde(rename = "Agent talk ratio percentage")]
    pub(super) agent: Drift,
    #[serde(rename = "Silence percentage")]
    pub(super) silence: Drift,
    #[serde(rename = "agentRecordings", skip_serializing_if = "Option::is_none")]
    pub(super) agent_recordings: Option<Vec<String>>,
    #[serde(rename = "customerRecordings", skip_serializing_if = "Option::is_none")]
    pub(super) customer_recordings: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpeakingRate {
    pub(super) n_words: i64,
    pub(super) time_taken: Drift,
    pub(super) average: Drift,
    pub(super) score: i64,
    pub(super) source: &'static str,
    pub(super) source_id: String,
}

#[derive(Serialize)]
pub(super) struct SentimentPattern {
    pub(super) start: &'static str,
    pub(super) end: &'static str,
}

#[derive(Serialize)]
pub(super) struct Emotion {
    pub(super) emotion: &'static str,
    pub(super) duration: i64,
    pub(super) proportion: Drift,
}

#[derive(Serialize)]
pub(super) struct SentimentRatio {
    pub(super) positive: i64,
    pub(super) neutral: i64,
    pub(super) negative: i64,
}

/// What the evaluation came to.
#[derive(Serialize)]
pub(super) struct Outcome {
    #[serde(rename = "Pass Score")]
    pub(super) pass_score: i64,
    #[serde(rename = "IsPassed")]
    pub(super) is_passed: bool,
    #[serde(rename = "Evaluation Form Name")]
    pub(super) form: &'static str,
    #[serde(rename = "Evaluation Form Scoring Type")]
    pub(super) scoring: &'static str,
    #[serde(rename = "Generated Intents")]
    pub(super) generated_intents: Vec<GeneratedIntent>,
}

/// An intent or a topic, never both.
#[derive(Serialize)]
pub(super) struct GeneratedIntent {
    pub(super) emotions: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) topic: Option<&'static str>,
    pub(super) keywords: &'static [&'static str],
    #[serde(rename = "Sentiment")]
    pub(super) sentiment: &'static str,
    #[serde(rename = "Sentiment Score")]
    pub(super) sentiment_score: i64,
}

#[derive(Serialize)]
pub(super) struct ConfiguredIntents {
    pub(super) topics: Vec<Topic>,
    pub(super) total_topics_identified: usize,
}

/// A topic of any level: `level` is on the first only, sentiment and resolution on the third only.
#[derive(Default, Serialize)]
pub(super) struct Topic {
    pub(super) topic_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<&'static str>,
    pub(super) confidence_score: f64,
    #[serde(rename = "L2_topics", skip_serializing_if = "Vec::is_empty")]
    pub(super) second: Vec<Topic>,
    #[serde(rename = "L3_topics", skip_serializing_if = "Vec::is_empty")]
    pub(super) third: Vec<Topic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sentiment: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolution: Option<i64>,
}
