//! What the server knows, and what it does with each message.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use fixloop_alert::Context;
use fixloop_client::Applies;
use fixloop_exceptions::Exceptions;
use fixloop_index::Urgency;
use fixloop_match::Known;
use fixloop_scan::Neighbors;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::capabilities::Client;
use crate::documents::Documents;
use crate::episodes::{Cause, Episodes};
use crate::main_loop::{Environment, params};
use crate::options::{Mode, Options};
use crate::protocol::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, MessageType, Uri, methods,
};
use crate::worker::{Outcome, Task, Worker};
use crate::workspace::Workspace;

/// What everything is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'k, 'i> {
    pub(crate) known: &'k Known<'i>,
    /// Of the organization's own advisories.
    pub(crate) own: Option<&'k Known<'i>>,
    pub(crate) urgency: &'k Urgency,
}

/// An advisory of a package in one file that somebody called not useful there.
pub(crate) type Dismissed = (Uri, String, String);

pub(crate) struct Session {
    pub(crate) environment: Environment,
    pub(crate) client: Client,
    pub(crate) options: Options,
    pub(crate) workspace: Workspace,
    pub(crate) worker: Worker,
    pub(crate) documents: Documents,
    /// By root.
    pub(crate) exceptions: HashMap<PathBuf, Arc<Exceptions>>,
    /// Texts of other files, by root; forgotten when any of them may have changed.
    pub(crate) neighbors: HashMap<PathBuf, Neighbors>,
    /// Until the server ends.
    pub(crate) dismissed: HashSet<Dismissed>,
    pub(crate) is_shut_down: bool,
    /// What was said of the index last, so that it is said once.
    pub(crate) index_problem: Option<String>,
    pub(crate) episodes: Episodes,
    /// Why texts are judged at the moment.
    pub(crate) cause: Cause,
    /// Texts whose alerts somebody asked to take away.
    pub(crate) wants_judging: Vec<Uri>,
    sender: Sender<Message>,
    n_requests: i32,
}

impl Session {
    pub(crate) fn new(
        environment: &Environment,
        sender: Sender<Message>,
        (worker, episodes): (Worker, Episodes),
        (client, options, workspace): (Client, Options, Workspace),
    ) -> Self {
        let has_policy = options.policy_place(environment).is_configured();
        let ungoverned = (!has_policy).then(|| Arc::new(Applies::without_policy()));
        Self {
            environment: environment.clone(),
            client,
            options,
            workspace,
            worker,
            documents: Documents::new(ungoverned),
            exceptions: HashMap::new(),
            neighbors: HashMap::new(),
            dismissed: HashSet::new(),
            is_shut_down: false,
            index_problem: None,
            episodes,
            cause: Cause::default(),
            wants_judging: Vec::new(),
            sender,
            n_requests: 0,
        }
    }

    pub(crate) fn start(&mut self) {
        for folder in self.workspace.folders() {
            self.worker.send(Task::Root(folder.clone()));
        }
        if self.client.watches_files {
            self.watch_files();
        }
    }

    /// Nobody looks any more.
    pub(crate) fn end(&mut self) {
        self.nobody_looks(None);
        let (at, n_changes) = (self.episodes.now(), self.episodes.n_changes);
        self.worker.send(Task::End { at, n_changes });
    }

    pub(crate) fn outcomes(&self) -> Receiver<Outcome> {
        self.worker.outcomes.clone()
    }

