//! Which alerts are shown, for how long, and how they end: the editor's draft exposures, as facts for the spool.
//!
//! Everything here is cheap and on the session's thread; [`crate::worker`] makes events of it. Facts hold paths and names, events hold
//! none: `fixloop-telemetry` sees to that.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use fixloop_alert::Alert;
use fixloop_client::Applies;
use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, normalize_name};
use fixloop_telemetry::{Cleared, Clock, Comment, Kind, Mode, Moment, NotUseful};

use crate::commands::Reason;
use crate::documents::{Judged, Offered};
use crate::protocol::Uri;
use crate::session::Session;
use crate::worker::Task;

/// A text, an ecosystem and a package in it.
type Key = (Uri, String, String);

pub(crate) struct Episodes {
    clock: Clock,
    shown: HashMap<Key, Shown>,
    /// Changes of documents in this session.
    pub(crate) n_changes: u64,
}

struct Shown {
    about: About,
    /// How it was met first: that is what an exposure belongs to, from beginning to end. Another bundle ends none.
    first: Met,
    is_read: bool,
}

/// In which mode, which treatment decided that, and what names the place.
#[derive(Clone, Debug)]
pub(crate) struct Met {
    pub(crate) mode: Mode,
    pub(crate) treatment: Option<String>,
    /// What applied to the file.
    pub(crate) applies: Option<Arc<Applies>>,
    /// What decides the version, from the repository's root: a lockfile, or the file itself.
    pub(crate) target: Option<String>,
}

/// Something that happened, and what it is about.
pub(crate) struct Fact {
    pub(crate) at: Moment,
    pub(crate) kind: Kind,
    pub(crate) about: About,
}

#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) repository: PathBuf,
    pub(crate) file: PathBuf,
    pub(crate) ecosystem: String,
    pub(crate) package: String,
    pub(crate) ids: Vec<String>,
    pub(crate) severity: Option<Rating>,
    pub(crate) class: Class,
    pub(crate) format: Format,
    pub(crate) is_first_reference: bool,
    pub(crate) is_direct: Option<bool>,
    pub(crate) met: Met,
    /// The one that is there, or the lowest that the requirement admits.
    pub(crate) version: Option<String>,
}

/// Why a text is judged again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Cause {
    /// Somebody typed, or a lockfile changed.
    #[default]
    Change,
    /// Somebody accepted it, or called it not useful.
    Accepted,
    /// The index is another one.
    Index,
}

impl Episodes {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, shown: HashMap::new(), n_changes: 0 }
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    fn fact(&self, kind: Kind, about: &About) -> Fact {
        Fact { at: self.clock.now(), kind, about: about.clone() }
    }

    /// Opens and ends episodes by what a text shows now.
    fn follow(&mut self, judged: &Judged, cause: Cause, is_observing: bool) -> Vec<Fact> {
        let uri = &judged.document.uri;
        let mut facts = Vec::new();
        let mut present = HashSet::new();
        let target = judged.target();
        for (alert, ruling) in judged.ruled().filter(|(it, _)| it.is_finding()) {
            let is_shown = ruling.is_shown() && !is_observing;
            let met = Met {
                mode: if is_shown { Mode::Alert } else { Mode::Observe },
                treatment: ruling.treatment.clone(),
                applies: judged.applies.clone(),
                target: target.clone(),
            };
            let about = About::of(judged, alert, met);
            let key = (uri.clone(), about.ecosystem.clone(), about.package.clone());
            present.insert(key.clone());
            if !self.shown.contains_key(&key) {
                facts.push(self.fact(Kind::AlertShown, &about));
            }
            let before = self.shown.get(&key);
            let is_read = before.is_some_and(|it| it.is_read);
            let first = before.map_or_else(|| about.met.clone(), |it| it.first.clone());
            self.shown.insert(key, Shown { about, first, is_read });
        }
        let mut gone: Vec<Key> = self
            .shown
            .keys()
            .filter(|key| key.0 == *uri && !present.contains(*key))
            .cloned()
            .collect();
        // The same session leaves the same events.
        gone.sort();
        for key in gone {
            let Some(shown) = self.shown.remove(&key) else { continue };
            let how = how(judged, &shown, cause);
            facts.push(self.cleared(how, &shown));
        }
        facts
    }

    /// Ends every episode of a text that is closed, or of all.
    fn close(&mut self, uri: Option<&Uri>) -> Vec<Fact> {
        let of_uri = |key: &&Key| uri.is_none_or(|uri| key.0 == *uri);
        let mut keys: Vec<Key> = self.shown.keys().filter(of_uri).cloned().collect();
        keys.sort();
        let ended = keys.iter().filter_map(|key| self.shown.remove(key)).collect::<Vec<_>>();
        let how = Cleared::FileClosed;
        ended.iter().map(|it| self.cleared(how, it)).collect()
    }

    fn cleared(&self, how: Cleared, shown: &Shown) -> Fact {
        let about = About { met: shown.first.clone(), ..shown.about.clone() };
        Fact { at: self.clock.now(), kind: Kind::AlertCleared { how }, about }
    }

    fn about(&self, uri: &Uri, ecosystem: &str, package: &str) -> Option<&About> {
        let key = (uri.clone(), ecosystem.to_owned(), package.to_owned());
        self.shown.get(&key).map(|it| &it.about)
    }
}

