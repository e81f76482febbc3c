//! Raw Data V3 in the Title Case of its long sample body: the richest record. Its keys are in [`layout`], its
//! metrics in [`metrics`], its emotions and voices in [`mood`].

mod layout;
mod metrics;
mod mood;

use layout::{Agent, ConfiguredIntents, GeneratedIntent, Outcome, Queue, Record, Topic};

use super::conversation::{Conversation, DURATION_UNAVAILABLE, Score};
use super::dice::{Dice, Sequence};
use super::json::{Drift, Field, iso, text};
use crate::words::{Branch, Subject, TAXONOMY, Twig};

pub(super) fn record(conversation: &Conversation) -> String {
    let mut dice = conversation.dice(Sequence::TitleCase);
    let evaluated = conversation.is_evaluated();
    let known_duration = conversation.duration_status != DURATION_UNAVAILABLE;
    // Of what was not evaluated, the service sends little: often not even the metrics that would have applied.
    let with_metrics = evaluated || dice.chance(60);
    text(&Record {
        src: conversation.src,
        custom_id: conversation.custom_id.as_deref(),
        direction: conversation.direction(),
        id: &conversation.id,
        start: iso(conversation.start),
        end: known_duration.then(|| iso(conversation.end)),
        language: conversation.language,
        duration: known_duration.then(|| {
            format!(
                "{} milliseconds",
                (conversation.end - conversation.start).num_milliseconds()
            )
        }),
        sentiment: sentiment(conversation, &mut dice),
        sentiment_score: sentiment_score(conversation, &mut dice),
        queues: vec![Queue {
            id: conversation.queue.id(),
            name: conversation.queue.name,
        }],
        agents: agents(conversation, &mut dice),
        score: score(conversation.score),
        churn_risk: conversation.churn_risk,
        escalation: conversation.escalation,
        fatal_errors: conversation.fatal_errors(),
        emotions: (evaluated && !conversation.is_voice()).then(|| mood::words(&mut dice)),
        taxonomy_resolution: evaluated.then(|| taxonomy_resolution(&mut dice)),
        audit_status: conversation.audit.status,
        audit_score: conversation.audit.score,
        audit_date: conversation.audit.date.as_deref(),
        auditor: conversation.audit.auditor,
        duration_status: conversation.duration_status,
        analysis: evaluated.then(|| mood::analysis(conversation, &mut dice)),
        metrics: with_metrics.then(|| metrics::all(conversation, &mut dice)),
        outcome: evaluated.then(|| outcome(conversation, &mut dice)),
        custom_fields: &conversation.custom_fields,
        configured_intents: (evaluated && dice.chance(50)).then(|| configured_intents(&mut dice)),
    })
}

/// Declared, and in no sample body: on some calls, in agreement with the score.
fn sentiment(conversation: &Conversation, dice: &mut Dice) -> Option<&'static str> {
    let told = conversation.is_voice() && dice.chance(40);
    let score = conversation.sentiment_score.filter(|_| told)?;
    Some(mood::sentiment(score.round() as i64))
}

/// A float, an integer, null or missing.
fn sentiment_score(conversation: &Conversation, dice: &mut Dice) -> Option<Option<Drift>> {
    match conversation.sentiment_score {
        Some(score) => Some(Some(Drift(score))),
        None if dice.chance(50) => Some(None),
        None => None,
    }
}

fn agents<'a>(conversation: &'a Conversation, dice: &mut Dice) -> Vec<Agent<'a>> {
    let answered = conversation.start;
    let length = conversation.end - conversation.start;
    conversation
        .agents
        .iter()
        .zip(0..)
        .map(|(agent, number)| Agent {
            id: agent.id(),
            name: agent.name(),
            start: iso(answered + length * number / 2),
            empathy: dice.chance(90).then(|| dice.between(0, 10)),
            crutch_words: (conversation.is_voice() && dice.chance(50))
                .then(|| Drift(dice.hundredths(0.0, 8.0))),
            email: agent.email(),
        })
        .collect()
}

