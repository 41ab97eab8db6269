//! The open texts, and what was judged of each.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use fixloop_alert::{Alert, Evaluated, Locked, Memory};
use fixloop_client::Applies;
use fixloop_model::{Class, Parsed, Span, normalize_name};
use fixloop_policy::{About, Facts, Ruling, Surface, decide};

use crate::build_rules::{IsAccepted, Rules};
use crate::diagnostics::Published;
use crate::document::{Document, MAX_BYTES};
use crate::position::Encoding;
use crate::protocol::{TextDocumentContentChangeEvent, Uri};
use crate::worker::{Governing, Packages, packages};
use crate::workspace::Place;

/// Edits that are recognized when they come back; the oldest is forgotten first. Each holds a whole text.
const MAX_OFFERED: usize = 32;

#[derive(Default)]
pub(crate) struct Documents {
    by_uri: HashMap<Uri, Judged>,
    /// What applies to a text before the worker has said so; nothing where a policy is configured.
    ungoverned: Option<Arc<Applies>>,
    offered: Vec<Offered>,
}

/// A file after edits that were offered. Clients send an edit as it is, or in parts, or only what of it differs: what comes out is
/// always the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Offered {
    pub(crate) uri: Uri,
    pub(crate) text: String,
    /// Where the alerts are shown, and of which ecosystem and package each is.
    pub(crate) shown_in: Uri,
    pub(crate) packages: Vec<(String, String)>,
}

/// What decides the versions of a manifest.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// The worker has not looked yet.
    Awaited,
    Nothing,
    Lockfile(Arc<Locked>),
}

impl Decision {
    pub(crate) fn lockfile(&self) -> Option<&Arc<Locked>> {
        match self {
            Self::Lockfile(locked) => Some(locked),
            Self::Awaited | Self::Nothing => None,
        }
    }

    pub(crate) fn is_awaited(&self) -> bool {
        matches!(self, Self::Awaited)
    }
}

/// A text with what is known about it.
pub(crate) struct Judged {
    pub(crate) document: Document,
    /// Open in the editor, rather than shown because its lockfile changed.
    pub(crate) is_open: bool,
    pub(crate) decision: Decision,
    /// What the lockfile's packages bring in, under this index.
    pub(crate) evaluated: Option<Evaluated>,
    /// What was told of each dependency, under this index, these exceptions and what the lockfile brings in.
    pub(crate) memory: Memory,
    /// What the last commit has.
    head: Option<Packages>,
    /// What it had when it was opened.
    at_open: Packages,
    /// What the text asks for, and behind that what it declares for others.
    pub(crate) parsed: Parsed,
    /// How many of the components it asks for itself.
    pub(crate) n_asked: usize,
    pub(crate) alerts: Vec<Alert>,
    /// What the policy says of each of them.
    pub(crate) rulings: Vec<Ruling>,
    /// What applies to this file; nothing while the worker has not said so, and then nothing is shown or recorded.
    pub(crate) applies: Option<Arc<Applies>>,
    pub(crate) rules: Rules,
    pub(crate) published: Vec<Published>,
    /// The last change touched a line with something shown on it, which the client may have moved.
    pub(crate) is_touched: bool,
    /// Where somebody is typing: what the last change put there.
    pub(crate) typed: Option<Span>,
    /// An alert about what is being typed waits for a pause.
    pub(crate) is_waiting: bool,
}

impl Judged {
    fn new(document: Document, is_open: bool, applies: Option<Arc<Applies>>) -> Self {
        let format = document.format;
        let parsed = format.map(|it| it.parse(&document.text)).unwrap_or_default();
        Self {
            n_asked: parsed.components.len(),
            at_open: packages(&parsed),
            // A text in no file, and a format without lockfiles, has nothing to wait for.
            decision: if document.place.is_none()
                || format.is_none_or(|it| it.lockfiles().is_empty())
            {
                Decision::Nothing
            } else {
                Decision::Awaited
            },
            document,
            is_open,
            evaluated: None,
            memory: Memory::default(),
            head: None,
            parsed,
            alerts: Vec::new(),
            rulings: Vec::new(),
            applies,
            rules: Rules::default(),
            published: Vec::new(),
            is_touched: false,
            typed: None,
            is_waiting: false,
        }
    }

    fn forget_evaluated(&mut self) {
        self.evaluated = None;
        self.memory = Memory::default();
    }

    /// Takes in what was found in the text, and rules on it.
    pub(crate) fn take(&mut self, alerts: Vec<Alert>, is_accepted: IsAccepted<'_>) {
        let rule = |it: &Alert| {
            let ids: Vec<String> = it.all_matches().flat_map(|it| it.ids.iter().cloned()).collect();
            let about = About::advisories(&ids);
            Some(decide(&self.applies.as_ref()?.resolution, self.facts(it), about))
        };
        self.rulings = alerts.iter().filter_map(rule).collect();
        self.alerts = alerts;
        let is_read = self.document.text.len() <= MAX_BYTES;
        let applies = self.applies.as_deref().filter(|_| is_read);
        self.rules.judge(&self.document.text, applies, is_accepted);
    }

