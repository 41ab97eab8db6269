//! States, and which may follow which: one table each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Actor, Stamp};

/// One step of an object's history: `from` is nothing for the first.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Step {
    pub who: Actor,
    pub when: Timestamp,
    pub from: Option<String>,
    pub to: String,
    pub why: Option<String>,
}

pub type History = Vec<Step>;

/// A closed set of states with its transitions.
pub(crate) trait State: Copy + Eq + 'static {
    fn word(self) -> &'static str;
    fn next(self) -> &'static [Self];
}

/// The first step.
pub(crate) fn begin<S: State>(state: S, stamp: Stamp<'_>) -> History {
    vec![step(None, state.word(), stamp, None)]
}

/// Moves on, or says that this may not follow.
pub(crate) fn advance<S: State>(
    (state, history): (&mut S, &mut History),
    to: S,
    stamp: Stamp<'_>,
    why: Option<&str>,
) -> Result<(), String> {
    if !state.next().contains(&to) {
        return Err(format!("{} does not follow {}", to.word(), state.word()));
    }
    history.push(step(Some(state.word()), to.word(), stamp, why));
    *state = to;
    Ok(())
}

/// Something happened, and the state stays.
pub(crate) fn note<S: State>(state: S, history: &mut History, stamp: Stamp<'_>, why: &str) {
    history.push(step(Some(state.word()), state.word(), stamp, Some(why)));
}

fn step(from: Option<&str>, to: &str, stamp: Stamp<'_>, why: Option<&str>) -> Step {
    Step {
        who: stamp.actor.clone(),
        when: stamp.at,
        from: from.map(str::to_owned),
        to: to.to_owned(),
        why: why.map(str::to_owned),
    }
}

/// `State => "word" [what may follow]`.
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($state:ident => $word:literal [$($next:ident),*]),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($state),+ }

        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $word),+ }
            }
        }

        impl $crate::record::states::State for $name {
            fn word(self) -> &'static str {
                self.as_str()
            }

            fn next(self) -> &'static [Self] {
                match self { $(Self::$state => &[$(Self::$next),*]),+ }
            }
        }
    };
}

pub(crate) use states;

#[cfg(test)]
mod tests;