fn score(score: Score) -> Option<Field> {
    match score {
        Score::Points(points) => Some(Field::Whole(points)),
        Score::NotApplicable => Some(Field::Text("NA")),
        Score::Null => Some(Field::Null),
        Score::Absent => None,
    }
}

/// Mostly a text; the service is also known to send `false` and its text.
fn taxonomy_resolution(dice: &mut Dice) -> Field {
    match dice.below(100) {
        ..52 => Field::Text("YES"),
        52..94 => Field::Text("NA"),
        94..97 => Field::Text("false"),
        _ => Field::Flag(false),
    }
}

fn outcome(conversation: &Conversation, dice: &mut Dice) -> Outcome {
    let form = conversation.queue.form();
    Outcome {
        pass_score: form.pass_score,
        is_passed: conversation.is_passed(),
        form: form.name,
        scoring: "percentage",
        generated_intents: generated_intents(conversation, dice),
    }
}

/// All intents, then the same matters as topics.
fn generated_intents(conversation: &Conversation, dice: &mut Dice) -> Vec<GeneratedIntent> {
    let vocabulary = conversation.vocabulary();
    let subjects: Vec<&Subject> = conversation
        .subjects
        .iter()
        .filter_map(|place| vocabulary.subjects.get(*place))
        .collect();
    let mut generated: Vec<GeneratedIntent> = subjects
        .iter()
        .map(|subject| {
            let sentiment_score = dice.between(-8, 10);
            GeneratedIntent {
                emotions: if dice.chance(92) {
                    vec![mood::word(dice)]
                } else {
                    Vec::new()
                },
                intent: Some(subject.intent),
                topic: None,
                keywords: dice.run(subject.keywords, 6),
                sentiment: mood::sentiment(sentiment_score),
                sentiment_score,
            }
        })
        .collect();
    let topics: Vec<GeneratedIntent> = generated
        .iter()
        .zip(&subjects)
        .map(|(intent, subject)| GeneratedIntent {
            emotions: intent.emotions.clone(),
            intent: None,
            topic: Some(subject.topic),
            ..*intent
        })
        .collect();
    generated.extend(topics);
    generated
}

fn configured_intents(dice: &mut Dice) -> ConfiguredIntents {
    let count = 1 + dice.below(3);
    let topics: Vec<Topic> = dice
        .run(&TAXONOMY, count)
        .iter()
        .map(|branch| first_level(branch, dice))
        .collect();
    let below = |topic: &Topic| {
        topic
            .second
            .iter()
            .map(|second| 1 + second.third.len())
            .sum::<usize>()
    };
    let total_topics_identified = topics.iter().map(|topic| 1 + below(topic)).sum();
    ConfiguredIntents {
        topics,
        total_topics_identified,
    }
}

fn first_level(branch: &Branch, dice: &mut Dice) -> Topic {
    let count = 1 + dice.below(2);
    Topic {
        level: Some("L1"),
        second: dice
            .run(branch.twigs, count)
            .iter()
            .map(|twig| second_level(twig, dice))
            .collect(),
        ..topic(branch.name, dice)
    }
}

fn second_level(twig: &Twig, dice: &mut Dice) -> Topic {
    let count = dice.below(3);
    let leaves = dice.run(twig.leaves, count);
    Topic {
        third: leaves.iter().map(|leaf| third_level(leaf, dice)).collect(),
        ..topic(twig.name, dice)
    }
}

fn third_level(leaf: &'static str, dice: &mut Dice) -> Topic {
    Topic {
        sentiment: Some(dice.between(-5, 10)),
        resolution: Some(dice.between(0, 1)),
        ..topic(leaf, dice)
    }
}

fn topic(name: &'static str, dice: &mut Dice) -> Topic {
    Topic {
        topic_name: name,
        confidence_score: dice.hundredths(0.5, 0.99),
        ..Topic::default()
    }
}