/// How an alert that is no longer there ended.
fn how(judged: &Judged, shown: &Shown, cause: Cause) -> Cleared {
    let about = &shown.about;
    let normal = |name: &str| normalize_name(&about.ecosystem, name).into_owned();
    let wanted = normal(&about.package);
    let mut present = judged
        .parsed
        .components
        .iter()
        .filter(|it| it.ecosystem.as_str() == about.ecosystem && normal(&it.name) == wanted);
    match (present.next(), cause) {
        // That the index no longer says so, is no fix: nobody knows how it would have ended.
        (_, Cause::Index) => Cleared::FileClosed,
        (None, _) => Cleared::Removed,
        (Some(_), Cause::Accepted) => Cleared::Suppressed,
        (Some(_), Cause::Change) => Cleared::Fixed,
    }
}

impl About {
    fn of(judged: &Judged, alert: &Alert, met: Met) -> Self {
        let document = &judged.document;
        let (repository, file) = match &document.place {
            Some(place) => (place.root.clone(), place.path.clone().into()),
            None => (PathBuf::new(), document.uri.as_str().to_owned().into()),
        };
        let ids = alert.all_matches().filter_map(|it| it.ids.first().cloned()).collect();
        let facts = judged.facts(alert);
        Self {
            repository,
            file,
            ecosystem: alert.ecosystem.clone(),
            package: alert.name.clone(),
            ids,
            severity: facts.severity,
            class: facts.class,
            format: document.format,
            is_first_reference: judged.is_first_reference(alert),
            is_direct: facts.is_direct,
            met,
            version: alert.version.clone(),
        }
    }
}

impl Session {
    /// Records what changed between what was shown of a text and what is shown now.
    pub(crate) fn follow(&mut self, uri: &Uri) {
        let Some(judged) = self.documents.get(uri) else { return };
        let facts = self.episodes.follow(judged, self.cause, self.is_observing());
        self.record(facts);
    }

    pub(crate) fn nobody_looks(&mut self, uri: Option<&Uri>) {
        let facts = self.episodes.close(uri);
        self.record(facts);
    }

    pub(crate) fn applied(&mut self, offered: &Offered) {
        let about = |(ecosystem, package): &(String, String)| {
            self.episodes.about(&offered.shown_in, ecosystem, package)
        };
        let shown = offered.packages.iter().filter_map(about);
        let facts = shown.map(|it| self.episodes.fact(Kind::FixApplied, it)).collect();
        self.record(facts);
    }

    pub(crate) fn exception_added(&mut self, uri: &Uri, ecosystem: &str, package: &str) {
        let about = self.episodes.about(uri, ecosystem, package);
        let fact = about.map(|it| self.episodes.fact(Kind::ExceptionAdded, it));
        self.record(fact.into_iter().collect());
    }

    pub(crate) fn dismiss(
        &mut self,
        uri: &Uri,
        (ecosystem, package): (&str, &str),
        reason: Reason,
        comment: Option<&str>,
    ) {
        let reason = match reason {
            Reason::Wrong => NotUseful::Wrong,
            Reason::NotMine => NotUseful::NotMine,
            Reason::CannotNow => NotUseful::CannotNow,
        };
        let kind = Kind::NotUseful { reason, comment: comment.and_then(Comment::new) };
        let about = self.episodes.about(uri, ecosystem, package);
        let fact = about.map(|it| self.episodes.fact(kind, it));
        self.record(fact.into_iter().collect());
    }

    /// Somebody read the details; once per episode, since a pointer that passes by asks many times.
    pub(crate) fn read(&mut self, uri: &Uri, ecosystem: &str, package: &str) {
        let key = (uri.clone(), ecosystem.to_owned(), package.to_owned());
        let Some(shown) = self.episodes.shown.get_mut(&key) else { return };
        if std::mem::replace(&mut shown.is_read, true) {
            return;
        }
        let about = shown.about.clone();
        let fact = self.episodes.fact(Kind::Hover, &about);
        self.record(vec![fact]);
    }

    fn record(&self, facts: Vec<Fact>) {
        if !facts.is_empty() {
            self.worker.send(Task::Record(facts));
        }
    }
}