    pub(crate) fn context<'c, 'k, 'i>(
        &'c self,
        judge: Judge<'k, 'i>,
        exceptions: &'c Exceptions,
    ) -> Context<'c, 'i>
    where
        'k: 'c,
    {
        Context {
            known: judge.known,
            own: judge.own,
            mirrors: &self.options.mirrors,
            exceptions,
            today: (self.environment.today)(),
        }
    }

    pub(crate) fn is_observing(&self) -> bool {
        self.options.mode == Mode::Observe
    }

    pub(crate) fn take(&mut self, message: Message, judge: Option<Judge<'_, '_>>) {
        match message {
            Message::Request(request) => self.answer(request, judge),
            Message::Notification(notification) => self.notice(notification, judge),
            // Of requests to the client (registrations, opened pages) the outcome changes nothing.
            Message::Response(_) => {}
        }
    }

    fn answer(&mut self, request: Request, judge: Option<Judge<'_, '_>>) {
        let Request { id, method, params, .. } = request;
        if self.is_shut_down {
            let reason = "`shutdown` was asked for: only `exit` may follow".to_owned();
            return self.send(Response::new_err(id, ErrorCode::InvalidRequest as i32, reason));
        }
        if method.starts_with("textDocument/") {
            // Who asks about a place has stopped typing there.
            self.settle(judge);
        }
        let answered = match method.as_str() {
            "shutdown" => {
                self.is_shut_down = true;
                Ok(Value::Null)
            }
            "textDocument/hover" => self.hover(params, judge),
            "textDocument/codeAction" => self.code_actions(params, judge),
            "textDocument/inlayHint" => self.inlay_hints(params),
            "textDocument/diagnostic" => self.pulled(params),
            "workspace/executeCommand" => self.execute(params),
            "initialize" => Err((ErrorCode::InvalidRequest, "initialized already".to_owned())),
            methods::SYNC => {
                return self.worker.send(Task::Barrier(id));
            }
            other => Err((ErrorCode::MethodNotFound, format!("`{other}` is not offered"))),
        };
        self.send(match answered {
            Ok(value) => Response::new_ok(id, value),
            Err((code, reason)) => Response::new_err(id, code as i32, reason),
        });
        for uri in std::mem::take(&mut self.wants_judging) {
            self.cause = Cause::Accepted;
            self.judge(&uri, judge);
            self.cause = Cause::default();
        }
    }

    fn notice(&mut self, notification: Notification, judge: Option<Judge<'_, '_>>) {
        let Notification { method, params, .. } = notification;
        let noticed = match method.as_str() {
            "textDocument/didOpen" => self.opened(params, judge),
            "textDocument/didChange" => self.changed(params, judge),
            "textDocument/didClose" => self.closed(params, judge),
            "textDocument/didSave" => {
                // A lockfile or a neighbor may have been written with it.
                self.neighbors.clear();
                self.documents.configuration_changed();
                self.worker.send(Task::Look(Vec::new()));
                self.settle(judge);
                Ok(())
            }
            "workspace/didChangeWatchedFiles" => self.files_changed(params, judge),
            "workspace/didChangeWorkspaceFolders" => self.folders_changed(params),
            _ => Ok(()),
        };
        if let Err(reason) = noticed {
            self.log(&format!("`{method}` could not be used: {reason}"));
        }
    }

    fn opened(&mut self, value: Value, judge: Option<Judge<'_, '_>>) -> Result<(), String> {
        let DidOpenTextDocumentParams { text_document: it } = params(value)?;
        let place = self.workspace.place(&it.uri);
        let (uri, shown) = (it.uri.clone(), place.clone());
        if !self.documents.open(it.uri, place, it.version, it.text) {
            return Ok(());
        }
        let format = self.documents.get(&uri).and_then(|it| it.document.format);
        if let Some(place) = shown {
            self.worker.send(Task::Open { uri: uri.clone(), place, format });
        }
        self.judge(&uri, judge);
        Ok(())
    }

    fn changed(&mut self, value: Value, judge: Option<Judge<'_, '_>>) -> Result<(), String> {
        let named = value.pointer("/textDocument/uri").and_then(Value::as_str).map(Uri::parse);
        let change = match params::<DidChangeTextDocumentParams>(value) {
            Ok(change) => change,
            Err(reason) => {
                if let Some(Ok(uri)) = named {
                    self.lose(&uri);
                }
                return Err(reason);
            }
        };
        let uri = change.text_document.text_document_identifier.uri;
        let version = change.text_document.version;
        let encoding = self.client.encoding;
        if self.documents.change(&uri, encoding, version, change.content_changes) {
            self.episodes.n_changes += 1;
            // Before it is judged: what it fixes is no longer shown then.
            if let Some(applied) = self.documents.applied(&uri) {
                self.applied(&applied);
            }
            self.judge(&uri, judge);
        }
        Ok(())
    }

    /// A change that cannot be understood: what is shown from now on would be about another text.
    fn lose(&mut self, uri: &Uri) {
        if self.documents.lose(uri) {
            self.publish(uri, Vec::new());
            let name = uri.path().rsplit('/').next().unwrap_or("");
            let text = format!("fixloop lost track of {name}: close it and open it again");
            self.show(MessageType::Warning, &text);
        }
    }

    fn closed(&mut self, value: Value, judge: Option<Judge<'_, '_>>) -> Result<(), String> {
        let DidCloseTextDocumentParams { text_document: it } = params(value)?;
        self.nobody_looks(Some(&it.uri));
        if let Some(document) = self.documents.close(&it.uri) {
            self.worker.send(Task::Close { uri: it.uri.clone() });
            if document.has_published() {
                self.unpublish(&it.uri);
            }
            self.status(judge);
        }
        Ok(())
    }

    fn files_changed(&mut self, value: Value, judge: Option<Judge<'_, '_>>) -> Result<(), String> {
        let DidChangeWatchedFilesParams { changes } = params(value)?;
        let files = changes.iter().filter_map(|it| it.uri.to_file_path().ok()).collect();
        self.neighbors.clear();
        self.documents.configuration_changed();
        self.worker.send(Task::Look(files));
        // A workspace's table or a central version file may be another.
        self.judge_documents(judge);
        Ok(())
    }

    fn folders_changed(&mut self, value: Value) -> Result<(), String> {
        let DidChangeWorkspaceFoldersParams { event } = params(value)?;
        for it in event.removed {
            self.workspace.remove(&it.uri);
            if let Ok(folder) = it.uri.to_file_path() {
                self.worker.send(Task::NoRoot(folder));
            }
        }
        for it in event.added {
            self.workspace.add(&it.uri);
            if let Ok(folder) = it.uri.to_file_path() {
                self.worker.send(Task::Root(folder));
            }
        }
        Ok(())
    }

    /// Takes in what the worker found.
    pub(crate) fn learn(&mut self, outcome: Outcome, judge: Option<Judge<'_, '_>>) {
        match outcome {
            Outcome::Locked { uri, locked } => {
                self.documents.decide(&uri, locked);
                self.judge(&uri, judge);
            }
            Outcome::Head { uri, packages } => {
                self.documents.compare_with(&uri, packages);
                self.judge(&uri, judge);
            }
            Outcome::Policy(governing) => {
                let uri = governing.uri.clone();
                self.documents.govern(governing);
                self.judge(&uri, judge);
            }
            Outcome::Broken { uri, at_head } => {
                if let Some(judged) = self.documents.get_mut(&uri) {
                    judged.rules.compare_with(at_head);
                    self.judge(&uri, judge);
                }
            }
            Outcome::Assessed(assessed) => self.assessed(assessed, judge),
            Outcome::Accepted { root, exceptions } => {
                let faults = exceptions.faults.len();
                self.exceptions.insert(root.clone(), exceptions);
                if faults > 0 {
                    self.log(&format!(
                        "{}: {faults} exceptions have no effect; `fixloop scan` says why",
                        root.display()
                    ));
                }
                self.cause = Cause::Accepted;
                self.judge_below(&root, judge);
                self.cause = Cause::default();
            }
            Outcome::CameIn(came_in) => self.came_in(came_in, judge),
            Outcome::IndexProblem(reason) => {
                let kept = if judge.is_some() { "; the one before is still used" } else { "" };
                let text = format!("the advisory index cannot be used: {reason}{kept}");
                if self.index_problem.as_deref() != Some(&text) {
                    self.show(MessageType::Error, &text);
                    self.index_problem = Some(text);
                }
                self.status(judge);
            }
            Outcome::Notice(reason) => self.show(MessageType::Warning, &reason),
            Outcome::Log(text) => self.log(&text),
            Outcome::Barrier(id) => {
                self.settle(judge);
                self.send(Response::new_ok(id, Value::Null));
            }
            // Taken by the loop, which judges anew.
            Outcome::Index(_) | Outcome::Own { .. } => {}
        }
    }

    /// Nobody types at the moment: what waited for that is told.
    pub(crate) fn settle(&mut self, judge: Option<Judge<'_, '_>>) {
        for uri in self.documents.settle() {
            self.judge(&uri, judge);
        }
        self.assess();
    }

    fn judge_below(&mut self, root: &Path, judge: Option<Judge<'_, '_>>) {
        self.documents.forget_evaluated();
        for uri in self.documents.below(root) {
            self.judge(&uri, judge);
        }
    }

    /// With another index: nothing that was judged before holds.
    pub(crate) fn judge_all(&mut self, judge: Option<Judge<'_, '_>>) {
        if judge.is_some() {
            self.index_problem = None;
        }
        self.documents.forget_evaluated();
        self.cause = Cause::Index;
        self.judge_documents(judge);
        self.cause = Cause::default();
        self.status(judge);
    }

    fn judge_documents(&mut self, judge: Option<Judge<'_, '_>>) {
        for uri in self.documents.uris() {
            self.judge(&uri, judge);
        }
    }

    fn watch_files(&mut self) {
        let names = fixloop_manifest::Format::ALL.iter().flat_map(|it| it.file_names());
        let names: Vec<&str> = names.chain([fixloop_scan::EXCEPTIONS_FILE]).collect();
        let mut globs = vec![format!("**/{{{}}}", names.join(","))];
        globs.extend(
            ["**/*requirements*.txt", "**/*.csproj", "**/*.versions.toml"].map(ToOwned::to_owned),
        );
        let watchers: Vec<Value> = globs.iter().map(|it| json!({"globPattern": it})).collect();
        self.request(
            "client/registerCapability",
            json!({"registrations": [{
                "id": "fixloop-files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": {"watchers": watchers},
            }]}),
        );
    }

    pub(crate) fn send(&self, message: impl Into<Message>) {
        // A client that is gone is noticed where its messages end.
        if self.sender.send(message.into()).is_err() {}
    }

    pub(crate) fn notify(&self, method: &str, params: Value) {
        // Not by `new`, which copies the whole tree.
        self.send(Notification { method: method.to_owned(), params });
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) {
        self.n_requests = self.n_requests.wrapping_add(1);
        self.send(Request::new(RequestId::from(self.n_requests), method.to_owned(), params));
    }

    /// Something that a person can act on.
    pub(crate) fn show(&self, kind: MessageType, text: &str) {
        self.notify("window/showMessage", json!({"type": kind, "message": text}));
    }

    /// Something for whoever looks into the log.
    pub(crate) fn log(&self, text: &str) {
        self.notify("window/logMessage", json!({"type": MessageType::Log, "message": text}));
    }
}
