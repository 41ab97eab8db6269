//! What can be done about an alert: upgrades, its advisory, an exception, and that it does not help.

mod upgrades;

use fixloop_alert::Alert;
use lsp_server::ErrorCode;
use serde_json::{Value, json};

use crate::commands::{NOT_USEFUL, OPEN_ADVISORY};
use crate::main_loop::params;
use crate::protocol::{CodeAction, CodeActionKind, CodeActionParams, Command, Diagnostic, Uri};
use crate::rule_diagnostics::{self, NOT_USEFUL_REASONS, broken_of_each};
use crate::session::{Judge, Session};

/// The client's own command, which asks for reason, owner and expiry.
const ASK_EXCEPTION: &str = "fixloop.addException";
/// The client's own command, which asks for a sentence.
const ASK_NOT_USEFUL: &str = "fixloop.notUseful";

/// Advisories of one alert that can be opened, and accepted one by one.
const MAX_ADVISORIES: usize = 5;

impl Session {
    pub(crate) fn code_actions(
        &mut self,
        value: Value,
        judge: Option<Judge<'_, '_>>,
    ) -> Result<Value, (ErrorCode, String)> {
        let asked: CodeActionParams =
            params(value).map_err(|reason| (ErrorCode::InvalidParams, reason))?;
        let uri = asked.text_document.uri;
        let Some(judge) = judge.filter(|_| !self.is_observing()) else { return Ok(json!([])) };
        let is_asked = |kind: CodeActionKind| match &asked.context.only {
            None => true,
            Some(only) => {
                let kind = json!(kind);
                only.iter().any(|it| {
                    let wanted = json!(it);
                    let wanted = wanted.as_str().unwrap_or("");
                    let kind = kind.as_str().unwrap_or("");
                    kind == wanted
                        || kind.strip_prefix(wanted).is_some_and(|it| it.starts_with('.'))
                })
            }
        };
        let lines = asked.range.start.line..=asked.range.end.line;
        let mut actions = Vec::new();
        let mut offered = Vec::new();
        if is_asked(CodeActionKind::QuickFix) {
            let Some(judged) = self.documents.get(&uri) else { return Ok(json!([])) };
            for ((alert, _), shown) in judged.shown().zip(&judged.published) {
                let shown = &shown.diagnostic;
                if lines.contains(&shown.range.start.line) && alert.is_finding() {
                    offered.extend(self.upgrades(judge, judged, (alert, shown), &mut actions));
                    self.of_alert(&uri, alert, shown, &mut actions);
                }
            }
            let of_rules = judged.published.iter().skip(judged.shown().count());
            for (broken, shown) in broken_of_each(judged).zip(of_rules) {
                if lines.contains(&shown.diagnostic.range.start.line) {
                    actions.extend(rule_diagnostics::actions(&uri, broken, &shown.diagnostic));
                }
            }
        }
        if is_asked(CodeActionKind::SourceFixAll)
            || (!actions.is_empty() && asked.context.only.is_none())
        {
            offered.extend(self.upgrade_all(judge, &uri, &mut actions));
        }
        self.documents.offer(offered);
        Ok(json!(actions))
    }

    fn of_alert(&self, uri: &Uri, alert: &Alert, shown: &Diagnostic, actions: &mut Vec<Value>) {
        let about = |key: &str, value: &str| {
            let mut about = json!({
                "uri": uri,
                "ecosystem": alert.ecosystem,
                "package": alert.name,
                "version": alert.version,
            });
            if !key.is_empty() {
                about[key] = json!(value);
            }
            about
        };
        let mut command = |title: String, command: &str, argument: Value| {
            actions.push(of_command(title, command, argument, shown));
        };
        for it in alert.all_matches().filter(|it| !it.url.is_empty()).take(MAX_ADVISORIES) {
            let id = it.ids.first().map_or("", |it| it);
            command(format!("Open advisory {id}"), OPEN_ADVISORY, json!({"url": it.url}));
        }
        if self.options.client_commands {
            for it in alert.matches.iter().take(MAX_ADVISORIES) {
                let id = it.ids.first().map_or("", |it| it);
                command(format!("Accept {id} in {}…", alert.name), ASK_EXCEPTION, about("id", id));
            }
            command("Not useful here…".to_owned(), ASK_NOT_USEFUL, about("", ""));
            return;
        }
        for it in alert.matches.iter().take(MAX_ADVISORIES) {
            actions.extend(self.exception_to_fill_in(uri, alert, it, shown));
        }
        for (words, reason) in NOT_USEFUL_REASONS {
            let title = format!("Not useful here: {words}");
            actions.push(of_command(title, NOT_USEFUL, about("reason", reason), shown));
        }
    }
}

pub(crate) fn of_command(
    title: String,
    command: &str,
    argument: Value,
    shown: &Diagnostic,
) -> Value {
    json!(CodeAction {
        command: Some(Command {
            title: title.clone(),
            tooltip: None,
            command: command.to_owned(),
            arguments: Some(vec![argument]),
        }),
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![shown.clone()]),
        ..CodeAction::default()
    })
}
