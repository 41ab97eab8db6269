//! What `packageSourceMapping` lets each source answer for.
//!
//! A pattern is a name, a prefix that ends in `*`, or `*`. Of all that match a name the longest counts, wherever it stands; sources that
//! share it are all asked.

use fixloop_model::BuildCheck;

use super::MANAGER;
use crate::answer::Pinned;
use crate::feed::{Feed, Kind};
use crate::place::Place;

pub(super) fn answer(
    mapping: &[(String, Vec<String>, Place)],
    active: &[(String, Feed)],
    pinned: Option<&Pinned>,
) -> BuildCheck {
    let feed = |key: &str| active.iter().find(|(it, _)| it == key).map(|(_, feed)| feed);
    let mapped: Vec<(&Feed, &[String], &Place)> = mapping
        .iter()
        .filter_map(|(key, patterns, place)| Some((feed(key)?, &**patterns, place)))
        .collect();
    let unresolved =
        mapped.iter().find(|(it, patterns, _)| it.kind == Kind::Unresolved && !patterns.is_empty());
    for (private, patterns, _) in mapped.iter().filter(|(it, ..)| it.is_private()) {
        for (public, others, place) in mapped.iter().filter(|(it, ..)| it.is_public()) {
            if let Some((own, other)) = overlap(patterns, others) {
                let why = format!(
                    "`{own}` is mapped to `{}`, and `{other}` to `{}`, so both can answer for the same name",
                    private.shown, public.shown
                );
                return MANAGER.mixed(place, &why, pinned);
            }
        }
    }
    if let Some((feed, _, place)) = unresolved {
        return MANAGER.unknown(place, &format!("no file says which source `{}` is", feed.shown));
    }
    let privates: Vec<_> = mapped.iter().filter(|(it, ..)| it.is_private()).collect();
    for (at, (first, patterns, _)) in privates.iter().enumerate() {
        for (second, others, place) in
            privates[at + 1..].iter().filter(|(it, ..)| !it.is_same(first))
        {
            if let Some((own, _)) = overlap(patterns, others) {
                let why = format!(
                    "`{own}` is mapped to `{}` and `{}`, and what either passes on from elsewhere no file says",
                    first.shown, second.shown
                );
                return MANAGER.unknown(place, &why);
            }
        }
    }
    let place = privates.first().map_or(&mapping[0].2, |(_, _, place)| place);
    MANAGER.safe(place, "`packageSourceMapping` gives each name to one source")
}

/// A pattern of `own`, and one of `others` that is at least as specific for a name under it.
///
/// One more specific of the other side means that the other one answers for names which the first was meant for; `*` is meant for
/// nothing in particular, so only another `*` contests it.
fn overlap<'a>(own: &'a [String], others: &'a [String]) -> Option<(&'a str, &'a str)> {
    own.iter().take(MAX_PATTERNS).find_map(|mine| {
        let prefix = mine.strip_suffix('*');
        let contests = |other: &&String| match prefix {
            None | Some("") => *other == mine,
            Some(prefix) => other.starts_with(prefix),
        };
        others.iter().take(MAX_PATTERNS).find(contests).map(|other| (&**mine, &**other))
    })
}

/// Patterns of one source that are compared; real files have some dozens.
const MAX_PATTERNS: usize = 500;
