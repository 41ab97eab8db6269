//! Which alerts are shown, for how long, and how they end: the editor's draft exposures, as facts for the spool.
//!
//! Everything here is cheap and on the session's thread; [`crate::worker`] makes events of it. Facts hold paths and names, events hold
//! none: `fixloop-telemetry` sees to that.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_alert::{Alert, Told};
use fixloop_client::Applies;
use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, normalize_name};
use fixloop_policy::Ruling;
use fixloop_telemetry::{Cleared, Clock, Comment, Kind, Mode, Moment, NotUseful};

use crate::build_rules::Broken;
use crate::commands::Reason;
use crate::documents::{Judged, Offered};
use crate::protocol::Uri;
use crate::session::Session;
use crate::worker::Task;

pub(crate) struct Episodes {
    clock: Clock,
    /// By text and package; of each ecosystem one.
    shown: HashMap<Uri, HashMap<String, Vec<Shown>>>,
    /// Counts how often a text was followed.
    round: u64,
    /// Changes of documents in this session.
    pub(crate) n_changes: u64,
}

struct Shown {
    about: About,
    /// What `about` was made of; nothing for a build rule.
    told: Option<Arc<Told>>,
    /// When it was there last.
    round: u64,
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
    /// Nothing for a file that no reader of packages knows.
    pub(crate) format: Option<Format>,
    /// Nothing while it is not known what the last commit has.
    pub(crate) is_first_reference: Option<bool>,
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
        Self { clock, shown: HashMap::new(), round: 0, n_changes: 0 }
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
        self.round += 1;
        let round = self.round;
        let target = judged.target();
        let mut of_text = self.shown.remove(uri).unwrap_or_default();
        for (alert, ruling) in judged.ruled().filter(|(it, _)| it.is_finding()) {
            let is_shown = ruling.is_shown() && !is_observing;
            let mode = if is_shown { Mode::Alert } else { Mode::Observe };
            let of_package = of_text.get_mut(&alert.name);
            let is_it = |it: &&mut Shown| it.about.ecosystem == alert.ecosystem;
            let before = of_package.and_then(|it| it.iter_mut().find(is_it));
            // Most keys change one alert: the rest is not even copied.
            if let Some(it) = before.filter(|it| it.is_of(judged, alert, (mode, ruling, &target))) {
                it.round = round;
                continue;
            }
            let met = Met {
                mode,
                treatment: ruling.treatment.clone(),
                applies: judged.applies.clone(),
                target: target.clone(),
            };
            let about = About::of(judged, alert, met);
            let of_package = of_text.entry(alert.name.clone()).or_default();
            let told = Some(Arc::clone(&alert.told));
            if let Some(it) = of_package.iter_mut().find(is_it) {
                (it.about, it.told, it.round) = (about, told, round);
            } else {
                facts.push(self.fact(Kind::AlertShown, &about));
                let first = about.met.clone();
                of_package.push(Shown { about, told, round, first, is_read: false });
            }
        }
        facts.extend(self.follow_rules(judged, &mut of_text, is_observing));
        let mut gone: Vec<Shown> = Vec::new();
        for of_package in of_text.values_mut() {
            gone.extend(of_package.extract_if(.., |it| it.round != round));
        }
        of_text.retain(|_, it| !it.is_empty());
        if !of_text.is_empty() {
            self.shown.insert(uri.clone(), of_text);
        }
        // The same session leaves the same events.
        gone.sort_by(|a, b| a.key().cmp(&b.key()));
        facts.extend(gone.iter().map(|it| self.cleared(how(judged, it, cause), it)));
        facts
    }

    /// The same of build rules, which belong to no ecosystem.
    fn follow_rules(
        &self,
        judged: &Judged,
        of_text: &mut HashMap<String, Vec<Shown>>,
        is_observing: bool,
    ) -> Vec<Fact> {
        let mut facts = Vec::new();
        for broken in &judged.rules.broken {
            let is_shown = broken.ruling.is_shown() && !is_observing;
            let met = Met {
                mode: if is_shown { Mode::Alert } else { Mode::Observe },
                treatment: broken.ruling.treatment.clone(),
                applies: judged.applies.clone(),
                target: judged.target_of_rules(),
            };
            let about = About::of_rule(judged, broken, met);
            let of_name = of_text.entry(broken.rule.clone()).or_default();
            let round = self.round;
            if let Some(it) = of_name.iter_mut().find(|it| it.about.ecosystem.is_empty()) {
                (it.about, it.round) = (about, round);
            } else {
                facts.push(self.fact(Kind::AlertShown, &about));
                let first = about.met.clone();
                of_name.push(Shown { about, told: None, round, first, is_read: false });
            }
        }
        facts
    }

    /// Ends every episode of a text that is closed, or of all.
    fn close(&mut self, uri: Option<&Uri>) -> Vec<Fact> {
        let mut uris: Vec<Uri> = match uri {
            Some(uri) => vec![uri.clone()],
            None => self.shown.keys().cloned().collect(),
        };
        uris.sort();
        let mut facts = Vec::new();
        for of_text in uris.iter().filter_map(|it| self.shown.remove(it)).collect::<Vec<_>>() {
            let mut ended: Vec<Shown> = of_text.into_values().flatten().collect();
            ended.sort_by(|a, b| a.key().cmp(&b.key()));
            facts.extend(ended.iter().map(|it| self.cleared(Cleared::FileClosed, it)));
        }
        facts
    }

    fn cleared(&self, how: Cleared, shown: &Shown) -> Fact {
        let about = About { met: shown.first.clone(), ..shown.about.clone() };
        Fact { at: self.clock.now(), kind: Kind::AlertCleared { how }, about }
    }

    fn about(&self, uri: &Uri, ecosystem: &str, package: &str) -> Option<&About> {
        let of_package = self.shown.get(uri)?.get(package)?;
        of_package.iter().map(|it| &it.about).find(|it| it.ecosystem == ecosystem)
    }

    fn shown_mut(&mut self, uri: &Uri, ecosystem: &str, package: &str) -> Option<&mut Shown> {
        let of_package = self.shown.get_mut(uri)?.get_mut(package)?;
        of_package.iter_mut().find(|it| it.about.ecosystem == ecosystem)
    }
}

