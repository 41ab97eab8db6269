//! What can be done about an alert.

use fixloop_alert::Alert;
use lsp_server::ErrorCode;
use serde_json::{Value, json};

use crate::commands::{NOT_USEFUL, OPEN_ADVISORY};
use crate::main_loop::params;
use crate::protocol::{CodeAction, CodeActionKind, CodeActionParams, Command, Diagnostic, Uri};
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
        let Some(_judge) = judge.filter(|_| !self.is_observing()) else { return Ok(json!([])) };
        let Some(judged) = self.documents.get(&uri) else { return Ok(json!([])) };
        let lines = asked.range.start.line..=asked.range.end.line;
        let mut actions = Vec::new();
        for (alert, shown) in judged.alerts.iter().zip(&judged.published) {
            if lines.contains(&shown.range.start.line) && alert.is_finding() {
                self.of_alert(&uri, alert, shown, &mut actions);
            }
        }
        Ok(json!(actions))
    }

    fn of_alert(
        &self,
        uri: &Uri,
        alert: &Alert,
        shown: &Diagnostic,
        actions: &mut Vec<CodeAction>,
    ) {
        let about = |rest: Value| {
            let mut about = json!({
                "uri": uri,
                "ecosystem": alert.ecosystem,
                "package": alert.name,
                "version": alert.version,
            });
            if let (Some(about), Some(rest)) = (about.as_object_mut(), rest.as_object()) {
                about.extend(rest.clone());
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
                let title = format!("Accept {id} in {}…", alert.name);
                command(title, ASK_EXCEPTION, about(json!({"id": id})));
            }
            command("Not useful here…".to_owned(), ASK_NOT_USEFUL, about(json!({})));
        } else {
            let reasons =
                [("wrong", "wrong"), ("not mine", "not_mine"), ("cannot now", "cannot_now")];
            for (words, reason) in reasons {
                let title = format!("Not useful here: {words}");
                command(title, NOT_USEFUL, about(json!({"reason": reason})));
            }
        }
    }
}

fn of_command(title: String, command: &str, argument: Value, shown: &Diagnostic) -> CodeAction {
    CodeAction {
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
    }
}
