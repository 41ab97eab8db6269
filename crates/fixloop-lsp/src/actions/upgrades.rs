//! Edits that clear alerts, proven by reading the edited texts again before they are offered.

use std::collections::BTreeMap;

use fixloop_alert::{Alert, Brought};
use fixloop_exceptions::NewException;
use fixloop_fix::{
    Manifest, TextEdit, Transitive, Upgrade, apply, raise_transitive, upgrade, upgrade_declaration,
};
use fixloop_manifest::Beside;
use fixloop_match::Match;
use fixloop_model::Span;
use fixloop_scan::EXCEPTIONS_FILE;
use jiff::ToSpan;
use serde_json::{Map, Value, json};

use crate::documents::{Judged, Offered};
use crate::position::Lines;
use crate::protocol::{CodeActionKind, Diagnostic, Uri, code_action};
use crate::session::{Judge, Session};

/// How long an exception is proposed to hold.
const EXCEPTION_DAYS: i64 = 30;

/// Packages brought in that an upgrade is offered for, of one dependency.
const MAX_BROUGHT: usize = 3;

impl Session {
    /// Offers the upgrades of one alert; gives what has to be recognized when it comes back as a change.
    pub(super) fn upgrades(
        &self,
        judge: Judge<'_, '_>,
        judged: &Judged,
        (alert, shown): (&Alert, &Diagnostic),
        actions: &mut Vec<Value>,
    ) -> Vec<Offered> {
        let mut offered = Vec::new();
        let mut offer = |fix: &Upgrade, words: String| {
            if let Some(edit) = self.workspace_edit(judged, &fix.edits) {
                let is_first = offered.is_empty();
                actions.push(code_action(
                    words,
                    CodeActionKind::QuickFix,
                    Some(shown.clone()),
                    (edit, is_first),
                ));
                offered.extend(self.offered(judged, &fix.edits, &[package(alert)]));
            }
        };
        if let Some(fix) = self.upgrade_of(judge, judged, alert) {
            offer(&fix, title(&fix));
        }
        for brought in alert.brought.iter().take(MAX_BROUGHT) {
            if let Some(fix) = self.upgrade_brought(judge, judged, brought)
                && !fix.edits.is_empty()
            {
                let relock = after(&fix);
                offer(&fix, format!("Override {} to {}{relock}", fix.name, fix.to));
            }
        }
        offered
    }

    /// One action for every dependency of the file that has an upgrade.
    pub(super) fn upgrade_all(
        &self,
        judge: Judge<'_, '_>,
        uri: &Uri,
        actions: &mut Vec<Value>,
    ) -> Vec<Offered> {
        let Some(judged) = self.documents.get(uri) else { return Vec::new() };
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut packages = Vec::new();
        for (alert, _) in judged.shown().filter(|(it, _)| it.is_finding()) {
            let Some(fix) = self.upgrade_of(judge, judged, alert) else { continue };
            // One place for several packages takes the highest version; whoever differs is left to a second run.
            let is_free = |it: &TextEdit| {
                edits.iter().all(|other| {
                    other.path != it.path || other == it || !overlap(other.span, it.span)
                })
            };
            if fix.edits.is_empty() || !fix.edits.iter().all(is_free) {
                continue;
            }
            packages.push(package(alert));
            edits.extend(fix.edits);
        }
        edits.sort();
        edits.dedup();
        let n_upgrades = packages.len();
        if n_upgrades > 1
            && let Some(edit) = self.workspace_edit(judged, &edits)
        {
            let title = format!("Upgrade all {n_upgrades} vulnerable dependencies in this file");
            actions.push(code_action(title, CodeActionKind::SourceFixAll, None, (edit, false)));
            return self.offered(judged, &edits, &packages);
        }
        Vec::new()
    }

    fn upgrade_of(&self, judge: Judge<'_, '_>, judged: &Judged, alert: &Alert) -> Option<Upgrade> {
        let to = alert.clear_version()?;
        if alert.index >= judged.n_asked {
            let component = judged.parsed.components.get(alert.index)?;
            return self.with_manifest(judged, |manifest| {
                upgrade_declaration(judge.known, manifest, component, to).ok()
            });
        }
        self.with_manifest(judged, |manifest| upgrade(judge.known, manifest, alert.index, to).ok())
    }

    fn upgrade_brought(
        &self,
        judge: Judge<'_, '_>,
        judged: &Judged,
        brought: &Brought,
    ) -> Option<Upgrade> {
        let to = brought.matches.iter().find_map(|it| it.fixed_version.as_deref())?;
        let locked = judged.decision.lockfile()?;
        let versions = locked.components().iter().filter(|it| it.name == brought.name);
        let is_alone = versions.clone().all(|it| it.version.as_deref() == Some(&*brought.version));
        let wanted = Transitive { name: &brought.name, from: &brought.version, to, is_alone };
        self.with_manifest(judged, |manifest| raise_transitive(judge.known, manifest, &wanted).ok())
    }

