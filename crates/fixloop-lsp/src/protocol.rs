//! The protocol's types: the only module that knows the crate they come from.

use serde_json::{Value, json};

use gen_lsp_types::{Code, Contents, Hover, Label, MarkupContent, MarkupKind, Message};
pub(crate) use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeDescription, Command, Diagnostic, DiagnosticSeverity,
    InlayHint, MessageType, Position, Range, Uri,
};
pub(crate) use gen_lsp_types::{
    CodeActionParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DocumentDiagnosticParams, ExecuteCommandParams, HoverParams, InlayHintParams,
    TextDocumentContentChangeEvent,
};

pub(crate) fn diagnostic(
    range: Range,
    severity: DiagnosticSeverity,
    message: String,
) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        source: Some("fixloop".to_owned()),
        message: Message::String(message),
        code: None,
        code_description: None,
        tags: None,
        related_information: None,
        data: None,
    }
}

pub(crate) fn with_code(diagnostic: Diagnostic, code: &str, url: &str) -> Diagnostic {
    let code_description = Uri::parse(url)
        .ok()
        .filter(|it| matches!(it.scheme(), "http" | "https"))
        .map(|href| CodeDescription { href });
    Diagnostic { code: Some(Code::String(code.to_owned())), code_description, ..diagnostic }
}

pub(crate) fn hover(range: Range, text: String, is_markdown: bool) -> Hover {
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = Contents::MarkupContent(MarkupContent { kind, value: text });
    Hover { contents, range: Some(range) }
}

pub(crate) fn inlay_hint(position: Position, label: String, tooltip: String) -> InlayHint {
    InlayHint {
        position,
        label: Label::String(label),
        kind: None,
        text_edits: None,
        tooltip: Some(tooltip.into()),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// An action with its edit, and whether it is the one to take without asking.
pub(crate) fn code_action(
    title: String,
    kind: CodeActionKind,
    diagnostic: Option<Diagnostic>,
    (edit, is_preferred): (Value, bool),
) -> Value {
    let action = CodeAction {
        title,
        kind: Some(kind),
        diagnostics: diagnostic.map(|it| vec![it]),
        is_preferred: is_preferred.then_some(true),
        ..CodeAction::default()
    };
    let mut action = json!(action);
    action["edit"] = edit;
    action
}

/// Names of notifications and requests that this server sends or answers beyond the protocol's.
pub(crate) mod methods {
    /// What the status bar shows; to the client.
    pub(crate) const STATUS: &str = "fixloop/status";
    /// Answered when everything that was asked of the worker before is done; for tests and scripts.
    pub(crate) const SYNC: &str = "fixloop/sync";
}

/// Arguments of a command, as one object.
pub(crate) fn argument(params: &ExecuteCommandParams) -> Value {
    let first = params.arguments.as_ref().and_then(|it| it.first());
    first.cloned().unwrap_or(Value::Null)
}
