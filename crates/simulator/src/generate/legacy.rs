//! Raw Data of the first generation (2024). The current one is in [`title_case`](super::title_case).

use serde::Serialize;

use super::Conversation;
use super::conversation::DURATION_UNAVAILABLE;
use super::dice::{Dice, Sequence, fixed_id};
use super::json::{iso, text};

#[derive(Serialize)]
struct Record<'a> {
    src: &'a str,
    #[serde(rename = "Conversation Start Time")]
    start: String,
    #[serde(rename = "Conversation End Time", skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(rename = "Duration", skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(rename = "Conversation ID")]
    id: &'a str,
    #[serde(rename = "Sentiment Score", skip_serializing_if = "Option::is_none")]
    sentiment_score: Option<i64>,
    #[serde(rename = "Intents")]
    intents: Vec<Intent>,
    #[serde(rename = "Topics", skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<Topic>>,
    #[serde(rename = "Kore Evaluation Score", skip_serializing_if = "Option::is_none")]
    score: Option<i64>,
    #[serde(rename = "IsChurnRiskObserved")]
    churn_risk: bool,
    #[serde(rename = "IsEscalationObserved")]
    escalation: bool,
    /// Declared, and in no sample body, like the next one.
    #[serde(rename = "empathy score", skip_serializing_if = "Option::is_none")]
    empathy: Option<i64>,
    #[serde(rename = "crutch word score", skip_serializing_if = "Option::is_none")]
    crutch_words: Option<i64>,
    #[serde(rename = "Pass Score")]
    pass_score: i64,
    #[serde(rename = "IsPassed")]
    is_passed: bool,
    #[serde(rename = "Queues")]
    queues: Vec<Queue<'a>>,
    #[serde(rename = "Agents")]
    agents: Vec<Agent<'a>>,
    #[serde(rename = "Metrics")]
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
struct Intent {
    /// Empty where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    emotions: Option<[&'static str; 0]>,
    intent: &'static str,
    keywords: &'static [&'static str],
    #[serde(rename = "Sentiment", skip_serializing_if = "Option::is_none")]
    sentiment: Option<&'static str>,
    #[serde(rename = "Sentiment Score", skip_serializing_if = "Option::is_none")]
    sentiment_score: Option<i64>,
}

#[derive(Serialize)]
struct Topic {
    topic: &'static str,
    keywords: &'static [&'static str],
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
    #[serde(rename = "agentId")]
    id: &'a str,
    #[serde(rename = "Agent Name")]
    name: String,
    #[serde(rename = "Agent Start Time")]
    start: String,
    #[serde(rename = "Agent Email")]
    email: String,
}

#[derive(Serialize)]
struct Metric {
    /// Missing in half of the metrics, and sometimes that of the metric before.
    #[serde(rename = "Metric ID", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "Metric Name")]
    name: &'static str,
    #[serde(rename = "Metric Weight")]
    weight: i64,
    #[serde(rename = "Qualification", skip_serializing_if = "Option::is_none")]
    qualification: Option<&'static str>,
}

pub(super) fn record(conversation: &Conversation) -> String {
    let mut dice = conversation.dice(Sequence::Legacy);
    let evaluated = conversation.is_evaluated();
    let known_duration = conversation.duration_status != DURATION_UNAVAILABLE;
    let subjects = &conversation.vocabulary().subjects;
    let told = |count: usize| {
        conversation
            .subjects
            .iter()
            .take(count)
            .filter_map(|place| subjects.get(*place))
    };
    let count = 1 + dice.below(3);
    text(&Record {
        src: conversation.src,
        start: iso(conversation.start),
        end: known_duration.then(|| iso(conversation.end)),
        duration: known_duration.then(|| {
            format!(
                "{} milliseconds",
                (conversation.end - conversation.start).num_milliseconds()
            )
        }),
        id: &conversation.id,
        sentiment_score: conversation.sentiment_score.map(|score| score.round() as i64),
        intents: told(count)
            .map(|subject| intent(subject.intent, subject.keywords, &mut dice))
            .collect(),
        topics: dice.chance(50).then(|| {
            told(count)
                .map(|subject| Topic {
                    topic: subject.topic,
                    keywords: subject.keywords,
                })
                .collect()
        }),
        score: conversation.score.points(),
        churn_risk: conversation.churn_risk,
        escalation: conversation.escalation,
        empathy: (evaluated && dice.chance(30)).then(|| dice.between(0, 10)),
        crutch_words: (evaluated && conversation.is_voice() && dice.chance(40)).then(|| dice.between(0, 8)),
        pass_score: conversation.queue.form().pass_score,
        is_passed: conversation.is_passed(),
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
                start: iso(conversation.start),
                email: agent.email(),
            })
            .collect(),
        metrics: metrics(conversation),
    })
}

fn intent(intent: &'static str, keywords: &'static [&'static str], dice: &mut Dice) -> Intent {
    let rated = dice.chance(33).then(|| dice.between(-6, 9));
    Intent {
        emotions: rated.map(|_| []),
        intent,
        keywords: dice.run(keywords, 4),
        sentiment: rated.map(|score| if score < 0 { "negative" } else { "positive" }),
        sentiment_score: rated,
    }
}

fn metrics(conversation: &Conversation) -> Vec<Metric> {
    let evaluated = conversation.is_evaluated();
    conversation
        .metrics
        .iter()
        .map(|metric| {
            let definition = metric.definition();
            Metric {
                // Numbers 0 and 1 of each four share an id, 2 and 3 have none.
                id: (metric.number % 4 < 2).then(|| fixed_id("em-", 8, metric.number / 4 * 4)),
                name: definition.name,
                weight: definition.weight,
                qualification: evaluated.then_some(metric.qualification),
            }
        })
        .collect()
}
