//! What guided an agent: playbooks, coaching, agentic activities, the summary. What the agent did is in
//! [`actions`](super::actions).

use chrono::TimeDelta;

use super::Scene;
use super::actions::position;
use super::guidance_layout::{
    AgenticActivity, AgenticResponse, Coaching, CoachingMessage, Participant, Playbook, Summary,
};
use super::layout::Feedback;
use crate::generate::dice::{Dice, fixed_id};
use crate::generate::json::{Drift, Pairs, iso};

/// Names, titles and texts of coaching rules.
const RULES: [(&str, &str, &str); 5] = [
    (
        "Long pause",
        "Say what you are doing",
        "The customer hears nothing for 20 seconds. Tell them what you look up.",
    ),
    (
        "Fee without reason",
        "Explain the fee",
        "Name the clause before you charge it, and offer to send it.",
    ),
    ("敬語", "丁寧な表現を", "語尾を「です・ます」でそろえてください。"),
    (
        "Upset customer",
        "Slow down 🧘",
        "Sum up the complaint in one sentence,  then offer the next step.",
    ),
    (
        "Identity",
        "Check first",
        "Ask for date of birth and postcode before you open the contract.",
    ),
];

/// The keys are data.
const STAGES: [&str; 4] = ["opening", "step-2", "wrap up", "Closing_Part"];

pub(super) fn playbooks(scene: &Scene<'_>, dice: &mut Dice) -> Vec<Playbook> {
    let count = dice.below(3);
    (0..count).map(|number| playbook(scene, number, dice)).collect()
}

fn playbook(scene: &Scene<'_>, number: usize, dice: &mut Dice) -> Playbook {
    let opened = scene.moment(dice);
    let stages = 1 + dice.below(STAGES.len());
    let total_stages: Vec<(&str, i64)> = STAGES[..stages]
        .iter()
        .map(|stage| (*stage, dice.between(1, 6)))
        .collect();
    let steps: i64 = total_stages.iter().map(|(_, steps)| steps).sum();
    let adhered_steps = dice.between(0, steps);
    Playbook {
        id: dice.id("playbookRuntime-"),
        playbook_id: fixed_id("acl-", 8, dice.below(6)),
        kind: if number == 0 { "primary" } else { "dynamic" },
        trigger_type: dice.pick(&["auto", "manual"]),
        language: match scene.conversation.language {
            "German" => "de",
            "Japanese" => "ja",
            _ => "en",
        },
        order: "sequential",
        opened_at: iso(opened),
        closed_at: iso(opened + TimeDelta::milliseconds(dice.between(10_000, 300_000))),
        adhered_steps,
        adherence_rate: Drift((adhered_steps as f64 / steps as f64 * 10_000.0).round() / 100.0),
        stages: [],
        total_stages: Pairs(total_stages),
    }
}

pub(super) fn coaching(scene: &Scene<'_>, dice: &mut Dice) -> Vec<Coaching> {
    let count = dice.below(3);
    (0..count)
        .map(|_| {
            let place = dice.below(RULES.len());
            let (rule_name, title, body) = RULES[place];
            let triggered = scene.moment(dice);
            let is_adhered = dice.chance(70);
            let later = TimeDelta::milliseconds(dice.between(2_000, 40_000));
            Coaching {
                id: dice.id("coachingRuntime-"),
                rule_id: fixed_id("acr-", 8, place),
                rule_name,
                message_id: dice.id("ms-"),
                triggered_at: iso(triggered),
                action_type: dice.pick(&["nudge", "hint"]),
                action_id: dice.id("action-"),
                expression: dice.pick(&["positive", "negative"]),
                message: CoachingMessage { title, body },
                emails: [],
                adherence: Pairs(vec![("criteria", "next message of the agent")]),
                is_adhered,
                adhered_at: is_adhered.then(|| iso(triggered + later)),
            }
        })
        .collect()
}

/// None in four of ten segments.
pub(super) fn agentic_activities<'a>(scene: &Scene<'a>, dice: &mut Dice) -> Vec<AgenticActivity<'a>> {
    let count = dice.pick(&[0, 0, 0, 0, 1, 1, 1, 2, 2, 3]);
    (0..count)
        .map(|_| {
            let requested = scene.moment(dice);
            let failed = dice.chance(4);
            AgenticActivity {
                utterance: scene.utterance(dice),
                request_id: dice.id("aa-"),
                request_time: iso(requested),
                req_status: if failed { "500" } else { "200" },
                response: if failed {
                    Vec::new()
                } else {
                    vec![AgenticResponse {
                        kind: "suggestion",
                        content: scene.answer(dice),
                    }]
                },
                response_time: iso(requested + TimeDelta::milliseconds(dice.between(300, 4_000))),
                res_status: if failed { 500 } else { 200 },
                session_info: Pairs(vec![("botSessionID", scene.conversation.session_id.as_str())]),
                participant_id: dice.id("participant-"),
                streaming: dice.chance(20),
                usage_details: Pairs(vec![("usedType", dice.pick(&["send", "copy"]))]),
                feedback: dice.chance(50).then(|| Feedback {
                    response: dice.pick(&["up", "down"]),
                    reason_code: None,
                    comment: None,
                }),
            }
        })
        .collect()
}

pub(super) fn summary<'a>(scene: &Scene<'a>, dice: &mut Dice) -> Summary<'a> {
    let began = scene.segment.end.timestamp_millis();
    let sentences = 2 + dice.below(2);
    Summary {
        summary_id: dice.id("su-"),
        participant: Participant {
            identity: scene.agent.id(),
            name: scene.agent.name(),
            kind: "agent",
            start_time: [iso(scene.segment.start)],
            end_time: [iso(scene.segment.end)],
        },
        kind: "conversation",
        summary: dice
            .run(scene.conversation.vocabulary().judgements, sentences)
            .join(" "),
        edited_summary: "",
        is_error: false,
        is_disabled: false,
        is_edited: false,
        exe_start_time: began,
        sum_sub_time: began + dice.between(2_000, 60_000),
        time: dice.hundredths(0.4, 6.0),
        model_type: "external",
        summary_model: "sample-model",
        position_id: position(dice),
        feedback: Feedback {
            response: "up",
            reason_code: None,
            comment: None,
        },
    }
}
