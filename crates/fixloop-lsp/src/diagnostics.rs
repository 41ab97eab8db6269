//! What is shown in the text: one diagnostic per dependency.

use fixloop_alert::{Alert, Level};
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
use crate::session::{Judge, Session};

impl Session {
    /// Shows the alerts of a text, if that is something else than what is shown.
    pub(crate) fn show_alerts(&mut self, uri: &Uri, judge: Judge<'_, '_>) {
        self.follow(uri);
        let encoding = self.client.encoding;
        let Some(judged) = self.documents.get_mut(uri) else { return };
        let shown = diagnostics(judged, encoding);
        let is_touched = std::mem::take(&mut judged.is_touched);
        let is_news = shown != judged.published;
        if is_news || (is_touched && !shown.is_empty()) {
            self.publish(uri, shown);
        }
        if is_news {
            self.status(Some(judge));
        }
    }

    pub(crate) fn publish(&mut self, uri: &Uri, shown: Vec<Diagnostic>) {
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
        let shown = judged.filter(|_| !self.is_observing()).map(|it| it.published.clone());
        Ok(json!({"kind": "full", "items": shown.unwrap_or_default()}))
    }
}

fn published(uri: &Uri, version: Option<i32>, diagnostics: &[Diagnostic]) -> Value {
    let mut params = json!({"uri": uri, "diagnostics": diagnostics});
    if let Some(version) = version {
        params["version"] = json!(version);
    }
    params
}

fn diagnostics(judged: &Judged, encoding: Encoding) -> Vec<Diagnostic> {
    let document = &judged.document;
    if document.text.len() > MAX_BYTES && !judged.is_silent() {
        let start = Position { line: 0, character: 0 };
        let message = format!("more than {} MiB: not analyzed", MAX_BYTES >> 20);
        let range = Range { start, end: start };
        return vec![diagnostic(range, DiagnosticSeverity::Information, message)];
    }
    let shown = judged.shown().map(|(alert, ruling)| {
        let range = document.lines.range(&document.text, encoding, alert.span);
        of_alert((alert, ruling), range, judged.is_first_reference(alert))
    });
    shown.collect()
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
