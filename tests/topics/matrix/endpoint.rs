//! The endpoints and paging styles that are crossed with the faults of the [`table`](super::table).

use korelake::{Dataset, Job};
use korelake_simulator::{Fault, Shape};

/// Where records come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Endpoint {
    RawData,
    LegacyApp,
    LegacyAccount,
    ScoreReporting,
    AgentAssist,
}

impl Endpoint {
    pub(super) const ALL: [Self; 5] = [
        Self::RawData,
        Self::LegacyApp,
        Self::LegacyAccount,
        Self::ScoreReporting,
        Self::AgentAssist,
    ];

    pub(super) fn dataset(self) -> &'static str {
        match self {
            Self::RawData | Self::LegacyApp | Self::LegacyAccount => "raw_data",
            Self::ScoreReporting => "score_reporting",
            Self::AgentAssist => "agent_assist",
        }
    }

    pub(super) fn job(self) -> Job {
        let name = match self {
            Self::RawData | Self::ScoreReporting => "v3",
            Self::LegacyApp => "legacy_app",
            Self::LegacyAccount => "legacy_account",
            Self::AgentAssist => "v2",
        };
        Job::new(Dataset::load(self.dataset()).unwrap()).endpoint(Some(name.to_owned()))
    }

    pub(super) fn shape(self) -> Shape {
        match self {
            Self::RawData => Shape::V3,
            Self::LegacyApp | Self::LegacyAccount => Shape::Legacy,
            Self::ScoreReporting => Shape::ScoreReporting,
            Self::AgentAssist => Shape::AgentAssist,
        }
    }

    /// Whether its pages tell how many records their window has.
    pub(super) fn tells_totals(self) -> bool {
        self != Self::AgentAssist
    }

    /// Whether its own page says that pages are counted.
    pub(super) fn counts_pages(self) -> bool {
        matches!(self, Self::LegacyApp | Self::LegacyAccount)
    }

    /// Whether its records tell when they are of.
    pub(super) fn tells_times(self) -> bool {
        self != Self::ScoreReporting
    }
}

/// By what the server counts pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As the endpoint's own page says.
    Own,
    Offset,
    Page,
    Sum,
}

impl Style {
    pub(super) const ALL: [Self; 4] = [Self::Own, Self::Offset, Self::Page, Self::Sum];

    pub(super) fn fault(self) -> Option<Fault> {
        match self {
            Self::Own => None,
            Self::Offset => Some(Fault::PagesByOffset),
            Self::Page => Some(Fault::PagesByPage),
            Self::Sum => Some(Fault::AddsBoth),
        }
    }

    /// Whether the client counts pages: where nothing else leads on, and where that is tried first and does.
    pub(super) fn counts_pages(self, endpoint: Endpoint) -> bool {
        self == Self::Page || endpoint.counts_pages() && self != Self::Offset
    }
}
