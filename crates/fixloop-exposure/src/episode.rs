//! When an affected version of one package was there, for one alias group.

use fixloop_model::{Ending, Timestamp};

use crate::is_soon;

/// What a package is at a step, seen from one alias group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Presence {
    /// The package is not there.
    Absent,
    /// It is there, and none of its versions is affected.
    Clear,
    Affected,
    /// It is there, and every affected version is accepted.
    Accepted,
}

/// One step as an episode sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    /// Place of the step in its timeline.
    pub(crate) step: usize,
    pub(crate) time: Timestamp,
    pub(crate) presence: Presence,
}

/// From the step at which it began to the one at which it ended, both places in the timeline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Episode {
    pub(crate) begin: usize,
    pub(crate) end: Option<(usize, Ending)>,
    /// The last step at which it was affected.
    pub(crate) last_affected: usize,
    /// Upgrades that were undone: the steps of the upgrade and of its undoing.
    pub(crate) undone: Vec<(usize, usize)>,
}

/// Episodes in time, from steps in time. What comes back within 14 days goes on.
pub(crate) fn episodes(seen: impl IntoIterator<Item = Seen>) -> Vec<Episode> {
    let mut episodes: Vec<(Episode, Timestamp)> = Vec::new();
    for it in seen {
        let current = episodes.last_mut();
        match (it.presence, current) {
            (Presence::Affected, Some((episode, ended))) => match episode.end {
                None => episode.last_affected = it.step,
                Some((step, ending)) if is_soon(*ended, it.time) => {
                    if ending == Ending::Upgraded {
                        episode.undone.push((step, it.step));
                    }
                    episode.end = None;
                    episode.last_affected = it.step;
                }
                Some(_) => episodes.push((Episode::beginning(it.step), it.time)),
            },
            (Presence::Affected, None) => {
                episodes.push((Episode::beginning(it.step), it.time));
            }
            (presence, Some((episode, ended))) if episode.end.is_none() => {
                let ending = match presence {
                    Presence::Absent => Ending::Removed,
                    Presence::Accepted => Ending::Suppressed,
                    Presence::Clear | Presence::Affected => Ending::Upgraded,
                };
                episode.end = Some((it.step, ending));
                *ended = it.time;
            }
            _ => {}
        }
    }
    episodes.into_iter().map(|(episode, _)| episode).collect()
}

impl Episode {
    fn beginning(step: usize) -> Self {
        Self { begin: step, end: None, last_affected: step, undone: Vec::new() }
    }
}
