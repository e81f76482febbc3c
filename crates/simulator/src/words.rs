//! What people and judges say in simulated conversations, by language. Who says it when is drawn in
//! [`generate`](crate::generate).

mod english;
mod german;
mod japanese;
mod taxonomy;

pub(crate) use taxonomy::{Branch, TAXONOMY, Twig};

/// Texts of one language, of our own making. They hold what real texts hold: curly apostrophes, non-breaking
/// hyphens, doubled and trailing blanks, emoji.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// Sentences of a justification; any of them may follow any other.
    pub(crate) judgements: &'static [&'static str],
    /// What customers ask for.
    pub(crate) subjects: &'static [Subject],
    /// What customers say.
    pub(crate) utterances: &'static [&'static str],
    /// What is suggested to agents.
    pub(crate) answers: &'static [&'static str],
}

/// One matter, as an intent and as a topic.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) intent: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) keywords: &'static [&'static str],
}

impl Vocabulary {
    /// English where a language has no words of its own: analyses come in English there.
    pub(crate) fn of(language: &str) -> &'static Self {
        match language {
            "German" => &german::VOCABULARY,
            "Japanese" => &japanese::VOCABULARY,
            _ => &english::VOCABULARY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_is_empty() {
        for language in ["English", "German", "Japanese"] {
            let Vocabulary {
                judgements,
                subjects,
                utterances,
                answers,
            } = Vocabulary::of(language);
            assert!(!judgements.is_empty() && !utterances.is_empty() && !answers.is_empty());
            assert!(
                subjects.len() >= 11,
                "{language} has too few subjects for the longest conversation"
            );
            assert!(subjects.iter().all(|subject| subject.keywords.len() >= 4));
        }
    }
}
