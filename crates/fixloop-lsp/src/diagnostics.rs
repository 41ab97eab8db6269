//! What is shown in the text: one diagnostic per dependency, and behind them those of build rules.

use std::sync::Arc;

use fixloop_alert::{Alert, Level, Told};
use fixloop_policy::Ruling;
use lsp_server::ErrorCode;
use serde_json::{Value, json};

use crate::document::MAX_BYTES;
use crate::documents::Judged;
use crate::main_loop::params;
use crate::position::Encoding;
use crate::protocol::{
    Diagnostic, DiagnosticSeverity, DocumentDiagnosticParams, Position, Range, Uri, diagnostic,
    with_code,
};
use crate::rule_diagnostics::of_rules;
use crate::session::{Judge, Session};

/// A diagnostic, and what it was made of: but for its range it is the same as long as that is.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) diagnostic: Diagnostic,
    /// The alert, the organization's words, and whether it is a first reference; nothing for what is no alert.
    made_of: Option<(Arc<Told>, Option<String>, bool)>,
}

impl Published {
    fn is_of(&self, alert: &Alert, ruling: &Ruling, is_first: bool) -> bool {
        self.made_of.as_ref().is_some_and(|(told, words, first)| {
            Arc::ptr_eq(told, &alert.told) && *words == ruling.words && *first == is_first
        })
    }
}

impl Session {
    /// Shows the alerts of a text, if that is something else than what is shown.
    pub(crate) fn show_alerts(&mut self, uri: &Uri, judge: Judge<'_, '_>) {
        self.follow(uri);
        let encoding = self.client.encoding;
        let Some(judged) = self.documents.get_mut(uri) else { return };
        let before = std::mem::take(&mut judged.published);
        let (shown, is_news) = diagnostics(judged, encoding, before);
        let is_touched = std::mem::take(&mut judged.is_touched);
        if is_news || (is_touched && !shown.is_empty()) {
            self.publish(uri, shown);
        } else {
            judged.published = shown;
        }
        if is_news {
            self.status(Some(judge));
        }
    }

    pub(crate) fn publish(&mut self, uri: &Uri, shown: Vec<Published>) {
        let is_silent = self.is_observing() || self.client.pulls_only;
        let Some(judged) = self.documents.get_mut(uri) else { return };
        judged.published = shown;
        if is_silent {
            return;
        }
        let version = judged.is_open.then_some(judged.document.version);
        let params = published(uri, version, &judged.published);
        self.notify("textDocument/publishDiagnostics", params);
    }

    /// Takes away what was shown of a text that is no longer open.
    pub(crate) fn unpublish(&self, uri: &Uri) {
        if !self.is_observing() && !self.client.pulls_only {
            self.notify("textDocument/publishDiagnostics", published(uri, None, &[]));
        }
    }

    /// For clients that ask and cannot be pushed to.
    pub(crate) fn pulled(&mut self, value: Value) -> Result<Value, (ErrorCode, String)> {
        let DocumentDiagnosticParams { text_document, .. } =
            params(value).map_err(|reason| (ErrorCode::InvalidParams, reason))?;
        let judged = self.documents.get(&text_document.uri).filter(|_| self.client.pulls_only);
        let shown = judged.filter(|_| !self.is_observing()).map(|it| &*it.published);
        let items: Vec<&Diagnostic> = plain(shown.unwrap_or_default());
        Ok(json!({"kind": "full", "items": items}))
    }
}

fn plain(shown: &[Published]) -> Vec<&Diagnostic> {
    shown.iter().map(|it| &it.diagnostic).collect()
}

fn published(uri: &Uri, version: Option<i32>, shown: &[Published]) -> Value {
    let mut params = json!({"uri": uri, "diagnostics": plain(shown)});
    if let Some(version) = version {
        params["version"] = json!(version);
    }
    params
}

