//! What the client can do, and what this server offers it.

use serde_json::{Value, json};

use crate::options::Options;
use crate::position::Encoding;

/// What of the client's capabilities matters here. Read leniently: one odd value of a client must not end the session.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one capability of the protocol")]
pub(crate) struct Client {
    pub(crate) encoding: Encoding,
    /// It can be told which files to watch.
    pub(crate) watches_files: bool,
    /// It asks for diagnostics and takes none that are pushed: pull only where it cannot be pushed to.
    pub(crate) pulls_only: bool,
    pub(crate) document_changes: bool,
    pub(crate) markdown_hover: bool,
    /// `window/showDocument`, which opens an advisory's page.
    pub(crate) shows_documents: bool,
    pub(crate) refreshes_inlay_hints: bool,
    pub(crate) code_action_literals: bool,
}

impl Client {
    pub(crate) fn read(params: &Value) -> Self {
        let at = |pointer: &str| params.pointer(&format!("/capabilities/{pointer}"));
        let flag = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        let hover_formats = at("textDocument/hover/contentFormat").and_then(Value::as_array);
        // Every client that knows `publishDiagnostics` is pushed to: a keystroke is answered sooner, and doing both shows things twice.
        let is_pushed_to = at("textDocument/publishDiagnostics").is_some();
        let pulls = at("textDocument/diagnostic").is_some();
        Self {
            encoding: encoding(at("general/positionEncodings")),
            watches_files: flag("workspace/didChangeWatchedFiles/dynamicRegistration"),
            pulls_only: pulls && !is_pushed_to,
            document_changes: flag("workspace/workspaceEdit/documentChanges"),
            markdown_hover: hover_formats
                .is_some_and(|it| it.first().and_then(Value::as_str) == Some("markdown")),
            shows_documents: flag("window/showDocument/support"),
            refreshes_inlay_hints: flag("workspace/inlayHint/refreshSupport"),
            code_action_literals: at("textDocument/codeAction/codeActionLiteralSupport").is_some(),
        }
    }
}

/// UTF-8 where it is offered, since texts are held so; else the client's first choice.
fn encoding(offered: Option<&Value>) -> Encoding {
    let offered: Vec<&str> =
        offered.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let known = |it: &&str| match *it {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    if offered.contains(&"utf-8") {
        return Encoding::Utf8;
    }
    offered.iter().find_map(known).unwrap_or_default()
}

/// The answer to `initialize`.
pub(crate) fn answer(client: Client, options: &Options) -> Value {
    let encoding = match client.encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
        Encoding::Utf32 => "utf-32",
    };
    let mut capabilities = json!({
        "positionEncoding": encoding,
        // 2 is incremental: what is sent whole waits for 250 ms in some clients.
        "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
        "hoverProvider": true,
        "codeActionProvider": {"codeActionKinds": ["quickfix", "source.fixAll"]},
        "executeCommandProvider": {"commands": crate::commands::NAMES},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    });
    if options.inlay_hints {
        capabilities["inlayHintProvider"] = json!(true);
    }
    if client.pulls_only {
        capabilities["diagnosticProvider"] = json!({
            "identifier": "fixloop",
            "interFileDependencies": true,
            "workspaceDiagnostics": false,
        });
    }
    json!({
        "capabilities": capabilities,
        "serverInfo": {"name": "fixloop", "version": env!("CARGO_PKG_VERSION")},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(offered: &Value, expected: Encoding) {
        let params = json!({"capabilities": {"general": {"positionEncodings": offered}}});
        assert_eq!(Client::read(&params).encoding, expected, "{offered}");
    }

    #[test]
    fn utf_8_is_taken_where_it_is_offered() {
        check(&json!(["utf-16", "utf-8"]), Encoding::Utf8);
        check(&json!(["utf-32", "utf-16"]), Encoding::Utf32);
        check(&json!(["utf-7"]), Encoding::Utf16);
        check(&json!("utf-8"), Encoding::Utf16);
        check(&json!(null), Encoding::Utf16);
    }

    #[test]
    fn a_client_that_takes_both_is_only_pushed_to() {
        let both =
            json!({"capabilities": {"textDocument": {"diagnostic": {}, "publishDiagnostics": {}}}});
        let pull = json!({"capabilities": {"textDocument": {"diagnostic": {}}}});
        assert!(!Client::read(&both).pulls_only);
        assert!(Client::read(&pull).pulls_only);
        let offers = |params: &Value| {
            let answer = answer(Client::read(params), &Options::default());
            answer["capabilities"].get("diagnosticProvider").is_some()
        };
        assert_eq!((offers(&both), offers(&pull)), (false, true));
    }
}
