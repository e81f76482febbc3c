//! Metrics of a Title Case record with their justifications, in all forms these take. The judgement itself is a
//! fact, drawn in [`metric`](crate::generate::metric).

use serde::Serialize;

use crate::generate::Conversation;
use crate::generate::conversation::EVALUATED;
use crate::generate::dice::Dice;
use crate::generate::json::{Field, LoneOrList};
use crate::generate::metric::Kind;

#[derive(Serialize)]
pub(super) struct Metric {
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
    #[serde(rename = "triggerJustification")]
    trigger_justification: Vec<Justification>,
    justification: Vec<Justification>,
    /// Null in all that is known of the service.
    #[serde(rename = "Auditor Response")]
    auditor_response: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Justification {
    Evidence(Evidence),
    Comparison(Comparison),
}

/// Messages that speak for the judgement, and their times in epoch milliseconds.
#[derive(Serialize)]
struct Evidence {
    message_id: LoneOrList<String>,
    timestamp: LoneOrList<i64>,
    justification: String,
}

/// What another system holds against what the agent said.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Comparison {
    source_system_value: Field,
    agent_mentioned_value: String,
    #[serde(rename = "AgentEntity")]
    agent_entity: &'static str,
    justification: String,
}

pub(super) fn all(conversation: &Conversation, dice: &mut Dice) -> Vec<Metric> {
    let evaluated = conversation.duration_status == EVALUATED;
    conversation
        .metrics
        .iter()
        .map(|metric| {
            let definition = metric.definition();
            let judged = evaluated && matches!(metric.qualification, "YES" | "NO");
            let triggered = judged && dice.chance(4);
            Metric {
                id: metric.id(),
                name: definition.name,
                weight: definition.weight,
                negative_weight: definition.negative_weight,
                qualification: evaluated.then_some(metric.qualification),
                is_fatal_error: metric.fatal_error,
                trigger_justification: if triggered {
                    vec![trigger(conversation, dice)]
                } else {
                    Vec::new()
                },
                justification: if judged {
                    justification(conversation, definition.kind, dice)
                } else {
                    Vec::new()
                },
                auditor_response: None,
            }
        })
        .collect()
}

fn justification(conversation: &Conversation, kind: Kind, dice: &mut Dice) -> Vec<Justification> {
    if let Kind::Value(entity) = kind {
        return vec![comparison(conversation, entity, dice)];
    }
    match dice.below(100) {
        ..52 => Vec::new(),
        52..57 => vec![lone_message(conversation, dice)],
        57..60 => vec![evidence(conversation, dice), lone_message(conversation, dice)],
        _ => vec![evidence(conversation, dice)],
    }
}

fn evidence(conversation: &Conversation, dice: &mut Dice) -> Justification {
    let count = 1 + dice.below(4);
    let mut times: Vec<i64> = (0..count).map(|_| time(conversation, dice)).collect();
    times.sort_unstable();
    Justification::Evidence(Evidence {
        message_id: LoneOrList::List((0..count).map(|_| dice.id("ms-")).collect()),
        timestamp: LoneOrList::List(times),
        justification: reasons(conversation, dice),
    })
}

/// Older bodies have one message and one time where the newer ones have lists.
fn lone_message(conversation: &Conversation, dice: &mut Dice) -> Justification {
    Justification::Evidence(Evidence {
        message_id: LoneOrList::Lone(dice.id("ms-")),
        timestamp: LoneOrList::Lone(time(conversation, dice)),
        justification: reasons(conversation, dice),
    })
}

/// What started the judgement: a lone message without a word.
fn trigger(conversation: &Conversation, dice: &mut Dice) -> Justification {
    Justification::Evidence(Evidence {
        message_id: LoneOrList::Lone(dice.id("ms-")),
        timestamp: LoneOrList::Lone(time(conversation, dice)),
        justification: String::new(),
    })
}

fn comparison(conversation: &Conversation, entity: &'static str, dice: &mut Dice) -> Justification {
    let value = dice.hundredths(1.0, 90.0);
    let source_system_value = if dice.chance(50) {
        Field::Fraction(value)
    } else {
        Field::Composed(value.to_string())
    };
    Justification::Comparison(Comparison {
        source_system_value,
        agent_mentioned_value: value.to_string(),
        agent_entity: entity,
        justification: reasons(conversation, dice),
    })
}

/// Within the conversation, or a little after its end, as in the service's bodies.
fn time(conversation: &Conversation, dice: &mut Dice) -> i64 {
    dice.between(
        conversation.start.timestamp_millis(),
        conversation.end.timestamp_millis() + 600_000,
    )
}

fn reasons(conversation: &Conversation, dice: &mut Dice) -> String {
    let count = 1 + dice.below(3);
    dice.run(conversation.vocabulary().judgements, count).join(" ")
}