    fn with_manifest<R>(
        &self,
        judged: &Judged,
        work: impl FnOnce(&Manifest<'_>) -> Option<R>,
    ) -> Option<R> {
        let document = &judged.document;
        let root = document.place.as_ref().map(|it| it.root.clone());
        let read = |path: &str| self.beside(root.as_deref()?, path);
        let mut parsed = std::borrow::Cow::Borrowed(&judged.parsed);
        if judged.n_asked < parsed.components.len() {
            parsed.to_mut().components.truncate(judged.n_asked);
        }
        work(&Manifest {
            format: document.format?,
            text: &document.text,
            beside: Beside::new(document.path(), &read),
            parsed: &parsed,
        })
    }

    /// The edits as the client takes them: each file as it stands in the editor, or on disk.
    fn workspace_edit(&self, judged: &Judged, edits: &[TextEdit]) -> Option<Value> {
        let mut by_file: BTreeMap<&str, Vec<&TextEdit>> = BTreeMap::new();
        for it in edits {
            by_file.entry(&it.path).or_default().push(it);
        }
        if by_file.is_empty() {
            return None;
        }
        let mut files: Vec<(Uri, Option<i32>, Vec<Value>)> = Vec::new();
        for (path, edits) in by_file {
            let (uri, version, text) = self.file(judged, path)?;
            let lines = Lines::new(&text);
            let edit = |it: &&TextEdit| {
                let range = lines.range(&text, self.client.encoding, it.span);
                json!({"range": range, "newText": it.text})
            };
            files.push((uri, version, edits.iter().map(edit).collect()));
        }
        Some(if self.client.document_changes {
            let changes = files.into_iter().map(|(uri, version, edits)| {
                json!({"textDocument": {"uri": uri, "version": version}, "edits": edits})
            });
            json!({"documentChanges": changes.collect::<Vec<_>>()})
        } else {
            let changes: Map<String, Value> =
                files.into_iter().map(|(uri, _, edits)| (uri.to_string(), json!(edits))).collect();
            json!({"changes": changes})
        })
    }

    /// Address, version if it is open, and text of a file of the same root.
    fn file(&self, judged: &Judged, path: &str) -> Option<(Uri, Option<i32>, String)> {
        let document = &judged.document;
        if path == document.path() {
            let version = judged.is_open.then_some(document.version);
            return Some((document.uri.clone(), version, document.text.clone()));
        }
        let place = document.place.as_ref()?;
        let uri = place.uri_of(path)?;
        let version =
            self.documents.get(&uri).filter(|it| it.is_open).map(|it| it.document.version);
        Some((uri, version, self.beside(&place.root, path)?.to_string()))
    }

    /// The files that the edits change, as they are once they were made.
    fn offered(
        &self,
        judged: &Judged,
        edits: &[TextEdit],
        packages: &[(String, String)],
    ) -> Vec<Offered> {
        let mut paths: Vec<&str> = edits.iter().map(|it| &*it.path).collect();
        paths.sort_unstable();
        paths.dedup();
        let of_file = |path: &str| {
            let (uri, _, text) = self.file(judged, path)?;
            let edits: Vec<TextEdit> = edits.iter().filter(|it| it.path == path).cloned().collect();
            Some(Offered {
                uri,
                text: apply(&text, &edits),
                shown_in: judged.document.uri.clone(),
                packages: packages.to_vec(),
            })
        };
        paths.into_iter().filter_map(of_file).collect()
    }

    /// An exception without reason and owner, for editors that cannot ask for them: it has no effect until somebody fills them in.
    pub(super) fn exception_to_fill_in(
        &self,
        uri: &Uri,
        alert: &Alert,
        it: &Match,
        shown: &Diagnostic,
    ) -> Option<Value> {
        let place = self.documents.get(uri)?.document.place.clone()?;
        let file = place.uri_of(EXCEPTIONS_FILE)?;
        let before = self.beside(&place.root, EXCEPTIONS_FILE);
        if before.is_none() && !self.client.document_changes {
            // Without a way to make the file.
            return None;
        }
        let today = (self.environment.today)();
        let new = NewException {
            id: it.ids.first().cloned(),
            package: fixloop_report::purl(&alert.ecosystem, &alert.name, alert.version.as_deref()),
            expires: today.checked_add(EXCEPTION_DAYS.days()).ok()?,
            ..NewException::default()
        };
        let text = before.as_deref().unwrap_or("");
        let block = fixloop_exceptions::draft(text, &new);
        let lines = Lines::new(text);
        let end = Span::new(text.len(), text.len());
        let range = lines.range(text, self.client.encoding, end);
        let edit = json!({"range": range, "newText": block});
        let edit = if self.client.document_changes {
            let mut changes = Vec::new();
            if before.is_none() {
                changes.push(
                    json!({"kind": "create", "uri": file, "options": {"ignoreIfExists": true}}),
                );
            }
            changes.push(json!({"textDocument": {"uri": file, "version": null}, "edits": [edit]}));
            json!({"documentChanges": changes})
        } else {
            json!({"changes": {file.to_string(): [edit]}})
        };
        let id = it.ids.first().map_or("", |it| it);
        let title =
            format!("Accept {id} in {}: fill in reason and owner in {EXCEPTIONS_FILE}", alert.name);
        Some(code_action(title, CodeActionKind::QuickFix, Some(shown.clone()), (edit, false)))
    }
}

fn title(fix: &Upgrade) -> String {
    let within = if fix.is_within_requirement { ", which its requirement admits" } else { "" };
    format!("Upgrade {} to {}{within}{}", fix.name, fix.to, after(fix))
}

/// What has to be run afterwards.
fn after(fix: &Upgrade) -> String {
    fix.relock.as_ref().map(|it| format!("; then run {it}")).unwrap_or_default()
}

fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end || a.start == b.start
}

fn package(alert: &Alert) -> (String, String) {
    (alert.ecosystem.clone(), alert.name.clone())
}
