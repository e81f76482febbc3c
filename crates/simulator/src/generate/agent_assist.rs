//! Agent AI Raw Data v2: what an agent was offered and used in one segment. Its keys are in [`layout`], what the
//! agent did in [`actions`], playbooks, coaching and agents of the other kind in [`guidance`].

mod actions;
mod guidance;
mod guidance_layout;
mod layout;

use chrono::{DateTime, TimeDelta, Utc};
use layout::{Agent, LinkClicked, Person, QueueInfo, Record, Tag};

use super::Conversation;
use super::dice::{Dice, Sequence};
use super::json::{iso, text};
use super::timeline::Segment;
use super::world;

/// One record a segment.
pub(super) fn records(conversation: &Conversation, agentic: bool) -> Vec<String> {
    let mut dice = conversation.dice(Sequence::AgentAssist);
    let segments = conversation
        .segments
        .iter()
        .zip(conversation.agents.iter().cycle());
    segments
        .map(|(segment, agent)| text(&record(conversation, segment, agent, agentic, &mut dice)))
        .collect()
}

fn record<'a>(
    conversation: &'a Conversation,
    segment: &'a Segment,
    agent: &'a world::Agent,
    agentic: bool,
    dice: &mut Dice,
) -> Record<'a> {
    let scene = Scene {
        conversation,
        segment,
        agent,
    };
    // Drawn in any case, so that the flag changes nothing else.
    let agentic_activities = guidance::agentic_activities(&scene, dice);
    Record {
        conversation_id: &conversation.id,
        bot_session_id: &conversation.session_id,
        channel: conversation.channel(),
        segment_id: &segment.id,
        agent: Agent {
            person: (!dice.chance(6)).then(|| person(agent)),
            agent_id: agent.id(),
        },
        tags: tags(&scene, dice),
        segment_start_time: iso(segment.start),
        segment_end_time: iso(segment.end),
        agent_actions: actions::agent_actions(&scene, dice),
        pro_active_suggestions: actions::pro_active_suggestions(&scene, dice),
        queue_info: QueueInfo {
            queue_id: conversation.queue.id(),
            queue_name: conversation.queue.name,
        },
        count_scroll_up: dice.between(0, 9),
        count_scroll_dn: dice.between(0, 14),
        is_welcome_msg_read: dice.chance(80),
        links_clicked: links_clicked(&scene, dice),
        playbook_runtime_data: guidance::playbooks(&scene, dice),
        coaching_runtime_data: guidance::coaching(&scene, dice),
        agentic_activities: agentic.then_some(agentic_activities),
        summary: dice.chance(20).then(|| guidance::summary(&scene, dice)),
    }
}

/// Where something is drawn for.
struct Scene<'a> {
    conversation: &'a Conversation,
    segment: &'a Segment,
    agent: &'a world::Agent,
}

impl Scene<'_> {
    /// A moment within the segment.
    fn moment(&self, dice: &mut Dice) -> DateTime<Utc> {
        let length = (self.segment.end - self.segment.start).num_milliseconds();
        self.segment.start + TimeDelta::milliseconds(dice.between(0, length))
    }

    fn utterance(&self, dice: &mut Dice) -> &'static str {
        dice.pick(self.conversation.vocabulary().utterances)
    }

    fn answer(&self, dice: &mut Dice) -> &'static str {
        dice.pick(self.conversation.vocabulary().answers)
    }
}

fn person(agent: &world::Agent) -> Person {
    Person {
        first_name: agent.first_name(),
        last_name: agent.last_name(),
        email: agent.email(),
        name: agent.name(),
    }
}

fn tags(scene: &Scene<'_>, dice: &mut Dice) -> Vec<Tag> {
    const TAGS: [(&str, &str, &str); 5] = [
        ("session", "priority", "high"),
        ("message", "matter", "payment_plan"),
        ("user", "segment", "Business "),
        ("message", "matter", "parcel_missing"),
        ("session", "outage area", "Süd\u{2011}West"),
    ];
    let count = dice.below(4);
    dice.run(&TAGS, count)
        .iter()
        .map(|(kind, name, value)| Tag {
            kind,
            name,
            value,
            message_id: (*kind != "session").then(|| dice.id("ms-")),
            created_at: iso(scene.moment(dice)),
        })
        .collect()
}

fn links_clicked(scene: &Scene<'_>, dice: &mut Dice) -> Vec<LinkClicked> {
    let count = dice.below(3);
    (0..count)
        .map(|_| LinkClicked {
            url: dice.pick(&actions::SOURCES).1,
            timestamp: iso(scene.moment(dice)),
        })
        .collect()
}