impl Shown {
    fn key(&self) -> (&str, &str) {
        (&self.about.ecosystem, &self.about.package)
    }

    /// Whether nothing of it is another now.
    fn is_of(
        &self,
        judged: &Judged,
        alert: &Alert,
        (mode, ruling, target): (Mode, &Ruling, &Option<String>),
    ) -> bool {
        let About { repository, file, is_first_reference, met, .. } = &self.about;
        let is_there = judged.document.place.as_ref().is_some_and(|place| {
            *repository == place.root && file.as_path() == Path::new(&place.path)
        });
        let applies = |it: &Option<Arc<Applies>>| it.as_ref().map(Arc::as_ptr);
        self.told.as_ref().is_some_and(|it| Arc::ptr_eq(it, &alert.told))
            && is_there
            && *is_first_reference == Some(judged.is_first_reference(alert))
            && met.mode == mode
            && met.treatment == ruling.treatment
            && met.target == *target
            && applies(&met.applies) == applies(&judged.applies)
    }
}

/// How an alert that is no longer there ended.
fn how(judged: &Judged, shown: &Shown, cause: Cause) -> Cleared {
    let about = &shown.about;
    if about.class == Class::BuildRule {
        return match cause {
            // Of a rule that nobody asks any more, nobody knows how it would have ended.
            _ if !judged.rules.asks(&about.package) => Cleared::FileClosed,
            Cause::Index => Cleared::FileClosed,
            Cause::Accepted => Cleared::Suppressed,
            Cause::Change => Cleared::Fixed,
        };
    }
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
    fn of_rule(judged: &Judged, broken: &Broken, met: Met) -> Self {
        let (repository, file) = place_of(judged);
        Self {
            repository,
            file,
            ecosystem: String::new(),
            package: broken.rule.clone(),
            ids: Vec::new(),
            severity: broken.severity(),
            class: Class::BuildRule,
            format: judged.document.format,
            is_first_reference: broken.is_first,
            is_direct: Some(true),
            met,
            version: None,
        }
    }

    fn of(judged: &Judged, alert: &Alert, met: Met) -> Self {
        let document = &judged.document;
        let (repository, file) = place_of(judged);
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
            is_first_reference: Some(judged.is_first_reference(alert)),
            is_direct: facts.is_direct,
            met,
            version: alert.version.clone(),
        }
    }
}

fn place_of(judged: &Judged) -> (PathBuf, PathBuf) {
    let document = &judged.document;
    match &document.place {
        Some(place) => (place.root.clone(), place.path.clone().into()),
        None => (PathBuf::new(), document.uri.as_str().to_owned().into()),
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
        let Some(shown) = self.episodes.shown_mut(uri, ecosystem, package) else { return };
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
