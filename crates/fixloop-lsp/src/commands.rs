//! What a client asks for by name: accepting a finding, calling it not useful, opening its advisory.

use std::fs;
use std::io;
use std::path::PathBuf;

use fixloop_exceptions::NewException;
use fixloop_scan::EXCEPTIONS_FILE;
use jiff::civil::Date;
use lsp_server::ErrorCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::main_loop::params;
use crate::protocol::{ExecuteCommandParams, MessageType, Uri, argument};
use crate::session::Session;
use crate::worker::Task;

pub(crate) const ADD_EXCEPTION: &str = "fixloop.server.addException";
pub(crate) const NOT_USEFUL: &str = "fixloop.server.notUseful";
pub(crate) const OPEN_ADVISORY: &str = "fixloop.server.openAdvisory";

pub(crate) const NAMES: &[&str] = &[ADD_EXCEPTION, NOT_USEFUL, OPEN_ADVISORY];

/// Characters of the one sentence that somebody may add.
const MAX_COMMENT: usize = 500;

/// What an exception is about, and what a person said.
#[derive(Deserialize)]
struct Exception {
    uri: Uri,
    ecosystem: String,
    package: String,
    version: Option<String>,
    /// Every advisory of the package if there is none.
    id: Option<String>,
    reason: String,
    owner: String,
    expires: String,
}

#[derive(Deserialize)]
struct NotUseful {
    uri: Uri,
    ecosystem: String,
    package: String,
    reason: Reason,
    comment: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    Wrong,
    NotMine,
    CannotNow,
}

impl Session {
    pub(crate) fn execute(&mut self, value: Value) -> Result<Value, (ErrorCode, String)> {
        let invalid = |reason: String| (ErrorCode::InvalidParams, reason);
        let asked: ExecuteCommandParams = params(value).map_err(invalid)?;
        let argument = argument(&asked);
        match asked.command.as_str() {
            ADD_EXCEPTION => {
                let wanted = params(argument).map_err(invalid)?;
                // Told where it is seen, and to whoever asked.
                self.add_exception(wanted).map_err(|reason| {
                    let text = format!("no exception was added: {reason}");
                    self.show(MessageType::Error, &text);
                    (ErrorCode::RequestFailed, text)
                })
            }
            NOT_USEFUL => {
                self.not_useful(params(argument).map_err(invalid)?);
                Ok(Value::Null)
            }
            OPEN_ADVISORY => {
                let url = argument.get("url").and_then(Value::as_str).unwrap_or("");
                self.open_advisory(url).map_err(invalid)
            }
            other => Err((ErrorCode::InvalidParams, format!("no command `{other}`"))),
        }
    }

    /// Writes an exception to the root's `fixloop.toml`; the worker sees it there, as if somebody had typed it.
    fn add_exception(&mut self, wanted: Exception) -> Result<Value, String> {
        let judged = self.documents.get(&wanted.uri);
        let place = judged.and_then(|it| it.document.place.clone());
        let place = place.ok_or_else(|| format!("`{}` is not open", wanted.uri))?;
        let expires: Date = wanted
            .expires
            .parse()
            .map_err(|_| format!("`{}` is no day, as 2027-01-31", wanted.expires))?;
        let version = wanted.version.as_deref();
        let package = fixloop_report::purl(&wanted.ecosystem, &wanted.package, version)
            .ok_or_else(|| format!("{} has no package URLs", wanted.ecosystem))?;
        let new = NewException {
            id: wanted.id,
            package: Some(package),
            rule: None,
            path: None,
            reason: wanted.reason,
            owner: wanted.owner,
            expires,
        };
        let path = place.root.join(EXCEPTIONS_FILE);
        let today = (self.environment.today)();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("failed to read `{}`: {error}", path.display())),
        };
        let text = fixloop_exceptions::add(EXCEPTIONS_FILE, &text, &new, today)
            .map_err(|error| error.to_string())?;
        fixloop_scan::write_whole(&path, &text)
            .map_err(|error| format!("failed to write `{}`: {error}", path.display()))?;
        self.exception_added(&wanted.uri, &wanted.ecosystem, &wanted.package);
        self.worker.send(Task::Look(vec![PathBuf::from(&path)]));
        Ok(json!({"path": path}))
    }

    /// Takes the alert away until the server ends, and remembers why.
    fn not_useful(&mut self, said: NotUseful) {
        let comment = said.comment.map(|it| it.chars().take(MAX_COMMENT).collect::<String>());
        let comment = comment.filter(|it| !it.trim().is_empty());
        self.dismiss(&said.uri, (&said.ecosystem, &said.package), said.reason, comment.as_deref());
        self.dismissed.insert((said.uri.clone(), said.ecosystem, said.package));
        self.wants_judging.push(said.uri);
    }

    fn open_advisory(&mut self, url: &str) -> Result<Value, String> {
        let is_page = url.starts_with("https://") || url.starts_with("http://");
        if !is_page || Uri::parse(url).is_err() {
            return Err("an advisory's address begins with `https://`".to_owned());
        }
        if self.client.shows_documents {
            self.request("window/showDocument", json!({"uri": url, "external": true}));
        } else {
            self.show(MessageType::Info, url);
        }
        Ok(Value::Null)
    }
}
