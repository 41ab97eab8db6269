//! SMART, asked of a key result. Only what is missing blocks; what is imprecise warns and says the way out.

mod achievable;
mod measurable;
mod relevant;
mod specific;
mod time_bound;

use crate::baseline::Baseline;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Letter {
    Specific,
    Measurable,
    Achievable,
    Relevant,
    TimeBound,
}

impl Letter {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Specific => "S",
            Self::Measurable => "M",
            Self::Achievable => "A",
            Self::Relevant => "R",
            Self::TimeBound => "T",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    Pass,
    Warn,
    Block,
}

impl Answer {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// A question with its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    pub letter: Letter,
    pub name: &'static str,
    pub question: &'static str,
    pub answer: Answer,
    /// What was found.
    pub words: String,
    pub way_out: Option<String>,
}

/// What is asked, before it is answered.
#[derive(Clone, Copy)]
struct Question(Letter, &'static str, &'static str);

impl Question {
    fn pass(self, words: impl Into<String>) -> Check {
        self.answer(Answer::Pass, words.into(), None)
    }

    fn warn(self, words: impl Into<String>, way_out: impl Into<String>) -> Check {
        self.answer(Answer::Warn, words.into(), Some(way_out.into()))
    }

    fn block(self, words: impl Into<String>, way_out: impl Into<String>) -> Check {
        self.answer(Answer::Block, words.into(), Some(way_out.into()))
    }

    /// A check that needs what another one blocks for.
    fn without(self, missing: &str) -> Check {
        self.warn(format!("cannot tell without {missing}"), format!("{missing} is asked for above"))
    }

    fn answer(self, answer: Answer, words: String, way_out: Option<String>) -> Check {
        let Self(letter, name, question) = self;
        Check { letter, name, question, answer, words, way_out }
    }
}

/// All checks, in the order of the word.
pub(crate) fn checks(it: &Baseline) -> Vec<Check> {
    let mut checks = specific::checks(it);
    checks.extend(measurable::checks(it));
    checks.extend(achievable::checks(it));
    checks.extend(relevant::checks(it));
    checks.extend(time_bound::checks(it));
    checks
}