    /// What is known of an alert here.
    pub(crate) fn facts(&self, alert: &Alert) -> Facts {
        let ratings = alert.all_matches().filter_map(|it| it.severity.as_ref()).map(|it| it.rating);
        let component = self.parsed.components.get(alert.index);
        Facts {
            surface: Surface::Editor,
            is_first_reference: Some(self.is_first_reference(alert)),
            is_direct: component.and_then(|it| it.reach.is_direct()),
            severity: ratings.max(),
            class: alert.all_matches().map(|it| it.class).min().unwrap_or(Class::Vulnerability),
        }
    }

    /// The lockfile that decides, or the file itself, from the repository's root; nothing in no repository that is known.
    pub(crate) fn target(&self) -> Option<String> {
        let identity = self.applies.as_ref()?.identity.as_ref()?;
        let place = self.document.place.as_ref()?;
        let lockfile = self.decision.lockfile().map(|it| place.root.join(it.path()));
        // One above the repository decides in this folder, and in no other clone.
        lockfile
            .and_then(|it| identity.path_of(&it))
            .or_else(|| identity.path_of(&place.absolute()))
    }

    /// The file itself, from the repository's root.
    pub(crate) fn target_of_rules(&self) -> Option<String> {
        let identity = self.applies.as_ref()?.identity.as_ref()?;
        identity.path_of(&self.document.place.as_ref()?.absolute())
    }

    pub(crate) fn ruled(&self) -> impl Iterator<Item = (&Alert, &Ruling)> {
        self.alerts.iter().zip(&self.rulings)
    }

    /// What people are told; in the order of what is published.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&Alert, &Ruling)> {
        self.ruled().filter(|(_, ruling)| ruling.is_shown())
    }

    /// Whether whatever is found here, people are told nothing.
    pub(crate) fn is_silent(&self) -> bool {
        self.applies.as_ref().is_none_or(|it| it.resolution.is_silent_on(Surface::Editor))
    }

    pub(crate) fn has_published(&self) -> bool {
        !self.published.is_empty()
    }

    /// Whether the package of an alert is new here: not in the last commit, or where there is none, not there when it was opened.
    pub(crate) fn is_first_reference(&self, alert: &Alert) -> bool {
        let name = normalize_name(&alert.ecosystem, &alert.name).into_owned();
        let package = (alert.ecosystem.clone(), name);
        !self.head.as_ref().unwrap_or(&self.at_open).contains(&package)
    }
}

impl Documents {
    pub(crate) fn new(ungoverned: Option<Arc<Applies>>) -> Self {
        Self { ungoverned, ..Self::default() }
    }

    /// Whether it is one that something may be told about: of a format that is read, or in a file where a policy may have rules.
    pub(crate) fn open(
        &mut self,
        uri: Uri,
        place: Option<Place>,
        version: i32,
        text: String,
    ) -> bool {
        let before = self.by_uri.remove(&uri);
        let document = Document::new(uri.clone(), place, version, text);
        let may_have_rules = self.ungoverned.is_none() && document.place.is_some();
        if document.format.is_none() && !may_have_rules {
            return false;
        }
        // A text in no file is nobody's: the worker is not asked.
        let nobody = || document.place.is_none().then(|| Arc::new(Applies::observing()));
        let applies = self.ungoverned.clone().or_else(nobody);
        let mut judged = Judged::new(document, true, applies);
        // What is shown already, and by which lockfile, stays until there is something else: nothing flickers.
        if let Some(before) = before {
            judged.published = before.published;
            judged.applies = judged.applies.or(before.applies);
            judged.rules = before.rules;
            if judged.decision.is_awaited() {
                judged.decision = before.decision;
            }
        }
        self.by_uri.insert(uri, judged);
        true
    }

    /// Shows a file that is not open.
    pub(crate) fn show(
        &mut self,
        uri: Uri,
        place: Place,
        text: String,
        (locked, applies): (Arc<Locked>, Option<Arc<Applies>>),
    ) {
        let published = self.by_uri.remove(&uri).map(|it| it.published).unwrap_or_default();
        let applies = self.ungoverned.clone().or(applies);
        let document = Document::new(uri.clone(), Some(place), 0, text);
        let mut judged = Judged::new(document, false, applies);
        judged.decision = Decision::Lockfile(locked);
        judged.published = published;
        self.by_uri.insert(uri, judged);
    }

