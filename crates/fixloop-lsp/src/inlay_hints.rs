//! What the lockfile resolves each requirement to, behind it. Off unless the client asks.

use fixloop_model::Span;
use lsp_server::ErrorCode;
use serde_json::{Value, json};

use crate::main_loop::params;
use crate::protocol::{InlayHintParams, inlay_hint};
use crate::session::Session;

impl Session {
    pub(crate) fn inlay_hints(&mut self, value: Value) -> Result<Value, (ErrorCode, String)> {
        let asked: InlayHintParams =
            params(value).map_err(|reason| (ErrorCode::InvalidParams, reason))?;
        let judged = self.documents.get(&asked.text_document.uri);
        let is_silent = !self.options.inlay_hints || self.is_observing();
        let Some(judged) = judged.filter(|it| !is_silent && !it.is_silent()) else {
            return Ok(json!([]));
        };
        let Some(locked) = judged.decision.lockfile() else { return Ok(json!([])) };
        let (document, encoding) = (&judged.document, self.client.encoding);
        let lines = asked.range.start.line..=asked.range.end.line;
        let mut hints = Vec::new();
        for component in judged.parsed.components.iter().filter(|it| it.requirement.is_some()) {
            let (Some(version), Some(span)) = (locked.version(component), component.version_span)
            else {
                continue;
            };
            // Behind the quote that closes the requirement.
            let end = span.end as usize;
            let quote = document.text[end..].starts_with(['"', '\'']);
            let span = Span::new(end, end + usize::from(quote));
            let position = document.lines.range(&document.text, encoding, span).end;
            if lines.contains(&position.line) {
                let tooltip = format!("as {} resolves it", locked.path());
                hints.push(inlay_hint(position, version.to_owned(), tooltip));
            }
        }
        Ok(json!(hints))
    }
}
