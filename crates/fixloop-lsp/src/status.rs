//! The counts for a status bar, and what a changed lockfile brought in.

use fixloop_alert::{Alert, Level, Locked};
use fixloop_match::check_both;
use fixloop_model::{Class, Component, Rating};
use fixloop_policy::{About, Facts, Surface, decide};
use serde_json::{Value, json};

use crate::protocol::{MessageType, Uri, methods};
use crate::session::{Judge, Session};
use crate::worker::CameIn;
use crate::workspace::{Place, relative};

/// Packages named in the message about a changed lockfile.
const MAX_NAMED: usize = 3;

impl Session {
    /// Tells the client what there is to count.
    pub(crate) fn status(&self, judge: Option<Judge<'_, '_>>) {
        let alerts = || self.documents.all().flat_map(|it| it.shown().map(|(alert, _)| alert));
        let rules = || self.documents.all().flat_map(|it| it.rules.shown());
        let is_shown = |it: &&Alert| it.is_finding() && it.level() < Level::Hint;
        let is_critical = |it: &&Alert| {
            it.all_matches().any(|it| {
                it.class == Class::Malicious
                    || it.severity.as_ref().is_some_and(|it| it.rating == Rating::Critical)
            })
        };
        let as_of = judge.and_then(|it| it.known.index().summary().as_of);
        let as_of = as_of.and_then(|it| jiff::Timestamp::from_microsecond(it.0).ok());
        let is_silent = self.is_observing();
        let count = |n: usize| if is_silent { 0 } else { n };
        self.notify(
            methods::STATUS,
            json!({
                "uri": Value::Null,
                "n_findings": count(alerts().filter(is_shown).count() + rules().count()),
                "n_critical": count(
                    alerts().filter(is_shown).filter(is_critical).count()
                        + rules().filter(|it| it.severity() == Some(Rating::Critical)).count(),
                ),
                "n_unknown": count(alerts().filter(|it| it.unknown.is_some()).count()),
                "index_as_of": as_of.map(|it| it.strftime("%Y-%m-%d").to_string()),
                "message": self.index_problem,
            }),
        );
    }

    /// One message about everything that a changed lockfile brought in, and its manifests' alerts, open or not.
    pub(crate) fn came_in(&mut self, came_in: CameIn, judge: Option<Judge<'_, '_>>) {
        let Some(judge) = judge else { return };
        let CameIn { locked, before, applies, .. } = &came_in;
        let mirrors = &self.options.mirrors;
        let new = new_and_affected((locked, before), judge, mirrors);
        let applies = self.documents.applies(applies.as_ref());
        for (path, _, text) in came_in.manifests {
            let (Ok(uri), Some(path)) =
                (Uri::from_file_path(&path), relative(&came_in.root, &path))
            else {
                continue;
            };
            let is_shown = self.documents.get(&uri).is_some_and(|it| !it.is_open);
            if !new.is_empty() || is_shown {
                let place = Place { root: came_in.root.clone(), path };
                let decided = (came_in.locked.clone(), came_in.applies.clone());
                self.documents.show(uri.clone(), place, text, decided);
                self.judge(&uri, Some(judge));
            }
        }
        let is_told = |it: &&Affected| {
            decide(&applies.resolution, it.facts, About::advisories(&it.ids)).is_shown()
        };
        let mut new: Vec<&str> = new.iter().filter(is_told).map(|it| &*it.named).collect();
        new.sort_unstable();
        new.dedup();
        if new.is_empty() || self.is_observing() {
            return;
        }
        let named: Vec<&str> = new.iter().take(MAX_NAMED).copied().collect();
        let more = new.len() - named.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let verb = if new.len() == 1 { "is" } else { "are" };
        let lockfile = came_in.locked.path();
        let text = format!("{lockfile}: {}{more} came in and {verb} vulnerable", named.join(", "));
        self.show(MessageType::Info, &text);
    }
}

/// Something that came in, and is affected.
struct Affected {
    /// `name version`.
    named: String,
    facts: Facts,
    /// Of every advisory.
    ids: Vec<String>,
}

/// What the lockfile holds now, did not hold before, and is affected.
fn new_and_affected(
    (locked, before): (&Locked, &Locked),
    judge: Judge<'_, '_>,
    mirrors: &[String],
) -> Vec<Affected> {
    let key = |it: &Component| (it.ecosystem.clone(), it.name.clone(), it.version.clone());
    let old: std::collections::HashSet<_> = before.components().iter().map(key).collect();
    let new = locked.components().iter().filter(|it| !old.contains(&key(it)));
    let affected = |it: &Component| {
        // A damaged index is told where the manifest is judged.
        let matches = check_both(judge.known, judge.own, it, mirrors).ok()?.matches;
        let ratings = matches.iter().filter_map(|it| it.severity.as_ref()).map(|it| it.rating);
        let facts = Facts {
            surface: Surface::Editor,
            is_first_reference: Some(true),
            is_direct: it.reach.is_direct(),
            severity: ratings.max(),
            class: matches.iter().map(|it| it.class).min()?,
        };
        let named = format!("{} {}", it.name, it.version.as_deref().unwrap_or(""));
        let ids = matches.into_iter().flat_map(|it| it.ids).collect();
        Some(Affected { named, facts, ids })
    };
    new.filter_map(affected).collect()
}