/// What is shown of a text now, made of what was shown before where that is the same, and whether it is something else.
fn diagnostics(
    judged: &Judged,
    encoding: Encoding,
    before: Vec<Published>,
) -> (Vec<Published>, bool) {
    let document = &judged.document;
    // Of what only a rule may know, most texts are none that anybody asks about.
    let is_read = document.format.is_some() || judged.rules.is_named();
    if is_read && document.text.len() > MAX_BYTES && !judged.is_silent() {
        let start = Position { line: 0, character: 0 };
        let message = format!("more than {} MiB: not analyzed", MAX_BYTES >> 20);
        let range = Range { start, end: start };
        let only = diagnostic(range, DiagnosticSeverity::Information, message);
        let is_news = before.len() != 1 || before[0].diagnostic != only;
        return (vec![Published { diagnostic: only, made_of: None }], is_news);
    }
    let alerts: Vec<(&Alert, &Ruling)> = judged.shown().collect();
    let of_rules = of_rules(judged, encoding);
    let (n_before, n_now) = (before.len(), alerts.len() + of_rules.len());
    let mut is_news = n_before != n_now;
    let mut before: Vec<Option<Published>> = before.into_iter().map(Some).collect();
    let mut shown = Vec::with_capacity(n_now);
    for (at, (alert, ruling)) in alerts.into_iter().enumerate() {
        let range = document.lines.range(&document.text, encoding, alert.span);
        let is_first = judged.is_first_reference(alert);
        // One edit moves what stands behind it: counted from the end it is where it was.
        let from_end = (at + n_before).checked_sub(n_now);
        let mut places = [Some(at), from_end].into_iter().flatten();
        let is_it = |it: &Published| it.is_of(alert, ruling, is_first);
        let known = places.find_map(|it| Some((it, before.get_mut(it)?.take_if(|it| is_it(it))?)));
        if let Some((place, mut known)) = known {
            is_news |= place != at || known.diagnostic.range != range;
            known.diagnostic.range = range;
            shown.push(known);
            continue;
        }
        let new = of_alert((alert, ruling), range, is_first);
        let old = before.get(at).and_then(|it| Some(&it.as_ref()?.diagnostic));
        is_news |= old != Some(&new);
        let made_of = Some((Arc::clone(&alert.told), ruling.words.clone(), is_first));
        shown.push(Published { diagnostic: new, made_of });
    }
    for new in of_rules {
        let old = before.get(shown.len()).and_then(|it| Some(&it.as_ref()?.diagnostic));
        is_news |= old != Some(&new);
        shown.push(Published { diagnostic: new, made_of: None });
    }
    (shown, is_news)
}

fn of_alert((alert, ruling): (&Alert, &Ruling), range: Range, is_first: bool) -> Diagnostic {
    let severity = match alert.level() {
        Level::Error => DiagnosticSeverity::Error,
        Level::Warning => DiagnosticSeverity::Warning,
        Level::Information => DiagnosticSeverity::Information,
        Level::Hint => DiagnosticSeverity::Hint,
    };
    let is_first = is_first && alert.is_finding();
    let message = alert.message();
    let message = if is_first { format!("New here: {message}") } else { message };
    // The organization's words, which were checked to be one line.
    let words = ruling.words.as_ref().filter(|_| alert.is_finding());
    let message = words.map_or_else(|| message.clone(), |words| format!("{words}\n{message}"));
    let mut shown = diagnostic(range, severity, message);
    shown.data = Some(json!({
        "ecosystem": alert.ecosystem,
        "package": alert.name,
        "version": alert.version,
        "ids": alert.matches.iter().map(|it| it.ids.first()).collect::<Vec<_>>(),
        "clearVersion": alert.clear_version(),
        "isFirstReference": is_first,
    }));
    match alert.worst() {
        Some(worst) => {
            let id = worst.ids.first().map_or("", |it| it);
            with_code(shown, id, &worst.url)
        }
        None => shown,
    }
}
