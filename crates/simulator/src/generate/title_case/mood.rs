//! Emotions, sentiment and voices of a Title Case record. The rest of it is in [`title_case`](super).

use super::layout::{Analysis, Emotion, SentimentPattern, SentimentRatio, SpeakingRate, Talk};
use crate::generate::Conversation;
use crate::generate::dice::Dice;
use crate::generate::json::Drift;

/// Words come capitalised, and now and then in lower case.
const WORDS: [&str; 6] = ["Happy", "Neutral", "Neutral", "Frustration", "Relief", "neutral"];
const CUSTOMER: [&str; 6] = ["Happy", "Confusion", "Sadness", "Frustration", "Relief", "Anger"];
const AGENT: [&str; 4] = ["Patience", "Happiness", "Neutral", "Empathy"];

pub(super) fn word(dice: &mut Dice) -> &'static str {
    dice.pick(&WORDS)
}

pub(super) fn words(dice: &mut Dice) -> Vec<&'static str> {
    let count = dice.below(3);
    dice.run(&WORDS[2..], count).to_vec()
}

pub(super) fn sentiment(score: i64) -> &'static str {
    match score {
        ..=-1 => "negative",
        0..=2 => "neutral",
        _ => "positive",
    }
}

pub(super) fn analysis(conversation: &Conversation, dice: &mut Dice) -> Analysis {
    let positive = dice.between(5, 70);
    let negative = dice.between(0, 25);
    let rates = speaking_rate(conversation, dice);
    // The vendor's pages of 2025 have these elements under both keys.
    let (speaking_rate, speech_speed) = if conversation.is_voice() && dice.chance(25) {
        (None, Some(rates))
    } else {
        (Some(rates), None)
    };
    Analysis {
        speaking_rate,
        speech_speed,
        talk: conversation.is_voice().then(|| talk(conversation, dice)),
        sentiment_pattern: SentimentPattern {
            start: sentiment(dice.between(-4, 6)),
            end: sentiment(dice.between(-3, 9)),
        },
        customer_emotions: emotions(&CUSTOMER, 3, dice),
        agent_emotions: emotions(&AGENT, 2, dice),
        sentiment_ratio: SentimentRatio {
            positive,
            neutral: 100 - positive - negative,
            negative,
        },
    }
}

/// Shares of so many messages in per cent, with two decimals or none.
fn emotions(table: &[&'static str], most: usize, dice: &mut Dice) -> Vec<Emotion> {
    let count = 1 + dice.below(most);
    let messages = dice.pick(&[16_i64, 17, 20, 32, 40]);
    let mut left = messages;
    let chosen = dice.run(table, count);
    let last = chosen.len() - 1;
    chosen
        .iter()
        .enumerate()
        .map(|(place, emotion)| {
            let share = if place == last {
                left
            } else {
                dice.between(0, left)
            };
            left -= share;
            let proportion = (share as f64 * 10_000.0 / messages as f64).round() / 100.0;
            // The service sends no durations of emotions in chats, and few elsewhere.
            let duration = if dice.chance(85) { 0 } else { dice.between(1, 90) };
            Emotion {
                emotion,
                duration,
                proportion: Drift(proportion),
            }
        })
        .collect()
}

/// An array, an empty one in chats, and rarely null.
fn speaking_rate(conversation: &Conversation, dice: &mut Dice) -> Option<Vec<SpeakingRate>> {
    if !conversation.is_voice() {
        return Some(Vec::new());
    }
    let count = dice.below(3);
    let rates = conversation.agents.iter().cycle().take(count).map(|agent| {
        let (n_words, time_taken) = (dice.between(20, 400), dice.hundredths(10.0, 240.0));
        let average = (n_words as f64 / time_taken * 6_000.0).round() / 100.0;
        SpeakingRate {
            n_words,
            time_taken: Drift(time_taken),
            average: Drift(average),
            score: dice.between(0, 10),
            source: "agent",
            source_id: agent.id().to_owned(),
        }
    });
    let rates = rates.collect();
    (!dice.chance(4)).then_some(rates)
}

fn talk(conversation: &Conversation, dice: &mut Dice) -> Talk {
    let (customer, agent) = (dice.between(1_000, 5_500), dice.between(1_000, 4_000));
    let percentage = |hundredths: i64| Drift(hundredths as f64 / 100.0);
    let mut recordings = |who: &str| {
        dice.chance(12).then(|| {
            vec![format!(
                "https://recordings.example.com/{}/{who}.wav",
                conversation.id
            )]
        })
    };
    Talk {
        customer: percentage(customer),
        agent: percentage(agent),
        silence: percentage(10_000 - customer - agent),
        agent_recordings: recordings("agent"),
        customer_recordings: recordings("customer"),
    }
}