    /// Whether there is something to judge now. A change older than the text is left out: it was made to another text.
    pub(crate) fn change(
        &mut self,
        uri: &Uri,
        encoding: Encoding,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> bool {
        let Some(judged) = self.by_uri.get_mut(uri).filter(|it| it.is_open) else { return false };
        if version < judged.document.version {
            return false;
        }
        let is_whole = |it: &TextDocumentContentChangeEvent| {
            matches!(it, TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(_))
        };
        if judged.document.is_lost && !changes.iter().any(is_whole) {
            return false;
        }
        judged.is_touched |= changes.iter().any(|change| match change {
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(it) => {
                let (from, to) = (it.range.start.line, it.range.end.line);
                let ranges = judged.published.iter().map(|it| it.diagnostic.range);
                ranges.into_iter().any(|it| it.start.line <= to && it.end.line >= from)
            }
            TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(_) => true,
        });
        judged.typed = judged.document.change(encoding, version, changes);
        judged.rules.wants_assessing();
        true
    }

    /// Whether it was there to be lost.
    pub(crate) fn lose(&mut self, uri: &Uri) -> bool {
        let Some(judged) = self.by_uri.get_mut(uri).filter(|it| it.is_open) else { return false };
        judged.alerts.clear();
        judged.rulings.clear();
        judged.rules.broken.clear();
        !std::mem::replace(&mut judged.document.is_lost, true)
    }

    pub(crate) fn close(&mut self, uri: &Uri) -> Option<Judged> {
        self.by_uri.remove(uri)
    }

    pub(crate) fn decide(&mut self, uri: &Uri, locked: Option<Arc<Locked>>) {
        if let Some(judged) = self.by_uri.get_mut(uri) {
            judged.decision = locked.map_or(Decision::Nothing, Decision::Lockfile);
            judged.forget_evaluated();
        }
    }

    /// What applies by what the worker said, if it said so.
    pub(crate) fn applies(&self, said: Option<&Arc<Applies>>) -> Arc<Applies> {
        let known = self.ungoverned.as_ref().or(said).cloned();
        known.unwrap_or_else(|| Arc::new(Applies::observing()))
    }

    pub(crate) fn govern(&mut self, governing: Governing) {
        if let Some(judged) = self.by_uri.get_mut(&governing.uri) {
            judged.applies = Some(Arc::clone(&governing.applies));
            judged.rules.govern(governing);
        }
    }

    /// Files that decide where packages come from may be others.
    pub(crate) fn configuration_changed(&mut self) {
        for it in self.by_uri.values_mut() {
            it.rules.wants_assessing();
        }
    }

    pub(crate) fn compare_with(&mut self, uri: &Uri, head: Option<Packages>) {
        if let Some(judged) = self.by_uri.get_mut(uri) {
            judged.head = head;
        }
    }

    pub(crate) fn offer(&mut self, offered: Vec<Offered>) {
        self.offered.retain(|it| !offered.contains(it));
        self.offered.extend(offered);
        let n_old = self.offered.len().saturating_sub(MAX_OFFERED);
        self.offered.drain(..n_old);
    }

    /// The offered edits that a document is the result of now.
    pub(crate) fn applied(&mut self, uri: &Uri) -> Option<Offered> {
        let text = &self.by_uri.get(uri)?.document.text;
        let is_it = |it: &Offered| it.uri == *uri && it.text == *text;
        let at = self.offered.iter().position(is_it)?;
        Some(self.offered.swap_remove(at))
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.by_uri.values().any(|it| it.is_waiting || it.rules.is_waiting())
    }

    /// Nobody is typing there any more; what was waiting for that.
    pub(crate) fn settle(&mut self) -> Vec<Uri> {
        let mut waiting = self.uris();
        waiting.retain(|it| self.by_uri.get(it).is_some_and(|it| it.is_waiting));
        for it in self.by_uri.values_mut() {
            it.typed = None;
        }
        waiting
    }

    pub(crate) fn forget_evaluated(&mut self) {
        self.by_uri.values_mut().for_each(Judged::forget_evaluated);
    }

    pub(crate) fn get(&self, uri: &Uri) -> Option<&Judged> {
        self.by_uri.get(uri)
    }

    pub(crate) fn get_mut(&mut self, uri: &Uri) -> Option<&mut Judged> {
        self.by_uri.get_mut(uri)
    }

    /// In a fixed order, so that the same input gives the same output.
    pub(crate) fn uris(&self) -> Vec<Uri> {
        let mut uris: Vec<Uri> = self.by_uri.keys().cloned().collect();
        uris.sort();
        uris
    }

    pub(crate) fn below(&self, root: &Path) -> Vec<Uri> {
        let mut uris = self.uris();
        uris.retain(|uri| {
            let place = self.by_uri.get(uri).and_then(|it| it.document.place.as_ref());
            place.is_some_and(|it| it.root == root)
        });
        uris
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Judged> {
        self.by_uri.values()
    }

    /// The text of an open file, which goes before what is on disk.
    pub(crate) fn text_at(&self, root: &Path, path: &str) -> Option<&str> {
        let is_it = |it: &&Judged| {
            it.document.place.as_ref().is_some_and(|it| it.root == root && it.path == path)
        };
        self.by_uri.values().filter(|it| it.is_open).find(is_it).map(|it| &*it.document.text)
    }
}
