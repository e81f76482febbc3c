//! What becomes of a conversation after it was drawn. How it is drawn is in [`conversation`](super::conversation).

use chrono::{DateTime, TimeDelta, Utc};

use super::conversation::{Conversation, Score};

impl Conversation {
    /// The same at another time. Its first segment begins with it.
    pub(crate) fn starting(mut self, start: DateTime<Utc>) -> Self {
        let shift = start - self.start;
        self.start += shift;
        self.end += shift;
        for segment in &mut self.segments {
            segment.start += shift;
            segment.end += shift;
        }
        if let Some(first) = self.segments.first_mut() {
            first.start = start;
        }
        self
    }

    /// The same with another score, and with segments that end a second later, since agent assistance has no score.
    pub(crate) fn touched(mut self) -> Self {
        self.score = match self.score {
            Score::Points(points) => Score::Points(points - 1),
            _ => Score::Points(50),
        };
        for segment in &mut self.segments {
            segment.end += TimeDelta::seconds(1);
        }
        self
    }
}
