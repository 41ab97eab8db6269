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
    /// It is there, and its version is not told.
    Untold,
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
    /// With [`Ending::Open`]: the last proof that it is there, which nothing followed for more than 14 days.
    pub(crate) end: Option<(usize, Ending)>,
    /// The last step at which it was affected.
    pub(crate) last_affected: usize,
    /// Upgrades that were undone: the steps of the upgrade and of its undoing.
    pub(crate) undone: Vec<(usize, usize)>,
}

/// Episodes in time, from steps in time. What comes back within 14 days goes on; what was not told for longer than that when it turns
/// out to be gone is censored at the last proof that it was there, because nobody knows when it went.
pub(crate) fn episodes(seen: impl IntoIterator<Item = Seen>) -> Vec<Episode> {
    let mut episodes: Vec<(Episode, Timestamp)> = Vec::new();
    let mut untold: Option<Seen> = None;
    for it in seen {
        if it.presence == Presence::Untold {
            untold = untold.or(Some(it));
            continue;
        }
        let silence = untold.take().filter(|since| !is_soon(since.time, it.time));
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
                    Presence::Clear | Presence::Affected | Presence::Untold => Ending::Upgraded,
                };
                let last_proof = silence.filter(|_| ending != Ending::Suppressed);
                (episode.end, *ended) = match last_proof {
                    Some(since) => (Some((since.step, Ending::Open)), since.time),
                    None => (Some((it.step, ending)), it.time),
                };
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
