//! What an agent searched, was shown and used. What guided the agent is in [`guidance`](super::guidance).

use chrono::TimeDelta;

use super::Scene;
use super::layout::{
    Action, AgentAction, Corrections, Counts, Dialog, Feedback, ProActiveSuggestion, Search, Source,
    SuggestedAnswer, Suggestions, Target, Used,
};
use crate::generate::dice::Dice;
use crate::generate::json::{Pairs, iso};

/// Titles and addresses of articles.
pub(super) const SOURCES: [(&str, &str); 5] = [
    (
        "Payment plans \u{2013} rules",
        "https://help.example.com/payment-plans",
    ),
    ("Moving house", "https://help.example.com/moving"),
    (
        "Returns and exchanges",
        "https://help.example.com/returns?lang=en",
    ),
    ("Zugang zum Kundenportal", "https://help.example.com/de/portal"),
    ("返品のご案内", "https://help.example.com/ja/returns"),
];

const PHRASES: [&str; 6] = [
    "payment plan overdue",
    "move contract",
    "return label",
    "unlock  account",
    "Schadenmeldung Frist",
    "返品 期限",
];

const DIALOGS: [&str; 5] = [
    "Set Up Payment Plan",
    "Move Contract",
    "Send Return Label",
    "Unlock Account",
    "Open Claim ",
];

pub(super) fn agent_actions(scene: &Scene<'_>, dice: &mut Dice) -> Vec<AgentAction> {
    (0..1 + dice.below(2))
        .map(|_| agent_action(scene, dice))
        .collect()
}

fn agent_action(scene: &Scene<'_>, dice: &mut Dice) -> AgentAction {
    let searched = dice.chance(75);
    let typed = scene.moment(dice);
    let executed = typed + TimeDelta::milliseconds(dice.between(300, 9_000));
    let displayed = executed + TimeDelta::milliseconds(dice.between(200, 3_000));
    let phrase = dice.pick(&PHRASES);
    let suggestions = suggestions(scene, dice);
    let used: Vec<Used> = if dice.chance(65) {
        vec![used(scene, dice)]
    } else {
        Vec::new()
    };
    let presented = dice.between(0, 3);
    let shown = dice.below(3);
    AgentAction {
        action_type: if searched {
            "SearchBarEntry"
        } else {
            "LibrarySelection"
        },
        action: Action {
            search: searched.then(|| Search {
                search_phrase: phrase,
                typing_start_time: iso(typed),
                execution_start_time: iso(executed),
            }),
            display_time: iso(displayed),
            suggestions_shown: dice.run(&PHRASES, shown).to_vec(),
            suggestion_used: used.len() as i64,
            corrections: searched.then(|| Corrections {
                phrase_input: phrase,
                corrections_presented: presented,
                corrections_accepted: dice.between(0, presented),
            }),
            count_displayed_answers: counts(&suggestions, dice),
            suggestions,
        },
        used,
    }
}

/// Unasked; the known ones have empty lists of dialogs, answers and uses.
pub(super) fn pro_active_suggestions(scene: &Scene<'_>, dice: &mut Dice) -> Vec<ProActiveSuggestion> {
    let count = dice.below(4);
    (0..count)
        .map(|_| {
            let suggestions = if dice.chance(50) {
                Suggestions {
                    dialogs: Vec::new(),
                    answers: Vec::new(),
                }
            } else {
                suggestions(scene, dice)
            };
            let taken = !suggestions.answers.is_empty() && dice.chance(30);
            ProActiveSuggestion {
                utterance: scene.utterance(dice),
                display_time: iso(scene.moment(dice)),
                count_displayed_answers: counts(&suggestions, dice),
                suggestions,
                used: if taken {
                    vec![used(scene, dice)]
                } else {
                    Vec::new()
                },
            }
        })
        .collect()
}

fn suggestions(scene: &Scene<'_>, dice: &mut Dice) -> Suggestions {
    let dialogs = dice.below(3);
    Suggestions {
        dialogs: dice
            .run(&DIALOGS, dialogs)
            .iter()
            .map(|name| Dialog { name })
            .collect(),
        answers: (0..1 + dice.below(2))
            .map(|_| suggested_answer(scene, dice))
            .collect(),
    }
}

fn suggested_answer(scene: &Scene<'_>, dice: &mut Dice) -> SuggestedAnswer {
    let sources = 1 + dice.below(2);
    SuggestedAnswer {
        content: scene.answer(dice),
        position_id: position(dice),
        sources: dice
            .run(&SOURCES, sources)
            .iter()
            .map(|(title, url)| Source { title, url })
            .collect(),
        internal_flag: dice.chance(10),
    }
}

fn counts(suggestions: &Suggestions, dice: &mut Dice) -> Counts {
    Counts {
        count_dialog_tasks: suggestions.dialogs.len(),
        count_faqs: dice.between(0, 2),
        count_answers: suggestions.answers.len(),
        count_files: 0,
        count_web_pages: 0,
        count_from_non_native_data_source: 0,
    }
}

fn used(scene: &Scene<'_>, dice: &mut Dice) -> Used {
    let (target_type, kind, name) = match dice.below(10) {
        ..7 => ("Answer", "answer", None),
        7 => ("FAQ", "faq", None),
        8 => ("File", "file", Some("returns-2026.pdf")),
        _ => ("DialogTask", "dialogTask", Some(dice.pick(&DIALOGS))),
    };
    let target = Target {
        name,
        status: dice.pick(&["Sent", "Sent", "Copied", "Completed", "completed", ""]),
        used_time: iso(scene.moment(dice)),
        show_more_clicked: dice.chance(25),
        answer_link_clicked: [],
        position_id: position(dice),
        feedback: dice.chance(60).then(|| feedback(dice)),
    };
    Used {
        target_type,
        target: Pairs(vec![(kind, target)]),
    }
}

fn feedback(dice: &mut Dice) -> Feedback {
    match dice.below(3) {
        0 => Feedback {
            response: dice.pick(&["down", "Down"]),
            reason_code: Some(vec!["Wrong matter", "Too long "]),
            comment: Some("the customer\u{2019}s tariff isn\u{2019}t covered"),
        },
        1 => Feedback {
            response: "up",
            reason_code: Some(vec!["To the point"]),
            comment: Some(""),
        },
        _ => Feedback {
            response: "up",
            reason_code: None,
            comment: None,
        },
    }
}

pub(super) fn position(dice: &mut Dice) -> String {
    format!("dg-{}", dice.between(1_000_000_000, 9_999_999_999))
}
