//! What the rules of the policy bundle say of an open text.
//!
//! Rules that read one file are asked at every keystroke, as packages are. `dependency-confusion` reads many files of a tree together: the
//! worker asks it once nobody types any more ([`crate::worker`]). A rule is one finding per file, however many places it is at: it comes
//! with the first and goes with the last.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use fixloop_client::{Applies, BuildChecks};
use fixloop_model::{BuildCheck, Class, Rating};
use fixloop_policy::{About, Facts, Ruling, Surface, decide};

use crate::protocol::Uri;
use crate::session::{Judge, Session};
use crate::worker::{Assessed, Governing, Task};

/// Whether somebody accepts what a rule found.
pub(crate) type IsAccepted<'a> = &'a dyn Fn(&BuildCheck) -> bool;

/// The rules that may speak of a text, and what they say.
#[derive(Default)]
pub(crate) struct Rules {
    checks: Arc<BuildChecks>,
    /// From the root of the work tree, as rules name files; nothing in no work tree.
    path: Option<String>,
    /// Rules that the last commit breaks in this file; nothing while that is not known.
    at_head: Option<HashSet<String>>,
    /// What the configuration of the whole tree says of this file, and whether the last commit says so as well.
    confusion: (Vec<BuildCheck>, Option<bool>),
    /// The worker has to look at the tree's configuration again.
    wants_assessing: bool,
    pub(crate) broken: Vec<Broken>,
}

/// A rule that a text breaks.
pub(crate) struct Broken {
    pub(crate) rule: String,
    /// At least one.
    pub(crate) places: Vec<BuildCheck>,
    /// Whether the last commit does not break it in this file; nothing where that is not known.
    pub(crate) is_first: Option<bool>,
    pub(crate) ruling: Ruling,
}

impl Broken {
    pub(crate) fn severity(&self) -> Option<Rating> {
        self.places.iter().filter_map(|it| it.severity).max()
    }
}

impl Rules {
    pub(crate) fn govern(&mut self, governing: Governing) {
        let Governing { checks, path, at_head, .. } = governing;
        (self.checks, self.path, self.at_head) = (checks, path, at_head);
        if !self.is_configuration() {
            self.confusion = (Vec::new(), None);
        }
        self.wants_assessing();
    }

    pub(crate) fn compare_with(&mut self, at_head: Option<HashSet<String>>) {
        self.at_head = at_head;
    }

    /// Whether a rule may speak of this text now: what one no longer says, because nobody asks it, is no fix.
    pub(crate) fn asks(&self, rule: &str) -> bool {
        self.checks.has(rule)
    }

    /// Whether some rule is about this text.
    pub(crate) fn is_named(&self) -> bool {
        self.path.as_deref().is_some_and(|it| self.checks.names(it))
    }

    /// Whether the text decides, with others, where packages come from, and somebody asks.
    fn is_configuration(&self) -> bool {
        self.checks.has_confusion() && self.path.as_deref().is_some_and(fixloop_confusion::names)
    }

    /// This text, or one that counts with it, is another.
    pub(crate) fn wants_assessing(&mut self) {
        self.wants_assessing = self.is_configuration();
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.wants_assessing
    }

    /// Asks the rules of one file, and rules on what all of them say.
    pub(crate) fn judge(
        &mut self,
        text: &str,
        applies: Option<&Applies>,
        is_accepted: IsAccepted<'_>,
    ) {
        self.broken.clear();
        let (Some(path), Some(applies)) = (&self.path, applies) else { return };
        let alone = self.checks.alone(path, text);
        let mut by_rule: BTreeMap<String, Vec<BuildCheck>> = BTreeMap::new();
        for it in alone.into_iter().chain(self.confusion.0.iter().cloned()) {
            if it.state.is_finding() && !is_accepted(&it) {
                by_rule.entry(it.rule.clone()).or_default().push(it);
            }
        }
        for (rule, places) in by_rule {
            let was_there = if rule == fixloop_confusion::RULE {
                self.confusion.1
            } else {
                self.at_head.as_ref().map(|it| it.contains(&rule))
            };
            let is_first = was_there.map(|it| !it);
            let facts = Facts {
                surface: Surface::Editor,
                is_first_reference: is_first,
                is_direct: Some(true),
                severity: places.iter().filter_map(|it| it.severity).max(),
                class: Class::BuildRule,
            };
            let ruling = decide(&applies.resolution, facts, About::rule(&rule));
            self.broken.push(Broken { rule, places, is_first, ruling });
        }
    }

    /// What people are told.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Broken> {
        self.broken.iter().filter(|it| it.ruling.is_shown())
    }
}

impl Session {
    /// Nobody types at the moment: the configuration of whole trees is looked at, if what is open of it changed.
    pub(crate) fn assess(&mut self) {
        let mut open: Vec<(PathBuf, Arc<str>)> = Vec::new();
        let mut is_wanted = false;
        for uri in self.documents.uris() {
            let Some(judged) = self.documents.get_mut(&uri) else { continue };
            is_wanted |= std::mem::take(&mut judged.rules.wants_assessing);
            let is_read = judged.is_open && judged.rules.is_configuration();
            if let Some(place) = judged.document.place.as_ref().filter(|_| is_read) {
                open.push((place.absolute(), Arc::from(&*judged.document.text)));
            }
        }
        if is_wanted {
            self.worker.send(Task::Assess(open));
        }
    }

    pub(crate) fn assessed(&mut self, assessed: Vec<Assessed>, judge: Option<Judge<'_, '_>>) {
        for Assessed { file, checks, is_at_head } in assessed {
            let Ok(uri) = Uri::from_file_path(&file) else { continue };
            let Some(judged) = self.documents.get_mut(&uri) else { continue };
            judged.rules.confusion = (checks, is_at_head);
            self.judge(&uri, judge);
        }
    }
}
